"""What a JSON Schema finds wrong -> what the author needs to hear.

The schemas help with two annotations: `x-is` says what a mapping is (`a rule`), `x-says` what is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeAlias
from unicodedata import combining, normalize

from followcue.base.diagnostic import did_you_mean, is_meant
from followcue.language.documents.borrowed import borrowed_in, hint_for
from followcue.language.documents.plain import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of jsonschema: `keyword` of `schema` wanted something else than what was `found` at `path`.

    `in_key`: what was found is a key of the mapping at `path`. `nested` are the faults of its alternatives,
    which `branch` tells apart; one of them is `deeper` if it lies inside the value that was found.
    """

    keyword: str
    schema: Mapping[str, Any]
    wanted: Any
    found: Any
    path: Path
    in_key: bool
    deeper: bool
    branch: object
    nested: tuple[Fault, ...]

    @classmethod
    def of(cls, error: Any) -> Fault:
        """The fault that a `jsonschema.ValidationError` describes."""
        return cls(
            keyword=error.validator,
            schema=error.schema,
            wanted=error.validator_value,
            found=error.instance,
            path=tuple(error.absolute_path),
            in_key="propertyNames" in error.schema_path,
            deeper=bool(error.relative_path),
            branch=error.schema_path[0],
            nested=tuple(cls.of(nested) for nested in error.context),
        )


@dataclass(frozen=True, slots=True)
class SchemaMistake:
    """A mistake at a path of a document, or at the key there."""

    code: str
    message: str
    path: Path
    hint: str | None = None
    key: bool = False


Translation: TypeAlias = Callable[[Fault], Iterable[SchemaMistake]]


def translate(fault: Fault) -> Iterator[SchemaMistake]:
    """The mistakes that one fault stands for."""
    if fault.found is None and fault.path and hint_for("a key", str(fault.path[-1])):
        return  # for want of a space the value stands in the key, of which that is told
    translation = TRANSLATIONS.get(fault.keyword, _other)
    for mistake in translation(fault):
        if fault.in_key:
            # the value that was checked is a key, which jsonschema does not put into the path
            yield replace(mistake, path=(*mistake.path, str(fault.found)), key=True)
        else:
            yield mistake


def _subject(fault: Fault) -> str:
    """What the fault is about: `title`, entry 2 of `do`, a rule file."""
    path = fault.path
    if not path:
        return str(fault.schema.get("x-is", "this"))
    if isinstance(path[-1], int):
        holder = next((step for step in reversed(path) if isinstance(step, str)), None)
        return f"entry {path[-1] + 1} of `{holder}`" if holder else f"entry {path[-1] + 1}"
    return f"`{path[-1]}`"


def _kind(fault: Fault) -> str:
    """What the mapping is in which the fault is: `a rule`."""
    return str(fault.schema.get("x-is", "this"))


# --- keys
def _unknown_keys(fault: Fault) -> Iterator[SchemaMistake]:
    known = fault.schema.get("properties", {})
    patterns = fault.schema.get("patternProperties", {})
    for key in fault.found:
        if key not in known and not any(re.search(pattern, key) for pattern in patterns):
            yield _unknown_key(fault, key, known)


def _unknown_key(fault: Fault, key: str, known: Iterable[str]) -> SchemaMistake:
    kind, names = _kind(fault), [name for name in known if name != "$schema"]
    hint = hint_for("a key", key) or hint_for(kind, key) or did_you_mean(key, names)
    if not hint and 0 < len(names) <= MOST_KEYS:
        hint = "known here: " + ", ".join(f"`{name}`" for name in sorted(names))
    if "action" in fault.schema.get("required", ()) and isinstance(fault.found[key], dict):
        hint = f"the action is named by `action: {key}`, with its keys beside, not beneath"
    return SchemaMistake("FC202", f"{kind} has no `{key}`", (*fault.path, key), hint, key=True)


MOST_KEYS = 24
"""So many keys are all named to whoever writes one that is none of them, nor like one."""


def _missing_keys(fault: Fault) -> Iterator[SchemaMistake]:
    known = fault.schema.get("properties", {})
    strange = [found for found in fault.found if found not in known] if known else []
    for key in fault.wanted:
        hints = [hint_for(_kind(fault), found) or "" for found in strange]
        if key == "action" and any(isinstance(fault.found[found], dict) for found in strange):
            continue  # its keys stand beneath it, of which that is told
        if any(is_meant(found, key, known) for found in strange) or any(f"`{key}:`" in h for h in hints):
            continue  # it is there with a slip, of which that is told
        if key not in fault.found and not any(_runs_on(found, key) for found in fault.found):
            yield SchemaMistake(
                "FC203", f"{_kind(fault)} needs `{key}`", fault.path, _example(fault, key), key=True
            )


