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

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from followcue.base.working_days import offices_of
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.people import People, Place
from followcue.evaluation.advice.report import PRIORITIES, Action, Step
from followcue.evaluation.advice.sentences import Sentences
from followcue.evaluation.advice.step_words import Words, person_of, scope_name, title_of, whom
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.pack import Pack
from followcue.language.model.vocabulary import NO_TIER, STEPS, ActionKind, MessageKind, StepChange

Advised: TypeAlias = tuple[Action, Merged]
"""An action of the report, and the findings that it was made of."""

_RANK = {priority: rank for rank, priority in enumerate(PRIORITIES)}
_NORMAL, _LOWEST = _RANK["normal"], len(PRIORITIES) - 1
_OPEN = ("due", "overdue")
_USUAL = {parameter.name: parameter.value for parameter in STEPS}
_DAY = timedelta(days=1)
_UNCHANGED = StepChange()
_STRENGTH = {None: 0, "waits": 1, "fresh": 2, "speaks": 3}
"""Of several ways to stand to silence, the one that speaks most counts."""


class Piece(NamedTuple):
    """An action in its place: what it is done with, when, and how urgent it is.

    `person` is who gets its message, None for what is done alone. `opens` is the day from which it is done;
    it is now where that is no later than today. `urgency` and `tier` order steps, the least first. `stale`:
    its moment has passed in silence, so that it rides on whatever is said next. `faded`: it is late and
    counts one priority lower. `change` is what `step` rules make of it.
    """

    action: Action
    merged: Merged
    kind: ActionKind
    message: MessageKind | None
    person: Place | None
    now: bool
    opens: date
    late: int
    urgency: int
    tier: int
    rides: bool
    rides_on: tuple[str, ...]
    stale: bool
    faded: bool
    change: StepChange


Group: TypeAlias = list[Piece]

GroupKey: TypeAlias = tuple[str, object, date | None]
"""What pieces share: a word, the person or the sitting, and the day; no day for now."""

_Subject: TypeAlias = tuple[str | None, str | None, str | None]

_Changes: TypeAlias = Mapping[str, Sequence[tuple[StepChange, _Subject]]]
"""By action, what `step` rules change, and for whom and what (scope, person, subject; None: any)."""


