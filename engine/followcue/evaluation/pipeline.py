"""The whole way: folders of rules to a loaded pack, and a situation to a report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from types import CodeType
from typing import TYPE_CHECKING, Final

from followcue.base import clock
from followcue.base.cache import read_entry, write_entry
from followcue.base.limits import USUAL, LimitExceeded, Limits
from followcue.base.named_tuple import NamedTuple
from followcue.base.working_days import calendar_of, working_day_of
from followcue.evaluation.advice.advise import Advisor
from followcue.evaluation.advice.report import Report
from followcue.evaluation.match.compiled import CompiledMatcher, compile_program
from followcue.evaluation.match.protocol import Derivation, Environment, Posed, PreparedMatcher
from followcue.evaluation.match.registry import COMPILED, prepare
from followcue.evaluation.next_change.watching_program import (
    HORIZON,
    DerivedUntil,
    ProgramWatcher,
    WatchingProgram,
    watching_program_of,
)
from followcue.evaluation.packed import (
    code_bytes,
    dumps,
    key_of,
    key_of_code,
    key_of_program,
    loads,
    pack_bytes,
    uncode_bytes,
    unpack_bytes,
)
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.evaluation.situation.situation import Situation
from followcue.language.folders import RuleFolder, read_folder, shipped_folder, shipped_layers
from followcue.language.model.pack import Pack

if TYPE_CHECKING:
    from followcue.language.documents.document import Document
    from followcue.language.logic.compile_pack import CompiledPack
    from followcue.language.logic.program import Program
    from followcue.language.model.decision_table import Table
    from followcue.language.model.rules import Rule


class Options(NamedTuple):
    """What an evaluation is told besides the rules and the situation; see `followcue.evaluate`."""

    as_of: date | None = None
    profile: str | None = None
    parameters: Mapping[str, object] | None = None
    matcher: str = COMPILED
    missed: bool = False
    limits: Limits = USUAL
    today: clock.Clock = clock.today


USUALLY: Final = Options()


class LoadedPack:
    """Rules made ready for any number of situations; safe to use from several threads at once.

    It never changes, so a copy is the pack itself. Pickled, it is the text of its rules, which are made ready
    again where it is unpickled: from the cache, if they are there.
    """

    def __init__(self, source: _FolderSource | _CompiledSource) -> None:
        self.pack: Pack = source.pack()
        self.reader = SituationReader(self.pack.vocabulary)
        self.advisor = Advisor(self.pack)
        self._source = source
        self._matchers: dict[str, PreparedMatcher] = {COMPILED: CompiledMatcher.from_code(source.code)}
        self._watching: dict[bool, WatchingProgram] = {}

    def __reduce__(self) -> tuple[object, ...]:
        return LoadedPack, (self._source,)

    def __copy__(self) -> LoadedPack:
        return self

    def __deepcopy__(self, memo: object) -> LoadedPack:
        return self

    @classmethod
    def of(cls, compiled: CompiledPack) -> LoadedPack:
        """A pack that was compiled already, of which nothing is kept for the next start."""
        return cls(_CompiledSource(compiled))

    def make_ready(self) -> None:
        """Fetch all that is made of these rules when it is first needed, so that the cache has it."""
        _ = self._source.program
        for calendar in (False, True):
            self._source.code(calendar)
            self.watching(calendar)

    def read(self, document: Document, options: Options = USUALLY) -> Situation:
        """The situation in a document; raises `InvalidInput` with every mistake."""
        return self.reader.read(
            document,
            as_of=options.as_of,
            profile=options.profile,
            parameters=options.parameters,
            today=options.today,
            max_entries=options.limits.entries,
        )

    def matcher(self, name: str = COMPILED) -> PreparedMatcher:
        """The matcher of that name; raises `MatcherUnavailable` where it cannot run."""
        if name not in self._matchers:
            self._matchers[name] = prepare(name, self.program)
        return self._matchers[name]

    def watching(self, calendar: bool) -> WatchingProgram:
        """The program that also says until when its answers hold, for a calendar that is asked or not."""
        found = self._watching.get(calendar)
        if found is None:  # two threads may both do this at first; they come to the same
            found = self._watching[calendar] = watching_program_of(
                lambda: self.program, self.cache_key, calendar=calendar
            )
        return found

    @property
    def sources(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The folders and the names of shipped packs that `load_pack` was given; None where it was not."""
        return self._source.sources

    @property
    def cache_key(self) -> bytes | None:
        """What the cache keeps all that is made of these rules under; None where it keeps nothing."""
        return self._source.key

    @property
    def program(self) -> Program:
        """The clauses themselves, which only explanations look at; fetched when they are asked for."""
        return self._source.program

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force as their authors said them, with their places; made when they are asked for."""
        return self._source.compiled.rules

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables in force as their authors said them; their rows are among the rules."""
        return self._source.compiled.tables


