"""The context of a template: the records, the newest facts and the action, as views."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from followcue.assistant.draft.filters import FilterError
from followcue.assistant.draft.rule_values import RuleValues
from followcue.assistant.draft.views import Missing, View
from followcue.base.rows import ColumnType, Row, places_of
from followcue.base.values import format_decimal, format_duration, format_period, format_time, parse_date
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.situation.situation import Event, Situation
from followcue.language.model.vocabulary import Field, Kind, Type, Vocabulary

FACTS = "facts"
"""What templates call the newest event or conclusion of each kind."""

RESERVED = (
    *("action", "person", "subject", FACTS, "values", "parameters", "me", "point", "sending_day"),
    *("also", "earlier"),
)
"""The names that every template may start from, beside the name of the scope."""

WRITER = "person"
"""The record at the top of a situation that tells of whoever writes; its field `name` signs messages."""

NAMELESS = "[your name]"
"""What messages are signed with where nobody says who writes: a gap to fill, like all else in brackets."""

MAX_MEMBERS = 200
"""How long a list may be that a template sees: what it does with each member may take as long as the list."""

_NOTHING_EARLIER = Missing("nothing is said before this", "ask first whether it `is defined`", "earlier")
_POINT = Missing("no point is given for this person", "give it with `--point TEXT`", "point")


@dataclass(frozen=True, slots=True)
class _Fact:
    """An event or a conclusion: its fields as written; `line` where it stands in the situation file.

    `others` are kinds of events that may have the same id, and `fields` are then those of all that have it.
    """

    kind: Kind
    scope: str | None
    fields: Mapping[str, object]
    line: int | None = None
    others: tuple[Kind, ...] = ()


class Telling(NamedTuple):
    """How an action is told in a message: signed by `me`, by a `channel`, from the day `opens` on.

    `point` is what only the one person would recognise; an empty one was made elsewhere in the message.
    `also` are all actions that it says, and `earlier` those that it says before this one.
    """

    me: str | None = None
    point: str | None = None
    channel: str | None = None
    opens: date | None = None
    also: Collection[str] = ()
    earlier: Collection[str] = ()


class TemplateContext:
    """All that the templates of one pack can see of one situation and its report."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        situation: Situation,
        report: Report,
        rule_values: RuleValues | None = None,
    ) -> None:
        self._rule_values = rule_values
        self._vocabulary = vocabulary
        self._report = report
        self._records = _records(vocabulary, situation)
        self._kinds = {(scope, key): kind for kind, scope, key in reversed(self._records) if key}
        self._places = _places(self._records)
        self._facts, self._events = _newest(vocabulary, situation, report)
        self.writer = writer_of(vocabulary, situation)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that templates may start from."""
        return (*RESERVED, self._report.scope_key)

    def keys(self, *, of_scope: bool) -> tuple[str, ...]:
        """The keys of the scope's records, or those of all others."""
        scope = self._vocabulary.shape.scope
        keys = (key for kind, _, key in self._records if key and (kind == scope) is of_scope)
        return tuple(dict.fromkeys(keys))

    def values(self, action: Action, telling: Telling) -> dict[str, object]:
        """What a template starts from, for one action; a value that is not there is `Missing`."""
        scope = action.scope
        own = self._record(self._vocabulary.shape.scope, scope, scope, self._report.scope_key)
        opens = telling.opens or action.open or self._report.as_of
        return {
            self._report.scope_key: own or _nothing(self._report.scope_key),
            "action": self._action(action._replace(channel=telling.channel or action.channel)),
            "person": self._person(action.to, scope) or self._nobody(scope),
            "subject": self._subject(action.about, scope),
            FACTS: self._facts_of(scope, FACTS),
            "values": self._values_of(action),
            "parameters": self._parameters(),
            "me": telling.me or self.writer or NAMELESS,
            "point": _POINT if telling.point is None else telling.point,
            "sending_day": max(opens, self._report.as_of),
            "also": self._said("also", telling.also),
            "earlier": self._said("earlier", telling.earlier) if telling.earlier else _NOTHING_EARLIER,
        }

    def address(self, action: Action, channel: str) -> str | None:
        """Where the person of an action is reached: what their record has under the name of the channel."""
        person = self._person(action.to, action.scope)
        found = person.get(channel) if person else None
        return found if isinstance(found, str) else None

    # --- views
    def _anything(self, key: str | None, scope: str | None, path: str) -> View | None:
        """The record of that key, the scope's own ones first; else the event of that id."""
        if key is None:
            return None
        for holder in (scope, None, key):
            if (holder, key) in self._kinds:
                return self._record(self._kinds[holder, key], holder, key, path)
        event = self._events.get((scope, key))
        return self._fact(event, path) if event else None

    def _person(self, to: str | None, scope: str | None) -> View | None:
        """Who gets the message: a record inside that of the scope or of the whole, and none of the scope."""
        for holder in (scope, None):
            kind = self._kinds.get((holder, to or ""))
            if kind is not None and kind != self._vocabulary.shape.scope:
                return self._record(kind, holder, to, "person")
        return None

    def _subject(self, about: str | None, scope: str | None) -> View | str | Missing:
        """What it is about: a record, an event, or a word; of an event still to come only its id is known."""
        if about is None:
            return _nothing("subject")
        event, whole = self._events.get((scope, about)), self._kinds.get((about, about))
        found = (
            self._fact(event, "subject")
            if event
            else self._record(whole, about, about, "subject")
            if whole
            else self._anything(about, scope, "subject")
        )
        if found or any(about in type.choices for type in self._vocabulary.types.values()):
            return found or about

        def missing(name: str) -> Missing:
            return Missing(f"`{about}` has no `{name}`", f"write down what `{about}` is")

        fields = {field.name for kind in self._vocabulary.kinds.values() for field in kind.fields}
        known = {"date", "id", "note", FACTS, *fields}
        return View("subject", f"`{about}`", about, sorted(known), lambda name: None, missing)

    def _record(self, name: str | None, scope: str | None, key: str | None, path: str) -> View | None:
        found = self._records.get((name or "", scope, key or ""))
        if name is None or found is None:
            return None
        kind = self._vocabulary.kinds[name]
        types = {field.name: field for field in kind.fields}
        is_scope = self._vocabulary.is_scope(name)
        known = ["id", *types, *([FACTS] if is_scope and FACTS not in types else [])]

        def find(field: str) -> object:
            if field == "id":
                return key
            if field == FACTS and field not in types:
                return self._facts_of(key, f"{path}.{FACTS}")
            return self._value(types[field], found.get(field), scope, f"{path}.{field}")

        def missing(field: str) -> Missing:
            return Missing(f"{name} `{key}` has no `{field}`", f"write `{field}: …` under `{key}`")

        shown = self._report.names.get(str(key) if is_scope else (scope or "", str(key)), str(key))
        place = self._places[name, scope, str(key)]
        return View(path, f"{name} `{key}`", shown, known, find, missing, place)

    def _fact(self, fact: _Fact, path: str) -> View:
        kind = fact.kind
        types = {field.name: field for one in (*fact.others, kind) for field in one.fields}
        is_event = kind.is_event
        common = {"date": _DATE, "id": _TEXT, "note": _TEXT} if is_event else {}
        fields = common | types
        said = f"the event `{kind.name}`" if is_event else f"`{kind.name}`"
        at = f" (line {fact.line})" if fact.line else ""

        def find(field: str) -> object:
            return self._value(fields[field], fact.fields.get(field), fact.scope, f"{path}.{field}")

        def missing(field: str) -> Missing:
            day = fact.fields.get("date", fact.scope)
            return Missing(f"{said} of {day}{at} has no `{field}`", f"write `{field}: …` there")

        return View(path, said, kind.name.replace("_", " "), fields, find, missing)

    def _facts_of(self, scope: str | None, path: str) -> View:
        owner = self._vocabulary.shape.whole if scope is None else f"{self._report.scope_key} `{scope}`"
        kinds = {
            name: kind
            for name, kind in self._vocabulary.kinds.items()
            if kind.role != "record" and not kind.internal
        }

        def find(name: str) -> object:
            fact = self._facts.get((scope, name))
            return self._fact(fact, f"{path}.{name}") if fact else None

        def missing(name: str) -> Missing:
            kind = kinds[name]
            if kind.is_event:
                return Missing(f"{owner} has no event `{name}`", f"write it down if it is so: {kind.says}")
            return Missing(f"`{name}` does not hold for {owner}", f"events must tell it: {kind.says}")

        return View(path, f"the facts of {owner}", owner, kinds, find, missing)

    def _action(self, action: Action) -> View:
        shown = ("action", "title", "status", "priority", "channel", "open", "due", "close", "until")
        values: dict[str, object] = {name: getattr(action, name) for name in shown}

        def missing(name: str) -> Missing:
            return Missing(f"`{action.action}` has no `{name}` here", "ask first whether it `is defined`")

        return View("action", "the action", action.title, values, values.get, missing)

    def _values_of(self, action: Action) -> View:
        """The variables of the rules behind an action."""
        rule_values = self._rule_values

        def find(name: str) -> object:
            found = rule_values.find(action, name) if rule_values else None
            if found is None:
                return None
            kind = Type(name, found.type.base, refers_to=found.type.refers_to)
            return self._single(kind, _as_written(found.value, kind.base), action.scope, f"values.{name}")

        def missing(name: str) -> Missing:
            said = f"the rules that recommend `{action.action}` here give `${name}` no value"
            return Missing(said, "ask first whether it `is defined`")

        known = rule_values.names(action) if rule_values else ()
        path = "values"
        return View(path, f"the rules that recommend `{action.action}`", path, known, find, missing)

    def _said(self, path: str, said: Collection[str]) -> View:
        """The actions that are said in the same message."""

        def missing(name: str) -> Missing:
            return Missing(f"this message does not say `{name}`", "ask first whether it `is defined`")

        values = dict.fromkeys(said, True)
        return View(path, "the actions", path, self._vocabulary.actions, values.get, missing)

    def _parameters(self) -> View:
        values = self._report.parameters

        def missing(name: str) -> Missing:
            return Missing(f"the parameter `{name}` has no value", f"set it with `params: {{{name}: …}}`")

        return View("parameters", "the parameters", "parameters", values, values.get, missing)

    def _nobody(self, scope: str | None) -> Missing:
        where = f"{self._report.scope_key} `{scope}`" if scope else f"the {self._vocabulary.shape.whole}"
        return Missing(f"there is nobody in {where} to write to", "add the person to the situation", "person")

    # --- values
    def _value(self, field: Field, value: object, scope: str | None, path: str) -> object:
        """A written value as templates see it: dates as dates, references as what they refer to."""
        if field.many and value is not None:
            members = value if isinstance(value, list) else [value]
            if len(members) > MAX_MEMBERS:
                raise FilterError(f"a list with more than {MAX_MEMBERS} members is too long for a message")
            return [self._single(field.type, member, scope, path) for member in members]
        return self._single(field.type, value, scope, path)

    def _single(self, kind: Type, value: object, scope: str | None, path: str) -> object:
        if value is None:
            return None
        if kind.refers_to:
            return self._anything(str(value), scope, path) or value
        return parse_date(str(value)) if kind.base == "date" else value


