"""Which types meet: the types of fields, and what may be added to and compared with what."""

from __future__ import annotations

from followcue.base.rows import ColumnType
from followcue.language.model.vocabulary import Kind, Type, Vocabulary

TEXT = Type("text", "text")
NUMBER = Type("number", "number")
BOOLEAN = Type("boolean", "bool")
DATE = Type("date", "date")
DURATION = Type("duration", "duration")
MOMENT = Type("moment", "moment")
BASE_TYPES: dict[ColumnType, Type] = {
    "text": TEXT,
    "number": NUMBER,
    "bool": BOOLEAN,
    "date": DATE,
    "duration": DURATION,
    "moment": MOMENT,
}
ORDERED: tuple[ColumnType, ...] = ("number", "date", "duration", "moment")


def is_named(type: Type) -> bool:
    """Whether a type is a choice or a reference, which mix with no other type."""
    return bool(type.choices or type.refers_to)


def same(left: Type, right: Type) -> bool:
    """Whether values of two types may be compared and joined: a contact is no interview, a date no number."""
    if is_named(left) or is_named(right):
        return left.name == right.name
    return left.base == right.base


def describe(type: Type) -> str:
    """A type in words."""
    if is_named(type):
        article = "an" if type.name[0] in "aeio" else "a"
        return f"{article} {type.name.replace('_', ' ')}"
    return {
        "text": "text",
        "number": "a number",
        "bool": "true or false",
        "date": "a date",
        "duration": "a duration",
        "moment": "a moment",
    }[type.base]


def arithmetic(op: str, left: Type, right: Type) -> Type | None:
    """The type of `left op right`, or None where that makes no sense."""
    pair = (left.base, right.base)
    if is_named(left) or is_named(right):
        return None
    if op == "*":
        results = {
            ("number", "number"): NUMBER,
            ("duration", "number"): DURATION,
            ("number", "duration"): DURATION,
        }
    elif op == "+":
        results = {
            ("number", "number"): NUMBER,
            ("duration", "duration"): DURATION,
            ("date", "duration"): DATE,
            ("duration", "date"): DATE,
        }
    else:
        results = {
            ("number", "number"): NUMBER,
            ("duration", "duration"): DURATION,
            ("date", "duration"): DATE,
            ("date", "date"): DURATION,
        }
    return results.get(pair)


def field_types(kind: Kind, vocabulary: Vocabulary) -> dict[str, Type]:
    """The type of each field of a kind, with the fields that every record or event has."""
    types = {field.name: field.type for field in kind.fields}
    scope = vocabulary.shape.scope
    if kind.role == "event":
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
