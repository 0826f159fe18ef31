"""From a vocabulary to a JSON Schema of its situation files, so that editors complete and check them.

The schema is no stricter than the reader: what it refuses the reader refuses too, and the reader knows more
(which contacts exist, which dates are on the calendar).
"""

from __future__ import annotations

from typing import Any

from followcue.base.rows import places_of
from followcue.base.values import format_decimal, format_duration, format_period, format_time
from followcue.evaluation.situation.fields import in_words
from followcue.evaluation.situation.skips import SKIPS
from followcue.language.model.vocabulary import (
    CALENDAR,
    DATE,
    Field,
    Kind,
    Parameter,
    Requirement,
    Type,
    Vocabulary,
)

Schema = dict[str, Any]

DATE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DURATION_PATTERN = r"^[0-9]{1,5} +(days?|weeks?)$"
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
PERIOD_PATTERN = r"^[0-9]{1,5} +(months?|years?)$"


def situation_schema(vocabulary: Vocabulary) -> Schema:
    """The JSON Schema (draft 2020-12) of situation files of this vocabulary."""
    shape = vocabulary.shape
    scope = vocabulary.kinds[shape.scope] if shape.scope else None
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Situation: one {in_words(shape.whole)}",
        "type": "object",
        "properties": _settings(vocabulary) | _collections(vocabulary, ()),
        "required": [scope.path[0]] if scope else [],
        "additionalProperties": False,
        "$defs": _types(vocabulary)
        | {"events": _events(vocabulary)}
        | {f"event-{k.name}": _event(k) for k in vocabulary.events},
    }


def _settings(vocabulary: Vocabulary) -> Schema:
    """The keys at the top that every situation has, whatever it is about."""
    return {
        "$schema": {"description": "Where this schema lies, for editors."},
        "as_of": _described("The day to judge by; today if left out.") | of_type(DATE),
        "timezone": {
            "description": "Whose today it is, where no `as_of` is given.",
            "type": "string",
            "examples": ["Europe/Berlin"],
        },
        "profile": {
            "description": f"A set of parameter values; {vocabulary.default_profile} if left out.",
            "enum": list(dict.fromkeys((*vocabulary.profiles, vocabulary.default_profile))),
        },
        "params": {
            "description": "Values of single parameters.",
            "type": ["object", "null"],
            "properties": {p.name: _parameter(p) for p in (*CALENDAR, *vocabulary.parameters.values())},
            "additionalProperties": False,
        },
        SKIPS: {
            "description": "What is not to be advised, for good or until a day.",
            "type": ["array", "null"],
            "items": _skip(vocabulary),
        },
    }


def _skip(vocabulary: Vocabulary) -> Schema:
    scope = vocabulary.shape.scope
    text = {"type": ["string", "null"]}
    properties = {
        "action": _described("The action that is not wanted.") | {"enum": sorted(vocabulary.actions)},
        **({scope: _described(f"For which {in_words(scope)}; left out: for any.") | text} if scope else {}),
        "to": _described("To whom; left out: to anybody.") | text,
        "about": _described("About what; left out: about anything.") | text,
        "until": _described("The day on which it is back; left out: for good.")
        | {"anyOf": [of_type(DATE), {"type": "null"}]},
        "because": _described("Why, for yourself.") | text,
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["action"],
        "additionalProperties": False,
    }


def _parameter(parameter: Parameter) -> Schema:
    made = of_type(parameter.type)
    if parameter.type.base == "duration" and isinstance(parameter.value, int):
        made["default"] = format_duration(parameter.value)
    elif parameter.type.base == "period" and isinstance(parameter.value, int):
        made["default"] = format_period(parameter.value)
    elif parameter.type.base == "time" and isinstance(parameter.value, int):
        made["default"] = format_time(parameter.value)
    elif (places := places_of(parameter.type.base)) and isinstance(parameter.value, int):
        made["default"] = format_decimal(parameter.value, places)
    elif parameter.type.base in ("number", "bool", "text") and parameter.value is not None:
        made["default"] = parameter.value
    return _described(parameter.says) | made


def _collections(vocabulary: Vocabulary, path: tuple[str, ...]) -> Schema:
    """The mappings of records and the lists of events that stand directly under a path of keys."""
    kinds = [vocabulary.kinds[name] for name in vocabulary.shape.records]
    records = {
        kind.path[-1]: _described(kind.says) | _records(vocabulary, kind)
        for kind in kinds
        if kind.path[:-1] == path
    }
    lists = {p[-1]: {"$ref": "#/$defs/events"} for p in vocabulary.shape.events if p[:-1] == path}
    return records | lists


