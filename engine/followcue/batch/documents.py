"""From the records of one situation to a document, every part of which stands on the line of its record."""

from __future__ import annotations

import json
from typing import Any

from followcue.batch.cells import CellReader
from followcue.batch.places import placed
from followcue.batch.sorting import Group, Record
from followcue.batch.source import Source
from followcue.diagnostic import Diagnostic, InvalidInput
from followcue.model.vocabulary import Vocabulary
from followcue.situation.records import Grouping
from followcue.source.document import Document
from followcue.source.read import read_document


class DocumentMaker:
    """Puts the records of situations together; `source` says whether cells are to be read as text."""

    def __init__(self, source: Source, vocabulary: Vocabulary) -> None:
        self._source = source.name
        self._vocabulary = vocabulary
        self._cells = CellReader(vocabulary) if source.form != "jsonl" else None

    def document(self, group: Group) -> Document:
        """The records as one situation; raises `InvalidInput` with every record that has no place in it."""
        whole = [record for record in group.records if _is_whole(record)]
        if len(group.records) == 1 and whole:
            return self._of_whole(whole[0])
        if whole:
            raise InvalidInput(
                [
                    self._problem(record, "FC501", "this situation is given as a whole and as other records")
                    for record in whole
                ]
            )
        return self._of_records(group)

    def _of_whole(self, record: Record) -> Document:
        data = self._data(record)
        data.pop("situation", None)
        return placed(self._source, data, {}, record.number)

    def _of_records(self, group: Group) -> Document:
        grouping = Grouping(self._vocabulary)
        problems: list[Diagnostic] = []
        for record in group.records:
            try:
                grouping.place(record.number, self._data(record))
            except InvalidInput as problem:
                problems += problem.diagnostics
        for found in grouping.problems:
            number = (found.place or "").removeprefix("record ")
            problems.append(found._replace(place=f"{self._source}:{number}"))
        if problems:
            raise InvalidInput(problems)
        name = group.name or ""
        return placed(
            self._source, grouping.situations[name], grouping.origins[name], group.records[0].number
        )

    def _data(self, record: Record) -> dict[str, Any]:
        """The record as plain data; raises `InvalidInput` for what is no JSON object."""
        try:
            data = json.loads(record.text)
        except (ValueError, RecursionError):
            raise InvalidInput(self._unreadable(record)) from None
        if not isinstance(data, dict):
            raise InvalidInput([self._problem(record, "FC501", "a record must be a JSON object")])
        return data if self._cells is None else self._cells.read(data)

    def _unreadable(self, record: Record) -> list[Diagnostic]:
        """What is wrong with a text that is no JSON, or nests too deep."""
        place = f"{self._source}:{record.number}"
        try:
            read_document(record.text.encode(errors="replace"), self._source)
        except InvalidInput as problem:
            return [found._replace(span=None, place=place, related=()) for found in problem.diagnostics]
        return [self._problem(record, "FC501", "a record must be a JSON object on one line")]

    def _problem(self, record: Record, code: str, message: str) -> Diagnostic:
        return Diagnostic(code, message, place=f"{self._source}:{record.number}")


def _is_whole(record: Record) -> bool:
    """Whether a record is a whole situation: it holds collections and is no event."""
    if '"event"' not in record.text:
        return True
    try:
        data = json.loads(record.text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "event" not in data
