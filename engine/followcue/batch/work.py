"""What a worker does with a situation: its records put together, judged, and told as a line or rejects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from followcue.batch.cells import CellReader
from followcue.batch.places import placed
from followcue.batch.settings import Settings
from followcue.batch.sorting import Group, Record
from followcue.batch.source import Source
from followcue.diagnostic import Diagnostic, InvalidInput
from followcue.match.protocol import LimitExceeded
from followcue.pipeline import LoadedPack, judge, load_pack
from followcue.situation.records import Grouping
from followcue.source.document import Document
from followcue.source.read import read_document

JsonObject = dict[str, Any]


class Answer(NamedTuple):
    """What came of one situation: its report as JSON data, or why there is none."""

    name: str | None
    report: JsonObject | None
    rejects: tuple[JsonObject, ...] = ()


class Worker:
    """Judges situations with the rules of a run, made ready once."""

    def __init__(self, settings: Settings, source: Source) -> None:
        self._settings = settings
        self._source = source.name
        self._loaded: LoadedPack = load_pack(*settings.rules, packs=settings.packs, cache=settings.cache)
        self._cells = CellReader(self._loaded.pack.vocabulary) if source.form != "jsonl" else None

    @property
    def scope_key(self) -> str:
        """What reports call the scope."""
        return self._loaded.pack.vocabulary.shape.scope or "scope"

    def answers(self, groups: Iterable[Group]) -> Iterator[Answer]:
        """One answer a situation, in their order."""
        return map(self._answer, groups)

    def _answer(self, group: Group) -> Answer:
        first = group.records[0]
        try:
            document = self._document(group)
            settings = self._settings
            situation = self._loaded.reader.read(
                document,
                as_of=settings.as_of,
                profile=settings.profile,
                parameters=dict(settings.parameters),
                today=self._today,
            )
            report = judge(
                self._loaded,
                situation,
                matcher=settings.matcher,
                missed=settings.missed,
                limits=settings.limits,
            ).report
        except InvalidInput as problem:
            return Answer(
                group.name, None, tuple(_reject(group, found, first) for found in problem.diagnostics)
            )
        except LimitExceeded as problem:
            found = Diagnostic("FC901", str(problem), place=f"{self._source}:{first.number}")
            return Answer(group.name, None, (_reject(group, found, first),))
        return Answer(group.name, {"situation": group.name, **report.to_dict()})

    def _today(self, zone: str | None) -> date:
        return self._settings.today

    # --- records -> one document
    def _document(self, group: Group) -> Document:
        whole = [record for record in group.records if _is_whole(record, self._loaded)]
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
        grouping = Grouping(self._loaded.pack.vocabulary)
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

    def _data(self, record: Record) -> JsonObject:
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


def _is_whole(record: Record, loaded: LoadedPack) -> bool:
    """Whether a record is a whole situation: it holds collections and is no event."""
    if '"event"' not in record.text:
        return True
    try:
        data = json.loads(record.text)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "event" not in data


def _reject(group: Group, found: Diagnostic, first: Record) -> JsonObject:
    """A mistake as one line of the rejects."""
    number = found.span.line if found.span else _number_in(found.place, first.number)
    rejected: JsonObject = {
        "line": number,
        "situation": group.name,
        "code": found.code,
        "reason": found.message,
        "hint": found.hint,
        "record": next((record.text for record in group.records if record.number == number), first.text),
    }
    return rejected


def _number_in(place: str | None, otherwise: int) -> int:
    number = (place or "").rpartition(":")[2]
    return int(number) if number.isdecimal() else otherwise
