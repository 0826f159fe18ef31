"""Support: the events that a derivation rests on, followed down through everything that was concluded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


class EventColumns(NamedTuple):
    """Where rows of an event relation hold the scope (None: nowhere) and the moment."""

    scope: int | None
    at: int

    def key(self, row: Row) -> EventKey:
        """The event that `row` was unfolded from."""
        return (None if self.scope is None else row[self.scope]), row[self.at]  # type: ignore[return-value]


class ClauseSupport(NamedTuple):
    """Which rows of a clause's derivations are events, and which were derived themselves; by position.

    Records are neither: they have no date and explain nothing.
    """

    events: tuple[tuple[int, EventColumns], ...]
    derived: tuple[tuple[int, str], ...]
    grouped_events: tuple[tuple[int, EventColumns], ...]
    grouped_derived: tuple[tuple[int, str], ...]

    def event_keys(self, derivation: Derivation) -> Iterator[EventKey]:
        """The events that the derivation uses itself."""
        for place, columns in self.events:
            yield columns.key(derivation.body[place])
        for place, columns in self.grouped_events:
            for row in derivation.grouped[place]:
                yield columns.key(row)

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

    def _of_events(self, relations: Sequence[str]) -> tuple[tuple[int, EventColumns], ...]:
        """The relations of events; `k.f` holds the members of a list field of the event `k`."""
        return tuple(
            (place, _columns(self._vocabulary.relations[name], self._vocabulary.shape.scope))
            for place, name in enumerate(relations)
            if name.partition(".")[0] in self._events
        )

    def _derived(self, relations: Sequence[str]) -> tuple[tuple[int, str], ...]:
        known = self._vocabulary.relations
        return tuple((place, name) for place, name in enumerate(relations) if known[name].derived)


class Grounds(NamedTuple):
    """All events that some derivations rest on, and the nearest: those that they use themselves, if any."""

    nearest: set[EventKey]
    all: set[EventKey]


class Support:
    """The derivations of one evaluation by the row that they derive, and the events beneath each."""

    def __init__(self, clauses: ClauseSupports, derivations: Mapping[str, RowDerivations]) -> None:
        self._clauses = clauses
        self._derivations = derivations
        self._known: dict[Node, frozenset[EventKey]] = {}

    def of(self, derivations: Iterable[Derivation]) -> Grounds:
        """The events beneath `derivations`."""
        used: set[EventKey] = set()
        beneath: set[EventKey] = set()
        for derivation in derivations:
            clause = self._clauses[derivation.clause]
            used.update(clause.event_keys(derivation))
            for premise in clause.premises(derivation):
                beneath |= self._beneath(premise)
        return Grounds(used or beneath, used | beneath)

    def _beneath(self, root: Node) -> frozenset[EventKey]:
        """The events beneath a derived row: a walk that visits each row once, so that cycles end."""
        known = self._known.get(root)
        if known is not None:
            return known
        keys: set[EventKey] = set()
        seen, pending = {root}, [root]
        while pending:
            relation, row = pending.pop()
            for derivation in self._derivations[relation][row]:
                clause = self._clauses[derivation.clause]
                keys.update(clause.event_keys(derivation))
                for premise in clause.premises(derivation):
                    if premise in self._known:
                        keys |= self._known[premise]
                    elif premise not in seen:
                        seen.add(premise)
                        pending.append(premise)
        self._known[root] = frozenset(keys)
        return self._known[root]


def by_row(
    clauses: Sequence[ClauseInfo], derivations: Iterable[Derivation]
) -> dict[str, dict[Row, list[Derivation]]]:
    """The derivations by relation and row."""
    index: dict[str, dict[Row, list[Derivation]]] = {}
    for derivation in derivations:
        rows = index.setdefault(clauses[derivation.clause].head, {})
        rows.setdefault(derivation.row, []).append(derivation)
    return index


def _columns(relation: Relation, scope: str | None) -> EventColumns:
    names = [column.name for column in relation.columns]
    return EventColumns(names.index(scope) if scope in names else None, names.index("at"))
