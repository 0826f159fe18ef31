"""Drafts that are ready: of all that a report recommends, the messages that lack nothing."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.assistant.draft.context import Scene
from followcue.assistant.draft.message_files import MessageFile
from followcue.assistant.draft.write import template_of
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.advice.report import Report
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.vocabulary import Vocabulary


def ready_drafts(
    files: Mapping[str, MessageFile],
    vocabulary: Vocabulary,
    situation: Situation,
    report: Report,
    me: str | None,
) -> tuple[str | None, ...]:
    """The message of each action of the report, or None where it has none or cannot be filled.

    Raises `DraftsUnavailable` without the template library, and `InvalidInput` for a template with mistakes.
    """
    scene = Scene(vocabulary, situation, report)
    templates = {
        name: template_of(files[name], scene, report.as_of)
        for name in dict.fromkeys(action.action for action in report.actions)
        if name in files
    }
    drafts: list[str | None] = []
    for action in report.actions:
        try:
            template = templates.get(action.action)
            drafts.append(template.fill(scene.values(action, me, None)) if template else None)
        except InvalidInput:  # `followcue draft` tells why, for whoever wants this one
            drafts.append(None)
    return tuple(drafts)
