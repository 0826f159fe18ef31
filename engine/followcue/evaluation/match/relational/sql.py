"""Expressions as SQL: numbers are computed in 128 bits, and a variable is a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import assert_never

from followcue.base.rows import DECIMALS, ColumnType, Value
from followcue.language.logic.program import (
    Arith,
    Civil,
    Compare,
    Const,
    Expr,
    Extreme,
    Junction,
    Length,
    Param,
    Quotient,
    Rescale,
    Shift,
    Test,
    Today,
    Var,
)

SQL_TYPES: Mapping[ColumnType, str] = {
    "text": "VARCHAR",
    "number": "HUGEINT",
    "bool": "BOOLEAN",
    "date": "BIGINT",
    "duration": "BIGINT",
    "period": "BIGINT",
    "time": "BIGINT",
    "moment": "BIGINT",
    **dict.fromkeys(DECIMALS.values(), "HUGEINT"),
}
"""The type of a column; derived numbers may be as wide as the database can hold."""

_COMPARE: Mapping[str, str] = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

_TEXT_TESTS: Mapping[str, str] = {
    "contains": "contains",
    "starts with": "starts_with",
    "ends with": "ends_with",
    "does not contain": "NOT contains",
    "does not start with": "NOT starts_with",
    "does not end with": "NOT ends_with",
}

NameOf = Callable[[str], str]
"""The SQL for something that has a name: a variable or a parameter."""


class Terms:
    """Writes expressions; says how the variables, parameters and the day are to be had."""

    def __init__(
        self, variable: NameOf, parameter: NameOf, today: str, shift: Callable[[str, str], str]
    ) -> None:
        self._variable = variable
        self._parameter = parameter
        self._today = today
        self._shift = shift

    def expr(self, expr: Expr) -> str:
        """The SQL of an expression."""
        match expr:
            case Const(value):
                return literal(value)
            case Var(name):
                return self._variable(name)
            case Param(name):
                return self._parameter(name)
            case Today():
                return self._today
            case Arith(op, left, right):
                return f"({self._wide(left)} {op} {self._wide(right)})"
            case Compare(op, left, right):
                return f"({_compared(op, self.expr(left), self.expr(right))})"
            case Shift(day, by, sign):
                return self._shift(self.expr(day), f"({'-' if sign < 0 else '+'} {self.expr(by)})")
            case Civil(function, items):
                return f"{function}({', '.join(f'{self.expr(item)}::BIGINT' for item in items)})"
            case Extreme(op, items):
                return reduce(partial(_extreme, ">=" if op == "max" else "<="), map(self._wide, items))
            case Rescale(item, places):
                return f"({self._wide(item)} * {10**places}::HUGEINT)"
            case Quotient(how, left, right):
                return _quotient(how, self._wide(left), self._wide(right))
            case Length(item):
                return f"length({self.expr(item)})"
            case Junction(op, items):
                return "(" + f" {op} ".join(map(self.expr, items)) + ")"
            case _:
                assert_never(expr)

    def test(self, test: Test, column: str) -> str:
        """The SQL of a demand on a column; an absent value, as NULL, meets none but `absent`."""
        if test.op == "absent":
            return f"{column} IS NULL"
        if test.op == "present":
            return f"{column} IS NOT NULL"
        if isinstance(test.value, tuple):
            return f"{column} IN ({', '.join(map(literal, test.value))})" if test.value else "FALSE"
        assert test.value is not None, "`in` has its values in a tuple"
        return _compared(test.op, column, self.expr(test.value))

    def _wide(self, expr: Expr) -> str:
        return f"{self.expr(expr)}::HUGEINT"


def shifted(environment: str, *, calendar: bool) -> Callable[[str, str], str]:
    """How a day is moved: by plain arithmetic, or where a situation has a calendar by asking that."""

    def shift(day: str, by: str) -> str:
        plain = f"({day} + {by})"
        if not calendar:
            return plain
        asked = f"shift({environment}.cal, {day}::BIGINT, {by}::BIGINT)"
        return f"(CASE WHEN {environment}.cal IS NULL THEN {plain} ELSE {asked} END)"

    return shift


def _quotient(how: str, dividend: str, divisor: str) -> str:
    """As `followcue.base.values.quotient` has it; `//` and `%` cut off towards nought here."""
    n, d = f"abs({dividend})", f"abs({divisor})"
    if how == "remainder":
        return f"(CASE WHEN {divisor} = 0 THEN 0::HUGEINT ELSE {dividend} % {divisor} END)"
    twice = f"2 * ({n} % {d}) - {d}"
    more = {
        "down": "FALSE",
        "up": f"{n} % {d} > 0",
        "half up": f"{twice} >= 0",
        "half even": f"({twice} > 0 OR ({twice} = 0 AND ({n} // {d}) % 2 = 1))",
    }[how]
    whole = f"({n} // {d} + CASE WHEN {more} THEN 1 ELSE 0 END)"
    signed = f"CASE WHEN ({dividend} < 0) = ({divisor} < 0) THEN {whole} ELSE -{whole} END"
    return f"(CASE WHEN {divisor} = 0 THEN 0::HUGEINT ELSE {signed} END)"


def _compared(op: str, left: str, right: str) -> str:
    if op in _TEXT_TESTS:
        return f"{_TEXT_TESTS[op]}({left}, {right})"
    return f"{left} {_COMPARE[op]} {right}"


def _extreme(comparison: str, left: str, right: str) -> str:
    """The further of two; `greatest` fails on two arguments of one name in some versions of the database."""
    return f"(CASE WHEN {left} {comparison} {right} THEN {left} ELSE {right} END)"


def literal(value: Value) -> str:
    """A value as SQL writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return f"({value})"
    return "'" + value.replace("'", "''") + "'"
