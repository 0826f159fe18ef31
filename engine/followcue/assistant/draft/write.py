"""From a situation to drafts: one for each recommended action that is meant."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from followcue.assistant.draft.message_files import MessageFile, folders_with_rules, message_files
from followcue.assistant.draft.template_context import TemplateContext
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import Unavailable, require
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import USUALLY, Options, evaluate_facts, load_pack
from followcue.evaluation.report.wording import addressee
from followcue.explain.wanted import (
    ReportLine,
    Unknown,
    Wanted,
    known_name,
    known_names,
    not_recommended,
    subject_of,
)
from followcue.language.documents.document import Document

if TYPE_CHECKING:
    from followcue.assistant.draft.template import MessageTemplate


class DraftsUnavailable(Unavailable):
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
    options: Options = USUALLY,
    *,
    me: str | None = None,
    point: str | None = None,
    rules: Sequence[str | os.PathLike[str]] = (),
    packs: Sequence[str] = (),
    cache: bool = True,
) -> Drafts:
    """The drafts of one action for every person who is to get one.

    `me` is the name to sign with, `point` what only the one person would recognise. The other arguments are
    those of `followcue.load_pack`. Raises `Unknown` for names that nothing has,
    `NotRecommended` where nothing asks for the action, `DraftsUnavailable` without the template library, and
    `InvalidInput` with every mistake in the situation, the rules or a template, and every missing value.
    """
    require("drafts", DraftsUnavailable)
    loaded = load_pack(*folders_with_rules(rules), packs=packs, cache=cache)
    files = message_files(rules, packs)
    situation = loaded.read(document, options)
    report = evaluate_facts(loaded, situation, options).report
    vocabulary = loaded.pack.vocabulary
    known_name("action", wanted.action, vocabulary.actions)
    if wanted.action not in files:
        others = f"these have: {', '.join(sorted(files))}" if files else "no action of these rules has one"
        raise Unknown(f"`{wanted.action}` has no message; {others}")
    known_names(wanted, vocabulary, situation)
    actions = [action for action in report.actions if wanted.fits(subject_of(action))]
    if not actions:
        messages = (ReportLine(action, False) for action in report.actions if action.action in files)
        raise not_recommended(wanted, report, messages, "these messages are", "nor is any other message")
    if point and len(actions) > 1:
        whom = ", ".join(f"`{action.to}`" for action in actions if action.to)
        raise Unknown(f"a point is for one person, and there are {len(actions)} drafts: choose one of {whom}")
    context = TemplateContext(vocabulary, situation, report)
    template = template_of(files[wanted.action], context, report.as_of)
    return Drafts(_filled(template, actions, context, report, me, point), report)


def template_of(file: MessageFile, context: TemplateContext, as_of: date) -> MessageTemplate:
    """The template in a message file; raises `DraftsUnavailable`, and `InvalidInput` with its mistakes."""
    require("drafts", DraftsUnavailable)
    from followcue.assistant.draft.template import MessageTemplate

    return MessageTemplate(file.place, file.read(), context.names, as_of)


def _filled(
    template: MessageTemplate,
    actions: Sequence[Action],
    context: TemplateContext,
    report: Report,
    me: str | None,
    point: str | None,
) -> tuple[Draft, ...]:
    drafts: list[Draft] = []
    mistakes: list[Diagnostic] = []
    for action in actions:
        try:
            text = template.fill(context.values(action, me, point))
        except InvalidInput as problem:
            mistakes += problem.diagnostics
        else:
            drafts.append(Draft(action, addressee(action, report), text))
    if mistakes:
        raise InvalidInput(mistakes)
    return tuple(drafts)
