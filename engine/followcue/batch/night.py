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
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from followcue.batch.json_lines import as_line
from followcue.batch.night_store import FORMAT, Damaged, Kept, KeptReports
from followcue.batch.nightly_report import KeptReport, RecordsSeen, joined
from followcue.batch.settings import Settings
from followcue.batch.sorting import SituationRecords
from followcue.batch.source import Source
from followcue.batch.work import Answer, Worker
from followcue.evaluation.packed import key_of

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
    """

    path: Path
    usable: bool
    same_input: bool
    changed: bool
    data: bool


class NightChunk:
    """What one worker does with a chunk of a night."""

    def __init__(self, worker: Worker, settings: Settings, remembering: Remembering) -> None:
        self._worker = worker
        self._day = (settings.as_of or settings.today).toordinal()
        self._told = remembering
        self._store = KeptReports(remembering.path)
        self.damage: str | None = None
        self._new: list[Kept] = []

    def answers(self, groups: Iterable[SituationRecords]) -> Iterator[Answer]:
        """One answer a situation in their order; none where only what changed is wanted, and it did not."""
        self._new, self.damage = [], None
        taken = [(group, RecordsSeen.of(group)) for group in groups]
        kept = self._kept([group.name for group, _ in taken if group.name is not None])
        holding = {
            name: report
            for group, seen in taken
            if (name := group.name) is not None
            and (report := kept.get(name)) is not None
            and report.answers(seen, self._day, same_input=self._told.same_input)
        }
        judged = self._worker.answers([group for group, _ in taken if group.name not in holding])
        for group, seen in taken:
            report = holding.get(group.name or "")
            if report is None:
                found = self._judged(seen, next(judged), kept.get(group.name or ""))
            else:
                found = self._told_again(group, seen, report)
            if found is not None:
                yield found

    def _kept(self, names: list[str]) -> dict[str, KeptReport]:
        if not self._told.usable or not names:
            return {}
        try:
            return self._store.between(names[0], names[-1])
        except Damaged as problem:
            self.damage = str(problem)
            return {}

    def _told_again(self, group: SituationRecords, seen: RecordsSeen, report: KeptReport) -> Answer | None:
        if self._told.changed:
            return None
        line = report.line(seen.lines, self._day)
        return Answer(group.name, json.loads(line) if self._told.data else None, line=line)

    def _judged(self, seen: RecordsSeen, answer: Answer, before: KeptReport | None) -> Answer | None:
        if answer.report is None or answer.name is None:
            if answer.name is not None:
                self._new.append((answer.name, None))
            return answer
        report = KeptReport.of(seen, answer.report, own_day=answer.own_day)
        self._new.append((answer.name, report))
        if self._told.changed and before is not None and not report.is_other(before):
            return None
        return answer._replace(line=joined(report.head, report.body))

    def new(self) -> bytes:
        """What the state is to keep of the last chunk."""
        return b"".join(map(_as_part, self._new))


def _as_part(kept: Kept) -> bytes:
    name, report = kept
    if report is None:
        return as_line([name])
    plain = [b64encode(value).decode() if isinstance(value, bytes) else value for value in report]
    return as_line([name, *plain])


def kept_in(parts: Iterable[Path]) -> Iterator[Kept]:
    """What parts say that the state is to keep."""
    for part in parts:
        with open(part, "rb") as lines:
            for line in lines:
                name, *values = json.loads(line)
                yield name, _report_of(values) if values else None


def _report_of(values: list[object]) -> KeptReport:
    fields = dict(zip(KeptReport._fields, values, strict=True))
    for name in ("digest", "head", "body"):
        fields[name] = b64decode(str(fields[name]))
    return KeptReport(**fields)  # type: ignore[arg-type]  # as `_as_part` wrote them
