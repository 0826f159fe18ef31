"""The requests of an editor, answered by the session: what is asked is converted, and the answer back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from followcue.base import clock
from followcue.base.clock import Clock
from followcue.base.diagnostic import Diagnostic, Span
from followcue.base.terminal import visible_names
from followcue.base.version import __version__
from followcue.doors.lsp.client_ranges import ClientText
from followcue.doors.lsp.open_packs import OpenPacks, OpenText
from followcue.doors.lsp.pack_folders import PackFolders, path_of, text_at
from followcue.session.completion import Offer
from followcue.session.name_card import name_card
from followcue.session.name_index import NamePlace
from followcue.session.outline import OutlineEntry, outline
from followcue.testing.run import Result

QUIET = 0.15
"""Seconds without a change after which mistakes are told."""


class _ToldMistakes(NamedTuple):
    """What an editor was told of a file, of the version that it had."""

    diagnostics: list[lsp.Diagnostic]
    version: int | None


class EditorServer(LanguageServer):
    """A language server, with the packs that the files of its editor belong to."""

    def __init__(self, folders: PackFolders, today: Clock = clock.today) -> None:
        super().__init__("followcue", __version__, lsp.TextDocumentSyncKind.Full)
        self.packs = OpenPacks(folders, self.open_texts, today)
        self._told: dict[str, _ToldMistakes] = {}
        self._turn = 0

    # --- files
    def open_texts(self) -> Mapping[str, str]:
        """The texts of the files that are open, by path."""
        documents = self.workspace.text_documents
        return {path: document.source for uri, document in documents.items() if (path := _path(uri))}

    def opened(self, uri: str) -> OpenText | None:
        """What a file is; None if it is none of followcue's."""
        path = _path(uri)
        return self.packs.opened(path) if path else None

    def client_text(self, path: str) -> ClientText:
        """A file as the editor has it, or else as it lies on the disk."""
        text = self.open_texts().get(path)
        return ClientText(text_at(path) if text is None else text, self.workspace.position_codec)

    def uri(self, path: str) -> str:
        """What the editor calls a file."""
        for uri in self.workspace.text_documents:
            if _path(uri) == path:
                return str(uri)
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

    def tell(self) -> None:
        """Tell the mistakes of every file that is another one than before, or has others."""
        versions = {uri: document.version for uri, document in self.workspace.text_documents.items()}
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
        return [self._diagnostic(problem, text) for problem in problems]

    def _diagnostic(self, problem: Diagnostic, text: ClientText) -> lsp.Diagnostic:
        hint = f"\nhint: {visible_names(problem.hint)}" if problem.hint else ""
        return lsp.Diagnostic(
            text.range(problem.span or _TOP),
            visible_names(problem.message) + hint,
            severity=lsp.DiagnosticSeverity.Error,
            code=problem.code,
            source="followcue",
            related_information=[
                lsp.DiagnosticRelatedInformation(self.location(span), visible_names(note))
                for note, span in problem.related
            ]
            or None,
        )

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
    def did_open(ls: EditorServer, params: lsp.DidOpenTextDocumentParams) -> None:
        ls.tell()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: EditorServer, params: lsp.DidChangeTextDocumentParams) -> None:
        await ls.tell_soon()

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(ls: EditorServer, params: lsp.DidSaveTextDocumentParams) -> None:
        ls.tell()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: EditorServer, params: lsp.DidCloseTextDocumentParams) -> None:
        ls.tell()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_files(ls: EditorServer, params: lsp.DidChangeWatchedFilesParams) -> None:
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

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    def code_lens(ls: EditorServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        opened = ls.opened(params.text_document.uri)
        if opened is None:
            return []
        text = ls.client_text(opened.path)
        return [
            lsp.CodeLens(
                text.range(result.scenario.where.as_key().span or _TOP), lsp.Command(_verdict(result), "")
            )
            for result in ls.packs.results(opened)
        ]

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
    written = f"{offer.text}: " if offer.is_key else offer.text
    typed = Span("", line, offer.start, column - offer.start)
    return lsp.CompletionItem(
        offer.text,
        kind=lsp.CompletionItemKind.Property if offer.is_key else lsp.CompletionItemKind.Value,
        documentation=offer.says or None,
        text_edit=lsp.TextEdit(text.range(typed), written),
    )


def _symbol(entry: OutlineEntry, text: ClientText) -> lsp.DocumentSymbol:
    kind = _SYMBOLS.get(entry.section, lsp.SymbolKind.Field)
    whole = text.lines(entry.span.line, entry.last_line)
    return lsp.DocumentSymbol(entry.name, kind, whole, text.range(entry.span), entry.title or None)


def _verdict(result: Result) -> str:
    """Whether a test passes, in few words."""
    if result.passed:
        return "passes"
    missed = sum(bool(outcome.misses) for outcome in result.outcomes)
    if missed:
        return f"fails in {missed} of {len(result.outcomes)} checks"
    return f"fails: `{result.unclaimed[0][0]}` led to nothing that it expects"


def _quick_fixes(ls: EditorServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """For each mistake in the range that can be mended for certain, the change that does it."""
    uri = params.text_document.uri
    opened = ls.opened(uri)
    if opened is None or opened.kind not in ("rules", "vocabulary"):
        return []
    state = ls.packs.state_or_none(opened.pack)
    if state is None:
        return []
    text = ls.client_text(opened.path)
    actions = []
    for problem in state.problems:
        if problem.span is None or problem.span.file != opened.path:
            continue
        marked = text.range(problem.span)
        if not _overlap(marked, params.range) or (fix := state.fix(problem)) is None:
            continue
        edit = lsp.TextEdit(text.range(Span(fix.file, fix.line, fix.column, len(fix.wrong))), fix.meant)
        told = [one for one in params.context.diagnostics if one.code == problem.code and one.range == marked]
        actions.append(
            lsp.CodeAction(
                f"Write `{fix.meant}` instead of `{fix.wrong}`",
                lsp.CodeActionKind.QuickFix,
                diagnostics=told or None,
                is_preferred=True,
                edit=lsp.WorkspaceEdit(changes={uri: [edit]}),
            )
        )
    return actions


def _overlap(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def _path(uri: str) -> str | None:
    """The path of a file; None for what is no file."""
    path = to_fs_path(uri)
    return os.path.abspath(path) if path else None
