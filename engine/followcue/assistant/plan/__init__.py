"""Plan: what will come up, day by day, without looking at every day."""
