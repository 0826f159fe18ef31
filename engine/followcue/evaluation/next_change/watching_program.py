"""Clockwork: the rules of a pack made ready to say also until when their answers hold."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, NamedTuple

from followcue.base.cache import read_entry, write_entry
from followcue.base.rows import Row
from followcue.evaluation.match.compiled import CompiledMatcher, compile_program
from followcue.evaluation.match.protocol import Derivation, Environment, Facts, PreparedMatcher
from followcue.evaluation.next_change.next_flip import next_flip
from followcue.evaluation.next_change.watch_clauses import Watch, watched
from followcue.evaluation.packed import code_bytes, uncode_bytes

if TYPE_CHECKING:
    from types import CodeType

    from followcue.evaluation.pipeline import LoadedPack


class Clockwork(NamedTuple):
    """A program with its watches, ready to run; see `watch.Watched` for `first`, `watches` and `daily`."""

    matcher: PreparedMatcher
    first: int
    watches: tuple[Watch, ...]
    daily: frozenset[int]


class Derived(NamedTuple):
    """What a program derives on a day, and on every other day before the day `until` from the same facts."""

    derivations: list[Derivation]
    until: int


class Lookout:
    """Runs a clockwork on one day after another, up to a last day; remembers what it found of later days."""

    def __init__(self, clockwork: Clockwork, last: int) -> None:
        self._clockwork = clockwork
        self._last = last
        self._flips: dict[tuple[int, Row], int] = {}

    def derive(self, facts: Facts, environment: Environment) -> Derived:
        """What the facts lead to today, and until when they will; the last day's morrow if they always do."""
        matcher, first, _, daily = self._clockwork
        own: list[Derivation] = []
        until = self._last + 1
        for derivation in matcher.run(facts, environment):
            if derivation.clause < first:
                own.append(derivation)
                if derivation.clause in daily:
                    until = min(until, environment.today + 1)
            else:
                until = min(until, self._flip(derivation.clause - first, derivation.row, environment))
        return Derived(own, until)

    def _flip(self, number: int, row: Row, environment: Environment) -> int:
        """The next day on which the tests of a watch turn; what is known of it stays true until then."""
        known = self._flips.get((number, row))
        if known is None or known <= environment.today:
            names, tests = self._clockwork.watches[number]
            bindings = dict(zip(names, row[1:], strict=True))
            found = next_flip(tests, bindings, environment, self._last)
            known = self._flips[number, row] = self._last + 1 if found is None else found
        return known


def clockwork_of(loaded: LoadedPack, *, calendar: bool) -> Clockwork:
    """The clockwork of a pack, for a calendar that is asked or not; from the cache, if the pack has one."""
    key = loaded.cache_key
    place = None if key is None else key + (b"plan calendar" if calendar else b"plan")
    kept = read_entry(place) if place else None
    found = _unpacked(kept) if kept else None
    if found is None:
        made = watched(loaded.program)
        code = compile_program(made.program, calendar=calendar)
        found = _Kept(code, made.first, made.watches, made.daily)
        if place:
            write_entry(place, _packed(found))
    matcher = CompiledMatcher.from_code(lambda _: found.code)
    return Clockwork(matcher, found.first, found.watches, found.daily)


class _Kept(NamedTuple):
    """What is kept of a clockwork: the code, and how to read what it derives."""

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
