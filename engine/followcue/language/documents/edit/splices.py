"""Changes of a sheet as splices: the few places of the text at which it becomes another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from followcue.language.documents.document import Path
from followcue.language.documents.edit.layout import SourceLayout, is_block, is_nothing
from followcue.language.documents.edit.writer import Writer

_UP_TO_COMMA = re.compile(r"(?:\s|#[^\r\n]*)*,")
"""What may stand between an item in brackets and the comma after it."""


class Splice(NamedTuple):
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


class CannotPlaceError(Exception):
    """The text is laid out so that there is no place for the change."""


def spliced(text: str, splices: list[Splice]) -> str:
    """The text after some changes, which do not overlap."""
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


class Changes:
    """The changes that can be made to one sheet."""

    def __init__(self, sheet: SourceLayout) -> None:
        self._sheet = sheet
        self._write = Writer(sheet)

    # --- append and insert
    def insert(self, path: Path, index: int, value: object) -> list[Splice]:
        """Insert an item into a list, which may not be there yet."""
        node = self._sheet.find(path)
        if node is None or is_nothing(node):
            return self.set(path, [value])
        if not isinstance(node, SequenceNode):
            raise CannotPlaceError
        if is_block(node):
            return [self._into_lines(node, path, index, value)]
        return [self._into_brackets(node, index, self._write.flow(value))]

    def _into_lines(self, node: SequenceNode, path: Path, index: int, value: object) -> Splice:
        sheet = self._sheet
        margin = " " * node.start_mark.column
        lines = self._write.item(value, margin, flow=self._prefers_brackets(path, node))
        if index == 0:
            at = sheet.start(node)
            return Splice(at, at, self._write.lines(lines).lstrip() + sheet.newline + margin)
        at = sheet.line_end(sheet.end(node.value[index - 1]))
        return Splice(at, at, self._write.lines(lines))

    def _into_brackets(self, node: Node, index: int, said: str) -> Splice:
        """Beside the others in brackets: in a line of its own where each of them has one."""
        sheet = self._sheet
        starts = [self._item_start(item) for item in node.value]
        alone = sheet.stands_first(starts[-1]) and sheet.line_start(starts[-1]) > sheet.start(node)
        if index == 0:
            gap = sheet.newline + sheet.margin(starts[0]) if alone else " "
            return Splice(starts[0], starts[0], f"{said},{gap}")
        at = self._item_end(node.value[index - 1])
        comma = _UP_TO_COMMA.match(sheet.text, at)
        if not alone:
            return Splice(at, at, f", {said}")
        margin = sheet.newline + sheet.margin(starts[-1])
        if comma is None:
            end = sheet.line_end(at)
            return Splice(at, end, "," + sheet.text[at:end] + margin + said)
        end = sheet.line_end(comma.end())
        return Splice(end, end, f"{margin}{said},")

    def _item_start(self, item: Node | tuple[Node, Node]) -> int:
        return self._sheet.start(item[0] if isinstance(item, tuple) else item)

    def _item_end(self, item: Node | tuple[Node, Node]) -> int:
        return self._sheet.pair_end(item) if isinstance(item, tuple) else self._sheet.end(item)

    # --- set
    def set(self, path: Path, value: object) -> list[Splice]:
        """Replace a value, or add a key that was not there."""
        node = self._sheet.find(path)
        if node is None:
            return self._new_key(path, value)
        if self._sheet.json or self._is_in_brackets(path):
            return [Splice(self._sheet.start(node), self._sheet.end(node), self._flow_like(node, value))]
        if path and isinstance(path[-1], str):
            return self._after_colon(path, node, value)
        if isinstance(node, ScalarNode) and node.value and not isinstance(value, (dict, list)):
            return [Splice(self._sheet.start(node), self._sheet.end(node), self._scalar_like(node, value))]
        return self._instead(path, node, value)

    def update(self, path: Path, values: Mapping[str, object]) -> list[Splice]:
        """Add keys that were not there to a mapping that has some."""
        holder = self._sheet.find(path)
        if not isinstance(holder, MappingNode):
            raise CannotPlaceError
        if not is_block(holder):
            pairs = (f"{self._write.key(k, flow=True)}: {self._write.flow(v)}" for k, v in values.items())
            return [self._into_brackets(holder, len(holder.value), ", ".join(pairs))]
        added = [self._below(holder, (*path, key), value) for key, value in values.items()]
        return [Splice(added[0].start, added[0].end, "".join(splice.text for splice in added))]

    def _new_key(self, path: Path, value: object) -> list[Splice]:
        holder = self._sheet.find(path[:-1]) if path else None
        if not path or not isinstance(path[-1], str):
            raise CannotPlaceError
        if holder is None or is_nothing(holder):
            if not path[:-1]:
                raise CannotPlaceError
            return self.set(path[:-1], {path[-1]: value})
        if not isinstance(holder, MappingNode):
            raise CannotPlaceError
        if not is_block(holder):
            said = f"{self._write.key(path[-1], flow=True)}: {self._write.flow(value)}"
            return [self._into_brackets(holder, len(holder.value), said)]
        return [self._below(holder, path, value)]

    def _below(self, holder: MappingNode, path: Path, value: object) -> Splice:
        """A pair below the others, after an empty line if one stands before the last of them."""
        sheet = self._sheet
        margin = " " * holder.start_mark.column
        flow = self._prefers_brackets(path[:-1], holder)
        lines = self._write.pair(str(path[-1]), value, margin, flow=flow, depth=len(path))
        if len(holder.value) > 1 and self._has_gap_before(holder.value[-1][0]) and len(lines) > 1:
            lines = ["", *lines]
        at = sheet.line_end(sheet.pair_end(holder.value[-1]))
        return Splice(at, at, self._write.lines(lines))

    def _has_gap_before(self, key: Node) -> bool:
        """Whether an empty line stands before a key, or before the comments above it."""
        start = self._sheet.line_start(self._sheet.start(key))
        while start > 0:
            start = self._sheet.line_start(
                start - 1 if self._sheet.text[start - 2 : start] != "\r\n" else start - 2
            )
            line = self._sheet.text[start : self._sheet.line_end(start)].strip()
            if not line.startswith("#"):
                return not line
        return False

    def _after_colon(self, path: Path, node: Node, value: object) -> list[Splice]:
        """The value of a key in lines; the comment beside it stays where it is."""
        sheet = self._sheet
        key = sheet.find_key(path)
        assert key is not None
        in_line = not isinstance(value, (dict, list))
        if in_line and isinstance(node, ScalarNode) and node.style not in ("|", ">"):
            gap = "" if node.value or node.style else " "
            at = sheet.start(node) if not gap else sheet.colon(key) + 1
            return [Splice(at, max(at, sheet.end(node)), gap + self._scalar_like(node, value))]
        margin = (
            sheet.margin(sheet.start(key))
            if sheet.stands_first(sheet.start(key))
            else " " * key.start_mark.column
        )
        flow = self._prefers_brackets(path[:-1], None)
        said = self._write.pair(str(path[-1]), value, "", flow=flow, depth=len(path))
        first, more = said[0].removeprefix(self._write.key(str(path[-1]), flow=False) + ":"), said[1:]
        colon = sheet.colon(key) + 1
        below = self._write.lines(margin + line for line in more)
        if is_nothing(node):  # what stands beside it is a comment at most
            end = max(colon, sheet.end(node))
            rest = sheet.text[end : sheet.line_end(end)].rstrip()
            return [Splice(colon, sheet.line_end(end), first + rest + below)]
        return [Splice(colon, sheet.end(node), first + below)]

    def _instead(self, path: Path, node: Node, value: object) -> list[Splice]:
        """An item of a list in lines, or the whole text, as another value."""
        sheet = self._sheet
        if not path or sheet.start(node) == sheet.end(node):
            raise CannotPlaceError
        holder = sheet.find(path[:-1])
        if self._prefers_brackets(path[:-1], holder) or not isinstance(value, dict):
            said = [
                self._write.flow(value) if isinstance(value, (dict, list)) else self._scalar_like(node, value)
            ]
        else:
            said = self._write.block(value, " " * node.start_mark.column)
        text = said[0] + self._write.lines(said[1:])
        return [Splice(sheet.start(node), sheet.end(node), text)]

    def _scalar_like(self, node: Node, value: object) -> str:
        """A scalar in the quotes of the one before."""
        old = node.style if isinstance(node, ScalarNode) and node.style in ("'", '"') else None
        return self._write.scalar(value, flow=False, quote=old)

    def _flow_like(self, node: Node, value: object) -> str:
        """A value within brackets, a scalar in the quotes of the one before."""
        if isinstance(value, (dict, list)):
            return self._write.flow(value)
        old = node.style if isinstance(node, ScalarNode) and node.style in ("'", '"') else None
        said = self._write.scalar(value, flow=True, quote=old)
        return " " + said if self._sheet.text[self._sheet.start(node) - 1] == ":" else said

    # --- rename
    def rename(self, path: Path, new: str) -> list[Splice]:
        """Rename a key."""
        key = self._sheet.find_key(path)
        if not isinstance(key, ScalarNode) or key.style in ("|", ">"):
            raise CannotPlaceError
        old = key.style if key.style in ("'", '"') else None
        flow = self._is_in_brackets(path)
        return [
            Splice(
                self._sheet.start(key), self._sheet.end(key), self._write.scalar(new, flow=flow, quote=old)
            )
        ]

    # --- remove
    def remove(self, path: Path) -> list[Splice]:
        """Remove a key with its value, or an item of a list."""
        holder = self._sheet.find(path[:-1]) if path else None
        if holder is None or isinstance(holder, ScalarNode):
            raise CannotPlaceError
        items = holder.value
        index = path[-1] if isinstance(path[-1], int) else self._index_of(holder, str(path[-1]))
        if not 0 <= index < len(items):
            raise CannotPlaceError
        if len(items) == 1:
            return self._emptied(path[:-1], holder)
        if is_block(holder):
            return [self._without_lines(holder, index)]
        return self._without_item(holder, index)

    def _index_of(self, holder: Node, name: str) -> int:
        return next((i for i, (key, _) in enumerate(self._sheet.pairs(holder)) if key.value == name), -1)

    def _emptied(self, path: Path, holder: Node) -> list[Splice]:
        empty = "[]" if isinstance(holder, SequenceNode) else "{}"
        start, end = self._sheet.start(holder), self._sheet.end(holder)
        key = self._sheet.find_key(path) if path and isinstance(path[-1], str) else None
        if is_block(holder) and key is not None:
            start, empty = self._sheet.colon(key) + 1, " " + empty
        return [Splice(start, end, empty)]

    def _without_lines(self, holder: Node, index: int) -> Splice:
        sheet = self._sheet
        item = holder.value[index]
        start, end = self._item_start(item), self._item_end(item)
        if isinstance(holder, SequenceNode):
            start = self._dash(holder, start)
        if sheet.stands_first(start):
            if sheet.next_line(end) > sheet.line_end(end):
                return Splice(sheet.line_start(start), sheet.next_line(end), "")
            before = sheet.line_start(start)  # the last line of a text without a break at its end
            return Splice(len(sheet.text[:before].rstrip("\r\n")), sheet.line_end(end), "")
        if index + 1 == len(holder.value) or index:
            raise CannotPlaceError
        return Splice(start, self._item_start(holder.value[1]), "")

    def _dash(self, holder: Node, start: int) -> int:
        """Where the dash before an item of a list stands: in the column of all of them."""
        sheet, column = self._sheet, holder.start_mark.column
        line = sheet.line_start(start)
        while line >= sheet.line_start(sheet.start(holder)):
            if sheet.text[line + column : line + column + 1] == "-" and line + column < start:
                return int(line + column)
            line = sheet.line_start(line - 1) if line else -1
        raise CannotPlaceError

    def _without_item(self, holder: Node, index: int) -> list[Splice]:
        sheet, items = self._sheet, holder.value
        start, end = self._item_start(items[index]), self._item_end(items[index])
        if index == 0:
            return [Splice(start, self._item_start(items[1]), "")]
        before = self._item_end(items[index - 1])
        if "#" not in sheet.text[before:start]:
            return [Splice(before, end, "")]
        comma = _UP_TO_COMMA.match(sheet.text, before)
        assert comma is not None
        after = _UP_TO_COMMA.match(sheet.text, end)
        if after:  # the comma before it then belongs to the one after it
            return [Splice(start, after.end(), "")]
        return [Splice(comma.end() - 1, comma.end(), ""), Splice(start, end, "")]

    # --- move
    def move(self, path: Path, index: int) -> list[Splice]:
        """Move an item of a list so that it is at `index`, with its lines and the comments above them."""
        sheet, holder = self._sheet, self._sheet.find(path[:-1]) if path else None
        at = path[-1] if path else None
        if not isinstance(holder, SequenceNode) or not is_block(holder) or not isinstance(at, int):
            raise CannotPlaceError
        gone = self._without_lines(holder, at)
        start = sheet.line_start(self._dash(holder, self._item_start(holder.value[at])))
        above = self._comments_above(start) if at else start
        lines = sheet.text[above : sheet.line_end(self._item_end(holder.value[at]))]
        gone = gone._replace(start=gone.start - (start - above))
        if index == 0:
            to = sheet.line_start(self._dash(holder, self._item_start(holder.value[0])))
            return [gone, Splice(to, to, lines + sheet.newline)]
        before = holder.value[index if index > at else index - 1]
        to = sheet.line_end(self._item_end(before))
        return [gone, Splice(to, to, sheet.newline + lines)]

    def _comments_above(self, start: int) -> int:
        """Where the comments begin that stand right above a line."""
        while start > 0:
            line = self._sheet.line_start(start - (2 if self._sheet.text[start - 2 : start] == "\r\n" else 1))
            if not self._sheet.text[line:start].lstrip().startswith("#"):
                break
            start = line
        return start

    # --- style
    def _is_in_brackets(self, path: Path) -> bool:
        """Whether something around the value at `path` is in brackets."""
        above = (self._sheet.find(path[:depth]) for depth in range(len(path)))
        return any(
            node is not None and not is_block(node) and not isinstance(node, ScalarNode) for node in above
        )

    def _prefers_brackets(self, path: Path, holder: Node | None) -> bool:
        """Whether mappings in the collection at `path` stand in brackets, as its author writes them.

        Its own last entry shows it, else the last one of a collection of that name; without any, entries of
        lists and of inner mappings do.
        """
        shown = self._entries(holder) if holder is not None else []
        if not shown and path:
            same = [node for found, node in self._sheet.walk() if found and _name_of(found) == _name_of(path)]
            shown = [entry for node in same for entry in self._entries(node)]
        if shown:
            return not is_block(shown[-1])
        return len(path) > 1 or isinstance(holder, SequenceNode)

    def _entries(self, node: Node) -> list[Node]:
        """The mappings in a collection."""
        values = (
            node.value if isinstance(node, SequenceNode) else [value for _, value in self._sheet.pairs(node)]
        )
        return [value for value in values if isinstance(value, MappingNode) and value.value]


def _name_of(path: Path) -> str | None:
    return next((step for step in reversed(path) if isinstance(step, str)), None)