def load_pack(*folders: str | os.PathLike[str], packs: Sequence[str] = (), cache: bool = True) -> LoadedPack:
    """The pack in `folders`, later ones laid over earlier ones; without any, the shipped pack.

    Unless the first folder is a pack of its own, they are laid over the shipped one. `packs` name others that
    come with followcue, such as `common-practice`; they lie between that pack and the other folders. `cache`
    keeps the result for the next start. Raises `InvalidInput` with every mistake, `UnknownPack` for a name.
    """
    return load_folders([read_folder(folder) for folder in folders], packs=packs, cache=cache)


def load_folders(
    folders: Sequence[RuleFolder], *, packs: Sequence[str] = (), cache: bool = True
) -> LoadedPack:
    """The pack in folders that were read already, see `load_pack`."""
    return LoadedPack(_FolderSource(shipped_folder(), shipped_layers(packs), folders, cache))


def key_of_pack(folders: Sequence[RuleFolder], *, packs: Sequence[str] = ()) -> bytes:
    """What the cache keeps the pack in these folders under, see `load_folders`."""
    return _key(shipped_folder(), shipped_layers(packs), folders)


def _key(shipped: RuleFolder, packs: Sequence[RuleFolder], folders: Sequence[RuleFolder]) -> bytes:
    # In this order the shipped folder shows where the packs end, which decides what lies on what.
    return key_of([*packs, shipped, *folders])


def evaluate(loaded: LoadedPack, document: Document, options: Options = USUALLY) -> Report:
    """The report on one situation. Time is kept by who calls: it also goes by where the document is read."""
    situation = loaded.read(document, options)
    return evaluate_with_change(loaded, situation, options).report


def environment_of(situation: Situation, limits: Limits = USUAL) -> Environment:
    """What the matching of a situation depends on besides its facts."""
    calendar = calendar_of(situation.parameters)
    shift = calendar.shift if calendar else None
    return Environment(situation.as_of, situation.parameters, shift, limits)


def with_rule(problem: LimitExceeded, pack: Pack) -> LimitExceeded:
    """The same with the rule to look at first, and its place."""
    if problem.clause is None:
        return problem
    rule = pack.rules[pack.clauses[problem.clause].rule]
    return LimitExceeded(f"{problem}, first at `{rule.id}` ({rule.origin})")


class Evaluation(NamedTuple):
    """A report, and every derivation that it was made of.

    The report says when it changes next only if it was asked to, see `evaluate_with_change`.
    """

    report: Report
    derivations: Sequence[Derivation]


def evaluate_facts(loaded: LoadedPack, situation: Situation, options: Options = USUALLY) -> Evaluation:
    """The report on a situation that has been read: facts matched, derivations turned into advice."""
    return evaluate_facts_by(loaded, situation, loaded.matcher(options.matcher), options)


def evaluate_with_change(loaded: LoadedPack, situation: Situation, options: Options = USUALLY) -> Evaluation:
    """The same, with a report that says when it changes next."""
    if options.matcher == COMPILED:
        derivations, until = _watched(loaded, situation, options)
        return _advised(loaded, situation, derivations, options, until)
    derivations = _derived(loaded, situation, loaded.matcher(options.matcher), options)
    return _advised_until(loaded, situation, derivations, options)


def _advised_until(
    loaded: LoadedPack, situation: Situation, derivations: Sequence[Derivation], options: Options
) -> Evaluation:
    """What comes of derivations of another matcher; how long they hold is found by the default one."""
    return _advised(loaded, situation, derivations, options, _watched(loaded, situation, options).until)


def evaluate_facts_by(
    loaded: LoadedPack, situation: Situation, matcher: PreparedMatcher, options: Options = USUALLY
) -> Evaluation:
    """The same by a matcher that is at hand, be it one that nobody knows by name."""
    return _advised(loaded, situation, _derived(loaded, situation, matcher, options), options)


def _derived(
    loaded: LoadedPack, situation: Situation, matcher: PreparedMatcher, options: Options
) -> Sequence[Derivation]:
    try:
        return matcher.run(situation.facts, environment_of(situation, options.limits))
    except LimitExceeded as problem:
        raise with_rule(problem, loaded.pack) from None


def _watched(loaded: LoadedPack, situation: Situation, options: Options) -> DerivedUntil:
    """What the rules derive, and until when; within the same limits as without watches.

    Where watches would go beyond a limit, nobody looks when something changes: it may be tomorrow.
    """
    environment = environment_of(situation, options.limits)
    watching = loaded.watching(environment.shift is not None)
    try:
        found = ProgramWatcher(watching, situation.as_of + HORIZON).derive(situation.facts, environment)
    except LimitExceeded:
        derivations = _derived(loaded, situation, loaded.matcher(), options)
        return DerivedUntil(derivations, situation.as_of + 1)
    ahead = situation.ahead
    return found if ahead is None or ahead > found.until else found._replace(until=ahead)


