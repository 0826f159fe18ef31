"""A history as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from textwrap import wrap
from typing import NamedTuple

from followcue.assistant.journal.event_sentence import day_in_words
from followcue.assistant.journal.history import EventDescription, History
from followcue.base.terminal import visible
from followcue.evaluation.report.wording import weekday

WIDEST, NARROWEST = 80, 40
LONG_SILENCE = 5
"""So many days without an event are told of."""


def as_text(history: History, *, width: int = WIDEST) -> str:
    """The history in lines of at most `width` columns."""
    return "\n".join(_lines(history, min(max(width, NARROWEST), WIDEST))) + "\n"


def _lines(history: History, width: int) -> Iterator[str]:
    if not history.events:
        yield f"{weekday(history.as_of)}: {_nothing(history)}."
        return
    for place, chapter in enumerate(chapters(history)):
        if place:
            yield ""
        if chapter.silence:
            yield f"    {chapter.silence}"
            if chapter.events:
                yield ""
        if chapter.events:
            yield chapter.heading
            for event in chapter.events:
                yield from wrap(_line(event, history), width, initial_indent="  ", subsequent_indent="      ")


def as_markdown(history: History) -> str:
    """The history as a document with a heading a day."""
    lines = [f"# History up to {weekday(history.as_of)}"]
    for chapter in chapters(history):
        lines += ["", f"*{chapter.silence}*"] if chapter.silence else []
        if chapter.events:
            lines += ["", f"## {chapter.heading}", ""]
            lines += [f"- {_escaped(_line(event, history))}" for event in chapter.events]
    if not history.events:
        lines += ["", f"{_nothing(history).capitalize()}."]
    return "\n".join(lines) + "\n"


def _nothing(history: History) -> str:
    if history.first or history.last:
        return "nothing is written down of this time"
    return "nothing has happened yet"


def as_json(history: History) -> str:
    """The history as data."""
    events = [
        {
            "date": event.date.isoformat(),
            history.scope_key: event.scope,
            "event": event.event,
            "fields": dict(event.fields),
            "note": event.note,
            "said": event.said,
            "ahead": event.ahead,
            "line": event.line,
        }
        for event in history.events
    ]
    data = {"as_of": history.as_of.isoformat(), "events": events}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


class HistoryDay(NamedTuple):
    """The events of one day under a heading, and how long nothing happened before it."""

    heading: str
    events: tuple[EventDescription, ...]
    silence: str = ""


def chapters(history: History) -> Iterator[HistoryDay]:
    """The days on which something happened, then the silence up to today, then the days ahead."""
    today = history.as_of
    last: date | None = None
    past = [event for event in history.events if not event.ahead]
    for day, events in groupby(past, key=lambda event: event.date):
        yield HistoryDay(_heading(day, history), tuple(events), _silence(last, day))
        last = day
    silent = last is not None and (history.last is None or history.last >= today)
    if silent and last is not None and (days := (today - last).days) >= LONG_SILENCE:
        yield HistoryDay("", (), f"{days} days of silence, up to {weekday(today)}")
    for day, events in groupby((e for e in history.events if e.ahead), key=lambda event: event.date):
        yield HistoryDay(f"{_heading(day, history)}, ahead", tuple(events))


def _heading(day: date, history: History) -> str:
    return day_in_words(day, history.as_of.year)


def _silence(last: date | None, day: date) -> str:
    days = (day - last).days - 1 if last else 0
    return f"{days} days of silence" if days >= LONG_SILENCE else ""


def _line(event: EventDescription, history: History) -> str:
    """Whose event it is, unless only one is told of; what happened; and what was noted."""
    whose = f"{event.name}: " if event.name and history.only is None else ""
    note = visible(" ".join((event.note or "").split()))
    return visible(" ".join(f"{whose}{event.said}".split())) + (f" “{note}”" if note else "")


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in text)
