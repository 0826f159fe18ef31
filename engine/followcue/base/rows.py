"""Facts as rows: a tuple with one value a column, in relations whose columns have types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

from followcue.base.named_tuple import NamedTuple

Value: TypeAlias = str | int | bool | None
"""Dates are day numbers (`date.toordinal`), durations days, periods months, times minutes; absent is None."""

Row: TypeAlias = tuple[Value, ...]

DecimalType: TypeAlias = Literal[
    "decimal 1", "decimal 2", "decimal 3", "decimal 4", "decimal 5", "decimal 6",
    "decimal 7", "decimal 8", "decimal 9", "decimal 10", "decimal 11", "decimal 12",
]  # fmt: skip
"""A decimal number of so many places, held as a whole number of its smallest unit: `12.50` as 1250."""

ColumnType: TypeAlias = (
    Literal["text", "number", "bool", "date", "duration", "period", "time", "moment"] | DecimalType
)
"""`moment`: a whole number that orders the events of one record of the scope, also within one day."""

DECIMALS: Final[Mapping[int, DecimalType]] = {int(base.split()[1]): base for base in get_args(DecimalType)}
"""The type of decimal numbers of so many places."""

_PLACES: Final[Mapping[str, int]] = {"number": 0} | {base: places for places, base in DECIMALS.items()}


def places_of(base: ColumnType | None) -> int | None:
    """The places of numbers of a type: none (0) for whole ones; None for what is no number."""
    return None if base is None else _PLACES.get(base)


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
