"""What may be written at a place of a file: the pack's own words, by the schema that editors have.

Idea: what is being typed under the cursor is replaced by a word that nothing is called, as a value or as a
key, whichever makes a text that can be read; where it then stands in the data is the place in the schema.

    when:                   when:
      - no |                  - ▮            at rules, late, when, 0: a condition
    recommend:              recommend:
      act|                    ▮:             a key of what stands at rules, late, recommend

Invariant: what is offered is what the schema of `followcue schema` names there: `const`, `enum` and keys,
each with its description. Its patterns offer nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from followcue.base.diagnostic import InvalidInput
from followcue.language.documents.document import Path
from followcue.language.documents.lines import line_starts
from followcue.language.documents.read import read_document

Schema: TypeAlias = Mapping[str, Any]

_HOLE = "x0followcue0hole0x"
_BEFORE = re.compile(r"^\s*|(?<!\S)- +|: +|[{\[,] *")
"""What stands before a value or a key on its line; the last of them counts."""
_REST = re.compile(r"[\w$/.+*-]*(?: [\w$/.+*-]+)*")
_RECKONED = re.compile(r"\S\s+[+*-]\s+(\w*)$")
_LAST_WORD = re.compile(r"[\w/.-]*$")
_CLOSING = {"{": "}", "[": "]"}


class Offer(NamedTuple):
    """A text to write from the column `start` (from 1) on, and what it says; a value follows a key."""

    text: str
    says: str
    start: int
    is_key: bool = False

    @property
    def written(self) -> str:
        """What is put into the text."""
        return f"{self.text}: " if self.is_key else self.text


class _Hole(NamedTuple):
    """The way to the hole, or to the mapping of which it is a key; and the data around."""

    path: Path
    is_key: bool
    data: object


def completions(
    text: str, line: int, column: int, name: str, schema: Schema, reckoned: Mapping[str, str]
) -> tuple[Offer, ...]:
    """What fits at a place (line and column from 1) of a file of that name, by the schema of its kind.

    `reckoned` are the names that may stand behind a sign of arithmetic, each with what it says.
    """
    starts = [*line_starts(text), len(text)]
    if not 0 < line < len(starts):
        return ()
    head, tail = text[: starts[line - 1]], text[starts[line] :]
    written = text[starts[line - 1] : starts[line]].rstrip("\r\n\x85\u2028\u2029")
    if written.lstrip().startswith("#"):
        return ()
    before, after = written[: column - 1], written[column - 1 :]
    start = max(found.end() for found in _BEFORE.finditer(before))
    start += before[start : start + 1] in ('"', "'")
    typed = before[start:]
    hole = _hole(head, before[:start], _REST.sub("", after, count=1), tail, name)
    if hole is None:
        return ()
    alone = not before[:start].rstrip("\"' ").endswith(":")
    if not hole.is_key and (last := _RECKONED.search(typed)):
        return tuple(Offer(name, says, start + last.start(1) + 1) for name, says in reckoned.items())
    found = [
        fitted
        for place in _at(schema, hole.path, hole.data)
        for offer in _offers(place, schema, hole, alone=alone)
        if (fitted := _fitted(offer, before, start, typed)) is not None
    ]
    offers: dict[str, Offer] = {}
    for offer in sorted(found, key=lambda offer: offer.is_key):  # `lent` alone before `lent: …`
        offers.setdefault(offer.text, offer)
    return tuple(offers.values())


def _fitted(offer: Offer, before: str, start: int, typed: str) -> Offer | None:
    """The offer with its column: it goes on with all that is typed, or takes the place of its last word."""
    if " " not in typed or offer.text.startswith(typed.rstrip()):
        return offer._replace(start=start + 1)
    if " " in offer.text or offer.is_key:
        return None
    last = _LAST_WORD.search(before)
    return offer._replace(start=last.start() + 1) if last else None


# --- the hole
def _hole(head: str, before: str, after: str, tail: str, name: str) -> _Hole | None:
    """Where the hole is, in the first of several ways to put it that makes a text which can be read."""
    closing = _closing(before)
    for rest in (tail, ""):
        for end in (after, f": {after}", closing, f": {closing}"):
            try:
                data = read_document(f"{head}{before}{_HOLE}{end}\n{rest}", name).data
            except InvalidInput:
                continue
            found = next(_holes(data, ()), None)
            if found is not None:
                return _Hole(*found, data)
    return None


def _closing(before: str) -> str:
    """What closes the brackets that are open on a line."""
    opened: list[str] = []
    for sign in before:
        if sign in _CLOSING:
            opened.append(_CLOSING[sign])
        elif opened and sign == opened[-1]:
            opened.pop()
    return "".join(reversed(opened))


def _holes(data: object, path: Path) -> Iterator[tuple[Path, bool]]:
    if data == _HOLE:
        yield path, False
    elif isinstance(data, dict):
        if _HOLE in data:
            yield path, True
        for key, value in data.items():
            yield from _holes(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _holes(value, (*path, index))


# --- the schema
def _at(schema: Schema, path: Path, data: object) -> list[Schema]:
    """The schemas of what stands at a path, every alternative one of its own."""
    places = list(_alternatives(schema, schema, data))
    for step in path:
        data = _inside(data, step)
        found = [part for place in places for part in _parts(place, step)]
        places = [one for part in found for one in _alternatives(part, schema, data)]
    return places


def _parts(place: Schema, step: str | int) -> Iterator[Schema]:
    if isinstance(step, int):
        items = place.get("items")
        if isinstance(items, Mapping):
            yield items
        return
    if step in place.get("properties", {}):
        yield place["properties"][step]
        return
    matching = [s for pattern, s in place.get("patternProperties", {}).items() if re.search(pattern, step)]
    yield from matching
    others = place.get("additionalProperties")
    if not matching and isinstance(others, Mapping):
        yield others


def _alternatives(place: object, root: Schema, data: object) -> Iterator[Schema]:
    """A schema and all that it refers to or chooses among; of conditional ones, those that hold."""
    if not isinstance(place, Mapping):
        return
    yield place
    if "$ref" in place:
        yield from _alternatives(root["$defs"][place["$ref"].removeprefix("#/$defs/")], root, data)
    for word in ("anyOf", "oneOf", "allOf"):
        for one in place.get(word, ()):
            yield from _alternatives(one, root, data)
    if "if" in place and _holds(place["if"], data):
        yield from _alternatives(place.get("then"), root, data)


def _holds(condition: Schema, data: object) -> bool:
    from jsonschema import Draft7Validator

    return bool(Draft7Validator(condition).is_valid(data))


def _inside(data: object, step: str | int) -> object:
    if isinstance(data, dict) and isinstance(step, str):
        return data.get(step)
    return data[step] if isinstance(data, list) and isinstance(step, int) else None


# --- what a schema offers
def _offers(place: Schema, root: Schema, hole: _Hole, *, alone: bool) -> Iterator[Offer]:
    """What one schema names; keys also where a mapping may be the value, which stands `alone`."""
    if hole.is_key or alone:
        there = _there(hole) if hole.is_key else ()
        for key, part in place.get("properties", {}).items():
            if key not in there:
                yield Offer(key, _says(part, root), 0, is_key=True)
        if hole.is_key:
            for name in _alternatives(place.get("propertyNames"), root, None):
                yield from (offer._replace(is_key=True) for offer in _values(name) if offer.text not in there)
    if not hole.is_key:
        yield from _values(place)


def _values(place: Schema) -> Iterator[Offer]:
    for value in [place["const"]] if "const" in place else place.get("enum", ()):
        said = (
            {True: "true", False: "false", None: "null"}.get(value) if not isinstance(value, str) else value
        )
        yield Offer(str(value) if said is None else said, place.get("description", ""), 0)


def _says(part: object, root: Schema) -> str:
    return next((one["description"] for one in _alternatives(part, root, None) if "description" in one), "")


def _there(hole: _Hole) -> tuple[str, ...]:
    data = hole.data
    for step in hole.path:
        data = _inside(data, step)
    return tuple(data) if isinstance(data, dict) else ()
