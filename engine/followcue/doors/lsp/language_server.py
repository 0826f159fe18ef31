"""The requests of an editor, answered by the session: what is asked is converted, and the answer back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from followcue.base import clock
from followcue.base.clock import Clock
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.base.gc_pause import gc_paused, gc_spare_what_is_there
from followcue.base.terminal import visible_names
from followcue.base.version import __version__
from followcue.doors.lsp.aside import aside, aside_or_refused
from followcue.doors.lsp.client_ranges import ClientText
from followcue.doors.lsp.code_lenses import (
    RULE_FIGURES,
    RULE_HERE,
    RUN_TEST,
    KeptFigures,
    figures_of_rule,
    lenses,
    told_of_rule,
    told_of_test,
    verdict_on,
)
from followcue.doors.lsp.open_packs import OpenPacks, OpenText
from followcue.doors.lsp.pack_folders import PackFolders, path_of, text_at
from followcue.session.bench_mistakes import FoundProblem, Severity, lint_findings, name_fix_of
from followcue.session.completion import Offer
from followcue.session.name_card import name_card
from followcue.session.name_index import NamePlace
from followcue.session.outline import OutlineEntry, outline
from followcue.session.pack_bench import GiveUp, PackBench
from followcue.session.rename import renamed
from followcue.session.text_change import TextChange

QUIET = 0.15
"""Seconds without a change after which mistakes are told, ..."""

LONG_QUIET = 2.0
"""... and after which lints begin to look for findings."""


class _ToldMistakes(NamedTuple):
    """What an editor was told of a file, of the version that it had."""

    diagnostics: list[lsp.Diagnostic]
    version: int | None


class FileFindings(NamedTuple):
    """What lints found in a file that had this text."""

    text: str
    found: tuple[FoundProblem, ...]

    def told(self, text: str) -> tuple[FoundProblem, ...]:
        """The findings as long as the text is the same: else nobody knows where they stand."""
        return self.found if text == self.text else ()


NO_FINDINGS = FileFindings("", ())

_SEVERITIES: Mapping[Severity, lsp.DiagnosticSeverity] = {
    "mistake": lsp.DiagnosticSeverity.Error,
    "finding": lsp.DiagnosticSeverity.Warning,
}


class EditorServer(LanguageServer):
    """A language server, with the packs that the files of its editor belong to."""

    def __init__(self, folders: PackFolders, today: Clock = clock.today) -> None:
        super().__init__("followcue", __version__, lsp.TextDocumentSyncKind.Full)
        self.packs = OpenPacks(folders, self.open_texts, today)
        self._told: dict[str, _ToldMistakes] = {}
        self._findings: dict[str, FileFindings] = {}
        self._looking: asyncio.Task[None] | None = None
        self.figures = KeptFigures()
        self._turn = 0

    # --- files
    def open_texts(self) -> Mapping[str, str]:
        """The texts of the files that are open, by path."""
        documents = self.workspace.text_documents.values()  # their keys are no addresses: `%20` is a space
        return {path: document.source for document in documents if (path := _path(document.uri))}

    def opened(self, uri: str) -> OpenText | None:
        """What a file is; None if it is none of followcue's."""
        path = _path(uri)
        return self.packs.opened(path) if path else None

    def asked(self, uri: str) -> tuple[OpenText | None, PackBench | None]:
        """An open file, and the bench of its pack; None for what there is not."""
        opened = self.opened(uri)
        return opened, self.packs.bench(opened.pack) if opened else None

    def client_text(self, path: str) -> ClientText:
        """A file as the editor has it, or else as it lies on the disk."""
        text = self.open_texts().get(path)
        return ClientText(text_at(path) if text is None else text, self.workspace.position_codec)

    def uri(self, path: str) -> str:
        """What the editor calls a file."""
        for document in self.workspace.text_documents.values():
            if _path(document.uri) == path:
                return str(document.uri)
        return str(from_fs_path(path))

    def location(self, span: Span) -> lsp.Location:
        """A place in any file."""
        path = path_of(span.file)
        return lsp.Location(self.uri(path), self.client_text(path).range(span))

    # --- mistakes
    async def tell_soon(self) -> None:
        """Tell the mistakes once nothing has changed for a while."""
        self._turn += 1
        turn = self._turn
        await asyncio.sleep(QUIET)
        if turn == self._turn:
            self.tell()
            await asyncio.sleep(QUIET)
            if turn == self._turn:  # nobody waits
                gc_spare_what_is_there()

    @gc_paused()
    def tell(self) -> None:
        """Tell the mistakes of every file that is another one than before, or has others."""
        versions = {each.uri: each.version for each in self.workspace.text_documents.values()}
        now = {
            (uri := self.uri(path)): _ToldMistakes(self._diagnostics(path, problems), versions.get(uri))
            for path, problems in self.packs.problems().items()
        }
        for uri in sorted({*now, *self._told}):
            told = now.get(uri, _ToldMistakes([], None))
            if told != self._told.get(uri):
                self.text_document_publish_diagnostics(
                    lsp.PublishDiagnosticsParams(uri, told.diagnostics, told.version)
                )
        self._told = now

    def _diagnostics(self, path: str, problems: Sequence[Diagnostic]) -> list[lsp.Diagnostic]:
        text = self.client_text(path)
        found = [FoundProblem(problem) for problem in problems]
        found += self._findings.get(path, NO_FINDINGS).told(text.text)
        return [self._diagnostic(one.problem, text, one.severity) for one in found]

    def _diagnostic(self, problem: Diagnostic, text: ClientText, severity: Severity) -> lsp.Diagnostic:
        hint = f"\nhint: {visible_names(problem.hint)}" if problem.hint else ""
        return lsp.Diagnostic(
            text.range(problem.span or _TOP),
            visible_names(problem.message) + hint,
            severity=_SEVERITIES[severity],
            code=problem.code,
            source="followcue",
            related_information=[
                lsp.DiagnosticRelatedInformation(self.location(span), visible_names(note))
                for note, span in problem.related
            ]
            or None,
        )

    # --- findings
    def look_later(self) -> None:
        """Look for findings once nothing has changed for longer; what was looked for before is given up."""
        if self._looking is not None:
            self._looking.cancel()
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        await asyncio.sleep(LONG_QUIET)
        for bench in self.packs.benches():
            try:
                found = await aside(partial(_findings_of, bench))
            except InvalidInput:  # told as mistakes
                continue
            by_file: dict[str, list[FoundProblem]] = {name: [] for name in bench.own_files}
            for one in found:
                if one.problem.span is not None:
                    by_file.setdefault(one.problem.span.file, []).append(one)
            for name, mine in by_file.items():
                self._findings[name] = FileFindings(self.client_text(name).text, tuple(mine))
            self.tell()

    def findings_in(self, opened: OpenText) -> tuple[FoundProblem, ...]:
        """What was found in a file, as long as it is as it was then."""
        return self._findings.get(opened.path, NO_FINDINGS).told(opened.text)

    # --- edits
    def workspace_edit(self, changes: Iterable[TextChange]) -> lsp.WorkspaceEdit:
        """Changes of texts as an editor makes them."""
        edits: dict[str, list[lsp.TextEdit]] = {}
        for change in changes:
            path = path_of(change.span.file)
            place = self.client_text(path).between((change.span.line, change.span.column), change.ending)
            edits.setdefault(self.uri(path), []).append(lsp.TextEdit(place, change.text))
        return lsp.WorkspaceEdit(changes=edits)

    # --- names
    def name_at(self, uri: str, position: lsp.Position) -> tuple[OpenText, NamePlace] | None:
        """The name under the cursor, and the file that it is in."""
        opened = self.opened(uri)
        if opened is None:
            return None
        place = self.client_text(opened.path).place(position)
        name = self.packs.index(opened).at(opened.path, *place)
        return (opened, name) if name else None


