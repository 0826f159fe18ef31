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


def clause_supports(clauses: Sequence[ClauseInfo], vocabulary: Vocabulary) -> tuple[ClauseSupport, ...]:
    """How to read the support of each clause's derivations, worked out once a pack."""
    columns = _event_columns(vocabulary)
    derived = {name for name, relation in vocabulary.relations.items() if relation.derived}

    def events(relations: Sequence[str]) -> tuple[tuple[int, EventColumns], ...]:
        return tuple((place, columns[name]) for place, name in enumerate(relations) if name in columns)

    def premises(relations: Sequence[str]) -> tuple[tuple[int, str], ...]:
        return tuple((place, name) for place, name in enumerate(relations) if name in derived)

    return tuple(
        ClauseSupport(events(c.body), premises(c.body), events(c.grouped), premises(c.grouped))
        for c in clauses
    )


class Grounds(NamedTuple):
    """All events that some derivations rest on, and the nearest: those that they use themselves, if any."""

    nearest: set[EventKey]
    all: set[EventKey]


class Support:
    """The derivations of one evaluation by the row that they derive, and the events beneath each."""

    def __init__(self, clauses: Sequence[ClauseSupport], derivations: Mapping[str, RowDerivations]) -> None:
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


def _event_columns(vocabulary: Vocabulary) -> dict[str, EventColumns]:
    """The columns of every relation of events; `k.f` holds the members of a list field of the event `k`."""
    events = {name for name, kind in vocabulary.kinds.items() if kind.role == "event"}
    return {
        name: _columns(relation, vocabulary.shape.scope)
        for name, relation in vocabulary.relations.items()
        if name.partition(".")[0] in events
    }


def _columns(relation: Relation, scope: str | None) -> EventColumns:
    names = [column.name for column in relation.columns]
    return EventColumns(names.index(scope) if scope in names else None, names.index("at"))
