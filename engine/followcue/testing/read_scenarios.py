"""From a test file to scenarios: every name checked, every situation read, every mistake collected."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.working_days import calendar_of
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_file
from followcue.language.documents.schema_check import check_schema
from followcue.language.model.rules import Where
from followcue.testing.days import Happening, Look, looks_of, mistakes_in_days
from followcue.testing.expected_conclusions import ConclusionReader, ExpectedConclusion
from followcue.testing.mutation.declared_equivalent import mistakes_in_claims
from followcue.testing.names import Names
from followcue.testing.overlay import Added, Overlay, names_in, records_of, situation_document
from followcue.testing.scenario import Check, Scenario

SITUATION, SITUATION_FILE = "situation", "situation_file"


def read_scenarios(document: Document, loaded: LoadedPack) -> tuple[Scenario, ...]:
    """The scenarios in a test file of that pack; raises `InvalidInput` with every mistake."""
    problems = check_schema(document, "tests")
    if problems:
        raise InvalidInput(problems)
    reader = _ScenarioReader(document, loaded)
    scenarios = reader.read()
    if reader.problems:
        raise InvalidInput(reader.problems)
    return scenarios


class _Undated(Exception):
    """A look has no day."""


class _Base(NamedTuple):
    """The situation of a test, and what its records are called."""

    where: Where
    records: tuple[str, ...]


class _ScenarioReader:
    """Reads one file; goes on after a mistake, to find the others."""

    def __init__(self, document: Document, loaded: LoadedPack) -> None:
        self._document = document
        self._loaded = loaded
        self._shape = loaded.pack.vocabulary.shape
        self._names = Names(loaded.pack)
        self._conclusions = ConclusionReader(loaded.pack.vocabulary)
        self._files: dict[str, Document] = {}
        self.problems: list[Diagnostic] = []

    def read(self) -> tuple[Scenario, ...]:
        """Every scenario that has no mistake."""
        data: Any = self._document.data
        self.problems += self._names.mistakes_in_remarks(self._document)
        self.problems += mistakes_in_claims(self._document, self._loaded.pack)
        found = (self._scenario(name, test) for name, test in data["tests"].items())
        return tuple(scenario for scenario in found if scenario)

    def _scenario(self, name: str, test: Mapping[str, Any]) -> Scenario | None:
        where = Where(self._document, ("tests", name))
        before = len(self.problems)
        self.problems += self._names.mistakes_in_claims(test, where)
        days = list(mistakes_in_days(test, where))
        if days:
            self.problems += days
            return None
        looks = list(looks_of(test, where, self._shape.scope))
        self.problems += _says_nothing(name, where, looks)
        base = self._base(test, where)
        checks = [self._check(look, base) for look in looks] if base else []
        if len(self.problems) > before:
            return None
        return Scenario(
            id=name,
            title=test.get("title", ""),
            checks=tuple(check for check in checks if check),
            where=where,
            items=tuple(test.get("items", ())),
            rules=tuple(test.get("rules", ())),
        )

    # --- the situation
    def _base(self, test: Mapping[str, Any], where: Where) -> _Base | None:
        """The situation of a test: in the test itself, in a file that it names, or shared by the tests."""
        data: Any = self._document.data
        for holder, place in ((test, where), (data, Where(self._document, ()))):
            if SITUATION in holder:
                return self._with_records(place / SITUATION)
            if SITUATION_FILE in holder:
                return self._from_file(holder[SITUATION_FILE], place / SITUATION_FILE)
        message = "this test has no situation"
        hint = "write `situation` or `situation_file` here, or for all tests of the file"
        self.problems.append(where.as_key().problem("FC801", message, hint=hint))
        return None

    def _from_file(self, name: str, where: Where) -> _Base | None:
        path = os.path.join(os.path.dirname(self._document.name), name)
        try:
            document = self._files[path] if path in self._files else read_file(path)
        except InvalidInput as error:
            said = "; ".join(problem.message for problem in error.diagnostics)
            hint = "paths begin at the folder of this file, as in `../examples/situation.yaml`"
            self.problems.append(where.problem("FC802", f"`{path}` cannot be used: {said}", hint=hint))
            return None
        self._files[path] = document
        return self._with_records(Where(document, ()))

    def _with_records(self, where: Where) -> _Base:
        scope = self._shape.scope
        path = self._loaded.pack.vocabulary.kinds[scope].path if scope else ()
        return _Base(where, records_of(where, self._shape, path))

    # --- one look
    def _check(self, look: Look, base: _Base) -> Check | None:
        overlay = Overlay(look.settings, [self._added(happening, base) for happening in look.added])
        document = situation_document(base.where, overlay, self._shape)
        known = names_in(document.data)
        for expectation in (*look.expect, *look.reject):
            self.problems += self._names.mistakes_in(expectation, known)
        concluded, not_concluded = (
            tuple(
                expected for place, written in found if (expected := self._concluded(written, place, known))
            )
            for found in (look.concluded, look.not_concluded)
        )
        try:
            situation = self._loaded.reader.read(document, as_of=look.day, today=_no_day)
            calendar_of(situation.parameters)  # refuses holidays that nobody knows
        except InvalidInput as error:
            self.problems += error.diagnostics
            return None
        except _Undated:
            message = "this test does not say on which day it looks"
            hint = "write `as_of: 2026-11-05` in it, or in the situation"
            self.problems.append(look.where.as_key().problem("FC804", message, hint=hint))
            return None
        demands = look.expect, look.reject, look.exact, look.warnings
        return Check(look.title, situation, look.where, *demands, concluded, not_concluded)

    def _concluded(
        self, written: Mapping[str, Any], where: Where, known: Collection[str]
    ) -> ExpectedConclusion | None:
        return self._conclusions.read(written, where, known, self.problems)

    def _added(self, happening: Happening, base: _Base) -> Added:
        """The event as a situation file has it: without its record, and with a date."""
        event = dict(happening.event)
        scope = self._record(event, happening, base)
        if happening.day:
            event.setdefault("date", happening.day.isoformat())
        return Added(scope, event, happening.where)

    def _record(self, event: dict[str, Any], happening: Happening, base: _Base) -> str | None:
        """The record that an event belongs to: its own; else the window's, or the only one; or the whole."""
        key = self._shape.scope
        if key is None:
            return None
        if key in event:
            named = event.pop(key)
        elif happening.window is None:
            named = None
        else:
            only = base.records[0] if len(base.records) == 1 else None
            named = happening.window.get(key, only)
        if named is not None and named not in base.records:
            self.problems.append(self._names.no_record(str(named), base.records, happening.where))
        return named if isinstance(named, str) else None


def _no_day(zone: str | None) -> date:
    """Tests never ask for the present day."""
    raise _Undated


def _says_nothing(name: str, where: Where, looks: Iterable[Look]) -> Iterator[Diagnostic]:
    """Nothing is expected and nothing rejected: in a whole test, or in one of its checks."""
    hint = "say what must be reported under `expect`, and what must not under `reject`"
    found = list(looks)
    if not found:
        yield where.as_key().problem("FC803", f"the test `{name}` demands nothing", hint=hint)
    for look in found:
        demands = look.expect, look.reject, look.exact, look.concluded, look.not_concluded
        if not any(demands) and look.warnings is None:
            yield look.where.problem("FC803", "this demands nothing", hint=hint)
