"""Reasoning about clauses without facts: what contradicts what, and situations that make rules fire."""