def create_server(
    rules: Iterable[str | os.PathLike[str]] = (), packs: Iterable[str] = (), today: Clock = clock.today
) -> EditorServer:
    """A language server over these folders and shipped packs, for `start_io`; see `load_pack`."""
    server = EditorServer(PackFolders.of([os.fspath(folder) for folder in rules], list(packs)), today)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(ls: EditorServer, params: lsp.DidOpenTextDocumentParams) -> None:
        ls.tell()
        ls.look_later()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: EditorServer, params: lsp.DidChangeTextDocumentParams) -> None:
        ls.look_later()
        await ls.tell_soon()

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(ls: EditorServer, params: lsp.DidSaveTextDocumentParams) -> None:
        ls.tell()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: EditorServer, params: lsp.DidCloseTextDocumentParams) -> None:
        ls.tell()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_files(ls: EditorServer, params: lsp.DidChangeWatchedFilesParams) -> None:
        ls.look_later()
        await ls.tell_soon()

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]),
    )
    def code_action(ls: EditorServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        return _quick_fixes(ls, params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(ls: EditorServer, params: lsp.HoverParams) -> lsp.Hover | None:
        found = ls.name_at(params.text_document.uri, params.position)
        if found is None:
            return None
        opened, name = found
        state = ls.packs.state_or_none(opened.pack)
        card = name_card(name, state.names) if state and state.names else None
        if card is None:
            return None
        said = lsp.MarkupContent(lsp.MarkupKind.Markdown, card)
        return lsp.Hover(said, ls.client_text(opened.path).range(name.span))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(ls: EditorServer, params: lsp.DefinitionParams) -> list[lsp.Location]:
        found = ls.name_at(params.text_document.uri, params.position)
        if found is None:
            return []
        opened, name = found
        places = ls.packs.index(opened).declared(name.sort, name.name)
        return [ls.location(place.span) for place in places]

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def references(ls: EditorServer, params: lsp.ReferenceParams) -> list[lsp.Location]:
        found = ls.name_at(params.text_document.uri, params.position)
        if found is None:
            return []
        opened, name = found
        places = ls.packs.index(opened, everywhere=True).all(name.sort, name.name)
        wanted = [place for place in places if params.context.include_declaration or not place.declares]
        return [ls.location(place.span) for place in wanted]

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[" ", "[", "{", ","])
    )
    def completion(ls: EditorServer, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        opened = ls.opened(params.text_document.uri)
        if opened is None:
            return []
        text = ls.client_text(opened.path)
        line, column = text.place(params.position)
        offers = ls.packs.offers(opened, line, column)
        return [_completion_item(offer, line, column, text) for offer in offers]

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def document_symbol(ls: EditorServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        opened = ls.opened(params.text_document.uri)
        document = opened.document() if opened else None
        if opened is None or document is None:
            return []
        text = ls.client_text(opened.path)
        return [_symbol(entry, text) for entry in outline(document, opened.kind, text.count)]

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(ls: EditorServer, params: lsp.PrepareRenameParams) -> lsp.Range | None:
        found = ls.name_at(params.text_document.uri, params.position)
        return ls.client_text(found[0].path).range(found[1].span) if found else None

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    async def rename(ls: EditorServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        opened, bench = ls.asked(params.text_document.uri)
        if opened is None or bench is None:
            return None
        place = ls.client_text(opened.path).place(params.position)
        found = await aside_or_refused(
            lambda give_up: renamed(bench, opened.path, *place, params.new_name, give_up)
        )
        for said in found.by_hand:
            ls.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, said))
        return ls.workspace_edit(found.changes)

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=True))
    def code_lens(ls: EditorServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        opened = ls.opened(params.text_document.uri)
        if opened is None:
            return []
        text = ls.client_text(opened.path)
        return list(lenses(opened, ls.packs.bench(opened.pack), text, params.text_document.uri, ls.figures))

    @server.feature(lsp.CODE_LENS_RESOLVE)
    async def code_lens_resolve(ls: EditorServer, params: lsp.CodeLens) -> lsp.CodeLens:
        data = params.data or {}  # as `code_lens` gave it
        uri, name = data.get("uri", ""), data.get("test", "")
        opened, bench = ls.asked(uri)
        verdict = await aside(lambda _: verdict_on(bench, opened, name)) if bench else ""
        params.command = lsp.Command(verdict or "there are mistakes", RUN_TEST, arguments=[uri, name])
        return params

    @server.command(RUN_TEST)
    async def run_test(ls: EditorServer, uri: str, name: str) -> bool | None:
        opened, bench = ls.asked(uri)
        told = await aside(lambda _: told_of_test(bench, opened, name)) if bench and opened else None
        if told is None:
            return None
        kind = lsp.MessageType.Info if told.passed else lsp.MessageType.Error
        ls.window_show_message(lsp.ShowMessageParams(kind, told.text))
        ls.workspace_code_lens_refresh(None)
        return told.passed

    @server.command(RULE_FIGURES)
    async def rule_figures(ls: EditorServer, uri: str, rule: str) -> str | None:
        _, bench = ls.asked(uri)
        if bench is None:
            return None
        found = await aside_or_refused(lambda give_up: figures_of_rule(bench, rule, give_up))
        ls.figures.keep(bench, rule, found)
        ls.workspace_code_lens_refresh(None)
        return str(found)

    @server.command(RULE_HERE)
    async def does_rule_fire(ls: EditorServer, uri: str, rule: str) -> str | None:
        _, bench = ls.asked(uri)
        if bench is None:
            return None
        told = await aside_or_refused(lambda _: told_of_rule(bench, rule, today))
        ls.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, told))
        return told

    return server


