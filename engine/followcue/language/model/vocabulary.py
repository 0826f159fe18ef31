"""What a pack's facts, actions and parameters are called: declared in YAML, for situations and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from followcue.base.civil import WEEKDAYS
from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import DECIMALS, NOTHING, ColumnType, Relation, Value


class Type(NamedTuple):
    """A type of fields: `base` says how values are written and compared.

    `choices` are the allowed words, if the type lists them. `refers_to` names the kinds whose key (records)
    or `id` (events) a value must be, looked up in the same scope, or in the whole for the scope record.
    """

    name: str
    base: ColumnType
    choices: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()


TEXT = Type("text", "text")
NUMBER = Type("number", "number")
BOOLEAN = Type("boolean", "bool")
DATE = Type("date", "date")
DURATION = Type("duration", "duration")
PERIOD = Type("period", "period")
TIME = Type("time", "time")
MOMENT = Type("moment", "moment")
BASE_TYPES = (TEXT, NUMBER, BOOLEAN, DATE, DURATION, PERIOD, TIME, MOMENT)

WEEKDAY = Type("day_of_the_week", "text", choices=WEEKDAYS)
"""What `weekday of` gives."""

MOST_PLACES = 6
"""The most places that a decimal number may be declared to have."""


def decimal_type(places: int) -> Type:
    """The type of decimal numbers of so many places, which without any are whole; raises `KeyError`."""
    return NUMBER if not places else Type(DECIMALS[places], DECIMALS[places])


class Field(NamedTuple):
    """A field of a kind; `many` for lists, which rules match member by member."""

    name: str
    type: Type
    many: bool = False
    default: Value = None


class Requirement(NamedTuple):
    """At least one of `fields` must be there; with `several_of` only once there were several such events."""

    fields: tuple[str, ...]
    several_of: tuple[str, ...] = ()


class AppointmentKind(NamedTuple):
    """How a conclusion says that something is arranged: `on` is the field with its day.

    `time` is the field with its hour, as a text such as `14:30`. `becomes` is the kind of event that it is
    once it has taken place, and `values` say of which field of the conclusion a field of that event is taken.
    """

    on: str
    time: str | None = None
    becomes: str | None = None
    values: Mapping[str, str] = NOTHING


class Kind(NamedTuple):
    """A kind of facts: a record, an event or a conclusion.

    `fields` are those that the vocabulary declares; records also have `id`, events `date`, `id`, `note` and
    `at`. `path` of a record: the keys of the situation file that lead to its mapping. `scoped`: facts of it
    belong to one record of the scope. `internal` conclusions are not listed in reports. `of_whole`: where
    nobody says where an event belongs, it is of the whole. `tell` says it as a sentence of a history.
    `single`: there is at most one such record, which stands under its key itself and has no `id`.
    `same_by`: records with an equal value in one of these fields are one person. `message_to`: the field with
    the person to whom such an event is a message. `appointment`: such a conclusion is one.
    """

    name: str
    role: Literal["record", "event", "conclusion"]
    fields: tuple[Field, ...]
    require: tuple[Requirement, ...] = ()
    says: str = ""
    path: tuple[str, ...] = ()
    scoped: bool = True
    internal: bool = False
    of_whole: bool = False
    tell: str = ""
    single: bool = False
    same_by: tuple[str, ...] = ()
    message_to: str | None = None
    appointment: AppointmentKind | None = None

    def place(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The path to a record: each key of `path`, followed by the id of the record there, if it has any."""
        pairs = tuple(step for pair in zip(self.path, keys, strict=False) for step in pair)
        return (*pairs, self.path[-1]) if self.single else pairs

    @property
    def is_event(self) -> bool:
        """Whether its facts are dated events."""
        return self.role == "event"


RESERVED_KEYS = ("as_of", "profile", "params", "timezone", "skips")
"""The keys at the top of a situation file that mean the same in all packs."""


class Shape(NamedTuple):
    """The shape of a situation file.

    `scope` is the record kind that rules speak of (None if there is none), `whole` the name of all together.
    `records` are record kinds by name, outer before inner; `events` the paths of the lists of events.
    """

    scope: str | None
    whole: str
    records: tuple[str, ...]
    events: tuple[tuple[str, ...], ...]


class Citation(NamedTuple):
    """Who says so: `source` and `item`; `basis` tells the text itself from an own reading or default."""

    source: str
    item: str | None = None
    basis: Literal["text", "own reading", "own default"] = "text"


Silence: TypeAlias = Literal["speaks", "fresh", "waits"]
"""How a message stands to silence: sent all the same, sent until it has faded, or kept until it ends."""


class StepChange(NamedTuple):
    """How actions are done while a `step` rule holds; None where the rule does not say.

    `at_most` is the highest priority that it counts with among steps, `tier` its place among steps of one
    urgency. The other fields are those of `ActionKind`.
    """

    rides: bool | None = None
    rides_on: tuple[str, ...] | None = None
    in_silence: Silence | None = None
    at_most: str | None = None
    tier: int | None = None


