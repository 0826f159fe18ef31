"""Explanations: why something is recommended, from the action down to the events in the file."""
