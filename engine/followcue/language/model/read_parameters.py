"""Declarations of profiles and parameters -> parameters with a type and a value for each profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from followcue.base.rows import Value
from followcue.language.model.declared import Declaration, Declared, Problems, unknown
from followcue.language.model.read_kinds import TYPES_BY_NAME
from followcue.language.model.read_sources import read_citations
from followcue.language.model.read_values import LONGEST, described, fitting, is_over_a_century, type_name
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
        problems.append((profiles[name].where / "default").problem("FC322", message))
    return Profiles(tuple(profiles), defaults[0] if defaults else next(iter(profiles)))


def read_parameters(declared: Declared, profiles: Profiles, problems: Problems) -> dict[str, Parameter]:
    """All parameters by name, those of every pack too; those of steps a pack may declare itself."""
    parameters = {parameter.name: parameter for parameter in (*CALENDAR, *STEPS)}
    own = {parameter.name: parameter.type for parameter in STEPS}
    taken = {parameter.name for parameter in CALENDAR}
    for name, declaration in declared["parameters"].items():
        if name in RESERVED or name in taken:
            hint = "a situation sets it under `params`" if name in taken else None
            message = f"a parameter cannot be called `{name}`: the name has a meaning already"
            problems.append(declaration.place.problem("FC321", message, hint=hint))
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
    """The type of a parameter is that of its value in the layer that declares it."""
    if not isinstance(declaration.value, Mapping) or "value" not in declaration.value:
        problems.append(
            declaration.place.problem("FC203", f"the parameter `{declaration.name}` has no `value`")
        )
        return TEXT
    return TYPES_BY_NAME[type_name(declaration.value["value"])]


def _value(written: object, type: Type, where: Where, problems: Problems) -> Value:
    try:
        return fitting(type, written)
    except ValueError:
        if type.base == "duration" and is_over_a_century(str(written)):
            problems.append(where.problem("FC303", "this is over a hundred years", hint=LONGEST))
        else:
            problems.append(where.problem("FC303", f"this must be {described(type)}"))
        return None


def origin_of(where: Where) -> str:
    """The `file:line` of something that an author wrote."""
    span = where.span
    return f"{span.file}:{span.line}" if span else where.document.name
