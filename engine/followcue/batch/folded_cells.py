"""Cells: what a table or a CSV file holds as text, as the values that a situation file would hold.

Only the vocabulary knows what is meant by the text `3` or `true`. A list is written as JSON, or with `;`
between its members.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from followcue.language.model.vocabulary import Field, Vocabulary

_TRUTH = {"true": True, "false": False}
_OTHER = ("number", "bool")
"""What a text may mean; texts, dates and durations stay texts."""


class CellReader:
    """Reads the cells of records by the types that a vocabulary gives their fields."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._fields: Mapping[str, Mapping[str, Field]] = {
            name: {field.name: field for field in kind.fields if field.many or field.type.base in _OTHER}
            for name, kind in vocabulary.kinds.items()
        }
        self._whole = vocabulary.shape.whole

    def read(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with what its cells mean; what fits no type stays as it is, to be told of later."""
        event = record.get("event")
        if event == self._whole:
            return {name: _mapping(cell) for name, cell in record.items()}
        fields = self._fields.get(event) if isinstance(event, str) else None
        if not fields or fields.keys().isdisjoint(record):
            return record
        return {name: self._value(fields.get(name), cell) for name, cell in record.items()}

    def _value(self, field: Field | None, cell: object) -> object:
        if field is None or not isinstance(cell, str):
            return cell
        if field.many:
            return _list(cell)
        if field.type.base == "number" and cell.removeprefix("-").isdecimal() and cell.isascii():
            return int(cell)
        return _TRUTH.get(cell.lower(), cell) if field.type.base == "bool" else cell


def _list(cell: str) -> object:
    return _json_or_text(cell) if cell.startswith("[") else [part.strip() for part in cell.split(";")]


def _mapping(cell: object) -> object:
    return _json_or_text(cell) if isinstance(cell, str) and cell.startswith("{") else cell


def _json_or_text(cell: str) -> object:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell
