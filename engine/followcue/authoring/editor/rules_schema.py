"""From the words of a pack to a JSON Schema of its rule files."""

from __future__ import annotations

from typing import Any

from followcue.authoring.editor.pack_names import PackNames
from followcue.authoring.editor.phrases import (
    GATHERED,
    columns_of,
    comparison_with,
    conditions_on,
    constraint_on,
    expression_of,
    kinds_joined,
)
from followcue.authoring.editor.schema_parts import (
    Schema,
    citation,
    described,
    general_schema,
    list_of,
    one_of,
    ref,
)
from followcue.base.rows import DECIMALS
from followcue.language.logic.types import ORDERED, describe, field_types, is_named
from followcue.language.model.vocabulary import Kind, Type, Vocabulary

NO_SUCH_WORD = "There is a word in it that is no parameter, nor a word of the language."
"""What an editor says of a phrase; `patternErrorMessage` is a word of editors, not of JSON Schema."""

NO_SUCH_KIND = "There is no event, record or conclusion of that name, or no condition of that form."

WINDOW = ("open", "due", "close", "until")
ADVICE = ("recommend", "caution", "tip")

_ONE = (
    ("", "There is one: {says}"),
    ("no ", "There is none: {says}"),
    ("maybe ", "There may be one: {says}"),
    ("every ", "Each of them has what stands under `has`: {says}"),
)
_CHOSEN = (
    ("newest ", "The latest one: {says}"),
    ("oldest ", "The first one: {says}"),
    ("maybe newest ", "The latest one, if there is one: {says}"),
    ("maybe oldest ", "The first one, if there is one: {says}"),
)
_GATHERED = {
    "count as $n": "How many ways there are to satisfy all conditions beneath.",
    "sum of $a * $b as $total": "A value added up over all ways to satisfy the conditions beneath.",
    "max of $a - $b as $most": "The greatest or latest value of all ways to satisfy the conditions beneath.",
    "min of $a - $b as $least": "The least or first value of all ways to satisfy the conditions beneath.",
}
_BY_FIELD = (
    ("latest", "", ORDERED, "The one with the latest or greatest `{field}`: {says}"),
    ("earliest", "", ORDERED, "The one with the first or least `{field}`: {says}"),
    (
        "sum",
        " as $total",
        ("number", "duration", "period", *DECIMALS.values()),
        "All their `{field}` added up: {says}",
    ),
    ("max", " as $most", ORDERED, "The latest or greatest `{field}`: {says}"),
    ("min", " as $least", ORDERED, "The first or least `{field}`: {says}"),
)


def rules_schema(words: PackNames) -> Schema:
    """The JSON Schema of the rule files of a pack."""
    vocabulary = words.vocabulary
    schema = general_schema("rules")
    defs = schema["$defs"]
    schema["title"] = f"Rules about one {vocabulary.shape.scope or vocabulary.shape.whole}"
    schema["properties"]["disable"]["items"] = ref("known-rule")
    _specialise_rule(defs["rule"]["properties"], vocabulary)
    table = defs["table"]["properties"]
    _specialise_rule(table, vocabulary)
    for head in ADVICE:
        _specialise_advice(defs[head]["properties"], vocabulary)
        _specialise_advice(table[head]["properties"], vocabulary)
    _specialise_columns(table, defs["row"], vocabulary)
    _specialise_step(defs["step"]["properties"], vocabulary)
    defs["conclude"] = _conclude(vocabulary)
    defs["condition"] = _condition(vocabulary)
    defs["settled"]["anyOf"] = [
        ref("settling"),
        {"type": "array", "items": ref("settling"), "minItems": 1},
    ]
    defs["settling"] = _settling(vocabulary)
    for name in ("pattern", "constraint", "value", "conclusions"):
        del defs[name]
    return schema | {"$defs": defs | _words(words) | _facts(vocabulary) | _types(vocabulary)}


def _words(words: PackNames) -> Schema:
    """The definitions of names that nothing but the pack decides."""
    return {
        "known-rule": one_of(words.rules),
        "known-action": one_of({name: words.actions.get(name, "") for name in words.vocabulary.actions}),
        "citation": citation(words),
    }


def _specialise_rule(rule: Schema, vocabulary: Vocabulary) -> None:
    shape = vocabulary.shape
    rule["for"] = {
        "description": "What it speaks of: one record of the scope at a time, unless this names the whole.",
        "enum": [name for name in (shape.whole, shape.scope) if name],
    }
    rule["cites"]["items"] = ref("citation")
    rule["profiles"]["items"] = one_of(vocabulary.profiles)
    rule["overrides"]["items"] = ref("known-rule")
    for key in ("replaces", "refines"):
        if key in rule:
            rule[key] = described(rule[key]["description"], ref("known-rule"))


