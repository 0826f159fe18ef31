"""Facts as rows: a tuple with one value a column, in relations whose columns have types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from followcue.base.named_tuple import NamedTuple

Value: TypeAlias = str | int | bool | None
"""Dates are day numbers (`date.toordinal`), durations are days, what is absent is None."""

Row: TypeAlias = tuple[Value, ...]

ColumnType: TypeAlias = Literal["text", "number", "bool", "date", "duration", "moment"]
"""`moment`: a whole number that orders the events of one record of the scope, also within one day."""


NOTHING: Final[Mapping[Any, Any]] = {}
"""An empty mapping, for defaults; nobody writes into a Mapping."""


class Column(NamedTuple):
    """A column's name and the base type of its values."""

    name: str
    type: ColumnType


class Relation(NamedTuple):
    """A named set of rows; `derived` if clauses make its rows, else they come from the situation."""

    name: str
    columns: tuple[Column, ...]
    derived: bool = False

    def column(self, name: str) -> int:
        """The position of the column of that name; raises `ValueError` if there is none."""
        return [column.name for column in self.columns].index(name)
