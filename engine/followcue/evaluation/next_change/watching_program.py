"""The watching program of a pack: its clauses with their watches, and until when what they derive holds."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, NamedTuple

from followcue.base.cache import read_entry, write_entry
from followcue.base.rows import Row
from followcue.evaluation.match.compiled import CompiledMatcher, compile_program
from followcue.evaluation.match.protocol import Derivation, Environment, Facts, PreparedMatcher
from followcue.evaluation.next_change.next_flip import next_flip
from followcue.evaluation.next_change.watch_clauses import Watch, watched_program
from followcue.evaluation.packed import code_bytes, uncode_bytes

if TYPE_CHECKING:
    from types import CodeType

    from followcue.evaluation.pipeline import LoadedPack


class WatchingProgram(NamedTuple):
    """A program with its watches, ready to run; see `WatchedProgram` for `first`, `watches` and `daily`."""

    matcher: PreparedMatcher
    first: int
    watches: tuple[Watch, ...]
    daily: frozenset[int]


class DerivedUntil(NamedTuple):
    """What a program derives on a day, and on every other day before the day `until` from the same facts."""

    derivations: list[Derivation]
    until: int


class ProgramWatcher:
    """Runs a watching program day after day, up to a last day; remembers the flips that it has found."""

    def __init__(self, program: WatchingProgram, last: int) -> None:
        self._program = program
        self._last = last
        self._next_flips: dict[tuple[int, Row], int] = {}

    def derive(self, facts: Facts, environment: Environment) -> DerivedUntil:
        """What the facts derive today, and until when; the day after the last if nothing changes before."""
        matcher, first, _, daily = self._program
        own: list[Derivation] = []
        until = self._last + 1
        for derivation in matcher.run(facts, environment):
            if derivation.clause < first:
                own.append(derivation)
                if derivation.clause in daily:
                    until = min(until, environment.today + 1)
            else:
                until = min(until, self._next_flip(derivation.clause - first, derivation.row, environment))
        return DerivedUntil(own, until)

    def _next_flip(self, number: int, row: Row, environment: Environment) -> int:
        """The next day on which the tests of a watch flip; once known, it stays true until then."""
        known = self._next_flips.get((number, row))
        if known is None or known <= environment.today:
            names, tests = self._program.watches[number]
            bindings = dict(zip(names, row[1:], strict=True))
            found = next_flip(tests, bindings, environment, self._last)
            known = self._next_flips[number, row] = self._last + 1 if found is None else found
        return known


def watching_program_of(loaded: LoadedPack, *, calendar: bool) -> WatchingProgram:
    """The watching program of a pack, for a calendar that is asked or not; from the cache, if it is there."""
    key = loaded.cache_key
    place = None if key is None else key + (b"plan calendar" if calendar else b"plan")
    kept = read_entry(place) if place else None
    found = _unpacked(kept) if kept else None
    if found is None:
        made = watched_program(loaded.program)
        code = compile_program(made.program, calendar=calendar)
        found = _Kept(code, made.first, made.watches, made.daily)
        if place:
            write_entry(place, _packed(found))
    matcher = CompiledMatcher.from_code(lambda _: found.code)
    return WatchingProgram(matcher, found.first, found.watches, found.daily)


class _Kept(NamedTuple):
    """What is kept of a watching program: the code, and how to read what it derives."""

    code: CodeType
    first: int
    watches: tuple[Watch, ...]
    daily: frozenset[int]


def _packed(kept: _Kept) -> bytes:
    return pickle.dumps((code_bytes(kept.code), *kept[1:]), protocol=5)


def _unpacked(payload: bytes) -> _Kept | None:
    """What `_packed` wrote; None if it cannot be read. Only for bytes that the user's own cache kept."""
    try:
        code, first, watches, daily = pickle.loads(payload)
    except Exception:  # as for packs: then it is made anew
        return None
    found = uncode_bytes(code)
    return None if found is None else _Kept(found, first, watches, daily)
