"""Tables in Markdown, as the benchmarks write their results, read again."""

from __future__ import annotations

from collections.abc import Mapping

Rows = Mapping[str, Mapping[str, str]]


def rows(text: str) -> Rows:
    """All rows of all tables by what stands first in them, each by the names of its columns."""
    found: dict[str, dict[str, str]] = {}
    names: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            names = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not names:
            names = cells
        elif not cells[0].startswith("---"):
            # The same run may stand in two tables.
            found.setdefault(cells[0], {}).update(zip(names[1:], cells[1:], strict=True))
    return found


def value(cell: str) -> float:
    """The number of a cell such as `1,478 µs`."""
    return float(cell.split()[0].replace(",", ""))
