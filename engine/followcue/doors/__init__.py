"""One thin adapter a way in: programs ask over HTTP or MCP, editors over the Language Server Protocol."""
