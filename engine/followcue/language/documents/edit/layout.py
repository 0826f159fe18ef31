"""A text with its nodes: where each value begins and ends, and how its author lays things out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from followcue.language.documents.document import Document, Path
from followcue.language.documents.yaml_text import resolve_plain

_BREAK = re.compile("\r\n|[\r\n]")


class SourceLayout:
    """The text of a document, and the nodes in it. Indices count characters of the text."""

    def __init__(self, document: Document, *, json: bool) -> None:
        assert document.open_places is not None
        places = document.open_places()
        self.text = places.text
        self.root = places.root
        self.json = json

    # --- nodes
    def find(self, path: Path) -> Node | None:
        """The node of the value at `path`."""
        node = self.root
        for step in path:
            node = self._child(node, step)
        return node

    def find_key(self, path: Path) -> Node | None:
        """The node of the key at the end of `path`."""
        for key, _ in self.pairs(self.find(path[:-1])):
            if key.value == path[-1]:
                return key
        return None

    def _child(self, node: Node | None, step: str | int) -> Node | None:
        if isinstance(step, str):
            return next((value for key, value in self.pairs(node) if key.value == step), None)
        if isinstance(node, SequenceNode) and 0 <= step < len(node.value):
            item: Node = node.value[step]
            return item
        return None

    @staticmethod
    def pairs(node: Node | None) -> list[tuple[Node, Node]]:
        """The keys and values of a mapping; none of anything else."""
        return node.value if isinstance(node, MappingNode) else []

    def walk(self, node: Node | None = None, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """Every node with the path that leads to it, outer before inner."""
        if node is None:
            node = self.root
        if node is None:
            return
        yield path, node
        for key, value in self.pairs(node):
            yield from self.walk(value, (*path, key.value))
        if isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                yield from self.walk(item, (*path, index))

    # --- places
    def start(self, node: Node) -> int:
        """Where a node begins."""
        return int(node.start_mark.index)

    def end(self, node: Node) -> int:
        """Where what is written of a node ends: before the spaces, comments and breaks that follow it."""
        if is_block(node) and node.value:
            last = node.value[-1]
            return self.end(last) if isinstance(node, SequenceNode) else self.pair_end(last)
        end: int = node.end_mark.index
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            return len(self.text[:end].rstrip())
        return end

    def pair_end(self, pair: tuple[Node, Node]) -> int:
        """Where a key with its value ends."""
        key, value = pair
        return max(self.end(key), self.colon(key) + 1, self.end(value))

    def colon(self, key: Node) -> int:
        """Where the colon after a key stands."""
        return self.text.index(":", self.end(key))

    def line_number(self, index: int) -> int:
        """The number of the line that a character stands in, from 1."""
        return bisect_right(self._line_starts, index)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    def line_start(self, index: int) -> int:
        """Where the line begins that a character stands in."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def line_end(self, index: int) -> int:
        """Where the line ends that a character stands in, before its break."""
        found = _BREAK.search(self.text, index)
        return found.start() if found else len(self.text)

    def next_line(self, index: int) -> int:
        """Where the line after that of a character begins."""
        found = _BREAK.search(self.text, index)
        return found.end() if found else len(self.text)

    def margin(self, index: int) -> str:
        """What stands between the beginning of the line and a character, as spaces."""
        before = self.text[self.line_start(index) : index]
        return before if not before.strip() else " " * len(before)

    def stands_first(self, index: int) -> bool:
        """Whether nothing but space precedes a character in its line."""
        return not self.text[self.line_start(index) : index].strip()

    # --- style
    @cached_property
    def newline(self) -> str:
        """How most lines end."""
        breaks = _BREAK.findall(self.text)
        return max(("\n", "\r\n", "\r"), key=breaks.count)

    @cached_property
    def quote(self) -> str:
        """The quotes that the author takes, where they are needed."""
        if self.json:
            return '"'
        styles = [node.style for _, node in self.walk() if isinstance(node, ScalarNode)]
        return "'" if styles.count("'") > styles.count('"') else '"'

    @cached_property
    def braces(self) -> str:
        """What stands inside the brackets of a flow mapping: nothing, or a space."""
        found = [
            self.text[self.start(node) + 1]
            for _, node in self.walk()
            if isinstance(node, MappingNode) and node.flow_style and node.value
        ]
        return " " if found and found.count(" ") > len(found) / 2 else ""

    @cached_property
    def step(self) -> int:
        """How much further the keys of an inner mapping stand."""
        return self._most(
            value.start_mark.column - key.start_mark.column
            for _, node in self.walk()
            if is_block(node)
            for key, value in self.pairs(node)
            if isinstance(value, MappingNode) and is_block(value)
        )

    @cached_property
    def dash(self) -> int:
        """How much further than its key the dashes of a list stand."""
        return self._most(
            value.start_mark.column - key.start_mark.column
            for _, node in self.walk()
            if is_block(node)
            for key, value in self.pairs(node)
            if isinstance(value, SequenceNode) and is_block(value)
        )

    @staticmethod
    def _most(widths: Iterator[int]) -> int:
        found = list(widths)
        return max(sorted(set(found)), key=found.count) if found else 2


def is_block(node: Node) -> bool:
    """Whether a node is a collection that is laid out in lines, without brackets."""
    return isinstance(node, CollectionNode) and not node.flow_style


def is_nothing(node: Node) -> bool:
    """Whether there is no value: nothing is written, or `null`, or empty brackets."""
    if isinstance(node, ScalarNode):
        return node.style in (None, "") and resolve_plain(node.value) is None
    return not node.value
