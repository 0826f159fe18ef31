"""The workbench as static files: the engine runs in the browser of whoever looks at it, and nothing is sent."""
