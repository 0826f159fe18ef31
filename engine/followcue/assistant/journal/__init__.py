"""Writing into a situation file for its author, and the history that stands in it."""
