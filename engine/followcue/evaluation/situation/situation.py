"""A situation: the typed facts of one situation file, the day and the parameters they are judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Row, Value
from followcue.base.values import format_date
from followcue.evaluation.situation.skips import Skip
from followcue.language.documents.document import Document, Path, dotted

MOMENTS_A_DAY = 1 << 20
"""How many moments a day has: `at` is the day number times this, plus the event's place in its file list."""

EventKey: TypeAlias = tuple[str | None, int]
"""How a row finds its event: the scope (None for the whole) and the moment, its column `at`."""


class Event(NamedTuple):
    """One dated event as it was written: `fields` are plain values without `event` and `date`.

    `date` is a day number and `at` a moment; `line` is where the event begins, if it came from a text, and
    `place` that with the file's name, or the path of keys.
    """

    kind: str
    scope: str | None
    date: int
    at: int
    fields: Mapping[str, object]
    line: int | None
    place: str = ""


class Situation(NamedTuple):
    """All that an evaluation needs of a situation file.

    `as_of` is a day number. `parameters` hold every parameter's value after profile, file and options, and
    the profile's name under `profile`. `facts` hold rows by relation, only of relations that have some.
    `events` finds the event of a row. `names` are what to show for a record: by its key, or by the pair of
    both keys for a record inside another one. `skips` are what its author does not want to be advised.
    `ahead` is the day of the first event after `as_of`, which is not among the facts, if there is one.
    """

    as_of: int
    profile: str
    parameters: Mapping[str, Value]
    facts: dict[str, list[Row]]
    events: Mapping[EventKey, Event]
    warnings: tuple[str, ...]
    names: Mapping[str | tuple[str, str], str]
    skips: tuple[Skip, ...] = ()
    ahead: int | None = None


class EventList(NamedTuple):
    """A list of events of one scope as it was read: its path, the place of its first event, its entries."""

    path: Path
    start: int
    entries: Sequence[Mapping[str, object]]


class Events(Mapping[EventKey, Event]):
    """The events up to a day by scope and moment, each made when it is asked for.

    Most events of most situations explain nothing; making them all would take longer than reading the file.
    """

    __slots__ = ("_as_of", "_document", "_lists", "_order")

    def __init__(
        self,
        document: Document,
        lists: Mapping[str | None, Sequence[EventList]],
        as_of: int,
        order: Callable[[str], Iterable[str]],
    ) -> None:
        """`order` gives the names of the fields of a kind, as the vocabulary has them."""
        self._order = order
        self._document = document
        self._lists = lists
        self._as_of = as_of

    def __getitem__(self, key: EventKey) -> Event:
        here, entry = self._find(key)
        span = self._document.span(here)
        if span:
            line, said = span.line, f"{span.file}:{span.line}"
        else:
            line, said = None, dotted(here)
        kind, (scope, at) = str(entry["event"]), key
        return Event(kind, scope, at // MOMENTS_A_DAY, at, _fields(entry, self._order(kind)), line, said)

    @property
    def document(self) -> Document:
        """The situation as it was written."""
        return self._document

    def path(self, key: EventKey) -> Path:
        """Where in the document the event stands."""
        return self._find(key)[0]

    def _find(self, key: EventKey) -> tuple[Path, Mapping[str, object]]:
        scope, at = key
        day, place = divmod(at, MOMENTS_A_DAY)
        for path, start, entries in self._lists.get(scope, ()):
            if start <= place < start + len(entries) and day <= self._as_of:
                entry = entries[place - start]
                if entry["date"] == format_date(day):
                    return (*path, place - start), entry
        raise KeyError(key)

    def __iter__(self) -> Iterator[EventKey]:
        for scope, lists in self._lists.items():
            for _, start, entries in lists:
                for place, entry in enumerate(entries, start):
                    if (day := _day(entry)) <= self._as_of:
                        yield scope, day * MOMENTS_A_DAY + place

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _day(entry: Mapping[str, object]) -> int:
    return date.fromisoformat(str(entry["date"])).toordinal()


def _fields(entry: Mapping[str, object], order: Iterable[str]) -> dict[str, object]:
    """In the order of the vocabulary, so that the order of the file is nowhere to be seen."""
    fields = {name: entry[name] for name in order if name in entry}
    del fields["event"], fields["date"]
    return fields
