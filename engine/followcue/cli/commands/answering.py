"""What commands do with a situation and their options: evaluate it, and write the report in a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import click

from followcue.base.limits import USUAL, Limits
from followcue.cli.commands.options import in_time, known_scope, today_in
from followcue.cli.shell import read_stdin
from followcue.evaluation.match.registry import COMPILED

if TYPE_CHECKING:
    from followcue.assistant.draft.message_files import MessageFile
    from followcue.evaluation.advice.report import Report
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.evaluation.report.provenance import Provenance
    from followcue.language.documents.document import Document


FORMATS = ("table", "json", "markdown", "html")


class Content(NamedTuple):
    """A situation before it is read: its name, as it was given, and its bytes."""

    name: str
    raw: bytes

    def document(self, limits: Limits = USUAL) -> Document:
        """The situation with the places of its values; raises `InvalidInput`."""
        from followcue.language.documents.read import read_document

        return read_document(self.raw, self.name, limits)


class Request(NamedTuple):
    """What is asked for, under the names of the options; `me` is for drafts, `embed` keeps the input.

    `more` and `scope` are for what a table shows, `scope` also for Markdown.
    """

    form: str = "table"
    as_of: date | None = None
    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    profile: str | None = None
    parameters: Mapping[str, object] = {}
    matcher: str = COMPILED
    missed: bool = False
    more: bool = False
    scope: str | None = None
    cache: bool = True
    me: str | None = None
    embed: bool = False
    timezone: str | None = None
    limits: Limits = USUAL

    def loaded(self) -> LoadedPack:
        """The rules, made ready; raises `InvalidInput`, and `UnknownPack`."""
        from followcue.evaluation.pipeline import load_pack

        return load_pack(*self.rules, packs=self.packs, cache=self.cache)

    def messages(self) -> Mapping[str, MessageFile]:
        """The message templates of these rules."""
        from followcue.assistant.draft.message_files import message_files

        return message_files(self.rules, self.packs)

    def provenance(self, content: Content, loaded: LoadedPack) -> Provenance:
        """What a report on this content is made of."""
        from followcue.evaluation.report.provenance import Input, Options, Provenance
        from followcue.language.documents.decode import decode

        text = decode(content.raw, content.name, self.limits.size) if self.embed else None
        options = Options(self.rules, self.packs, self.profile, self.parameters, self.missed)
        return Provenance(Input.of(content.name, content.raw, text), loaded.pack.layers, options)


class Answer(NamedTuple):
    """The report in the form that was asked for, and its warnings, which some forms have no room for."""

    text: str
    warnings: tuple[str, ...]


def answer(
    content: Content, request: Request, loaded: LoadedPack, *, columns: int | None = None, color: bool = False
) -> Answer:
    """The answer for a terminal of so many columns, with or without `color`, where the form is a table.

    Raises what `followcue.evaluate` raises. A usage error where a page cannot be made.
    """
    if request.form == "html":
        with in_time(request.limits):
            return _page(content, request, loaded)
    with in_time(request.limits):
        document = content.document(request.limits)
        report = _report(document, request, loaded)
    known_scope(request.scope, loaded.pack.vocabulary, document)
    if request.form == "json":
        from followcue.evaluation.report import as_json

        return Answer(as_json.render(report, request.provenance(content, loaded)), ())
    return Answer(_text(report, request, columns, color), report.warnings)


def _report(document: Document, request: Request, loaded: LoadedPack) -> Report:
    from followcue.evaluation.pipeline import evaluate

    return evaluate(
        loaded,
        document,
        as_of=request.as_of,
        profile=request.profile,
        parameters=request.parameters,
        matcher=request.matcher,
        missed=request.missed,
        limits=request.limits,
        today=today_in(request.timezone),
    )


def _text(report: Report, request: Request, columns: int | None, color: bool) -> str:
    if request.form == "markdown":
        from followcue.evaluation.report import markdown

        return markdown.render(report, scope=request.scope)
    from followcue.evaluation.report import table

    return table.render(
        report, width=columns or table.USUAL, color=color, more=request.more, scope=request.scope
    )


def _page(content: Content, request: Request, loaded: LoadedPack) -> Answer:
    from followcue.assistant.draft.write import DraftsUnavailable
    from followcue.assistant.page import html
    from followcue.assistant.page.dossier import dossier
    from followcue.evaluation.report.page.page import EXTRA, HtmlUnavailable

    try:
        found = dossier(
            loaded,
            content.document(request.limits),
            request.messages(),
            me=request.me,
            as_of=request.as_of,
            profile=request.profile,
            parameters=request.parameters,
            matcher=request.matcher,
            missed=request.missed,
            limits=request.limits,
            today=today_in(request.timezone),
        )
        page = html.render(found._replace(provenance=request.provenance(content, loaded)))
    except (HtmlUnavailable, DraftsUnavailable):
        raise click.UsageError(EXTRA) from None
    return Answer(page, found.report.warnings)


def read_situation(situation: str, limits: Limits = USUAL) -> Content:
    """The bytes of that file, or of standard input for `-`; raises `InvalidInput`."""
    from followcue.cli.commands.answering import Content
    from followcue.language.documents.read import read_content

    if situation == "-":
        return Content("<stdin>", read_stdin(limits.size + 1))
    return Content(situation, read_content(situation, limits.size))


def warn_of(warnings: Iterable[str]) -> None:
    """Tell warnings on standard error."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