def _specialise_advice(advice: Schema, vocabulary: Vocabulary) -> None:
    advice["action"] = described(advice["action"]["description"], ref("known-action"))
    advice["about"]["description"] = "What it is about: a variable, or a word."
    for key in WINDOW:
        if key in advice:
            advice[key] = described(advice[key]["description"], ref("value-date"))


def _specialise_columns(table: Schema, row: Schema, vocabulary: Vocabulary) -> None:
    """Offer what rows may give as columns, and as cells the words of the pack."""
    conclusions = [kind for kind in vocabulary.kinds.values() if kind.role == "conclusion"]
    given = {field.name: "" for kind in conclusions for field in kind.fields}
    given |= {name: entry.get("description", "") for name, entry in table["recommend"]["properties"].items()}
    table["columns"]["items"] = {"anyOf": [one_of(given), {"type": "string", "minLength": 1}]}
    words = {"any": "Anything.", "present": "There is a value.", "absent": "There is none."}
    words |= {choice: _type_in_words(type) for type in vocabulary.types.values() for choice in type.choices}
    words |= {action.name: action.title for action in vocabulary.actions.values()}
    words |= {parameter.name: parameter.says for parameter in vocabulary.parameters.values()}
    row["items"]["anyOf"] = [one_of(words), *row["items"]["anyOf"]]


def _specialise_step(step: Schema, vocabulary: Vocabulary) -> None:
    groups = one_of(sorted({action.group for action in vocabulary.actions.values() if action.group}))
    for key, known in (("action", ref("known-action")), ("group", groups)):
        several = {"type": "array", "items": known, "minItems": 1, "uniqueItems": True}
        step[key] = described(step[key]["description"], {"anyOf": [known, several]})
    step["rides on"]["items"] = ref("known-action")
    step["about"]["description"] = "What it is about: a variable, or a word. Left out: anything."


# --- conditions
def _condition(vocabulary: Vocabulary) -> Schema:
    """A phrase, or a phrase with what it demands.

    Each keyword speaks of one of the two alone, so that an editor can say what is wrong with that one;
    alternatives stand here only to be offered.
    """
    written = [conditions_on(kind, vocabulary) for kind in vocabulary.kinds.values()]
    return {
        "description": "One condition: a phrase, or a phrase with what it demands of fields.",
        "type": ["string", "object"],
        "anyOf": [{"type": "object"}, one_of(_offered(vocabulary)), {"type": "string"}],
        "pattern": "|".join([*written, kinds_joined(vocabulary.kinds)]),
        "patternErrorMessage": NO_SUCH_KIND,
        **_long_condition(vocabulary),
    }


def _offered(vocabulary: Vocabulary) -> dict[str, str]:
    """The conditions that are nothing but a phrase."""
    return {
        word + kind.name: meaning.format(says=_says(kind))
        for word, meaning in _ONE[:2]
        for kind in vocabulary.kinds.values()
    }


def _long_condition(vocabulary: Vocabulary) -> Schema:
    """What conditions with demands may be: every way to speak of a kind, offered under its own name."""
    offered: Schema = {}
    for kind in vocabulary.kinds.values():
        for phrase, says in _phrases(kind, vocabulary).items():
            offered[phrase] = described(says, ref(f"facts-{kind.name}"))
    patterns = {
        conditions_on(kind, vocabulary): ref(f"facts-{kind.name}") for kind in vocabulary.kinds.values()
    }
    known = general_schema("rules")["$defs"]["condition"]["anyOf"][1]["properties"]
    comparison = {"type": "string", "pattern": comparison_with(vocabulary.parameters)}
    known["where"]["anyOf"] = [comparison, list_of(comparison)]
    for phrase, says in _GATHERED.items():
        offered[phrase] = described(says, ref("conditions"))
    known["has"] = described("What each of those named by `every …` beside it has.", ref("conditions"))
    patterns |= {kinds_joined(vocabulary.kinds): ref("facts-of-several"), GATHERED: ref("conditions")}
    return {
        "minProperties": 1,
        "properties": offered | known,
        "patternProperties": patterns,
        "additionalProperties": False,
        "if": {"required": ["has"]},
        "then": {"minProperties": 2, "maxProperties": 2},
        "else": {"maxProperties": 1},
    }


def _phrases(kind: Kind, vocabulary: Vocabulary) -> dict[str, str]:
    """The ways to speak of facts of a kind, each with what it says."""
    ways = [*_ONE, *(_CHOSEN if kind.is_event else ())]
    said = {word + kind.name: meaning.format(says=_says(kind)) for word, meaning in ways}
    said[f"count {kind.name} as $n"] = f"How many there are: {_says(kind)}"
    for word, ending, bases, meaning in _BY_FIELD:
        for field, type in field_types(kind, vocabulary).items():
            if type.base in bases and not is_named(type) and field != "at":
                says = meaning.format(field=field, says=_says(kind))
                said[f"{word} {kind.name}.{field}{ending}"] = says
    return said