def _records(vocabulary: Vocabulary, kind: Kind) -> Schema:
    """The records of a kind by their keys; a single one as it is."""
    one = _record(vocabulary, kind)
    if kind.single:
        return one | {"type": ["object", "null"]}
    return {"type": ["object", "null"], "additionalProperties": one}


def _record(vocabulary: Vocabulary, kind: Kind) -> Schema:
    properties = {field.name: _field(field, kind) for field in kind.fields}
    return {
        "type": "object",
        "properties": properties | _collections(vocabulary, kind.path),
        **_requirements(kind.require),
        "additionalProperties": False,
    }


def _events(vocabulary: Vocabulary) -> Schema:
    """A list of events: each by its `event`, so that an editor offers the fields of that very event."""
    kinds = vocabulary.events
    named = [{"const": kind.name} | _described(kind.says) for kind in kinds]
    return {
        "description": "What happened, each with its date; among events of one day the later stands below.",
        "type": ["array", "null"],
        "items": {
            "type": "object",
            "properties": {"event": {"oneOf": named}},
            "required": ["event", "date"],
            "allOf": [
                {
                    "if": {"properties": {"event": {"const": kind.name}}, "required": ["event"]},
                    "then": {"$ref": f"#/$defs/event-{kind.name}"},
                }
                for kind in kinds
            ],
        },
    }


def _event(kind: Kind) -> Schema:
    common = {
        "event": {"const": kind.name},
        "date": _described("The day on which it happened.") | of_type(DATE),
        "id": {"type": "string", "description": "A name by which other events refer to this one."},
        "note": {"type": "string", "description": "Anything worth remembering."},
    }
    return {
        **_described(kind.says),
        "properties": common | {field.name: _field(field, kind) for field in kind.fields},
        **_requirements(kind.require),
        "additionalProperties": False,
    }


def _requirements(require: tuple[Requirement, ...]) -> Schema:
    """What must be there, as far as one entry alone can tell."""
    always = [r.fields for r in require if not r.several_of]
    made: Schema = {}
    if alone := [names[0] for names in always if len(names) == 1]:
        made["required"] = alone
    if several := [names for names in always if len(names) > 1]:
        made["allOf"] = [{"anyOf": [{"required": [name]} for name in names]} for names in several]
    return made


def _field(field: Field, kind: Kind) -> Schema:
    one = of_type(field.type)
    if not field.many:
        return one | ({} if field.default is None else {"default": field.default})
    needed = any(r.fields == (field.name,) and not r.several_of for r in kind.require)
    many: Schema = {"type": "array", "items": one}
    return {"anyOf": [many | ({"minItems": 1} if needed else {}), one]}


def of_type(kind: Type) -> Schema:
    """How values of a type are written; what takes more than a word stands in one place for all fields."""
    match kind.base:
        case _ if kind.choices or kind.refers_to:
            return {"$ref": f"#/$defs/{kind.name}"}
        case "date" | "duration" | "period" | "time":
            return {"$ref": f"#/$defs/{kind.base}"}
        case "number" | "moment":
            return {"type": "integer"}
        case "bool":
            return {"type": "boolean"}
        case base if places := places_of(base):
            says = f"A number with at most {places} {'place' if places == 1 else 'places'}."
            return {
                "type": ["number", "string"],
                "pattern": rf"^[-+]?[0-9]+(\.[0-9]{{1,{places}}})?$",
            } | _described(says)
        case _:
            return {"type": "string"}


def _types(vocabulary: Vocabulary) -> Schema:
    """The definitions that `of_type` points to."""
    used = [field.type for kind in vocabulary.kinds.values() for field in kind.fields]
    used += [p.type for p in (*CALENDAR, *vocabulary.parameters.values())]
    made = {
        "date": {"type": "string", "pattern": DATE_PATTERN, "examples": ["2026-11-05"]},
        "duration": {"type": "string", "pattern": DURATION_PATTERN, "examples": ["5 days", "2 weeks"]},
    }
    if any(kind.base == "period" for kind in used):
        made["period"] = {"type": "string", "pattern": PERIOD_PATTERN, "examples": ["6 months", "18 years"]}
    if any(kind.base == "time" for kind in used):
        made["time"] = {"type": "string", "pattern": TIME_PATTERN, "examples": ["14:30"]}
    for kind in used:
        if kind.choices:
            made[kind.name] = {"enum": list(kind.choices)}
        elif kind.refers_to:
            referred = in_words(*kind.refers_to)
            made[kind.name] = {"type": "string", "description": f"The key or id of one {referred}."}
    return made


def _described(says: str) -> Schema:
    return {"description": says} if says else {}
