"""Differences between two reports, between two versions of a pack, and which of these made those."""