_TOP = Span("", 1, 1)

_SYMBOLS = {
    "rules": lsp.SymbolKind.Function,
    "tables": lsp.SymbolKind.Array,
    "tests": lsp.SymbolKind.Method,
    "events": lsp.SymbolKind.Event,
    "conclusions": lsp.SymbolKind.Class,
    "actions": lsp.SymbolKind.Interface,
    "parameters": lsp.SymbolKind.Constant,
    "types": lsp.SymbolKind.Enum,
}


def _completion_item(offer: Offer, line: int, column: int, text: ClientText) -> lsp.CompletionItem:
    """What is offered, in the place of what is typed already."""
    typed = Span("", line, offer.start, column - offer.start)
    return lsp.CompletionItem(
        offer.text,
        kind=lsp.CompletionItemKind.Property if offer.is_key else lsp.CompletionItemKind.Value,
        documentation=offer.says or None,
        text_edit=lsp.TextEdit(text.range(typed), offer.written),
    )


def _symbol(entry: OutlineEntry, text: ClientText) -> lsp.DocumentSymbol:
    kind = _SYMBOLS.get(entry.section, lsp.SymbolKind.Field)
    whole = text.lines(entry.span.line, entry.last_line)
    return lsp.DocumentSymbol(entry.name, kind, whole, text.range(entry.span), entry.title or None)


