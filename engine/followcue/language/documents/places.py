"""Places: where each value of a text stands, found by walking the composed YAML nodes when somebody asks."""

from __future__ import annotations

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from followcue.base.diagnostic import Span
from followcue.language.documents.lines import Lines
from followcue.language.documents.plain import Path, normal
from followcue.language.documents.written import Written


class Places(Lines):
    """A text with its composed nodes: the way from a path of keys to a place."""

    def __init__(self, name: str, text: str, root: Node | None, *, is_json: bool = False) -> None:
        super().__init__(name, text)
        self.root = root
        self._is_json = is_json
        self._pairs: dict[int, dict[str, tuple[Node, Node]]] = {}

    def __getstate__(self) -> dict[str, object]:
        """All but the pairs: they are by the identity of nodes, and a copy has others."""
        return {**vars(self), "_pairs": {}}

    def within(self, path: Path) -> Places:
        """The same text, its paths counted from the value at `path`."""
        return Places(self.name, self.text, self._find(path, key=False), is_json=self._is_json)

    def span(self, path: Path, *, key: bool = False) -> Span:
        """The place of the value at `path` (or of its key), or of its nearest existing ancestor."""
        node = self._find(path, key)
        return self.node_span(node) if node else Span(self.name, 1, 1)

    def written(self, path: Path) -> Written | None:
        """How the single value at `path` stands in the text; None where there is no such value."""
        node = self._find(path, key=False)
        if not isinstance(node, ScalarNode):
            return None
        return Written(node.value, node.tag is not None, self._is_json)

    def span_within(self, path: Path, offset: int, length: int, *, key: bool = False) -> Span:
        """The place of a part of the one-line text at `path`; of all of it where its parts cannot be told."""
        node = self._find(path, key)
        if not isinstance(node, ScalarNode):
            return self.span(path, key=key)
        whole = self.node_span(node)
        written = self.text[node.start_mark.index : node.end_mark.index]
        start = written.find(node.value)  # after an opening quote; not found if it has escapes or line breaks
        if start < 0 or "\n" in written:
            return whole
        return Span(self.name, whole.line, whole.column + start + offset, max(1, length))

    def node_span(self, node: Node) -> Span:
        """The place of a node, as far as its first line goes."""
        start, end = node.start_mark, node.end_mark
        if start.line >= self.count:  # libyaml counts a line after a `---` that ends the text
            return Span(self.name, self.count, len(self.line(self.count)) + 1)
        stop = end.column if end.line == start.line else len(self.line(start.line + 1).rstrip())
        return Span(self.name, start.line + 1, start.column + 1, max(1, stop - start.column))

    def _find(self, path: Path, key: bool) -> Node | None:
        node, key_node = self.root, None
        for step in path:
            if isinstance(node, MappingNode) and isinstance(step, str) and step in self._pairs_of(node):
                key_node, node = self._pairs_of(node)[step]
            elif isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
                key_node, node = None, node.value[step]
            else:
                break
        return key_node if key and key_node else node

    def _pairs_of(self, node: MappingNode) -> dict[str, tuple[Node, Node]]:
        pairs = self._pairs.get(id(node))
        if pairs is None:
            pairs = {
                normal(key.value): (key, value) for key, value in node.value if isinstance(key, ScalarNode)
            }
            self._pairs[id(node)] = pairs
        return pairs
