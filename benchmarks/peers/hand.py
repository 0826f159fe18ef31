"""The function without an engine, which is also the oracle."""

from __future__ import annotations

from generator import hand_written

from peers import Judge, one_by_one


def prepare() -> Judge:
    """There is nothing to make ready."""
    return one_by_one(hand_written)
