"""What stops an evaluation that would run away: the same words whichever matcher notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, NoReturn

from followcue.base.limits import LimitExceeded

WIDEST = 1 << 4096
"""A derived number stays below this, or a rule that squares its own result would fill the memory."""

BEFORE, BEYOND = date.min.toordinal() - 1, date.max.toordinal() + 1
"""The days next to the calendar: a derived day lies between them, for none beyond can be told."""


def too_many_derivations(limit: int, made: Iterable[tuple[Any, ...]]) -> NoReturn:
    """Refuse to go on after more than `limit` derivations, of which each begins with its clause."""
    clauses = Counter([derivation[0] for derivation in made])
    _refuse(
        f"the rules derive more than {limit} conclusions (limit: derivations = {limit}); "
        "look for a rule that feeds on its own result, or that pairs everything with everything",
        max(clauses, key=lambda clause: (clauses[clause], -clause), default=None),
    )


def too_many_steps(limit: int, clause: int | None = None) -> NoReturn:
    """Refuse to go on after more than `limit` rows tried."""
    _refuse(
        f"the rules compare more than {limit} facts (limit: steps = {limit}); "
        "look for conditions in one rule that share no variable",
        clause,
    )


def too_wide(clause: int) -> NoReturn:
    """Refuse a derived number of `WIDEST` or more."""
    _refuse(
        f"the rules derive a number of more than {WIDEST.bit_length() - 1} bits (a fixed limit); "
        "look for a rule that feeds on its own result",
        clause,
    )


def off_the_calendar(clause: int) -> NoReturn:
    """Refuse a derived day of `BEYOND` or later, or of `BEFORE` or earlier."""
    _refuse(
        "the rules derive a day before the year 1 or after the year 9999 (a fixed limit); "
        "look for a rule that moves a day by too much, or that feeds on its own result",
        clause,
    )


def exceeded(made: list[tuple[Any, ...]], max_derivations: int, max_steps: int, clause: int) -> NoReturn:
    """Refuse to go on where one of two limits was found to be passed."""
    if len(made) > max_derivations:
        too_many_derivations(max_derivations, made)
    too_many_steps(max_steps, clause)


def _refuse(message: str, clause: int | None) -> NoReturn:
    problem = LimitExceeded(message)
    problem.clause = clause
    raise problem
