"""Kinds of facts -> relations: which columns the rows of each kind have, in which order."""

from __future__ import annotations

from collections.abc import Iterable

from followcue.base.rows import Column, Relation
from followcue.language.model.pack import (
    RECOMMENDATION,
    RECOMMENDATION_COLUMNS,
    STEP,
    TIP,
    TIP_COLUMNS,
    WARNING,
    WARNING_COLUMNS,
)
from followcue.language.model.vocabulary import Field, Kind

EVENT_COLUMNS = (Column("date", "date"), Column("at", "moment"), Column("id", "text"), Column("note", "text"))
DATES = ("open", "due", "close", "until")


def relations_of(kinds: Iterable[Kind], scope: str | None) -> dict[str, Relation]:
    """The relations of all kinds and their list fields, and those of what rules recommend."""
    relations = [relation for kind in kinds for relation in _relations(kind, scope)]
    relations += [_advice(RECOMMENDATION, RECOMMENDATION_COLUMNS), _advice(TIP, TIP_COLUMNS)]
    relations += [_advice(STEP, TIP_COLUMNS), _advice(WARNING, WARNING_COLUMNS)]
    return {relation.name: relation for relation in relations}


def _relations(kind: Kind, scope: str | None) -> list[Relation]:
    """The kind's own relation, and one for each list field: the same columns, then the member."""
    columns = (*_own_columns(kind, scope), *(_column(field) for field in kind.fields if not field.many))
    own = Relation(kind.name, columns, derived=kind.role == "conclusion")
    lists = [field for field in kind.fields if field.many]
    return [own, *(Relation(f"{kind.name}.{field.name}", (*columns, _column(field))) for field in lists)]


def _own_columns(kind: Kind, scope: str | None) -> tuple[Column, ...]:
    """The columns that a kind has without declaring them."""
    first = (Column(scope, "text"),) if scope and kind.scoped else ()
    if kind.is_event:
        return (*first, *EVENT_COLUMNS)
    if kind.role == "record" and kind.name != scope and not kind.single:
        return (*first, Column("id", "text"))
    return first


def _column(field: Field) -> Column:
    return Column(field.name, field.type.base)


def _advice(name: str, columns: tuple[str, ...]) -> Relation:
    typed = (Column(column, "date" if column in DATES else "text") for column in columns)
    return Relation(name, tuple(typed), derived=True)
