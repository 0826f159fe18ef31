"""The vocabulary documents of all layers -> one vocabulary in which every name is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from followcue.base.diagnostic import Diagnostic
from followcue.language.documents.document import Document
from followcue.language.model.declared import OTHER_NAME, Declaration, Declared, Problems, gather, unknown
from followcue.language.model.known_as import read_known_as
from followcue.language.model.read_kinds import (
    path_of,
    read_kinds,
    read_types,
    records_of,
    scope_of,
    whole_of,
)
from followcue.language.model.read_parameters import origin_of, read_parameters, read_profiles
from followcue.language.model.read_sources import read_items, read_sources
from followcue.language.model.read_steps import read_messages, read_sittings, step_parts
from followcue.language.model.relations import relations_of
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import RESERVED_KEYS, ActionKind, MessageKind, Shape, Vocabulary


def read_vocabulary(layers: Sequence[Sequence[Document]]) -> tuple[Vocabulary | None, list[Diagnostic]]:
    """The vocabulary of a pack and the layers on it, lowest first; None if anything in it is wrong.

    The documents have passed the schema check; what it could not see is in the diagnostics.
    """
    problems: list[Diagnostic] = []
    declared = gather(layers, problems)
    shape = read_shape(declared, problems)
    types = read_types(declared, problems)
    kinds = read_kinds(declared, types, problems)
    profiles = read_profiles(declared, problems)
    messages = read_messages(declared, problems)
    vocabulary = Vocabulary(
        shape=shape,
        types=types,
        kinds=kinds,
        actions=read_actions(declared, messages, shape, problems),
        parameters=read_parameters(declared, profiles, problems),
        profiles=profiles.names,
        default_profile=profiles.default,
        sources=read_sources(declared),
        items=read_items(declared, problems),
        relations=relations_of(kinds.values(), shape.scope),
        messages=messages,
        sittings=read_sittings(declared, shape, problems),
        known_as=read_known_as(declared, kinds, types, problems),
    )
    return (None if problems else vocabulary), problems


def read_actions(
    declared: Declared, messages: Mapping[str, MessageKind], shape: Shape, problems: Problems
) -> dict[str, ActionKind]:
    """All actions and cautions by name."""
    actions = declared["actions"]
    for action in actions.values():
        for other, where in action.texts("contradicts"):
            if other not in actions:
                problems.append(unknown("action", other, actions, where))
    return {
        name: _action(action, step_parts(action, declared, messages, shape, problems))
        for name, action in actions.items()
    }


def _action(declaration: Declaration, step: Mapping[str, Any]) -> ActionKind:
    return ActionKind(
        declaration.name,
        title=declaration.text("title"),
        priority=declaration.text("priority", "normal"),
        standing=declaration.flag("standing"),
        keep=declaration.text("keep").removeprefix("latest ") or None,
        do=declaration.words("do"),
        avoid=declaration.words("avoid"),
        contradicts=declaration.words("contradicts"),
        origin=origin_of(declaration.place),
        **step,
    )


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
        if scope is None and situation.text("scope"):
            continue  # its record is not there, of which that is told
        if path[:-1] not in allowed and path != scope:
            message = f"`{'.'.join(path[:-1])}` is not the path of the scope's records"
            hint = f"begin with `{'.'.join(scope)}.`" if scope else "without a scope all stands at the top"
            problems.append(where.problem("FC323", message, hint=hint))
        elif path in used:
            problems.append(
                where.problem("FC323", f"`{'.'.join(path)}` is used twice", hint="leave one of them out")
            )
        elif path[0] in RESERVED_KEYS:
            problems.append(
                where.problem(
                    "FC321", f"`{path[0]}` has a meaning in situation files already", hint=OTHER_NAME
                )
            )
        used[path] = where
