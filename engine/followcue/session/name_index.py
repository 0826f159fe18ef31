"""Where each name of a pack is declared and mentioned, from what was parsed of its files.

Idea: a name is a `NamePlace`: what sort of thing it names, and the characters that say it. Rules are walked
as values, whatever they are made of: under the nearest `Where` above it, a `Pattern` names kinds of facts and
a `Word` a parameter. The vocabulary, tests and situations are walked as data, by their keys.

    rules/late.yaml   when: [lent: {until: $day}]      ("kind", "lent") at 5:12, 4 characters
                      recommend: {open: $day + grace}  ("parameter", "grace") at 6:37, 5 characters

Invariant: a place covers the name alone wherever the text has it on one line without escapes; of a rule that
cannot be read no mention is known, but it is declared all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from followcue.base.diagnostic import Span
from followcue.language.documents.checked import checked_document
from followcue.language.documents.document import Document
from followcue.language.logic.compile_pack import Layer
from followcue.language.logic.types import field_types
from followcue.language.model.citations import parse_citation
from followcue.language.model.decision_table import rules_of
from followcue.language.model.declared import SECTIONS, Declaration
from followcue.language.model.read_tables import read_rule_file
from followcue.language.model.rules import Assigned, Demand, Mention, Pattern, Rule, RuleHead, StepHead, Where
from followcue.language.model.syntax import At, Variable, Word
from followcue.language.model.vocabulary import Vocabulary
from followcue.session.pack_texts import files_in

Sort: TypeAlias = Literal[
    "kind", "action", "parameter", "profile", "source", "item", "rule", "type", "message", "sitting"
]
"""What a name is the name of; `kind` is one of facts: an event, a record or a conclusion."""


class NamePlace(NamedTuple):
    """A name where it stands; `declares` if it is what gives the name its meaning there."""

    sort: Sort
    name: str
    span: Span
    declares: bool = False


class NameIndex:
    """All names of some files with their places."""

    def __init__(self, places: Iterable[NamePlace]) -> None:
        self._by_name: dict[tuple[Sort, str], list[NamePlace]] = {}
        self._by_line: dict[tuple[str, int], list[NamePlace]] = {}
        self._places = tuple(dict.fromkeys(places))
        for place in self._places:
            self._by_name.setdefault((place.sort, place.name), []).append(place)
            self._by_line.setdefault((place.span.file, place.span.line), []).append(place)

    def with_places(self, places: Iterable[NamePlace]) -> NameIndex:
        """The index of these places as well."""
        more = tuple(places)
        return NameIndex((*self._places, *more)) if more else self

    def at(self, file: str, line: int, column: int) -> NamePlace | None:
        """The name at a place (line and column from 1), the shortest where several cover it."""
        covering = [
            place
            for place in self._by_line.get((file, line), ())
            if place.span.column <= column <= place.span.column + place.span.length
        ]
        return min(covering, key=lambda place: place.span.length, default=None)

    def declared(self, sort: Sort, name: str) -> tuple[NamePlace, ...]:
        """Where a name is declared, lowest layer first."""
        return tuple(place for place in self._by_name.get((sort, name), ()) if place.declares)

    def all(self, sort: Sort, name: str) -> tuple[NamePlace, ...]:
        """Every place of a name, declarations too."""
        return tuple(self._by_name.get((sort, name), ()))


def index_layers(layers: list[Layer], vocabulary: Vocabulary | None) -> Iterator[NamePlace]:
    """The names in the files of a pack; without a vocabulary, those that need none to be understood."""
    for name, content, kind in files_in(layers):
        document, problems = checked_document(content, name, kind)
        if document is None:
            continue
        if kind == "vocabulary":
            yield from _in_vocabulary(document)
            continue
        for section in ("rules", "tables"):
            for rule in _mapping(document.data, section):
                yield from _at("rule", rule, Where(document, (section, rule), key=True), declares=True)
        if vocabulary is not None:
            file, _ = read_rule_file(document, vocabulary, problems)
            yield from _mentions("rule", file.disabled)
            for table in file.tables:
                for row in rules_of(table):
                    yield from _at("rule", row.id, row.where, declares=True)
            for read in (*file.rules, *(row for table in file.tables for row in rules_of(table))):
                yield from _RuleNames(vocabulary).of(read)


# --- rules
class _RuleNames:
    """The names in one rule."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def of(self, rule: Rule) -> Iterator[NamePlace]:
        yield from _mentions("profile", rule.profiles)
        yield from _mentions("rule", (*rule.overrides, *filter(None, (rule.replaces, rule.refines))))
        for _, where in rule.cites:
            yield from _in_citation(where)
        yield from self.within(rule.when, rule.where)
        for head in rule.head.each if rule.head else ():
            yield from self.in_head(head)
        yield from self.in_sentences(rule)

    def in_sentences(self, rule: Rule) -> Iterator[NamePlace]:
        """The parameters that the texts of a rule tell: names in braces that no condition binds."""
        if rule.head is None:
            return
        bound = {variable.name for variable in _variables(rule.when)}
        for path, text in rule.head.texts():
            where = rule.where / rule.head.kind
            for step in path:
                where /= step
            for found in _IN_BRACES.finditer(text):
                if found[1] in self.vocabulary.parameters and found[1] not in bound:
                    yield from _at("parameter", found[1], where, (found.start(1), len(found[1])))

    def in_head(self, head: RuleHead) -> Iterator[NamePlace]:
        if head.step is not None:
            yield from self.in_step(head.step, head.where)
        elif head.kind == "conclude":
            yield from _at("kind", head.target, head.where)
        elif head.kind != "warn":
            yield from _at("action", head.target, head.where)
        text = self.text_fields([head.target]) if head.kind == "conclude" else {"to", "about", "channel"}
        yield from self.in_assigned(head.values, text)
        yield from self.within(head.done_when, head.where)

    def in_step(self, step: StepHead, where: Where) -> Iterator[NamePlace]:
        yield from _mentions("action", step.actions)
        written = Where(where.document, (*where.path[:2], "step", "rides on"))
        for index, action in enumerate(step.change.rides_on or ()):
            yield from _at("action", action, written / index)

    def in_assigned(self, values: Mapping[str, Assigned], text: Iterable[str]) -> Iterator[NamePlace]:
        for name, value in values.items():
            if name not in text:
                yield from self.within(value, value.where)

    def within(self, node: object, where: Where) -> Iterator[NamePlace]:
        """The names in a part of a rule, `where` being the place of the phrase around it."""
        match node:
            case Word():
                if node.text in self.vocabulary.parameters:
                    yield from _at("parameter", node.text, where, node.at)
            case Pattern():
                for kind in node.kinds:
                    yield from _at("kind", kind.text, node.where, kind.at)
                text = self.text_fields(kind.text for kind in node.kinds)
                for demand in node.demands:
                    if demand.field not in text:
                        yield from self.in_demand(demand)
            case tuple():
                for part in node:
                    yield from self.within(part, where)
            case Where():
                return
            case _ if is_dataclass(node) and not isinstance(node, type):
                inner = getattr(node, "where", where)
                for field in fields(node):
                    yield from self.within(getattr(node, field.name), inner)

    def in_demand(self, demand: Demand) -> Iterator[NamePlace]:
        """The names in a demand, of which a list stands as entries of their own."""
        values = demand.constraint.values
        written = _value(demand.where)
        if isinstance(written, list) and len(written) == len(values):
            for index, value in enumerate(values):
                yield from self.within(value, demand.where / index)
        else:
            yield from self.within(values, demand.where)

    def text_fields(self, kinds: Iterable[str]) -> set[str]:
        """The fields in which a bare word is itself, in one of these kinds at least."""
        known = self.vocabulary.kinds
        return {
            field
            for name in kinds
            if name in known
            for field, type in field_types(known[name], self.vocabulary).items()
            if type.base == "text"
        }


