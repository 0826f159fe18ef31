"""Writing into a situation file for its author, and telling what stands in it."""
