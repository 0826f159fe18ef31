"""From the records of one situation to a document, every part of which stands on the line of its record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import orjson
from followcue.base.limits import USUAL, Limits
from followcue.batch.folded_cells import CellReader
from followcue.batch.folded_places import placed
from followcue.batch.sorting import Group, Record
from followcue.batch.source import Source
from followcue.evaluation.situation.mistakes import TooManyMistakes
from followcue.evaluation.situation.records import Grouping, Origins
from followcue.language.documents.decode import too_large
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.model.vocabulary import Vocabulary

_Data: TypeAlias = dict[str, Any] | list[Diagnostic]
"""A record as plain data, or all that is wrong with it."""


class DocumentMaker:
    """Puts the records of situations together; `source` says whether cells are to be read as text."""

    def __init__(self, source: Source, vocabulary: Vocabulary, limits: Limits = USUAL) -> None:
        self._source = source.name
        self._vocabulary = vocabulary
        self._limits = limits
        self._quick = orjson()
        self._cells = CellReader(vocabulary) if source.form != "jsonl" else None

    def document(self, group: Group) -> Document:
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

    def _check_size(self, group: Group) -> None:
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
        begun = grouping.situations[name]
        return self._placed(begun.data, begun.origins, read[0][0])

    def _placed(self, data: object, origins: Origins, first: Record) -> Document:
        return placed(self._source, data, origins, first.number, self._limits.depth)

    def _data(self, record: Record) -> _Data:
        """The record as plain data, or what is wrong with it: it is no JSON object."""
        try:
            data = self._parsed(record.text)
        except (ValueError, RecursionError):
            return self._unreadable(record)
        if not isinstance(data, dict):
            return [self._problem(record, "FC501", "a record must be a JSON object")]
        return data if self._cells is None else self._cells.read(data)

    def _parsed(self, text: str) -> Any:
        """What a JSON text says. The quick library refuses half characters, and rounds long numbers."""
        if self._quick is not None:
            try:
                data = self._quick.loads(text)
            except ValueError:
                return json.loads(text)
            if not isinstance(data, dict) or float not in map(type, data.values()):
                return data
        return json.loads(text)

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
