"""One condition of a durable rule, put together test by test in the order that the engine needs."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

from followcue.evaluation.match.durable.contract import CONTROL
from followcue.language.logic.program import CompareOp

Term: TypeAlias = dict[str, Any]
"""One test or join as the engine reads it."""

_OPERATORS: Final[dict[CompareOp, str]] = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


class Join(NamedTuple):
    """A comparison of a field with a field of an earlier condition."""

    op: CompareOp
    field: str
    condition: str
    other: str


class Condition:
    """Facts of one kind, with demands on their fields; negated if no such fact may exist."""

    def __init__(self, name: str, kind: str, *, negated: bool = False) -> None:
        self.name = name
        self.kind = kind
        self.negated = negated
        self._constants: list[Term] = []
        self._present: set[str] = set()
        self._same: list[Term] = []
        self._joins: dict[Join, None] = {}

    def compare(self, op: CompareOp, field: str, value: int) -> None:
        """Demand that `field` compares with a constant."""
        self._constants.append(_term(op, field, value))

    def require(self, field: str) -> None:
        """Demand that `field` is present."""
        self._present.add(field)

    def forbid(self, field: str) -> None:
        """Demand that `field` is absent."""
        self._constants.append({"$nex": {field: 1}})

    def equate(self, field: str, other: str) -> None:
        """Demand that two fields of the fact itself are equal."""
        self.require(field)
        self.require(other)
        self._same.append({field: {"$m": other}})

    def join(self, op: CompareOp, field: str, condition: Condition, other: str) -> None:
        """Demand that `field` compares with a field of an earlier condition."""
        self.require(field)
        condition.require(other)
        self._joins[Join(op, field, condition.name, other)] = None

    @property
    def joins(self) -> int:
        """How many joins it has."""
        return len(self._joins)

    @property
    def equalities(self) -> tuple[str, ...]:
        """The fields that must equal one of an earlier condition."""
        return tuple(join.field for join in self._joins if join.op == "==")

    @property
    def shares_nothing(self) -> bool:
        """Whether its chain of tests is its own: the engine shares only tests with constants."""
        return bool(self._same or self._joins)

    def terms(self) -> list[Term]:
        """What it demands besides its kind.

        Presence comes before what relies on it, constants before joins, and the first join stands again at
        the end: the engine reads on past a last join whose hash alone agrees, and the copy stops it there.
        """
        constants = {repr(term): term for term in self._constants}
        present: list[Term] = [{"$ex": {field: 1}} for field in sorted(self._present)]
        joins = [_term(op, field, {condition: other}) for op, field, condition, other in self._joins]
        return [*(constants[key] for key in sorted(constants)), *present, *self._same, *joins, *joins[:1]]

    def fields(self) -> set[str]:
        """The fields that it reads; what others refer to is tested for presence here."""
        return {_field(term) for term in self.terms()}

    def as_json(self) -> Term:
        """The condition as the engine reads it."""
        return {self.name + "$not" * self.negated: {"$and": [{"kind": self.kind}, *self.terms()]}}


class Place(NamedTuple):
    """Where a rule finds a variable: in a field of a condition, which may hold a column of a row."""

    condition: Condition
    field: str
    column: int | None = None


Scope: TypeAlias = dict[str, Place]
"""The place of each variable that earlier conditions bind."""


def control_condition(stratum: int) -> Condition:
    """Demand that `stratum` is open: everything before it is complete."""
    control = Condition("c", CONTROL)
    control.compare("==", "level", stratum)
    return control


def _term(op: CompareOp, field: str, right: Any) -> Term:
    return {field: right} if op == "==" else {_OPERATORS[op]: {field: right}}


def _field(term: Term) -> str:
    ((key, right),) = term.items()
    return next(iter(right)) if key.startswith("$") else key
