"""Export: what will come up, for other programs."""
