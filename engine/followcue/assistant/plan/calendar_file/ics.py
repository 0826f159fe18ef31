"""The calendar file (RFC 5545): one entry an item, the same bytes for the same items.

An entry keeps its UID whatever its days, so that to import the file again updates it. There is no clock: all
stamps are the first day of the plan at midnight, and the sequence number counts the days up to it. What has
an hour stands at it in the time zone of the situation, which the file then describes, or without one at that
hour wherever the calendar is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import imported
from followcue.base.terminal import visible

if TYPE_CHECKING:
    from icalendar import Calendar, Component

    from followcue.assistant.plan.calendar_file.items import CalendarItem

WrittenAs: TypeAlias = Literal["events", "todos"]
"""As what to write the things to do: most calendars know events alone, task lists know to-dos."""

_SPACE = UUID("6f0f1d0e-0d5c-5b5f-9f0e-0c7a3c1f4b11")
"""What all UIDs are made in, for ever: another one would make every entry a new one."""

_FIRST = date(2000, 1, 1).toordinal()
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
"""How long before something at an hour the alarm rings, and how long that takes, since nobody says."""
_PRIORITY = {"urgent": 1, "high": 3, "normal": 5, "low": 9}
_OURS = "X-FOLLOWCUE-KEY"
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""What some reader of the file may take for the end of a line, but for the one that is escaped."""
_STAMPS = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE")


def render(
    items: Sequence[CalendarItem],
    *,
    name: str,
    today: date,
    zone: str | None = None,
    alarm: time | None = time(9),
    entries: WrittenAs = "events",
    previous: str | None = None,
) -> str:
    """The calendar `name` as of the day `today`, with an alarm at that time of the due day of what rings.

    What has an hour rings an hour before; its hour is that of the time zone `zone`.

    `previous` is the text of a calendar written before: what is unchanged keeps its stamps, and what is gone
    is cancelled, unless its days have passed. Raises `InvalidInput` where it is no calendar, and
    `Unavailable` without the library.
    """
    name = visible(name)  # the name of a file need not be text
    calendar = _calendar(name)
    place = None if zone is None else ZoneInfo(zone)
    before = _ours(previous, name) if previous is not None else {}
    for item in items:
        entry = _entry(item, name, today, place, alarm, entries)
        uid = str(entry["UID"])
        calendar.add_component(_kept(entry, before.pop(uid, None)))
    for gone in before.values():
        if str(gone.get("STATUS")) != "CANCELLED" and not _is_past(gone, today):
            calendar.add_component(_cancelled(gone, today))
    days = [item.first for item in items if item.at is not None]
    if place is not None and days:
        calendar.add_missing_timezones(_new_year(min(days)), _new_year(max(days), 2))
    return str(calendar.to_ical().decode())


def uid_of(item: CalendarItem, name: str) -> str:
    """The UID of an item in the calendar `name`."""
    return str(uuid5(_SPACE, "\x1f".join((name, *item.key))))


def _library() -> Any:
    return imported("ics", "icalendar")


