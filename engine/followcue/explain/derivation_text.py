"""A derivation in words: its values, expressions and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from followcue.base.rows import Column, ColumnType, Value, places_of
from followcue.evaluation.advice.report import Report
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.report.wording import name_of, plain
from followcue.evaluation.situation.situation import MOMENTS_A_DAY
from followcue.explain.evidence import AggregateRows, Firing
from followcue.language.logic import program as ir
from followcue.language.logic.alternatives import WITHOUT
from followcue.language.logic.types import type_of, variable_types
from followcue.language.model.pack import is_helper
from followcue.language.model.syntax import TURNED, needs_brackets
from followcue.language.model.unparse import CIVIL_WORDS, rounding, yearly
from followcue.language.model.vocabulary import Vocabulary

UNSAID_COLUMNS = ("date", "at")
"""Columns whose name says nothing that the comparison does not: `after 2026-11-21`."""


class BoundClause(Protocol):
    """A clause and the values that its variables have, as far as they have any."""

    @property
    def clause(self) -> ir.Clause: ...  # noqa: D102
    @property
    def bindings(self) -> Mapping[str, Value]: ...  # noqa: D102


class DerivationDescriber:
    """Describes what one derivation used, by names of people and values instead of keys and variables."""

    def __init__(
        self, bound: BoundClause, vocabulary: Vocabulary, report: Report, *, in_working_days: bool = False
    ) -> None:
        self._bindings = bound.bindings
        self._types = variable_types(bound.clause, vocabulary.relations)
        self._parameters = {name: found.type.base for name, found in vocabulary.parameters.items()}
        self._names = _names(bound.clause, vocabulary)
        self._vocabulary = vocabulary
        self._report = report
        self._scope_column = vocabulary.shape.scope
        scope = self._bindings.get(self._scope_column) if self._scope_column else None
        self._scope = scope if isinstance(scope, str) else None
        self._counted = " (working days)" if in_working_days else ""

    # --- values and expressions
    def value(self, value: Value, kind: ColumnType | None) -> str:
        """A value of that kind: days and durations as they are written, keys by the names behind them."""
        if kind == "moment" and isinstance(value, int):
            return str(as_written(value // MOMENTS_A_DAY, "date"))
        if isinstance(value, bool):
            return "yes" if value else "no"
        if kind == "text" and isinstance(value, str):
            return name_of(value, self._scope, self._report) or value
        return str(as_written(value, kind or "text"))

    def expression(self, expr: ir.Expr, kind: ColumnType | None = None, *, named: bool = True) -> str:
        """An expression with the values of its variables; `named` also says what these are called."""
        kind = type_of(expr, self._types, self._parameters) or kind
        match expr:
            case ir.Const(value):
                return self.value(value, kind)
            case ir.Var(name) if name not in self._bindings:
                return self.called(name)
            case ir.Var(name):
                said = self.value(self._bindings[name], kind)
                return f"{self.called(name)} {said}" if named else said
            case ir.Param(name):
                return name
            case ir.Today():
                return "today"
            case ir.Shift(day, by, sign):
                op = "+" if sign > 0 else "-"
                first = self._beside(op, day, "date", named)
                return f"{first} {op} {self._beside(op, by, 'duration', named, on_right=True)}{self._counted}"
            case ir.Civil("months_after" | "months_before" as name, (day, by)):
                op = "+" if name == "months_after" else "-"
                first = self._beside(op, day, "date", named)
                return f"{first} {op} {self._beside(op, by, 'period', named, on_right=True)}"
            case ir.Civil("next_yearly", (ir.Const(day), first_day)):
                assert isinstance(day, int)
                return f"next {yearly(day)} on or after {self._item(first_day, named)}"
            case ir.Civil(name, items):
                return CIVIL_WORDS[name].format(*(self._item(item, named) for item in items))
            case ir.Rescale(item):
                return self.expression(item, None, named=named)
            case ir.Quotient("remainder", left, right, base):
                first, second = (self._listed(side, base, named) for side in (left, right))
                return f"the remainder of {first} / {second}"
            case ir.Quotient(how, _, _, base):
                return f"{self._divided(expr, named)} {rounding(how, places_of(base) or 0)}"
            case ir.Arith(op, left, right):
                other = "number" if op == "*" else kind
                first = self._beside(op, left, other, named)
                return f"{first} {op} {self._beside(op, right, other, named, on_right=True)}"
            case ir.Extreme(op, items):
                parts = " and ".join(self._listed(item, kind, named) for item in items)
                return f"the {_EXTREMES[op, kind == 'date']} of {parts}"
            case ir.Length(item):
                return f"length of {self._listed(item, 'text', named)}"
            case ir.Compare(op, left, right):
                return self._comparison(op, left, right, named)
            case ir.Junction(word, items):
                return f" {word} ".join(self._joint(item, named) for item in items)

    def _divided(self, divided: ir.Quotient, named: bool) -> str:
        """What is rounded: a division, or a number that is divided only for its places to go."""
        left, right = divided.left, divided.right
        kind = type_of(left, self._types, self._parameters)
        gone = (places_of(kind) or 0) - (places_of(divided.kind) or 0)
        if gone > 0 and right == ir.Const(10**gone):
            return self._beside("+", left, None, named)
        first, second = (
            self._beside("/", left, None, named),
            self._beside("/", right, None, named, on_right=True),
        )
        return f"{first} / {second}"

    def _beside(
        self, op: str, side: ir.Expr, kind: ColumnType | None, named: bool, *, on_right: bool = False
    ) -> str:
        """One side of an operation, in brackets where it would mean something else without."""
        is_rounded = isinstance(_as_said(side), ir.Quotient)
        if is_rounded or needs_brackets(op, _sign_of(side), on_right=on_right):
            return f"({self.expression(side, kind, named=named)})"
        return self._within(side, kind, named)

    def _within(self, expr: ir.Expr, kind: ColumnType | None, named: bool) -> str:
        """An expression as part of another one, which could go on where this one ends in a list."""
        said = self.expression(expr, kind, named=named)
        return f"({said})" if isinstance(_as_said(expr), ir.Extreme) else said

    def _item(self, item: ir.Expr, named: bool) -> str:
        """A day of which the calendar is asked, in brackets where it is a sum."""
        said = self._within(item, "date", named)
        return f"({said})" if _sign_of(item) else said

    def _listed(self, item: ir.Expr, kind: ColumnType | None, named: bool) -> str:
        """One of several values; in brackets where the list could be taken for a part of it."""
        said = self.expression(item, kind, named=named)
        return f"({said})" if _sign_of(item) or isinstance(_as_said(item), ir.Extreme | ir.Quotient) else said

    def _joint(self, expr: ir.Expr, named: bool) -> str:
        """One of several comparisons; in brackets if it holds an `and` or `or` of its own."""
        said = self.expression(expr, named=named)
        sides = (expr.left, expr.right) if isinstance(expr, ir.Compare) else ()
        lists = isinstance(expr, ir.Junction) or any(isinstance(_as_said(side), ir.Extreme) for side in sides)
        return f"({said})" if lists else said

    def called(self, variable: str) -> str:
        """What a variable stands for: `date of interview`."""
        return self._names.get(variable, plain(variable))

    def _comparison(self, op: str, left: ir.Expr, right: ir.Expr, named: bool) -> str:
        kinds = (type_of(side, self._types, self._parameters) for side in (left, right))
        kind = next((kind for kind in kinds if kind), None)
        first, second = (self.expression(side, kind, named=named) for side in (left, right))
        said = f"{first} {_operator(op, kind)} {second}"
        return said + self._within_the_day(left, right) if kind == "moment" else said

    def _within_the_day(self, left: ir.Expr, right: ir.Expr) -> str:
        """Which of two moments of one day came first, since they are told by their day alone."""
        match left, right:
            case ir.Var(one), ir.Var(other):
                first, second = self._bindings.get(one), self._bindings.get(other)
                if isinstance(first, int) and isinstance(second, int) and first != second:
                    same = first // MOMENTS_A_DAY == second // MOMENTS_A_DAY
                    order = "later" if first > second else "earlier"
                    return f" (the first is {order} that day)" if same else ""
        return ""

    # --- conditions
    def pattern(self, atom: ir.Atom) -> str:
        """Facts of one kind with all that is demanded of them: `status checked to Dana Ruiz`.

        The names of conclusions are set off, since they may be any words.
        """
        relation = self._vocabulary.relations[atom.relation]
        kind, _, listed = atom.relation.partition(".")
        if listed and all("#" in variable for _, variable in atom.joins) and not atom.tests:
            return f"{plain(listed)} given for this {plain(kind)}"
        demands = [self._joined(relation.columns[column], variable) for column, variable in atom.joins]
        demands += [self.test(relation.columns[test.column], test) for test in atom.tests]
        if self._looks_everywhere(atom):
            demands.append(f"for any {plain(self._scope_column or '')}")
        said = ", ".join(filter(None, demands))
        if is_helper(atom.relation):
            return self._called(atom.relation) + (f" ({said})" if said else "")
        name = f'"{plain(kind)}"' if self._vocabulary.kinds[kind].role == "conclusion" else plain(kind)
        return f"{name} {said}" if said else name

    def absence(self, atom: ir.Atom) -> str:
        """That no fact matches an atom: `there is no reply`, or that each has what it must."""
        said = self.pattern(atom)
        kinds, without, has = said.partition(WITHOUT)
        return f"every {kinds} has {has}" if is_helper(atom.relation) and without else f"there is no {said}"

    def _called(self, relation: str) -> str:
        return _called(relation, self._vocabulary)

    def test(self, column: Column, test: ir.Test) -> str:
        """A demand on a column: `on or after 2026-11-21`, `stage final`."""
        name = "" if column.name in UNSAID_COLUMNS else f"{plain(column.name)} "
        if test.op in ("present", "absent"):
            return f"with {name}given" if test.op == "present" else f"without {name}".rstrip()
        if isinstance(test.value, tuple):
            return name + " or ".join(self.value(value, column.type) for value in test.value)
        assert test.value is not None
        said = self.expression(test.value, column.type, named=False)
        if test.op == "==":
            return f"{name or 'on '}{said}"
        return f"{name}{_operator(test.op, column.type)} {said}"

    def _joined(self, column: Column, variable: str) -> str:
        if column.name == self._scope_column and self._bindings.get(variable) == self._scope:
            return ""
        value = self._bindings.get(variable)
        if value is None:
            return ""
        name = "on" if column.name in UNSAID_COLUMNS else plain(column.name)
        return f"{name} {self.value(value, column.type)}"

    def _looks_everywhere(self, atom: ir.Atom) -> bool:
        columns = self._vocabulary.relations[atom.relation].columns
        scoped = bool(columns) and columns[0].name == self._scope_column
        named = {column for column, _ in atom.joins} | {test.column for test in atom.tests}
        return scoped and 0 not in named

    def is_implied(self, atom: ir.Atom) -> bool:
        """Whether an atom only says which record the rule speaks of."""
        return atom.relation == self._scope_column and len(atom.joins) == 1 and not atom.tests

    def choice(self, seen: AggregateRows) -> str:
        """What an aggregate made of its facts: `the newest of 3`, `the greatest costs of 2: 30`."""
        aggregate, among = seen.aggregate, seen.among
        if aggregate.op == "count":
            return f"{len(seen.rows)} in all"
        column = self._vocabulary.relations[aggregate.atom.relation].columns[aggregate.column or 0]
        if aggregate.op in ("newest", "oldest"):
            if among == 1:
                return "the only one"
            by_field = f"{_BY_FIELD[aggregate.op]} {plain(column.name)}"
            return f"the {aggregate.op if column.type == 'moment' else by_field} of {among}"
        if among == 1:
            return "the only one"
        result = self.value(self._bindings[aggregate.result or ""], column.type)
        return f"{_FOLDS[aggregate.op]} {plain(column.name)} of {among}: {result}"

    def holds(self, firing: Firing) -> Iterator[str]:
        """The comparisons that held: those of the rule, and of its facts with parameters or the day."""
        for atom, row in firing.matched:
            columns = self._vocabulary.relations[atom.relation].columns
            for test in atom.tests:
                if isinstance(
                    test.value, ir.Shift | ir.Civil | ir.Arith | ir.Param | ir.Today | ir.Extreme | ir.Length
                ):
                    column = columns[test.column]
                    said = self.expression(test.value, column.type)
                    value = self.value(row[test.column], column.type)
                    operator = _operator(test.op, column.type)
                    kind = plain(atom.relation.partition(".")[0])
                    yield f"{plain(column.name)} of {kind} {value} {operator} {said}"
        for guard in firing.clause.guards:
            yield self.expression(guard)


def _as_said(expr: ir.Expr) -> ir.Expr:
    """An expression without the change of unit around it, of which nothing is said."""
    return _as_said(expr.item) if isinstance(expr, ir.Rescale) else expr


def _sign_of(expr: ir.Expr) -> str | None:
    """The sign of an operation; None for anything else."""
    match _as_said(expr):
        case ir.Arith(op):
            return op
        case ir.Shift(_, _, sign):
            return "+" if sign > 0 else "-"
        case ir.Civil("months_after" | "months_before" as name):
            return "+" if name == "months_after" else "-"
    return None


def _names(clause: ir.Clause, vocabulary: Vocabulary) -> dict[str, str]:
    """What the variables of a clause stand for, by the condition that gave them their value."""
    found: dict[str, str] = {}
    bound = [(atom, atom.joins) for atom in clause.body]
    bound += [(aggregate.atom, aggregate.outputs) for aggregate in clause.aggregates]
    for atom, pairs in bound:
        kind, columns = _called(atom.relation, vocabulary), vocabulary.relations[atom.relation].columns
        for column, variable in pairs:
            found.setdefault(variable, f"{plain(columns[column].name)} of {kind}")
    for aggregate in clause.aggregates:
        if aggregate.result is not None:
            found[aggregate.result] = _counted(aggregate, vocabulary)
    return found


def _called(relation: str, vocabulary: Vocabulary) -> str:
    """What the facts of a relation are called; those of a helper by what it is made of, without its value."""
    name = plain(vocabulary.kind_of(relation).name).replace("$", "")
    return name.rpartition(" of ")[2] if is_helper(relation) else name


def _counted(aggregate: ir.Aggregate, vocabulary: Vocabulary) -> str:
    kind = _called(aggregate.atom.relation, vocabulary)
    if aggregate.column is None:
        return f"count of {kind}"
    column = vocabulary.relations[aggregate.atom.relation].columns[aggregate.column]
    return f"{_FOLDS[aggregate.op].removeprefix('the ')} {plain(column.name)} of {kind}"


def _operator(op: str, kind: ColumnType | None) -> str:
    if op in TURNED:
        return op
    return (_OF_DAYS if kind in ("date", "time", "moment") else _OF_AMOUNTS)[op]


_OF_DAYS = {
    "==": "is",
    "!=": "is not",
    "<": "before",
    "<=": "on or before",
    ">": "after",
    ">=": "on or after",
}
_OF_AMOUNTS = {
    "==": "is",
    "!=": "is not",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}
_EXTREMES = {
    ("max", True): "later",
    ("min", True): "earlier",
    ("max", False): "greater",
    ("min", False): "lesser",
}
_BY_FIELD = {"newest": "latest", "oldest": "earliest"}
_FOLDS = {"sum": "the sum of", "min": "the least", "max": "the greatest"}
