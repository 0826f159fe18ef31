"""Rule files with what the tests have seen of each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from followcue.language.documents.document import Document
from followcue.language.model.decision_table import table_of
from followcue.language.model.rules import Rule, Where
from followcue.testing.coverage.coverage import Coverage, Item

State: TypeAlias = Literal["", "seen", "partly", "unseen"]
"""Of a line without anything to see: nothing."""


class Line(NamedTuple):
    """A line of a rule file, what of it there is to see, and how much of that was seen."""

    number: int
    text: str
    state: State
    items: tuple[Item, ...]

    @property
    def notes(self) -> Iterator[str]:
        """What is still to be seen, one a line."""
        for item in self.items:
            for point in item.missing:
                remark = f" ({item.remark})" if item.remark else ""
                yield f"{item.says}: never {point}{remark}"


class File(NamedTuple):
    """A rule file with its lines, and how many of its points were seen of how many.

    `begins` are the numbers of the lines with which a rule, a table, or a row of one begins.
    """

    name: str
    lines: tuple[Line, ...]
    seen: int
    of: int
    begins: frozenset[int] = frozenset()


def marked_files(coverage: Coverage, rules: Iterable[Rule]) -> tuple[File, ...]:
    """Every file that rules stand in, in its order."""
    documents: dict[str, Document] = {}
    begins: dict[str, set[int]] = {}
    for rule in rules:
        documents.setdefault(rule.where.document.name, rule.where.document)
        if table_of(rule.id) is not None:
            head = Where(rule.where.document, rule.where.path[:2], key=True).span
            if head is not None:
                begins.setdefault(head.file, set()).add(head.line)
    items: dict[str, dict[int, list[Item]]] = {}
    for item in coverage.items:
        span = item.where.span
        if span is not None:
            items.setdefault(span.file, {}).setdefault(span.line, []).append(item)
            begins.setdefault(span.file, set()).update({span.line} if item.sort == "rule" else ())
    return tuple(
        _file(document, items.get(name, {}), begins.get(name, set()))
        for name, document in sorted(documents.items())
    )


def _file(document: Document, items: dict[int, list[Item]], begins: Iterable[int]) -> File:
    text = document.open_places().text if document.open_places else ""
    lines = tuple(
        Line(number, line, _state(items.get(number, ())), tuple(items.get(number, ())))
        for number, line in enumerate(text.splitlines(), 1)
    )
    points = [p for many in items.values() for item in many for p in item.points if not p.excused]
    return File(document.name, lines, sum(point.seen for point in points), len(points), frozenset(begins))


def _state(items: Sequence[Item]) -> State:
    points = [point for item in items for point in item.points if not point.excused]
    if not points:
        return "seen" if items else ""
    seen = sum(point.seen for point in points)
    if seen == len(points):
        return "seen"
    return "partly" if seen else "unseen"


def blocks_with_gaps(file: File) -> Iterator[tuple[Line, ...]]:
    """The rules of a file of which something is still to be seen, each with all of its lines."""
    begins = sorted(number - 1 for number in file.begins)
    for start, end in zip(begins, [*begins[1:], len(file.lines)], strict=True):
        block = file.lines[start:end]
        while block and (not block[-1].text.strip() or block[-1].text.lstrip().startswith("#")):
            block = block[:-1]
        if any(line.state in ("partly", "unseen") for line in block):
            yield block