def _calendar(name: str) -> Calendar:
    calendar: Calendar = _library().Calendar()
    calendar.add("prodid", "-//followcue//followcue//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    _say(calendar, "x-wr-calname", name)
    return calendar


def _new_year(day: date, years: int = 0) -> date:
    return date(min(day.year + years, date.max.year), 1, 1)


def _entry(
    item: CalendarItem,
    name: str,
    today: date,
    place: tzinfo | None,
    alarm: time | None,
    entries: WrittenAs,
) -> Component:
    library = _library()
    is_todo = item.is_task and entries == "todos"
    entry: Component = library.Todo() if is_todo else library.Event()
    entry.add("uid", uid_of(item, name))
    _say(entry, "summary", item.title)
    _say(entry, "description", item.text)
    begin, end = _span(item, place)
    if is_todo:
        entry.add("due", item.due)
    else:
        entry.add("dtend", end)
    if not is_todo or item.first < item.due:  # a to-do must not be due as early as it starts
        entry.add("dtstart", begin)
    entry.add("priority", _PRIORITY[item.priority])
    if item.category:
        entry.add("categories", [_LINE_END.sub("\n", item.category)])
    if is_todo:
        entry.add("status", "NEEDS-ACTION")
    else:
        entry.add("status", "CONFIRMED")
        entry.add("transp", "TRANSPARENT" if item.at is None else "OPAQUE")
    _say(entry, _OURS, " ".join(filter(None, item.key)))
    _stamp(entry, today)
    if alarm is not None and item.rings and item.due >= today:
        entry.add_component(_alarm(item, alarm, is_todo))
    return entry


def _say(part: Component, name: str, text: str) -> None:
    """Give a part a text. Its ends of lines are written as `\\n`, also where the library would leave them."""
    part.add(name, _library().vText(_LINE_END.sub("\n", text)))


def _span(item: CalendarItem, place: tzinfo | None) -> tuple[date, date]:
    """When an entry begins, and the first day or moment after it."""
    if item.at is None:
        return item.first, item.last + _DAY
    begin = datetime.combine(item.first, item.at, place)
    return begin, begin + _HOUR


def _alarm(item: CalendarItem, at: time, is_todo: bool) -> Component:
    """An alarm on the due day, counted from where every program counts: the start, or a to-do's due day."""
    alarm: Component = _library().Alarm()
    alarm.add("action", "DISPLAY")
    _say(alarm, "description", item.title)
    days = 0 if is_todo else (item.due - item.first).days
    after = timedelta(days=days, hours=at.hour, minutes=at.minute) if item.at is None else -_HOUR
    alarm.add("trigger", after, parameters={"RELATED": "END"} if is_todo else {})
    return alarm


def _stamp(entry: Component, today: date, sequence: int = 0) -> None:
    moment = datetime.combine(today, time(), UTC)
    for name, value in (
        ("dtstamp", moment),
        ("last-modified", moment),
        ("sequence", max(today.toordinal() - _FIRST, sequence, 0)),
    ):
        entry.pop(name, None)
        entry.add(name, value)


# --- a calendar written before
def _ours(previous: str, name: str) -> dict[str, Component]:
    """The entries of an earlier calendar that were written here, by UID."""
    try:
        calendars = _library().Calendar.from_ical(previous, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError):
        calendars = []
    if not calendars:
        hint = "give a file that `followcue export --format ics` wrote"
        raise InvalidInput([Diagnostic("FC632", "this is no calendar file", hint=hint, place="previous")])
    found: Iterable[Component] = (
        part for calendar in calendars for part in calendar.subcomponents if _OURS in part and "UID" in part
    )
    return {str(part["UID"]): part for part in found}


def _kept(entry: Component, before: Component | None) -> Component:
    """The entry with the stamps of an equal one; a changed one comes after the one before."""
    if before is None:
        return entry
    if _content(entry) == _content(before):
        for name in _STAMPS:
            if name in before:
                entry[name] = before[name]
    else:
        number = _sequence(before) + 1
        if number > _sequence(entry):
            entry.pop("SEQUENCE")
            entry.add("sequence", number)
    return entry


def _content(entry: Component) -> tuple[str, ...]:
    """All that an entry says but for its stamps."""
    lines = map(str, entry.content_lines())
    return tuple(line for line in lines if line.partition(":")[0] not in _STAMPS)


def _is_past(entry: Component, today: date) -> bool:
    """Whether the days of an event have passed: what has been may stay as it was. A to-do stays open."""
    end: object = getattr(entry.get("DTEND"), "dt", None)
    if isinstance(end, datetime):
        return end.date() < today
    return isinstance(end, date) and end <= today


def _cancelled(entry: Component, today: date) -> Component:
    """An entry that is not wanted any more; no alarm rings for it."""
    entry.subcomponents = []
    entry.pop("STATUS", None)
    entry.add("status", "CANCELLED")
    _stamp(entry, today, _sequence(entry) + 1)
    return entry


def _sequence(entry: Component) -> int:
    """The number of a revision; 0 where somebody else has spoilt it."""
    written = str(entry.get("SEQUENCE", 0))
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
