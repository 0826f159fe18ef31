"""Declarations of profiles and parameters -> parameters with a type and a value for each profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from followcue.base.diagnostic import did_you_mean
from followcue.base.rows import Value
from followcue.base.values import looks_like_date
from followcue.language.model.declared import OTHER_NAME, Declaration, Declared, Problems, unknown
from followcue.language.model.read_kinds import TYPES_BY_NAME
from followcue.language.model.read_sources import read_citations
from followcue.language.model.read_values import (
    LONGEST,
    calendar_hint,
    described,
    fitting,
    is_over_a_century,
    period_hint,
    time_hint,
    type_name,
)
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import CALENDAR, STEPS, TEXT, Parameter, Type

RESERVED = ("today", "profile", "and", "or", "not", "is")
"""Words that mean something else where a parameter could stand."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """The names of all profiles, and which of them holds when none is named."""

    names: tuple[str, ...]
    default: str


def read_profiles(declared: Declared, problems: Problems) -> Profiles:
    """The profiles, of which exactly one must be the default; a pack without any has just `default`."""
    profiles = declared["profiles"]
    if not profiles:
        return Profiles((), "default")
    defaults = [name for name, profile in profiles.items() if profile.flag("default")]
    if not defaults:
        first = next(iter(profiles.values()))
        message = "no profile is the default"
        problems.append(first.place.problem("FC322", message, hint="write `default: true` in one of them"))
    for name in defaults[1:]:
        message = f"`{defaults[0]}` is the default already"
        hint = "leave this one out: one profile is the default"
        problems.append((profiles[name].where / "default").problem("FC322", message, hint=hint))
    return Profiles(tuple(profiles), defaults[0] if defaults else next(iter(profiles)))


def read_parameters(declared: Declared, profiles: Profiles, problems: Problems) -> dict[str, Parameter]:
    """All parameters by name, those of every pack too, which a pack may declare with values of its own."""
    parameters = {parameter.name: parameter for parameter in (*CALENDAR, *STEPS)}
    own = {parameter.name: parameter.type for parameter in (*CALENDAR, *STEPS)}
    for name, declaration in declared["parameters"].items():
        if name in RESERVED:
            message = f"a parameter cannot be called `{name}`: the name has a meaning already"
            problems.append(declaration.place.problem("FC321", message, hint=OTHER_NAME))
        else:
            parameters[name] = _parameter(declaration, profiles, declared, problems, own.get(name))
    return parameters


def _parameter(
    declaration: Declaration,
    profiles: Profiles,
    declared: Declared,
    problems: Problems,
    given: Type | None = None,
) -> Parameter:
    """The parameter; its type is `given` where the program itself needs one of it."""
    type = given or _type_of(declaration, problems)
    value: Value = None
    by_profile: dict[str, Value] = {}
    origin = ""
    for layer in (declaration, *declaration.changes):
        if isinstance(layer.value, Mapping) and "value" in layer.value:
            where = layer.where / "value"
            value, origin = _value(layer.value["value"], type, where, problems), origin_of(where)
        for entry in layer.entries("profiles"):
            if entry.name not in profiles.names:
                problems.append(unknown("profile", entry.name, profiles.names, entry.place))
            by_profile[entry.name] = _value(entry.value, type, entry.where, problems)
    return Parameter(
        declaration.name,
        type,
        value,
        by_profile,
        says=declaration.text("says"),
        cites=read_citations(declaration, declared, problems),
        origin=origin,
    )


def _type_of(declaration: Declaration, problems: Problems) -> Type:
    """The type of which most values of the layer that declares a parameter are written.

    Of as many, the one that takes more writing is meant: where `7` stands beside `4 days`, a unit is missing.
    """
    if not isinstance(declaration.value, Mapping) or "value" not in declaration.value:
        problems.append(
            declaration.place.problem(
                "FC203",
                f"the parameter `{declaration.name}` has no `value`",
                hint="write one, such as `value: 3 days`",
            )
        )
        return TEXT
    values = [declaration.value["value"], *(entry.value for entry in declaration.entries("profiles"))]
    written = [type_name(value) for value in values]
    decimals = [name for name in written if name.startswith("decimal")]
    if decimals and {*written} <= {"number", *decimals}:
        return TYPES_BY_NAME[max(decimals)]
    return TYPES_BY_NAME[max(_BY_WRITING, key=lambda name: (written.count(name), _BY_WRITING.index(name)))]


_BY_WRITING = ("text", "number", "boolean", "date", "duration", "period", "time")
"""The types that a value may be written like; a slip makes text of anything, and a number of a duration."""

_LIKE_A_NUMBER = re.compile(r"[-+<>~$€£]*\.?[0-9]")


def _value(written: object, type: Type, where: Where, problems: Problems) -> Value:
    if type == TEXT and _is_no_text(written, where):
        message = f"`{written}` begins like a number, and is text"
        hint = (
            "write a number such as `3`, `12.50` or `35%`, a duration such as `5 days` or `6 months` or a "
            "date such as `2026-11-21`; text that begins so goes into quotes"
        )
        problems.append(where.problem("FC303", message, hint=hint))
        return None
    try:
        return fitting(type, written)
    except ValueError:
        if type.base == "duration" and is_over_a_century(str(written)):
            problems.append(where.problem("FC303", "this is over a hundred years", hint=LONGEST))
        else:
            is_days = type.base == "duration" and type_name(written) == "number"
            meant = f"did you mean `{written} {'day' if written == 1 else 'days'}`?" if is_days else None
            if type.base == "period":
                meant = period_hint(written)
                if type_name(written) == "duration":
                    meant += "; or count the other values of the parameter in days"
            elif type.base == "time":
                meant = time_hint(written)
            elif type.base == "duration" and meant is None:
                meant = _duration_meant(written)
            elif type.base == "date" and looks_like_date(str(written)):
                meant = calendar_hint(str(written))
            elif type.base == "number" and (number := re.match(r"\d+", str(written))):
                meant = f"write `{number[0]}`, or give the other values a unit too"
            elif type.choices and isinstance(written, str):
                meant = did_you_mean(written, type.choices)
            message = f"this must be {described(type)}{_else_as_well(written, type)}"
            problems.append(where.problem("FC303", message, hint=meant))
        return None


def _duration_meant(written: object) -> str:
    """What to write instead of `7d`, `seven days` or `1 month`."""
    nearly = re.fullmatch(r"([0-9]{1,4}) *([dw]?)[a-z]*", str(written))
    if nearly and nearly[2]:
        unit = "week" if nearly[2] == "w" else "day"
        return f"did you mean `{nearly[1]} {unit if nearly[1] == '1' else unit + 's'}`?"
    return "durations are days and weeks, in digits: `7 days`, `2 weeks`"


def _else_as_well(written: object, type: Type) -> str:
    """What a value of another type is held against."""
    return "" if type_name(written) == type.name else ", as the parameter is elsewhere"


def _is_no_text(written: object, where: Where) -> bool:
    """Whether a text begins like a number, and its author did not put it into quotes."""
    if not isinstance(written, str) or not _LIKE_A_NUMBER.match(written):
        return False
    place = where.problem("", "")
    if place.span is None or place.excerpt is None:
        return False
    return place.excerpt[place.span.column - 1 :].startswith(written[0])


def origin_of(where: Where) -> str:
    """The `file:line` of something that an author wrote."""
    span = where.span
    return f"{span.file}:{span.line}" if span else where.document.name
