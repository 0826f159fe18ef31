"""The workbench as static files: the engine runs in the browser of whoever looks, and nothing is sent."""
