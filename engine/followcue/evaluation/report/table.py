"""The report for a terminal: the one thing first, a few more steps, and all else kept for later.

The short form fits a screen; with `more` every step stands there with its actions, their reasons and who
says so. Each step bears the number by which `followcue done` and `followcue why` know it. Nothing is red but
what is about to be lost: being late is no reproach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from textwrap import shorten, wrap

from followcue.base.terminal import styled
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import Listed, Listing, listing
from followcue.evaluation.report.wording import (
    addressee,
    by_when,
    concluded,
    folded,
    full_day,
    ground,
    lasting,
    named,
    nothing_presses,
    on_one_line,
    plain,
    short_day,
    short_reason,
    standing_until,
)

NARROWEST, USUAL, WIDEST = 40, 80, 110
WHEN = 17
"""How wide the column is that says when."""

NEAREST = 3
"""How many of the steps ahead the short form shows."""

MOST_GROUNDS = 2
"""How many records and conclusions stand behind an action that rests on no event."""

CAREFUL = "Be careful"
"""The heading of cautions, of which none can be done."""

_UNBROKEN = "\N{NO-BREAK SPACE}"
_A_DAY = re.compile(r"\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}\b")
"""A day such as `Mon 23 Nov`, which stays on one line."""


def render(
    report: Report,
    *,
    width: int = USUAL,
    color: bool = False,
    more: bool = False,
    scope: str | None = None,
    conclusions: bool = False,
) -> str:
    """The report in lines of at most `width` columns, from 40 to 110.

    With `more`, every step with its actions and their reasons; with `scope`, what concerns that record alone;
    with `conclusions`, also what was concluded.
    """
    page = _TableRendering(report, listing(report, scope), min(max(width, NARROWEST), WIDEST), color)
    lines = [*(page.whole() if more else page.short()), *(page.concluded(scope) if conclusions else ())]
    return "\n".join(lines) + "\n"


class _TableRendering:
    """One rendering: the report, what is listed of it, the width and whether there is colour."""

    def __init__(self, report: Report, listed: Listing, width: int, color: bool) -> None:
        self._report = report
        self._listed = listed
        self._today = report.as_of
        self._width = width
        self._color = color
        self._digits = max(2, len(str(len(report.steps))))

    def short(self) -> Iterator[str]:
        """The lines of the short form."""
        listed = self._listed
        yield from self._opening()
        yield from self._focus(listed.focus)
        yield from self._folded(listed.rest)
        yield from self._brief(CAREFUL, listed.cautions, self._advice, fg="yellow")
        if listed.meanwhile:
            yield from self._heading("Meanwhile")
            for text in lasting(listed.meanwhile, self._report):
                yield from self._entry(text)
        if listed.ahead:
            yield from self._heading("Coming up")
            for one in listed.ahead[:NEAREST]:
                yield from self._step_ahead(one, whole=False)
            if len(listed.ahead) > NEAREST:
                yield from self._entry(f"and {len(listed.ahead) - NEAREST} more")
        yield from self._brief("Missed", listed.missed, self._named)
        yield from self._brief("Skipped", listed.skipped, self._named)
        yield from self._closing()

    def whole(self) -> Iterator[str]:
        """The lines with every step, its actions, their reasons and sources."""
        listed = self._listed
        yield from self._opening()
        if listed.now:
            yield from self._heading("Now", fg="green")
            for one in listed.now:
                yield from self._step(one, bold=one.step.focus)
                yield from self._made_of(one)
        yield from self._reasoned(CAREFUL, listed.cautions, fg="yellow")
        yield from self._reasoned("Meanwhile", listed.meanwhile)
        yield from self._reasoned("With the next message", listed.riding)
        if listed.ahead:
            yield from self._heading("Coming up")
            for one in listed.ahead:
                yield from self._step_ahead(one)
                yield from self._made_of(one)
        yield from self._reasoned("Missed", listed.missed)
        yield from self._reasoned("Skipped", listed.skipped)
        yield from self._closing()

    def concluded(self, scope: str | None) -> Iterator[str]:
        """What was concluded, beside the record that it is about."""
        found = list(concluded(self._report, scope))
        widest = min(max((len(name) for name, _ in found), default=0), WHEN)
        yield from self._heading("Concluded")
        for name, told in found:
            column = f"{shorten(on_one_line(name), widest, placeholder='…'):<{widest}}  " if widest else ""
            yield from self._entry(told, column=column)
        if not found:
            yield from self._entry("nothing")

    # --- steps
    def _opening(self) -> Iterator[str]:
        """The day; that nothing is to be done, or nothing presses, where that is so."""
        day, calm = full_day(self._today), nothing_presses(self._listed)
        if not any(self._listed):
            yield f"{day}: {calm[:1].lower()}{calm[1:]}"
            return
        yield self._styled(day, dim=True)
        if calm:
            yield from ("", calm)

    def _closing(self) -> Iterator[str]:
        """Until when all this stays so."""
        told = standing_until(self._report)
        if told:
            yield ""
            yield from (self._styled(line, dim=True) for line in self._wrapped(told, self._width))

    def _focus(self, steps: Sequence[Listed]) -> Iterator[str]:
        """The one thing with the reason why, and the few that follow it."""
        for place, one in enumerate(steps):
            if place == 0:
                yield from self._heading("If you like" if one.step.urgency == "low" else "First", fg="green")
            elif place == 1:
                yield from self._heading("Then")
            yield from self._step(one, bold=place == 0)
            if place == 0 and one.step.why:
                yield from self._entry(one.step.why)

    def _folded(self, steps: Sequence[Listed]) -> Iterator[str]:
        """How many steps of now are not shown."""
        if steps:
            yield from self._entry(f"{folded(steps, self._today)}; `--more` lists them.")

    def _step(self, one: Listed, *, bold: bool) -> Iterator[str]:
        """A step of now, and by when; that is red where something is about to be lost."""
        by, lost = by_when(one, self._today), one.lost_on(self._today)
        tail = f"({by})" if by else ""
        yield from self._entry(
            one.step.title, number=one.number, bold=bold, tail=tail, fg="red" if lost else None
        )

    def _step_ahead(self, one: Listed, *, whole: bool = True) -> Iterator[str]:
        """A step ahead behind its day; what is not to be told as a whole has one line."""
        day = f"{short_day(one.step.open, self._today):<10}  "
        room = self._width - self._digits - 2 - len(day)
        title = one.step.title if whole else shorten(on_one_line(one.step.title), room, placeholder=" …")
        yield from self._entry(title, number=one.number, column=day)

    def _made_of(self, one: Listed) -> Iterator[str]:
        """Why a step is there, and each of its actions."""
        if one.step.why:
            yield from self._entry(one.step.why)
        for action in one.actions:
            yield from self._action(action)

    # --- actions
    def _action(self, action: Action) -> Iterator[str]:
        """When, in a column of its own; beside it what and with whom, why, and who says so."""
        yield from self._entry(_told(action, self._report), column=f"{when(action, self._today):<{WHEN}}")

    def _reasoned(self, heading: str, actions: Sequence[Action], *, fg: str | None = None) -> Iterator[str]:
        if actions:
            yield from self._heading(heading, fg=fg)
        for action in actions:
            yield from self._action(action)

    def _brief(
        self,
        heading: str,
        actions: Sequence[Action],
        told: Callable[[Action], str],
        *,
        fg: str | None = None,
    ) -> Iterator[str]:
        if actions:
            yield from self._heading(heading, fg=fg)
        for action in actions:
            yield from self._entry(told(action))

    def _named(self, action: Action) -> str:
        return named(action, self._report)

    def _advice(self, action: Action) -> str:
        """What to be careful about, and the first thing to do about it."""
        return f"{self._named(action)}. {action.do[0].rstrip('.')}." if action.do else self._named(action)

    # --- lines
    def _heading(self, text: str, *, fg: str | None = None) -> Iterator[str]:
        yield from ("", self._styled(text, bold=True, fg=fg))

    def _entry(
        self,
        text: str,
        *,
        number: int | str = "",
        column: str = "",
        bold: bool = False,
        tail: str = "",
        fg: str | None = None,
    ) -> Iterator[str]:
        """A number, a column of its own, and beside them the text; the tail, in `fg`, stays whole."""
        before = f"{number:>{self._digits}}  "
        indent = len(before) + len(column)
        kept = tail.replace(" ", _UNBROKEN)
        whole = _A_DAY.sub(lambda day: day[0].replace(" ", _UNBROKEN), on_one_line(text))
        lines = self._wrapped(f"{whole} {kept}" if tail else whole, self._width - indent)
        for place, line in enumerate(lines):
            yield (
                " " * indent if place else self._styled(before, dim=True) + self._styled(column, dim=True)
            ) + self._line(line, kept, bold, fg)

    def _line(self, line: str, kept: str, bold: bool, fg: str | None) -> str:
        if not kept or not line.endswith(kept):
            return self._styled(line.replace(_UNBROKEN, " "), bold=bold)
        start = line[: -len(kept)].replace(_UNBROKEN, " ")
        return self._styled(start, bold=bold) + self._styled(kept.replace(_UNBROKEN, " "), fg=fg)

    def _wrapped(self, text: str, width: int) -> list[str]:
        return wrap(text, width, break_on_hyphens=False)

    def _styled(self, text: str, *, bold: bool = False, dim: bool = False, fg: str | None = None) -> str:
        if not self._color or not text.strip() or not (bold or dim or fg):
            return text
        styles = [fg] if fg else []
        return styled(text, *styles, *["bold"] * bold, *["dim"] * dim)


def when(action: Action, today: date) -> str:
    """By when, or from when, in few signs: `by Mon 23 Nov`; a past day is told as `due Mon 16 Nov`."""
    if action.status in ("missed", "skipped"):
        return action.status
    if action.status == "upcoming" and action.open:
        return f"from {short_day(action.open, today)}"
    if action.until:
        return f"until {short_day(action.until, today)}"
    if action.due is None:
        return "now" if action.open else "always"
    if action.due < today:
        return f"due {short_day(action.due, today)}"
    return "today" if action.due == today else f"by {short_day(action.due, today)}"


def _told(action: Action, report: Report) -> str:
    """What and with whom, how, why in half a sentence, and the names of those who say so."""
    who = addressee(action, report)
    parts = [f"{action.title}: {who}" if who else action.title]
    parts += [f"by {plain(action.channel)}"] if action.channel else []
    if action.since:
        parts.append(short_reason(action.since))
    else:  # no event: the records say why
        parts += [ground(found, report) for found in action.grounds[:MOST_GROUNDS]]
    said = "; ".join(parts)
    names = ", ".join(dict.fromkeys(citation.source for citation in action.sources))
    return f"{said} [{names}]" if names else said
