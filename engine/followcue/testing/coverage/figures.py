"""Figures: how much of a pack its scenarios exercise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from followcue.evaluation.advice.report import Action
from followcue.language.model.pack import Pack
from followcue.testing.run import Outcome, Result, exercised_rules

EDGES = ("open", "due", "close", "until")
"""The days of a window; each is seen on both sides if there is a look at it and one next to it."""

_DAY = timedelta(days=1)
_OTHER_SIDE = {"open": -_DAY, "due": _DAY, "close": _DAY, "until": -_DAY}


class Figure(NamedTuple):
    """How many of all there are, and those that are missing, sorted."""

    of: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        done = self.of - len(self.missing)
        return f"{done} of {self.of} ({done / self.of:.1%})" if self.of else "0 of 0"


class Figures(NamedTuple):
    """What was counted; an edge is a rule and a day of its window, such as `check-status due`."""

    tests: int
    checks: int
    rules: Figure
    edges: Figure


def figures_of(results: Sequence[Result], pack: Pack) -> Figures:
    """The figures of a suite that ran."""
    outcomes = [outcome for result in results for outcome in result.outcomes]
    fired = exercised_rules(outcomes)
    known, seen = _edges(results, pack)
    return Figures(
        tests=len(results),
        checks=len(outcomes),
        rules=Figure(len(pack.rules), tuple(sorted(pack.rules.keys() - fired))),
        edges=Figure(len(known), tuple(sorted(known - seen))),
    )


def _edges(results: Iterable[Result], pack: Pack) -> tuple[set[str], set[str]]:
    """The edges that any report shows, and those of which one scenario looks at both sides."""
    known: set[str] = set()
    seen: set[str] = set()
    for result in results:
        days = {outcome.report.as_of for outcome in result.outcomes}
        for rule, edge, day in _edge_days(result.outcomes, pack):
            known.add(f"{rule} {edge}")
            if day in days and day + _OTHER_SIDE[edge] in days:
                seen.add(f"{rule} {edge}")
    return known, seen


def _edge_days(outcomes: Iterable[Outcome], pack: Pack) -> Iterator[tuple[str, str, date]]:
    for outcome in outcomes:
        for action in (*outcome.report.actions, *outcome.report.cautions):
            days = _days_of(action)
            for rule in action.rules:
                if pack.rules[rule].head in ("recommend", "caution"):
                    yield from ((rule, edge, day) for edge, day in days)


def _days_of(action: Action) -> list[tuple[str, date]]:
    days = ((edge, getattr(action, edge)) for edge in EDGES)
    return [(edge, day) for edge, day in days if day is not None]
