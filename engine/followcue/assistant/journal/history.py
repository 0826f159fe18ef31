"""The history of a situation: its events in the order of their days, each as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from followcue.assistant.draft.template_context import writer_of
from followcue.assistant.journal.event_sentence import sentence_of
from followcue.assistant.journal.find_record import scope_said
from followcue.base.rows import NOTHING
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options
from followcue.language.documents.document import Document, Path
from followcue.language.model.vocabulary import TEXT, Vocabulary


class EventDescription(NamedTuple):
    """An event in words: its record of the scope (None for the whole) by key and name, and a sentence.

    `fields` are those of the file, `line` is where it stands there. `ahead` says that its day is yet to come.
    """

    date: date
    scope: str | None
    name: str | None
    event: str
    said: str
    note: str | None
    fields: Mapping[str, object]
    line: int | None
    ahead: bool


class History(NamedTuple):
    """All events, oldest first. `scope_key` is what the pack calls its scope, `only` the one asked for.

    `first` and `last` are the days between which they were asked for. `about` tells more of a record of the
    scope than its name, `writer` whose situation it is; `whole` is what the pack calls all of it.
    """

    as_of: date
    events: tuple[EventDescription, ...]
    scope_key: str
    only: str | None = None
    first: date | None = None
    last: date | None = None
    about: Mapping[str, str] = NOTHING
    writer: str | None = None
    whole: str = "whole"


def history(
    loaded: LoadedPack,
    document: Document,
    options: Options = USUALLY,
    *,
    scope: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> History:
    """The history of a situation, or of one record of its scope, from the day `first` to the day `last`.

    The record is said by key or name.

    Raises `InvalidInput` with every mistake in it, and `Unknown` for a record that is not there.
    """
    vocabulary = loaded.pack.vocabulary
    situation = loaded.read(document, options)
    day = date.fromordinal(situation.as_of)
    describer = _EventDescriber(vocabulary, document, situation.names, day)
    lists = list(_lists(vocabulary, document.data))
    if scope is not None:
        scope = scope_said(scope, document.data, vocabulary)
        lists = [found for found in lists if found[0] == scope]
    events = [
        describer.told(owner, (*path, n), entry)
        for owner, path, all_ in lists
        for n, entry in enumerate(all_)
    ]
    key = vocabulary.shape.scope or "scope"
    between = [e for e in events if (first is None or first <= e.date) and (last is None or e.date <= last)]
    return History(
        day,
        tuple(sorted(between, key=lambda told: told.date)),
        key,
        scope,
        first,
        last,
        about=dict(_abouts(vocabulary, document.data)),
        writer=writer_of(vocabulary, situation),
        whole=vocabulary.shape.whole,
    )


def _abouts(vocabulary: Vocabulary, data: Any) -> Iterator[tuple[str, str]]:
    """What the records of the scope say of themselves in plain text, but for their names."""
    scope = vocabulary.shape.scope
    if scope is None:
        return
    kind = vocabulary.kinds[scope]
    named = {name for need in kind.require for name in need.fields} | {"name"}
    texts = [f.name for f in kind.fields if f.type == TEXT and not f.many and f.name not in named]
    for key, record in _records(data, kind.path).items():
        yield key, ", ".join(str(record[name]) for name in texts if name in record)


def _lists(vocabulary: Vocabulary, data: Any) -> Iterator[tuple[str | None, Path, list[Any]]]:
    """Every list of events with the record of the scope that it belongs to, those of records first."""
    kind = vocabulary.shape.scope
    around = vocabulary.kinds[kind].path if kind else ()
    for path in vocabulary.shape.events:
        if kind and path[:-1] == around:
            for key, record in _records(data, around).items():
                yield key, (*around, key, path[-1]), record.get(path[-1]) or []
        elif len(path) == 1:
            yield None, path, data.get(path[0]) or []


def _records(data: Any, path: Path) -> dict[str, Any]:
    for step in path:
        data = data.get(step) or {}
    found: dict[str, Any] = data
    return found


class _EventDescriber:
    """Describes the events of one situation."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        document: Document,
        names: Mapping[str | tuple[str, str], str],
        today: date,
    ) -> None:
        self._vocabulary = vocabulary
        self._document = document
        self._names = names
        self._today = today

    def told(self, scope: str | None, path: Path, entry: Mapping[str, Any]) -> EventDescription:
        """One event."""
        kind = self._vocabulary.kinds[entry["event"]]
        day = date.fromisoformat(entry["date"])
        span = self._document.span(path)
        return EventDescription(
            day,
            scope,
            None if scope is None else self._names.get(scope, scope),
            kind.name,
            sentence_of(kind, entry, self._name_in(scope), self._today.year),
            entry.get("note"),
            {name: value for name, value in entry.items() if name not in ("date", "event", "note")},
            span.line if span else None,
            day > self._today,
        )

    def _name_in(self, scope: str | None) -> Any:
        """What to call the key of a record: of the event's own record of the scope first."""

        def name(key: str) -> str:
            inside = self._names.get((scope, key)) if scope is not None else None
            return inside or self._names.get(key, key)

        return name
