"""The report for a terminal: what to be careful about, what to do now, soon and later.

Each action bears the number by which `followcue done` knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from textwrap import wrap

import click

from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.sections import CAREFUL, sections
from followcue.evaluation.report.wording import (
    addressee,
    on_one_line,
    plain,
    short_day,
    short_reason,
    weekday,
)

NARROWEST, WIDEST = 40, 80
WHEN = 17
"""How wide the column is that says when."""


def render(report: Report, *, width: int = WIDEST, color: bool = False) -> str:
    """The report in lines of at most `width` columns, from 40 to 80."""
    page = _TableRendering(report, min(max(width, NARROWEST), WIDEST), color)
    return "\n".join(page.lines()) + "\n"


class _TableRendering:
    """One rendering: the report, the width and whether there is colour."""

    def __init__(self, report: Report, width: int, color: bool) -> None:
        self._report = report
        self._width = width
        self._color = color
        self._digits = max(2, len(str(len(report.actions))))
        self._column = self._digits + 2 + WHEN

    def lines(self) -> Iterator[str]:
        """All lines, without the last end of line."""
        found = sections(self._report)
        number = 0
        if not found:
            yield f"{weekday(self._report.as_of)}: nothing to do, and nothing to wait for."
            return
        yield self._styled(weekday(self._report.as_of), dim=True)
        for heading, actions in found:
            yield ""
            yield self._styled(heading, bold=True, fg=_COLORS.get(heading))
            for action in actions:
                if heading != CAREFUL:
                    number += 1
                yield from self._action(action, "" if heading == CAREFUL else str(number))

    def _action(self, action: Action, number: str) -> Iterator[str]:
        """Its number and when, in columns of their own; beside them what and with whom, why, who says so."""
        what, *more = self._wrapped(_told(action, self._report))
        day = f"{when(action, self._report.as_of):<{WHEN}}"
        high = action.priority == "high"
        yield (
            self._styled(f"{number:>{self._digits}}  ", dim=True)
            + self._styled(day, fg=_STATUS_COLORS.get(action.status))
            + self._styled(what, bold=high)
        )
        for line in more:
            yield " " * self._column + self._styled(line, bold=high)

    def _wrapped(self, text: str) -> list[str]:
        """Lines no wider than their column; signs that could steer a terminal are shown as `�`."""
        return wrap(on_one_line(text), self._width - self._column, break_on_hyphens=False)

    def _styled(self, text: str, *, bold: bool = False, dim: bool = False, fg: str | None = None) -> str:
        return click.style(text, bold=bold or None, dim=dim or None, fg=fg) if self._color else text


_COLORS = {"Be careful": "yellow", "Now": "green"}
_STATUS_COLORS = {"overdue": "red", "due": "green"}


def when(action: Action, today: date) -> str:
    """By when, or from when, in few signs: `8 days late`, `by Mon 23 Nov`."""
    if action.status == "overdue" and action.due:
        late = (today - action.due).days
        return f"{late} {'day' if late == 1 else 'days'} late"
    if action.status == "missed":
        return "missed"
    if action.status == "upcoming" and action.open:
        return f"from {short_day(action.open)}"
    if action.until:
        return f"until {short_day(action.until)}"
    if action.due is None:
        return "now" if action.open else "always"
    return "today" if action.due == today else f"by {short_day(action.due)}"


def _told(action: Action, report: Report) -> str:
    """What and with whom, how, why in half a sentence, and the names of those who say so."""
    who = addressee(action, report)
    parts = [f"{action.title}: {who}" if who else action.title]
    parts += [f"by {plain(action.channel)}"] if action.channel else []
    parts += [short_reason(action.since)] if action.since else []
    said = "; ".join(parts)
    names = ", ".join(dict.fromkeys(citation.source for citation in action.sources))
    return f"{said} [{names}]" if names else said
