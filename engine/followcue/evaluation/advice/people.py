"""People: which records are one person, and to whom something was said on a day.

A pack says by which fields two records are one person (`same by: [email, phone]`): a recruiter who stands
under two records of the scope with one address hears one message and not two. The relation is transitive: `a`
and `b` share an address, `b` and `c` a number, so all three are one.

A record of a scope is a person of its own there. Everybody else is one person for the whole: a customer with
two invoices, where rules speak of one invoice at a time, hears of both at once.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TypeAlias

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Row
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.vocabulary import Vocabulary

Place: TypeAlias = tuple[str | None, str | None]
"""A record by its scope and its key; without a key, whoever it may be there."""


class _Records(NamedTuple):
    """Records that may be one person: their relation, the columns of scope and key, and those that tell."""

    relation: str
    scope: int | None
    key: int
    same_by: tuple[int, ...]


class _Told(NamedTuple):
    """Events that are messages: their relation, and the columns of scope, date and person."""

    relation: str
    scope: int | None
    date: int
    to: int


class Persons(dict[Place, Place]):
    """The person behind each place of one situation, who is the first of the records that are one person.

    It holds the others of those records; `inside` are all records of the scope.
    """

    def __init__(self, others: dict[Place, Place], inside: AbstractSet[Place]) -> None:
        super().__init__(others)
        self._inside = inside

    def __missing__(self, place: Place) -> Place:
        scope, key = place
        if scope is None or key is None or place in self._inside:
            return place
        whole = None, key
        return self.get(whole, whole)


class People:
    """Finds out who is who in situations of one vocabulary; worked out once a pack."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._records: list[_Records] = []
        self._told: list[_Told] = []
        self._inside: list[tuple[str, int, int]] = []
        for kind in vocabulary.kinds.values():
            names = [column.name for column in vocabulary.relations[kind.name].columns]
            scope = names.index(vocabulary.shape.scope) if vocabulary.shape.scope in names else None
            if kind.role == "record" and scope is not None and "id" in names:
                self._inside.append((kind.name, scope, names.index("id")))
            if kind.same_by:
                same_by = tuple(names.index(name) for name in kind.same_by)
                self._records.append(_Records(kind.name, scope, names.index("id"), same_by))
            if kind.message_to:
                to = names.index(kind.message_to)
                self._told.append(_Told(kind.name, scope, names.index("date"), to))

    def persons(self, situation: Situation) -> Persons:
        """Who is who in the situation."""
        first: dict[Place, Place] = {}
        known: dict[tuple[int, str], Place] = {}
        facts = situation.facts
        for relation, scope, key, same_by in self._records:
            for row in facts.get(relation, ()):
                for column in same_by:
                    value = row[column]
                    if value is not None:
                        place = _place(row, scope, key)
                        other = known.setdefault((column, _plain(str(value))), place)
                        if other is not place:
                            _unite(first, place, other)
        inside: set[Place] = set()
        for relation, scope, key in self._inside:
            inside.update([_place(row, scope, key) for row in facts.get(relation, ())])
        return Persons({place: _root(first, place) for place in first}, inside)

    def told_on(self, situation: Situation, day: int, persons: Persons) -> set[Place]:
        """Everybody to whom the situation records a message on that day, by their first record."""
        told = set()
        for relation, scope, date, to in self._told:
            for row in situation.facts.get(relation, ()):
                if row[date] == day:
                    told.add(persons[_place(row, scope, to)])
        return told


def _place(row: Row, scope: int | None, key: int) -> Place:
    # Keys are texts, or absent.
    return None if scope is None else row[scope], row[key]  # type: ignore[return-value]


def _plain(value: str) -> str:
    """An address or a number as it is compared: without blanks and differences of case."""
    return "".join(value.split()).casefold()


def _root(first: dict[Place, Place], place: Place) -> Place:
    while place in first:
        place = first[place]
    return place


def _unite(first: dict[Place, Place], one: Place, other: Place) -> None:
    one, other = _root(first, one), _root(first, other)
    if one != other:
        low, high = sorted((one, other), key=lambda place: (place[0] or "", place[1] or ""))
        first[high] = low
