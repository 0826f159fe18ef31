"""A night: of many situations those are judged that can have changed; of the others the last report is told.

    no report is kept, or it is on other records        judged
    the day has come that the report names              judged
    what all reports depend on is other                 all are judged
    nothing of this                                     the report of before, its day written anew

What reports depend on beside the records is the key of a state: the rules, all options, this program and the
holidays that it knows. So the output is that of a run without state, byte by byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from followcue.batch.delta import Delta
from followcue.batch.json_lines import as_line, plain_line
from followcue.batch.night_store import FORMAT, Damaged, KeptReports, KeptSituation
from followcue.batch.nightly_report import KeptReport, KeptTerms, RecordsSeen, joined
from followcue.batch.settings import Settings
from followcue.batch.sorting import Chunk, Record, RecordsSaid, SituationRecords
from followcue.batch.source import Source
from followcue.batch.work import Answer, Worker
from followcue.evaluation.packed import key_of

_Found = TypeVar("_Found")
_ROOMS = ("base", "language", "evaluation", "batch")


def depends_on(settings: Settings, source: Source, rules_version: str) -> str:
    """All that reports depend on beside the records and the day, as one text to compare."""
    choices = settings.to_json()
    for name in ("today", "cache", "rules", "packs"):
        del choices[name]
    choices["as_of"] = settings.as_of is not None
    return json.dumps(
        {
            "format": FORMAT,
            "rules": rules_version,
            "program": sha256(key_of((), _ROOMS)).hexdigest(),
            "holidays": _version_of("holidays"),
            "cells": source.form != "jsonl",
            **choices,
        },
        sort_keys=True,
    )


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


class Remembering(NamedTuple):
    """What workers are told of the state.

    `usable`: its reports are on the same rules and options. `same_input`: the input has the name that it had.
    `changed`: only reports that are others than before are written. `data`: reports are wanted as data too.
    `keeps`: records are to be kept. `had_records`: they are there. `before`: where the input is a delta, the
    last place of a record of the nights before.
    """

    path: Path
    usable: bool
    same_input: bool
    changed: bool
    data: bool
    keeps: bool = False
    had_records: bool = False
    before: int | None = None


class _InChunk(NamedTuple):
    """A situation of the night: its place in the chunk, what its records say, and these if a delta made them.

    `seen` is None where the situation stands still: nothing of it was given, and nothing is due.
    """

    place: int
    name: str | None
    seen: RecordsSeen | None
    merged: SituationRecords | None = None


class NightChunk:
    """What one worker does with a chunk of a night."""

    def __init__(self, worker: Worker, settings: Settings, remembering: Remembering) -> None:
        self._worker = worker
        self._day = (settings.as_of or settings.today).toordinal()
        self._told = remembering
        self._store = KeptReports(remembering.path)
        before = remembering.before
        self._delta = None if before is None else Delta(worker.vocabulary, before)
        self.damage: str | None = None
        self._new: list[KeptSituation] = []

    def answers(self, chunk: Chunk) -> Iterator[Answer]:
        """One answer a situation in their order; none where only what changed is wanted, and it did not."""
        self._new, self.damage = [], None
        asked = [each for each in self._asked(chunk) if not self._has_gone(each)]
        names = [each.name for each in asked if each.name is not None]
        terms = self._read(lambda: self._store.terms(names))
        holding = {each.name: terms[each.name] for each in asked if each.name and self._holds(each, terms)}
        wanted = holding
        if self._told.changed:  # of what is judged again it is to be known whether it changed
            wanted = {
                each.name: terms[each.name]
                for each in asked
                if each.name in terms
                and (each.name not in holding or self._has_moved(each, terms[each.name]))
            }
        reports = self._read(lambda: self._store.reports(wanted))
        if self.damage is not None:
            holding, reports = {}, {}
        groups = self._groups(chunk, [each for each in asked if each.name not in holding])
        judged = self._worker.answers(groups.values())
        for each in asked:
            held = holding.get(each.name or "")
            if held is not None:
                found = self._told_again(chunk, each, held, reports.get(each.name or ""))
            else:
                found = self._judged(each, groups[each.place], next(judged), reports.get(each.name or ""))
            if found is not None:
                yield found

    def _asked(self, chunk: Chunk) -> Iterator[_InChunk]:
        """The situations of a chunk, their records as they are after a delta."""
        for place, (name, said) in enumerate(zip(chunk.names, chunk.said(), strict=True)):
            if not said.numbers:
                yield _InChunk(place, name, None)
            elif self._delta is None or name is None:
                yield _InChunk(place, name, RecordsSeen.of(said))
            else:
                given = chunk.groups([place])[place]
                merged = SituationRecords(name, self._delta.merged(given.records))
                yield _InChunk(place, name, RecordsSeen.of(RecordsSaid.of(merged.records)), merged)

    def _has_gone(self, each: _InChunk) -> bool:
        if each.merged is None or each.merged.records:
            return False
        self._new.append(KeptSituation(each.merged.name or "", None, []))
        return True

    def _read(self, ask: Callable[[], dict[str, _Found]]) -> dict[str, _Found]:
        """What the state has; nothing where it cannot be used."""
        if not self._told.usable or self.damage is not None:
            return {}
        try:
            return ask()
        except Damaged as problem:
            self.damage = str(problem)
            return {}

    def _holds(self, each: _InChunk, terms: Mapping[str, KeptTerms]) -> bool:
        found = terms.get(each.name or "")
        if found is None:
            return False
        seen = each.seen or RecordsSeen(found.digest, found.lines)
        return found.hold(seen, self._day, same_input=self._told.same_input)

    def _has_moved(self, each: _InChunk, held: KeptTerms) -> bool:
        """Whether its records stand elsewhere than a kept report says, and the next input may be a delta."""
        return self._told.keeps and each.seen is not None and each.seen.lines != held.lines

    def _groups(self, chunk: Chunk, asked: Sequence[_InChunk]) -> dict[int, SituationRecords]:
        """The records of these situations, by their places."""
        plain = [each.place for each in asked if each.merged is None and each.seen is not None]
        found = chunk.groups(plain) if plain else {}
        for each in asked:
            if each.merged is not None:
                found[each.place] = each.merged
            elif each.seen is None:  # its report was damaged
                name = each.name or ""
                found[each.place] = SituationRecords(name, self._store.records([name])[name])
        return {each.place: found[each.place] for each in asked}

    def _told_again(
        self, chunk: Chunk, each: _InChunk, held: KeptTerms, report: KeptReport | None
    ) -> Answer | None:
        lines = each.seen.lines if each.seen else held.lines
        if each.seen is not None and self._told.keeps:
            moved = report.moved(lines) if report is not None and lines != held.lines else None
            if moved is not None or not self._told.had_records:
                records = self._groups(chunk, [each])[each.place].records
                self._new.append(KeptSituation(each.name or "", moved, records, judged=False))
        if self._told.changed or report is None:
            return None
        line = report.line(lines, self._day)
        return Answer(each.name, json.loads(line) if self._told.data else None, line=line)

    def _judged(
        self, each: _InChunk, group: SituationRecords, answer: Answer, before: KeptReport | None
    ) -> Answer | None:
        if each.name is None:
            return answer
        seen = each.seen or RecordsSeen.of(RecordsSaid.of(group.records))
        report = KeptReport.of(seen, answer.report, own_day=answer.own_day) if answer.report else None
        self._new.append(KeptSituation(each.name, report, group.records if self._told.keeps else None))
        if report is None:
            return answer
        if self._told.changed and before is not None and not report.is_other(before):
            return None
        return answer._replace(line=joined(report.head, report.body))

    def new(self) -> bytes:
        """What the state is to keep of the last chunk."""
        return b"".join(map(_as_part, self._new))


def _as_part(kept: KeptSituation) -> bytes:
    report = kept.report
    return as_line(
        [
            kept.name,
            None
            if report is None
            else [report.terms.digest.hex(), *report.terms[1:], report.head.decode(), report.body.decode()],
            None if kept.records is None else [tuple(record) for record in kept.records],
            kept.judged,
        ]
    )


def kept_in(parts: Iterable[Path]) -> Iterator[KeptSituation]:
    """What parts say that the state is to keep."""
    for part in parts:
        with open(part, "rb") as lines:
            for line in lines:
                name, report, records, judged = plain_line(line)
                rows = None if records is None else [Record(*each) for each in records]
                yield KeptSituation(name, _report_of(report) if report else None, rows, judged)


def _report_of(values: list[Any]) -> KeptReport:
    digest, *terms, head, body = values
    return KeptReport(KeptTerms(bytes.fromhex(digest), *terms), head.encode(), body.encode())


def was_judged(kept: KeptSituation) -> bool:
    """Whether what is to be kept of a situation comes from judging it."""
    return kept.judged and kept.records != []
