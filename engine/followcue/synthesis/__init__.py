"""Situations made from rules: solved, sampled, varied, shrunk."""