def evaluate_facts_of_many(
    loaded: LoadedPack, situations: Sequence[Situation], options: Options = USUALLY
) -> Iterator[Evaluation | LimitExceeded]:
    """What came of each situation in turn: an evaluation, or the limit that it would not keep."""
    if options.matcher == COMPILED:
        for situation in situations:
            yield _within(partial(evaluate_with_change, loaded, situation, options))
        return
    matcher = loaded.matcher(options.matcher)
    posed = [Posed(situation.facts, environment_of(situation, options.limits)) for situation in situations]
    for situation, derivations in zip(situations, _matched(matcher, posed), strict=True):
        if isinstance(derivations, LimitExceeded):
            yield with_rule(derivations, loaded.pack)
        else:
            yield _within(partial(_advised_until, loaded, situation, derivations, options))


def _within(work: Callable[[], Evaluation]) -> Evaluation | LimitExceeded:
    try:
        return work()
    except LimitExceeded as problem:
        return problem


def _matched(
    matcher: PreparedMatcher, posed: Sequence[Posed]
) -> Iterator[Sequence[Derivation] | LimitExceeded]:
    """The derivations of each, together where the matcher can; one beyond a limit is found by halving."""
    together = getattr(matcher, "run_many", None)
    if together is not None and len(posed) > 1:
        try:
            yield from together(posed)
        except LimitExceeded:
            half = len(posed) // 2
            yield from _matched(matcher, posed[:half])
            yield from _matched(matcher, posed[half:])
        return
    for each in posed:
        try:
            yield matcher.run(each.facts, each.environment)
        except LimitExceeded as problem:
            yield problem


def _advised(
    loaded: LoadedPack,
    situation: Situation,
    derivations: Sequence[Derivation],
    options: Options,
    until: int | None = None,
) -> Evaluation:
    working_day = working_day_of(situation.parameters)
    try:
        report = loaded.advisor.advise(
            situation,
            derivations,
            missed=options.missed,
            working_day=working_day,
            most=options.limits.report,
            until=until,
        )
    except LimitExceeded as problem:
        raise with_rule(problem, loaded.pack) from None
    return Evaluation(report, derivations)


class _FolderSource:
    """What is made of folders of rules, each part when it is asked for, or taken from the cache."""

    def __init__(
        self,
        shipped: RuleFolder,
        packs: Sequence[RuleFolder],
        folders: Sequence[RuleFolder],
        cache: bool,
    ) -> None:
        self._shipped = shipped
        self._packs = packs
        self._folders = folders
        self.sources = (tuple(folder.origin for folder in folders), tuple(pack.name for pack in packs))
        self.key = _key(shipped, packs, folders) if cache else None

    def __getstate__(self) -> dict[str, object]:
        """All but what can be made anew."""
        return {name: value for name, value in vars(self).items() if name not in ("compiled", "program")}

    @cached_property
    def compiled(self) -> CompiledPack:
        """The pack and its program, made anew."""
        # Imported here: with a warm cache nothing of this is needed, and it takes longer than all the rest.
        from followcue.language.logic.compile_pack import compile_pack
        from followcue.language.stacking import layers_of

        return compile_pack(layers_of(self._shipped, self._folders, self._packs))

    @cached_property
    def program(self) -> Program:
        """The clauses of the pack."""
        if self.key is None:
            return self.compiled.program
        key = key_of_program(self.key)
        kept = _program_in(read_entry(key))
        if kept is None:
            kept = self.compiled.program
            write_entry(key, dumps(kept))
        return kept

    def pack(self) -> Pack:
        """The pack itself."""
        if self.key is None:
            return self.compiled.pack
        payload = read_entry(self.key)
        pack = unpack_bytes(payload) if payload else None
        if pack is None:
            pack = self.compiled.pack
            write_entry(self.key, pack_bytes(pack))
        return pack

    def code(self, calendar: bool) -> CodeType:
        """The code of the default matcher: for a plain calendar, or for one that is asked."""
        if self.key is None:
            return compile_program(self.program, calendar=calendar)
        key = key_of_code(self.key, calendar)
        payload = read_entry(key)
        code = uncode_bytes(payload) if payload else None
        if code is None:
            code = compile_program(self.program, calendar=calendar)
            write_entry(key, code_bytes(code))
        return code


def _program_in(payload: bytes | None) -> Program | None:
    """A program that was kept; None if there is none that can be read."""
    from followcue.language.logic.program import Program  # late: only explanations need it

    try:
        found = loads(payload) if payload else None
    except Exception:  # a payload of another program may fail in any way; then it is made anew
        return None
    return found if isinstance(found, Program) else None


class _CompiledSource:
    """What is made of a pack that was compiled already."""

    key: bytes | None = None
    sources: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled = compiled

    @property
    def program(self) -> Program:
        """The clauses of the pack."""
        return self.compiled.program

    def pack(self) -> Pack:
        """The pack itself."""
        return self.compiled.pack

    def code(self, calendar: bool) -> CodeType:
        """The code of the default matcher: for a plain calendar, or for one that is asked."""
        return compile_program(self.compiled.program, calendar=calendar)
