"""Whether data fits a JSON Schema: yes or no, in a tenth of the time that jsonschema takes to say why not.

Nearly all files fit. Only for those that do not, `jsonschema` has to be loaded and asked for the mistakes.
Where this module is not sure, such as before a keyword it does not know, it says that they do not fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]


def fits(value: object, schema: Schema | bool, root: Schema) -> bool:
    """Whether `value` fits `schema`, whose references lead into `root`."""
    if isinstance(schema, bool):
        return schema
    for keyword, wanted in schema.items():
        if keyword not in _SILENT and not _CHECKS.get(keyword, _unknown)(value, wanted, schema, root):
            return False
    return True


_Check: TypeAlias = Callable[[Any, Any, Schema, Schema], bool]
"""Of a value, what a keyword wants, the schema that the keyword stands in, and the whole."""


def _unknown(value: Any, wanted: Any, schema: Schema, root: Schema) -> bool:
    return False


def _ref(value: Any, wanted: str, schema: Schema, root: Schema) -> bool:
    place, _, name = wanted.rpartition("/")
    return place == "#/$defs" and fits(value, root["$defs"][name], root)


def _type(value: Any, wanted: str | list[str], schema: Schema, root: Schema) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return any(type(value) in _TYPES[name] for name in names)


def _enum(value: Any, wanted: list[Any], schema: Schema, root: Schema) -> bool:
    return isinstance(value, str) and value in wanted  # else Python would take `true` for a 1


def _pattern(value: Any, wanted: str, schema: Schema, root: Schema) -> bool:
    return not isinstance(value, str) or re.search(wanted, value) is not None


def _required(value: Any, wanted: list[str], schema: Schema, root: Schema) -> bool:
    return not isinstance(value, dict) or all(name in value for name in wanted)


def _properties(value: Any, wanted: Mapping[str, Schema], schema: Schema, root: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    return all(name not in value or fits(value[name], inner, root) for name, inner in wanted.items())


def _pattern_properties(value: Any, wanted: Mapping[str, Schema], schema: Schema, root: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    return all(
        fits(item, inner, root)
        for pattern, inner in wanted.items()
        for name, item in value.items()
        if re.search(pattern, name)
    )


def _additional_properties(value: Any, wanted: Schema | bool, schema: Schema, root: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return all(
        fits(item, wanted, root)
        for name, item in value.items()
        if name not in known and not any(re.search(pattern, name) for pattern in patterns)
    )


def _property_names(value: Any, wanted: Schema, schema: Schema, root: Schema) -> bool:
    return not isinstance(value, dict) or all(fits(name, wanted, root) for name in value)


def _items(value: Any, wanted: Schema, schema: Schema, root: Schema) -> bool:
    return not isinstance(value, list) or all(fits(item, wanted, root) for item in value)


def _unique_items(value: Any, wanted: bool, schema: Schema, root: Schema) -> bool:
    if not isinstance(value, list):
        return True
    return all(isinstance(item, str) for item in value) and len(set(value)) == len(value)


def _any_of(value: Any, wanted: list[Schema], schema: Schema, root: Schema) -> bool:
    return any(fits(value, inner, root) for inner in wanted)


def _has_at_least(kind: type[Sized]) -> _Check:
    return lambda value, wanted, schema, root: not isinstance(value, kind) or len(value) >= wanted


def _has_at_most(kind: type[Sized]) -> _Check:
    return lambda value, wanted, schema, root: not isinstance(value, kind) or len(value) <= wanted


_SILENT = frozenset(("$schema", "$defs", "title", "description", "examples", "x-is", "x-says"))
"""Keywords that demand nothing."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_CHECKS: Mapping[str, _Check] = {
    "$ref": _ref,
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "required": _required,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "items": _items,
    "uniqueItems": _unique_items,
    "anyOf": _any_of,
    "minLength": _has_at_least(str),
    "minItems": _has_at_least(list),
    "minProperties": _has_at_least(dict),
    "maxProperties": _has_at_most(dict),
}
