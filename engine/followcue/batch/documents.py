"""From the records of one situation to a document, every part of which stands on the line of its record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.base.limits import USUAL, Limits
from followcue.batch.record_text import parsed
from followcue.batch.sorting import Record, SituationRecords
from followcue.batch.source import Source
from followcue.evaluation.situation.mistakes import TooManyMistakes
from followcue.evaluation.situation.records import Grouping, Origins
from followcue.language.documents.decode import too_large
from followcue.language.documents.document import Document
from followcue.language.documents.places import Places
from followcue.language.documents.plain import MAX_DEPTH, UNPRINTABLE, Path
from followcue.language.documents.read import read_document
from followcue.language.model.vocabulary import Field, Vocabulary

_Data: TypeAlias = dict[str, Any] | list[Diagnostic]
"""A record as plain data, or all that is wrong with it."""


class DocumentMaker:
    """Puts the records of situations together; `source` says whether cells are to be read as text."""

    def __init__(self, source: Source, vocabulary: Vocabulary, limits: Limits = USUAL) -> None:
        self._source = source.name
        self._vocabulary = vocabulary
        self._limits = limits
        self._cells = TypedCellReader(vocabulary) if source.form != "jsonl" else None

    def document(self, group: SituationRecords) -> Document:
        """The records as one situation; raises `InvalidInput` with every record that has no place in it."""
        self._check_size(group)
        read = [(record, self._data(record)) for record in group.records]
        whole = [(record, data) for record, data in read if isinstance(data, dict) and "event" not in data]
        if not whole:
            return self._of_records(group.name or "", read)
        if len(read) > 1:
            message = "this situation is given as a whole and as other records"
            raise InvalidInput([self._problem(record, "FC501", message) for record, _ in whole])
        record, data = whole[0]
        without_name = {name: value for name, value in data.items() if name != "situation"}
        return self._placed(without_name, {}, record)

    def _check_size(self, group: SituationRecords) -> None:
        limit = self._limits.size
        if sum([record.size for record in group.records]) > limit:
            raise InvalidInput([self._problem(group.records[0], "FC106", too_large(limit))])

    def _of_records(self, name: str, read: Sequence[tuple[Record, _Data]]) -> Document:
        grouping = Grouping(self._vocabulary)
        problems: list[Diagnostic] = []
        for record, data in read:
            if not isinstance(data, dict):
                problems += data
                continue
            try:
                grouping.place(record.number, data)
            except TooManyMistakes as many:
                problems += many.diagnostics[-1:]
                break
        for found in grouping.problems:
            number = (found.place or "").removeprefix("record ")
            problems.append(found._replace(place=f"{self._source}:{number}"))
        if problems:
            raise InvalidInput(problems)
        begun = grouping.situations.get(name)
        if begun is None:  # a number that not every reader takes for the same
            message = f"the name of the situation is not clear: it was taken for `{name}`"
            raise InvalidInput([self._problem(record, "FC501", message) for record, _ in read])
        return self._placed(begun.data, begun.origins, read[0][0])

    def _placed(self, data: object, origins: Origins, first: Record) -> Document:
        return placed(self._source, data, origins, first.number, self._limits.depth)

    def _data(self, record: Record) -> _Data:
        """The record as plain data, or what is wrong with it: it is no JSON object."""
        if record.problem is not None:
            code, _, message = record.problem.partition(" ")
            return [self._problem(record, code, message)]
        try:
            data = parsed(record.text)
        except (ValueError, RecursionError):
            return self._unreadable(record)
        if not isinstance(data, dict):
            return [self._problem(record, "FC501", "a record must be a JSON object")]
        if found := UNPRINTABLE.search(str(data.get("situation", ""))):
            message = f"the name of the situation has the unprintable character U+{ord(found[0]):04X} in it"
            return [self._problem(record, "FC105", message)]
        return data if self._cells is None else self._cells.read(data)

    def _unreadable(self, record: Record) -> list[Diagnostic]:
        """What is wrong with a text that is no JSON, or nests too deep."""
        place = f"{self._source}:{record.number}"
        try:
            read_document(record.text.encode(errors="replace"), self._source, self._limits)
        except InvalidInput as problem:
            return [found._replace(span=None, place=place, related=()) for found in problem.diagnostics]
        return [self._problem(record, "FC501", "a record must be a JSON object on one line")]

    def _problem(self, record: Record, code: str, message: str) -> Diagnostic:
        return Diagnostic(code, message, place=f"{self._source}:{record.number}")


_TRUTH = {"true": True, "false": False}
_OTHER = ("number", "bool")
"""What a text may mean; texts, dates and durations stay texts."""


class TypedCellReader:
    """Reads the cells of records by the types that a vocabulary gives their fields."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._fields: Mapping[str, Mapping[str, Field]] = {
            name: {field.name: field for field in kind.fields if field.many or field.type.base in _OTHER}
            for name, kind in vocabulary.kinds.items()
        }
        self._whole = vocabulary.shape.whole

    def read(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with its cells converted; a cell that fits no type stays as it is."""
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


class RecordPlaces(Places):
    """Tells a path the number of its record: `origins` holds them, `first` is that of the situation."""

    def __init__(self, name: str, origins: Origins, first: int) -> None:
        super().__init__(name, "", None)
        self._origins = origins
        self._first = first

    def span(self, path: Path, *, key: bool = False) -> Span:
        """The line of the record behind the value at `path`, or behind its nearest ancestor."""
        for end in range(len(path) if self._origins else 0, 0, -1):
            found = self._origins.get(path[:end])
            if isinstance(found, int):
                return Span(self.name, found, 1)
            if found is not None and end < len(path):
                return Span(self.name, found[int(path[end])], 1)
        return Span(self.name, self._first, 1)

    def span_within(self, path: Path, offset: int, length: int, *, key: bool = False) -> Span:
        """The same: a record has no parts with places."""
        return self.span(path, key=key)


def placed(name: str, data: object, origins: Origins, first: int, max_depth: int = MAX_DEPTH) -> Document:
    """A document of data whose places are lines of the file or table `name`; raises `InvalidInput`."""
    places = RecordPlaces(name, origins, first)
    return Document.of(data, name, max_depth)._replace(open_places=lambda: places)
