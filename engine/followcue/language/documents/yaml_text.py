"""YAML text -> document, by the core schema of YAML 1.2: `no` and `on` are words, dates are text.

libyaml composes the nodes without deciding what a plain word means (it would decide by YAML 1.1); this module
decides, and refuses what no author needs: other tags, nesting and aliases without bound, repeated names.
"""

from __future__ import annotations

import re

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.language.documents.borrowed import hint_for
from followcue.language.documents.document import Document
from followcue.language.documents.places import Places
from followcue.language.documents.plain import MAX_DEPTH, MAX_NUMBER, WrittenNumber, normal, unfit_values
from followcue.language.documents.yaml_nodes import TEXT_TAG, compose

MAX_COPIES = 100_000
"""How many values may be repeated by aliases in one document."""


def read_yaml(text: str, name: str, max_depth: int = MAX_DEPTH) -> Document:
    """The one document in `text`; raises `InvalidInput` with all its mistakes."""
    places = Places(name, text, compose(text, name, max_depth))
    conversion = _Conversion(places)
    document = Document(name, conversion.run(), lambda: places)
    problems = conversion.problems
    problems += [
        document.problem(u.code, u.message, u.path, key=u.key, hint=u.hint)
        for u in unfit_values(document.data, max_depth)
    ]
    if problems:
        raise InvalidInput(problems)
    return document


def repeated_names(places: Places) -> list[Diagnostic]:
    """Every name that is given more than once in one mapping."""
    conversion = _Conversion(places)
    conversion.run()
    return [problem for problem in conversion.problems if problem.code == "FC103"]


_THOUSANDS = re.compile(r"[0-9],[0-9]{3}\Z")


class _Conversion:
    """One pass over the nodes that makes plain data and notes every mistake on the way."""

    def __init__(self, places: Places) -> None:
        self.problems: list[Diagnostic] = []
        self._places = places
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._copies = 0
        self._first_copied: Node | None = None

    def run(self) -> object:
        """The data of the whole text."""
        return self._value(self._places.root) if self._places.root else None

    def _value(self, node: Node) -> object:
        self._count_copies(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if node.tag is not None:
            self._refuse_tag(node)
        if id(node) in self._open:
            hint = "write out what is meant, instead of `*name`"
            self._problem("FC104", "this refers to something that it is itself a part of", node, hint)
            return None
        self._open.add(id(node))
        value = self._mapping(node) if isinstance(node, MappingNode) else self._sequence(node)
        self._open.remove(id(node))
        return value

    def _sequence(self, node: Node) -> list[object]:
        assert isinstance(node, SequenceNode)
        return [self._value(item) for item in node.value]

    def _mapping(self, node: MappingNode) -> dict[str, object]:
        data: dict[str, object] = {}
        first: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            value = self._value(value_node)
            if key is None:
                continue
            if key in data:
                self._repeated(key, first[key], key_node)
            else:
                data[key], first[key] = value, key_node
        return data

    def _key(self, node: Node) -> str | None:
        """The text of a key; None (and a problem) if it is anything else."""
        if isinstance(node, ScalarNode):
            key = self._scalar(node)
            if isinstance(key, str):
                return key
            hint = f'put it in quotes: "{node.value}"' if node.value else None
            if _THOUSANDS.search(self._places.text[: node.end_mark.index][-8:]):
                hint = "a number has no commas: write `1000` for `1,000`"
            self._problem("FC201", "a name must be text", node, hint)
        elif self._places.text.startswith("{{", max(0, node.start_mark.index - 1)):
            hint = "write the value itself; text with `{{` in it must be in quotes"
            self._problem("FC201", "`{{ }}` has no meaning here, this file is no template", node, hint)
        else:
            self._problem(
                "FC201", "a name must be text, not a list or mapping", node, "write a word before the `:`"
            )
        return None

    def _scalar(self, node: ScalarNode) -> object:
        value = resolve_plain(node.value) if node.tag is None else node.value
        if node.tag not in (None, TEXT_TAG):
            self._refuse_tag(node)
        return normal(value) if isinstance(value, str) else value

    def _count_copies(self, node: Node) -> None:
        if id(node) not in self._seen:
            self._seen.add(id(node))
            return
        self._copies += 1
        self._first_copied = self._first_copied or node
        if self._copies > MAX_COPIES:
            message = f"aliases (`*name`) repeat this and others: more than {MAX_COPIES:,} values"
            self._problem("FC104", message, self._first_copied, "write the values out, or fewer of them")
            raise InvalidInput(self.problems)

    def _repeated(self, key: str, first: Node, again: Node) -> None:
        places = self._places
        message = f"`{key}` is given twice"
        related = (("it is first given here", places.node_span(first)),)
        hint = "leave one of them out, or give it another name"
        self.problems.append(places.problem("FC103", message, places.node_span(again), hint, related=related))

    def _refuse_tag(self, node: Node) -> None:
        tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
        self._problem(
            "FC107",
            f"the tag `{tag}` is not allowed",
            node,
            hint_for("a tag", tag) or "leave it out; text that begins with `!` must be in quotes",
        )

    def _problem(self, code: str, message: str, node: Node, hint: str | None = None) -> None:
        self.problems.append(self._places.problem(code, message, self._places.node_span(node), hint))


_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_START = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def resolve_plain(text: str) -> str | int | float | bool | None:
    """What a plain (unquoted) word means by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START:
        return text
    if _DECIMAL.fullmatch(text):
        return _whole(text, 10)
    if _FLOAT.fullmatch(text):
        return WrittenNumber(text)
    if _OCTAL.fullmatch(text):
        return _whole(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _whole(text[2:], 16)
    return float(text.replace(".", "")) if _NOT_FINITE.fullmatch(text) else text


def _whole(digits: str, base: int) -> int:
    """The number; Python refuses to read some of very many digits, and all those are too large alike."""
    return int(digits, base) if len(digits) <= 100 else MAX_NUMBER * 10
