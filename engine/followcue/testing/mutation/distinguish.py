"""What a test must demand to tell two reports on one situation apart: the first is right, the second not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias, cast

from followcue.evaluation.advice.report import Action, Report
from followcue.language.model.rules import Where
from followcue.testing.scenario import PARTS, Expectation, as_told

Wanted: TypeAlias = Mapping[str, object]
"""An expectation as its author would write it."""

TELLING = (
    *("status", "open", "due", "close", "until", "to", "about", "channel", "priority", "step", "urgency"),
    *PARTS,
)
"""The keys by which two actions of one name may differ, those first that a reader understands best."""


class Witnessing(NamedTuple):
    """What must be reported and what must not, and the phrases of warnings (None: they tell nothing)."""

    expect: tuple[Wanted, ...]
    reject: tuple[Wanted, ...]
    warnings: tuple[str, ...] | None


def telling_apart(right: Report, wrong: Report) -> Witnessing | None:
    """Demands that the first report meets and the second does not; None where no test can tell them apart."""
    ours, theirs = _Advice(right), _Advice(wrong)
    expect = tuple(_demands(ours, theirs))
    reject = () if expect else tuple(_demands(theirs, ours))
    warnings = None if expect or reject else _warnings(right, wrong)
    return Witnessing(expect, reject, warnings) if expect or reject or warnings is not None else None


class _Advice:
    """The actions and cautions of a report."""

    def __init__(self, report: Report) -> None:
        self.key = report.scope_key
        self.report = report
        self.all: list[tuple[Action, bool]] = [(action, False) for action in report.actions]
        self.all += [(action, True) for action in report.cautions]
        self.scopes = {action.scope for action, _ in self.all}

    def fits(self, wanted: Wanted) -> bool:
        """Whether some action is as wanted."""
        expectation = Expectation(wanted, _NOWHERE)
        return any(expectation.fits(action, self.report, is_caution=caution) for action, caution in self.all)


_NOWHERE = cast(Where, None)


def _demands(ours: _Advice, theirs: _Advice) -> Iterator[Wanted]:
    """For the first action that only the first has: the shortest words that say so."""
    several = len(ours.scopes | theirs.scopes) > 1
    for action, caution in ours.all:
        told = as_told(action, ours.report)
        who: dict[str, object] = {"caution" if caution else "action": action.action}
        for wanted in _ever_longer(who, told, ours.key, several, theirs):
            if not theirs.fits(wanted):
                yield wanted
                return


def _ever_longer(
    who: dict[str, object], told: Mapping[str, object], key: str, several: bool, theirs: _Advice
) -> Iterator[Wanted]:
    yield who
    rivals = [as_told(a, theirs.report) for a, _ in theirs.all if a.action == told["action"]]
    bases = [who, {**who, key: told[key]}] if several else [who]
    for base in bases:
        yield base
        for name in TELLING:
            value = _said(name, told[name], [rival[name] for rival in rivals])
            if value is not _NOTHING:
                yield {**base, name: value}
    if told["to"] is not None:
        with_person = {**bases[-1], "to": told["to"]}
        for name in TELLING:
            value = _said(name, told[name], [rival[name] for rival in rivals if rival["to"] == told["to"]])
            if value is not _NOTHING:
                yield {**with_person, name: value}
    yield {**bases[-1], **{name: told[name] for name in TELLING if name not in PARTS}}


_NOTHING = object()


def _said(name: str, value: object, others: Iterable[object]) -> object:
    """What to write of a value to tell it from the others; of lists only what some other lacks."""
    if name not in PARTS:
        return value
    lists = [other for other in others if isinstance(other, list)]
    own = [part for part in cast("list[object]", value) if any(part not in other for other in lists)]
    return own[:1] if own else _NOTHING


def _warnings(right: Report, wrong: Report) -> tuple[str, ...] | None:
    ours, theirs = _phrases(right.warnings), _phrases(wrong.warnings)
    lost = tuple(phrase for phrase in ours if phrase not in theirs)
    if lost:
        return lost
    return () if theirs and not ours else None


def _phrases(warnings: Sequence[str]) -> list[str]:
    """The warnings without the places before them."""
    return [warning.partition(": ")[2] or warning for warning in warnings]