_TEXT_TYPE, _DATE_TYPE = Type("text", "text"), Type("date", "date")
_TEXT, _DATE = Field("text", _TEXT_TYPE), Field("date", _DATE_TYPE)

RecordKey = tuple[str, str | None, str]
"""The kind of a record, the scope that it stands in (its own key for the scope itself), and its key."""


def _records(vocabulary: Vocabulary, situation: Situation) -> dict[RecordKey, dict[str, object]]:
    """The fields of every record, as written, in the order of the file."""
    found: dict[RecordKey, dict[str, object]] = {}
    for name in vocabulary.shape.records:
        for row in situation.facts.get(name, ()):
            key, fields = _record_of(vocabulary, name, row)
            found[key] = fields
        for field in (field for field in vocabulary.kinds[name].fields if field.many):
            for row in situation.facts.get(f"{name}.{field.name}", ()):
                key, _ = _record_of(vocabulary, name, row[:-1])
                members = found[key].setdefault(field.name, [])
                assert isinstance(members, list), "a list field has no column of its own"
                members.append(_as_written(row[-1], field.type.base))
    return found


def _record_of(vocabulary: Vocabulary, name: str, row: Row) -> tuple[RecordKey, dict[str, object]]:
    columns = vocabulary.relations[name].columns
    fields = {
        column.name: _as_written(value, column.type) for column, value in zip(columns, row, strict=True)
    }
    scope = vocabulary.shape.scope
    own = str(fields[scope]) if scope and fields.get(scope) is not None else None
    # A record of which there is but one has no key.
    return (name, own, str(own if name == scope else fields.get("id", ""))), fields


