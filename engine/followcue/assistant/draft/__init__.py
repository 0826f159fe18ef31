"""Drafts: the message that an action asks for, filled from a situation; `write` has the function to call."""
