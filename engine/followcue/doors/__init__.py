"""One thin adapter a way in: other programs ask over HTTP or MCP what a terminal asks in commands."""
