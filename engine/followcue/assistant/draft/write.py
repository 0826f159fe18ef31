"""From a situation to drafts: one for each recommended action that is meant."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from followcue.explain.names import Unknown, known_name

from followcue.assistant.draft.choose import Wanted, chosen
from followcue.assistant.draft.context import Scene
from followcue.assistant.draft.message_files import MessageFile, folders_with_rules, message_files
from followcue.base import clock
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.limits import USUAL, Limits
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import evaluate, load_pack
from followcue.evaluation.report.words import addressee
from followcue.evaluation.situation.read import Today
from followcue.language.documents.document import Document

if TYPE_CHECKING:
    from followcue.assistant.draft.template import MessageTemplate

EXTRA = "drafts need the package `jinja2`: install it with `pip install followcue[drafts]`"


class DraftsUnavailable(Exception):
    """The template library is not installed."""


class Draft(NamedTuple):
    """A message to be looked over: for which action, to whom (as one would say it), and its text."""

    action: Action
    to: str
    text: str


class Drafts(NamedTuple):
    """The drafts that were wanted, and the report that they rest on."""

    drafts: tuple[Draft, ...]
    report: Report


def write_drafts(
    document: Document,
    wanted: Wanted,
    *,
    me: str | None = None,
    point: str | None = None,
    rules: Sequence[str | os.PathLike[str]] = (),
    packs: Sequence[str] = (),
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    missed: bool = False,
    cache: bool = True,
    limits: Limits = USUAL,
    today: Today = clock.today,
) -> Drafts:
    """The drafts of one action for every person who is to get one.

    `me` is the name to sign with, `point` what only the one person would recognise. The other arguments are
    those of `followcue.evaluate` and `followcue.load_pack`. Raises `Unknown` for names that nothing has,
    `NotRecommended` where nothing asks for the action, `DraftsUnavailable` without the template library, and
    `InvalidInput` with every mistake in the situation, the rules or a template, and every missing value.
    """
    loaded = load_pack(*folders_with_rules(rules), packs=packs, cache=cache)
    files = message_files(rules, packs)
    report = evaluate(
        loaded,
        document,
        as_of=as_of,
        profile=profile,
        parameters=parameters,
        missed=missed,
        limits=limits,
        today=today,
    )
    vocabulary = loaded.pack.vocabulary
    known_name("action", wanted.action, vocabulary.actions)
    if wanted.action not in files:
        others = f"these have: {', '.join(sorted(files))}" if files else "no action of these rules has one"
        raise Unknown(f"`{wanted.action}` has no message; {others}")
    situation = loaded.reader.read(
        document,
        as_of=report.as_of,
        profile=profile,
        parameters=parameters,
        today=today,
        max_entries=limits.entries,
    )
    scene = Scene(vocabulary, situation, report)
    known_name(report.scope_key, wanted.scope, scene.keys(of_scope=True))
    known_name("person", wanted.to, scene.keys(of_scope=False))
    actions = chosen(wanted, report, files)
    if point and len(actions) > 1:
        whom = ", ".join(f"`{action.to}`" for action in actions if action.to)
        raise Unknown(f"a point is for one person, and there are {len(actions)} drafts: choose one of {whom}")
    template = template_of(files[wanted.action], scene, report.as_of)
    return Drafts(_filled(template, actions, scene, report, me, point), report)


def template_of(file: MessageFile, scene: Scene, as_of: date) -> MessageTemplate:
    """The template in a message file; raises `DraftsUnavailable`, and `InvalidInput` with its mistakes."""
    try:
        from followcue.assistant.draft.template import MessageTemplate
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] not in ("jinja2", "markupsafe"):
            raise
        raise DraftsUnavailable(EXTRA) from None
    return MessageTemplate(file.place, file.read(), scene.names, as_of)


def _filled(
    template: MessageTemplate,
    actions: Sequence[Action],
    scene: Scene,
    report: Report,
    me: str | None,
    point: str | None,
) -> tuple[Draft, ...]:
    drafts: list[Draft] = []
    mistakes: list[Diagnostic] = []
    for action in actions:
        try:
            text = template.fill(scene.values(action, me, point))
        except InvalidInput as problem:
            mistakes += problem.diagnostics
        else:
            drafts.append(Draft(action, addressee(action, report), text))
    if mistakes:
        raise InvalidInput(mistakes)
    return tuple(drafts)
