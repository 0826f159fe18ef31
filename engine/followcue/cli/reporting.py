"""The report on a situation in the form that was asked for, as `evaluate` and `watch` write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from followcue.base.named_tuple import NamedTuple
from followcue.cli.asked import Asked, Content, in_time
from followcue.cli.screen import is_terminal

if TYPE_CHECKING:
    from followcue.assistant.draft.message_files import MessageFile
    from followcue.evaluation.advice.report import Report
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.evaluation.report.provenance import Provenance
    from followcue.language.documents.document import Document

FORMATS = ("table", "json", "markdown", "html")


class ReportRequest(NamedTuple):
    """What is asked, in which form; `me` signs drafts, `embed` keeps the situation in the report.

    `more` and `scope` are for what a table shows, `scope` also for Markdown.
    """

    asked: Asked
    form: str = "table"
    me: str | None = None
    embed: bool = False
    more: bool = False
    scope: str | None = None

    def require(self) -> None:
        """Raises `Unavailable` where what the form takes is not installed."""
        if self.form == "html":
            from followcue.base.extras import require

            require("html")

    def messages(self) -> Mapping[str, MessageFile]:
        """The message templates of these rules."""
        from followcue.assistant.draft.message_files import message_files

        return message_files(self.asked.rules, self.asked.packs)

    def provenance(self, content: Content, loaded: LoadedPack) -> Provenance:
        """What a report on this content is made of."""
        from followcue.evaluation.report.provenance import GivenOptions, Input, Provenance
        from followcue.language.documents.decode import decode

        text = decode(content.raw, content.name, self.asked.limits.size) if self.embed else None
        asked, told = self.asked, self.asked.options
        options = GivenOptions(asked.rules, asked.packs, told.profile, told.parameters or {}, told.missed)
        return Provenance(Input.of(content.name, content.raw, text), loaded.pack.layers, options)


class RenderedReport(NamedTuple):
    """The report in the form that was asked for, and its warnings, which some forms have no room for.

    `report` is the one that was rendered, where the form shows the numbers of its steps.
    """

    text: str
    warnings: tuple[str, ...]
    report: Report | None = None


def note_shown(said: RenderedReport, request: ReportRequest, output: str | None) -> None:
    """Note the numbers that a person has now seen on a terminal, for the commands that take them."""
    if said.report is not None and output in (None, "-") and is_terminal():
        from followcue.cli.last_shown import note

        note(request.asked.situation, said.report)


def answer(
    content: Content,
    request: ReportRequest,
    loaded: LoadedPack,
    *,
    columns: int | None = None,
    color: bool = False,
) -> RenderedReport:
    """The answer for a terminal of so many columns, with or without `color`, where the form is a table.

    Raises what `followcue.evaluate` raises. A usage error where a page cannot be made.
    """
    if request.form == "html":
        with in_time(request.asked.limits):
            return _page(content, request, loaded)
    with in_time(request.asked.limits):
        document = content.document(request.asked.limits)
        report = _report(document, request, loaded)
    if request.scope is not None:
        from followcue.cli.naming import scope_said

        request = request._replace(scope=scope_said(request.scope, loaded.pack.vocabulary, document.data))
    if request.form == "json":
        from followcue.evaluation.report import as_json

        return RenderedReport(as_json.render(report, request.provenance(content, loaded)), ())
    return RenderedReport(_text(report, request, columns, color), report.warnings, report)


def _report(document: Document, request: ReportRequest, loaded: LoadedPack) -> Report:
    from followcue.evaluation.pipeline import evaluate

    return evaluate(loaded, document, request.asked.options)


def _text(report: Report, request: ReportRequest, columns: int | None, color: bool) -> str:
    if request.form == "markdown":
        from followcue.evaluation.report import markdown

        return markdown.render(report, scope=request.scope)
    from followcue.evaluation.report import table

    return table.render(
        report, width=columns or table.USUAL, color=color, more=request.more, scope=request.scope
    )


def _page(content: Content, request: ReportRequest, loaded: LoadedPack) -> RenderedReport:
    from followcue.assistant.page import report_page
    from followcue.assistant.page.dossier import dossier

    asked = request.asked
    found = dossier(loaded, content.document(asked.limits), request.messages(), asked.options, me=request.me)
    page = report_page.render(found._replace(provenance=request.provenance(content, loaded)))
    return RenderedReport(page, found.report.warnings)
