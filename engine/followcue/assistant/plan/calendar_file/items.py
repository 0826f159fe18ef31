"""Items: what of a plan belongs into a calendar, each with days of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, time
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from followcue.assistant.plan.agenda import AgendaEntry
from followcue.assistant.plan.appointments import hour_of
from followcue.evaluation.advice.report import Action, Reason, Report
from followcue.evaluation.report.listing import PRESSING, Listed, listing
from followcue.evaluation.report.wording import name_of, named, plain, reason, sources

if TYPE_CHECKING:
    from followcue.assistant.plan.plan import PlannedCourse
    from followcue.language.model.vocabulary import Vocabulary

ItemKey: TypeAlias = tuple[str, ...]
"""What an item is about; items of one key are the same entry of a calendar, whatever their days."""


class CalendarItem(NamedTuple):
    """One entry of a calendar: whole days from `first` to `last`; `due` is the one to be reminded on.

    `is_task`: something to do, and not merely a day to know of. `rings`: it is worth an alarm. `at` is the
    hour at which it begins, if it is no matter of whole days.
    """

    key: ItemKey
    title: str
    first: date
    last: date
    due: date
    priority: str
    text: str
    category: str
    is_task: bool = True
    rings: bool = False
    at: time | None = None


def items(
    course: PlannedCourse, vocabulary: Vocabulary, scope: str | None = None
) -> tuple[CalendarItem, ...]:
    """The entries of a calendar for a plan: each step, when it is time for it, and the days the file names.

    What goes on all the time, such as waiting, is left out. A step is there once: what was put off and comes
    up again in another step is no entry again, unless something that presses has come to it, and of what
    comes up again and again only the next time is there. What follows from an appointment that is supposed to
    take place says so. With `scope`, what concerns that record alone.
    """
    found: dict[ItemKey, CalendarItem] = {}
    for item, scopes in (*_steps(course, vocabulary), *_days(course)):
        if scope is None or scope in scopes:
            found.setdefault(item.key, item)
    return tuple(sorted(found.values(), key=lambda item: (item.first, item.last, item.key)))


Placed: TypeAlias = tuple[CalendarItem, Collection[str | None]]
"""An item, and the records of the scope that it concerns."""


def _steps(course: PlannedCourse, vocabulary: Vocabulary) -> Iterator[Placed]:
    known: set[str] = set()
    supposed = [entry.supposed for entry in course.plan.entries if entry.supposed]
    for moment, after in zip(course.steps, [*course.steps[1:], None], strict=True):
        wanted = {step.id for step in moment.time_for(after)}
        for one in listing(moment.report).now:
            if one.step.id in wanted and not known.issuperset(one.step.actions):
                task = _task(one, _head(one, known), moment.report, vocabulary, supposed)
                yield task, {action.scope for action in one.actions}
            known.update(one.step.actions if one.step.id in wanted else ())


def _head(one: Listed, known: Collection[str]) -> Action:
    """What the entry of a step is about: what leads it, or if that is known, what presses and is new."""
    leading, *others = one.actions
    new = (other for other in others if other.id not in known and other.priority in PRESSING)
    return next(new, leading) if leading.id in known else leading


def _task(
    one: Listed, head: Action, report: Report, vocabulary: Vocabulary, supposed: Collection[Reason]
) -> CalendarItem:
    """From its opening to its next good or last day; what has none, or is late, on the day of the report."""
    today = report.as_of
    due = None if one.step.late else one.next_day(today)
    first = min(head.open or today, today) if due else today
    condition = _condition(head, supposed)
    return CalendarItem(
        key=(head.action, head.scope or "", head.to or "", head.about or ""),
        title=f"{one.step.title} ({condition})" if condition else one.step.title,
        first=first,
        last=due or first,
        due=due or first,
        priority=one.step.urgency,
        text="\n".join(_said(one, report, supposed)),
        category=_name(one.step.scope, report),
        rings=_rings(one, today, vocabulary),
    )


def _rings(one: Listed, today: date, vocabulary: Vocabulary) -> bool:
    """Whether a step presses and has something in it that does not merely fade."""
    if one.step.urgency not in PRESSING:
        return False
    return any(a.priority in PRESSING and not vocabulary.actions[a.action].fades for a in one.actions)


def _condition(action: Action, supposed: Collection[Reason]) -> str:
    """What an action rests on that is merely supposed, in words; empty if nothing is."""
    said = ((reason.fact, reason.scope, reason.date) for reason in action.because)
    known = {(event.fact, event.scope, event.date) for event in supposed}
    return next((f"if the {plain(fact)} takes place" for fact, *rest in said if (fact, *rest) in known), "")


def _said(one: Listed, report: Report, supposed: Collection[Reason]) -> Iterator[str]:
    """What a calendar can say of a step: why, how, and of each action by when, what to do and to avoid."""
    if one.step.why:
        yield one.step.why
    if one.step.channel:
        yield f"By {plain(one.step.channel)}."
    for action in one.actions:
        if len(one.actions) > 1:
            condition = _condition(action, supposed)
            yield f"\n{named(action, report)}" + (f" ({condition})" if condition else "")
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


def _days(course: PlannedCourse) -> Iterator[Placed]:
    """The days that the file names, such as an appointment: nothing to do, but good to know."""
    report = course.steps[0].report
    for entry in course.plan.entries:
        if entry.change == "day" and entry.event is not None:
            yield _day(entry, entry.event, report), {entry.event.scope}


def _day(entry: AgendaEntry, event: Reason, report: Report) -> CalendarItem:
    others = [str(value) for value in event.fields.values()]
    at = hour_of(entry.time)
    hour = f"at {entry.time}" if entry.time and at is None else None  # it has a place of its own otherwise
    names = (name_of(value, event.scope, report) for value in others)
    about = ", ".join(filter(None, (*names, hour)))
    where = _name(event.scope, report)
    said = f"{where} ({about})" if where and about else where or about
    title = entry.text.rstrip(".")
    return CalendarItem(
        key=(event.fact, event.scope or "", *others),
        title=f"{title}: {said}" if said else title,
        first=entry.day,
        last=entry.day,
        due=entry.day,
        priority="normal",
        text=entry.text,
        category=where,
        is_task=False,
        rings=entry.is_appointment,
        at=at,
    )


def _name(scope: str | None, report: Report) -> str:
    return name_of(scope, None, report) or ""
