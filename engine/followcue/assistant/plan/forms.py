"""The forms of a plan: an agenda day by day for a terminal, Markdown, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap

import click

from followcue.assistant.plan.agenda import AgendaEntry, EntryKind, Plan
from followcue.assistant.plan.entry_text import EntryDescriber, heading
from followcue.evaluation.report.markdown import escaped
from followcue.evaluation.report.wording import on_one_line, relative, weekday

NARROWEST, WIDEST = 40, 80
COLUMN = 19


def as_text(plan: Plan, *, width: int = WIDEST, color: bool = False) -> str:
    """The plan in lines of at most `width` columns, from 40 to 80."""
    page = _AgendaText(plan, min(max(width, NARROWEST), WIDEST), color)
    return "\n".join(page.lines()) + "\n"


class _AgendaText:
    """One rendering: the plan, the width and whether there is colour."""

    def __init__(self, plan: Plan, width: int, color: bool) -> None:
        self._plan = plan
        self._telling = EntryDescriber(plan)
        self._width = width
        self._color = color

    def lines(self) -> Iterator[str]:
        """All lines, without the last end of line."""
        for line in self._wrapped(heading(self._plan), self._width):
            yield self._styled(line, dim=True)
        if not self._plan.entries:
            yield "Nothing comes up."
        for day, entries in groupby(self._telling.told(), key=lambda entry: entry.day):
            yield ""
            yield self._styled(f"{weekday(day)}, {relative(day, self._plan.as_of)}", bold=True)
            for entry in entries:
                yield from self._entry(entry)
        if self._plan.unsettled:
            yield ""
            yield self._styled("Left open", bold=True)
            for sentence in self._plan.unsettled:
                yield from (f"  {line}" for line in self._wrapped(sentence, self._width - 2))

    def _entry(self, entry: AgendaEntry) -> Iterator[str]:
        label = f"  {self._telling.label(entry):<{COLUMN - 2}}"
        first, *more = self._wrapped(self._telling.what(entry), self._width - COLUMN)
        yield self._styled(label, fg=_color(entry)) + first
        yield from (" " * COLUMN + line for line in more)

    def _wrapped(self, text: str, width: int) -> list[str]:
        """Lines no wider than `width`; signs that could steer a terminal are shown as `�`."""
        return wrap(on_one_line(text), width, break_on_hyphens=False) or [""]

    def _styled(self, text: str, *, bold: bool = False, dim: bool = False, fg: str | None = None) -> str:
        return click.style(text, bold=bold or None, dim=dim or None, fg=fg) if self._color else text


def _color(entry: AgendaEntry) -> str | None:
    """Red where something that matters can be done for the last time, and nowhere else."""
    if entry.change == "closes":
        return "red" if entry.action and entry.action.priority in ("urgent", "high") else None
    return _COLORS.get(entry.change)


_COLORS: dict[EntryKind, str] = {
    "caution": "yellow",
    "warning": "yellow",
    "step": "green",
    "now": "green",
    "opens": "green",
    "supposed": "cyan",
}


def as_json(plan: Plan) -> str:
    """The plan as indented JSON, its keys always in the same order."""
    return json.dumps(plan.to_dict(), indent=2, ensure_ascii=False) + "\n"


def as_markdown(plan: Plan) -> str:
    """The agenda, a heading for each day."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    telling = EntryDescriber(plan)
    yield f"# What comes up: {heading(plan)}"
    if not plan.entries:
        yield from ("", "Nothing comes up.")
    for day, entries in groupby(telling.told(), key=lambda entry: entry.day):
        yield from ("", f"## {weekday(day)}", "")
        for entry in entries:
            yield f"- **{telling.label(entry)}**: {escaped(telling.what(entry))}"
    if plan.unsettled:
        yield from ("", "## Left open", "")
        yield from (f"- {escaped(sentence)}" for sentence in plan.unsettled)
