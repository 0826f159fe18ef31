"""Changing or removing an entry of a journal: an event or a record that stands there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from followcue.assistant.journal.add import day_of
from followcue.assistant.journal.asker import Asker, confirm
from followcue.assistant.journal.belonging import names_there, with_keys
from followcue.assistant.journal.doubts import far_days, said_twice
from followcue.assistant.journal.entries import Entry
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.parse_entry import Pair, fields_of
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.values import parse_date


def change(
    journal: Journal,
    entry: Entry,
    pairs: Sequence[Pair],
    on: str | None = None,
    *,
    sure: bool = False,
    asker: Asker | None = None,
) -> None:
    """Give an entry the fields in `pairs`, or take away those without a value; nothing is saved.

    The day of an event is its `date`, or `on`; with another day it moves to its place in the list. `asker`
    is asked what words may mean, and unless `sure`, whether what is doubtful is meant. Raises `InvalidInput`
    with all that would be wrong then, `Undecided` where there is something to ask and nobody to.
    """
    kind = entry.kind
    if on is not None:
        pairs = [*pairs, Pair("date", on)]
    days = [pair for pair in pairs if pair.name == "date" and kind.is_event]
    others = [pair for pair in pairs if pair not in days]
    if any(pair.name == "event" for pair in others) and kind.is_event:
        hint = "remove it with --remove, and write the other with `followcue add`"
        raise InvalidInput([Diagnostic("FC502", "an event stays of its kind", hint=hint, place="event")])
    if len(days) > 1:
        raise InvalidInput([Diagnostic("FC103", "`date` is given twice", place=str(days[1]))])
    if days and not days[0].value:
        raise InvalidInput([Diagnostic("FC503", "an event needs its `date`", place=str(days[0]))])
    day = (
        day_of(days[0].value, journal.today, asker=asker) if days else parse_date(str(entry.data.get("date")))
    )
    said = fields_of(kind, others, journal.today, base=day, asker=asker)
    there, vocabulary = journal.events(entry.scope), journal.loaded.pack.vocabulary
    names = names_there(kind, entry.scope, there, journal.edit.data, vocabulary)
    fields = with_keys(kind, said, names, asker)
    fields.update({pair.name: None for pair in others if not pair.value})
    if days and day:
        fields["date"] = day.isoformat()
    if not sure:
        confirm(asker, _doubts(journal, entry, fields, there))
    journal.change(entry.path, fields, kind.name)
    if days:
        journal.reorder(entry.path)


def _doubts(
    journal: Journal, entry: Entry, fields: Mapping[str, object], there: Sequence[Any]
) -> list[Diagnostic]:
    """What may be a slip in the fields that are new: days far off, and what another event says already."""
    new = {name: value for name, value in fields.items() if entry.data.get(name) != value}
    found = list(far_days(entry.kind, new, journal.today))
    if new and entry.kind.is_event:
        whole = {name: value for name, value in {**entry.data, **new}.items() if value is not None}
        others = [other for place, other in enumerate(there) if place != entry.path[-1]]
        found += said_twice(entry.kind, whole, others)
    return found


def remove(journal: Journal, entry: Entry) -> None:
    """Take an entry out, and all that stands in it; raises `InvalidInput` where others name it."""
    journal.remove(entry.path, entry.key or entry.kind.name)


def inside(entry: Entry, entries: Sequence[Entry]) -> int:
    """How many of the entries stand inside this one."""
    size = len(entry.path)
    return sum(len(one.path) > size and one.path[:size] == entry.path for one in entries)
