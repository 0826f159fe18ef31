"""A small vocabulary of a job search, built by hand: enough of every construct to test readers with."""

from __future__ import annotations

from typing import Any

from followcue.base.rows import Column, Relation, Value
from followcue.language.model.vocabulary import Field, Kind, Parameter, Requirement, Shape, Type, Vocabulary

TEXT, NUMBER, BOOLEAN = Type("text", "text"), Type("number", "number"), Type("boolean", "bool")
DATE, DURATION = Type("date", "date"), Type("duration", "duration")
CONTACT = Type("contact", "text", refers_to=("contact",))
APPLICATION = Type("application", "text", refers_to=("application",))
INTERVIEW = Type("interview", "text", refers_to=("interview_scheduled", "interview"))
VIA = Type("via", "text", choices=("direct", "agency", "referral"))
ROLE = Type("contact_role", "text", choices=("recruiter", "agency_recruiter", "hiring_manager", "helper"))
CALL = Type("call_permission", "text", choices=("explicit", "implied", "refused"))

SCOPE = Column("application", "text")
COMMON = (Column("date", "date"), Column("at", "moment"), Column("id", "text"), Column("note", "text"))


def fields(**types: Type | list[Type]) -> tuple[Field, ...]:
    """Fields by name (`with_` is `with`); a type in a list makes a list field."""
    return tuple(
        Field(name.rstrip("_"), kind[0], many=True)
        if isinstance(kind, list)
        else Field(name.rstrip("_"), kind)
        for name, kind in types.items()
    )


def needs(*names: str) -> tuple[Requirement, ...]:
    """Requirements as a vocabulary file writes them: `to`, `by or within`, `id if several interview`."""
    parts = (name.partition(" if several ") for name in names)
    return tuple(
        Requirement(tuple(wanted.split(" or ")), (kind,) if kind else ()) for wanted, _, kind in parts
    )


def event(name: str, *require: str, **types: Type | list[Type]) -> Kind:
    """A kind of event."""
    return Kind(name, "event", fields(**types), needs(*require), says=f"Event {name}.")


def parameter(name: str, kind: Type, value: Value, **profiles: Value) -> Parameter:
    """A parameter and its values under profiles."""
    return Parameter(name, kind, value, profiles)


KINDS = (
    Kind(
        "application",
        "record",
        (Field("company", TEXT), Field("role", TEXT), Field("via", VIA, default="direct")),
        needs("company"),
        path=("applications",),
    ),
    Kind(
        "contact",
        "record",
        fields(name=TEXT, role=ROLE, email=TEXT, phone=TEXT, languages=[TEXT]),
        needs("name", "role"),
        path=("applications", "contacts"),
    ),
    event("applied", channel=TEXT),
    event("interview_scheduled", "id", "for", with_=[CONTACT], for_=DATE),
    event("interview", with_=[CONTACT], helped_by=[CONTACT], concerns=[TEXT], stage=TEXT),
    event("timeline_promised", "by or within", from_=CONTACT, by=DATE, within=DURATION, call_ok=CALL),
    event("thank_you_sent", "to", "interview if several interview", to=CONTACT, interview=INTERVIEW),
    event("debriefed", "with", with_=[CONTACT]),
    event("offer_received", written=BOOLEAN, answer_by=DATE, rounds=NUMBER),
    event("offer_disclosed", "of", of=APPLICATION, to=CONTACT),
    event("rejected", reason=TEXT),
    event("network_told"),
)

PARAMETERS = (
    parameter("unpromised_wait", DURATION, 7, patient=10),
    parameter("max_attempts", NUMBER, 2),
    parameter("weekly", Type("boolean", "bool"), False),
)


def relations(kinds: tuple[Kind, ...]) -> dict[str, Relation]:
    """The relations of these kinds, columns in their fixed order."""
    made: dict[str, Relation] = {}
    for kind in kinds:
        own = () if kind.name == "application" else COMMON[2:3] if kind.role == "record" else COMMON
        single = tuple(Column(f.name, f.type.base) for f in kind.fields if not f.many)
        columns = (SCOPE, *own, *single)
        made[kind.name] = Relation(kind.name, columns)
        for f in kind.fields:
            if f.many:
                name = f"{kind.name}.{f.name}"
                made[name] = Relation(name, (*columns, Column(f.name, f.type.base)))
    return made


def vocabulary(**changes: Any) -> Vocabulary:
    """The vocabulary, with changes for one test."""
    values: dict[str, Any] = {
        "shape": Shape(
            "application", "search", ("application", "contact"), (("applications", "events"), ("events",))
        ),
        "types": {
            t.name: t for t in (TEXT, NUMBER, BOOLEAN, DATE, DURATION, CONTACT, APPLICATION, INTERVIEW)
        },
        "kinds": {kind.name: kind for kind in KINDS},
        "actions": {},
        "parameters": {p.name: p for p in PARAMETERS},
        "profiles": ("balanced", "patient"),
        "default_profile": "balanced",
        "sources": {},
        "items": {},
        "relations": relations(KINDS),
    }
    return Vocabulary(**(values | changes))
