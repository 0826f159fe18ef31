"""Looks: what a test asks for, day by day, before the situation of each day is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from followcue.base.diagnostic import Diagnostic
from followcue.base.values import parse_date
from followcue.evaluation.situation.fields import refuse_date
from followcue.language.model.rules import Where
from followcue.testing.expected_conclusions import is_of_conclusion
from followcue.testing.scenario import Expectation

SETTINGS = ("profile", "params")
"""The keys of a test or a check that win over those of the situation."""

DEMANDS = ("expect", "reject", "exact", "warnings")
"""The keys by which a test or a check demands something."""

EDGES = ("open", "due", "close", "until")
"""The keys of a window that an action has in a report as well."""

_DAYS = ("as_of", "first", "last", *EDGES)
"""The keys of a test, its checks, windows and expectations that hold a day."""


class Happening(NamedTuple):
    """An event that a look adds; in a window the `window` and its `day` say what the event leaves open."""

    event: Mapping[str, Any]
    where: Where
    window: Mapping[str, Any] | None = None
    day: date | None = None


class Look(NamedTuple):
    """One look at the situation; without a `day` it is the situation's own.

    `concluded` and `not_concluded` are the conclusions that it expects and rejects, as they are written.
    """

    title: str
    day: date | None
    where: Where
    settings: Mapping[str, tuple[object, Where]]
    added: tuple[Happening, ...] = ()
    expect: tuple[Expectation, ...] = ()
    reject: tuple[Expectation, ...] = ()
    exact: bool = False
    warnings: tuple[str, ...] | None = None
    concluded: tuple[tuple[Where, Mapping[str, Any]], ...] = ()
    not_concluded: tuple[tuple[Where, Mapping[str, Any]], ...] = ()


def looks_of(test: Mapping[str, Any], where: Where, scope_key: str | None) -> Iterator[Look]:
    """Every look that a test takes: its own, its checks, and the days of its windows."""
    settings = _settings(test, where, {})
    if any(key in test for key in DEMANDS):
        yield _look(test, where, settings)
    for place, check in _entries(test, where, "checks"):
        own = {"as_of": test["as_of"], **check} if "as_of" in test else check
        yield _look(own, place, _settings(check, place, settings))
    for place, window in _entries(test, where, "windows"):
        yield from _Window(window, place, _settings(window, place, settings), scope_key).looks()


def mistakes_in_days(test: Mapping[str, Any], where: Where) -> Iterator[Diagnostic]:
    """Days of a test that are not on the calendar; of those in its situation and its events, others tell."""
    for key in _DAYS:
        written = test.get(key)
        if isinstance(written, str) and parse_date(written) is None:
            refusal = refuse_date(key, written)
            yield (where / key).problem(refusal.code, refusal.message, hint=refusal.hint)
    for key in ("checks", "windows", "expect", "reject"):
        for place, entry in _entries(test, where, key):
            if isinstance(entry, Mapping) and not is_of_conclusion(entry):
                yield from mistakes_in_days(entry, place)


def _look(entry: Mapping[str, Any], where: Where, settings: Mapping[str, tuple[object, Where]]) -> Look:
    return Look(
        title=entry.get("title", ""),
        day=_day(entry.get("as_of")),
        where=where,
        settings=settings,
        added=tuple(Happening(event, place) for place, event in _entries(entry, where, "add")),
        expect=_of_actions(entry, where, "expect"),
        reject=_of_actions(entry, where, "reject"),
        exact=entry.get("exact", False),
        warnings=tuple(entry["warnings"]) if "warnings" in entry else None,
        concluded=_of_conclusions(entry, where, "expect"),
        not_concluded=_of_conclusions(entry, where, "reject"),
    )


def _of_actions(entry: Mapping[str, Any], where: Where, key: str) -> tuple[Expectation, ...]:
    found = _entries(entry, where, key)
    return tuple(_expectation(wanted, place) for place, wanted in found if not is_of_conclusion(wanted))


def _of_conclusions(
    entry: Mapping[str, Any], where: Where, key: str
) -> tuple[tuple[Where, Mapping[str, Any]], ...]:
    found = _entries(entry, where, key)
    return tuple((place, wanted) for place, wanted in found if is_of_conclusion(wanted))


def _entries(holder: Mapping[str, Any], where: Where, key: str) -> Iterator[tuple[Where, Any]]:
    entries: Sequence[Any] = holder.get(key, ())
    return ((where / key / index, entry) for index, entry in enumerate(entries))


def _expectation(written: str | Mapping[str, object], where: Where) -> Expectation:
    return Expectation({"action": written} if isinstance(written, str) else written, where)


def _settings(
    entry: Mapping[str, Any], where: Where, outer: Mapping[str, tuple[object, Where]]
) -> dict[str, tuple[object, Where]]:
    """The settings in force: those of the entry over the outer ones."""
    return {**outer, **{key: (entry[key], where / key) for key in SETTINGS if key in entry}}


def _day(written: object) -> date | None:
    return parse_date(written) if isinstance(written, str) else None


class _Window:
    """An action with its whole window, and the looks at both sides of each of its edges."""

    def __init__(
        self,
        written: Mapping[str, Any],
        where: Where,
        settings: Mapping[str, tuple[object, Where]],
        scope_key: str | None,
    ) -> None:
        outside = {"add", "stopped_by", "first", "last", *SETTINGS}
        self._written = written
        self._where = where
        self._settings = settings
        self._wanted = {key: value for key, value in written.items() if key not in outside}
        self._who = {
            key: value
            for key, value in written.items()
            if key in ("action", "caution", "to", "about", scope_key)
        }
        self._added = tuple(Happening(event, place, written) for place, event in self._events("add"))
        self._days = {key: _day(written.get(key)) for key in (*EDGES, "first", "last")}

    def looks(self) -> Iterator[Look]:
        """The looks at every edge that the window has, and at all that puts an end to it."""
        days = self._days
        start, end = days["open"] or days["first"], days["close"] or days["last"]
        if start:
            before = ("due", "overdue") if days["open"] else ()
            yield self._gone(start - _ONE, "the day before it opens", before, ends=bool(days["until"]))
            yield self._there(start, "the day it opens", "due" if days["open"] else None)
        if due := days["due"]:
            yield self._there(due, "the day it is due", "due")
            if end is None or due < end:
                yield self._there(due + _ONE, "the day after it is due", "overdue")
        if until := days["until"]:
            yield self._there(until - _ONE, "the day before it ends")
            yield self._gone(until, "the day it ends", ends=True)
        if end:
            yield self._there(end, "the last day of it")
            yield self._gone(end + _ONE, "the day after it closes")
        yield from self._stops(start or (until and until - _ONE))

    def _stops(self, start: date | None) -> Iterator[Look]:
        """For each event that puts an end to it: it is there without, and not with it."""
        for place, event in self._events("stopped_by"):
            day = _day(event.get("date")) or start
            if day is None or day != start:
                yield self._there(day, f"without {event['event']}")
            stopping = Happening(event, place, self._written, start)
            yield self._gone(day, f"once there is {event['event']}", ("due", "overdue"), added=(stopping,))

    def _there(self, day: date | None, title: str, status: object = None) -> Look:
        wanted = {**self._wanted, "status": status} if status else self._wanted
        return self._look(day, title, expect=(Expectation(wanted, self._where),))

    def _gone(
        self,
        day: date | None,
        title: str,
        statuses: Sequence[str] = (),
        *,
        added: tuple[Happening, ...] = (),
        ends: bool = False,
    ) -> Look:
        """It must not be reported, or only not with one of the statuses."""
        who = {**self._who, "until": self._written["until"]} if ends else self._who
        unwanted = [{**who, "status": status} for status in statuses] or [who]
        reject = tuple(Expectation(wanted, self._where) for wanted in unwanted)
        return self._look(day, title, reject=reject, added=added)

    def _look(self, day: date | None, title: str, **more: Any) -> Look:
        added = (*self._added, *more.pop("added", ()))
        return Look(title, day, self._where, self._settings, added, **more)

    def _events(self, key: str) -> Iterator[tuple[Where, Any]]:
        return _entries(self._written, self._where, key)


_ONE = timedelta(days=1)
