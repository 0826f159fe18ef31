"""Replaying: a report made again from what it says of itself, and what is different if it is not the same."""
