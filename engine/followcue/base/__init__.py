"""What any room may use and that knows nothing of rules: mistakes, values, limits, time, files."""
