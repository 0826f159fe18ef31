"""Documents checked against the JSON Schemas in `schemas/`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from followcue.base.diagnostic import Diagnostic
from followcue.base.shipped import data_folder
from followcue.language.documents.document import Document
from followcue.language.documents.file_kinds import misplaced, own_keys
from followcue.language.documents.plain import MAX_DEPTH, too_deep
from followcue.language.documents.schema_errors import Fault, translate


def check_schema(document: Document, schema_name: str) -> list[Diagnostic]:
    """Everything in which `document` differs from the schema of that name (`rules`, `tests`, …)."""
    if (own := own_keys(schema_name)) and (other := misplaced(document.data, schema_name, own)):
        return [document.problem("FC202", other.message, (other.key,), key=True, hint=other.hint)]
    try:
        faults = [Fault.of(error) for error in _validator(schema_name).iter_errors(document.data)]
    except RecursionError:
        return [document.problem("FC106", too_deep(MAX_DEPTH), ())]
    mistakes = dict.fromkeys(mistake for fault in faults for mistake in translate(fault))
    found = [document.problem(m.code, m.message, m.path, key=m.key, hint=m.hint) for m in mistakes]
    return [_with_remark(problem) for problem in found]


def _with_remark(problem: Diagnostic) -> Diagnostic:
    """The same; where a value is empty that stands after a `#`, with what that means."""
    after = problem.excerpt[problem.span.column - 1 :] if problem.excerpt and problem.span else ""
    if " is empty" in problem.message and after.lstrip().startswith("#"):
        return problem._replace(hint="a `#` begins a remark: put text that begins with it into quotes")
    return problem


@cache
def load_schema(schema_name: str) -> dict[str, Any]:
    """The schema of that name, as JSON data."""
    text = (data_folder("schemas") / f"{schema_name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator(schema_name: str) -> Any:
    from jsonschema import Draft202012Validator, validators  # takes as long to import as all the rest

    # to JSON Schema 1.0 is an integer; to an author it is not
    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    extend: Any = validators.extend  # which has no types
    schema = load_schema(schema_name)
    parts: dict[str, Any] = {}

    def ref(validator: Any, name: str, instance: object, _: object) -> Iterator[Any]:
        """What the part named says, looked up once: every second value of a document is under a reference."""
        if name not in parts:
            parts[name] = validator.evolve(schema=_part(schema, name))
        return parts[name].iter_errors(instance)  # type: ignore[no-any-return]

    return extend(Draft202012Validator, {"$ref": ref}, type_checker=whole)(schema)


def _part(schema: Any, name: str) -> Any:
    """The part of a schema that a reference within it (`#/$defs/event`) names."""
    for key in name.removeprefix("#/").split("/"):
        schema = schema[key]
    return schema