def _says(kind: Kind) -> str:
    return kind.says or kind.name.replace("_", " ")


def _type_in_words(type: Type) -> str:
    words = describe(type)
    return f"{words[0].upper()}{words[1:]}."


# --- facts and their fields
def _facts(vocabulary: Vocabulary) -> Schema:
    """What may be demanded of the fields of each kind, and of several kinds at once."""
    made: Schema = {
        f"facts-{kind.name}": {
            "description": _says(kind),
            "type": ["object", "null"],
            "properties": {
                field: described(_type_in_words(type), ref(f"is-{type.name}"))
                for field, type in field_types(kind, vocabulary).items()
            },
            "additionalProperties": False,
        }
        for kind in vocabulary.kinds.values()
    }
    fields = sorted({name for kind in vocabulary.kinds.values() for name in columns_of(kind, vocabulary)})
    made["facts-of-several"] = {
        "description": "Fields that all of these kinds have.",
        "type": ["object", "null"],
        "properties": {name: {"type": ["string", "number", "boolean", "array"]} for name in fields},
        "additionalProperties": False,
    }
    return made


def _types(vocabulary: Vocabulary) -> Schema:
    """What values of each type may be compared with (`is-`), and given (`value-`)."""
    made: Schema = {}
    for type in vocabulary.types.values():
        made[f"is-{type.name}"] = _constraint(type, vocabulary)
        made[f"value-{type.name}"] = {
            "anyOf": _plain(type, vocabulary, expression_of(_known(type, vocabulary)))
        }
    return made


def _constraint(type: Type, vocabulary: Vocabulary) -> Schema:
    single = _plain(type, vocabulary, constraint_on(_known(type, vocabulary)))
    return {
        "anyOf": [
            *single,
            {"enum": ["present", "absent"]},
            {"type": "array", "items": {"anyOf": single}, "minItems": 1},
        ]
    }


def _plain(type: Type, vocabulary: Vocabulary, phrase: str) -> list[Schema]:
    """The ways to write one value of a type, or a phrase that stands for one."""
    if not type.choices and type.base == "text":
        return [{"type": ["string", "number"]}]
    phrased = {"type": "string", "pattern": phrase, "patternErrorMessage": NO_SUCH_WORD}
    if type.choices:
        return [{"enum": list(type.choices)}, phrased]
    fitting = {p.name: p.says for p in vocabulary.parameters.values() if p.type.base == type.base}
    if type.base == "date":
        fitting["today"] = "The day of the evaluation."
    offered = [one_of(fitting)] if fitting else []
    written: dict[str, Any] = {"number": "integer", "moment": "integer", "bool": "boolean"}
    written |= dict.fromkeys(DECIMALS.values(), "number")
    return [phrased, *offered, *([{"type": written[type.base]}] if type.base in written else [])]


def _known(type: Type, vocabulary: Vocabulary) -> list[str]:
    """The words with which values of a type are written."""
    if type.choices:
        return list(type.choices)
    return [*vocabulary.parameters, "true", "false"]


# --- heads
def _conclude(vocabulary: Vocabulary) -> Schema:
    conclusions = [kind for kind in vocabulary.kinds.values() if kind.role == "conclusion"]
    long = {
        "type": "object",
        "minProperties": 1,
        "properties": {
            kind.name: {
                "description": _says(kind),
                "type": ["object", "null"],
                "properties": {
                    field: described(_type_in_words(type), ref(f"value-{type.name}"))
                    for field, type in field_types(kind, vocabulary).items()
                },
                "additionalProperties": False,
            }
            for kind in conclusions
        },
        "additionalProperties": False,
    }
    says = "What other rules can match like an event: its name, alone or with its fields, or several."
    one = [one_of({kind.name: _says(kind) for kind in conclusions}), long]
    return {"description": says, "anyOf": [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 1}]}


def _settling(vocabulary: Vocabulary) -> Schema:
    kinds = {kind.name: _says(kind) for kind in vocabulary.events}
    several = kinds_joined(kinds)
    return {
        "description": "A kind of events, or kinds with constraints on their fields.",
        "anyOf": [
            one_of(kinds),
            {"type": "string", "pattern": several},
            {
                "type": "object",
                "minProperties": 1,
                "properties": {name: ref(f"facts-{name}") for name in kinds},
                "patternProperties": {several: ref("facts-of-several")},
                "additionalProperties": False,
            },
        ],
    }
