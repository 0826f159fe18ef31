"""Typing rules: the types of fields and expressions, and what may be added to and compared with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from followcue.base.civil import CivilOp
from followcue.base.rows import DECIMALS, ColumnType, Relation, places_of
from followcue.language.logic import program as ir
from followcue.language.model.vocabulary import (
    BASE_TYPES,
    DATE,
    DURATION,
    MOMENT,
    NUMBER,
    PERIOD,
    TEXT,
    WEEKDAY,
    Kind,
    Type,
    Vocabulary,
    decimal_type,
)

TYPE_OF_BASE: dict[ColumnType, Type] = {type.base: type for type in BASE_TYPES} | {
    base: decimal_type(places) for places, base in DECIMALS.items()
}

ORDERED: tuple[ColumnType, ...] = (
    "number",
    "date",
    "duration",
    "period",
    "time",
    "moment",
    *DECIMALS.values(),
)

CIVIL: Mapping[CivilOp, tuple[tuple[Type, ...], Type]] = {
    "months_after": ((DATE, PERIOD), DATE),
    "months_before": ((DATE, PERIOD), DATE),
    "months_between": ((DATE, DATE), NUMBER),
    "years_between": ((DATE, DATE), NUMBER),
    "weekday_of": ((DATE,), WEEKDAY),
    "first_of_month": ((DATE,), DATE),
    "last_of_month": ((DATE,), DATE),
    "next_anniversary": ((DATE, DATE), DATE),
    "next_yearly": ((DATE, DATE), DATE),
}
"""What each function of the civil calendar takes and gives."""


def is_named(type: Type) -> bool:
    """Whether a type is a choice or a reference, which mix with no other type."""
    return bool(type.choices or type.refers_to)


def comparable(left: Type, right: Type) -> bool:
    """Whether values of two types may be joined: a contact is no interview, a date no number.

    Numbers of different places are held in different units. They may be compared, but for that one is scaled.
    """
    if is_named(left) or is_named(right):
        return left.name == right.name
    return left.base == right.base


def describe(type: Type) -> str:
    """A type in words."""
    if is_named(type):
        article = "an" if type.name[0] in "aeio" else "a"
        return f"{article} {type.name.replace('_', ' ')}"
    if places := places_of(type.base):
        return f"a number of {places} {'place' if places == 1 else 'places'}"
    return {
        "text": "text",
        "number": "a number",
        "bool": "true or false",
        "date": "a date",
        "duration": "a duration",
        "period": "a period of months or years",
        "time": "a time of day",
        "moment": "a moment",
    }[type.base]


def arithmetic(op: str, left: Type, right: Type) -> Type | None:
    """The type of `left op right`, or None where that makes no sense."""
    pair = (left.base, right.base)
    if is_named(left) or is_named(right):
        return None
    first, second = places_of(left.base), places_of(right.base)
    if first is not None and second is not None:
        places = first + second if op == "*" else max(first, second)
        return decimal_type(places) if places in DECIMALS or not places else None
    if op == "*":
        results = {
            ("duration", "number"): DURATION,
            ("number", "duration"): DURATION,
            ("period", "number"): PERIOD,
            ("number", "period"): PERIOD,
        }
    elif op == "+":
        results = {
            ("duration", "duration"): DURATION,
            ("period", "period"): PERIOD,
            ("date", "duration"): DATE,
            ("duration", "date"): DATE,
            ("date", "period"): DATE,
            ("period", "date"): DATE,
        }
    else:
        results = {
            ("duration", "duration"): DURATION,
            ("period", "period"): PERIOD,
            ("date", "duration"): DATE,
            ("date", "period"): DATE,
            ("date", "date"): DURATION,
        }
    return results.get(pair)


def field_types(kind: Kind, vocabulary: Vocabulary) -> dict[str, Type]:
    """The type of each field of a kind, with the fields that every record or event has."""
    types = {field.name: field.type for field in kind.fields}
    scope = vocabulary.shape.scope
    if kind.is_event:
        types |= {"date": DATE, "at": MOMENT, "id": _id_type(kind, vocabulary), "note": TEXT}
    elif kind.role == "record" and not kind.single:
        types["id"] = vocabulary.types[kind.name]
    if scope and kind.scoped:
        types[scope] = vocabulary.types[scope]
    return types


def _id_type(kind: Kind, vocabulary: Vocabulary) -> Type:
    """The `id` of an event is of the reference type that refers to it, if there is one."""
    referring = (type for type in vocabulary.types.values() if kind.name in type.refers_to)
    return next(referring, TEXT)


def variable_types(clause: ir.Clause, relations: Mapping[str, Relation]) -> dict[str, ColumnType]:
    """The type of each variable that the clause binds."""
    types: dict[str, ColumnType] = {}
    for atom in clause.body:
        types |= _types_in(atom.joins, relations[atom.relation])
    for aggregate in clause.aggregates:
        relation = relations[aggregate.atom.relation]
        types |= _types_in(aggregate.outputs, relation)
        if aggregate.result is not None:
            column = aggregate.column
            types[aggregate.result] = "number" if column is None else relation.columns[column].type
    return types


def _types_in(pairs: Iterable[tuple[int, str]], relation: Relation) -> dict[str, ColumnType]:
    return {variable: relation.columns[column].type for column, variable in pairs}


def type_of(
    expr: ir.Expr, variables: Mapping[str, ColumnType], parameters: Mapping[str, ColumnType]
) -> ColumnType | None:
    """The type of a checked expression; None for a whole number, which may be a number, days or a date."""
    match expr:
        case ir.Var(name):
            return variables[name]
        case ir.Param(name):
            return parameters.get(name, "text")
        case ir.Today() | ir.Shift():
            return "date"
        case ir.Const(_, kind) if kind:
            return kind
        case ir.Const(value):
            return "text" if isinstance(value, str) else "bool" if isinstance(value, bool) else None
        case ir.Quotient(_, _, _, kind):
            return kind
        case ir.Rescale(item, more):
            base = type_of(item, variables, parameters) or "number"
            return DECIMALS.get((places_of(base) or 0) + more)
        case ir.Arith(op, left, right):
            sides = [type_of(side, variables, parameters) for side in (left, right)]
            if op == "*" and any(places_of(side) for side in sides):
                return DECIMALS.get(sum(places_of(side) or 0 for side in sides))
            if op == "-" and "date" in sides:
                return "duration"
            known = [side for side in sides if side]
            spans: tuple[ColumnType, ...] = ("duration", "period")
            return next((span for span in spans if span in known), known[0] if known else None)
        case ir.Civil(op):
            return CIVIL[op][1].base
        case ir.Length():
            return "number"
        case ir.Extreme(_, items):
            types = (type_of(item, variables, parameters) for item in items)
            return next((type for type in types if type), None)
        case _:
            return "bool"
