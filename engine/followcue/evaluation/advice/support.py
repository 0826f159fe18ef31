"""Support (why-provenance): the events and records that a derivation rests on, down through all conclusions.

Idea: a set of them is an integer with a bit for each, so that to unite two sets is one `|`; and what
is beneath a row is worked out once, however many rows rest on it.

    back(emma)         by  returned(emma, 20 Nov)                     beneath it: {returned}
    remind(emma, ann)  by  back(emma), lent(emma, 1 Nov, to ann)      used: {lent}, beneath: {returned}

`Support.of` gives for the second derivation the masks 0b01 and 0b11: `lent` came first and has bit 0,
`returned` bit 1. A reason to name first is one of the nearest events (0b01); only where a derivation uses
none itself are those beneath it the nearest. What a rule sees of a record is one thing to rest on: the record
and the values of the columns of which it demands something.

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
from followcue.base.rows import ColumnType, Relation, Row
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import EventKey
from followcue.language.model.pack import ClauseInfo
from followcue.language.model.vocabulary import Vocabulary

Node: TypeAlias = tuple[str, Row]
"""A derived row and its relation."""

RowDerivations: TypeAlias = Mapping[Row, Sequence[Derivation]]
"""All derivations of each row of one relation."""


class SeenRecord:
    """What a clause sees of the records of a relation: the columns of their keys, and those asked for.

    `fields` are names and types; `many` if the relation, `k.f`, holds the members of the list field `f`.
    """

    __slots__ = ("columns", "fields", "key", "kind", "many", "scope")

    def __init__(
        self,
        kind: str,
        scope: int | None,
        key: int | None,
        fields: tuple[tuple[str, ColumnType], ...],
        columns: tuple[int, ...],
        many: bool,
    ) -> None:
        self.kind = kind
        self.scope = scope
        self.key = key
        self.fields = fields
        self.columns = columns
        self.many = many


Key: TypeAlias = EventKey | tuple[SeenRecord, Row]
"""An event, or what is seen of a record, with its row."""

KeyOf: TypeAlias = Callable[[Row], Key]
"""The event, or what is seen of the record, that a row of some relation was unfolded from."""


class ClauseSupport(NamedTuple):
    """Which rows of a clause's derivations are events or records, and which were derived; by position."""

    events: tuple[tuple[int, KeyOf], ...]
    derived: tuple[tuple[int, str], ...]
    grouped_events: tuple[tuple[int, KeyOf], ...]
    grouped_derived: tuple[tuple[int, str], ...]

    def keys(self, derivation: Derivation) -> Iterator[Key]:
        """The events and records that the derivation uses itself."""
        for place, key in self.events:
            yield key(derivation.body[place])
        for place, key in self.grouped_events:
            for row in derivation.grouped[place]:
                yield key(row)

    def event_keys(self, derivation: Derivation) -> Iterator[EventKey]:
        """The events alone that the derivation uses itself."""
        return (key for key in self.keys(derivation) if type(key[0]) is not SeenRecord)  # type: ignore[misc]

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
        self._roles = {name: kind.role for name, kind in vocabulary.kinds.items()}

    def __missing__(self, number: int) -> ClauseSupport:
        clause = self._clauses[number]
        body, grouped = clause.body, clause.grouped
        asked = clause.asked[: len(body)], clause.asked[len(body) :]
        support = self[number] = ClauseSupport(
            self._given(body, asked[0]),
            self._derived(body),
            self._given(grouped, asked[1], grouped=True),
            self._derived(grouped),
        )
        return support

    def _given(
        self, relations: Sequence[str], asked: Sequence[tuple[int, ...]], *, grouped: bool = False
    ) -> tuple[tuple[int, KeyOf], ...]:
        """The relations of events, and of records that are counted, or that have to be more than there."""
        found: list[tuple[int, KeyOf]] = []
        for place, name in enumerate(relations):
            role = self._roles.get(name.partition(".")[0])
            relation, scope = self._vocabulary.relations[name], self._vocabulary.shape.scope
            if role == "event":
                found.append((place, _key_of(relation, scope)))
            elif role == "record" and asked:
                columns = _beside_keys(relation, scope, asked[place])
                if columns or grouped:
                    found.append((place, _seen_of(relation, scope, columns)))
        return tuple(found)

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


Beneath: TypeAlias = tuple[int, int, int]
"""The nearest events that some derivations rest on, those that they use themselves, if any; all of them; and
what is seen of records.

Each is a mask, with a bit for each: a set that is small to keep and quick to unite.
"""


class Support:
    """The derivations of one evaluation by the row that they derive, and what is beneath each."""

    def __init__(self, clauses: ClauseSupports, derivations: Mapping[str, Sequence[Derivation]]) -> None:
        """`derivations` are those of each relation."""
        self._clauses = clauses
        self._derivations = _Rows(derivations)
        # A row is known by the list of its derivations: to look up a row takes longer than all the rest.
        self._known: dict[int, int] = {}
        self._bits = _Bits()

    def of(self, ways: Sequence[Derivation]) -> Beneath:
        """The events and records beneath some derivations."""
        try:
            used, beneath = self._under(ways, 0)
        except _CannotFollowError:
            self._known = {ways: mask for ways, mask in self._known.items() if mask != _BEGUN}
            used, beneath = self._under_by_walks(ways)
        events, all_of_them = self._bits.events, used | beneath
        return used & events or beneath & events, all_of_them & events, all_of_them & ~events

    def key(self, bit: int) -> EventKey:
        """The event of a mask with one event."""
        return self._bits.keys_in_order[bit.bit_length() - 1]  # type: ignore[return-value]  # it is one

    def seen(self, bit: int) -> tuple[SeenRecord, Row]:
        """What is seen of a record, of a mask with one such bit."""
        return self._bits.keys_in_order[bit.bit_length() - 1]  # type: ignore[return-value]  # it is one

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
            for key in clause.keys(derivation):
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
                for key in clause.keys(derivation):
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


class _Bits(dict[Key, int]):
    """A bit of its own for each event and each record that is asked for; `events` are those of events."""

    __slots__ = ("events", "keys_in_order")

    def __init__(self) -> None:
        super().__init__()
        self.keys_in_order: list[Key] = []
        self.events = 0

    def __missing__(self, key: Key) -> int:
        bit = self[key] = 1 << len(self)
        self.keys_in_order.append(key)
        if type(key[0]) is not SeenRecord:
            self.events |= bit
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


def _beside_keys(relation: Relation, scope: str | None, asked: Sequence[int]) -> tuple[int, ...]:
    """Those of the columns that hold no key of a record."""
    return tuple(column for column in asked if relation.columns[column].name not in (scope, "id"))


def _seen_of(relation: Relation, scope: str | None, columns: tuple[int, ...]) -> KeyOf:
    """What a clause sees of a record of that relation, which asks for these columns."""
    kind, _, member = relation.name.partition(".")
    names = [column.name for column in relation.columns]
    seen = SeenRecord(
        kind,
        names.index(scope) if scope in names else None,
        names.index("id") if "id" in names else None,
        tuple((member or names[column], relation.columns[column].type) for column in columns),
        columns,
        bool(member),
    )
    return lambda row: (seen, row)
