"""Support: the events that a derivation rests on, followed down through everything that was concluded."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from followcue.match.protocol import Derivation
from followcue.model.pack import ClauseInfo
from followcue.model.vocabulary import Vocabulary
from followcue.rows import Relation, Row

EventKey: TypeAlias = tuple[str | None, int]
"""How a situation finds an event: its scope and its moment."""

Node: TypeAlias = tuple[str, Row]
"""A derived row and its relation."""

RowDerivations: TypeAlias = Mapping[Row, Sequence[Derivation]]
"""All derivations of each row of one relation."""


KeyOf: TypeAlias = Callable[[Row], EventKey]
"""The event that a row of some relation was unfolded from."""


class ClauseSupport(NamedTuple):
    """Which rows of a clause's derivations are events, and which were derived themselves; by position.

    Records are neither: they have no date and explain nothing.
    """

    events: tuple[tuple[int, KeyOf], ...]
    derived: tuple[tuple[int, str], ...]
    grouped_events: tuple[tuple[int, KeyOf], ...]
    grouped_derived: tuple[tuple[int, str], ...]

    def event_keys(self, derivation: Derivation) -> Iterator[EventKey]:
        """The events that the derivation uses itself."""
        for place, key in self.events:
            yield key(derivation.body[place])
        for place, key in self.grouped_events:
            for row in derivation.grouped[place]:
                yield key(row)

    def premises(self, derivation: Derivation) -> Iterator[Node]:
        """The derived rows that the derivation uses."""
        for place, relation in self.derived:
            yield relation, derivation.body[place]
        for place, relation in self.grouped_derived:
            for row in derivation.grouped[place]:
                yield relation, row


class ClauseSupports(dict[int, ClauseSupport]):
    """How to read the support of a clause's derivations, found out at its first: few clauses ever fire."""

    def __init__(self, clauses: Sequence[ClauseInfo], vocabulary: Vocabulary) -> None:
        self._clauses = clauses
        self._vocabulary = vocabulary
        self._events = {name for name, kind in vocabulary.kinds.items() if kind.role == "event"}

    def __missing__(self, number: int) -> ClauseSupport:
        clause = self._clauses[number]
        body, grouped = clause.body, clause.grouped
        support = self[number] = ClauseSupport(
            self._of_events(body), self._derived(body), self._of_events(grouped), self._derived(grouped)
        )
        return support

    def _of_events(self, relations: Sequence[str]) -> tuple[tuple[int, KeyOf], ...]:
        """The relations of events; `k.f` holds the members of a list field of the event `k`."""
        return tuple(
            (place, _key_of(self._vocabulary.relations[name], self._vocabulary.shape.scope))
            for place, name in enumerate(relations)
            if name.partition(".")[0] in self._events
        )

    def _derived(self, relations: Sequence[str]) -> tuple[tuple[int, str], ...]:
        known = self._vocabulary.relations
        return tuple((place, name) for place, name in enumerate(relations) if known[name].derived)


class Grounds(NamedTuple):
    """All events that some derivations rest on, and the nearest: those that they use themselves, if any.

    Each is a mask of `Support.keys`: a set that is small to keep and quick to unite.
    """

    nearest: int
    all: int


class Support:
    """The derivations of one evaluation by the row that they derive, and the events beneath each."""

    def __init__(self, clauses: ClauseSupports, derivations: Mapping[str, RowDerivations]) -> None:
        self._clauses = clauses
        self._derivations = derivations
        self._known: dict[Node, int] = {}
        self._begun: set[Node] = set()
        self._bits: dict[EventKey, int] = {}

    def of(self, derivations: Iterable[Derivation]) -> Grounds:
        """The events beneath `derivations`."""
        used = beneath = 0
        for derivation in derivations:
            clause = self._clauses[derivation.clause]
            used |= self._own(clause, derivation)
            for premise in clause.premises(derivation):
                beneath |= self._beneath(premise)
        return Grounds(used or beneath, used | beneath)

    def keys(self, mask: int) -> list[EventKey]:
        """The events of a mask, in no order that means anything."""
        return [key for key, bit in self._bits.items() if mask & bit]

    def _own(self, clause: ClauseSupport, derivation: Derivation) -> int:
        """The events that the derivation uses itself."""
        bits = self._bits
        mask = 0
        for key in clause.event_keys(derivation):
            bit = bits.get(key)
            if bit is None:
                bit = bits[key] = 1 << len(bits)
            mask |= bit
        return mask

    def _beneath(self, node: Node) -> int:
        """The events beneath a derived row."""
        mask = self._known.get(node)
        if mask is None:
            try:
                mask = self._follow(node)
            except _CannotFollowError:
                self._begun.clear()
                mask = self._known[node] = self._walk(node)
        return mask

    def _follow(self, node: Node) -> int:
        """What is beneath is known of every row on the way, but rows that rest on each other have no end."""
        begun = self._begun
        if node in begun or len(begun) > _DEEPEST:
            raise _CannotFollowError
        begun.add(node)
        relation, row = node
        mask = 0
        for derivation in self._derivations[relation][row]:
            clause = self._clauses[derivation.clause]
            mask |= self._own(clause, derivation)
            for premise in clause.premises(derivation):
                found = self._known.get(premise)
                mask |= self._follow(premise) if found is None else found
        begun.discard(node)
        self._known[node] = mask
        return mask

    def _walk(self, root: Node) -> int:
        """The same by a walk that visits each row once, so that circles end and depth does not matter."""
        mask = 0
        seen, pending = {root}, [root]
        while pending:
            relation, row = pending.pop()
            for derivation in self._derivations[relation][row]:
                clause = self._clauses[derivation.clause]
                mask |= self._own(clause, derivation)
                for premise in clause.premises(derivation):
                    if premise in self._known:
                        mask |= self._known[premise]
                    elif premise not in seen:
                        seen.add(premise)
                        pending.append(premise)
        return mask


class _CannotFollowError(Exception):
    """A row rests on itself, or on too many others one above the other."""


_DEEPEST = 200
"""How many rows resting on each other are followed by calls within calls."""


def by_row(
    clauses: Sequence[ClauseInfo], derivations: Iterable[Derivation]
) -> dict[str, dict[Row, list[Derivation]]]:
    """The derivations by relation and row."""
    index: dict[str, dict[Row, list[Derivation]]] = {}
    for derivation in derivations:
        rows = index.setdefault(clauses[derivation.clause].head, {})
        rows.setdefault(derivation.row, []).append(derivation)
    return index


def _key_of(relation: Relation, scope: str | None) -> KeyOf:
    names = [column.name for column in relation.columns]
    at = names.index("at")
    if scope in names:
        return itemgetter(names.index(scope), at)
    return lambda row: (None, row[at])  # type: ignore[return-value]  # moments are numbers
