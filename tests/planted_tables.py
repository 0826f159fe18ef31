"""Decision tables made up at random, and what is wrong with them, found out by trying every case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

VOCABULARY = """
pack: {name: things}
situation:
  scope: thing
  whole: house
  records:
    thing:
      in: things
      says: A thing.
      fields: {size: number, colour: colour, made: date, lasts: duration, new: boolean, place: text}
  events: [things.events]
types:
  colour: {one of: [red, green, blue]}
events: {}
conclusions:
  sort: {says: Of which sort it is., fields: {of: text}}
actions: {}
parameters:
  small: {says: Small., value: 3, cites: [own default]}
"""

CASES: Mapping[str, Sequence[Any]] = {
    "size": range(-1, 8),
    "colour": ("red", "green", "blue"),
    "made": tuple(f"2026-03-0{day}" for day in range(1, 8)),
    "lasts": tuple(f"{days} days" for days in range(7)),
    "new": (True, False),
    "place": ("Bern", "Rome", "elsewhere"),
}
"""Values of each column, so many that whatever the cells below ask is asked of a value on each side of it."""

OF_NUMBERS = ("less than", "at most", "more than", "at least")
OF_DAYS = ("before", "on or before", "after", "on or after")


@dataclass(frozen=True)
class Planted:
    """A table: its hit policy, its columns, and for each row a cell a column, with the values it takes."""

    hit: str
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Any, frozenset[Any]], ...], ...] = field(hash=False)

    def fitting(self, case: Sequence[Any]) -> list[int]:
        """The rows that fit in a case, whatever stands above them."""
        return [
            number
            for number, row in enumerate(self.rows)
            if all(value in taken for value, (_, taken) in zip(case, row, strict=True))
        ]

    def cases(self) -> Iterator[tuple[Any, ...]]:
        """Every case that is tried."""
        yield from product(*(CASES[column] for column in self.columns))

    def data(self) -> dict[str, Any]:
        """The table as a rule file."""
        rows = [[*(cell for cell, _ in row), f"sort {number}"] for number, row in enumerate(self.rows, 1)]
        table = {
            "cites": ["own default"],
            "hit": self.hit,
            "when": [{"thing": {column: f"${column}" for column in self.columns}}],
            "columns": [*(f"${column}" for column in self.columns), "of"],
            "conclude": "sort",
            "rows": rows,
        }
        return {"tables": {"t": table}}


def planted(random: Random, hit: str | None = None) -> Planted:
    """A table of one to three columns and two to six rows; most have gaps, and rows that fit together."""
    columns = tuple(random.sample(sorted(CASES), random.randint(1, 3)))
    rows = tuple(tuple(_cell(random, column) for column in columns) for _ in range(random.randint(2, 6)))
    return Planted(hit or random.choice(("first", "only", "all")), columns, rows)


def _cell(random: Random, column: str) -> tuple[Any, frozenset[Any]]:
    values = CASES[column]
    if random.random() < 0.3:
        return random.choice(("any", "-")), frozenset(values)
    if column in ("size", "made", "lasts"):
        return _range(random, column)
    if column == "new":
        value = random.choice(values)
        return value, frozenset((value,))
    word = random.choice(values[:2])
    match random.randrange(3):
        case 0:
            return word, frozenset((word,))
        case 1:
            return f"not {word}", frozenset(values) - {word}
        case _:
            return list(values[:2]), frozenset(values[:2])


def _range(random: Random, column: str) -> tuple[Any, frozenset[Any]]:
    """A bound, two bounds, one value, or a list; all bounds lie inside of what is tried."""
    values = CASES[column]
    inside = values[2:-2]
    words = OF_DAYS if column == "made" else OF_NUMBERS
    place = random.randrange(len(inside))
    low = inside[place]
    if column == "size" and low == 3 and random.random() < 0.5:
        written: Any = "small"
    else:
        written = low
    match random.randrange(5):
        case 0:
            return low, frozenset((low,))
        case 1 if column != "made":
            chosen = random.sample(list(inside), 2)
            return list(chosen), frozenset(chosen)
        case 2 | 3:
            high = inside[random.randrange(place, len(inside))]
            lower, upper = words[random.choice((2, 3))], words[random.choice((0, 1))]
            taken = _side(values, lower, low) & _side(values, upper, high)
            return f"{lower} {written} and {upper} {high}", taken
        case _:
            word = random.choice(words)
            return f"{word} {written}", _side(values, word, low)


def _side(values: Sequence[Any], word: str, bound: Any) -> frozenset[Any]:
    place = list(values).index(bound)
    upper = word in ("more than", "at least", "after", "on or after")
    strict = word in ("more than", "less than", "after", "before")
    chosen = values[place + strict :] if upper else values[: place + (not strict)]
    return frozenset(chosen)
