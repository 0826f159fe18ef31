"""Entries: the events and records that stand in a journal, found again by their line or by words.

Idea: every entry has words that it is known by. Its own are its kind, its day or its key, its id or its name;
those of others it shares: the record that it stands in, and the people and things that it names. What is
meant has all the words that are said; where there are several, those of which all words are their own.

    dana: {name: Dana Ruiz}                               own: contact, dana, ruiz    others: acme
    - {date: 2026-11-19, event: interview, with: [dana]}  own: interview, 2026-11-19  others: acme, dana, ruiz

    `interview acme` means the second and `dana` the first; `acme` is said of both, and of acme itself alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from followcue.assistant.journal.add import day_of
from followcue.assistant.journal.event_sentence import day_in_words, sentence_of
from followcue.assistant.journal.find_record import scope_said
from followcue.assistant.journal.journal import Journal
from followcue.base.diagnostic import InvalidInput, did_you_mean
from followcue.base.values import parse_date
from followcue.evaluation.report.wording import on_one_line
from followcue.evaluation.situation.fields import in_words
from followcue.explain.wanted import Unknown
from followcue.language.documents.document import Path
from followcue.language.model.vocabulary import Kind

_LINE = re.compile(r"(?:line |.*:)?([0-9]{1,9})(?::[0-9]*)?", re.DOTALL)
"""A line as people say it, or as it was printed: `14`, `line 14`, `:14`, `search.yaml:14:`."""


_DAY = re.compile("[0-9]+(-[0-9]+)+")


class Entry(NamedTuple):
    """An event or a record: where it stands, and the words that it is known by.

    `key` is that of a record, None for an event and a single record; `scope` the record of the scope inside
    which it stands. `line` is where it begins, and `said` tells it in words.
    """

    kind: Kind
    path: Path
    scope: str | None
    key: str | None
    data: Mapping[str, Any]
    own: frozenset[str]
    others: frozenset[str]
    line: int
    said: str


class Entries:
    """The entries of a journal, in the order of their lines."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._vocabulary = journal.loaded.pack.vocabulary
        self._edit = journal.edit
        self._names = journal.before.names

    @cached_property
    def all(self) -> tuple[Entry, ...]:
        """All of them."""
        return tuple(sorted((*self._records(), *self._events()), key=lambda entry: entry.line))

    def meant(
        self, words: Sequence[str], scope: str | None = None, having: Iterable[str] = ()
    ) -> tuple[Entry, ...]:
        """Those that a line, or words, may mean, of one record of the scope if that is given.

        Of several, those alone that may have the fields `having`. Raises `Unknown` where nothing is meant.
        """
        line = _LINE.fullmatch(" ".join(words))
        found = self._on_line(int(line[1])) if line else self._by_words(words)
        if scope is not None:
            scope = scope_said(scope, self._edit.data, self._vocabulary)
            found = [one for one in found if scope in (one.scope, one.key)]
            if not found:
                raise Unknown(f"nothing of `{scope}` is called {_quoted(words)}")
        wanted = set(having)
        fitting = [one for one in found if wanted <= _fields(one.kind)] or found
        if line:
            return tuple(fitting)
        named = [one for one in fitting if all(_spellings(word, self._today) & one.own for word in words)]
        kinds = {_spelling(word) for word in words}
        of_kind = [one for one in named or fitting if _spelling(one.kind.name) in kinds]
        return tuple(of_kind or named or fitting)

    @property
    def _today(self) -> date:
        return self._journal.today

    def _on_line(self, number: int) -> list[Entry]:
        """What stands on a line: what is written there, and not what is written around it."""
        found = [entry for entry in self.all if number in self._lines(entry)]
        if found:
            return found
        near = [entry for entry in self.all if entry.line <= number][-1:]
        before = f"; before it stands line {near[0].line}: {near[0].said}" if near else ""
        raise Unknown(f"on line {number} of {self._edit.name} stands no event and no record{before}")

    def _lines(self, entry: Entry) -> set[int]:
        """The lines of an entry; of a record that holds others, its own alone."""
        inner = {kind.path[-1] for kind in self._vocabulary.kinds.values() if kind.role == "record"}
        inner |= {path[-1] for path in self._vocabulary.shape.events}
        holds = entry.kind.role == "record" and inner & entry.data.keys()
        if not holds:
            return set(self._edit.lines(entry.path))
        own = [self._edit.lines((*entry.path, name)) for name in entry.data if name not in inner]
        return {entry.line}.union(*own)

    def _by_words(self, words: Sequence[str]) -> list[Entry]:
        """What is known by all of the words, its own or those of others."""
        if not words:
            raise Unknown("say what is meant: a line, or words such as `interview dana`")
        named = [(one, one.own | one.others) for one in self.all]
        known = sorted({name for _, names in named for name in names})
        for word in words:
            if not any(_spellings(word, self._today) & names for _, names in named):
                hint = _hint(word, known)
                said = f"nothing in {self._edit.name} is called `{word}`"
                raise Unknown(said + (f"; {hint}" if hint else ""))
        found = [one for one, names in named if all(_spellings(word, self._today) & names for word in words)]
        if not found:
            raise Unknown(f"nothing in {self._edit.name} is called {_quoted(words)} at once")
        return found

    # --- gathering
    def _records(self) -> Iterator[Entry]:
        for name in self._vocabulary.shape.records:
            kind = self._vocabulary.kinds[name]
            for place, found in _collections(self._edit.data, kind.path):
                if not isinstance(found, dict):
                    continue
                if kind.single:
                    yield self._record(kind, place, None, found)
                    continue
                for key, record in found.items():
                    yield self._record(kind, (*place, key), key, record if isinstance(record, dict) else {})

    def _record(self, kind: Kind, path: Path, key: str | None, data: Mapping[str, Any]) -> Entry:
        scope = None if kind.name == self._vocabulary.shape.scope else self._scope_of(path)
        own = {_spelling(kind.name), *([] if key is None else self._called(key, scope))}
        called = self._name(key, scope) if key else None
        said = in_words(kind.name) + (f" `{key}`" if key else "")
        said += f", {called}" if called not in (None, key) else ""
        said += f", {self._name(scope, None)}" if scope else ""
        others = self._called(scope, None) if scope else set()
        line = self._line(path, key=True)
        return Entry(kind, path, scope, key, data, frozenset(own), frozenset(others), line, on_one_line(said))

    def _events(self) -> Iterator[Entry]:
        for path in self._vocabulary.shape.events:
            for place, found in _collections(self._edit.data, path):
                for number, data in enumerate(found if isinstance(found, list) else ()):
                    yield self._event((*place, number), data)

    def _event(self, path: Path, data: Mapping[str, Any]) -> Entry:
        kind = self._vocabulary.kinds[data["event"]]
        scope = self._scope_of(path)
        own = {_spelling(str(data[name])) for name in ("event", "date", "id") if name in data}
        others = self._called(scope, None) if scope else set()
        for field in kind.fields:
            value = data.get(field.name)
            if field.type.refers_to and value is not None:
                for member in value if isinstance(value, list) else [value]:
                    others |= self._called(str(member), scope)
        day = parse_date(str(data["date"]))
        assert day is not None
        said = sentence_of(kind, data, lambda key: self._name(key, scope), self._today.year)
        where = f"{self._name(scope, None)}: " if scope else ""
        said = f"{day_in_words(day, self._today.year)}, {where}{said}"
        line = self._line(path)
        return Entry(
            kind, path, scope, None, data, frozenset(own), frozenset(others), line, on_one_line(said)
        )

    def _scope_of(self, path: Path) -> str | None:
        """The key of the record of the scope inside which something stands."""
        of = self._vocabulary.shape.scope
        around = self._vocabulary.kinds[of].path if of else ()
        return str(path[len(around)]) if around and path[: len(around)] == around else None

    def _line(self, path: Path, *, key: bool = False) -> int:
        span = self._edit.document.span(path, key=key)
        return span.line if span else 0

    def _name(self, key: str | None, scope: str | None) -> str:
        """What to call the key of a record."""
        inside = self._names.get((scope, key)) if scope is not None and key is not None else None
        return inside or self._names.get(key or "", key or "")

    def _called(self, key: str, scope: str | None) -> set[str]:
        """A key, the name that goes with it, and the words of the name."""
        name = self._name(key, scope)
        return {_spelling(key), _spelling(name), *map(_spelling, name.split())}


