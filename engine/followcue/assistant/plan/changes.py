"""From the steps of a course to an agenda: what is different from one report to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from followcue.assistant.plan.agenda import ENTRY_KINDS, AgendaEntry, EntryKind
from followcue.assistant.plan.appointments import Appointment, arranged
from followcue.assistant.plan.course import Period, last_day
from followcue.base.values import looks_like_date
from followcue.evaluation.advice.order import order_key
from followcue.evaluation.advice.report import Action, Conclusion, Reason
from followcue.explain.wanted import subject_of
from followcue.language.model.vocabulary import Vocabulary

_RANK = {change: rank for rank, change in enumerate(ENTRY_KINDS)}


class NamedDay(NamedTuple):
    """The days that the events of a file name besides their own: of which record, and which day."""

    scope: str | None
    day: str


def entries(
    steps: Sequence[Period],
    last: date,
    named: frozenset[NamedDay],
    vocabulary: Vocabulary,
    kept: Sequence[Appointment] = (),
) -> Iterator[AgendaEntry]:
    """What comes up from the first step to the day `last`, in no particular order.

    `kept` are the appointments that are supposed to take place.
    """
    for appointment in kept:
        yield _appointment(appointment, vocabulary, is_kept=True)
    told_of = [appointment.conclusion for appointment in kept]
    before: Period | None = None
    told: set[str] = set()
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        until = last_day(after, last)
        if before is None:
            yield from _standing(step)
        else:
            yield from _different(before, step)
        yield from _time_for(step, after, told)
        yield from _within(step, until, is_first=before is None)
        yield from _named_days(before, step, until, named, vocabulary)
        for appointment in arranged(step.report.conclusions, vocabulary):
            is_new = appointment.day > step.day or (appointment.day == step.day and not step.later)
            if is_new and appointment.day <= until and appointment.conclusion not in told_of:
                yield _appointment(appointment, vocabulary, is_kept=False)
        before = step


def in_order(found: Iterable[AgendaEntry]) -> tuple[AgendaEntry, ...]:
    """Entries by day; within one as a person wants to know: what happens, what presses, what opens."""
    return tuple(sorted(found, key=_place))


def _place(entry: AgendaEntry) -> tuple[object, ...]:
    action = entry.action
    event = entry.event
    told = order_key(action) if action else ()
    said = (event.fact, sorted((k, str(v)) for k, v in event.fields.items())) if event else ()
    # Suppositions are made one after another, and steps stand in order: so they are told.
    in_turn = entry.change in ("supposed", "step")
    rest = () if in_turn else (entry.scope or "", bool(told), told, said, entry.text)
    return entry.day, _RANK[entry.change], rest


# --- the first day
def _standing(step: Period) -> Iterator[AgendaEntry]:
    report = step.report
    for caution in report.cautions:
        yield _entry(step, "caution", caution)
    for action in report.actions:
        if action.until:
            yield _entry(step, "waits", action)
        elif action.status != "upcoming":
            yield _entry(step, "now", action)
    yield from (AgendaEntry(step.day, "warning", text=warning) for warning in report.warnings)


# --- steps
def _time_for(step: Period, after: Period | None, told: set[str]) -> Iterator[AgendaEntry]:
    """The steps of now with an action that was in none since it opened; what they hold is added to `told`.

    What waits for a Monday, or for silence to end, is not told again when its step comes back.
    """
    actions = {action.id: action for action in step.report.actions}
    told.intersection_update(key for key, action in actions.items() if action.status in ("due", "overdue"))
    for one in step.time_for(after):
        if not told.issuperset(one.actions):
            held = [actions[key] for key in one.actions]
            scopes = tuple(dict.fromkeys(action.scope for action in held))
            yield AgendaEntry(step.day, "step", held[0], scope=one.scope, step=one, scopes=scopes)
            told.update(one.actions)


# --- from one report to the next
def _different(before: Period, after: Period) -> Iterator[AgendaEntry]:
    old, new = _by_subject(before.report.actions), _by_subject(after.report.actions)
    for key, action in new.items():
        known = old.get(key)
        change = _change(known, action)
        is_told = change == "moves" and after.later and known is not None and known.due == action.due
        if change and not is_told:
            yield _entry(after, change, action)
    opened = [action for key, action in new.items() if _change(old.get(key), action) == "opens"]
    for key, action in old.items():
        if key not in new and not _is_over(action, after):
            instead = tuple(other for other in opened if other.scope == action.scope)
            yield _entry(after, "ends", action, instead=instead)
    yield from _cautions(before, after)
    for warning in after.report.warnings:
        if warning not in before.report.warnings:
            yield AgendaEntry(after.day, "warning", text=warning)


def _cautions(before: Period, after: Period) -> Iterator[AgendaEntry]:
    old, new = _by_subject(before.report.cautions), _by_subject(after.report.cautions)
    for key, caution in new.items():
        if key not in old:
            yield _entry(after, "caution", caution)
    for key, caution in old.items():
        if key not in new:
            yield _entry(after, "caution ends", caution)


def _change(old: Action | None, new: Action) -> EntryKind | None:
    """What changed about an action; an opening that lies ahead is an entry of its own day."""
    if new.until:
        return "waits" if old is None or old.until != new.until else None
    was_open = old is not None and old.status != "upcoming"
    if new.status == "upcoming":
        return "moves" if was_open else None
    if not was_open:
        return "opens"
    if new.status == "overdue" and old is not None and old.status != "overdue":
        return "overdue"
    return "moves" if old is not None and _days(old) != _days(new) else None


def _is_over(action: Action, after: Period) -> bool:
    """Whether an earlier entry said its end: it has closed, or the wait is over."""
    return (action.close is not None and action.close <= last_day(after, after.day)) or (
        action.until is not None and action.until <= after.day
    )


# --- days between two reports
def _within(step: Period, until: date, *, is_first: bool) -> Iterator[AgendaEntry]:
    """The due day and the last day of what is open, unless it opens on that very day."""
    for action in step.report.actions:
        if action.status not in ("due", "overdue"):
            continue
        due, close = action.due, action.close
        is_told = due == step.day and (is_first or step.later or due == action.open)
        if due and step.day <= due <= until and not is_told:
            yield AgendaEntry(due, "due", action, scope=action.scope)
        told = close in (due, action.open) or ((is_first or step.later) and close == step.day)
        if close and step.day <= close <= until and not told:
            yield AgendaEntry(close, "closes", action, scope=action.scope)


def _named_days(
    before: Period | None, step: Period, until: date, named: frozenset[NamedDay], vocabulary: Vocabulary
) -> Iterator[AgendaEntry]:
    """Days that a conclusion spoke of while they lay ahead, as far as an event of the file names them."""
    known = {_spoken(conclusion) for conclusion in before.report.conclusions} if before else set()
    for conclusion in step.report.conclusions:
        if vocabulary.kinds[conclusion.fact].appointment is not None:
            continue
        for value in conclusion.fields.values():
            if not (isinstance(value, str) and looks_like_date(value)):
                continue
            day = date.fromisoformat(value)
            lay_ahead = step.day < day or (step.day == day and _spoken(conclusion) in known)
            if lay_ahead and day <= until and NamedDay(conclusion.scope, value) in named:
                yield _said(conclusion, day, vocabulary)


def _spoken(conclusion: Conclusion) -> tuple[object, ...]:
    return conclusion.fact, conclusion.scope, *sorted((k, str(v)) for k, v in conclusion.fields.items())


def _said(conclusion: Conclusion, day: date, vocabulary: Vocabulary) -> AgendaEntry:
    others = {name: value for name, value in conclusion.fields.items() if not looks_like_date(str(value))}
    fact = Reason(conclusion.fact, conclusion.scope, day, others, None)
    return AgendaEntry(
        day, "day", event=fact, scope=conclusion.scope, text=vocabulary.kinds[conclusion.fact].says
    )


def _appointment(appointment: Appointment, vocabulary: Vocabulary, *, is_kept: bool) -> AgendaEntry:
    conclusion, day, hour, event = appointment
    kind = vocabulary.kinds[conclusion.fact].appointment
    fields = conclusion.fields.items()
    others = {name: value for name, value in fields if kind is None or name not in (kind.on, kind.time)}
    said = _said(conclusion._replace(fields=others), day, vocabulary)
    supposed = Reason(event.kind, event.scope, day, event.fields, None) if is_kept and event else None
    return said._replace(time=hour, supposed=supposed, is_appointment=True)


# --- small questions
def _entry(
    step: Period, change: EntryKind, action: Action, *, instead: tuple[Action, ...] = ()
) -> AgendaEntry:
    in_step = action.open is not None or any(action.id in one.actions for one in step.report.steps)
    return AgendaEntry(step.day, change, action, instead=instead, scope=action.scope, in_step=in_step)


def _by_subject(actions: Iterable[Action]) -> Mapping[tuple[str | None, ...], Action]:
    return {subject_of(a): a for a in actions if a.status != "missed"}


def _days(action: Action) -> tuple[date | None, ...]:
    return action.open, action.due, action.close
