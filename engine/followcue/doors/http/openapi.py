"""The service as an OpenAPI 3.1 document, in the words of its rules.

Its schemas are our own: those of the report and the other answers as they are, that of a situation as the
vocabulary makes it. JSON Schema 2020-12 is what OpenAPI 3.1 speaks, so nothing is translated; only the
definitions inside each are put beside it, as `report.step`, where a generator of clients looks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from followcue.base.limits import Limits
from followcue.base.version import __version__
from followcue.doors.questions import DEEPEST_ASKED, FURTHEST_PLANNED, MOST_DAYS, QUESTIONS
from followcue.doors.request import COMMON
from followcue.evaluation.situation.situation_schema import situation_schema
from followcue.language.documents.schema_check import load_schema
from followcue.language.model.vocabulary import Vocabulary

Json = dict[str, Any]

_REPORTS: Mapping[str, str] = {
    "evaluate": "report",
    "why": "why",
    "why-not": "why_not",
    "plan": "plan",
    "days": "days",
}
_DAY: Json = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "examples": ["2026-11-21"]}
_TEXT: Json = {"type": "string"}
_OPTIONS: Mapping[str, Json] = {
    "as_of": _DAY,
    "profile": _TEXT,
    "params": {"type": "object"},
    "missed": {"type": "boolean"},
    "limits": {
        "type": "object",
        "properties": {
            name: {"type": "number" if name == "seconds" else "integer", "exclusiveMinimum": 0}
            for name in Limits._fields
        },
        "additionalProperties": False,
    },
    "action": _TEXT,
    "application": _TEXT,
    "to": _TEXT,
    "about": _TEXT,
    "depth": {"type": "integer", "minimum": 0, "maximum": DEEPEST_ASKED},
    "until": _DAY,
    "days": {"type": "integer", "minimum": 0, "maximum": FURTHEST_PLANNED},
    "assume": {"enum": ["silence", "arranged", "done"]},
}
_FURTHER: Mapping[str, Json] = {"days": {"days": {"type": "integer", "minimum": 0, "maximum": MOST_DAYS}}}
_MISTAKES: Mapping[str, str] = {
    "400": "The request asks for what there is not.",
    "401": "No token, or one that is not known.",
    "403": "A page of another origin asks.",
    "408": "The body did not come in time.",
    "413": "The body is too large.",
    "415": "The body is of another kind.",
    "421": "The host is not served here.",
    "422": "The situation has mistakes: all of them.",
    "429": "Too many requests at a time.",
    "503": "A limit was exceeded, or the decision could not be written down.",
}


def openapi(vocabulary: Vocabulary) -> Json:
    """The document for situations of this vocabulary."""
    schemas: Json = {}
    for name in ("report", "why", "why_not", "plan"):
        schemas |= _flat(name, load_schema(name))
    schemas |= _flat("situation", _as_variants(vocabulary))
    schemas["days"] = _days()
    schemas["mistakes"] = _mistakes()
    schemas["batch-answer"] = _batch_answer()
    paths: Json = {f"/v1/{name}": {"post": _question(name)} for name in QUESTIONS}
    paths["/v1/batch"] = {"post": _batch()}
    paths |= {path: {"get": get} for path, get in _gets()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "followcue", "version": __version__, "summary": "What to do next, and why."},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _question(name: str) -> Json:
    question = QUESTIONS[name]
    options = {key: _OPTIONS[key] for key in (*COMMON, *question.accepts)} | _FURTHER.get(name, {})
    asked: Json = {
        "type": "object",
        "properties": {"situation": _ref("situation"), **options},
        "required": ["situation", *(["action"] if name == "why-not" else [])],
        "additionalProperties": False,
    }
    kinds: Json = {"application/json": {"schema": asked}}
    if "action" not in asked["required"]:
        kinds["application/yaml"] = {"schema": _ref("situation")}
    found: Json = {
        "operationId": name.replace("-", "_"),
        "summary": question.says,
        "requestBody": {"required": True, "content": kinds},
        "responses": {"200": _answers(question.says, _ref(_REPORTS[name])), **_refusals()},
    }
    if name == "evaluate":
        says = "The decision in the log, where one is kept."
        found["responses"]["200"]["headers"] = {"Decision-Id": {"description": says, "schema": _TEXT}}
    return found


def _batch() -> Json:
    lines = {"application/x-ndjson": {"schema": {"type": "string"}}}
    answers = {"application/x-ndjson": {"schema": _ref("batch-answer")}}
    says = "A line for each line, in their order; one may fail alone."
    refusals = _refusals("401", "403", "415", "421", "429")
    return {
        "operationId": "batch",
        "summary": "What to do in many situations, one line of JSON each.",
        "requestBody": {"required": True, "content": lines},
        "responses": {"200": {"description": says, "content": answers}, **refusals},
    }


def _gets() -> Iterator[tuple[str, Json]]:
    anything: Json = {"type": "object"}
    rule = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
    refusals, watched = _refusals("401", "403", "421", "429"), _refusals("403", "421")
    unchanged = {"304": {"description": "The rules are those of the `ETag`."}}
    kept = refusals | unchanged
    yield "/v1/rules", _get("rules", "The rules in force.", anything, kept)
    missing = {"404": _answers("There is no such rule.", _ref("mistakes"))}
    yield "/v1/rules/{id}", _get("rule", "One rule.", anything, kept | missing) | {"parameters": [rule]}
    yield "/v1/schemas/situation", _get("situation_schema", "The schema of situations.", anything, kept)
    yield "/openapi.json", _get("openapi", "This document.", anything, kept)
    yield "/health", _get("health", "That the process is there.", anything, watched)
    away = {"503": _answers("Decisions cannot be given.", anything)}
    yield "/ready", _get("ready", "Whether decisions can be given.", anything, watched | away)
    text: Json = {"description": "Counters for Prometheus.", "content": {"text/plain": {"schema": _TEXT}}}
    yield (
        "/metrics",
        {"operationId": "metrics", "summary": "What was counted.", "responses": {"200": text, **refusals}},
    )


def _get(name: str, says: str, schema: Json, refusals: Json) -> Json:
    return {"operationId": name, "summary": says, "responses": {"200": _answers(says, schema), **refusals}}


def _answers(says: str, schema: Json) -> Json:
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _refusals(*statuses: str) -> Json:
    """What is refused with these statuses; with any, if none is named."""
    return {status: _answers(_MISTAKES[status], _ref("mistakes")) for status in statuses or _MISTAKES}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _days() -> Json:
    one = {
        "type": "object",
        "properties": {"from": _DAY, "report": _ref("report")},
        "required": ["from", "report"],
    }
    return {
        "type": "object",
        "properties": {"as_of": _DAY, "until": _DAY, "days": {"type": "array", "items": one}},
        "required": ["as_of", "until", "days"],
    }


def _mistakes() -> Json:
    number: Json = {"type": ["integer", "null"], "minimum": 1}
    words: Json = {"type": ["string", "null"]}
    one = {
        "type": "object",
        "properties": {
            "code": _TEXT,
            "message": _TEXT,
            "path": words,
            "line": number,
            "column": number,
            "hint": words,
        },
        "required": ["code", "message", "path", "line", "column", "hint"],
    }
    return {
        "type": "object",
        "properties": {"diagnostics": {"type": "array", "items": one, "minItems": 1}},
        "required": ["diagnostics"],
    }


def _batch_answer() -> Json:
    line: Json = {"type": "integer", "minimum": 1}
    report = {
        "type": "object",
        "properties": {"line": line, "report": _ref("report"), "decision": _TEXT},
        "required": ["line", "report"],
    }
    failed = {
        "type": "object",
        "properties": {"line": line, "diagnostics": _mistakes()["properties"]["diagnostics"]},
        "required": ["line", "diagnostics"],
    }
    return {"oneOf": [report, failed]}


def _as_variants(vocabulary: Vocabulary) -> Json:
    """The schema of situations, in which an event is one of several objects, told apart by `event`.

    For editors the schema says it with `if` and `then`, of which generators of clients make nothing.
    """
    schema = situation_schema(vocabulary)
    defs: Json = dict(schema["$defs"])
    refs: dict[str, str] = {}
    for kind in vocabulary.events:
        name = f"event-{kind.name}"
        required = ["event", "date", *defs[name].get("required", ())]
        defs[name] = {"type": "object", **defs[name], "required": list(dict.fromkeys(required))}
        refs[kind.name] = f"#/components/schemas/situation.{name}"
    one: Json = {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "event", "mapping": refs},
    }
    if refs:
        defs["events"] = {**defs["events"], "items": one}
    return {**schema, "$defs": defs}


def _flat(name: str, schema: Json) -> Json:
    """A schema and its definitions, each under a name of its own."""
    whole = {key: value for key, value in schema.items() if key not in ("$schema", "$defs")}
    found = {name: whole} | {f"{name}.{key}": value for key, value in schema.get("$defs", {}).items()}
    moved = _moved(found, name)
    assert isinstance(moved, dict)
    return moved


def _moved(value: object, name: str) -> object:
    match value:
        case {"$ref": str(ref), **others} if ref.startswith("#/$defs/"):
            return {"$ref": f"#/components/schemas/{name}.{ref[8:]}", **others}
        case dict():
            return {key: _moved(item, name) for key, item in value.items()}
        case list():
            return [_moved(item, name) for item in value]
    return value
