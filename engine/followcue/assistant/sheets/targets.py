"""What a column may mean in the words of a vocabulary, and by which other words it is known.

A row of a sheet is about one record of the scope, and may tell of events of it. So a column holds a field
of a record (`application.company`), the days of a kind of events (`applied`), a field of those
(`applied.channel`), or belongs to the one event that the row names by a word: the word (`event`), its day
(`date`), its `note`, a field (`event.channel`), or whom it was with (`event.contact`), which is the first
field of its kind that refers to such a record.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import NamedTuple

from followcue.assistant.journal.parse_entry import COMMON, Pair, pair_of
from followcue.base.diagnostic import did_you_mean
from followcue.language.model.known_as import normal
from followcue.language.model.vocabulary import DATE, TEXT, Field, Kind, Vocabulary

EVENT, DAY, NOTE, KEY = "event", "date", "note", "id"
LEAVE_OUT = "leave out"
NOTHING_NEW = "nothing"
"""What a word in a column of events is known as that says nothing which the days do not say."""


class Target(NamedTuple):
    """What a column holds: a field of a kind, or of the row's own event where the kind is `event`.

    The field `event` of that is the word that names its kind; `id` of a record is its key, `date` of a kind
    of events its day. `fixed` are fields that every such event has besides.
    """

    kind: str
    field: str
    fixed: tuple[Pair, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.name, *(shlex.quote(str(pair)) for pair in self.fixed)])

    @property
    def name(self) -> str:
        """How it is written in a mapping, without its fixed fields."""
        if self.kind == EVENT and self.field in (EVENT, DAY, NOTE):
            return self.field
        return self.kind if self.field == DAY else f"{self.kind}.{self.field}"


class Meaning(NamedTuple):
    """What a word in a column of events means: a kind with fixed fields; `kind` is empty for nothing new."""

    kind: str
    fixed: tuple[Pair, ...] = ()


class Lexicon:
    """The words by which a vocabulary's kinds, fields and choices are known in sheets."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.targets: dict[str, Target] = {target.name: target for target in _targets(vocabulary)}
        self.heads: dict[str, list[Target]] = {}
        self.events: dict[str, str] = {}
        self._choices: dict[str, dict[str, str]] = {}
        for name, words in vocabulary.known_as.items():
            self._learn(name, words)
        for kind in self._kinds():
            self.events.setdefault(normal(kind.name), kind.name)
        for target in self.targets.values():
            for head in _own_heads(target, vocabulary):
                self._head(head, target)

    def _learn(self, name: str, words: tuple[str, ...]) -> None:
        kind = self.vocabulary.kinds.get(name)
        if name == NOTHING_NEW or (kind and kind.is_event):
            self.events.update((normal(word), "" if name == NOTHING_NEW else name) for word in words)
        if target := self.targets.get(name):
            for word in words:
                self._head(word, target)
        owner, _, word = name.partition(".")
        type_ = self.vocabulary.types.get(owner)
        if type_ and word in type_.choices:
            self._choices.setdefault(owner, {}).update((normal(known), word) for known in words)

    def _head(self, word: str, target: Target) -> None:
        known = self.heads.setdefault(normal(word), [])
        if target not in known:
            known.append(target)

    def _kinds(self) -> Iterator[Kind]:
        return (kind for kind in self.vocabulary.kinds.values() if kind.role != "conclusion")

    def choice(self, type_name: str, word: str) -> str | None:
        """The word of a type that a word of a sheet means."""
        choices = self.vocabulary.types[type_name].choices
        own = {normal(choice): choice for choice in choices}
        said = normal(word)
        return own.get(said) or self._choices.get(type_name, {}).get(said)

    def field(self, target: Target) -> Field:
        """The field that a target is, as far as the target alone says; of the row's event it is text."""
        if target.field == DAY:
            return Field(DAY, DATE)
        kind = self.vocabulary.kinds.get(target.kind)
        known = {field.name: field for field in kind.fields} if kind else {}
        return known.get(target.field) or Field(target.field, TEXT)

    def target(self, text: str) -> Target:
        """The target that a mapping names, such as `status_checked channel=email`; raises `ValueError`."""
        name, fixed = _split(text)
        if name not in self.targets:
            hint = did_you_mean(name, self.targets)
            raise ValueError(f"`{name}` is nothing that a column can hold{f': {hint}' if hint else ''}")
        return self._with_fixed(self.targets[name], fixed)

    def meaning(self, text: str) -> Meaning:
        """What a mapping says that a word means, such as `interview stage=phone`; raises `ValueError`."""
        name, fixed = _split(text)
        if name == NOTHING_NEW:
            return Meaning("")
        kind = self.vocabulary.kinds.get(name)
        if kind is None or not kind.is_event:
            names = [kind.name for kind in self.vocabulary.events]
            hint = did_you_mean(name, [*names, NOTHING_NEW])
            raise ValueError(f"there is no event `{name}`{f': {hint}' if hint else ''}")
        return Meaning(name, self._with_fixed(Target(name, DAY), fixed).fixed)

    def _with_fixed(self, target: Target, fixed: tuple[Pair, ...]) -> Target:
        kind = self.vocabulary.kinds.get(target.kind)
        known = [field.name for field in (*kind.fields, *COMMON)] if kind and kind.is_event else []
        for pair in fixed:
            if target.field != DAY or pair.name not in known:
                hint = did_you_mean(pair.name, known) if known else None
                raise ValueError(f"`{target.name}` has no `{pair.name}`{f': {hint}' if hint else ''}")
        return target._replace(fixed=fixed)


