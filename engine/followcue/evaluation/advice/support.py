"""Support (why-provenance): the events that a derivation rests on, followed down through all conclusions.

Idea: a set of events is an integer with a bit for each event, so that to unite two sets is one `|`; and what
is beneath a row is worked out once, however many rows rest on it.

    back(emma)         by  returned(emma, 20 Nov)                     beneath it: {returned}
    remind(emma, ann)  by  back(emma), lent(emma, 1 Nov, to ann)      used: {lent}, beneath: {returned}

`Support.of` gives for the second derivation the masks 0b01 and 0b11: `lent` came first and has bit 0,
`returned` bit 1. A reason to name first is one of the nearest events (0b01); only where a derivation uses
none itself are those beneath it the nearest.

Invariant: `_known` holds for a row, by the identity of the list of its derivations, either the whole set
beneath it or `_BEGUN`. Meeting `_BEGUN` again means that rows rest on each other (a recursive rule), and 200
calls within calls that a chain is too long: then `_CannotFollowError` leaves all of the recursion, unfinished
entries are thrown away, and the same question is answered by walks that visit each row once, as no part of a
circle is complete before all of it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Relation, Row
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import EventKey
from followcue.language.model.pack import ClauseInfo
from followcue.language.model.vocabulary import Vocabulary

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
        self._events = {name for name, kind in vocabulary.kinds.items() if kind.is_event}

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


def bits_of(mask: int) -> list[int]:
    """The bits of a mask, each a mask itself."""
    found = []
    while mask:
        bit = mask & -mask
        found.append(bit)
        mask ^= bit
    return found


Grounds: TypeAlias = tuple[int, int]
"""The nearest events that some derivations rest on, those that they use themselves, if any; and all of them.

