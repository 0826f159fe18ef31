"""Indexes over the rows of a relation: what generated code looks up instead of going through the rows.

`no visit: {date: after $day}` asks of the visits of a case whether the latest is after a day, so for each
case the latest day is enough (`ExtremeIndex`). `count visit: {date: from $a to $b}` asks how many stand
between two places of the visits in order of their days (`OrderedIndex`, and `ordered_rows` at run time). So
either takes hardly longer for the ten thousandth visit than for the first, where to go through the rows
(`RowIndex`) for each would be quadratic.

An index has the keys that rows have in `columns`, and holds those rows alone that pass `fixed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from followcue.evaluation.match.compiled.code_writer import CodeWriter
from followcue.evaluation.match.compiled.spelling import tuple_text
from followcue.language.logic.program import Test


@dataclass(frozen=True, slots=True)
class Index:
    """What all indexes have in common."""

    relation: str
    columns: tuple[int, ...]
    fixed: tuple[Test, ...]

    @property
    def empty(self) -> str:
        """The source text of such an index without rows."""
        return "{}"

    def key(self, row: str) -> str:
        """The source text of the key of `row`."""
        items = [f"{row}[{column}]" for column in self.columns]
        return items[0] if len(items) == 1 else tuple_text(items)

    def write(self, writer: CodeWriter, tests: list[str]) -> None:
        """Write what makes the index of `rows`, each called `row`; `tests` spell `fixed`."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class KeyIndex(Index):
    """The keys of the rows, as a set."""

    def write(self, writer: CodeWriter, tests: list[str]) -> None:
        """Write what makes it."""
        condition = f" if {' and '.join(tests)}" if tests else ""
        writer.add(f"return {{{self.key('row')} for row in rows{condition}}}")


@dataclass(frozen=True, slots=True)
class RowIndex(Index):
    """By key a list of the rows; without columns just that list."""

    @property
    def empty(self) -> str:
        """The source text of such an index without rows."""
        return "{}" if self.columns else "[]"

    def insertion(self, index: str, row: str) -> str:
        """The statement that puts `row` into `index`."""
        if not self.columns:
            return f"{index}.append({row})"
        return f"{index}.setdefault({self.key(row)}, []).append({row})"

    def write(self, writer: CodeWriter, tests: list[str]) -> None:
        """Write what makes it."""
        writer.add(f"found = {self.empty}")
        with writer.block():
            writer.open("for row in rows:")
            writer.when(tests)
            writer.add(self.insertion("found", "row"))
        writer.add("return found")


@dataclass(frozen=True, slots=True)
class ExtremeIndex(Index):
    """By key the greatest or least value that is present in a column."""

    column: int
    op: Literal["max", "min"]

    def write(self, writer: CodeWriter, tests: list[str]) -> None:
        """Write what makes it."""
        further = ">" if self.op == "max" else "<"
        writer.add("found = {}")
        with writer.block():
            writer.open("for row in rows:")
            writer.add(f"value = row[{self.column}]")
            writer.when(["value is not None", *tests])
            writer.add(
                f"key = {self.key('row')}",
                f"if key not in found or value {further} found[key]:",
                "    found[key] = value",
            )
        writer.add("return found")


@dataclass(frozen=True, slots=True)
class OrderedIndex(Index):
    """By key the rows as `ordered_rows.Ordered`: in order of `order`, with the sums of `summed`.

    Rows without a value in either of these columns are left out.
    """

    order: int | None = None
    summed: int | None = None

    def write(self, writer: CodeWriter, tests: list[str]) -> None:
        """Write what makes it."""
        _write_lists(self, writer, tests, self.order, self.summed)
        writer.add(f"return ordered(found, {self.order}, {self.summed})")


@dataclass(frozen=True, slots=True)
class ReachIndex(Index):
    """By key an `ordered_rows.Reaching`: the rows of the extreme of `column` up to each value of `order`.

    Rows without a value in either of these columns are left out.
    """

    order: int
    column: int
    op: Literal["max", "min"]
    backwards: bool

    def write(self, writer: CodeWriter, tests: list[str]) -> None:
        """Write what makes it."""
        _write_lists(self, writer, tests, self.order, self.column)
        writer.add(
            f"return reaching(found, {self.order}, {self.column}, {self.op!r}, backwards={self.backwards})"
        )


def _write_lists(index: Index, writer: CodeWriter, tests: list[str], *needed: int | None) -> None:
    present = dict.fromkeys(f"row[{column}] is not None" for column in needed if column is not None)
    writer.add("found = {}")
    with writer.block():
        writer.open("for row in rows:")
        writer.when([*present, *tests])
        writer.add(f"found.setdefault({index.key('row')}, []).append(row)")
