"""A row as the network sees it: JSON that holds only the fields some rule reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from followcue.match.durable.codes import NEAR, Codes, clamped
from followcue.match.durable.plan import Column, Flag, Source
from followcue.match.evaluate import test_holds
from followcue.match.protocol import Environment
from followcue.rows import Row


class FactWriter:
    """Writes the rows of one kind with the fields that one shard reads."""

    def __init__(self, names: Iterable[str], sources: Mapping[str, Source]) -> None:
        # By source, so that writing a row, the most frequent work of a run, has nothing left to decide.
        self._codes: list[tuple[str, int]] = []
        self._clamped: list[tuple[str, int]] = []
        self._flags: list[tuple[str, Flag]] = []
        for name in names:
            source = sources[name]
            if isinstance(source, Flag):
                self._flags.append((f',"{name}":1', source))
            else:
                self._column(f',"{name}":', source)

    def _column(self, start: str, source: Column) -> None:
        (self._clamped if source.clamped else self._codes).append((start, source.column))

    def fields(self, row: Row, codes: Codes, env: Environment) -> str:
        """The fields of `row`, each with a comma before it; none for what is absent or fails its test."""
        text = ""
        for start, column in self._codes:
            value = row[column]
            if type(value) is int and -NEAR < value < NEAR:
                text += start + str(value)
            elif value is not None:
                text += start + str(codes.code(value))
        for start, column in self._clamped:
            value = row[column]
            if value is not None:
                assert isinstance(value, int)
                text += start + str(clamped(value))
        for whole, flag in self._flags:
            if test_holds(flag.test, row, {}, env):
                text += whole
        return text
