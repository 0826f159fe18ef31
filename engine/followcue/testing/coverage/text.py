"""Coverage for a terminal: the figures, and each rule with gaps, its lines coloured or marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from followcue.testing.coverage.coverage import SORTS, Coverage, Sort
from followcue.testing.coverage.marked_source import File, Line, State, blocks_with_gaps

NAMES: Final[Mapping[Sort, str]] = {
    "rule": "rules that led to something",
    "condition": "conditions that held, and that decided",
    "choice": "choices that were needed",
    "bound": "bounds at, just below and just above",
    "edge": "edges of windows on, before and after",
}

MARKS: Final[Mapping[State, str]] = {"": " ", "seen": "+", "partly": "!", "unseen": "-"}
COLORS: Final[Mapping[State, str]] = {"": "2", "seen": "32", "partly": "33", "unseen": "31"}


def render(coverage: Coverage, files: tuple[File, ...], *, color: bool = False) -> str:
    """The figures, then the rules of which something is still to be seen."""
    return "\n".join(_lines(coverage, files, color)) + "\n"


def _lines(coverage: Coverage, files: tuple[File, ...], color: bool) -> Iterator[str]:
    yield f"coverage: {coverage.share()}"
    for sort in SORTS:
        share = coverage.share(sort)
        if share.of:
            yield f"  {NAMES[sort]}: {share}"
    excused = sum(bool(point.excused) for item in coverage.items for point in item.points)
    if excused:
        yield f"  not counted, since no situation can show it: {excused}"
    for file in files:
        blocks = list(blocks_with_gaps(file))
        if blocks:
            yield ""
            yield f"{file.name}: {file.seen} of {file.of}"
        for block in blocks:
            for line in block:
                yield from _line(line, color)


def _line(line: Line, color: bool) -> Iterator[str]:
    text = f"{line.number:5} {line.text}".rstrip()
    yield f"\x1b[{COLORS[line.state]}m{text}\x1b[0m" if color else f"{MARKS[line.state]}{text}"
    for note in line.notes:
        yield f"\x1b[1m      ^ {note}\x1b[0m" if color else f"       ^ {note}"
