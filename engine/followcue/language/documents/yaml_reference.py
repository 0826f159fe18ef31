"""The reference reader of YAML: PyYAML's own in Python, mended where YAML 1.2 says otherwise.

PyYAML's scanner, parser and composer in Python are the same in every release from 6.0.1 on, and need nothing
compiled. They follow YAML 1.1, so some of their steps are replaced here, each under the name it has there:

- Tabs may stand between words, in texts, before comments and on lines of nothing else, but never indent.
  PyYAML refuses nearly all of them. `-<tab>word` is fine; `-<tab>key: value` is not, because where a key
  stands decides what belongs to it.
- `?` is a letter like others in `[why?, ?x]`, and `-` alone is no text in `[-]`.
- A comment begins after a space: of `company: "Acme"#1` nothing may be dropped in silence.
- A name after `&` or `*` ends at a space or a comma. `&an:chor value` and `*name: value` are refused: to
  YAML 1.2 the colon belongs to the name, to YAML 1.1 it does not.
- A tag is what is written: `! 12` and `!!int 12` keep theirs, to be refused.
- `%YAML 1.x` is the only directive.

Marks are where libyaml has them, which reads ordinary texts in its stead (`yaml_nodes.py`).
"""
# ruff: noqa: D102  (what the methods of PyYAML are for is said there)

from __future__ import annotations

import re
from typing import Any, NoReturn

from yaml import BaseLoader
from yaml.events import SequenceStartEvent
from yaml.scanner import ScannerError
from yaml.tokens import DirectiveToken, ScalarToken, TagToken

from followcue.language.documents.yaml_nodes import Composing

_END = " \t\r\n\0"
"""What ends a word; PyYAML ends its buffer with a NUL, which no text has in it."""
_FLOW = ",[]{}"

_BREAK = re.compile(r"\r\n|\r|\n")
_BREAKS = r"(?:\r\n|\r|\n)"
_COMMENT = r"(?:(?<![^ \t\r\n])\#[^\r\n\0]*+)?+"
_BETWEEN_TOKENS = re.compile(rf"(?:[ \t]*+{_COMMENT}{_BREAKS})*+[ \t]*+{_COMMENT}")

_WORD = r"(?:[^ \t\r\n\0:]|:(?![ \t\r\n\0]))++"
_WORD_IN_FLOW = r"(?:[^ \t\r\n\0:,\[\]{}]|:(?![ \t\r\n\0,\[\]{}]))++"
_LINE = re.compile(rf"{_WORD}(?:[ \t]++(?!\#){_WORD})*+")
_LINE_IN_FLOW = re.compile(rf"{_WORD_IN_FLOW}(?:[ \t]++(?!\#){_WORD_IN_FLOW})*+")
_TO_NEXT_LINE = re.compile(rf"[ \t]*+{_BREAKS}(?P<empty>(?:[ \t]*+{_BREAKS})*+)(?P<indent>[ ]*+)[ \t]*+")
_END_OF_DOCUMENT = re.compile(r"(?:---|\.\.\.)[ \t\r\n\0]")

_DOUBLE_QUOTED_WORD = re.compile(r'[^"\\ \t\r\n\0]*+')
_CODE_POINT = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_BLOCK_HEADER = re.compile(rf"(?:([+-])([1-9])?|([1-9])([+-])?)?+[ \t]*+{_COMMENT}")
_NAME = re.compile(r"[&*]([0-9A-Za-z_-]*+)")
_TAG = re.compile(r"!(?:<[^> \t\r\n\0]*+>|[^ \t\r\n\0,\[\]{}]*+)")
_VERSION = re.compile(rf"%YAML[ \t]++1\.[0-9]++(?=[ \t]*+{_COMMENT}[\r\n\0])")

_PyYAML: Any = BaseLoader  # many of its methods have no types


