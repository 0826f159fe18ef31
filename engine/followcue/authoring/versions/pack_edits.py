"""Two versions of a pack -> the edits between them, in sentences with the places on both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from followcue.authoring.versions.facets import facets
from followcue.base.rows import Value, places_of
from followcue.base.values import format_date, format_decimal, format_duration, format_period, format_time
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.model.rules import Rule, Where
from followcue.language.model.vocabulary import ActionKind, Field, Kind, Parameter, Type, Vocabulary

DEFAULT = "default"
"""The beginning of the facets that change what is taken where a situation says nothing."""

ADDED, REMOVED = "added", "removed"
"""The facets of what is there on one side only."""

Places = Mapping[tuple[str, str], str]
"""Where a name is declared: `file:line` by the section of the vocabulary and the name."""

WORDS = ("conclusions", "events", "situation", "types", "profiles", "sources", "items")
"""The sections that give words to rules and situations; they advise nothing by themselves."""


class PackEdit(NamedTuple):
    """One difference between two versions of a pack.

    `section` is `rules` or one of the vocabulary, `name` what is changed there, and `facet` what about it.
    `old` and `new` are places, empty where there is nothing or nobody knows.
    """

    section: str
    name: str
    facet: str
    says: str
    old: str = ""
    new: str = ""

    @property
    def is_of_words(self) -> bool:
        """Whether it only changes which words there are, and no value that is taken where none is given."""
        return self.section in WORDS and not self.facet.startswith(DEFAULT)

    def __str__(self) -> str:
        return f"{_CALLED[self.section]} `{self.name}`: {self.says}"


def pack_edits(
    old: LoadedPack, new: LoadedPack, old_places: Places | None = None, new_places: Places | None = None
) -> tuple[PackEdit, ...]:
    """Every difference of meaning, rules first; the order of files, rules and conditions is none."""
    words = _VocabularyEdits(old_places or {}, new_places or {})
    return (*_of_rules(old, new), *words.edits(old.pack.vocabulary, new.pack.vocabulary))


# --- rules
def _of_rules(old: LoadedPack, new: LoadedPack) -> Iterator[PackEdit]:
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one is None and other is not None:
            yield PackEdit("rules", name, ADDED, f"the rule is new{_what(other)}", new=_place(other.where))
        elif one is not None and other is None:
            yield PackEdit("rules", name, REMOVED, f"the rule is gone{_what(one)}", old=_place(one.where))
        elif one is not None and other is not None:
            for facet in facets(one, other):
                yield PackEdit("rules", name, facet.name, facet.says, _place(facet.old), _place(facet.new))


def _what(rule: Rule) -> str:
    head = rule.head
    return f" ({head.kind}: {' and '.join(head.targets)})" if head else ""


def _place(where: Where | None) -> str:
    span = where.span if where else None
    return f"{span.file}:{span.line}" if span else ""


# --- the vocabulary
class _VocabularyEdits:
    """Finds the differences of two vocabularies."""

    def __init__(self, old_places: Places, new_places: Places) -> None:
        self._old_places = old_places
        self._new_places = new_places

    def edits(self, old: Vocabulary, new: Vocabulary) -> Iterator[PackEdit]:
        """Every difference, section by section."""
        yield from self._section("parameters", old.parameters, new.parameters, _of_parameter)
        yield from self._section("actions", old.actions, new.actions, _of_action)
        for section, role in (("conclusions", "conclusion"), ("events", "event"), ("situation", "record")):
            yield from self._section(section, _kinds(old, role), _kinds(new, role), _of_kind)
        if old.shape != new.shape:
            yield self._edit("situation", old.shape.whole, "shape", "the shape of situations is another")
        yield from self._section("types", _types(old), _types(new), _of_type)
        yield from self._profiles(old, new)
        yield from self._section("sources", old.sources, new.sources, _of_anything)
        yield from self._section("items", old.items, new.items, _of_anything)

    def _section(
        self,
        section: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        facets_of: Callable[[Any, Any], Iterator[tuple[str, str]]],
    ) -> Iterator[PackEdit]:
        for name in sorted({*old, *new}):
            if name not in old:
                yield self._edit(section, name, ADDED, "it is new", there=(False, True))
            elif name not in new:
                yield self._edit(section, name, REMOVED, "it is gone", there=(True, False))
            elif old[name] != new[name]:
                for facet, says in facets_of(old[name], new[name]):
                    yield self._edit(section, name, facet, says)

    def _profiles(self, old: Vocabulary, new: Vocabulary) -> Iterator[PackEdit]:
        yield from self._section(
            "profiles", dict.fromkeys(old.profiles), dict.fromkeys(new.profiles), _of_anything
        )
        if old.default_profile != new.default_profile:
            says = f"it is the default, which was `{old.default_profile}`"
            yield self._edit("profiles", new.default_profile, DEFAULT, says)

    def _edit(
        self, section: str, name: str, facet: str, says: str, there: tuple[bool, bool] = (True, True)
    ) -> PackEdit:
        old = self._old_places.get((section, name), "") if there[0] else ""
        new = self._new_places.get((section, name), "") if there[1] else ""
        return PackEdit(section, name, facet, says, old, new)


def _of_parameter(old: Parameter, new: Parameter) -> Iterator[tuple[str, str]]:
    if old.type != new.type:
        yield "type", f"it was a {old.type.name}, and is a {new.type.name}"
    if old.value != new.value:
        yield "value", f"the value was {_written(old.value, old.type)}, is {_written(new.value, new.type)}"
    for profile in dict.fromkeys((*old.profiles, *new.profiles)):
        before, after = old.profiles.get(profile), new.profiles.get(profile)
        if (profile in old.profiles, before) != (profile in new.profiles, after):
            was = _written(before, old.type) if profile in old.profiles else "not set"
            now = _written(after, new.type) if profile in new.profiles else "not set"
            yield f"profile {profile}", f"for `{profile}` it was {was}, is {now}"
    if old.cites != new.cites:
        yield "cites", "it cites something else"
    if old.says != new.says:
        yield "says", "it is described otherwise"


def _of_action(old: ActionKind, new: ActionKind) -> Iterator[tuple[str, str]]:
    for field in (name for name in ActionKind._fields if name != "origin"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield field, f"`{field}` was {_shown(before)}, is {_shown(after)}"


def _of_kind(old: Kind, new: Kind) -> Iterator[tuple[str, str]]:
    before, after = ({field.name: field for field in kind.fields} for kind in (old, new))
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one is None and other is not None:
            yield f"field {name}", f"the field `{name}` ({_typed(other)}) is new"
        elif one is not None and other is None:
            yield f"field {name}", f"the field `{name}` is gone"
        elif (
            one is not None
            and other is not None
            and one != other
            and one == other._replace(default=one.default)
        ):
            says = f"where `{name}` is not given it was {_shown(one.default)}, is {_shown(other.default)}"
            yield f"{DEFAULT} {name}", says
        elif one is not None and other is not None and one != other:
            yield f"field {name}", f"the field `{name}` was {_typed(one)}, is {_typed(other)}"
    if old.require != new.require:
        yield "require", "it requires other fields"
    if old._replace(fields=(), require=()) != new._replace(fields=(), require=()):
        yield "says", "it is described otherwise"


def _of_type(old: Type, new: Type) -> Iterator[tuple[str, str]]:
    if old.choices != new.choices:
        yield "choices", f"it was one of {_shown(old.choices)}, is one of {_shown(new.choices)}"
    else:
        yield "type", "it refers to something else"


def _of_anything(old: object, new: object) -> Iterator[tuple[str, str]]:
    yield "says", "it is described otherwise"


def _kinds(vocabulary: Vocabulary, role: str) -> dict[str, Kind]:
    return {name: kind for name, kind in vocabulary.kinds.items() if kind.role == role}


def _types(vocabulary: Vocabulary) -> dict[str, Type]:
    """The types that the pack declares, without those that are there for everybody or for a record."""
    return {name: type_ for name, type_ in vocabulary.types.items() if name not in vocabulary.kinds}


def _typed(field: Field) -> str:
    default = f", else {field.default}" if field.default is not None else ""
    return f"{'list of ' if field.many else ''}{field.type.name}{default}"


def _written(value: Value, kind: Type) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if kind.base == "duration":
            return format_duration(value)
        if kind.base == "time":
            return format_time(value)
        if kind.base == "period":
            return format_period(value)
        if kind.base == "date":
            return format_date(value)
        if places := places_of(kind.base):
            return format_decimal(value, places)
    return _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(map(str, value)) or "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else str(value)


_CALLED = {
    "rules": "rule",
    "parameters": "parameter",
    "actions": "action",
    "conclusions": "conclusion",
    "events": "event",
    "situation": "record",
    "types": "type",
    "profiles": "profile",
    "sources": "source",
    "items": "item",
}
"""What messages call an entry of a section."""
