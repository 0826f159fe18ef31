"""The report as a Markdown document that can be pasted anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.sections import sections
from followcue.evaluation.report.words import addressee, deadline, plain, reason, sources, weekday


def render(report: Report) -> str:
    """The report with all that it says of each action."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# Next steps on {weekday(report.as_of)}"
    found = sections(report)
    if not found:
        yield from ("", "Nothing to do, and nothing to wait for.")
    for heading, actions in found:
        yield from ("", f"## {heading}", "")
        for action in actions:
            yield from _action(action, report)
    if report.warnings:
        yield from ("", "## Warnings", "")
        yield from (f"- {escaped(warning)}" for warning in report.warnings)


def _action(action: Action, report: Report) -> Iterator[str]:
    yield f"- **{escaped(action.title)}**{_aside(action, report)}"
    yield from _points("Do", action.do)
    yield from _points("Avoid", action.avoid)
    yield from _points("Because", [reason(because, report) for because in action.because])
    if action.sources:
        yield f"  - Sources: {escaped(sources(action.sources))}"


def _aside(action: Action, report: Report) -> str:
    """With whom, by when and how, on the line of the action."""
    channel = f"by {plain(action.channel)}" if action.channel else ""
    said = [addressee(action, report), deadline(action, report.as_of), channel]
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
