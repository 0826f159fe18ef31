"""What a sheet leaves open, to be asked once for all rows: values, each with where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from followcue.assistant.sheets.sheet import SheetColumn
from followcue.language.model.vocabulary import Field, Kind, Type


class WordQuestion(NamedTuple):
    """What a word of a column means: an event, or a word of the type `of`."""

    column: SheetColumn
    word: str
    of: Type | None
    rows: tuple[int, ...]


class OrderQuestion(NamedTuple):
    """Whether the day or the month comes first in the columns of days."""

    column: SheetColumn
    example: str
    row: int


class UndatedQuestion(NamedTuple):
    """What to do with events that have no day, by what the sheet says of them."""

    said: Mapping[str, tuple[int, ...]]
    column: SheetColumn


class FieldQuestion(NamedTuple):
    """What every event that a column, or a word in it, tells of has in a field that it needs."""

    column: SheetColumn
    word: str | None
    kind: Kind
    field: Field
    target: str
    row: int


Question = WordQuestion | OrderQuestion | UndatedQuestion | FieldQuestion