Each is a mask, with a bit for each event: a set that is small to keep and quick to unite.
"""


class Support:
    """The derivations of one evaluation by the row that they derive, and the events beneath each."""

    def __init__(self, clauses: ClauseSupports, derivations: Mapping[str, Sequence[Derivation]]) -> None:
        """`derivations` are those of each relation."""
        self._clauses = clauses
        self._derivations = _Rows(derivations)
        # A row is known by the list of its derivations: to look up a row takes longer than all the rest.
        self._known: dict[int, int] = {}
        self._bits = _Bits()

    def of(self, ways: Sequence[Derivation]) -> Grounds:
        """The events beneath some derivations."""
        try:
            used, beneath = self._under(ways, 0)
        except _CannotFollowError:
            self._known = {ways: mask for ways, mask in self._known.items() if mask != _BEGUN}
            used, beneath = self._under_by_walks(ways)
        return used or beneath, used | beneath

    def key(self, bit: int) -> EventKey:
        """The event of a mask with one event."""
        return self._bits.keys_in_order[bit.bit_length() - 1]

    def _under(self, ways: Iterable[Derivation], depth: int) -> tuple[int, int]:
        """The events that derivations use themselves, and those beneath the derived rows that they use.

        Written as one loop: this is the innermost of an evaluation.
        """
        clauses, derivations, bits, known = self._clauses, self._derivations, self._bits, self._known
        used = beneath = 0
        for number, _, body, grouped in ways:
            events, derived, grouped_events, grouped_derived = clauses[number]
            for place, key in events:
                used |= bits[key(body[place])]
            for place, relation in derived:
                premise = derivations[relation][body[place]]
                found = known.get(id(premise), _BEGUN)
                beneath |= self._follow(premise, depth) if found == _BEGUN else found
            if not grouped:
                continue
            for place, key in grouped_events:
                for row in grouped[place]:
                    used |= bits[key(row)]
            for place, relation in grouped_derived:
                for row in grouped[place]:
                    premise = derivations[relation][row]
                    found = known.get(id(premise), _BEGUN)
                    beneath |= self._follow(premise, depth) if found == _BEGUN else found
        return used, beneath

    def _follow(self, ways: Sequence[Derivation], depth: int) -> int:
        """What is beneath is known of every row on the way, but rows that rest on each other have no end."""
        known = self._known
        if id(ways) in known or depth > _DEEPEST:
            raise _CannotFollowError
        known[id(ways)] = _BEGUN
        used, beneath = self._under(ways, depth + 1)
        mask = known[id(ways)] = used | beneath
        return mask

    def _under_by_walks(self, ways: Iterable[Derivation]) -> tuple[int, int]:
        """The same, with a walk beneath each derived row."""
        used = beneath = 0
        for derivation in ways:
            clause = self._clauses[derivation.clause]
            for key in clause.event_keys(derivation):
                used |= self._bits[key]
            for relation, row in clause.premises(derivation):
                beneath |= self._walk(self._derivations[relation][row])
        return used, beneath

    def _walk(self, root: Sequence[Derivation]) -> int:
        """A walk that visits each row once, so that circles end and depth does not matter."""
        if id(root) in self._known:
            return self._known[id(root)]
        mask = 0
        seen, pending = {id(root)}, [root]
        while pending:
            for derivation in pending.pop():
                clause = self._clauses[derivation.clause]
                for key in clause.event_keys(derivation):
                    mask |= self._bits[key]
                for relation, row in clause.premises(derivation):
                    premise = self._derivations[relation][row]
                    if id(premise) in self._known:
                        mask |= self._known[id(premise)]
                    elif id(premise) not in seen:
                        seen.add(id(premise))
                        pending.append(premise)
        self._known[id(root)] = mask
        return mask


class _Bits(dict[EventKey, int]):
    """A bit of its own for each event that is asked for."""

    __slots__ = ("keys_in_order",)

    def __init__(self) -> None:
        super().__init__()
        self.keys_in_order: list[EventKey] = []

    def __missing__(self, key: EventKey) -> int:
        bit = self[key] = 1 << len(self)
        self.keys_in_order.append(key)
        return bit


class _Rows(dict[str, RowDerivations]):
    """The derivations of each relation by row, put in order when they are first asked for: few are."""

    def __init__(self, derivations: Mapping[str, Sequence[Derivation]]) -> None:
        super().__init__()
        self._derivations = derivations

    def __missing__(self, relation: str) -> RowDerivations:
        rows = self[relation] = rows_of(self._derivations[relation])
        return rows


class _CannotFollowError(Exception):
    """A row rests on itself, or on too many others one above the other."""


_BEGUN = -1
"""Stands for what is beneath a row as long as it is being followed."""

_DEEPEST = 200
"""How many rows resting on each other are followed by calls within calls."""


def by_relation(
    heads: Sequence[str], derivations: Iterable[Derivation]
) -> Mapping[str, Sequence[Derivation]]:
    """The derivations by the relation of the row that they derive; `heads` has that of each clause."""
    relations: defaultdict[str, list[Derivation]] = defaultdict(list)
    for derivation in derivations:
        relations[heads[derivation[0]]].append(derivation)  # by place: every derivation comes by here
    return relations


def rows_of(derivations: Sequence[Derivation]) -> RowDerivations:
    """The derivations of one relation by row."""
    if len(derivations) == 1:
        return {derivations[0].row: derivations}
    rows: dict[Row, list[Derivation]] = {}
    for derivation in derivations:
        rows.setdefault(derivation[1], []).append(derivation)
    return rows


def by_row(clauses: Sequence[ClauseInfo], derivations: Iterable[Derivation]) -> dict[str, RowDerivations]:
    """The derivations by relation, and there by row."""
    relations = by_relation([clause.head for clause in clauses], derivations)
    return {relation: rows_of(found) for relation, found in relations.items()}


def _key_of(relation: Relation, scope: str | None) -> KeyOf:
    at = relation.column("at")
    if scope and relation.columns[0].name == scope:
        return itemgetter(0, at)
    return lambda row: (None, row[at])  # type: ignore[return-value]  # moments are numbers