def writer_of(vocabulary: Vocabulary, situation: Situation) -> str | None:
    """The name of whoever writes, if the situation tells it."""
    kind = vocabulary.kinds.get(WRITER)
    if kind is None or kind.role != "record" or kind.path != (WRITER,):
        return None
    names = [column.name for column in vocabulary.relations[WRITER].columns]
    found = (row[names.index("name")] for row in situation.facts.get(WRITER, ()) if "name" in names)
    return next((name for name in found if isinstance(name, str)), None)


def _places(records: Iterable[RecordKey]) -> dict[RecordKey, int]:
    """Where each record stands among its like, from 0."""
    counts: Counter[tuple[str, str | None]] = Counter()
    places: dict[RecordKey, int] = {}
    for kind, scope, key in records:
        places[kind, scope, key] = counts[kind, scope]
        counts[kind, scope] += 1
    return places


def _as_written(value: object, base: ColumnType) -> object:
    if isinstance(value, int) and base == "date":
        return date.fromordinal(value).isoformat()
    if isinstance(value, int) and base == "time":
        return format_time(value)
    if isinstance(value, int) and base == "period":
        return format_period(value)
    if isinstance(value, int) and (places := places_of(base)):
        return format_decimal(value, places)
    return format_duration(value) if isinstance(value, int) and base == "duration" else value


