"""What stops an evaluation that would run away: the same words whichever matcher notices."""

from __future__ import annotations

from typing import NoReturn

from followcue.base.limits import LimitExceeded

WIDEST = 1 << 4096
"""A derived number stays below this, or a rule that squares its own result would fill the memory."""


def too_many_derivations(limit: int) -> NoReturn:
    """Refuse to go on after more than `limit` derivations."""
    raise LimitExceeded(
        f"the rules derive more than {limit} conclusions (limit: derivations = {limit}); "
        "look for a rule that feeds on its own result, or that pairs everything with everything"
    )


def too_many_steps(limit: int) -> NoReturn:
    """Refuse to go on after more than `limit` rows tried."""
    raise LimitExceeded(
        f"the rules compare more than {limit} facts (limit: steps = {limit}); "
        "look for conditions in one rule that share no variable"
    )


def too_wide() -> NoReturn:
    """Refuse a derived number of `WIDEST` or more."""
    raise LimitExceeded(
        f"the rules derive a number of more than {WIDEST.bit_length() - 1} bits (a fixed limit); "
        "look for a rule that feeds on its own result"
    )


def exceeded(derivations: int, max_derivations: int, max_steps: int) -> NoReturn:
    """Refuse to go on where one of two limits was found to be passed."""
    if derivations > max_derivations:
        too_many_derivations(max_derivations)
    too_many_steps(max_steps)