_IN_BRACES = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def _variables(node: object) -> Iterator[Variable]:
    """The variables in a part of a rule."""
    if isinstance(node, Variable):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _variables(part)
    elif is_dataclass(node) and not isinstance(node, (type, Where)):
        for field in fields(node):
            yield from _variables(getattr(node, field.name))


def _mentions(sort: Sort, mentions: Iterable[Mention]) -> Iterator[NamePlace]:
    for mention in mentions:
        yield from _at(sort, mention.name, mention.where)


def _in_citation(where: Where) -> Iterator[NamePlace]:
    """The source and the item in what a rule or a parameter cites."""
    text = _value(where)
    cited = parse_citation(text) if isinstance(text, str) else None
    if cited is None or not isinstance(text, str):
        return
    item_at = len(text) - len(cited.item) if cited.item else len(text)
    if cited.item:
        yield from _at("item", cited.item, where, (item_at, len(cited.item)))
    start = text.rfind(cited.source, 0, item_at)
    if start >= 0 and cited.source not in ("own default", "own reading"):
        yield from _at("source", cited.source, where, (start, len(cited.source)))


# --- the vocabulary
_DECLARING: Mapping[str, Sort] = {
    "types": "type",
    "events": "kind",
    "conclusions": "kind",
    "actions": "action",
    "parameters": "parameter",
    "profiles": "profile",
    "sources": "source",
    "items": "item",
    "messages": "message",
    "sittings": "sitting",
}