def _newest(
    vocabulary: Vocabulary, situation: Situation, report: Report
) -> tuple[dict[tuple[str | None, str], _Fact], dict[tuple[str | None, str], _Fact]]:
    """The newest fact of each kind by scope and kind, and the newest event of each id by scope and id."""
    newest: dict[tuple[str | None, str], _Fact] = {}
    by_id: dict[tuple[str | None, str], _Fact] = {}
    for conclusion in report.conclusions:
        kind = vocabulary.kinds[conclusion.fact]
        newest[conclusion.scope, conclusion.fact] = _Fact(kind, conclusion.scope, conclusion.fields)
    for event in _in_time(situation.events.values()):
        fields = {"date": date.fromordinal(event.date).isoformat(), **event.fields}
        fact = _Fact(vocabulary.kinds[event.kind], event.scope, fields, event.line)
        newest[event.scope, event.kind] = fact
        if "id" in event.fields:
            key = event.scope, str(event.fields["id"])
            before = by_id[key].fields if key in by_id else {}
            by_id[key] = replace(fact, fields={**before, **fields}, others=_of_one_id(fact.kind, vocabulary))
    return newest, by_id


def _of_one_id(kind: Kind, vocabulary: Vocabulary) -> tuple[Kind, ...]:
    """The kinds that may have the id of an event of that kind, such as an interview and its appointment."""
    shared = (type.refers_to for type in vocabulary.types.values() if kind.name in type.refers_to)
    names = {name for names in shared for name in names} - {kind.name}
    return tuple(vocabulary.kinds[name] for name in sorted(names))


def _in_time(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.at)


def _nothing(name: str) -> Missing:
    return Missing(f"this action has no {name}", "ask first whether it `is defined`", name)