def inner_records(vocabulary: Vocabulary) -> list[Kind]:
    """The kinds of records that stand in a record of the scope."""
    scope = vocabulary.shape.scope
    around = vocabulary.kinds[scope].path if scope else None
    return [vocabulary.kinds[name] for name in vocabulary.shape.records if _path(vocabulary, name) == around]


def _path(vocabulary: Vocabulary, name: str) -> tuple[str, ...]:
    return vocabulary.kinds[name].path[:-1]


def naming(kind: Kind) -> str | None:
    """The field by which people call a record: one that it must have, `name`, or its first text."""
    required = [name for need in kind.require for name in need.fields[:1]]
    texts = [f.name for f in kind.fields if f.type == TEXT and not f.many]
    return next((name for name in (*required, "name", *texts) if name in texts), None)


def people_field(kind: Kind, record: str) -> Field | None:
    """The first field of an event that refers to such a record."""
    return next((field for field in kind.fields if record in field.type.refers_to), None)


def _targets(vocabulary: Vocabulary) -> Iterator[Target]:
    """All that a column can hold: the records first, the scope's before those inside it, then the events."""
    scope = vocabulary.shape.scope
    known = {kind.name for kind in inner_records(vocabulary)} | ({scope} if scope else set())
    for name in vocabulary.shape.records:
        kind = vocabulary.kinds[name]
        if kind.single:
            yield from (Target(name, field.name) for field in kind.fields)
        elif name in known or len(kind.path) == 1:
            yield from (Target(name, field.name) for field in kind.fields)
            yield Target(name, KEY)
    yield from (Target(EVENT, name) for name in (EVENT, DAY, NOTE, KEY))
    for name in vocabulary.shape.records:
        if any(people_field(kind, name) for kind in vocabulary.events):
            yield Target(EVENT, name)
    fields = dict.fromkeys(field.name for kind in vocabulary.events for field in kind.fields)
    yield from (Target(EVENT, name) for name in fields)
    for kind in vocabulary.events:
        yield Target(kind.name, DAY)
        yield from (Target(kind.name, field.name) for field in kind.fields)
        yield Target(kind.name, NOTE)


def _own_heads(target: Target, vocabulary: Vocabulary) -> Iterator[str]:
    """What a column of it would be called in the vocabulary's own words."""
    yield f"{target.kind} {target.field}" if target.name != target.field else target.name
    kind = vocabulary.kinds.get(target.kind)
    if target.field == KEY or (kind and kind.single):
        return
    if target.field == DAY and target.kind != EVENT:
        yield target.kind
        yield f"date {target.kind}"
    elif kind and kind.role == "record":
        yield target.field


def _split(text: str) -> tuple[str, tuple[Pair, ...]]:
    try:
        name, *words = shlex.split(text) or [""]
    except ValueError:
        raise ValueError(f"a quote in `{text}` is never closed") from None
    pairs = []
    for word in words:
        pair = pair_of(word)
        if pair is None:
            raise ValueError(f"`{word}` is no FIELD=VALUE")
        pairs.append(pair)
    return name.replace("-", "_"), tuple(pairs)
