"""Declarations of types, records, events and conclusions -> types and kinds, each type of a field known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from followcue.base.diagnostic import Diagnostic
from followcue.base.rows import Value
from followcue.language.documents.borrowed import hint_for
from followcue.language.model.declared import OTHER_NAME, Declaration, Declared, Problems, repeated, unknown
from followcue.language.model.read_values import described, fitting
from followcue.language.model.rules import Where
from followcue.language.model.text_template import UnreadSentence, parse_sentence
from followcue.language.model.vocabulary import (
    BASE_TYPES,
    DATE,
    MOST_PLACES,
    TEXT,
    TIME,
    AppointmentKind,
    Field,
    Kind,
    Requirement,
    Type,
    decimal_type,
)

TYPES_BY_NAME = {type.name: type for type in (*BASE_TYPES, *map(decimal_type, range(1, MOST_PLACES + 1)))}

EVENT_FIELDS = ("date", "at", "id", "note", "event")
"""What every event has without saying so; `at` in rules only, `event` in files only."""
OPTIONAL_EVENT_FIELDS = ("id", "note")
"""Those of them that a kind of events may require."""

CONDITION_WORDS = (
    *("no", "maybe", "newest", "oldest", "latest", "earliest"),
    *("count", "sum", "max", "min", "where", "any", "or", "today"),
)
"""Words with which conditions begin, so that no kind can be called so."""

ScopeName = str | None


def read_types(declared: Declared, problems: Problems) -> dict[str, Type]:
    """All types by name: the base types, one for each kind of records, the declared ones."""
    records = {record.name: record for record in records_of(declared) if not record.flag("single")}
    types = TYPES_BY_NAME | {name: Type(name, "text", refers_to=(name,)) for name in records}
    kinds = {*declared["events"], *records}
    for name, declaration in declared["types"].items():
        if name in records:
            problems.append(repeated(declaration, records[name], "every kind of records is a type already"))
        elif name in TYPES_BY_NAME:
            problems.append(
                declaration.place.problem("FC321", f"`{name}` is a type already", hint=OTHER_NAME)
            )
        else:
            types[name] = _type(declaration, kinds, problems)
    return types


def _type(declaration: Declaration, kinds: Collection[str], problems: Problems) -> Type:
    refers_to = declaration.texts("id of")
    for kind, where in refers_to:
        if kind not in kinds:
            problems.append(unknown("event or record", kind, kinds, where))
    places = declaration.number("decimal", 0)
    if places:
        return decimal_type(places)
    return Type(
        declaration.name,
        "text",
        choices=declaration.words("one of"),
        refers_to=tuple(kind for kind, _ in refers_to),
    )


def read_kinds(declared: Declared, types: Mapping[str, Type], problems: Problems) -> dict[str, Kind]:
    """All kinds of facts by name: records (outer before inner), events, conclusions."""
    kinds: dict[str, Kind] = {}
    first: dict[str, Declaration] = {}
    for kind, declaration in _kinds(declared, types, problems):
        if kind.name in CONDITION_WORDS:
            message = f"nothing can be called `{kind.name}`: conditions begin with this word"
            problems.append(declaration.place.problem("FC321", message, hint=OTHER_NAME))
        if kind.name in kinds:
            hint = "records, events and conclusions share one set of names"
            below, above = sorted((first[kind.name], declaration), key=lambda found: found.layer)
            problems.append(repeated(above, below, hint))
        else:
            kinds[kind.name], first[kind.name] = kind, declaration
    for name, kind in kinds.items():
        if kind.appointment is not None:
            kinds[name] = _becoming(kind, kind.appointment, first[name].part("appointment"), kinds, problems)
    return kinds


def _kinds(
    declared: Declared, types: Mapping[str, Type], problems: Problems
) -> Iterator[tuple[Kind, Declaration]]:
    scope = scope_of(declared)
    for declaration in records_of(declared):
        yield _record(declaration, types, scope, declared, problems), declaration
    for declaration in declared["events"].values():
        yield _event(declaration, types, declared, problems), declaration
    for declaration in declared["conclusions"].values():
        yield _conclusion(declaration, types, declared, problems), declaration


def scope_of(declared: Declared) -> ScopeName:
    """The record kind that rules speak of."""
    return (declared.situation.text("scope") or None) if declared.situation else None


def records_of(declared: Declared) -> list[Declaration]:
    """The declarations of record kinds, outer before inner."""
    records = declared.situation.entries("records") if declared.situation else ()
    return sorted(records, key=lambda record: len(path_of(record)))


def path_of(record: Declaration) -> tuple[str, ...]:
    """The keys of a situation file that lead to the records of a kind."""
    return tuple(record.text("in").split("."))


def _record(
    declaration: Declaration,
    types: Mapping[str, Type],
    scope: ScopeName,
    declared: Declared,
    problems: Problems,
) -> Kind:
    path = path_of(declaration)
    inside = _keys_inside(path, declared)
    fields = _fields(declaration, types, ("id", scope, *inside), problems)
    scope_path = next((path_of(record) for record in records_of(declared) if record.name == scope), None)
    return Kind(
        declaration.name,
        "record",
        _with_defaults(fields, declaration, problems),
        require=_requirements(declaration, fields, (), problems),
        says=declaration.text("says"),
        path=path,
        same_by=_same_by(declaration, fields, problems),
        scoped=scope_path is not None and path[: len(scope_path)] == scope_path,
        single=declaration.flag("single"),
    )


def _same_by(declaration: Declaration, fields: tuple[Field, ...], problems: Problems) -> tuple[str, ...]:
    """The fields by which two records are one person."""
    known = [field.name for field in fields if not field.many]
    for name, where in declaration.texts("same by"):
        if name not in known:
            problems.append(unknown("field", name, known, where))
    return declaration.words("same by")


def _keys_inside(path: tuple[str, ...], declared: Declared) -> tuple[str, ...]:
    """The keys of a record that hold other records or events."""
    lists = declared.situation.words("events") if declared.situation else ()
    paths = [path_of(record) for record in records_of(declared)] + [tuple(p.split(".")) for p in lists]
    return tuple(inner[-1] for inner in paths if inner[:-1] == path)


def _event(
    declaration: Declaration, types: Mapping[str, Type], declared: Declared, problems: Problems
) -> Kind:
    scope = scope_of(declared)
    fields = _fields(declaration, types, (*EVENT_FIELDS, scope), problems)
    for change in declaration.changes:
        known = {f.name for f in fields}
        added = _fields(change, types, (*EVENT_FIELDS, scope), problems)
        first = {entry.name: entry for entry in declaration.entries("fields")}
        for entry in change.entries("fields"):
            if entry.name in known:
                problems.append(repeated(entry, first.get(entry.name, declaration)))
        fields += tuple(f for f in added if f.name not in known)
    return Kind(
        declaration.name,
        "event",
        fields,
        require=_requirements(declaration, fields, OPTIONAL_EVENT_FIELDS, problems),
        says=declaration.text("says"),
        scoped=scope is not None,
        of_whole=_of(declaration, declared, problems) == whole_of(declared) != scope,
        tell=_sentence(declaration, fields, problems),
        message_to=_person(declaration, fields, problems),
    )


def _person(declaration: Declaration, fields: tuple[Field, ...], problems: Problems) -> str | None:
    """The field with the person to whom such an event is a message."""
    name = declaration.text("message to") or None
    known = [field.name for field in fields if field.type.refers_to and not field.many]
    if name and name not in known:
        problems.append(unknown("field that names somebody", name, known, declaration.where / "message to"))
    return name


def _sentence(declaration: Declaration, fields: tuple[Field, ...], problems: Problems) -> str:
    """The sentence of a history, every field in it known."""
    text, where = declaration.text("tell"), declaration.where / "tell"
    try:
        parts = parse_sentence(text)
    except UnreadSentence as problem:
        problems.append(where.problem("FC614", str(problem), hint=problem.hint))
        return ""
    known = [*(field.name for field in fields), *OPTIONAL_EVENT_FIELDS]
    for name in dict.fromkeys(name for part in parts for name in part.fields):
        if name not in known:
            problems.append(unknown("field", name, known, where))
    return text


def _of(declaration: Declaration, declared: Declared, problems: Problems) -> str:
    """The scope, or the whole, to which something belongs."""
    scope, whole = scope_of(declared), whole_of(declared)
    of = declaration.text("of") or scope or whole
    if of not in (scope, whole):
        known = [name for name in (scope, whole) if name]
        problems.append(unknown("scope", of, known, declaration.where / "of"))
    return of


def _conclusion(
    declaration: Declaration, types: Mapping[str, Type], declared: Declared, problems: Problems
) -> Kind:
    scope, whole = scope_of(declared), whole_of(declared)
    of = _of(declaration, declared, problems)
    fields = _fields(declaration, types, (scope,), problems)
    for entry, kind in zip(declaration.entries("fields"), fields, strict=False):
        if kind.many:
            message = "a conclusion holds single values, no lists"
            hint = "give the field one value, and conclude it once for each member"
            problems.append(entry.where.problem("FC303", message, hint=hint))
    return Kind(
        declaration.name,
        "conclusion",
        fields,
        says=declaration.text("says"),
        scoped=scope is not None and of != whole,
        internal=declaration.flag("internal"),
        appointment=_appointment(declaration, fields, problems),
    )


# --- appointments
def _appointment(
    declaration: Declaration, fields: tuple[Field, ...], problems: Problems
) -> AppointmentKind | None:
    """That it is something arranged, as far as its own fields say it."""
    said = declaration.part("appointment")
    if said.value is None:
        return None
    if declaration.flag("internal"):
        hint = "leave out `internal`: plans find appointments in reports"
        message = f"`{declaration.name}` is an appointment, so reports have to list it"
        problems.append(said.place.problem("FC303", message, hint=hint))
    for key, types in (("on", (DATE,)), ("time", (TEXT, TIME))):
        name, known = said.text(key), [field.name for field in fields if field.type in types]
        if name and name not in known:
            problem = unknown(f"field of type `{types[0].name}`", name, known, said.where / key)
            hint = problem.hint or f"give it one under `fields:`, as in `{name}: {types[-1].name}`"
            problems.append(problem._replace(hint=hint))
    return AppointmentKind(said.text("on"), said.text("time") or None, said.text("becomes") or None)


def _becoming(
    kind: Kind, said: AppointmentKind, place: Declaration, kinds: Mapping[str, Kind], problems: Problems
) -> Kind:
    """The conclusion with the event that it becomes, and of what the fields of that event are made."""
    if said.becomes is None:
        return kind
    events = {name: other for name, other in kinds.items() if other.is_event}
    event = events.get(said.becomes)
    if event is None:
        problems.append(unknown("event", said.becomes, events, place.where / "becomes"))
        return kind
    others = [field for field in kind.fields if field.name not in (said.on, said.time)]
    values: dict[str, str] = {}
    for field in others:
        if event.name in field.type.refers_to:
            values["id"] = field.name
        elif field in event.fields:
            values[field.name] = field.name
    for need in event.require:
        if not need.several_of and not any(name in values for name in need.fields):
            names = " or ".join(f"`{name}`" for name in need.fields)
            message = f"`{event.name}` needs {names}, which no field of `{kind.name}` says"
            hint = f"give `{kind.name}` a field of that name and type"
            problems.append((place.where / "becomes").problem("FC303", message, hint=hint))
    return kind._replace(appointment=said._replace(values=values))


def whole_of(declared: Declared) -> str:
    """The name of everything together."""
    return declared.situation.text("whole", "whole") if declared.situation else "whole"


# --- fields
def _fields(
    declaration: Declaration, types: Mapping[str, Type], reserved: Iterable[ScopeName], problems: Problems
) -> tuple[Field, ...]:
    taken = [name for name in reserved if name]
    return tuple(_field(entry, types, taken, problems) for entry in declaration.entries("fields"))


def _field(entry: Declaration, types: Mapping[str, Type], taken: list[str], problems: Problems) -> Field:
    if entry.name in taken:
        message = f"a field cannot be called `{entry.name}`: the name has a meaning already"
        problems.append(entry.place.problem("FC321", message, hint=OTHER_NAME))
    written = entry.value if isinstance(entry.value, str) else "text"
    name = written.removeprefix("list of ")
    if name not in types:
        told = [one for one in types if not one.startswith("decimal ") or one == "decimal 2"]
        problem = _decimal(name, entry.where) or unknown("type", name, told, entry.where)
        problems.append(problem._replace(hint=hint_for("a type name", name) or problem.hint))
    return Field(entry.name, types.get(name, TEXT), many=name != written)


_DECIMAL = re.compile(r"(?i)(?:decimal|money|float|double|real|numeric|currency|amount|percent\w*)\b.*")


def _decimal(name: str, where: Where) -> Diagnostic | None:
    """What to say of a type of decimal numbers that is not written as one."""
    if not _DECIMAL.fullmatch(name):
        return None
    message = (
        "a decimal number says how many places it has" if name == "decimal" else f"there is no type `{name}`"
    )
    hint = f"write `decimal 2`: two places, of at most {MOST_PLACES}"
    return where.problem("FC302", message, hint=hint)


def _with_defaults(
    fields: tuple[Field, ...], declaration: Declaration, problems: Problems
) -> tuple[Field, ...]:
    defaults = {entry.name: entry for entry in declaration.entries("defaults")}
    for name, entry in defaults.items():
        if name not in {f.name for f in fields}:
            problems.append(unknown("field", name, [f.name for f in fields], entry.place))
    return tuple(
        Field(f.name, f.type, f.many, _default(defaults[f.name], f, problems)) if f.name in defaults else f
        for f in fields
    )


def _default(entry: Declaration, of: Field, problems: Problems) -> Value:
    if of.many:
        problems.append(entry.place.problem("FC303", f"`{entry.name}` is a list and has no default"))
        return None
    try:
        return fitting(of.type, entry.value)
    except ValueError:
        message = f"`{entry.name}` must be {described(of.type)}"
        problems.append(entry.where.problem("FC303", message))
        return None


def _requirements(
    declaration: Declaration, fields: tuple[Field, ...], also: tuple[str, ...], problems: Problems
) -> tuple[Requirement, ...]:
    return tuple(
        _requirement(text, where, fields, also, problems) for text, where in declaration.texts("require")
    )


def _requirement(
    text: str, where: Where, fields: tuple[Field, ...], also: tuple[str, ...], problems: Problems
) -> Requirement:
    wanted, if_several, counted = text.partition(" if several")
    names = tuple(wanted.split(" or "))
    several_of: tuple[str, ...] = ()
    known = {f.name: f for f in fields}
    for name in names:
        if name not in known and name not in also:
            problems.append(unknown("field", name, [*known, *also], where))
        elif if_several and (name in also or not known[name].type.refers_to):
            message = f"`{name}` refers to nothing of which there could be several"
            problems.append(where.problem("FC303", message, hint=f"write `{name}` alone"))
        elif if_several:
            several_of = (counted.strip(),) if counted else known[name].type.refers_to
            if not set(several_of) <= set(known[name].type.refers_to):
                problems.append(unknown("kind", counted.strip(), known[name].type.refers_to, where))
    return Requirement(names, several_of)
