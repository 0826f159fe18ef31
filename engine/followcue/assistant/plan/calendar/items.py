"""Items: what of a plan belongs into a calendar, each with days of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from followcue.assistant.plan.agenda import Entry
from followcue.evaluation.advice.report import Action, Reason, Report
from followcue.evaluation.report.listing import Listed, listing
from followcue.evaluation.report.words import name_of, named, plain, reason, sources

if TYPE_CHECKING:
    from followcue.assistant.plan.plan import Course
    from followcue.language.model.vocabulary import Vocabulary

Key: TypeAlias = tuple[str, ...]
"""What an item is about; items of one key are the same entry of a calendar, whatever their days."""


class Item(NamedTuple):
    """One entry of a calendar: whole days from `first` to `last`; `due` is the one to be reminded on.

    `is_task`: something to do, and not merely a day to know of. `rings`: it is worth an alarm.
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
    rings: bool = False


def items(course: Course, vocabulary: Vocabulary, scope: str | None = None) -> tuple[Item, ...]:
    """The entries of a calendar for a plan: each step, when it is time for it, and the days the file names.

    What goes on all the time, such as waiting, is left out. A step is there once: what was put off and comes
    up again in another step is no entry again, and of what comes up again and again only the next time is
    there. With `scope`, what concerns that record alone.
    """
    found: dict[Key, Item] = {}
    for item, scopes in (*_steps(course, vocabulary), *_days(course)):
        if scope is None or scope in scopes:
            found.setdefault(item.key, item)
    return tuple(sorted(found.values(), key=lambda item: (item.first, item.last, item.key)))


Placed: TypeAlias = tuple[Item, Collection[str | None]]
"""An item, and the records of the scope that it concerns."""


def _steps(course: Course, vocabulary: Vocabulary) -> Iterator[Placed]:
    known: set[str] = set()
    for moment in course.steps:
        for one in listing(moment.report).now:
            if not known.issuperset(one.step.actions):
                yield _task(one, moment.report, vocabulary), {action.scope for action in one.actions}
            known.update(one.step.actions)


def _task(one: Listed, report: Report, vocabulary: Vocabulary) -> Item:
    """From its opening to its next good or last day; what has none, or is late, on the day of the report."""
    today, head = report.as_of, one.actions[0]
    due = None if one.step.late else one.next_day(today)
    first = min(head.open or today, today) if due else today
    return Item(
        key=(head.action, head.scope or "", head.to or "", head.about or ""),
        title=one.step.title,
        first=first,
        last=due or first,
        due=due or first,
        priority=one.step.urgency,
        text="\n".join(_said(one, report)),
        category=_name(one.step.scope, report),
        rings=_rings(one, today, vocabulary),
    )


def _rings(one: Listed, today: date, vocabulary: Vocabulary) -> bool:
    """Whether a step is urgent, or has a day after which something is lost; what merely fades is no alarm."""
    if one.step.urgency in ("urgent", "low"):
        return one.step.urgency == "urgent"
    firm = (action for action in one.actions if not vocabulary.actions[action.action].fades)
    return any(day >= today for action in firm for day in (action.due, action.until) if day)


def _said(one: Listed, report: Report) -> Iterator[str]:
    """What a calendar can say of a step: why, how, and of each action by when, what to do and to avoid."""
    if one.step.why:
        yield one.step.why
    if one.step.channel:
        yield f"By {plain(one.step.channel)}."
    for action in one.actions:
        if len(one.actions) > 1:
            yield f"\n{named(action, report)}"
        yield from _said_of(action, report)


def _said_of(action: Action, report: Report) -> Iterator[str]:
    if action.due and action.due >= report.as_of:
        yield f"Due {action.due.isoformat()}."
    if last := action.until or action.close:
        yield f"Possible until {last.isoformat()}."
    if action.since:
        yield f"Since: {reason(action.since._replace(line=None), report)}"
    yield from (f"Do: {text}" for text in action.do)
    yield from (f"Avoid: {text}" for text in action.avoid)
    if action.sources:
        yield f"Sources: {sources(action.sources)}"


def _days(course: Course) -> Iterator[Placed]:
    """The days that the file names, such as an appointment: nothing to do, but good to know."""
    report = course.steps[0].report
    for entry in course.plan.entries:
        if entry.change == "day" and entry.event is not None:
            yield _day(entry, entry.event, report), {entry.event.scope}


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