def _example(fault: Fault, key: str) -> str | None:
    """How a key that is missing is written, by the example of the schema."""
    examples = fault.schema.get("properties", {}).get(key, {}).get("examples", ())
    shown = [example for example in examples if isinstance(example, str | int)]
    return f"add it, as in `{key}: {shown[0]}`" if shown else f"add `{key}: …`"


def _runs_on(written: str, key: str) -> bool:
    """Whether a key holds its value too, for want of a space: `action:wait`, `action = wait`."""
    return re.match(rf"{re.escape(key)} *[:=]", written) is not None


# --- types
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")

TYPE_WORDS = frozenset({"one of", "id of", "decimal"})
"""The keys of a type that a vocabulary declares."""

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def _wrong_type(fault: Fault) -> Iterator[SchemaMistake]:
    yield _of_types(fault, _types_of(fault.wanted))


def _types_of(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


EMPTY_CELL = "this cell is empty"
EMPTY_CELL_HINT = "write `any` where a row asks or gives nothing"


def _of_types(fault: Fault, types: list[str]) -> SchemaMistake:
    if fault.found is None and _is_cell(fault.path):
        return SchemaMistake("FC362", EMPTY_CELL, fault.path, EMPTY_CELL_HINT)
    wanted = _either([_TYPES[name] for name in dict.fromkeys(types) if name != "null"])
    message = f"{_subject(fault)} must be {wanted}, not {described(fault.found)}"
    if fault.found is None:
        message = f"{_subject(fault)} is empty, and must be {wanted}"
    hint = _pattern_hint(fault) or _entry_hint(fault, types) or _place_hint(fault)
    hint = hint or _type_hint(types, fault.found)
    return SchemaMistake("FC201", message, fault.path, hint)


def _place_hint(fault: Fault) -> str | None:
    """What to write in the place of the fault, where that says more than the types do."""
    key, found = fault.path[-1] if fault.path else None, fault.found
    match found:
        case dict() | bool() if key == "where":
            return "a comparison is one text, such as `$n at least 3`"
        case None if fault.path[:1] == ("rules",) and "when" in fault.path and isinstance(key, str):
            return "write `absent` where there must be none, `present` where there must be one"
        case None if fault.path[:1] == ("rules",) and "when" in fault.path:
            return "leave out the `-`, or write a condition after it"
        case int() if "date" in str(fault.schema.get("x-says", "")) and re.fullmatch(r"\d{8}", str(found)):
            return f"write the day as `{str(found)[:4]}-{str(found)[4:6]}-{str(found)[6:]}`"
        case [str() as one] if fault.schema.get("x-borrows") == "a type name":
            return f"write `list of {one}`"
        case {"type": str() as one, **rest} if not rest:
            return f"write the type itself: `{one}`"
        case {"value": one, **rest} if not rest and not isinstance(one, (dict, list)):
            return f"write the value itself: `{one}`"
        case str() if key == "situation" and fault.path[:1] in (("tests",), ("situation",)):
            return f"a file is named by `situation_file: {found}`"
        case str() if fault.schema.get("type") == "boolean" and found.lower() in ("yes", "no", "on", "off"):
            return f"write `{'true' if found.lower() in ('yes', 'on') else 'false'}`"
        case dict() if fault.path[:1] == ("tests",) and isinstance(fault.path[-2], int):
            return f"an action is named by `action:`, with its keys beside: `{{action: {key}, …}}`"
    return None


def _is_cell(path: Path) -> bool:
    """Whether that is a cell of a decision table: `tables`, a name, `rows`, a row, the number of the cell."""
    return len(path) == 5 and path[0] == "tables" and path[2] == "rows"


def _entry_hint(fault: Fault, types: list[str]) -> str | None:
    """How what was written bare is written in a mapping of one key that has to be there, or that says it."""
    if fault.path[:1] == ("types",) and len(fault.path) == 2 and isinstance(fault.found, (list, str)):
        return "write `{one of: [a, b]}`"
    if "object" not in types or "string" in types or not isinstance(fault.found, str):
        return None
    keys = fault.schema.get("required", ())
    own = fault.schema.get("properties", {})
    if not keys:
        keys = ("value",) if "value" in own else ("says",) if "says" in own else ()
    if keys == ["action"] and not re.fullmatch(r"[a-z]\w*", fault.found):
        return "name the action, as in `{action: wait}`"
    return f"write `{{{keys[0]}: {_short(fault.found)}}}`" if len(keys) == 1 else None


def _pattern_hint(fault: Fault) -> str | None:
    """What to write instead of something that stands in a condition of a rule."""
    if fault.path[:1] != ("rules",):
        return None
    conditions = [str(step) for before, step in pairwise(fault.path) if isinstance(before, int)]
    hints = [hint_for("a kind", key) for key in conditions]
    if _kind(fault) == "a pattern" and isinstance(fault.found, (str, bool)):
        written = str(fault.found).lower() if isinstance(fault.found, bool) else fault.found
        hints.append(hint_for("a pattern", written))
    if _kind(fault) == "a pattern" and isinstance(fault.found, list) and fault.found:
        hints.append("fields go into braces: `{date: $day}`")
    return next(filter(None, hints), None)


def _either(words: list[str]) -> str:
    """`text`, `text or a list`, `text, a whole number, or a list`."""
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])}, or {words[-1]}"


