"""Why something is not recommended, and the smallest change of the file that would make it so."""
