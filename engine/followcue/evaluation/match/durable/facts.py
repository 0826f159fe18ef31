"""A row as the network sees it: JSON that holds only the fields some rule reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from followcue.base.rows import Row
from followcue.evaluation.match.durable.codes import NEAR, Codes, clamped
from followcue.evaluation.match.durable.fields import Flag, Source
from followcue.evaluation.match.evaluate import test_holds
from followcue.evaluation.match.protocol import Environment
from followcue.language.logic.program import Test


class FactWriter:
    """Writes the rows of one kind with the fields that one shard reads."""

    def __init__(self, kind: str, names: Iterable[str], sources: Mapping[str, Source]) -> None:
        # By source, so that writing a row, the most frequent work of a run, has nothing left to decide.
        self._start = f'","kind":"{kind}"'
        self._codes: list[tuple[str, int]] = []
        self._clamped: list[tuple[str, int]] = []
        self._flags: list[tuple[str, Test]] = []
        for name in names:
            source = sources[name]
            if isinstance(source, Flag):
                self._flags.append((f',"{name}":1', source.test))
            else:
                (self._clamped if source.clamped else self._codes).append((f',"{name}":', source.column))

    def after_id(self, row: Row, codes: Codes, env: Environment) -> str:
        """What follows the fact's id: no field for what is absent or fails its test."""
        text = self._start
        for start, column in self._codes:
            value = row[column]
            if type(value) is int and -NEAR < value < NEAR:
                text += f"{start}{value}"
            elif value is not None:
                text += f"{start}{codes.code(value)}"
        for start, column in self._clamped:
            value = row[column]
            if value is not None:
                assert isinstance(value, int)
                text += f"{start}{clamped(value)}"
        for whole, test in self._flags:
            if test_holds(test, row, {}, env):
                text += whole
        return text + "}"
