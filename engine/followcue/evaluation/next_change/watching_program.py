"""The watching program of a pack: its clauses with their watches, and until when what they derive holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from followcue.base.cache import read_entry, write_entry
from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Row, Value
from followcue.evaluation.advice.window import NEVER
from followcue.evaluation.match.compiled import CompiledMatcher, compile_program
from followcue.evaluation.match.protocol import Derivation, Environment, Facts, PreparedMatcher
from followcue.evaluation.packed import code_bytes, dumps, loads, uncode_bytes

if TYPE_CHECKING:
    from types import CodeType

    from followcue.evaluation.next_change.watch_clauses import Watch, WatchedProgram
    from followcue.language.logic.program import Program

Edge: TypeAlias = Callable[[Row, Mapping[str, Value], int], int]
"""Gives the first later day on which the tests of a watch flip, by a row, the parameters and today."""

HORIZON = 36_525
"""How many days ahead a flip is looked for where it has no closed form: a hundred years."""


class WatchingProgram(NamedTuple):
    """A program with its watches, ready to run; see `WatchedProgram` for `first` and `daily`.

    `edges` are those of the watches in turn, and `moved` says which of them a calendar moves. The `watches`
    themselves are fetched where an edge cannot be used.
    """

    matcher: PreparedMatcher
    first: int
    edges: tuple[Edge | None, ...]
    moved: frozenset[int]
    daily: frozenset[int]
    watches: Callable[[], tuple[Watch, ...]]

    @classmethod
    def of(cls, made: WatchedProgram, matcher: PreparedMatcher) -> WatchingProgram:
        """What `matcher` makes of a watched program."""
        edges, moved = _edges(made.watches)
        return cls(matcher, made.first, _functions(edges), moved, made.daily, lambda: made.watches)


class DerivedUntil(NamedTuple):
    """What a program derives on a day, and on every other day before the day `until` from the same facts."""

    derivations: Sequence[Derivation]
    until: int


class ProgramWatcher:
    """Runs a watching program day after day; remembers the flips that it had to look for.

    Flips that have no closed form are looked for up to the day `last`.
    """

    def __init__(self, program: WatchingProgram, last: int) -> None:
        self._program = program
        self._last = last
        self._next_flips: dict[tuple[int, Row], int] = {}

    def derive(self, facts: Facts, environment: Environment) -> DerivedUntil:
        """What the facts derive today, and until when; `NEVER` if for good, as far as is looked."""
        matcher, first, edges, moved, daily, _ = self._program
        today, parameters = environment.today, environment.parameters
        if environment.shift is None:
            moved = frozenset()
        found = matcher.run(facts, environment)
        until = NEVER
        # By place, as every derivation comes by here.
        for clause, row, *_ in [one for one in found if one[0] >= first]:
            edge = edges[clause - first]
            if edge is None or clause - first in moved:
                day = self._next_flip(clause - first, row, environment)
            else:
                day = edge(row, parameters, today)
            if day < until:
                until = day
        own = [one for one in found if one[0] < first]
        if until > today + 1 and not daily.isdisjoint([one[0] for one in own]):
            until = today + 1
        return DerivedUntil(own, until)

    def _next_flip(self, number: int, row: Row, environment: Environment) -> int:
        """The next day on which the tests of a watch flip; once known, it stays true until then."""
        known = self._next_flips.get((number, row))
        if known is None or known <= environment.today:
            # Imported here: most situations have nothing to look for.
            from followcue.evaluation.next_change.next_flip import next_flip

            names, tests = self._program.watches()[number]
            bindings = dict(zip(names, row[1:], strict=True))
            found = next_flip(tests, bindings, environment, self._last)
            known = self._next_flips[number, row] = NEVER if found is None else found
        return known


def watching_program_of(
    program: Callable[[], Program], key: bytes | None, *, calendar: bool
) -> WatchingProgram:
    """The watching program of a pack, for a calendar that is asked or not; from the cache, if it is there.

    `key` is what the cache keeps the pack under, None where it keeps nothing; `program` is asked only then.
    """
    place = None if key is None else key + (b"watched calendar" if calendar else b"watched")
    kept = read_entry(place) if place else None
    found = _unpacked(kept) if kept else None
    if found is None:
        # Imported here, as it is not needed once the result is kept.
        from followcue.evaluation.next_change.watch_clauses import watched_program

        made = watched_program(program())
        code = compile_program(made.program, calendar=calendar)
        found = _Kept(code, made.first, *_edges(made.watches), made.daily, dumps(made.watches))
        if place:
            write_entry(place, _packed(found))
    matcher = CompiledMatcher.from_code(lambda _: found.code)
    watches = partial(loads, found.watches)
    return WatchingProgram(matcher, found.first, _functions(found.edges), found.moved, found.daily, watches)


def _functions(code: CodeType) -> tuple[Edge | None, ...]:
    """The functions that `compile_edges` made the code of."""
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    edges: tuple[Edge | None, ...] = namespace["EDGES"]
    return edges


def _edges(watches: tuple[Watch, ...]) -> tuple[CodeType, frozenset[int]]:
    """The code of the edges, and the numbers of those that a calendar moves."""
    # Imported here, as it is not needed once the result is kept.
    from followcue.evaluation.next_change.day_interval import compile_edges, interval_of

    intervals = [interval_of(watch.tests, watch.names) for watch in watches]
    return compile_edges(intervals), frozenset(
        number for number, interval in enumerate(intervals) if interval and interval[2]
    )


class _Kept(NamedTuple):
    """What is kept of a watching program: the code, and how to read what it derives, `watches` pickled."""

    code: CodeType
    first: int
    edges: CodeType
    moved: frozenset[int]
    daily: frozenset[int]
    watches: bytes


def _packed(kept: _Kept) -> bytes:
    code, first, edges, *others = kept
    return dumps((code_bytes(code), first, code_bytes(edges), *others))


def _unpacked(payload: bytes) -> _Kept | None:
    """What `_packed` wrote; None if it cannot be read. Only for bytes that the user's own cache kept."""
    try:
        kept_code, first, kept_edges, moved, daily, watches = loads(payload)
    except Exception:  # as for packs: then it is made anew
        return None
    code, edges = uncode_bytes(kept_code), uncode_bytes(kept_edges)
    if code is None or edges is None:
        return None
    return _Kept(code, first, edges, moved, daily, watches)
