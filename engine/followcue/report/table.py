"""The report for a terminal: what to be careful about, what to do now, soon and later."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

import click

from followcue.advice.report import Action, Report
from followcue.report.sections import sections
from followcue.report.words import addressee, deadline, plain, reason, sources, weekday

NARROWEST, WIDEST = 60, 80


def render(report: Report, *, width: int = WIDEST, color: bool = False) -> str:
    """The report in lines of at most `width` columns, from 60 to 80."""
    page = _Page(report, min(max(width, NARROWEST), WIDEST), color)
    return "\n".join(page.lines()) + "\n"


class _Page:
    """One rendering: the report, the width and whether there is colour."""

    def __init__(self, report: Report, width: int, color: bool) -> None:
        self._report = report
        self._width = width
        self._color = color

    def lines(self) -> Iterator[str]:
        """All lines, without the last end of line."""
        found = sections(self._report)
        if not found:
            yield f"{weekday(self._report.as_of)}: nothing to do, and nothing to wait for."
            return
        yield self._styled(weekday(self._report.as_of), dim=True)
        for heading, actions in found:
            yield ""
            yield self._styled(heading, bold=True, fg=_COLORS.get(heading))
            for action in actions:
                yield from self._action(action)

    def _action(self, action: Action) -> Iterator[str]:
        """What and with whom; then by when and how; then why, and who says so."""
        who = addressee(action, self._report)
        first, *rest = self._wrapped(f"{action.title}: {who}" if who else action.title, "  ")
        overdue = action.status == "overdue"
        yield self._styled(first, bold=action.priority == "high", fg="red" if overdue else None)
        yield from rest
        yield from self._wrapped("; ".join(_particulars(action, self._report)), "      ")
        for line in self._wrapped(_grounds(action, self._report), "      "):
            yield self._styled(line, dim=True)

    def _wrapped(self, text: str, indent: str) -> list[str]:
        return wrap(
            text, self._width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
        )

    def _styled(self, text: str, *, bold: bool = False, dim: bool = False, fg: str | None = None) -> str:
        return click.style(text, bold=bold or None, dim=dim or None, fg=fg) if self._color else text


_COLORS = {"Be careful": "yellow", "Now": "green"}


def _particulars(action: Action, report: Report) -> Iterator[str]:
    when = deadline(action, report.as_of)
    if when:
        yield when
    if action.channel:
        yield f"by {plain(action.channel)}"


def _grounds(action: Action, report: Report) -> str:
    """The event that came last, which is what set the action off; then the sources."""
    why = [reason(action.because[-1], report)] if action.because else []
    said = [*why, f"[{sources(action.sources)}]"] if action.sources else why
    return " ".join(said)
