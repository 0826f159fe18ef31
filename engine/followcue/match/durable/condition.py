"""One condition of a durable rule, put together test by test in the order that the engine needs."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from followcue.logic.program import CompareOp

Term: TypeAlias = dict[str, Any]
"""One test or join as the engine reads it."""

OPERATORS: Final[dict[CompareOp, str | None]] = {
    "==": None,
    "!=": "$neq",
    "<": "$lt",
    "<=": "$lte",
    ">": "$gt",
    ">=": "$gte",
}


def term(op: CompareOp, field: str, right: Any) -> Term:
    """The comparison of `field` with a constant or a reference."""
    operator = OPERATORS[op]
    return {field: right} if operator is None else {operator: {field: right}}


class Condition:
    """Facts of one kind, with demands on their fields; negated if no such fact may exist."""

    def __init__(self, name: str, kind: str, *, negated: bool = False) -> None:
        self.name = name
        self.kind = kind
        self.negated = negated
        self._constants: list[Term] = []
        self._present: dict[str, None] = {}
        self._same: list[Term] = []
        self._joins: list[Term] = []

    def compare(self, op: CompareOp, field: str, value: int) -> None:
        """Demand that `field` compares with a constant."""
        self._add(self._constants, term(op, field, value))

    def require(self, field: str) -> None:
        """Demand that `field` is present."""
        self._present[field] = None

    def forbid(self, field: str) -> None:
        """Demand that `field` is absent."""
        self._add(self._constants, {"$nex": {field: 1}})

    def equate(self, field: str, other: str) -> None:
        """Demand that two fields of the fact itself are equal."""
        self.require(field)
        self.require(other)
        self._add(self._same, {field: {"$m": other}})

    def join(self, op: CompareOp, field: str, condition: Condition, other: str) -> None:
        """Demand that `field` compares with a field of an earlier condition."""
        self.require(field)
        condition.require(other)
        self._add(self._joins, term(op, field, {condition.name: other}))

    @property
    def joins(self) -> int:
        """How many joins it has."""
        return len(self._joins)

    def as_json(self) -> Term:
        """The condition as the engine reads it.

        Presence comes before what relies on it, constants before joins, and the first join stands again at
        the end: the engine reads on past a last join whose hash alone agrees, and the copy stops it there.
        """
        terms: list[Term] = [{"kind": self.kind}]
        terms += sorted(self._constants, key=repr)
        terms += [{"$ex": {field: 1}} for field in sorted(self._present)]
        terms += self._same
        terms += [*self._joins, *self._joins[:1]]
        return {self.name + "$not" * self.negated: {"$and": terms}}

    @staticmethod
    def _add(terms: list[Term], new: Term) -> None:
        if new not in terms:
            terms.append(new)
