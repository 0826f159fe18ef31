"""The days on which the advice changes by itself, each with what is new on it and what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from followcue.assistant.journal.journal import JournalOutcome
from followcue.assistant.plan.course import undated
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate
from followcue.evaluation.report.listing import listing
from followcue.evaluation.report.wording import named, on_one_line, short_day
from followcue.language.documents.document import Document


class Stop(NamedTuple):
    """A day from which on the advice is `report`; before it was `before`, None on the first day."""

    report: Report
    before: Report | None

    @property
    def day(self) -> date:
        """The first day with this advice."""
        return self.report.as_of

    def to_dict(self) -> dict[str, Any]:
        """The stop as JSON data: what is new, gone and moved, in sentences, and how many steps are of now."""
        found: dict[str, Any] = {"day": self.day.isoformat(), "new": [], "gone": [], "moved": []}
        if self.before is not None:
            outcome = JournalOutcome.of(self.before, self.report)
            opened = [action for action in outcome.after.actions if self._opens(action)]
            found["new"] = [_said(a, self.report) for a in (*outcome.cautions, *outcome.new, *opened)]
            found["gone"] = [_said(action, self.before) for action in outcome.gone]
            found["moved"] = [_said(action, self.report) for action in outcome.moved]
        return {**found, "count": len(listing(self.report).now)}

    def _opens(self, action: Action) -> bool:
        """Whether an action that lay ahead before is open now."""
        assert self.before is not None
        ahead = {one.id for one in self.before.actions if one.status == "upcoming"}
        return action.id in ahead and action.status != "upcoming"


def stops(
    loaded: LoadedPack, document: Document, options: Options, first: date, last: date
) -> Iterator[Stop]:
    """The days from `first` to `last` on which the advice differs from that of the day before.

    The day itself and how late a step is make no difference. Raises `InvalidInput` and `LimitExceeded`.
    """
    day, before = first, None
    while day <= last:
        report = evaluate(loaded, document, options._replace(as_of=day))
        if before is None or undated(report) != undated(before):
            yield Stop(report, before)
        before = report
        if report.next_change is None:
            return
        day = max(report.next_change, day + timedelta(days=1))


def _said(action: Action, report: Report) -> str:
    """An action with whom it is for; of one that lies ahead also from when on."""
    said = on_one_line(named(action, report))
    if action.status == "upcoming" and action.open is not None:
        return f"{said} (from {short_day(action.open, report.as_of)})"
    return said
