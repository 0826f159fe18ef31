"""From the words of a pack to a JSON Schema of its scenario tests."""

from __future__ import annotations

import copy

from followcue.authoring.editor.parts import Schema, described, general_schema, moved, one_of, ref
from followcue.authoring.editor.words import Words
from followcue.evaluation.situation.schema import situation_schema

SITUATION = "of-situation-"
"""What the definitions of the situation's own schema begin with."""

_IN_THE_SHIPPED_PACK = "application"
"""The key of the record of the scope as the schema for all packs calls it."""


def tests_schema(words: Words) -> Schema:
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
    defs["partial"]["anyOf"] = [ref("known-action"), ref("keys")]
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
        says = "The record that it belongs to; null for the whole."
        properties[scope] = {**of_the_scope, "description": says}
    for key in ("action", "caution"):
        properties[key] = described(properties[key]["description"], ref("known-action"))
    properties["rules"]["items"] = ref("known-rule")
    expectation["additionalProperties"] = False


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