class MessageKind(NamedTuple):
    """A way to reach a person: `says` begins a title (`Write to {person}`), `channel` is what a step names.

    `alone` messages are never one with another; those of `office_hours` wait for a day of `contact_days`,
    and where that would be too late are `otherwise` another kind of message.
    """

    name: str
    says: str
    channel: str | None = None
    alone: bool = False
    office_hours: bool = False
    otherwise: str | None = None


NO_TIER = 10
"""The tier of actions without one: behind all others."""


class ActionKind(NamedTuple):
    """An action that rules recommend, or a caution.

    `standing` actions have no window and are always due. `keep` names the field by which only the latest one
    of a scope is kept. `contradicts` names actions that must not be due beside it for the same scope.

    How it is done in a step: `say` is its part of a title, with `{to}`, `{about}` and the scope; `message` is
    the kind of message that it is, None for what is done alone; `alone` if that message says nothing else;
    `sitting` what it is done together with; `rides` if it joins the next message to the same person, onto
    `rides_on` alone if that names any; `fades` if it counts for less when it is late; `asks_for_silence` if
    messages wait while it is due, and `in_silence` whether it does; `tier` its place among steps of one
    urgency; `group` a word by which `step` rules speak of it. `origin` is `file:line` of the declaration.
    """

    name: str
    title: str
    priority: str = "normal"
    standing: bool = False
    keep: str | None = None
    do: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    say: str = ""
    message: str | None = None
    alone: bool = False
    sitting: str | None = None
    rides: bool = False
    rides_on: tuple[str, ...] = ()
    fades: bool = False
    in_silence: Silence = "waits"
    asks_for_silence: bool = False
    tier: int = NO_TIER
    group: str | None = None
    origin: str = ""


class Parameter(NamedTuple):
    """A value that rules refer to by name; `value` and those of `profiles` are of `type`.

    Durations are in days, periods in months. `origin` says which file and line the value came from.
    """

    name: str
    type: Type
    value: Value
    profiles: Mapping[str, Value] = NOTHING
    says: str = ""
    cites: tuple[Citation, ...] = ()
    origin: str = ""


CALENDAR = (
    Parameter(
        "count", Type("count", "text", choices=("days", "working_days")), "days", says="Which days count."
    ),
    Parameter("holidays", TEXT, None, says="Whose public holidays do not count, such as `DE`."),
)
"""The parameters of every pack, which the calendar needs."""

STEPS = (
    Parameter(
        "focus_steps", Type("number", "number"), 3, says="How many steps of now are shown before the others."
    ),
    Parameter(
        "fades_after",
        Type("duration", "duration"),
        5,
        says="How long after its due day an action that fades counts one priority lower.",
    ),
    Parameter(
        "contact_days",
        Type("contact_days", "text", choices=("working_days", "days")),
        "working_days",
        says="On which days offices are called.",
    ),
)
"""The parameters of every pack that order its steps; a pack may declare them with values of its own."""


Each: TypeAlias = Literal["scope", "whole", "about"]
"""For what there is one sitting at a time: each record of the scope, all together, or each subject."""


class Vocabulary(NamedTuple):
    """All names that situations and rules may use.

    `relations` hold the columns of the facts of each kind; a list field `f` of kind `k` makes a relation
    `k.f`. `known_as` are other words for a kind, a field (`kind.field`) or a word of a type (`type.word`), by
    which sheets of other programs are understood.
    """

    shape: Shape
    types: Mapping[str, Type]
    kinds: Mapping[str, Kind]
    actions: Mapping[str, ActionKind]
    parameters: Mapping[str, Parameter]
    profiles: tuple[str, ...]
    default_profile: str
    sources: Mapping[str, Mapping[str, str]]
    items: Mapping[str, tuple[str, ...]]
    relations: Mapping[str, Relation]
    messages: Mapping[str, MessageKind] = NOTHING
    sittings: Mapping[str, Each] = NOTHING
    known_as: Mapping[str, tuple[str, ...]] = NOTHING

    @property
    def events(self) -> list[Kind]:
        """The kinds of events, as they are declared."""
        return [kind for kind in self.kinds.values() if kind.is_event]

    def is_scope(self, name: str) -> bool:
        """Whether that is the kind of records that rules speak of."""
        return name == self.shape.scope

    def kind_of(self, relation: str) -> Kind:
        """The kind of the facts of a relation, which may hold the members of one of its list fields."""
        kind = self.kinds.get(relation.partition(".")[0])
        return kind or _kind_of_helper(self.relations[relation], self.shape.scope)


def _kind_of_helper(relation: Relation, scope: str | None) -> Kind:
    """A kind for the rows of a relation that a rule makes for itself, named for what it is made of."""
    columns = [column for column in relation.columns if column.name != scope]
    fields = tuple(Field(column.name, Type(column.type, column.type)) for column in columns)
    scoped = len(columns) < len(relation.columns)
    says = relation.name.partition(":")[2]
    return Kind(says, "conclusion", fields, scoped=scoped, internal=True)
