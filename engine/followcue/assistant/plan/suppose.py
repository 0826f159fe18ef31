"""Suppositions: a situation in which what is arranged takes place, and every action is done when it is due.

Idea: on the first day on which something is to be done, do the most pressing action by the event that settles
it (`done_event.py`), and look again on the same day, for that may have brought up the next one. When nothing
is left, the course says on which day something is due next.

    14 March   remind emma is due      suppose {date: 2026-03-14, event: reminded}
               nothing else is         the course: phone emma is due on 21 March
    21 March   phone emma              suppose {date: 2026-03-21, event: phoned}

Invariant: after each supposed event the action, with these days, is gone from the report. What no event
settles, or only one of which nobody knows enough, is given up once and told. `MOST` events in all and
`MOST_A_DAY` bound it, since rules may ask for the same again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from followcue.assistant.done_event import DoneEvent, done_events_of, events_path, with_event
from followcue.assistant.plan.appointments import Appointment, Keeping
from followcue.assistant.plan.course import Period, course, last_day
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.next_change.watching_program import WatchingProgram
from followcue.evaluation.pipeline import Evaluation, Options, evaluate_facts
from followcue.evaluation.report.wording import named, on_one_line, plain
from followcue.evaluation.situation.situation import MOMENTS_A_DAY, Event, EventKey
from followcue.explain.wanted import subject_of
from followcue.language.documents.document import Document
from followcue.language.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.evaluation.situation.situation import Situation

MOST = 400
"""So many events are supposed at most: rules may ask for the same again and again."""
MOST_A_DAY = 60
"""And so many on one day: an action that comes up again at once would never end."""

Identity = tuple[str, str | None, str | None, str | None, date | None, date | None]


class Supposed(NamedTuple):
    """An action that is supposed to be done, and the event by which."""

    action: Action
    event: DoneEvent


class Supposition(NamedTuple):
    """The situation with all that was supposed, and what stays to be done, each in a sentence.

    `kept` are the appointments that are supposed to take place. `steps` are its reports, where they are known
    already.
    """

    document: Document
    kept: tuple[Appointment, ...]
    supposed: tuple[Supposed, ...] = ()
    unsettled: tuple[str, ...] = ()
    steps: tuple[Period, ...] = ()


def as_arranged(
    loaded: LoadedPack,
    clockwork: WatchingProgram,
    document: Document,
    first: Situation,
    last: date,
    options: Options,
) -> Supposition:
    """Suppose until `last` that each appointment takes place on its day, and nothing else.

    Such a day has two reports: as it begins, and `later` with what has taken place.
    """
    keeping, written = Keeping(loaded, options, MOST), document
    steps: list[Period] = []
    day: date | None = date.fromordinal(first.as_of)
    while day is not None:
        start, whole = (read_on(loaded, document, on, options) for on in (day, last))
        whole = whole._replace(events=SupposedEvents(whole.events, written, loaded.pack.vocabulary))
        moments = course(loaded, clockwork, start, whole, options.limits)
        later, day = bool(steps), None
        for period, after in pairwise(chain(moments, [None])):
            assert period is not None
            steps.append(period._replace(later=later))
            until, later = last_day(after, last), False
            ahead = [a for a in keeping.ahead(period.report.conclusions) if period.day <= a.day <= until]
            if ahead:
                day = min(appointment.day for appointment in ahead)
                document = keeping.keep(document, (a for a in ahead if a.day == day))
                break
    return Supposition(document, tuple(keeping.kept), steps=tuple(steps))


def all_done(
    loaded: LoadedPack,
    clockwork: WatchingProgram,
    document: Document,
    first: Situation,
    last: date,
    options: Options,
) -> Supposition:
    """Suppose until `last` that every action is done: on its due day, or where it has none as it opens.

    Appointments take place, too. What was due before the first day is done on that day. `options` are those
    of the plan.
    """
    supposing = _Supposing(loaded, clockwork, document, last, options)
    day: date | None = date.fromordinal(first.as_of)
    while day is not None and not supposing.is_full:
        supposing.settle(day)
        if supposing.keep(day):
            supposing.settle(day)
        day = supposing.next_day(day)
    return Supposition(
        supposing.document,
        tuple(supposing.keeping.kept),
        tuple(supposing.supposed),
        tuple(supposing.unsettled),
    )


class SupposedEvents(Mapping[EventKey, Event]):
    """The events of a situation, of which those that were supposed stand in no line of the file."""

    def __init__(self, events: Mapping[EventKey, Event], written: Document, vocabulary: Vocabulary) -> None:
        """`written` is the situation before anything was supposed."""
        self._events = events
        self._written = written
        self._vocabulary = vocabulary

    def __getitem__(self, key: EventKey) -> Event:
        event = self._events[key]
        return event._replace(line=None, place="supposed") if self._is_supposed(key) else event

    def __iter__(self) -> Iterator[EventKey]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def _is_supposed(self, key: EventKey) -> bool:
        scope, at = key
        entries: Any = self._written.data
        for step in events_path(self._vocabulary, scope):
            entries = entries.get(step) if isinstance(entries, dict) else None
        return at % MOMENTS_A_DAY >= len(entries or ())


class _Standing(NamedTuple):
    """How things stand on a day, also as to what can no longer be done."""

    situation: Situation
    judgement: Evaluation


class _Supposing:
    """What has been supposed so far."""

    def __init__(
        self,
        loaded: LoadedPack,
        clockwork: WatchingProgram,
        document: Document,
        last: date,
        options: Options,
    ) -> None:
        self._loaded = loaded
        self._clockwork = clockwork
        self._last = last
        self._options = options
        self.document = document
        self.supposed: list[Supposed] = []
        self.unsettled: dict[str, None] = {}
        self._given_up: set[Identity] = set()
        self.keeping = Keeping(loaded, options, MOST)

    @property
    def is_full(self) -> bool:
        """Whether no more is to be supposed."""
        return len(self.supposed) >= MOST

    def settle(self, day: date) -> None:
        """Do all that is due on `day`, one after another: each may bring up the next."""
        standing = self._stand(self.document, day)
        for _ in range(MOST_A_DAY):
            action = next((a for a in self._to_do(standing) if _when(a, day) <= day), None)
            if action is None or self.is_full:
                break
            standing = self._do(action, standing)
        else:
            self._tell(f"on {day.isoformat()} {MOST_A_DAY} actions were done, and what else is due stays")
            self._given_up.update(map(_identity, self._to_do(standing)))
        if self.is_full:
            self._tell(f"{MOST} actions were done by {day.isoformat()}, and all that comes later stays")

    def keep(self, day: date) -> bool:
        """Suppose that what is arranged for `day` takes place; whether there is anything."""
        conclusions = self._stand(self.document, day).judgement.report.conclusions
        ahead = [appointment for appointment in self.keeping.ahead(conclusions) if appointment.day == day]
        self.document = self.keeping.keep(self.document, ahead)
        return bool(ahead)

    def next_day(self, day: date) -> date | None:
        """The next day on which something is to be done or takes place, if there is one."""
        steps = self._course(day)
        step = next(steps, None)
        while step is not None:
            after = next(steps, None)
            wanted = [max(_when(a, step.day), step.day) for a in step.report.actions if self._is_to_do(a)]
            wanted += [appointment.day for appointment in self.keeping.ahead(step.report.conclusions)]
            first = min((when for when in wanted if when > day), default=None)
            if first and first <= self._last and (after is None or first < after.day):
                return first
            step = after
        return None

    def _do(self, action: Action, standing: _Standing) -> _Standing:
        """Do it by the first event that settles it, as `settling_event` has it; or give it up."""
        loaded, (situation, judgement) = self._loaded, standing
        for found in done_events_of(loaded, situation, judgement.derivations, action):
            if found.missing:
                self._give_up(action, judgement.report, found)
                return standing
            document = with_event(self.document, loaded.pack.vocabulary, found)
            try:
                after = self._stand(document, found.date)
            except InvalidInput:
                continue
            if all(_days(other) != _days(action) for other in after.judgement.report.actions):
                self.document = document
                self.supposed.append(Supposed(action, found))
                return after
        self._give_up(action, judgement.report, None)
        return standing

    def _stand(self, document: Document, day: date) -> _Standing:
        situation = read_on(self._loaded, document, day, self._options)
        return _Standing(
            situation, evaluate_facts(self._loaded, situation, self._options._replace(missed=True))
        )

    def _to_do(self, standing: _Standing) -> list[Action]:
        """The actions that can be done, the most pressing first."""
        return [action for action in standing.judgement.report.actions if self._is_to_do(action)]

    def _course(self, day: date) -> Iterator[Period]:
        first, whole = (read_on(self._loaded, self.document, on, self._options) for on in (day, self._last))
        return course(self._loaded, self._clockwork, first, whole, self._options.limits)

    def _is_to_do(self, action: Action) -> bool:
        return action.status in ("due", "overdue") and _identity(action) not in self._given_up

    def _give_up(self, action: Action, report: Report, found: DoneEvent | None) -> None:
        self._given_up.add(_identity(action))
        kind = self._loaded.pack.vocabulary.actions[action.action]
        if kind.standing:
            return  # it is done day by day
        if found is None:
            said = "no event says that it is done"
        else:
            needs = " and ".join(" or ".join(names) for names in found.missing)
            said = f"`{plain(found.kind)}` would say so, but needs {needs}, which nobody knows yet"
        self._tell(f"{on_one_line(named(action, report))}: {said}")

    def _tell(self, sentence: str) -> None:
        self.unsettled[sentence] = None


def read_on(loaded: LoadedPack, document: Document, day: date, options: Options) -> Situation:
    """The situation as it is on that day."""
    return loaded.read(document, options._replace(as_of=day))


def _when(action: Action, day: date) -> date:
    """On which day it is supposed to be done: when it is due, or else at once."""
    return action.due or day


def _days(action: Action) -> tuple[object, ...]:
    return *_identity(action), action.close, action.until


def _identity(action: Action) -> Identity:
    return *subject_of(action), action.open, action.due
