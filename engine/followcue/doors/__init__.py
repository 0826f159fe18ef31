"""One thin adapter a way in: other programs ask over HTTP what a terminal asks in commands."""