class ReferenceReader(Composing, _PyYAML):  # type: ignore[misc]
    """Composes the nodes of a text; raises `YAMLError` with marks, or `TooDeepError`."""

    buffer: str
    pointer: int
    index: int
    line: int
    column: int

    def __init__(self, text: str, max_depth: int) -> None:
        super().__init__(text, max_depth)
        self._tab: Any = None  # the mark of the last tab that stood where indentation is counted

    # --- where it is in the text
    def forward(self, length: int = 1) -> None:
        passed = self.buffer[self.pointer : self.pointer + length]
        self.pointer += length
        self.index += length
        if "\n" in passed or "\r" in passed:
            self.line += len(_BREAK.findall(passed))
            self.column = len(passed) - 1 - max(passed.rfind("\n"), passed.rfind("\r"))
        else:
            self.column += length

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go past what the pattern matches here."""
        found = pattern.match(self.buffer, self.pointer)
        if found:
            self.forward(len(found[0]))
        return found

    # --- spaces, comments and tabs
    def scan_to_next_token(self) -> None:
        start, line = self.pointer, self.line
        self._take(_BETWEEN_TOKENS)
        if self.line > line and not self.flow_level:
            self.allow_simple_key = True
        if self.peek() == "#":
            self._refuse_comment()
        gap = self.buffer[max(start, self.pointer - self.column) : self.pointer]
        if "\t" in gap and not self.flow_level and self.peek() != "\0":
            self._note_tab(len(gap) - gap.index("\t"))

    def _refuse_comment(self) -> NoReturn:
        raise ScannerError(None, None, "found a comment without a space before it", self.get_mark())

    def _note_tab(self, distance: int) -> None:
        """A tab stands so many characters before this token: may what begins here be placed by it?"""
        before = self.buffer[self.pointer - self.column : self.pointer - distance]
        begins_line = not before.strip(" ")
        if not begins_line and not self.allow_simple_key:
            return  # between two words
        self._tab = self.get_mark()
        self._tab.index -= distance
        self._tab.column -= distance
        if begins_line and len(before) <= self.indent:
            self._refuse_tab()
        self.allow_simple_key = False  # text may stand here, but no key or item

    def _refuse_tab(self) -> NoReturn:
        raise ScannerError(None, None, "found a tab that indents", self._tab)

    def _refuse_place_by_tab(self) -> None:
        if self._tab and self._tab.line == self.line and not self.flow_level and not self.allow_simple_key:
            self._refuse_tab()

    def fetch_block_entry(self) -> None:
        self._refuse_place_by_tab()
        super().fetch_block_entry()

    def fetch_key(self) -> None:
        self._refuse_place_by_tab()
        super().fetch_key()

    def fetch_value(self) -> None:
        if self.flow_level not in self.possible_simple_keys:
            self._refuse_place_by_tab()
        super().fetch_value()

    # --- plain text
    def check_key(self) -> bool:
        return self.peek(1) in _END

    def check_plain(self) -> bool:
        first = self.peek()
        if first in "-?:":
            return self.peek(1) not in _END and not (self.flow_level and self.peek(1) in _FLOW)
        return first not in _END + _FLOW + "#&*!|>'\"%@`"

    def scan_plain(self) -> Any:
        pattern = _LINE_IN_FLOW if self.flow_level else _LINE
        start = self.get_mark()
        words = []
        found = self._take(pattern)
        while found:
            words.append(found[0])
            end = self.get_mark()
            gap = _TO_NEXT_LINE.match(self.buffer, self.pointer)
            if not gap or _END_OF_DOCUMENT.match(self.buffer, gap.end("empty")):
                break
            if len(gap["indent"]) <= self.indent and not self.flow_level:
                break
            found = pattern.match(self.buffer, gap.end())
            if not found or found[0].startswith("#"):
                break
            words.append("\n" * len(_BREAK.findall(gap["empty"])) or " ")
            self.forward(found.end() - self.pointer)
        return ScalarToken("".join(words), True, start, end)

    # --- text in quotes
    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: Any) -> Any:
        if not double:
            return super().scan_flow_scalar_non_spaces(double, start_mark)
        chunks: list[str] = []
        while found := self._take(_DOUBLE_QUOTED_WORD):
            chunks.append(found[0])
            if self.peek() != "\\":
                break
            chunks += self._scan_escape(start_mark)
        return chunks

    def _scan_escape(self, start_mark: Any) -> Any:
        escaped = self.peek(1)
        if escaped in "\r\n":
            self.forward()
            self.scan_line_break()
            return self.scan_flow_scalar_breaks(True, start_mark)
        if escaped in self.ESCAPE_REPLACEMENTS:
            self.forward(2)
            return self.ESCAPE_REPLACEMENTS[escaped]
        code = _CODE_POINT.match(self.buffer, self.pointer)
        point = int(code[0][2:], 16) if code else -1
        if not 0 <= point <= 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            mark = self.get_mark()
            raise ScannerError("while scanning a quoted scalar", start_mark, "found an unknown escape", mark)
        self._take(_CODE_POINT)
        return chr(point)

    # --- text in blocks
    def scan_block_scalar(self, style: str) -> Any:
        token = super().scan_block_scalar(style)
        if self.peek() == "\t":  # would be a line of the text, were it indented
            self._tab = self.get_mark()
            self._refuse_tab()
        return token

    def scan_block_scalar_indicators(self, start_mark: Any) -> tuple[bool | None, int | None]:
        found = self._take(_BLOCK_HEADER)
        assert found
        if self.peek() == "#":
            self._refuse_comment()
        if self.peek() not in "\r\n\0":
            mark = self.get_mark()
            raise ScannerError("while scanning a block scalar", start_mark, "found text in its header", mark)
        chomping, increment = found[1] or found[4], found[2] or found[3]
        return chomping == "+" if chomping else None, int(increment) if increment else None

    # --- what stands before a value
    def scan_anchor(self, token: Any) -> Any:
        start = self.get_mark()
        found = self._take(_NAME)
        assert found
        if not found[1] or not self._ends_here():
            raise ScannerError("while scanning an anchor", start, "found something else", self.get_mark())
        return token(found[1], start, self.get_mark())

    def scan_tag(self) -> Any:
        start = self.get_mark()
        found = self._take(_TAG)
        assert found
        if not self._ends_here():
            raise ScannerError("while scanning a tag", start, "found something else", self.get_mark())
        tag = found[0]
        if tag.startswith("!<"):
            tag = tag[2:-1]
        elif tag.startswith("!!"):
            tag = "tag:yaml.org,2002:" + tag[2:]
        return TagToken((None, tag), start, self.get_mark())

    def _ends_here(self) -> bool:
        return self.peek() in _END or bool(self.flow_level and self.peek() in _FLOW)

    def scan_directive(self) -> Any:
        start = self.get_mark()
        if not self._take(_VERSION):
            raise ScannerError("while scanning a directive", start, "found an unknown one", start)
        return DirectiveToken("YAML", (1, 2), start, self.get_mark())

    # --- marks and nodes as libyaml has them
    def fetch_stream_end(self) -> None:
        if self.column:  # a line begins after the last one, even if nothing ended that
            self.line, self.column = self.line + 1, 0
        super().fetch_stream_end()

    def process_empty_scalar(self, mark: Any) -> Any:
        if self.state in (self.parse_flow_mapping_key, self.parse_flow_sequence_entry_mapping_end):
            mark = self.peek_token().start_mark  # what is missing in brackets stands before what follows
        return super().process_empty_scalar(mark)

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        bare_tag = getattr(event, "tag", None) == "!"
        if isinstance(event, SequenceStartEvent):
            event.flow_style = bool(event.flow_style)
        node = super().compose_node(parent, index)
        if bare_tag:  # which PyYAML takes for none
            node.tag = "!"
        return node
