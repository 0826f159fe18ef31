"""Items: what of a plan belongs into a calendar, each with days of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from followcue.assistant.plan.agenda import Entry
from followcue.evaluation.advice.report import Action, Reason, Report
from followcue.evaluation.report.words import addressee, name_of, plain, reason, sources

if TYPE_CHECKING:
    from followcue.assistant.plan.plan import Course
    from followcue.language.model.vocabulary import Vocabulary

Key: TypeAlias = tuple[str, ...]
"""What an item is about; items of one key are the same entry of a calendar, whatever their days."""


class Item(NamedTuple):
    """One entry of a calendar: whole days from `first` to `last`; `due` is the one to be reminded on.

    `is_task`: something to do, and not merely a day to know of.
    """

    key: Key
    title: str
    first: date
    last: date
    due: date
    priority: str
    text: str
    category: str
    is_task: bool = True


def items(course: Course, vocabulary: Vocabulary, scope: str | None = None) -> tuple[Item, ...]:
    """The entries of a calendar for a plan: what can be done, as it opens, and the days that the file names.

    What goes on all the time, such as waiting, is left out. Of what comes up again and again under one key
    only the next time is there: when that is done, it is time for the one after it.
    """
    found: dict[Key, Item] = {}
    for item in (*_tasks(course, vocabulary), *_days(course)):
        if scope is None or item.key[1] == scope:
            found.setdefault(item.key, item)
    return tuple(sorted(found.values(), key=lambda item: (item.first, item.last, item.key)))


def _tasks(course: Course, vocabulary: Vocabulary) -> Iterator[Item]:
    for step in course.steps:
        for action in step.report.actions:
            if action.status in ("due", "overdue") and not vocabulary.actions[action.action].standing:
                yield _task(action, step.report, course.plan.as_of)


def _task(action: Action, report: Report, today: date) -> Item:
    """From its opening to its due day; what has none, on its opening day, or today if that has passed."""
    opening = action.open or today
    first = opening if action.due else max(opening, today)
    due = max(action.due or first, first)
    who = addressee(action, report)
    return Item(
        key=(action.action, action.scope or "", action.to or "", action.about or ""),
        title=f"{action.title}: {who}" if who else action.title,
        first=first,
        last=max(due, min(today, action.close or today)),
        due=due,
        priority=action.priority,
        text="\n".join(_said(action, report)),
        category=_name(action.scope, report),
    )


def _said(action: Action, report: Report) -> Iterator[str]:
    """What a calendar can say of an action: by when, how, why, what to do and to avoid, who says so."""
    if action.due:
        yield f"Due {action.due.isoformat()}."
    if action.close:
        yield f"Possible until {action.close.isoformat()}."
    if action.channel:
        yield f"By {plain(action.channel)}."
    if action.since:
        yield f"Since: {reason(action.since._replace(line=None), report)}"
    yield from (f"Do: {text}" for text in action.do)
    yield from (f"Avoid: {text}" for text in action.avoid)
    if action.sources:
        yield f"Sources: {sources(action.sources)}"


def _days(course: Course) -> Iterator[Item]:
    """The days that the file names, such as an appointment: nothing to do, but good to know."""
    report = course.steps[0].report
    for entry in course.plan.entries:
        if entry.change == "day" and entry.event is not None:
            yield _day(entry, entry.event, report)


def _day(entry: Entry, event: Reason, report: Report) -> Item:
    others = [str(value) for value in event.fields.values()]
    about = ", ".join(filter(None, (name_of(value, event.scope, report) for value in others)))
    where = _name(event.scope, report)
    said = f"{where} ({about})" if where and about else where or about
    title = entry.text.rstrip(".")
    return Item(
        key=(event.fact, event.scope or "", *others),
        title=f"{title}: {said}" if said else title,
        first=entry.day,
        last=entry.day,
        due=entry.day,
        priority="normal",
        text=entry.text,
        category=where,
        is_task=False,
    )


def _name(scope: str | None, report: Report) -> str:
    return name_of(scope, None, report) or ""
