"""Steps: what a person does in one sitting, the one thing to do first at the front.

Actions say all that the rules advise; nobody works through a list of twenty. A step is one message to one
person that says all that this person is to hear today, or one thing done alone. From actions to steps:

    place       each action: to whom, now or on which day ahead, how urgent
    group       messages by person and day, things done alone by their sitting
    ride        what is no step of its own joins a message to the same person
    space       of two messages to one person on one day, the second waits for the next day
    order       urgency, tier, the next day on which something is lost, the newest cause

What always holds: no two steps of now go to one person, no action stands in two steps, and the order is total
and does not depend on the order of the file.

An example. Uma was met a week ago and never thanked: `send_thank_you` is late, so it has faded from high to
normal; `ask_timeline` rides; `check_status` is due today. All three go to Uma. One step: write to Uma, say
thank you, ask where things stand, and ask when they decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from operator import attrgetter, itemgetter
from typing import TypeAlias, cast

from followcue.base.named_tuple import NamedTuple
from followcue.base.working_days import WorkingDays, offices_of
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.people import People, Place
from followcue.evaluation.advice.report import PRIORITIES, Action, Step
from followcue.evaluation.advice.sentences import Sentences
from followcue.evaluation.advice.step_words import (
    Words,
    person_of,
    scope_name,
    title_of,
    title_of_message,
)
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.pack import Pack
from followcue.language.model.vocabulary import (
    NO_TIER,
    STEPS,
    MessageKind,
    Silence,
    StepChange,
    Vocabulary,
)

Advised: TypeAlias = tuple[Action, Merged]
"""An action of the report, and the findings that it was made of."""

_RANK = {priority: rank for rank, priority in enumerate(PRIORITIES)}
_NORMAL, _LOWEST = _RANK["normal"], len(PRIORITIES) - 1
_USUAL = {parameter.name: parameter.value for parameter in STEPS}
_DAY = timedelta(days=1)
_NEVER = date.max.toordinal()
_STRENGTH = {None: 0, "waits": 1, "fresh": 2, "speaks": 3}
"""Of several ways to stand to silence, the one that speaks most counts."""

GroupKey: TypeAlias = tuple[str, object, date | None]
"""What pieces share: a word, the person or the sitting, and the day; no day for now."""

Sitting: TypeAlias = tuple[str, str | None]
"""What is done together: the sitting, and what there is one of it for."""


class Piece(NamedTuple):
    """An action in its place: what it is done with, when, and how urgent it is.

    The first four order the actions of a step: what joins another's message comes last, however urgent it is.
    `urgency`, `tier`, `lost` (the next day on which something is lost) and `cause` (the day of the newest,
    negative) order steps, the least first. `person` is who gets its message, None for what is done alone.
    `opens` is the day from which it is done. `stale`: its moment has passed in silence, so that it rides on
    whatever is said next. `faded`: it is late and counts one priority lower. `at_most` is how urgent `step`
    rules let it count.
    """

    joins: bool
    urgency: int
    number: int
    id: str
    tier: int
    lost: int
    cause: int
    action: Action
    merged: Merged
    message: MessageKind | None
    person: Place | None
    key: GroupKey
    sitting: Sitting | None
    opens: date
    late: int
    rides: bool
    rides_on: tuple[str, ...]
    stale: bool
    faded: bool
    at_most: str | None

    @property
    def now(self) -> bool:
        """Whether it is done today."""
        return self.key[2] is None


Group: TypeAlias = list[Piece]

_StepRule: TypeAlias = tuple[StepChange, frozenset[str]]
"""What a `step` rule changes, and in which actions."""

_Changes: TypeAlias = Mapping[str | None, Sequence[tuple[_StepRule, str | None, str | None]]]
"""By scope, what `step` rules change, and for which person and subject; None: any."""

_StepKey: TypeAlias = tuple[int, int, int, int, bool, str, str, str, str]
"""What orders steps: urgency, tier, the day on which something is lost, the newest cause, then names."""


class _Manner(NamedTuple):
    """How an action is done, as the vocabulary says or as `step` rules change it.

    `number` is its place in the vocabulary. `alone`: nothing else is said with it. `each` is what there is
    one `sitting` for.
    """

    number: int
    message: MessageKind | None
    alone: bool
    sitting: str | None
    each: str | None
    fades: bool
    rides: bool
    rides_on: tuple[str, ...]
    in_silence: Silence
    tier: int
    at_most: str | None = None

    def changed(self, change: StepChange) -> _Manner:
        """The same under a change."""
        return self._replace(
            rides=self.rides if change.rides is None else change.rides,
            rides_on=self.rides_on if change.rides_on is None else change.rides_on,
            in_silence=change.in_silence or self.in_silence,
            tier=self.tier if change.tier is None else change.tier,
            at_most=change.at_most,
        )


def _manners(vocabulary: Vocabulary) -> dict[str, _Manner]:
    """How each action is done that is ever done in a step."""
    manners = {}
    for number, kind in enumerate(vocabulary.actions.values()):
        if not kind.standing:
            manners[kind.name] = _Manner(
                number,
                None if kind.message is None else vocabulary.messages[kind.message],
                kind.alone,
                kind.sitting,
                None if kind.sitting is None else vocabulary.sittings[kind.sitting],
                kind.fades,
                kind.rides,
                kind.rides_on,
                kind.in_silence,
                kind.tier,
            )
    return manners


class StepMaker:
    """Makes the steps of reports by one pack; safe between threads."""

    def __init__(self, pack: Pack, sentences: Sentences) -> None:
        self.vocabulary = pack.vocabulary
        self.people = People(pack.vocabulary)
        self.words = Words(pack, sentences)
        self.manners = _manners(pack.vocabulary)
        messages = pack.vocabulary.messages.values()
        self.by_channel = {message.channel: message for message in messages if message.channel}
        rules = [pack.rules[clause.rule] for clause in pack.clauses]
        self.changes: dict[int, _StepRule] = {
            number: (rule.step, frozenset(rule.actions)) for number, rule in enumerate(rules) if rule.step
        }
        self.changed = frozenset().union(*[actions for _, actions in self.changes.values()])

    def steps(
        self, situation: Situation, advised: Sequence[Advised], changes: Iterable[Derivation]
    ) -> tuple[tuple[Step, ...], frozenset[str]]:
        """The steps, and the ids of the actions that ride; `changes` are derivations of `step` rules."""
        return _Making(self, situation, changes).steps(advised)

    def pieces(
        self, situation: Situation, advised: Sequence[Advised], changes: Iterable[Derivation]
    ) -> list[Piece]:
        """What the steps are made of: each action in its place, before it is grouped."""
        return _Making(self, situation, changes).pieces(advised)


class _Making:
    """The making of the steps of one situation."""

    def __init__(self, maker: StepMaker, situation: Situation, changes: Iterable[Derivation]) -> None:
        self._maker = maker
        self._situation = situation
        self._day = situation.as_of
        self._today = calendar_day(situation.as_of)
        self._names = situation.names
        self._changes = _changes_of(maker.changes, changes)
        self._persons = maker.people.persons(situation)
        self._told = maker.people.told_on(situation, self._day, self._persons)
        self._fades_after = int(self._parameter("fades_after"))
        self._silence: dict[str | None, date] = {}

    def _parameter(self, name: str) -> int | str:
        value = self._situation.parameters.get(name)
        return _USUAL[name] if value is None else value  # type: ignore[return-value]  # none of them is absent

    def steps(self, advised: Sequence[Advised]) -> tuple[tuple[Step, ...], frozenset[str]]:
        """The steps of now, the first one first, then those ahead by their day."""
        groups: dict[GroupKey, Group] = {}
        riders: Group = []
        for piece in self.pieces(advised):
            if piece.joins:
                riders.append(piece)
            else:
                groups.setdefault(piece.key, []).append(piece)
        _join_sittings(groups)
        _let_ride(groups, riders)
        keyed = [(_step_key(group), key[2], group) for key, group in groups.items()]
        keyed.sort(key=_FIRST)
        now: list[Step] = []
        ahead: list[tuple[date, int, Step]] = []
        busy: set[Place] = set()
        focus = int(self._parameter("focus_steps"))
        for number, (key, day, group) in enumerate(keyed):
            message, first, opens = _kind_of(group), None, day
            if message is not None:
                messages = [piece for piece in group if piece.message is not None]
                first, opens = messages[0], self._opening(messages, message, day, busy)
                if message.office_hours:
                    message = self._sent_as(message, opens or self._today)
            if opens is None:
                now.append(self._step(group, first, message, key[0], None, len(now) < focus))
            else:
                ahead.append((opens, number, self._step(group, first, message, key[0], opens, False)))
        ahead.sort()  # numbers differ, so that no two steps are compared
        return (*now, *[step for _, _, step in ahead]), frozenset([piece.id for piece in riders])

    # --- place
    def pieces(self, advised: Sequence[Advised]) -> list[Piece]:
        """Each action that is done in a step, in its place."""
        self._silence = self._silences(advised)
        manners = self._maker.manners
        return [
            self._place(action, merged, manner)
            for action, merged in advised
            if (manner := manners.get(action.action)) and action.status not in ("missed", "skipped")
        ]

    def _silences(self, advised: Iterable[Advised]) -> dict[str | None, date]:
        """Until when each record of the scope is left in peace, where it is."""
        found: dict[str | None, date] = {}
        for action, merged in advised:
            if merged.action.asks_for_silence and merged.is_open:
                until = action.until or self._today + _DAY
                if until > self._today:
                    found[action.scope] = max(until, found.get(action.scope, until))
        return found

    def _place(self, action: Action, merged: Merged, manner: _Manner) -> Piece:
        _, _, (name, scope, to, about), (_, due, close), until, status, _, priority, channel, _ = merged
        if self._changes and name in self._maker.changed:
            manner = self._changed(manner, name, scope, to, about)
        number, message, alone, in_sitting, each, fades, rides, rides_on, in_silence, tier, at_most = manner
        day, today = self._day, self._today
        late, faded, urgency = 0, False, _RANK[priority]
        if status == "overdue" and action.due is not None:
            late = (today - action.due).days
            if fades and late > self._fades_after and (until is None or until < day):
                faded, urgency = True, min(urgency + 1, _LOWEST)
        if at_most is not None:
            urgency = max(urgency, _RANK[at_most])
        now = status != "upcoming"
        opens = today if now else action.open or today
        stale, person, sitting = False, None, None
        if in_sitting is not None:
            sitting = in_sitting, scope if each == "scope" else about if each == "about" else None
        if message is None:
            rides = False
        else:
            if channel:
                message = self._maker.by_channel.get(channel, message)
            person = self._persons[scope, to]
            if now:
                quiet_until = self._silence.get(scope)
                if quiet_until and not (in_silence == "speaks" or (in_silence == "fresh" and not faded)):
                    now, opens, stale = False, quiet_until, in_silence == "fresh"
                elif tier == NO_TIER and person in self._told:
                    now, opens = False, today + _DAY
            if rides or stale:
                urgency = max(urgency, _NORMAL)
        ahead = None if now else opens
        key: GroupKey
        if message is None:
            key = ("sitting", sitting, ahead) if sitting else ("alone", action.id, ahead)
        elif alone or message.alone:
            key = "apart", (person, action.id), ahead
        else:
            key = "person", person, ahead
        # By place, in the order of the fields: names would take twice as long.
        return Piece(
            rides or stale,
            urgency,
            number,
            action.id,
            tier,
            _lost_on(day, due, close, until),
            -action.because[-1].date.toordinal() if action.because else 0,
            action,
            merged,
            message,
            person,
            key,
            sitting,
            opens,
            late,
            rides,
            rides_on,
            stale,
            faded,
            at_most,
        )

    def _changed(
        self, manner: _Manner, name: str, scope: str | None, to: str | None, about: str | None
    ) -> _Manner:
        """How an action is done by all that `step` rules change in it."""
        named = self._changes.get(scope, ())
        if scope is not None:
            named = (*named, *self._changes.get(None, ()))
        found = [
            change
            for (change, actions), for_to, for_about in named
            if name in actions and for_to in (None, to) and for_about in (None, about)
        ]
        return manner.changed(_together(found)) if found else manner

    # --- space
    def _opening(
        self, messages: Sequence[Piece], kind: MessageKind, day: date | None, busy: set[Place]
    ) -> date | None:
        """The day ahead on which a message goes out, None for now; notes who hears it now in `busy`."""
        if kind.office_hours:
            contact_day = self._contact_day(messages, kind, day or self._today)
            if contact_day > self._today:
                return contact_day
        if day is not None:
            return day
        person = messages[0].person
        assert person is not None
        if person in busy:
            return self._today + _DAY
        busy.add(person)
        return None

    def _contact_day(self, messages: Sequence[Piece], kind: MessageKind, day: date) -> date:
        """The day itself, or the next one on which offices are open, for what is for office hours.

        What can no longer be done by then stays on its day.
        """
        offices = self._offices()
        if offices is None or offices.is_working_day(day.toordinal()):
            return day
        opens = calendar_day(offices.on_or_after(day.toordinal()))
        ends = [end for piece in messages for end in (piece.action.close, piece.action.until) if end]
        return day if any(end < opens for end in ends) else opens

    def _offices(self) -> WorkingDays | None:
        """The days on which messages of office hours may go out; None for every day."""
        if self._parameter("contact_days") != "working_days":
            return None
        return offices_of(self._situation.parameters)

    def _sent_as(self, kind: MessageKind, day: date) -> MessageKind:
        """What a message is on that day: what has to go out while offices are closed may be another kind."""
        offices = self._offices()
        if offices is None or offices.is_working_day(day.toordinal()):
            return kind
        return self._maker.vocabulary.messages[kind.otherwise or kind.name]

    # --- words
    def _step(
        self,
        group: Group,
        first: Piece | None,
        message: MessageKind | None,
        urgency: int,
        opens: date | None,
        focus: bool,
    ) -> Step:
        names, words = self._names, self._maker.words
        said: dict[str, None] = {}
        untold: dict[str | None, None] = {}  # the records of the scope that no part of the title names
        ids, late = [], 0
        first_open = due = until = None
        for piece in group:
            action = piece.action
            text, names_scope = words.said(action, piece.merged, self._situation)
            said[text] = None
            if not names_scope:
                untold[action.scope] = None
            ids.append(piece.id)
            if piece.late > late:
                late = piece.late
            if opens is None and (first_open is None or (action.open and action.open < first_open)):
                first_open = action.open
            if due is None or (action.due is not None and action.due < due):
                due = action.due
            if until is None or (action.until is not None and action.until < until):
                until = action.until
        head = group[0]
        scope, to, channel = head.action.scope, None, None
        if first is not None and message is not None:
            scope, to, channel = first.action.scope, first.action.to, message.channel
            is_of_whole = first.person is not None and first.person[0] is None
            person = person_of(first.action, untold if is_of_whole else (scope,), names)
            title = title_of_message(message, person, [*said])
        else:
            title = title_of([*said], self._shown(group, untold))
            if len(group) > 1 and len({piece.action.scope for piece in group}) > 1:
                scope = None
        # By place, in the order of the fields: names would take twice as long.
        return Step(
            f"step:{head.id}",
            "now" if opens is None else "ahead",
            focus,
            scope,
            to,
            channel,
            title,
            opens or first_open or self._today,
            due,
            until,
            PRIORITIES[urgency],
            late,
            tuple(ids),
            words.why(head.action, head.merged, self._situation),
        )

    def _shown(self, group: Group, untold: Iterable[str | None]) -> list[str]:
        """What follows the title of what is done alone: for which records, or what it is about."""
        if len(group) == 1 and not group[0].merged.action.say:
            return [name] if (name := self._maker.words.whom(group[0].action, self._names)) else []
        return [name for scope in untold if (name := scope_name(scope, self._names))]


_FIRST = itemgetter(0)


def _step_key(group: Group) -> _StepKey:
    """What orders a step; sorts the group itself, so that its first action leads."""
    urgency, tier, lost, cause = group[0].urgency, group[0].tier, group[0].lost, group[0].cause
    if len(group) > 1:
        group.sort()  # ids differ, so that nothing behind them is compared
        urgency = min([piece.urgency for piece in group])
        most = [piece for piece in group if piece.urgency == urgency]
        tier = min([piece.tier for piece in most])
        lost = min([piece.lost for piece in most])
        cause = min([piece.cause for piece in most])
    name, scope, to, about = group[0].merged.subject
    return urgency, tier, lost, cause, scope is None, scope or "", name, to or "", about or ""


def _lost_on(today: int, due: int | None, close: int | None, until: int | None) -> int:
    """The next day on which something is lost; a due day that has passed counts as today."""
    lost = _NEVER if due is None or due > _NEVER else max(due, today)
    if close is not None and today <= close < lost:
        lost = close
    if until is not None and today <= until < lost:
        lost = until
    return lost


def _kind_of(group: Group) -> MessageKind | None:
    """What the messages of a step are as one, if there are any: of two kinds the one for any hour.

    What rides goes with either.
    """
    if len(group) == 1:
        return group[0].message
    kinds = [piece.message for piece in group if piece.message and not piece.joins]
    kinds = kinds or [piece.message for piece in group if piece.message]
    for kind in kinds:
        if not kind.office_hours:
            return kind
    return kinds[0] if kinds else None


def _changes_of(by_clause: Mapping[int, _StepRule], derivations: Iterable[Derivation]) -> _Changes:
    found: dict[str | None, list[tuple[_StepRule, str | None, str | None]]] = {}
    for clause, row, _, _ in derivations:
        scope, to, about = cast(tuple[str | None, str | None, str | None], row)
        found.setdefault(scope, []).append((by_clause[clause], to, about))
    return found


def _together(changes: Sequence[StepChange]) -> StepChange:
    """Several changes as one: what rides rides, the lowest limit and the first tier count."""
    if len(changes) == 1:
        return changes[0]
    rides = [change.rides for change in changes if change.rides is not None]
    onto = sorted({name for change in changes for name in change.rides_on or ()})
    limits = [_RANK[change.at_most] for change in changes if change.at_most]
    return StepChange(
        rides=any(rides) if rides else None,
        rides_on=tuple(onto) if any(change.rides_on is not None for change in changes) else None,
        in_silence=max((change.in_silence for change in changes), key=_STRENGTH.__getitem__),
        at_most=PRIORITIES[max(limits)] if limits else None,
        tier=min((change.tier for change in changes if change.tier is not None), default=None),
    )


def _join_sittings(groups: dict[GroupKey, Group]) -> None:
    """What is done alone joins a message of its sitting: an offer is read, and answered, as one step."""
    seated = [key for key in groups if key[0] == "sitting"]
    if not seated:
        return
    spoken: dict[tuple[object, date | None], list[GroupKey]] = {}
    for key, group in groups.items():
        if key[0] == "person":
            for piece in group:
                if piece.sitting:
                    spoken.setdefault((piece.sitting, key[2]), []).append(key)
    for key in seated:
        messages = spoken.get((key[1], key[2]))
        if messages:
            groups[min(messages, key=repr)] += groups.pop(key)


def _let_ride(groups: dict[GroupKey, Group], riders: Group) -> None:
    """Each rider joins the next message to its person that it may join; what is stale waits for its day."""
    if not riders:
        return
    to_person: dict[object, list[GroupKey]] = {}
    for key in groups:
        if key[0] == "person":
            to_person.setdefault(key[1], []).append(key)
    for rider in sorted(riders, key=_ID):
        known = to_person.setdefault(rider.person, [])
        fitting = [key for key in known if _carries(key[2], groups[key], rider)]
        if fitting:
            groups[fitting[0] if len(fitting) == 1 else min(fitting, key=_day_of)].append(rider)
        elif rider.stale:
            known.append(("person", rider.person, rider.opens))
            groups[known[-1]] = [rider]


_ID = attrgetter("id")


def _day_of(key: GroupKey) -> date:
    return key[2] or date.min


def _carries(day: date | None, group: Group, rider: Piece) -> bool:
    """Whether a rider may join a message to its person on that day, now without one."""
    if day is None and not (rider.now or rider.stale):
        return False
    if rider.stale or not rider.rides_on:
        return True
    return any(piece.action.action in rider.rides_on for piece in group if not piece.rides)
