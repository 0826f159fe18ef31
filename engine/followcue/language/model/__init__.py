"""What the author of a pack said."""
