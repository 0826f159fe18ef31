"""A history as a page to print: a record of what was done, with its days, for whoever asks for one."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.assistant.journal.history import EventDescription, History
from followcue.evaluation.report.web_page.fill import filler
from followcue.evaluation.report.wording import full_day, plain, weekday


def render(history: History, *, me: str | None = None) -> str:
    """The page, with the name `me` or the one that the situation tells; raises `HtmlUnavailable`."""
    fill = filler(
        styles=("tokens.css", "page.css", "history.css"),
        words={"plain": plain, "day": weekday, "sentence_case": lambda text: text[:1].upper() + text[1:]},
    )
    past = [event for event in history.events if not event.ahead]
    return fill(
        "history.html.j2",
        {
            "history": history,
            "heading": f"{plain(history.whole).capitalize()}: what was done",
            "scope": None if all(event.scope is None for event in history.events) else history.scope_key,
            "name": me or history.writer,
            "past": past,
            "ahead": [event for event in history.events if event.ahead],
            "span": " ".join(_span(history, past)),
            "counted": _counted(history, past),
        },
    )


def _span(history: History, past: list[EventDescription]) -> Iterator[str]:
    """From when to when: as it was asked for, else from the first entry to the day of the report."""
    first = history.first or (past[0].date if past else None)
    if first:
        yield f"From {full_day(first)}"
    last = min(history.last or history.as_of, history.as_of)
    yield f"{'to' if first else 'Up to'} {full_day(last)}"


def _counted(history: History, past: list[EventDescription]) -> str:
    """How much there is of it: `12 entries, 4 applications`."""
    scopes = len({event.scope for event in past if event.scope is not None})
    entries = "1 entry" if len(past) == 1 else f"{len(past)} entries"
    return (
        f"{entries}, {scopes} {plain(history.scope_key)}{'s' if scopes != 1 else ''}" if scopes else entries
    )
