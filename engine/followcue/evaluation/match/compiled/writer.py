"""Generated Python as lines that know their indentation and the outer names they use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_STEP = "    "
# Python refuses 20 loops or 100 indentations within each other; the rest must go to a function of its own.
_DEEPEST_LOOP, _DEEPEST_LINE = 14, 30


class Writer:
    """The body of a block being written; `uses` collects, for all its parts, the names taken from outside.

    `elsewhere` if it is to be the body of a function inside the one that everything else goes to.
    """

    def __init__(self, uses: dict[str, None], loops: int = 0, *, elsewhere: bool = False) -> None:
        self.uses = uses
        self.elsewhere = elsewhere
        self.loops = loops
        self.body: list[str] = []
        self.definitions: list[str] = []
        self._depth = 0

    @property
    def deep(self) -> bool:
        """Whether it is time to go on in another function."""
        return self.loops >= _DEEPEST_LOOP or self._depth >= _DEEPEST_LINE

    def use(self, name: str) -> str:
        """Take `name` from outside."""
        self.uses[name] = None
        return name

    def lines(self) -> list[str]:
        """All that was written, the definitions first."""
        return [*self.definitions, *self.body]

    def define(self, lines: list[str]) -> None:
        """Put the definition of a function before everything else."""
        self.definitions += lines

    def add(self, *lines: str) -> None:
        """Write lines."""
        self.body += indented(lines, self._depth)

    def open(self, line: str) -> None:
        """Write the head of a block; what follows stands in it."""
        self.add(line)
        self._depth += 1
        if line.startswith(("for ", "while ")):
            self.loops += 1

    def when(self, conditions: Iterable[str]) -> None:
        """What follows stands under all of `conditions`."""
        unique = dict.fromkeys(conditions)
        if unique:
            self.open(f"if {' and '.join(unique)}:")

    @contextmanager
    def block(self) -> Iterator[None]:
        """Leave, at the end, the blocks opened meanwhile."""
        depth, loops = self._depth, self.loops
        yield
        self._depth, self.loops = depth, loops


def indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    """The lines, moved to the right."""
    return [_STEP * depth + line for line in lines]
