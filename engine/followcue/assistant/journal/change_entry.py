"""Changing or removing an entry of a journal: an event or a record that stands there already."""

from __future__ import annotations

from collections.abc import Sequence

from followcue.assistant.journal.add import day_of
from followcue.assistant.journal.entries import Entry
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.parse_entry import Pair, fields_of
from followcue.base.diagnostic import Diagnostic, InvalidInput


def change(journal: Journal, entry: Entry, pairs: Sequence[Pair], on: str | None = None) -> None:
    """Give an entry the fields in `pairs`, or take away those without a value; nothing is saved.

    The day of an event is its `date`, or `on`. Raises `InvalidInput` with all that would be wrong then.
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
    fields = {**fields_of(kind, others, journal.today)}
    fields.update({pair.name: None for pair in others if not pair.value})
    if days and not days[0].value:
        raise InvalidInput([Diagnostic("FC503", "an event needs its `date`", place=str(days[0]))])
    if days:
        fields["date"] = day_of(days[0].value, journal.today).isoformat()
    journal.change(entry.path, fields, kind.name)


def remove(journal: Journal, entry: Entry) -> None:
    """Take an entry out, and all that stands in it; raises `InvalidInput` where others name it."""
    journal.remove(entry.path, entry.key or entry.kind.name)


def inside(entry: Entry, entries: Sequence[Entry]) -> int:
    """How many of the entries stand inside this one."""
    size = len(entry.path)
    return sum(len(one.path) > size and one.path[:size] == entry.path for one in entries)