def _quick_fixes(ls: EditorServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """For each mistake and finding in the range that can be mended, the change that does it."""
    opened = ls.opened(params.text_document.uri)
    state = ls.packs.state_or_none(opened.pack) if opened else None
    if opened is None or state is None:
        return []
    text = ls.client_text(opened.path)
    found = [FoundProblem(problem, fix=name_fix_of(state, problem)) for problem in state.problems]
    actions = []
    for one in (*found, *ls.findings_in(opened)):
        span, fix = one.problem.span, one.fix
        if span is None or span.file != opened.path or fix is None:
            continue
        marked = text.range(span)
        if not _overlap(marked, params.range):
            continue
        told = [
            each
            for each in params.context.diagnostics
            if each.code == one.problem.code and each.range == marked
        ]
        actions.append(
            lsp.CodeAction(
                fix.title,
                lsp.CodeActionKind.QuickFix,
                diagnostics=told or None,
                is_preferred=one.severity == "mistake",
                edit=ls.workspace_edit(fix.changes),
            )
        )
    return actions


def _findings_of(bench: PackBench, give_up: GiveUp) -> tuple[FoundProblem, ...]:
    return lint_findings(bench, give_up, last_only=True)


def _overlap(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def _path(uri: str) -> str | None:
    """The path of a file; None for what is no file."""
    path = to_fs_path(uri)
    return os.path.abspath(path) if path else None
