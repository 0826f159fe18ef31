"""Pages for a browser: one file each that holds all it needs and asks nobody for anything."""