def described(value: object) -> str:
    """What a value is, in the words of messages: `a list`."""
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
    return "empty"


def _type_hint(types: list[str], value: object) -> str | None:
    match value:
        case float() if "integer" in types:
            found = borrowed_in("expression", repr(value), 0)
            return found and (f"{found.hint}; text goes in quotes" if "string" in types else found.hint)
        case bool() | int() | float() if "string" in types:
            return "put it in quotes"
        case "true" | "false" if "boolean" in types:
            return "leave out the quotes"
        case str() if "integer" in types and _WHOLE.fullmatch(value):
            return "leave out the quotes"
        case dict() if "string" in types and not TYPE_WORDS.isdisjoint(value):
            return "declare this type under `types:`, and write its name here"
        case dict() if "string" in types:
            return "text that has `: ` or braces in it must be in quotes"
        case [str() | int() as one] if "string" in types:
            return f"leave out the brackets: `{one}`"
        case dict() if "array" in types:
            return "begin each entry with `- `, or write `[a, b]`"
        case str() if "array" in types:
            return "begin each entry with `- ` on a line of its own, or write `[a, b]`"
        case list() if "object" in types:
            return "write `name: value`, without a `-` before it"
    return None


# --- values
def _not_one_of(fault: Fault) -> Iterator[SchemaMistake]:
    choices = [str(choice) for choice in fault.wanted]
    listed = ", ".join(f"`{choice}`" for choice in choices)
    hint = did_you_mean(fault.found, choices) if isinstance(fault.found, str) else None
    is_shown = isinstance(fault.found, str | int | float) and not isinstance(fault.found, bool)
    found = f"`{fault.found}`" if is_shown else described(fault.found)
    message = f"{_subject(fault)} must be one of {listed}, not {found}"
    near = hint if hint and hint.startswith("did") else "write one of these words"
    place = fault.schema.get("x-borrows")
    borrowed = hint_for(str(place), fault.found) if place and isinstance(fault.found, str) else None
    yield SchemaMistake("FC205", message, fault.path, borrowed or near)


def _wrong_pattern(fault: Fault) -> Iterator[SchemaMistake]:
    says = str(fault.schema.get("x-says", "what is wanted here"))
    place = str(fault.schema.get("x-borrows", "a day" if says.startswith("a date such as") else "a value"))
    hint = hint_for("a key" if fault.in_key else place, fault.found)
    hint = hint or _as_a_name(fault) or _as_the_example(fault)
    yield SchemaMistake("FC204", f"`{_short(fault.found)}` is not {says}", fault.path, hint)


def _as_the_example(fault: Fault) -> str | None:
    """What was probably meant by keys joined by another sign; else how such a value is written."""
    joined = re.sub(r"[/:> -]+", ".", fault.found)
    if joined != fault.found and re.search(str(fault.wanted), joined):
        return f"write `{joined}`"
    examples = fault.schema.get("examples", ())
    return f"as in `{examples[0]}`" if examples else None


def _as_a_name(fault: Fault) -> str | None:
    """The name that was probably meant by something with capitals, spaces or other signs."""
    pattern, says = str(fault.wanted), str(fault.schema.get("x-says", ""))
    if fault.found.startswith("list ") and "list of" in pattern:
        return f"write `list of {fault.found.removeprefix('list ').strip()}`"
    for sign in (
        "_-" if says.startswith(("a name", "a rule name", "a row name", "the name of", "a word")) else ""
    ):
        name = re.sub(r"[^a-z0-9]+", sign, _in_small_letters(fault.found, sign)).strip(sign)
        if name != fault.found and re.search(pattern, name):
            return f"write `{name}`"
        if name[:1].isdigit() and re.search(pattern, f"a{name}"):
            return "begin it with a letter"
    return None


