"""A dossier: a report with all that stands behind it, for forms that show more than the advice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from followcue.assistant.draft.message_files import MessageFile
from followcue.assistant.draft.ready import ready_drafts
from followcue.base import clock
from followcue.base.limits import USUAL, Limits
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.match.registry import COMPILED
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.report.provenance import Provenance
from followcue.evaluation.situation.read import Today
from followcue.evaluation.situation.situation import Situation
from followcue.explain.explanation import Why
from followcue.explain.why import why
from followcue.language.documents.document import Document
from followcue.language.model.vocabulary import Vocabulary


class Step(NamedTuple):
    """One line of a report, why it is there, and its message if that lacks nothing; `key` is for links."""

    key: str
    action: Action
    is_caution: bool
    why: Why
    draft: str | None


class Dossier(NamedTuple):
    """A report, the situation that it is about, and each of its lines with what stands behind it.

    `layers` are the folders that the rules came from. `wants_name`: some messages wait for a name to sign.
    """

    report: Report
    situation: Situation
    vocabulary: Vocabulary
    layers: tuple[str, ...]
    steps: tuple[Step, ...]
    wants_name: bool
    provenance: Provenance | None = None


def dossier(
    loaded: LoadedPack,
    document: Document,
    messages: Mapping[str, MessageFile],
    *,
    me: str | None = None,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    missed: bool = False,
    limits: Limits = USUAL,
    today: Today = clock.today,
) -> Dossier:
    """The dossier of one situation; `messages` are the pack's, `me` signs them.

    The other arguments are those of `followcue.evaluate`, as are the exceptions; and those of `ready_drafts`.
    """
    explained = why(
        loaded,
        document,
        as_of=as_of,
        profile=profile,
        parameters=parameters,
        matcher=matcher,
        missed=missed,
        limits=limits,
        today=today,
    )
    report, vocabulary = explained.report, loaded.pack.vocabulary
    situation = loaded.reader.read(
        document,
        as_of=report.as_of,
        profile=profile,
        parameters=parameters,
        today=today,
        max_entries=limits.entries,
    )
    drafts = ready_drafts(messages, vocabulary, situation, report, me) if messages else ()
    return Dossier(
        report=report,
        situation=situation,
        vocabulary=vocabulary,
        layers=loaded.pack.layers,
        steps=tuple(_steps(explained.whys, drafts or (None,) * len(report.actions))),
        wants_name=me is None and any(action.action in messages for action in report.actions),
    )


def _steps(whys: Sequence[Why], drafts: Sequence[str | None]) -> Iterator[Step]:
    """The cautions, which have no messages, and then the actions, each with its own."""
    cautions = len(whys) - len(drafts)
    for place, (reason, draft) in enumerate(zip(whys, [None] * cautions + list(drafts), strict=True), 1):
        yield Step(f"step-{place}", reason.action, reason.is_caution, reason, draft)
