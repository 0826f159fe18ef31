"""The surface language: what the author of a pack wrote, as frozen values with their places."""