_SPELT_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"}


def _in_small_letters(written: str, sign: str) -> str:
    """The letters a to z of a name: `MaxAge` as `max_age`, `Größe` as `groesse`, `prénom` as `prenom`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", sign, written).lower()
    spelt = "".join(_SPELT_OUT.get(letter, letter) for letter in apart)
    return "".join(letter for letter in normalize("NFD", spelt) if not combining(letter))


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _is_empty(fault: Fault) -> Iterator[SchemaMistake]:
    hint = fault.schema.get("x-says", "write what is meant, or leave it out")
    yield SchemaMistake("FC204", f"{_subject(fault)} is empty", fault.path, hint)


def _too_many_keys(fault: Fault) -> Iterator[SchemaMistake]:
    keys = list(fault.found)
    message = f"{_kind(fault)} has one key, and this has `{keys[0]}` and `{keys[1]}`"
    yield SchemaMistake("FC204", message, (*fault.path, keys[1]), fault.schema.get("x-says"), key=True)


def _repeated_entry(fault: Fault) -> Iterator[SchemaMistake]:
    for index, item in enumerate(fault.found):
        if item in fault.found[:index]:
            message = f"`{_short(str(item))}` is listed twice"
            yield SchemaMistake("FC204", message, (*fault.path, index), "leave one of them out")


def _too_small(fault: Fault) -> Iterator[SchemaMistake]:
    yield SchemaMistake("FC204", f"{_subject(fault)} must be at least {fault.wanted}", fault.path)


def _other(fault: Fault) -> Iterator[SchemaMistake]:
    says = fault.schema.get("x-says")
    yield SchemaMistake("FC204", f"{_subject(fault)} has a value that does not fit here", fault.path, says)


# --- alternatives
def _no_alternative(fault: Fault) -> Iterator[SchemaMistake]:
    """The mistakes in the alternative that the author meant, as far as type and keys tell."""
    branches = _branches(fault)
    fitting = [branch for branch in branches if not any(_wrong_types(e) for e in branch)]
    if not fitting:
        yield _of_types(fault, [name for branch in branches for e in branch for name in _wrong_types(e)])
        return
    fewest = min(_at_top(branch) for branch in fitting)
    closest = [branch for branch in fitting if _at_top(branch) == fewest]
    if fewest and len(closest) > 1:
        yield from _none_of_several(closest)
    else:
        for nested in closest[0]:
            yield from translate(nested)


def _branches(fault: Fault) -> list[list[Fault]]:
    """The faults of each alternative."""
    branches: dict[object, list[Fault]] = {}
    for nested in fault.nested:
        branches.setdefault(nested.branch, []).append(nested)
    return list(branches.values())


def _wrong_types(fault: Fault) -> list[str]:
    """The types that were wanted of the value itself, if its type is what is wrong."""
    if fault.deeper:
        return []
    if fault.keyword == "type":
        return _types_of(fault.wanted)
    nested = [[name for e in branch for name in _wrong_types(e)] for branch in _branches(fault)]
    return [name for names in nested for name in names] if nested and all(nested) else []


def _at_top(branch: list[Fault]) -> int:
    """How many keys of the value itself are wrong, or too many."""
    counted = (*KEY_TRANSLATIONS, "maxProperties")
    return sum(not fault.deeper for fault in branch if fault.keyword in counted)


def _none_of_several(branches: list[list[Fault]]) -> Iterator[SchemaMistake]:
    """A mapping that could be any of several alternatives: their keys are named together."""
    faults = [fault for branch in branches for fault in branch if not fault.deeper]
    first = faults[0]
    known = list(dict.fromkeys(key for fault in faults for key in fault.schema.get("properties", {})))
    unknown = [key for key in first.found if key not in known]
    for key in unknown:
        yield _unknown_key(first, key, known)
    if not unknown:
        needed = _either([f"`{key}`" for key in known])
        hint = f"write one of {needed.replace(' or ', ' and ')}"
        yield SchemaMistake("FC203", f"{_kind(first)} has either {needed}", first.path, hint, key=True)


KEY_TRANSLATIONS: Mapping[str, Translation] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
}
TRANSLATIONS: Mapping[str, Translation] = {
    **KEY_TRANSLATIONS,
    "type": _wrong_type,
    "enum": _not_one_of,
    "pattern": _wrong_pattern,
    "minLength": _is_empty,
    "minItems": _is_empty,
    "minProperties": _is_empty,
    "maxProperties": _too_many_keys,
    "uniqueItems": _repeated_entry,
    "minimum": _too_small,
    "anyOf": _no_alternative,
    "oneOf": _no_alternative,
}
