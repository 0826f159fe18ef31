"""The whole way: folders of rules to a loaded pack, and a situation to a report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from followcue import clock
from followcue.advice.advise import Advisor
from followcue.advice.report import Report
from followcue.cache import read_entry, write_entry
from followcue.calendar import calendar_of
from followcue.folders import RuleFolder, read_folder, shipped_folder
from followcue.match.compiled import CompiledMatcher, compile_program
from followcue.match.protocol import Environment, PreparedMatcher
from followcue.matchers import COMPILED, prepare
from followcue.model.pack import Pack
from followcue.packed import ReadyPack, key_of, pack_bytes, unpack_bytes
from followcue.situation.read import SituationReader, Today

if TYPE_CHECKING:
    from followcue.logic.compile_pack import CompiledPack
    from followcue.source.document import Document


class LoadedPack:
    """Rules made ready for any number of situations; safe to use from several threads at once."""

    def __init__(self, ready: ReadyPack, shipped: RuleFolder, folders: Sequence[RuleFolder]) -> None:
        self.pack: Pack = ready.pack
        self.reader = SituationReader(ready.pack.vocabulary)
        self.advisor = Advisor(ready.pack)
        self._sources = shipped, folders
        self._matchers: dict[str, PreparedMatcher] = {COMPILED: CompiledMatcher.from_code(ready.code)}

    def matcher(self, name: str = COMPILED) -> PreparedMatcher:
        """The matcher of that name; raises `MatcherUnavailable` where it cannot run."""
        if name not in self._matchers:
            self._matchers[name] = prepare(name, _compile(*self._sources).program)
        return self._matchers[name]


def load_pack(*folders: str | os.PathLike[str], cache: bool = True) -> LoadedPack:
    """The pack in `folders`, later ones laid over earlier ones; without any, the shipped pack.

    Unless the first folder is a pack of its own, they are laid over the shipped one. `cache` keeps the result
    for the next start. Raises `InvalidInput` with every mistake.
    """
    shipped, layers = shipped_folder(), [read_folder(folder) for folder in folders]
    key = key_of([shipped, *layers])
    ready = _kept(key) if cache else None
    if ready is None:
        ready = _make(shipped, layers)
        if cache:
            write_entry(key, pack_bytes(ready))
    return LoadedPack(ready, shipped, layers)


def evaluate(
    loaded: LoadedPack,
    document: Document,
    *,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    missed: bool = False,
    today: Today = clock.today,
) -> Report:
    """The report on one situation; see `followcue.evaluate` for the arguments."""
    situation = loaded.reader.read(document, as_of=as_of, profile=profile, parameters=parameters, today=today)
    calendar = calendar_of(situation.parameters)
    environment = Environment(
        situation.as_of, situation.parameters, shift=calendar.shift if calendar else None
    )
    derivations = loaded.matcher(matcher).run(situation.facts, environment)
    return loaded.advisor.advise(
        situation, derivations, missed=missed, working_day=calendar.on_or_after if calendar else None
    )


def _kept(key: str) -> ReadyPack | None:
    payload = read_entry(key)
    return None if payload is None else unpack_bytes(payload)


def _make(shipped: RuleFolder, folders: Sequence[RuleFolder]) -> ReadyPack:
    compiled = _compile(shipped, folders)
    return ReadyPack(
        compiled.pack,
        plain=compile_program(compiled.program, calendar=False),
        calendar=compile_program(compiled.program, calendar=True),
    )


def _compile(shipped: RuleFolder, folders: Sequence[RuleFolder]) -> CompiledPack:
    # Imported here: with a warm cache nothing of this is needed, and it takes longer than all the rest.
    from followcue.logic.compile_pack import compile_pack
    from followcue.stacking import layers_of

    return compile_pack(layers_of(shipped, folders))
