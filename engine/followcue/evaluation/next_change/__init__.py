"""The next day on which what the rules derive can change: comparisons with `today`, watched."""