def _collections(data: Any, path: Sequence[str]) -> Iterator[tuple[Path, Any]]:
    """Every collection that these names lead to: between two names stands the key of a record."""
    name, *rest = path
    found = data.get(name) if isinstance(data, dict) else None
    if not rest:
        yield (name,), found
    elif isinstance(found, dict):
        for key, record in found.items():
            for below, inner in _collections(record, rest):
                yield (name, key, *below), inner


def _fields(kind: Kind) -> set[str]:
    names = {field.name for field in kind.fields}
    return names | {"date", "id", "note"} if kind.is_event else names


def _spelling(word: str) -> str:
    """A word as it is compared: `Timeline-Promised` is `timeline_promised`; days stay as they are."""
    if _DAY.fullmatch(word):
        return word
    return "_".join(word.replace("-", " ").replace("_", " ").split()).casefold()


def _spellings(word: str, today: date) -> set[str]:
    """What a word may be in a file: itself, or the day that it names."""
    try:
        return {_spelling(word), _spelling(day_of(word, today).isoformat())}
    except InvalidInput:
        return {_spelling(word)}


def _hint(word: str, known: Sequence[str]) -> str | None:
    """What was probably meant: what begins like this, or is written much like it."""
    longer = [name for name in known if name.startswith(_spelling(word))] if len(word) >= _SHORTEST else []
    return f"did you mean `{longer[0]}`?" if longer else did_you_mean(_spelling(word), known)


_SHORTEST = 3
"""Fewer letters are the beginning of too much."""


def _quoted(words: Sequence[str]) -> str:
    return " and ".join(f"`{word}`" for word in words)
