"""Grounds: the records that an action rests on and the conclusions that its rules used, as reports name them.

Records are followed down through all conclusions, as events are; of a record the fields are named that rules
looked at on the way. Conclusions are named where the recommending rules use them themselves: what is beneath
each is told by `why`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from followcue.base.rows import Row
from followcue.evaluation.advice.conclusions import ListedFact, row_key, told_of
from followcue.evaluation.advice.report import Ground
from followcue.evaluation.advice.report_size import BESIDE, length_of
from followcue.evaluation.advice.support import Support, bits_of
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Events, Situation
from followcue.language.model.pack import ClauseInfo
from followcue.language.model.vocabulary import Vocabulary

_Identity = tuple[str, str | None, str | None]
"""The kind of a record, the record of the scope that it belongs to, and its own key."""


_Concluded = tuple[tuple[str, tuple[object, ...]], Ground, int]
"""A conclusion as a ground, after what it is sorted by; then its size."""


class ListedPremises(dict[int, tuple[tuple[bool, int, ListedFact], ...]]):
    """Where the conclusions that reports list stand in the derivations of a clause, found out at its first.

    Each has whether it is grouped, and its place there.
    """

    def __init__(self, clauses: Sequence[ClauseInfo], listed: Iterable[ListedFact]) -> None:
        self._clauses = clauses
        self._listed = {fact.fact: fact for fact in listed}

    def __missing__(self, number: int) -> tuple[tuple[bool, int, ListedFact], ...]:
        clause, listed = self._clauses[number], self._listed
        found = self[number] = tuple(
            (is_grouped, place, listed[name])
            for is_grouped, names in ((False, clause.body), (True, clause.grouped))
            for place, name in enumerate(names)
            if name in listed
        )
        return found


class GroundNaming:
    """Names the grounds of the actions of one situation."""

    def __init__(
        self, vocabulary: Vocabulary, premises: ListedPremises, situation: Situation, support: Support
    ) -> None:
        self._kinds = vocabulary.kinds
        self._premises = premises
        self._events = situation.events
        self._support = support
        self._sized: dict[int, tuple[tuple[Ground, ...], int]] = {0: ((), 0)}
        self._lines: dict[_Identity, int | None] = {}
        self._concluded: dict[tuple[str, Row], _Concluded] = {}

    def of(self, derivations: Sequence[Derivation], seen: int) -> tuple[tuple[Ground, ...], int]:
        """The records of the mask `seen` and the conclusions that derivations use; and how long they are."""
        records = self._sized.get(seen)
        if records is None:
            named = tuple(self._seen(seen))
            records = self._sized[seen] = named, sum([_size(ground) for ground in named])
        nodes: dict[tuple[str, Row], ListedFact] = {}
        for number, _, body, grouped in derivations:
            for is_grouped, place, fact in self._premises[number]:
                for row in grouped[place] if is_grouped else (body[place],):
                    nodes[fact.fact, row] = fact
        if not nodes:
            return records
        known = self._concluded
        found = [known.get(node) or self._conclusion(node, fact) for node, fact in nodes.items()]
        if len(found) > 1:
            found.sort(key=_NODE)
        size = records[1] + sum([size for _, _, size in found])
        return (*records[0], *[ground for _, ground, _ in found]), size

    def _conclusion(self, node: tuple[str, Row], fact: ListedFact) -> _Concluded:
        """A conclusion, after what it is sorted by; then its size."""
        scope, fields = told_of(fact, node[1])
        ground = Ground("conclusion", fact.fact, scope, None, fields, None)
        concluded = self._concluded[node] = (fact.fact, row_key(node[1])), ground, _size(ground)
        return concluded

    def _seen(self, mask: int) -> Iterator[Ground]:
        """Each record once, with all that was looked at."""
        found: dict[_Identity, dict[str, object]] = {}
        for bit in bits_of(mask):
            seen, row = self._support.seen(bit)
            scope, key = (None if at is None else row[at] for at in (seen.scope, seen.key))
            fields = found.setdefault((seen.kind, scope, key), {})  # type: ignore[arg-type]  # keys are text
            for (name, base), column in zip(seen.fields, seen.columns, strict=True):
                value = as_written(row[column], base)
                if seen.many:
                    fields[name] = sorted({value, *fields.get(name, ())})  # type: ignore[misc]
                elif value is not None:
                    fields[name] = value
        for record, fields in sorted(found.items(), key=_placed) if len(found) > 1 else found.items():
            ordered = {name: fields[name] for name in sorted(fields)} if len(fields) > 1 else fields
            yield Ground("record", *record, ordered, self._line(record))

    def _line(self, record: _Identity) -> int | None:
        """Where the record begins, if the situation came from a text."""
        if not isinstance(self._events, Events):
            return None
        if record not in self._lines:
            kind, *keys = record
            path = self._kinds[kind].place(key for key in keys if key is not None)
            span = self._events.document.span(path, key=True)
            self._lines[record] = span.line if span else None
        return self._lines[record]


_NODE = itemgetter(0)


def _placed(record: tuple[_Identity, object]) -> tuple[str, str, str]:
    kind, scope, key = record[0]
    return kind, scope or "", key or ""


def _size(ground: Ground) -> int:
    return BESIDE + len(ground.fact) + len(ground.scope or "") + length_of(ground.fields.values())
