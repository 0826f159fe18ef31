"""Pictures: boxes in columns with curves between them, as numbers that a page draws."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from followcue.authoring.catalogue.neighbours import ACTION, Layers, Neighbours
from followcue.evaluation.report.wording import plain
from followcue.language.model.pack import Pack

WIDTH, HEIGHT, GAP, BETWEEN, MARGIN = 200, 26, 8, 56, 4
"""The size of a box, and the room below and beside it."""

SIGNS = 27
"""So many letters fit into a box."""

MOST = 12
"""So many boxes stand in one column of a rule's picture."""


class Box(NamedTuple):
    """A box with a text; `look` is the sort of thing that it stands for, `says` the whole of its text."""

    x: int
    y: int
    text: str
    look: str
    says: str = ""


class Picture(NamedTuple):
    """Boxes and the curves between them, which are SVG paths."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    curves: tuple[str, ...]


def of_rule(rule: str, near: Neighbours, pack: Pack) -> Picture:
    """A rule between what it reads, what it makes, and who reads that."""
    kinds = pack.vocabulary.kinds
    info = pack.rules[rule]
    makes = near.makes[rule]
    reads: list[tuple[str, str]] = [(plain(kind), kinds[kind].role) for kind in near.reads[rule]]
    brings = [(plain(kind), "conclusion") for kind in makes]
    if info.action:
        title = pack.vocabulary.actions[info.action].title if info.action in pack.vocabulary.actions else ""
        brings = [(title or plain(info.action), "action")]
    readers = [(reader, "rule") for reader in near.readers_of(makes) if reader != rule]
    columns: list[list[tuple[str, str]]] = [reads, [(rule, "this")], brings, readers]
    return _drawn([_some(column) for column in columns if column])


def of_layers(layers: Layers, pack: Pack) -> Picture:
    """All conclusions from left to right, and the actions at the right edge."""
    actions = pack.vocabulary.actions

    def told(name: str) -> tuple[str, str]:
        if name.startswith(ACTION):
            key = name.removeprefix(ACTION)
            return (actions[key].title if key in actions else plain(key)), "action"
        return plain(name), "conclusion"

    highest = max(map(len, layers.columns), default=0)
    boxes = {
        name: Box(
            *_corner(column, place, (highest - len(names)) / 2),
            _short(told(name)[0]),
            told(name)[1],
            told(name)[0],
        )
        for column, names in enumerate(layers.columns)
        for place, name in enumerate(names)
    }
    curves = tuple(_curve(boxes[one], boxes[other]) for one, other in layers.links)
    return _framed(tuple(boxes.values()), curves)


def _some(column: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """As many as fit, and how many more there are."""
    if len(column) <= MOST:
        return list(column)
    return [*column[: MOST - 1], (f"and {len(column) - MOST + 1} more", "more")]


def _drawn(columns: Sequence[Sequence[tuple[str, str]]]) -> Picture:
    """Columns in the middle of each other, every box joined to those of the next column."""
    highest = max(map(len, columns))
    placed = [
        [
            Box(*_corner(number, place, (highest - len(column)) / 2), _short(text), look, text)
            for place, (text, look) in enumerate(column)
        ]
        for number, column in enumerate(columns)
    ]
    curves = [_curve(one, other) for left, right in pairwise(placed) for one in left for other in right]
    return _framed(tuple(box for column in placed for box in column), tuple(curves))


def _corner(column: int, place: int, down: float = 0) -> tuple[int, int]:
    return MARGIN + column * (WIDTH + BETWEEN), MARGIN + round((place + down) * (HEIGHT + GAP))


def _curve(one: Box, other: Box) -> str:
    """From the right side of one box to the left side of another."""
    start, end = one.x + WIDTH, other.x
    y, to = one.y + HEIGHT // 2, other.y + HEIGHT // 2
    bend = min((end - start) // 2, BETWEEN)
    return f"M{start} {y}C{start + bend} {y} {end - bend} {to} {end} {to}"


def _framed(boxes: tuple[Box, ...], curves: tuple[str, ...]) -> Picture:
    width = max((box.x for box in boxes), default=0) + WIDTH + MARGIN
    return Picture(width, max((box.y for box in boxes), default=0) + HEIGHT + MARGIN, boxes, curves)


def _short(text: str) -> str:
    return text if len(text) <= SIGNS else text[: SIGNS - 1].rstrip() + "…"
