"""The schema of each kind of file that people write for a pack."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from followcue.authoring.editor.pack_names import PackNames
from followcue.authoring.editor.rules_schema import rules_schema
from followcue.authoring.editor.schema_parts import (
    DRAFT,
    Schema,
    citation,
    described,
    general_schema,
    moved,
    one_of,
    ref,
)
from followcue.evaluation.situation.situation_schema import of_type, situation_schema
from followcue.language.model.known_as import known_names
from followcue.language.model.vocabulary import Kind, Vocabulary


def _situation(words: PackNames) -> Schema:
    return {**situation_schema(words.vocabulary), "$schema": DRAFT}


SITUATION = "of-situation-"
"""What the definitions of the situation's own schema begin with."""

_IN_THE_SHIPPED_PACK = "application"
"""The key of the record of the scope as the schema for all packs calls it."""

_OF_RECORD = "The record that it belongs to; null for the whole."


def tests_schema(words: PackNames) -> Schema:
    """The JSON Schema of the scenario tests of a pack."""
    vocabulary = words.vocabulary
    schema = general_schema("tests")
    situation = situation_schema(vocabulary)
    defs = schema["$defs"]
    inside = moved({key: situation[key] for key in ("type", "properties", "required")}, SITUATION)
    for part in (schema, defs["test"]):
        says = part["properties"]["situation"]["description"]
        part["properties"]["situation"] = described(says, ref("situation"))
    schema["properties"]["remarks"]["propertyNames"] = one_of(words.items)
    schema["properties"]["equivalent"]["propertyNames"] = ref("known-rule")
    for name in ("test", "check", "window"):
        _settings(defs[name]["properties"], situation)
    for name in ("keys", "window"):
        _keys(defs[name], vocabulary.shape.scope)
    defs["test"]["properties"]["items"]["items"] = one_of(words.items)
    defs["test"]["properties"]["rules"]["items"] = ref("known-rule")
    concluded = [_concluded(kind, vocabulary) for kind in _told_conclusions(vocabulary)]
    del defs["concluded"]
    defs["partial"]["anyOf"] = [ref("known-action"), *concluded, ref("keys")]
    defs["event"] = _event(situation, vocabulary.shape.scope)
    return schema | {
        "title": f"Scenario tests of one {vocabulary.shape.whole}",
        "$defs": defs
        | {SITUATION + name: moved(definition, SITUATION) for name, definition in situation["$defs"].items()}
        | {
            "situation": {**inside, "additionalProperties": False},
            "known-rule": one_of(words.rules),
            "known-action": one_of({name: words.actions.get(name, "") for name in vocabulary.actions}),
        },
    }


def _settings(properties: Schema, situation: Schema) -> None:
    """What tests may set just as a situation does."""
    for key in ("profile", "params"):
        set_there = moved(copy.deepcopy(situation["properties"][key]), SITUATION)
        properties[key] = {**set_there, "description": properties[key]["description"]}


def _keys(expectation: Schema, scope: str | None) -> None:
    """The keys of a report, of which one is called as the pack calls what its rules speak of."""
    properties = expectation["properties"]
    of_the_scope = properties.pop(_IN_THE_SHIPPED_PACK)
    if scope:
        properties[scope] = {**of_the_scope, "description": _OF_RECORD}
    for key in ("action", "caution"):
        properties[key] = described(properties[key]["description"], ref("known-action"))
    properties["rules"]["items"] = ref("known-rule")
    expectation["additionalProperties"] = False


def _told_conclusions(vocabulary: Vocabulary) -> list[Kind]:
    """The conclusions that reports show."""
    return [kind for kind in vocabulary.kinds.values() if kind.role == "conclusion" and not kind.internal]


def _concluded(kind: Kind, vocabulary: Vocabulary) -> Schema:
    """One conclusion as a test expects it, with its fields; each may be empty."""
    properties: Schema = {"conclusion": {"const": kind.name, "description": kind.says}}
    if vocabulary.shape.scope and kind.scoped:
        properties[vocabulary.shape.scope] = described(_OF_RECORD, {"type": ["string", "null"]})
    for one in kind.fields:
        properties[one.name] = {"anyOf": [moved(of_type(one.type), SITUATION), {"type": "null"}]}
    return {
        "type": "object",
        "description": kind.says,
        "properties": properties,
        "required": ["conclusion"],
        "additionalProperties": False,
    }


