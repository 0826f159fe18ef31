"""One thin adapter a way in: programs ask over HTTP, editors over the Language Server Protocol."""
