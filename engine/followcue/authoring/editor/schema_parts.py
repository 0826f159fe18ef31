"""Parts that the schemas of all kinds of files are made of."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from followcue.authoring.editor.pack_names import PackNames
from followcue.language.documents.schema_check import load_schema

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that editors understand best; nothing in these schemas needs a later one."""

_FOR_READERS_OF_THE_SHIPPED_PACK = ("examples", "x-is", "x-says", "x-borrows", "$schema")


def general_schema(name: str) -> Schema:
    """The schema of that name for every pack, without what speaks of the shipped one; free to be changed."""
    schema: Schema = _without_examples(copy.deepcopy(load_schema(name)))
    schema["properties"]["$schema"] = {
        "description": "Where this schema lies, for editors.",
        "type": "string",
    }
    return {"$schema": DRAFT, **schema}


def _without_examples(schema: Any) -> Any:
    """The schema without examples; a property that is called so stays."""
    if isinstance(schema, list):
        return [_without_examples(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _without_examples(inner) for name, inner in value.items()}
        if key in ("properties", "patternProperties", "$defs")
        else _without_examples(value)
        for key, value in schema.items()
        if key not in _FOR_READERS_OF_THE_SHIPPED_PACK
    }


def ref(name: str) -> Schema:
    """A schema that stands under `$defs`."""
    return {"$ref": f"#/$defs/{name}"}


def described(says: str, schema: Schema) -> Schema:
    """The schema with a description, if there is any."""
    return {"description": says, **schema} if says else schema


def one_of(names: Mapping[str, str] | Iterable[str]) -> Schema:
    """One of these names, each offered with what is said of it; nothing at all where there is none."""
    said = names if isinstance(names, Mapping) else dict.fromkeys(names, "")
    if not said:
        return {"not": {}}
    if not any(said.values()):
        return {"enum": list(said)}
    return {"anyOf": [described(says, {"const": name}) for name, says in said.items()]}


def list_of(schema: Schema) -> Schema:
    """A list of such values."""
    return {"type": "array", "items": schema}


def moved(schema: Any, prefix: str) -> Any:
    """The schema with its definitions renamed, so that it can stand among those of another one."""
    if isinstance(schema, list):
        return [moved(entry, prefix) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.replace("#/$defs/", f"#/$defs/{prefix}")
        if key == "$ref" and isinstance(value, str)
        else moved(value, prefix)
        for key, value in schema.items()
    }


def citation(words: PackNames) -> Schema:
    """What may stand in the `cites` of a rule or a parameter."""
    return {"anyOf": [one_of(_offered(words)), {"type": "string", "pattern": _rest(words)}]}


def _offered(words: PackNames) -> dict[str, str]:
    """The citations to choose from, each with what the item says."""
    offered = {"own default": "No source says so."}
    for source, about in words.vocabulary.sources.items():
        offered[source] = about.get("title", "")
    for item, sources in words.vocabulary.items.items():
        offered |= {f"{source}/{item}": words.items.get(item, "") for source in sources}
    for item, sources in words.vocabulary.items.items():
        says = words.items.get(item, "")
        offered |= {f"own reading of {source}/{item}": f"Read into: {says}" for source in sources}
        offered[f"own default for {item}"] = f"Not said in: {says}"
    return offered


def _rest(words: PackNames) -> str:
    """The ways to cite that are rarely meant."""
    vocabulary = words.vocabulary
    cited = "|".join(re.escape(source) + _items_of(source, words) for source in vocabulary.sources) or "(?!)"
    alone = "|".join(map(re.escape, vocabulary.items)) or "[A-Z][A-Za-z0-9.-]*"
    return rf"^(?:{cited}|own (?:reading of|default for) (?:{cited}|{alone}))$"


def _items_of(source: str, words: PackNames) -> str:
    """The items that may stand behind a source; any, where the pack lists none at all."""
    if not words.vocabulary.items:
        return "(?:/[A-Z][A-Za-z0-9.-]*)?"
    found = [re.escape(item) for item, sources in words.vocabulary.items.items() if source in sources]
    return f"(?:/(?:{'|'.join(found)}))?" if found else ""
