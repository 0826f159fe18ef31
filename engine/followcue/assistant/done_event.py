"""The done event: the event that settles an action, made from the `done_when` of the rules behind it.

Idea: `done_when` is a negated atom of a rule's clause: the action stands as long as no event matches it. Read
the other way round, the atom says which event would end it. Its joins take their values from the firing, its
tests get a value that passes them, and what else the kind of event has is taken from the action, where both
call it the same.

    remind(L, to P) :- late(L), borrower(L, P), not reminded(loan L, to P).
    firing           L = emma, P = kim, on 14 March
    -> {date: 2026-03-14, event: reminded, to: kim}, among the events of emma

Invariant: an event is taken for settling only where it was tried (`settles`): with it the situation is valid,
and the action with these days is gone from the report. Fields that the event needs and that nothing says
stay open (`missing`). Where only some values will do and nothing says which, one is thought of, for a plan to
suppose and for trying it out, and the field is `guessed`: nobody may write that down as what has happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from followcue.base.diagnostic import InvalidInput
from followcue.base.rows import Value
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.support import by_row
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.explain.wanted import subject_of
from followcue.language.documents.document import Document, Path
from followcue.language.logic.program import Atom, Test
from followcue.language.logic.text_parts import Part, meets, text_with
from followcue.language.model.syntax import TURNED
from followcue.language.model.vocabulary import Field, Kind, Vocabulary

if TYPE_CHECKING:
    from followcue.evaluation.advice.report import Action
    from followcue.evaluation.match.protocol import Derivation
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.evaluation.situation.situation import Situation
    from followcue.explain.evidence import Evidence, Firing

_NEXT = {">": 1, "<": -1}
"""What to add to the other side of a strict comparison to get a value that just meets it."""


class DoneEvent(NamedTuple):
    """An event that settles an action: of the record `scope` of the pack's scope, or of the whole.

    `fields` are plain values as a situation file has them, without `event` and `date`. `missing` are fields
    that the event needs and that nothing says, each as the alternatives of which one must be given. `guessed`
    are those among `fields` whose value is one of several that would do.
    """

    kind: str
    scope: str | None
    date: date
    fields: Mapping[str, object]
    missing: tuple[tuple[str, ...], ...] = ()
    guessed: tuple[str, ...] = ()

    def entry(self) -> dict[str, object]:
        """The event as an entry of a list of events."""
        return {"date": self.date.isoformat(), "event": self.kind, **self.fields}


def done_event(
    loaded: LoadedPack, document: Document, action: Action, day: date, options: Options
) -> DoneEvent | None:
    """The first event that settles `action` if it happens on `day`, the day of the evaluation.

    `options` are those of `evaluate`, but for the day. None where no event does: the action is
    settled by the state of things alone, or cannot be settled on that day. The event may still lack what
    nobody can know (`missing`). Raises `InvalidInput` for a situation that is wrong already.
    """
    for event in done_events(loaded, document, action, day, options):
        if event.missing or settles(loaded, document, action, event, options):
            return event
    return None


def done_events(
    loaded: LoadedPack, document: Document, action: Action, day: date, options: Options
) -> list[DoneEvent]:
    """Every event that `done_when` names for an action of the report of that day, in the order of the rules.

    Whether one of them does settle it on that day is for `settles` to say.
    """
    situation = _read(loaded, document, day, options)
    return done_events_of(loaded, situation, _run(loaded, situation), action)


def done_events_of(
    loaded: LoadedPack, situation: Situation, derivations: Iterable[Derivation], action: Action
) -> list[DoneEvent]:
    """The same from what was derived: `situation` is that of the day, `action` one of its report."""
    day = date.fromordinal(situation.as_of)
    found: dict[tuple[object, ...], DoneEvent] = {}
    evidence, merged = _merged(loaded, situation, derivations)
    for one in merged:
        if one.subject == subject_of(action):
            for firing in evidence.firings(one.derivations):
                for event in _events_of(firing, evidence, loaded.pack.vocabulary, action, day):
                    found.setdefault((event.kind, event.scope, *event.fields.items()), event)
    return list(found.values())


def settles(
    loaded: LoadedPack, document: Document, action: Action, event: DoneEvent, options: Options
) -> bool:
    """Whether the situation with that event is valid, and the action is gone from its report.

    The same action may well be there with other days: it has then come up anew.
    """
    try:
        after = with_event(document, loaded.pack.vocabulary, event)
        situation = _read(loaded, after, event.date, options)
    except InvalidInput:
        return False
    _, merged = _merged(loaded, situation, _run(loaded, situation))
    gone = _identity(action)
    return all((*one.subject, *_days(one)) != gone for one in merged)


def with_event(document: Document, vocabulary: Vocabulary, event: DoneEvent) -> Document:
    """The document with the event at the end of its list of events; the places of all else stay."""
    return document._replace(data=_added(document.data, events_path(vocabulary, event.scope), event))


def events_path(vocabulary: Vocabulary, scope: str | None) -> Path:
    """The keys that lead to the first list of events of a record of the scope, or of the whole."""
    shape = vocabulary.shape
    keys = vocabulary.kinds[shape.scope].path if shape.scope and scope is not None else ()
    lists = [path for path in shape.events if path[:-1] == keys]
    return (*keys, *([] if scope is None else [scope]), lists[0][-1]) if lists else ()


# --- what the rules say
def _events_of(
    firing: Firing, evidence: Evidence, vocabulary: Vocabulary, action: Action, day: date
) -> Iterator[DoneEvent]:
    count = firing.clause.settled
    for atom in firing.clause.negated[len(firing.clause.negated) - count :]:
        event = _Writing(atom, firing, evidence, vocabulary, action, day).event()
        if event is not None:
            yield event


class _Writing:
    """Writes the event that matches an atom of `done_when`, with the values of one firing."""

    def __init__(
        self,
        atom: Atom,
        firing: Firing,
        evidence: Evidence,
        vocabulary: Vocabulary,
        action: Action,
        day: date,
    ) -> None:
        self.kind: Kind = vocabulary.kind_of(atom.relation)
        self.columns = vocabulary.relations[atom.relation].columns
        self.scope_name = vocabulary.shape.scope
        self.records = vocabulary.shape.records
        self.atom = atom
        self.firing = firing
        self.environment = evidence.environment
        self.action = action
        self.day = day
        self.values: dict[str, Value] = {}
        self.absent: set[str] = set()
        self.guessed: dict[str, None] = {}

    def event(self) -> DoneEvent | None:
        """The event; None where no event of the kind can match, or events are not what the atom is about."""
        if not self.kind.is_event:
            return None
        for place, variable in self.atom.joins:
            self.values[self.columns[place].name] = self.firing.bindings[variable]
        if not all(self._meet(test) for test in self.atom.tests):
            return None
        scope = self.action.scope
        if self.scope_name in self.values or self.scope_name in self.absent:
            scope = cast("str | None", self.values.get(self.scope_name or ""))
        self._fill()
        missing = tuple(
            need.fields
            for need in self.kind.require
            if not need.several_of and not any(name in self.values for name in need.fields)
        )
        return DoneEvent(self.kind.name, scope, self.day, self._written(), missing, tuple(self.guessed))

    def _meet(self, test: Test) -> bool:
        """Choose a value that passes the test; False if there is none to think of."""
        column = self.columns[test.column]
        if column.name in ("date", "at"):
            return True  # the day is chosen already, and whether it is right shows in the report
        if test.op == "absent":
            self.absent.add(column.name)
            return column.name not in self.values
        wished = self._wished(column.name)
        if isinstance(test.value, tuple):
            value = wished if wished in test.value else test.value[0]
            is_sure = value == wished or len(test.value) == 1
        elif test.value is None:
            value = self._any_value(column.name, None)
            is_sure = value == wished
        else:
            value = evaluate_expr(test.value, self.firing.bindings, self.environment)
            if test.op == "!=":
                value = self._any_value(column.name, value)
            elif test.op in TURNED:
                part = Part(TURNED[TURNED[test.op]], value)
                value = wished if meets(wished, [part]) else text_with("...", [part], None, ())
            elif test.op in _NEXT:
                value += _NEXT[test.op]
            is_sure = test.op == "==" or value == wished
        if value is None:
            return False
        if column.name not in self.values:
            self._put(column.name, value, is_sure)
        return True

    def _put(self, name: str, value: Value, is_sure: bool) -> None:
        self.values[name] = value
        if not is_sure:
            self.guessed[name] = None

    def _any_value(self, name: str, but: Value) -> Value:
        field = self._field(name)
        wished = self._wished(name)
        choices = field.type.choices if field else ()
        return next((value for value in (wished, *choices) if value not in (None, but)), None)

    def _fill(self) -> None:
        """Give the other fields what the action says of them, and required ones what can be thought of."""
        required = {name for need in self.kind.require if len(need.fields) == 1 for name in need.fields}
        for field in self.kind.fields:
            if field.name in self.values or field.name in self.absent:
                continue
            value = self._wished(field.name)
            is_sure = value is not None or bool(field.type.refers_to)
            if value is None and field.name in required:
                value = self._required(field)
            if value is not None:
                self._put(field.name, value, is_sure)

    def _wished(self, name: str) -> Value:
        """What the action says of a field: by the name that both have, where the field can take it."""
        said = {"to": self.action.to, "about": self.action.about, "channel": self.action.channel}.get(name)
        field = self._field(name)
        if said is None or field is None or field.type.base != "text":
            return None
        return said if not field.type.choices or said in field.type.choices else None

    def _required(self, field: Field) -> Value:
        """A person or subject as the action has it, the first of several words, the day."""
        if field.type.refers_to:
            is_record = any(kind in self.records for kind in field.type.refers_to)
            return self.action.to if is_record else self.action.about
        if field.type.choices:
            return field.type.choices[0]
        return self.day.toordinal() if field.type.base == "date" else None

    def _field(self, name: str) -> Field | None:
        return next((field for field in self.kind.fields if field.name == name), None)

    def _written(self) -> dict[str, object]:
        """The fields as a file has them, in the order of the vocabulary."""
        bases = {column.name: column.type for column in self.columns}
        written: dict[str, object] = {}
        for name in ("id", "note"):
            if name in self.values:
                written[name] = self.values[name]
        for field in self.kind.fields:
            if field.name in self.values:
                value = as_written(self.values[field.name], bases.get(field.name, field.type.base))
                written[field.name] = [value] if field.many else value
        return written


# --- the report of a day
def _read(loaded: LoadedPack, document: Document, day: date, options: Options) -> Situation:
    return loaded.read(document, options._replace(as_of=day))


def _run(loaded: LoadedPack, situation: Situation) -> Sequence[Derivation]:
    from followcue.evaluation.pipeline import environment_of

    return loaded.matcher().run(situation.facts, environment_of(situation))


def _merged(
    loaded: LoadedPack, situation: Situation, derivations: Iterable[Derivation]
) -> tuple[Evidence, list[Merged]]:
    """The actions of the day, also those that can no longer be done, and what they rest on."""
    from followcue.base.working_days import working_day_of
    from followcue.evaluation.pipeline import environment_of
    from followcue.explain.evidence import Evidence

    rows = by_row(loaded.pack.clauses, derivations)
    working_day = working_day_of(situation.parameters)
    _, actions = loaded.advisor.merged(situation.as_of, rows, missed=True, working_day=working_day)
    return Evidence(loaded.program, environment_of(situation), situation.facts, rows), actions


def _days(merged: Merged) -> tuple[int | None, ...]:
    return (*merged.window, merged.until)


def _identity(action: Action) -> tuple[object, ...]:
    days = (action.open, action.due, action.close, action.until)
    numbers = (day.toordinal() if day else None for day in days)
    return (*subject_of(action), *numbers)


def _added(holder: Any, path: Path, event: DoneEvent) -> Any:
    """A copy of `holder` with the event at the end of the list at `path`, which is made if need be."""
    if not path:
        return [*(holder or ()), event.entry()]
    if not isinstance(holder, dict):
        holder = {}
    return {**holder, path[0]: _added(holder.get(path[0]), path[1:], event)}
