"""The plan as a Markdown document that can be pasted anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from followcue.assistant.plan.agenda import Plan
from followcue.assistant.plan.telling import Telling, heading
from followcue.evaluation.report.markdown import escaped
from followcue.evaluation.report.words import weekday


def render(plan: Plan) -> str:
    """The agenda, a heading for each day."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    telling = Telling(plan)
    yield f"# What comes up: {heading(plan)}"
    if not plan.entries:
        yield from ("", "Nothing comes up.")
    for day, entries in groupby(plan.entries, key=lambda entry: entry.day):
        yield from ("", f"## {weekday(day)}", "")
        for entry in entries:
            yield f"- **{telling.label(entry)}**: {escaped(telling.what(entry))}"
    if plan.unsettled:
        yield from ("", "## Not supposed to be done", "")
        yield from (f"- {escaped(sentence)}" for sentence in plan.unsettled)