class StepMaker:
    """Makes the steps of reports by one pack; safe between threads."""

    def __init__(self, pack: Pack, sentences: Sentences) -> None:
        self.pack = pack
        self.people = People(pack.vocabulary)
        self.words = Words(pack, sentences)
        self.order = {name: number for number, name in enumerate(pack.vocabulary.actions)}
        messages = pack.vocabulary.messages.values()
        self.by_channel = {message.channel: message for message in messages if message.channel}

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
        self._vocabulary = maker.pack.vocabulary
        self._words = maker.words
        self._order = maker.order
        self._by_channel = maker.by_channel
        self._situation = situation
        self._day = situation.as_of
        self._today = calendar_day(situation.as_of)
        self._names = situation.names
        self._changes = _changes_of(maker.pack, changes)
        self._persons = maker.people.persons(situation)
        self._told = maker.people.told_on(situation, self._day, self._persons)
        self._fades_after = int(self._parameter("fades_after"))
        self._silence: dict[str | None, date] = {}

    def _parameter(self, name: str) -> int | str:
        value = self._situation.parameters.get(name)
        return _USUAL[name] if value is None else value  # type: ignore[return-value]  # none of them is absent

    def steps(self, advised: Sequence[Advised]) -> tuple[tuple[Step, ...], frozenset[str]]:
        """The steps of now, the first one first, then those ahead by their day."""
        pieces = self.pieces(advised)
        riders = [piece for piece in pieces if piece.rides or piece.stale]
        groups = self._grouped(piece for piece in pieces if not (piece.rides or piece.stale))
        _join_sittings(groups, self._sitting)
        _let_ride(groups, riders)
        keyed = [(self._step_key(group), key, group) for key, group in groups.items()]
        keyed.sort(key=_FIRST)
        now: list[Step] = []
        ahead: list[tuple[date, int, Step]] = []
        busy: set[Place] = set()
        focus = int(self._parameter("focus_steps"))
        for number, (_, (_, _, day), group) in enumerate(keyed):
            opens = self._opening(group, day, busy)
            if opens is None:
                now.append(self._step(group, None, len(now) < focus))
            else:
                ahead.append((opens, number, self._step(group, opens, False)))
        ahead.sort()  # numbers differ, so that no two steps are compared
        steps = (*now, *[step for _, _, step in ahead])
        return steps, frozenset([piece.action.id for piece in riders])

    # --- place
    def pieces(self, advised: Sequence[Advised]) -> list[Piece]:
        """Each action that is done in a step, in its place."""
        self._silence = self._silences(advised)
        return [self._place(action, merged) for action, merged in advised if _is_a_step(action, merged)]

    def _silences(self, advised: Iterable[Advised]) -> dict[str | None, date]:
        """Until when each record of the scope is left in peace, where it is."""
        found: dict[str | None, date] = {}
        for action, merged in advised:
            if merged.action.asks_for_silence and action.status in _OPEN:
                until = action.until or self._today + _DAY
                if until > self._today:
                    found[action.scope] = max(until, found.get(action.scope, until))
        return found

    def _place(self, action: Action, merged: Merged) -> Piece:
        kind = merged.action
        change = self._change(action)
        late = self._late(action)
        faded = kind.fades and late > self._fades_after and not (action.until and action.until >= self._today)
        urgency = _RANK[action.priority]
        if faded:
            urgency = min(urgency + 1, _LOWEST)
        if change.at_most is not None:
            urgency = max(urgency, _RANK[change.at_most])
        tier = kind.tier if change.tier is None else change.tier
        now = action.status in _OPEN
        opens = self._today if now else action.open or self._today
        rides, stale, person, message = False, False, None, None
        if kind.message is not None:
            message = self._message(action, kind)
            person = self._persons[action.scope, action.to]
            rides = kind.rides if change.rides is None else change.rides
            in_silence = change.in_silence or kind.in_silence
            quiet_until = self._silence.get(action.scope)
            if now and quiet_until and not (in_silence == "speaks" or (in_silence == "fresh" and not faded)):
                now, opens, stale = False, quiet_until, in_silence == "fresh"
            elif now and tier == NO_TIER and person in self._told:
                now, opens = False, self._today + _DAY
        if rides or stale:
            urgency = max(urgency, _NORMAL)
        rides_on = kind.rides_on if change.rides_on is None else change.rides_on
        return Piece(
            action,
            merged,
            kind,
            message,
            person,
            now,
            opens,
            late,
            urgency,
            tier,
            rides,
            rides_on,
            stale,
            faded,
            change,
        )

    def _message(self, action: Action, kind: ActionKind) -> MessageKind:
        by_channel = self._by_channel.get(action.channel) if action.channel else None
        return by_channel or self._vocabulary.messages[kind.message or ""]

    def _late(self, action: Action) -> int:
        if action.status != "overdue" or action.due is None:
            return 0
        return (self._today - action.due).days

    def _change(self, action: Action) -> StepChange:
        """All that `step` rules change in how it is done."""
        named = self._changes.get(action.action)
        if not named:
            return _UNCHANGED
        found = [
            change
            for change, (scope, to, about) in named
            if (scope is None or scope == action.scope)
            and (to is None or to == action.to)
            and (about is None or about == action.about)
        ]
        return _together(found) if found else _UNCHANGED

    # --- group
    def _grouped(self, pieces: Iterable[Piece]) -> dict[GroupKey, Group]:
        groups: dict[GroupKey, Group] = {}
        for piece in pieces:
            groups.setdefault(self._group_key(piece), []).append(piece)
        return groups

    def _group_key(self, piece: Piece) -> GroupKey:
        day = None if piece.now else piece.opens
        if piece.message is not None:
            if piece.kind.alone or piece.message.alone:
                return "apart", (piece.person, piece.action.id), day
            return "person", piece.person, day
        sitting = self._sitting(piece)
        return ("sitting", sitting, day) if sitting else ("alone", piece.action.id, day)

    def _sitting(self, piece: Piece) -> tuple[str, str | None] | None:
        """What the action is done together with: the sitting, and what there is one of it for."""
        name, action = piece.kind.sitting, piece.action
        if name is None:
            return None
        each = self._vocabulary.sittings[name]
        return name, {"scope": action.scope, "about": action.about, "whole": None}[each]

    # --- space
    def _opening(self, group: Group, day: date | None, busy: set[Place]) -> date | None:
        """The day ahead on which a step is done, None for now; notes who hears something now in `busy`."""
        messages = [piece for piece in group if piece.message is not None]
        if not messages:
            return day
        contact_day = self._contact_day(messages, day or self._today)
        if day is not None or contact_day > self._today:
            return contact_day
        person = messages[0].person
        assert person is not None
        if person in busy:
            return self._today + _DAY
        busy.add(person)
        return None

    def _contact_day(self, messages: Sequence[Piece], day: date) -> date:
        """The day itself, or the next one on which offices are open, for what is for office hours.

        What can no longer be done by then stays on its day.
        """
        kind = _kind_of(messages)
        if not kind.office_hours or self._in_hours(kind, day):
            return day
        opens = calendar_day(offices_of(self._situation.parameters).on_or_after(day.toordinal()))
        ends = [end for piece in messages for end in (piece.action.close, piece.action.until) if end]
        return day if any(end < opens for end in ends) else opens

    def _in_hours(self, kind: MessageKind, day: date) -> bool:
        """Whether such a message may go out on that day."""
        if not kind.office_hours or self._parameter("contact_days") != "working_days":
            return True
        return offices_of(self._situation.parameters).is_working_day(day.toordinal())

    def _sent_as(self, messages: Sequence[Piece], day: date) -> MessageKind:
        """What a step is on that day: what has to go out while offices are closed may be another kind."""
        kind = _kind_of(messages)
        return kind if self._in_hours(kind, day) else self._vocabulary.messages[kind.otherwise or kind.name]

    # --- order and words
    def _step_key(self, group: Group) -> tuple[object, ...]:
        """What orders a step; sorts the group itself, so that its first action leads."""
        if len(group) > 1:
            group.sort(key=self._place_in_group)
        urgency, tier, lost, cause = _urgency_of(group), NO_TIER, date.max, 0
        for piece in group:
            if piece.urgency > urgency:
                continue
            if piece.tier < tier:
                tier = piece.tier
            day = self._lost_on(piece.action)
            if day < lost:
                lost = day
            if piece.action.because:
                cause = max(cause, piece.action.because[-1].date.toordinal())
        name, scope, to, about = group[0].merged.subject
        return urgency, tier, lost, -cause, scope is None, scope or "", name, to or "", about or ""

    def _place_in_group(self, piece: Piece) -> tuple[bool, int, int, str]:
        """What orders the actions of a step: what rides comes last, however urgent it is."""
        rides = piece.rides or piece.stale
        return rides, piece.urgency, self._order[piece.action.action], piece.action.id

    def _lost_on(self, action: Action) -> date:
        """The next day on which something is lost; a due day that has passed counts as today."""
        today, lost = self._today, date.max
        if action.due is not None:
            lost = max(action.due, today)
        for day in (action.close, action.until):
            if day is not None and today <= day < lost:
                lost = day
        return lost

    def _step(self, group: Group, opens: date | None, focus: bool) -> Step:
        head, names = group[0], self._names
        messages = [piece for piece in group if piece.message is not None]
        first = messages[0] if messages else None
        message = self._sent_as(messages, opens or self._today) if messages else None
        actions = [piece.action for piece in group]
        said = dict.fromkeys(
            [self._words.said(piece.action, piece.merged, self._situation) for piece in group]
        )
        named = first.action if first else head.action
        is_of_one = first or len(group) == 1 or len({action.scope for action in actions}) == 1
        shown: Sequence[str] = ()
        if first is None and len(group) == 1 and not head.kind.say:
            shown = [name] if (name := whom(head.action, names)) else ()
        elif first is None:
            shown = [name for scope in self._untold(group) if (name := scope_name(scope, names))]
        # By place, in the order of the fields: names would take twice as long.
        return Step(
            f"step:{head.action.id}",
            "now" if opens is None else "ahead",
            focus,
            named.scope if is_of_one else None,
            named.to if first else None,
            message.channel if message else None,
            title_of(
                message, self._addressed(first, group) if first else "", shown, list(dict.fromkeys(said))
            ),
            opens or _earliest([action.open for action in actions]) or self._today,
            _earliest([action.due for action in actions]),
            _earliest([action.until for action in actions]),
            PRIORITIES[_urgency_of(group)],
            max([piece.late for piece in group]),
            tuple([action.id for action in actions]),
            self._words.why(head.action, head.merged, self._situation),
        )

    def _addressed(self, first: Piece, group: Group) -> str:
        """Who gets the message, and for which record; for which records, if it is a person of the whole."""
        of_whole = first.person is not None and first.person[0] is None
        scopes = self._untold(group) if of_whole else (first.action.scope,)
        return person_of(first.action, scopes, self._names)

    def _untold(self, group: Group) -> list[str | None]:
        """The records of the scope that no part of the title names."""
        parts = [piece for piece in group if not self._words.names_scope(piece.merged)]
        return list(dict.fromkeys([piece.action.scope for piece in parts]))


