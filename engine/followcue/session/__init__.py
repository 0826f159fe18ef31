"""Open texts over folders, the newest rules that compile, and what one can ask of them; it reads no file."""
