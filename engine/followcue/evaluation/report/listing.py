"""Listing: the steps of a report as people number them, and what stands beside the steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from followcue.base.named_tuple import NamedTuple
from followcue.evaluation.advice.report import Action, Report, Step

STEP = "step:"
"""What the id of a step begins with, before that of its first action."""

_OVER = ("missed", "skipped")
PRESSING = ("urgent", "high")
"""The priorities of what should not be missed."""
_DAY = timedelta(days=1)


class Listed(NamedTuple):
    """A step with the number that people know it by, and its actions, the leading one first."""

    number: int
    step: Step
    actions: tuple[Action, ...]

    def next_day(self, today: date) -> date | None:
        """The next day on which it is due, or something of it ends; None if none is ahead."""
        days = [day for action in self.actions for day in (action.due, action.until) if day]
        days += [day for day in (self.lost_on(today),) if day]
        return min((day for day in days if day >= today), default=None)

    def lost_on(self, today: date) -> date | None:
        """Today or tomorrow, if that is the last day on which something that matters can be done."""
        if self.step.urgency not in PRESSING:
            return None
        ends = [day for action in self.actions if action.priority in PRESSING for day in _ends(action)]
        return min((day for day in ends if today <= day <= today + _DAY), default=None)


class Listing(NamedTuple):
    """A report in the order in which a person plans.

    `focus` are the few steps of now to look at, `rest` the others of now, `ahead` those of days to come;
    numbered through. `meanwhile` goes on all the time: what lasts until a day, then habits. `riding` waits
    for the next message to the same person. `missed` and `skipped` are no longer advised.
    """

    focus: tuple[Listed, ...]
    rest: tuple[Listed, ...]
    ahead: tuple[Listed, ...]
    cautions: tuple[Action, ...]
    meanwhile: tuple[Action, ...]
    riding: tuple[Action, ...]
    missed: tuple[Action, ...]
    skipped: tuple[Action, ...]

    def step(self, word: str) -> Listed | None:
        """The step of that number or id; an id may also name another of its actions than the leading one."""
        if word.startswith(STEP):
            action = word.removeprefix(STEP)
            return next((one for one in self.steps if action in one.step.actions), None)
        number = int(word) if is_number(word) else 0
        return next((one for one in self.steps if one.number == number), None)

    def titled(self, word: str) -> Listed | None:
        """The step that is shown under this title; case and spaces do not count."""
        return next((one for one in self.steps if plain(one.step.title) == plain(word)), None)

    def step_of(self, action: Action) -> Listed | None:
        """The step that an action is part of."""
        if action.status in _OVER:
            return None
        return next((one for one in self.steps if action.id in one.step.actions), None)

    @property
    def now(self) -> tuple[Listed, ...]:
        """All steps of now."""
        return (*self.focus, *self.rest)

    @property
    def steps(self) -> tuple[Listed, ...]:
        """All steps, in the order of their numbers."""
        return (*self.focus, *self.rest, *self.ahead)


def listing(report: Report, scope: str | None = None) -> Listing:
    """The report by steps; with `scope`, what concerns that record alone, under the same numbers."""
    # What was missed may bear the id of what is advised anew.
    advised = {action.id: action for action in report.actions if action.status not in _OVER}
    steps = [
        Listed(number, step, tuple(advised[key] for key in step.actions))
        for number, step in enumerate(report.steps, 1)
    ]
    placed = {key for step in report.steps for key in step.actions}
    beside = [action for action in report.actions if action.status in _OVER or action.id not in placed]
    cautions = list(report.cautions)
    if scope is not None:
        steps = [one for one in steps if any(action.scope == scope for action in one.actions)]
        beside, cautions = ([a for a in found if a.scope == scope] for found in (beside, cautions))
    now = [one for one in steps if one.step.when == "now"]
    focus = _focus(now, sum(step.focus for step in report.steps))
    missed, skipped = ([a for a in beside if a.status == status] for status in _OVER)
    others = [action for action in beside if action.status not in _OVER]
    return Listing(
        focus=tuple(focus),
        rest=tuple(now[len(focus) :]),
        ahead=tuple(one for one in steps if one.step.when == "ahead"),
        cautions=tuple(cautions),
        meanwhile=tuple(sorted((a for a in others if a.open is None), key=lambda a: a.until or date.max)),
        riding=tuple(action for action in others if action.open is not None),
        missed=tuple(missed),
        skipped=tuple(skipped),
    )


def plain(title: str) -> str:
    """A title as it is compared with what somebody types."""
    return " ".join(title.split()).casefold()


def is_number(word: str) -> bool:
    """Whether a word may be the number of a step."""
    return word.isascii() and word.isdigit() and len(word) < _DIGITS


_DIGITS = 10
"""Nobody has so many steps that a number of them is longer, and longer ones take time to read."""


def _focus(now: Sequence[Listed], most: int) -> Sequence[Listed]:
    """The first few; what is low among them only where nothing else is there."""
    few = now[:most]
    return [one for one in few if one.step.urgency != "low"] or few


def _ends(action: Action) -> Iterable[date]:
    return (day for day in (action.close, action.until) if day)