def _event(situation: Schema, scope: str | None) -> Schema:
    """An event as in a situation, with the record that it belongs to; its day may be understood."""
    listed = moved(copy.deepcopy(situation["$defs"]["events"]["items"]), SITUATION)
    record: Schema = {
        "description": f"The {scope} to which it happens; without it or null: the whole.",
        "type": ["string", "null"],
    }
    for case in listed["allOf"]:
        name = case["if"]["properties"]["event"]["const"]
        event = moved(copy.deepcopy(situation["$defs"][f"event-{name}"]), SITUATION)
        if scope:
            event["properties"] = {scope: record, **event["properties"]}
        case["then"] = {"title": name, **event}
    return {**listed, "description": "An event as in a situation file.", "required": ["event"]}


REQUIRING = (
    "Fields that must be there: `a`; `a or b` (at least one); `a if several` (once there were several events "
    "that could be meant), `a if several kind` (events of that kind count)."
)


def vocabulary_schema(words: PackNames) -> Schema:
    """The JSON Schema of the files of the vocabulary: names are new or known, what they point to is known."""
    vocabulary = words.vocabulary
    schema = general_schema("vocabulary")
    defs = schema["$defs"]
    for name in ("record", "event", "conclusion"):
        properties = defs[name]["properties"]
        properties["fields"]["additionalProperties"] = ref("known-type")
        if "require" in properties:
            properties["require"]["description"] = REQUIRING
    defs["conclusion"]["properties"]["of"] = one_of([vocabulary.shape.whole])
    for choice in defs["type"]["anyOf"]:
        if "id of" in choice["properties"]:
            choice["properties"]["id of"]["items"] = one_of(_said(vocabulary, "event", "record"))
    action = defs["action"]["properties"]
    for key in ("contradicts", "rides on"):
        action[key]["items"] = one_of(words.actions)
    if vocabulary.messages:
        action["message"] = described(action["message"]["description"], one_of(vocabulary.messages))
    if vocabulary.sittings:
        action["sitting"] = described(action["sitting"]["description"], one_of(vocabulary.sittings))
    for part in (action["say"], defs["message"]["properties"]["says"]):
        part.pop("examples", None)
    known_as = schema["properties"]["known as"]
    known_as["propertyNames"] = one_of(known_names(vocabulary.kinds, vocabulary.types))
    parameter = defs["parameter"]["properties"]
    parameter["cites"]["items"] = ref("citation")
    parameter["profiles"]["propertyNames"] = one_of(vocabulary.profiles)
    parameter["profiles"]["properties"] = dict.fromkeys(
        vocabulary.profiles, parameter["profiles"]["additionalProperties"]
    )
    defs["item"]["properties"]["sources"]["items"] = one_of(
        {name: about.get("title", "") for name, about in vocabulary.sources.items()}
    )
    for section, kind, known in (
        ("events", "event", _said(vocabulary, "event")),
        ("conclusions", "conclusion", _said(vocabulary, "conclusion")),
        ("parameters", "parameter", {p.name: p.says for p in vocabulary.parameters.values()}),
    ):
        schema["properties"][section]["properties"] = {
            name: described(says, ref(kind)) for name, says in known.items()
        }
    defs |= {"known-type": _types(vocabulary), "citation": citation(words)}
    return schema


def _types(vocabulary: Vocabulary) -> Schema:
    """The types of fields, alone and as lists."""
    return one_of([*vocabulary.types, *(f"list of {name}" for name in vocabulary.types)])


def _said(vocabulary: Vocabulary, *roles: str) -> Mapping[str, str]:
    return {kind.name: kind.says for kind in vocabulary.kinds.values() if kind.role in roles}


SCHEMAS: Mapping[str, Callable[[PackNames], Schema]] = {
    "rules": rules_schema,
    "tests": tests_schema,
    "situation": _situation,
    "vocabulary": vocabulary_schema,
}
"""What makes the schema of each kind of file; `FILES` of `cli/commands/schema.py` lists the same names."""
