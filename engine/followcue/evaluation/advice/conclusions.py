"""Conclusions: what rules concluded about the situation, for readers of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Relation, Row, Value
from followcue.evaluation.advice.report import Conclusion
from followcue.evaluation.advice.report_size import BESIDE, SizedConclusion, length_of
from followcue.evaluation.advice.support import rows_of
from followcue.evaluation.advice.value_text import Format, format_of
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.pack import ClauseInfo
from followcue.language.model.vocabulary import Vocabulary


class ListedFact(NamedTuple):
    """A conclusion that reports list: the columns of the scope (None: nowhere) and of the fields to show.

    A field is its column, its name, and what writes its values, None where they stand as they are.
    """

    fact: str
    scope: int | None
    fields: tuple[tuple[int, str, Format | None], ...]


def listed_facts(vocabulary: Vocabulary) -> tuple[ListedFact, ...]:
    """The conclusions that are not internal, by name; worked out once a pack."""
    return tuple(
        _listed(vocabulary.relations[name], vocabulary.shape.scope if kind.scoped else None)
        for name, kind in sorted(vocabulary.kinds.items())
        if kind.role == "conclusion" and not kind.internal
    )


def conclusions(
    listed: Iterable[ListedFact],
    clauses: Sequence[ClauseInfo],
    derivations: Mapping[str, Sequence[Derivation]],
) -> Iterator[SizedConclusion]:
    """Every derived row of the listed facts, sorted by fact, scope and values."""
    return (
        _conclusion(fact, row, rows[row], clauses)
        for fact in listed
        if (found := derivations.get(fact.fact))
        for rows in (rows_of(found),)
        for row in _in_order(rows)
    )


def _listed(relation: Relation, scope: str | None) -> ListedFact:
    fields = tuple(
        (place, column.name, format_of(column.type))
        for place, column in enumerate(relation.columns)
        if column.type != "moment" and not (scope and column.name == scope)
    )
    return ListedFact(relation.name, relation.column(scope) if scope else None, fields)


def _conclusion(
    fact: ListedFact,
    row: Row,
    derivations: Sequence[Derivation],
    clauses: Sequence[ClauseInfo],
) -> SizedConclusion:
    scope, fields = told_of(fact, row)
    if len(derivations) == 1:
        rules: tuple[str, ...] = (clauses[derivations[0].clause].rule,)
    else:
        rules = tuple(sorted({clauses[d.clause].rule for d in derivations}))
    size = BESIDE + length_of(fields.values()) + length_of(rules)
    return Conclusion(fact.fact, scope, fields, rules), size


def told_of(fact: ListedFact, row: Row) -> tuple[str | None, dict[str, object]]:
    """The record that a concluded row is about, and its fields that are there, as reports write them."""
    fields: dict[str, object] = {}
    for place, name, write in fact.fields:
        value = row[place]
        if value is not None:
            fields[name] = value if write is None else write(value)
    return None if fact.scope is None else row[fact.scope], fields  # type: ignore[return-value]  # keys are text


def _in_order(rows: Iterable[Row]) -> list[Row]:
    try:
        return sorted(rows)  # those of one relation have values of the same types
    except TypeError:  # a value is absent in one of them only
        return sorted(rows, key=row_key)


def row_key(row: Row) -> tuple[tuple[bool, Value], ...]:
    """Sorts rows although values may be absent: those come first."""
    return tuple((value is not None, value) for value in row)