_FIRST = itemgetter(0)


def _is_a_step(action: Action, merged: Merged) -> bool:
    return not merged.action.standing and action.status not in ("missed", "skipped")


def _urgency_of(group: Group) -> int:
    """The highest urgency in a step."""
    return group[0].urgency if len(group) == 1 else min([piece.urgency for piece in group])


def _kind_of(messages: Sequence[Piece]) -> MessageKind:
    """What several messages are as one: of two kinds the one for any hour; what rides goes with either."""
    if len(messages) == 1 and messages[0].message:
        return messages[0].message
    kinds = [piece.message for piece in messages if piece.message and not (piece.rides or piece.stale)]
    kinds = kinds or [piece.message for piece in messages if piece.message]
    return next((kind for kind in kinds if not kind.office_hours), kinds[0])


def _earliest(days: Sequence[date | None]) -> date | None:
    """The earliest of some days; an absent one is none."""
    if len(days) == 1:
        return days[0]
    return min([day for day in days if day is not None], default=None)


def _changes_of(pack: Pack, derivations: Iterable[Derivation]) -> _Changes:
    found: dict[str, list[tuple[StepChange, _Subject]]] = {}
    for derivation in derivations:
        rule = pack.rules[pack.clauses[derivation.clause].rule]
        assert rule.step is not None
        change: tuple[StepChange, _Subject] = rule.step, derivation.row  # type: ignore[assignment]  # three texts
        for action in rule.actions:
            found.setdefault(action, []).append(change)
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


