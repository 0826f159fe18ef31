"""The fields by which the network sees rows: columns as numbers, and tests that the host decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from followcue.base.rows import DECIMALS
from followcue.evaluation.match.durable.codes import Codes, is_near
from followcue.evaluation.match.durable.condition import ConditionElement
from followcue.language.logic.program import Atom, CompareOp, Const, Expr, Program, Test

_ORDERED_TYPES = frozenset(("number", "date", "duration", "period", "time", "moment", *DECIMALS.values()))


@dataclass(frozen=True, slots=True)
class ColumnField:
    """A field that holds a column of a row: its code, or clamped for comparisons of order."""

    column: int
    clamped: bool = False


@dataclass(frozen=True, slots=True)
class FlagField:
    """A field that is there only if the row passes a test which the host decides."""

    test: Test


FieldSource: TypeAlias = ColumnField | FlagField


class ColumnComparison(NamedTuple):
    """A test that compares a column with an expression."""

    column: int
    op: CompareOp
    value: Expr

    @classmethod
    def of(cls, test: Test) -> ColumnComparison | None:
        """The test as a comparison, if it is one."""
        if test.value is None or isinstance(test.value, tuple):
            return None
        assert test.op != "in"
        assert test.op != "present"
        assert test.op != "absent"
        return cls(test.column, test.op, test.value)


class Fields:
    """Collects the fields that the conditions on a program's relations need."""

    def __init__(self, program: Program) -> None:
        self.kinds: Mapping[str, str] = {name: f"r{number}" for number, name in enumerate(program.relations)}
        self.sources: dict[str, dict[str, FieldSource]] = {kind: {} for kind in self.kinds.values()}
        self.codes = Codes()
        self._relations = {self.kinds[name]: relation for name, relation in program.relations.items()}
        self._flags: dict[tuple[str, Test], str] = {}

    def condition(self, name: str, atom: Atom, *, negated: bool = False) -> ConditionElement:
        """A condition on the atom's relation that demands nothing yet."""
        return ConditionElement(name, self.kinds[atom.relation], negated=negated)

    def ordered(self, kind: str, column: int) -> bool:
        """Whether the network can put the column's values in order."""
        return self._relations[kind].columns[column].type in _ORDERED_TYPES

    def column(self, kind: str, column: int, *, clamped: bool = False) -> str:
        """The field that holds a column."""
        name = f"{'o' if clamped else 'c'}{column}"
        self.sources[kind][name] = ColumnField(column, clamped)
        return name

    def demand(self, condition: ConditionElement, test: Test) -> None:
        """Demand of a condition what needs no variable: in the network if it compares with a constant."""
        kind = condition.kind
        comparison = ColumnComparison.of(test)
        constant = comparison.value.value if comparison and isinstance(comparison.value, Const) else None
        if test.op == "present":
            condition.require(self.column(kind, test.column))
        elif test.op == "absent":
            condition.forbid(self.column(kind, test.column))
        elif comparison and comparison.op in ("==", "!=") and constant is not None:
            condition.compare(comparison.op, self.column(kind, test.column), self.codes.code(constant))
        elif comparison and is_near(constant) and self.ordered(kind, test.column):
            name = self.column(kind, test.column, clamped=True)
            condition.compare(comparison.op, name, int(constant))
        else:
            condition.compare("==", self._flag(kind, test), 1)

    def _flag(self, kind: str, test: Test) -> str:
        """The field that says whether a row passes a test."""
        name = self._flags.setdefault((kind, test), f"f{len(self._flags)}")
        self.sources[kind][name] = FlagField(test)
        return name
