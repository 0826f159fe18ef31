"""The declaration of a situation file -> its shape, the paths of all records and events checked."""

from __future__ import annotations

from followcue.language.model.declared import Declaration, Declared, Problems, unknown
from followcue.language.model.read_kinds import path_of, records_of, scope_of, whole_of
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import Shape

RESERVED_KEYS = ("as_of", "profile", "params", "timezone")
"""The keys at the top of a situation file that mean the same in all packs."""


def read_shape(declared: Declared, problems: Problems) -> Shape:
    """The shape of situation files."""
    situation = declared.situation
    records = records_of(declared)
    if situation:
        _check_scope(situation, records, problems)
        _check_paths(situation, records, problems)
    return Shape(
        scope=scope_of(declared),
        whole=whole_of(declared),
        records=tuple(record.name for record in records),
        events=tuple(_path(text) for text in situation.words("events")) if situation else (),
    )


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))


def _check_scope(situation: Declaration, records: list[Declaration], problems: Problems) -> None:
    scope, names = situation.text("scope"), [record.name for record in records]
    if scope and scope not in names:
        problems.append(unknown("record", scope, names, situation.where / "scope"))
    for record in records:
        if record.name == scope and record.flag("single"):
            message = f"`{scope}` is the scope, of which there may be many"
            hint = "leave out `single`"
            problems.append((record.where / "single").problem("FC323", message, hint=hint))
        if record.name == scope and len(path_of(record)) > 1:
            message = f"`{scope}` is the scope, so it must stand at the top of the file"
            problems.append(
                (record.where / "in").problem("FC323", message, hint="give it a path without a dot")
            )
    if situation.text("whole") in names:
        message = "the whole needs a name of its own"
        problems.append((situation.where / "whole").problem("FC323", message, hint="such as `whole: search`"))


def _check_paths(situation: Declaration, records: list[Declaration], problems: Problems) -> None:
    """Each path begins at the top or inside the scope's records, and is used once."""
    scope = next((path_of(record) for record in records if record.name == situation.text("scope")), None)
    parents = {(): "the top", **({scope: "the scope"} if scope else {})}
    nested = {path_of(record) for record in records if scope and path_of(record)[: len(scope)] == scope}
    used: dict[tuple[str, ...], Where] = {}
    places = [(path_of(record), record.where / "in", {*parents, *nested}) for record in records]
    places += [(_path(text), where, set(parents)) for text, where in situation.texts("events")]
    for path, where, allowed in places:
        if path[:-1] not in allowed and path != scope:
            message = f"`{'.'.join(path[:-1])}` is not the path of the scope's records"
            hint = f"begin with `{'.'.join(scope)}.`" if scope else "without a scope all stands at the top"
            problems.append(where.problem("FC323", message, hint=hint))
        elif path in used:
            problems.append(where.problem("FC323", f"`{'.'.join(path)}` is used twice"))
        elif path[0] in RESERVED_KEYS:
            problems.append(where.problem("FC321", f"`{path[0]}` has a meaning in situation files already"))
        used[path] = where
