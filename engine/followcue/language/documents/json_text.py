"""JSON text -> document: values by the standard library, places as in YAML and only when asked for."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import is_normalized

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.language.documents.document import Document
from followcue.language.documents.lines import Lines
from followcue.language.documents.plain import (
    MAX_DEPTH,
    MAX_NUMBER,
    WrittenNumber,
    normal,
    normal_data,
    too_deep,
    unfit_values,
)

if TYPE_CHECKING:
    from followcue.language.documents.places import Places


MOST_NESTED = 500
"""So deep may brackets be nested for a text to be read at all; a browser's stack does not bear much more."""


class NotJsonError(Exception):
    """The text is not JSON; `problem` says why, `index` how far it could be read."""

    def __init__(self, problem: Diagnostic, index: int) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.index = index


def read_json(text: str, name: str, max_depth: int = MAX_DEPTH) -> Document:
    """The document in `text`; raises `NotJsonError` for its syntax and `InvalidInput` for other mistakes."""
    lines = Lines(name, _on_lines(text))
    pairs = _Pairs()
    if text.count("[") + text.count("{") > MOST_NESTED and _where_deeper(text, MOST_NESTED) is not None:
        raise InvalidInput([_too_deep(lines, max_depth)])
    try:
        data = json.loads(text, object_pairs_hook=pairs.collect, parse_int=_whole, parse_float=WrittenNumber)
    except json.JSONDecodeError as error:
        raise _not_json(error, lines) from None
    except RecursionError:
        raise InvalidInput([_too_deep(lines, max_depth)]) from None
    if "\\u" in text or not is_normalized("NFC", text):  # an escape may hold any accent
        data = normal_data(data)
    document = Document(name, data, cache(lambda: open_places(text, name, max_depth)))
    unfit = list(unfit_values(data, max_depth))
    if any(u.code == "FC106" for u in unfit):
        raise InvalidInput([_too_deep(lines, max_depth)])
    problems = [document.problem(u.code, u.message, u.path, key=u.key, hint=u.hint) for u in unfit]
    problems += _repeated(document, pairs.repeated)
    if problems:
        raise InvalidInput(problems)
    return document


class _Pairs:
    """Makes mappings of pairs, and notes names that are given twice."""

    def __init__(self) -> None:
        self.repeated: list[str] = []

    def collect(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        data = dict(pairs)
        if not all(map(str.isascii, data)):
            data = {normal(name): value for name, value in pairs}
        if len(data) < len(pairs):
            names = [normal(name) for name, _ in pairs]
            self.repeated += [name for name in data if names.count(name) > 1]
        return data


def _whole(digits: str) -> int:
    """The number; Python refuses to read some of very many digits, and all those are too large alike."""
    return int(digits) if len(digits) <= 100 else MAX_NUMBER * 10


# --- places
_ESCAPE = re.compile(r"\\(\\|u[0-9a-fA-F]{4})")


def open_places(text: str, name: str, max_depth: int = MAX_DEPTH) -> Places:
    """Where the values of a JSON text stand: JSON is YAML, but for details masked here."""
    from followcue.language.documents.places import (
        Places,  # imports yaml, which most JSON documents never need
    )
    from followcue.language.documents.yaml_nodes import compose

    on_lines = _on_lines(text)
    # the escapes of half characters (\ud83d\ude00) are no YAML; any other escape is as long
    masked = _ESCAPE.sub(lambda match: r"\u0020" if match[1][0] == "u" else match[0], on_lines)
    masked = masked.replace("\ufeff", " ")
    try:
        root = compose(masked, name, max_depth, is_json=True)
    except InvalidInput:
        return Places(name, on_lines, None)  # then every place is the first line
    if masked != text:
        _unmask(root, text)
    return Places(name, on_lines, root, is_json=True)


def _on_lines(text: str) -> str:
    """The text without what ends a line in YAML 1.1 and not in JSON."""
    return re.sub("[\x85\u2028\u2029]", " ", text)


def _unmask(root: object, text: str) -> None:
    """Give the names in the tree their real text again, by which they are looked up."""
    from yaml.nodes import MappingNode, SequenceNode

    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, SequenceNode):
            todo += node.value
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                key.value = json.loads(text[key.start_mark.index : key.end_mark.index])
                todo.append(value)


def _repeated(document: Document, names: list[str]) -> list[Diagnostic]:
    """The places of all repeated names, which the node tree still has."""
    if not names or document.open_places is None:
        return []
    from followcue.language.documents.yaml_text import repeated_names

    found = repeated_names(document.open_places())
    return found or [document.problem("FC103", f"`{name}` is given twice", ()) for name in names]


# --- mistakes
def _too_deep(lines: Lines, max_depth: int) -> Diagnostic:
    return lines.problem("FC106", too_deep(max_depth), lines.at(_where_deeper(lines.text, max_depth) or 0))


def _where_deeper(text: str, most: int) -> int | None:
    """Where brackets are nested more than so deep; None if they never are."""
    depth = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > most:
            return found.start()
    return None


_WORDS = {
    "Expecting ',' delimiter": ("a `,` is missing before this", None),
    "Expecting ':' delimiter": ("a `:` is missing here", None),
    "Expecting property name": ("a name in double quotes is missing here", 'as in `{"company": "Acme"}`'),
    "Expecting value": ("a value is missing here", "text must be in double quotes"),
    "Unterminated string": ("this quote is never closed", 'write `"` at the end of the text'),
    "Invalid control character": ("a line break or tab stands inside quotes", "write \\n or \\t instead"),
    "Invalid \\": ("this `\\` does not make a character", "write `\\\\` for a backslash"),
    "Extra data": ("there is more text after the end", "remove it: one file holds one value"),
}
_OPEN_QUOTE = re.compile(r'"(?:[^"\\\n]|\\.)*$')


def _not_json(error: json.JSONDecodeError, lines: Lines) -> NotJsonError:
    """The mistake in the author's words; the standard library's differ between versions of Python."""
    text, at = lines.text, error.pos
    before = text[:at].rstrip()
    comma = at if "trailing comma" in error.msg else len(before) - 1
    message, hint = next((w for said, w in _WORDS.items() if error.msg.startswith(said)), (error.msg, None))
    if not text.strip():
        message, hint = "this file is empty", None
    elif re.match(r",\s*[\]}]", text[comma:]):
        at, message, hint = comma, "this `,` has nothing after it", "remove it"
    elif text[at : at + 1] == "\n" and (opened := _OPEN_QUOTE.search(text[:at])):
        at, (message, hint) = opened.start(), _WORDS["Unterminated string"]
    elif not text[at:].strip():
        at, message, hint = len(before) - 1, "the text ends too early", "a bracket may be open still"
    return NotJsonError(lines.problem("FC102", message, lines.at(at), hint), error.pos)