def _join_sittings(
    groups: dict[GroupKey, Group], sitting: Callable[[Piece], tuple[str, str | None] | None]
) -> None:
    """What is done alone joins a message of its sitting: an offer is read, and answered, as one step."""
    seated = [key for key in groups if key[0] == "sitting"]
    if not seated:
        return
    spoken: dict[tuple[object, date | None], GroupKey] = {}
    for key in sorted((key for key in groups if key[0] == "person"), key=repr):
        for piece in groups[key]:
            shared = sitting(piece)
            if shared:
                spoken.setdefault((shared, key[2]), key)
    for key in seated:
        message = spoken.get((key[1], key[2]))
        if message is not None:
            groups[message] += groups.pop(key)


def _let_ride(groups: dict[GroupKey, Group], riders: Iterable[Piece]) -> None:
    """Each rider joins the next message to its person that it may join; what is stale waits for its day."""
    to_person: dict[object, list[GroupKey]] = {}
    for key in groups:
        if key[0] == "person":
            to_person.setdefault(key[1], []).append(key)
    for rider in sorted(riders, key=lambda piece: piece.action.id):
        known = to_person.setdefault(rider.person, [])
        fitting = [key for key in known if _carries(key[2], groups[key], rider)]
        if fitting:
            groups[min(fitting, key=lambda key: key[2] or date.min)].append(rider)
        elif rider.stale:
            known.append(("person", rider.person, rider.opens))
            groups[known[-1]] = [rider]


def _carries(day: date | None, group: Group, rider: Piece) -> bool:
    """Whether a rider may join a message to its person on that day, now without one."""
    if day is None and not (rider.now or rider.stale):
        return False
    return (
        rider.stale
        or not rider.rides_on
        or any(piece.action.action in rider.rides_on for piece in group if not piece.rides)
    )
