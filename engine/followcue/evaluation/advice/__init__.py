"""Advice: derivations in, a report out."""
