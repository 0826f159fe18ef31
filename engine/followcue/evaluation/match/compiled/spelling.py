"""Expressions and tests as Python source text.

Text from a rule gets into the source only through `repr` of a str, int or bool; every name is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, assert_never

from followcue.base.rows import Value
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

# How tightly each operator binds; an operand that binds less gets parentheses.
_OR, _AND, _COMPARE, _SUM, _PRODUCT, _SIGN, _WHOLE = range(1, 8)
_LEVELS: Final[Mapping[str, int]] = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT}
_METHODS: Final[Mapping[str, str]] = {
    "starts with": "startswith",
    "ends with": "endswith",
    "does not start with": "startswith",
    "does not end with": "endswith",
}


class Speller:
    """Spells expressions: `use` gives the Python name of a variable, parameter or other outer value."""

    def __init__(self, use: Callable[[Expr | str], str], *, calendar: bool) -> None:
        self._use = use
        self._calendar = calendar

    def expr(self, expr: Expr, tightness: int = _OR) -> str:
        """The text of `expr`, in parentheses where it binds less tightly than `tightness`."""
        text, level = self._spelled(expr)
        return text if level >= tightness else f"({text})"

    def operand(self, expr: Expr) -> str:
        """The text of `expr` as one side of a comparison."""
        return self.expr(expr, _SUM)

    def test(self, test: Test, column: str) -> list[str]:
        """The conditions, all to hold, that say that the value of `column` passes `test`."""
        present = f"{column} is not None"
        if test.op == "absent":
            return [f"{column} is None"]
        if test.op == "present" or test.value is None:
            return [present]
        if isinstance(test.value, tuple):
            return [self._member(column, tuple(value for value in test.value if value is not None))]
        comparison = self._compared(test.op, column, self.operand(test.value))
        # Nothing that an expression can give equals None, so `==` alone says that the value is present.
        return [comparison] if test.op == "==" and test.value != Const(None) else [present, comparison]

    def key(self, values: tuple[Expr, ...]) -> str:
        """The text of a lookup key: the value itself, or a tuple of several."""
        return (
            self.expr(values[0]) if len(values) == 1 else tuple_text([self.expr(value) for value in values])
        )

    def _member(self, column: str, values: tuple[Value, ...]) -> str:
        return f"{column} in {{{', '.join(map(repr, values))}}}" if values else "False"

    def _spelled(self, expr: Expr) -> tuple[str, int]:
        match expr:
            case Const(value):
                return repr(value), _SIGN
            case Var() | Param():
                return self._use(expr), _WHOLE
            case Today():
                return self._use("today"), _WHOLE
            case Arith(op, left, right):
                level = _LEVELS[op]
                return f"{self.expr(left, level)} {op} {self.expr(right, level + 1)}", level
            case Compare(op, left, right):
                return self._compared(op, self.operand(left), self.operand(right)), _COMPARE
            case Shift():
                return self._shift(expr)
            case Civil(function, items):
                return f"{function}({', '.join(self.expr(item) for item in items)})", _WHOLE
            case Extreme(op, items):
                return self._extreme(op, items)
            case Rescale(item, places):
                return f"{self.expr(item, _PRODUCT)} * {10**places}", _PRODUCT
            case Quotient(how, left, right):
                return f"quotient({how!r}, {self.expr(left)}, {self.expr(right)})", _WHOLE
            case Length(item):
                return f"len({self.expr(item)})", _WHOLE
            case Junction(op, items):
                level = _LEVELS[op]
                return f" {op} ".join(self.expr(item, level + 1) for item in items) or str(op == "and"), level
            case _:
                assert_never(expr)

    def _compared(self, op: str, left: str, right: str) -> str:
        match op:
            case "contains":
                return f"{right} in {left}"
            case "does not contain":
                return f"{right} not in {left}"
            case "starts with" | "ends with":
                return f"{left}.{_METHODS[op]}({right})"
            case "does not start with" | "does not end with":
                return f"(not {left}.{_METHODS[op]}({right}))"
            case _:
                return f"{left} {op} {right}"

    def _shift(self, shift: Shift) -> tuple[str, int]:
        if self._calendar:
            sign = "" if shift.sign == 1 else "-"
            days = self.expr(shift.by, _SIGN if sign else _OR)
            return f"{self._use('shift')}({self.expr(shift.day)}, {sign}{days})", _WHOLE
        op = "+" if shift.sign == 1 else "-"
        return f"{self.expr(shift.day, _SUM)} {op} {self.expr(shift.by, _PRODUCT)}", _SUM

    def _extreme(self, op: str, items: tuple[Expr, ...]) -> tuple[str, int]:
        if len(items) == 1:
            return self._spelled(items[0])
        return f"{op}({', '.join(self.expr(item) for item in items)})", _WHOLE


def tuple_text(items: list[str]) -> str:
    """The text of a tuple of `items`."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
