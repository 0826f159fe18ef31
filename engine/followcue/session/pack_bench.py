"""A pack being written, with its tests and the situations beside it: what an author asks questions of.

Idea: a bench holds texts and never changes; `with_texts` gives the next one. What is worked out about it is
kept, and so is, from the bench before, which rules each test exercised: tests that an edit touches come
first. A test is run once a bench, in a way that coverage and mutation go on from.

    bench                         the rules of now, 602 tests, none of them run
    bench.ran(test)               run, kept
    bench.with_texts(edited)      the rules of then; knows what each test exercised before

Invariant: what a bench answers depends on its texts alone, never on what was asked of it before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from followcue.authoring.lint.check import MessagesBeside
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.document import Document
from followcue.language.documents.lines import BREAKS, line_starts
from followcue.language.documents.read import read_document
from followcue.session.name_index import NameIndex, NamePlace, index_document
from followcue.session.pack_state import PackState
from followcue.session.pack_texts import PackTexts, files_in
from followcue.session.text_kind import TextKind
from followcue.testing.mutation.mutation import Grounded, grounded
from followcue.testing.read_scenarios import read_scenarios
from followcue.testing.run import Result, exercised_rules, result_of
from followcue.testing.scenario import Scenario

Texts: TypeAlias = Mapping[str, str]
"""Files by the name that messages show."""

GiveUp: TypeAlias = Callable[[], None]
"""Called between two steps of what takes long; raises where nobody waits for the answer any more."""

TestKey: TypeAlias = tuple[str, str]
"""The file and the name of a test."""


NO_MESSAGES = MessagesBeside({}, ())


class GivenUp(Exception):
    """Nobody waits for the answer any more."""


def go_on() -> None:
    """Never gives up."""


class _ReadTests(NamedTuple):
    """A file of tests, and the tests in it."""

    document: Document
    scenarios: tuple[Scenario, ...]


class PackBench:
    """A pack at one moment with its tests and situations."""

    def __init__(
        self,
        state: PackState,
        tests: Texts,
        situations: Texts,
        beside: MessagesBeside = NO_MESSAGES,
        exercised_before: Mapping[TestKey, frozenset[str]] | None = None,
    ) -> None:
        self.state: Final = state
        self.beside: Final = beside
        self.tests: Final = dict(tests)
        self.situations: Final = dict(situations)
        self._before = exercised_before or {}
        self._ran: dict[TestKey, Grounded] = {}
        self._read_files: dict[str, _ReadTests] = {}
        self._lines: dict[str, list[str]] = {}

    @classmethod
    def of(
        cls,
        texts: PackTexts,
        tests: Texts | None = None,
        situations: Texts | None = None,
        beside: MessagesBeside = NO_MESSAGES,
    ) -> PackBench:
        """The first bench of a pack; mistakes are told when something is asked that needs its rules."""
        return cls(PackState(texts), tests or {}, situations or {}, beside)

    def with_texts(self, texts: PackTexts, tests: Texts, situations: Texts) -> PackBench:
        """The bench with these texts; the same one if they are the same."""
        return self.with_state(self.state.with_texts(texts), tests, situations)

    def with_state(self, state: PackState, tests: Texts, situations: Texts) -> PackBench:
        """The same of rules whose state is at hand."""
        if state is self.state and tests == self.tests and situations == self.situations:
            return self
        known = {**self._before, **{key: rules_of(ran) for key, ran in self._ran.items()}}
        return PackBench(state, tests, situations, self.beside, known)

    # --- texts
    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The files of rules and vocabularies, of all layers; none where one lies on what is not there."""
        return {name: content for name, (content, _) in self._files.items()}

    @cached_property
    def _files(self) -> Mapping[str, tuple[bytes, TextKind]]:
        try:
            layers = self.state.texts.layers()
        except InvalidInput:
            return {}
        return {
            name: (content, "vocabulary" if kind == "vocabulary" else "rules")
            for name, content, kind in files_in(layers)
        }

    def kind(self, name: str) -> TextKind | None:
        """Which kind of file it is; None for one that is not here."""
        if name in self.tests:
            return "tests"
        if name in self.situations:
            return "situation"
        return self._files[name][1] if name in self._files else None

    def text(self, name: str) -> str:
        """The text of a file; empty for one that is not here."""
        found = self.tests.get(name, self.situations.get(name))
        return self.files.get(name, b"").decode(errors="replace") if found is None else found

    def lines(self, name: str) -> list[str]:
        """The lines of a file, as places count them."""
        if name not in self._lines:
            text = self.text(name)
            starts = [*line_starts(text), len(text)]
            self._lines[name] = [text[a:b].rstrip(BREAKS) for a, b in pairwise(starts)]
        return self._lines[name]

    @property
    def own_files(self) -> frozenset[str]:
        """The files that an author may change: those of the folders, not of what they lie on."""
        folders = (f.origin + name for f in self.state.texts.folders for name in f.files)
        return frozenset((*folders, *self.tests, *self.situations))

    # --- names
    @cached_property
    def index(self) -> NameIndex:
        """Where each name stands, in tests and situations too."""
        places: list[NamePlace] = []
        for name, text in (*self.tests.items(), *self.situations.items()):
            document = document_of(text, name)
            if document is not None:
                places += index_document(document)
        return self.state.index.with_places(places)

    # --- tests
    @property
    def mistaken(self) -> bool:
        """Whether there are mistakes in rules or tests, so that no test can be run."""
        try:
            _ = self.scenarios
        except InvalidInput:
            return True
        return False

    @property
    def loaded(self) -> LoadedPack:
        """The rules; raises `InvalidInput` while they have mistakes."""
        if self.state.problems or self.state.ready is None:
            raise InvalidInput(self.state.problems)
        return self.state.ready.loaded

    def refuse_unknown_rule(self, rule: str) -> None:
        """Raises `InvalidInput` for a rule that is not there, and while there are mistakes."""
        known = self.loaded.pack.rules
        if rule not in known:
            raise InvalidInput(
                [Diagnostic("FC302", f"there is no rule `{rule}`", hint=did_you_mean(rule, known))]
            )

    @property
    def documents(self) -> tuple[Document, ...]:
        """The files of tests; raises `InvalidInput` with every mistake of rules and tests."""
        return tuple(document for document, _ in self._suite)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The tests, as `test` reads them; raises `InvalidInput` with every mistake of rules and tests."""
        return tuple(scenario for _, scenarios in self._suite for scenario in scenarios)

    @cached_property
    def _suite(self) -> tuple[_ReadTests, ...]:
        _ = self.loaded
        found: list[_ReadTests] = []
        problems: list[Diagnostic] = []
        for name in sorted(self.tests):
            try:
                found.append(self._read(name))
            except InvalidInput as error:
                problems += error.diagnostics
        if problems:
            raise InvalidInput(problems)
        return tuple(found)

    def scenarios_in(self, name: str) -> tuple[Scenario, ...]:
        """The tests of one file, whatever is wrong with others; raises `InvalidInput`."""
        return self._read(name).scenarios

    def _read(self, name: str) -> _ReadTests:
        if name not in self._read_files:
            document = read_document(self.tests[name], name)
            self._read_files[name] = _ReadTests(document, read_scenarios(document, self.loaded))
        return self._read_files[name]

    def ran(self, scenario: Scenario) -> Grounded:
        """What comes of one of the tests."""
        key = key_of(scenario)
        if key not in self._ran:
            self._ran[key] = grounded(self.loaded, scenario)
        return self._ran[key]

    def result(self, scenario: Scenario) -> Result:
        """Whether it passes, and all that it misses."""
        return result_of(scenario, self.ran(scenario).outcomes, self.loaded.pack)

    def all_ran(self, give_up: GiveUp = go_on) -> tuple[Grounded, ...]:
        """What comes of each of the tests."""
        found = []
        for scenario in self.scenarios:
            give_up()
            found.append(self.ran(scenario))
        return tuple(found)

    def exercised(self, give_up: GiveUp = go_on) -> Mapping[str, tuple[Scenario, ...]]:
        """The tests that exercise each rule, of the rules that some test exercises."""
        found: dict[str, tuple[Scenario, ...]] = {}
        for scenario, ran in zip(self.scenarios, self.all_ran(give_up), strict=True):
            for rule in rules_of(ran):
                found[rule] = (*found.get(rule, ()), scenario)
        return found

    def near(self, rules: Iterable[str]) -> tuple[Scenario, ...]:
        """The tests, first those that are said or were seen to exercise one of these rules."""
        wanted = frozenset(rules)
        return tuple(sorted(self.scenarios, key=lambda scenario: not self._touches(scenario, wanted)))

    def _touches(self, scenario: Scenario, rules: frozenset[str]) -> bool:
        key = key_of(scenario)
        ran = self._ran.get(key)
        seen = rules_of(ran) if ran else self._before.get(key, frozenset())
        return not (rules.isdisjoint(seen) and rules.isdisjoint(scenario.rules))


def rules_of(ran: Grounded) -> frozenset[str]:
    """The rules that a test exercises."""
    return exercised_rules(ran.outcomes)


def key_of(scenario: Scenario) -> TestKey:
    """What a test is known by."""
    return scenario.file, scenario.id


def document_of(text: str, name: str) -> Document | None:
    """What a text holds; None where it cannot be read."""
    try:
        return read_document(text, name)
    except InvalidInput:
        return None
