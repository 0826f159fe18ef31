"""A scenario: a situation looked at on some days, and what must and must not be reported on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.rules import Where
from followcue.testing.expected_conclusions import ExpectedConclusion

NAMING = ("action", "caution")
"""The keys of an expectation that name an action; `caution` demands that it is reported as one."""

IN_STEPS = ("step", "urgency", "with")
"""The keys of an expectation that say how an action is done in a step; see `as_told`."""

PARTS = ("rules", "do", "avoid", "with")
"""The keys whose texts must be among what is reported; all others must be equal to it."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Some keys that an action or caution has in a report, as their author wrote them."""

    wanted: Mapping[str, object]
    where: Where = field(compare=False, repr=False)

    @property
    def action(self) -> str | None:
        """The name of the action that it speaks of, if it names one."""
        named = self.wanted.get("action", self.wanted.get("caution"))
        return named if isinstance(named, str) else None

    def fits(self, action: Action, report: Report, *, is_caution: bool) -> bool:
        """Whether this is such an action of the report, or such a caution."""
        return not self.differing(action, report, is_caution=is_caution)

    @property
    def speaks_of_steps(self) -> bool:
        """Whether it says how the action is done in a step."""
        return any(key in self.wanted for key in IN_STEPS)

    def differing(self, action: Action, report: Report, *, is_caution: bool) -> tuple[str, ...]:
        """The keys in which the action is not what is expected."""
        got = as_told(action, report) if self.speaks_of_steps else action.to_dict(report.scope_key)
        return tuple(
            key
            for key, value in self.wanted.items()
            if (key == "caution" and not (is_caution and got["action"] == value))
            or (key != "caution" and not _holds(key, value, got.get(key)))
        )


@dataclass(frozen=True, slots=True)
class Check:
    """A look at the situation on one day; `exact` if nothing but what is expected may be reported.

    `warnings` are phrases that must stand in the report's warnings; none at all where it is empty.
    `concluded` and `not_concluded` are conclusions that must and must not be among the report's.
    """

    title: str
    situation: Situation
    where: Where = field(compare=False, repr=False)
    expect: tuple[Expectation, ...] = ()
    reject: tuple[Expectation, ...] = ()
    exact: bool = False
    warnings: tuple[str, ...] | None = None
    concluded: tuple[ExpectedConclusion, ...] = ()
    not_concluded: tuple[ExpectedConclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A test: `items` and `rules` are what its author says it is about."""

    id: str
    title: str
    checks: tuple[Check, ...]
    where: Where = field(compare=False, repr=False)
    items: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.where.document.name


def as_told(action: Action, report: Report) -> dict[str, object]:
    """The action as a report tells it, and how it is done in a step.

    `step` is `first`, `now` or `ahead`, or None where it stands in none; `urgency` that of the step; `with`
    the other actions of that step.
    """
    place, found = next(
        ((place, step) for place, step in enumerate(report.steps) if action.id in step.actions), (0, None)
    )
    told = action.to_dict(report.scope_key)
    if found is None:
        return {**told, "step": None, "urgency": None, "with": []}
    names = {other.id: other.action for other in report.actions}
    others = [names[other] for other in found.actions if other != action.id]
    when = "first" if found.when == "now" and place == 0 else found.when
    return {**told, "step": when, "urgency": found.urgency, "with": others}


def _holds(key: str, wanted: object, got: object) -> bool:
    if key == "step" and wanted == "now":  # the first one is one of now
        return got in ("first", "now")
    if key in PARTS and isinstance(wanted, list) and isinstance(got, list):
        return all(part in got for part in wanted)
    return wanted == got
