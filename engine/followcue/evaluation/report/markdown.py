"""The report as a Markdown document that can be pasted anywhere: what to do by steps, then all details."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import Listed, Listing, listing
from followcue.evaluation.report.wording import (
    addressee,
    by_when,
    concluded,
    deadline,
    folded,
    full_day,
    lasting,
    plain,
    rests_on,
    short_day,
    sources,
    standing_until,
)


def render(report: Report, *, scope: str | None = None, conclusions: bool = False) -> str:
    """The report with all that it says of each action; with `scope`, what concerns that record alone.

    With `conclusions`, also what was concluded.
    """
    told = list(concluded(report, scope)) if conclusions else []
    return "\n".join(_Document(report, listing(report, scope), told).lines()) + "\n"


class _Document:
    """One rendering: the report, and what is listed of it."""

    def __init__(self, report: Report, listed: Listing, told: Sequence[tuple[str, str]]) -> None:
        self._report = report
        self._listed = listed
        self._concluded = told

    def lines(self) -> Iterator[str]:
        """All lines, without the last end of line."""
        listed, today = self._listed, self._report.as_of
        yield f"# Next steps on {full_day(today)}"
        if not any(listed):
            yield from ("", "Nothing to do, and nothing to wait for.")
        elif not listed.now:
            yield from ("", "Nothing to do today.")
        yield from self._steps("First", listed.focus[:1])
        yield from self._steps("Then", listed.focus[1:])
        if listed.rest:
            yield from self._steps(folded(listed.rest, today), listed.rest)
        yield from self._section("Be careful", self._actions(listed.cautions))
        yield from self._section(
            "Meanwhile", [f"- {escaped(text)}" for text in lasting(listed.meanwhile, self._report)]
        )
        yield from self._steps("Coming up", listed.ahead)
        told = standing_until(self._report)
        if told:
            yield from ("", told)
        yield from self._details()
        yield from self._section("Concluded", [f"- {escaped(line)}" for line in self._conclusions()])
        yield from self._section("Warnings", [f"- {escaped(text)}" for text in self._report.warnings])

    def _conclusions(self) -> Iterator[str]:
        return (f"{name}: {told}" if name else told for name, told in self._concluded)

    # --- the steps
    def _steps(self, heading: str, steps: Sequence[Listed]) -> Iterator[str]:
        return self._section(heading, [line for one in steps for line in self._step(one)])

    def _step(self, one: Listed) -> Iterator[str]:
        step, today = one.step, self._report.as_of
        by = by_when(one, today) if step.when == "now" else f"from {short_day(step.open, today)}"
        begin = f"{one.number}. "
        yield f"{begin}**{escaped(step.title)}**" + (f" ({by})" if by else "")
        if step.why:
            yield f"{' ' * len(begin)}- {escaped(step.why)}"

    def _section(self, heading: str, lines: Iterable[str]) -> Iterator[str]:
        found = list(lines)
        if found:
            yield from ("", f"## {heading}", "", *found)

    # --- the actions
    def _details(self) -> Iterator[str]:
        """What each step is made of, then what stands in none."""
        listed = self._listed
        parts = [(f"{one.number}. {escaped(one.step.title)}", one.actions) for one in listed.steps]
        parts += [
            ("Meanwhile", listed.meanwhile),
            ("With the next message", listed.riding),
            ("Missed", listed.missed),
            ("Skipped", listed.skipped),
        ]
        said = [(heading, actions) for heading, actions in parts if actions]
        if said:
            yield from ("", "## Details")
        for heading, actions in said:
            yield from ("", f"### {heading}", "", *self._actions(actions))

    def _actions(self, actions: Iterable[Action]) -> Iterator[str]:
        return (line for action in actions for line in self._action(action))

    def _action(self, action: Action) -> Iterator[str]:
        yield f"- **{escaped(action.title)}**{self._aside(action)}"
        yield from _points("Do", action.do)
        yield from _points("Avoid", action.avoid)
        yield from _points("Because", rests_on(action, self._report))
        if action.sources:
            yield f"  - Sources: {escaped(sources(action.sources))}"

    def _aside(self, action: Action) -> str:
        """With whom, by when and how, on the line of the action."""
        channel = f"by {plain(action.channel)}" if action.channel else ""
        said = [addressee(action, self._report), deadline(action, self._report.as_of), channel]
        return "".join(
            f"; {escaped(part)}" if place else f": {escaped(part)}"
            for place, part in enumerate(filter(None, said))
        )


def _points(heading: str, texts: Iterable[str]) -> Iterator[str]:
    points = [f"    - {escaped(text)}" for text in texts]
    if points:
        yield f"  - {heading}:"
        yield from points


def escaped(text: str) -> str:
    """Text that stays text: names and notes may hold signs that Markdown would take for its own."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
