"""Scenario tests: situations in YAML with what the rules must and must not say about them."""
