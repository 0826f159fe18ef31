"""A dossier: a report with all that stands behind it, for forms that show more than the advice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from followcue.assistant.draft.message_files import MessageFile
from followcue.assistant.draft.rule_values import RuleValues
from followcue.assistant.draft.write import Draft, DraftWriter
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options, evaluate_facts
from followcue.evaluation.report.listing import Listed, Listing, listing
from followcue.evaluation.report.provenance import Provenance
from followcue.evaluation.situation.situation import Situation
from followcue.explain.explanation import Why
from followcue.explain.why import why
from followcue.language.documents.document import Document
from followcue.language.model.vocabulary import Vocabulary


class DossierLine(NamedTuple):
    """One line of a report, and why it is there."""

    action: Action
    is_caution: bool
    why: Why


class Card(NamedTuple):
    """A step, the lines that it holds, and its messages; `key` is for links.

    A message that lacks something that its template asks for is left out.
    """

    key: str
    listed: Listed
    lines: tuple[DossierLine, ...]
    drafts: tuple[Draft, ...]


class Dossier(NamedTuple):
    """A report, the situation that it is about, its steps as cards, and each of its lines with the reason.

    `lines` are told by their order in the report, cautions first. `layers` are the folders that the rules
    came from. `is_signed`: somebody says who writes the messages.
    """

    report: Report
    situation: Situation
    vocabulary: Vocabulary
    layers: tuple[str, ...]
    listing: Listing
    cards: tuple[Card, ...]
    lines: tuple[DossierLine, ...]
    is_signed: bool
    provenance: Provenance | None = None


def dossier(
    loaded: LoadedPack,
    document: Document,
    messages: Mapping[str, MessageFile],
    options: Options = USUALLY,
    *,
    me: str | None = None,
) -> Dossier:
    """The dossier of one situation; `messages` are the pack's, `me` signs them.

    The other arguments are those of `followcue.evaluate`, as are the exceptions; and `DraftsUnavailable`
    without the template library, where there are messages.
    """
    explained = why(loaded, document, options=options)
    report, vocabulary = explained.report, loaded.pack.vocabulary
    situation = loaded.read(document, options._replace(as_of=report.as_of))
    lines = tuple(DossierLine(reason.action, reason.is_caution, reason) for reason in explained.whys)
    values = RuleValues(loaded, situation, lambda: evaluate_facts(loaded, situation, options).derivations)
    writer = DraftWriter(messages, vocabulary, situation, report, me, values)
    listed = listing(report)
    return Dossier(
        report=report,
        situation=situation,
        vocabulary=vocabulary,
        layers=loaded.pack.layers,
        listing=listed,
        cards=tuple(_cards(listed, lines, writer)),
        lines=lines,
        is_signed=writer.is_signed,
    )


def _cards(listed: Listing, lines: Sequence[DossierLine], writer: DraftWriter) -> Iterator[Card]:
    by_id = {line.action.id: line for line in lines if not line.is_caution}
    for one in listed.steps:
        own = tuple(by_id[action.id] for action in one.actions)
        try:
            drafts = writer.of_step(one.step)
        except InvalidInput:  # `followcue draft` tells why, for whoever wants this one
            drafts = ()
        yield Card(f"step-{one.number}", one, own, drafts)