_LISTED: Mapping[tuple[str, str], Sort] = {
    ("actions", "contradicts"): "action",
    ("actions", "rides on"): "action",
    ("types", "id of"): "kind",
    ("items", "sources"): "source",
}
"""The keys under which a list of names stands, by the section around them."""

_SINGLE: Mapping[tuple[str, str], Sort] = {
    ("actions", "message"): "message",
    ("actions", "sitting"): "sitting",
    ("messages", "otherwise"): "message",
}


def _in_vocabulary(document: Document) -> Iterator[NamePlace]:
    whole = Declaration("", document.data, Where(document, ()))
    for section in SECTIONS:
        for found in whole.entries(section):
            if section in _DECLARING:
                yield from _at(_DECLARING[section], found.name, found.place, declares=True)
                yield from _in_declaration(section, found)
    for record in whole.part("situation").entries("records"):
        yield from _at("kind", record.name, record.place, declares=True)
        yield from _in_declaration("records", record)
    for known in whole.entries("known as"):
        name = known.name.partition(".")[0]
        yield from _at("kind", name, known.place, (0, len(name)))


def _in_declaration(section: str, found: Declaration) -> Iterator[NamePlace]:
    for (around, key), sort in _LISTED.items():
        if around == section:
            for name, where in found.texts(key):
                yield from _at(sort, name, where)
    for (around, key), sort in _SINGLE.items():
        if around == section and found.text(key):
            yield from _at(sort, found.text(key), found.where / key)
    becomes = found.part("appointment")
    if becomes.text("becomes"):
        yield from _at("kind", becomes.text("becomes"), becomes.where / "becomes")
    for text, where in found.texts("require"):
        _, several, kind = text.partition(" if several ")
        if several:
            yield from _at("kind", kind, where, (len(text) - len(kind), len(kind)))
    if section == "parameters":
        for _, where in found.texts("cites"):
            yield from _in_citation(where)
        for profile in found.entries("profiles"):
            yield from _at("profile", profile.name, profile.place)
    for field in found.entries("fields"):
        if isinstance(field.value, str):
            of = field.value.removeprefix("list of ")
            yield from _at("type", of, field.where, (len(field.value) - len(of), len(of)))


# --- tests and situations
_NAMED_BY_KEY: Mapping[str, Sort] = {
    "event": "kind",
    "action": "action",
    "caution": "action",
    "conclusion": "kind",
    "profile": "profile",
}
_LISTED_BY_KEY: Mapping[str, Sort] = {
    "rules": "rule",
    "items": "item",
    "expect": "action",
    "reject": "action",
    "with": "action",
}
_KEYS: Mapping[str, Sort] = {"params": "parameter", "remarks": "item", "equivalent": "rule"}


def index_document(document: Document) -> Iterator[NamePlace]:
    """The names of a pack in scenario tests or in a situation."""
    yield from _in_data(document.data, Where(document, ()))


def _in_data(data: Any, where: Where) -> Iterator[NamePlace]:
    if isinstance(data, list):
        for index, entry in enumerate(data):
            yield from _in_data(entry, where / index)
    is_event = isinstance(data, dict) and "event" in data  # its fields hold what its author calls them
    for key, value in data.items() if isinstance(data, dict) else ():
        place = where / key
        if is_event and key != "event":
            continue
        if isinstance(value, str) and key in _NAMED_BY_KEY:
            yield from _at(_NAMED_BY_KEY[key], value, place)
        elif isinstance(value, list) and key in _LISTED_BY_KEY:
            for index, entry in enumerate(value):
                if isinstance(entry, str):
                    yield from _at(_LISTED_BY_KEY[key], entry, place / index)
        elif isinstance(value, dict) and key in _KEYS:
            for name in value:
                yield from _at(_KEYS[key], name, (place / name).as_key())
        yield from _in_data(value, place)


# --- places
def _at(
    sort: Sort, name: str, where: Where, at: At | None = None, *, declares: bool = False
) -> Iterator[NamePlace]:
    span = where.problem("", "", at).span
    if span is not None:
        yield NamePlace(sort, name, span, declares)


def _value(where: Where) -> object:
    """The data at a place; None where there is none."""
    value: Any = where.document.data
    for step in where.path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _mapping(data: object, key: str) -> Mapping[str, object]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}
