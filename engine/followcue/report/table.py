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
        """What and with whom; then by when and how; then why; then who says so."""
        who = addressee(action, self._report)
        color = "red" if action.status == "overdue" else None
        for line in self._wrapped(f"{action.title}: {who}" if who else action.title, 2):
            yield self._styled(line, bold=action.priority == "high", fg=color)
        yield from self._wrapped("; ".join(_particulars(action, self._report)), 6)
        if action.since:
            yield from self._wrapped(f"since: {reason(action.since, self._report)}", 6)
        for line in self._wrapped(sources(action.sources), 6):
            yield self._styled(line, dim=True)

    def _wrapped(self, text: str, indent: int) -> list[str]:
        """Lines no wider than the page; signs that could steer a terminal are shown as `�`."""
        shown = "".join(sign if sign.isprintable() else "�" for sign in " ".join(text.split()))
        first, following = " " * indent, " " * (indent + 2)
        return wrap(
            shown, self._width, initial_indent=first, subsequent_indent=following, break_on_hyphens=False
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
