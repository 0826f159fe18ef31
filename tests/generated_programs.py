"""Hypothesis strategies for stratified programs with facts and an environment to run them in.

Programs are small but use everything the logic has: every column type with absent values, joins, self joins,
all tests, all expressions, negation, all aggregates, guards, positive and mutual recursion, several levels.
Names and texts are awkward on purpose: quotes, line ends, Python's own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from followcue.base.rows import Column, Relation, Row, Value
from followcue.evaluation.match.protocol import Environment, Limits
from followcue.language.logic.program import (
    Aggregate,
    Arith,
    Atom,
    Civil,
    Clause,
    Compare,
    Const,
    Expr,
    Extreme,
    Head,
    Junction,
    Length,
    Param,
    Program,
    Quotient,
    Rescale,
    Shift,
    Today,
    Var,
)
from followcue.language.logic.program import Test as ColumnTest
from followcue.language.logic.types import CIVIL
from followcue.language.model.syntax import TURNED
from stratified import stratified

TODAY = 738_000
VALUES: dict[str, list[Any]] = {
    "text": ["a", "", "é'\"\n{0}", "ba", "a%_"],
    "number": [1, 0, -1, 2**53],
    "bool": [False, True],
    "date": [TODAY, TODAY - 1, TODAY + 2],
    "duration": [1, 0, -1],
    "period": [1, 0, -14],
    "time": [870, 0, 1439],
    "moment": [0, 1, 5],
    "decimal 2": [150, 0, -50, 10**14],
}
TYPES = list(VALUES)
ORDERED = {"number", "date", "duration", "period", "time", "moment", "decimal 2"}
ROUNDINGS = ["down", "up", "half up", "half even", "remainder"]
BASE_NAMES = ["seen", "it's", 'a"b', "naïve\n", "import os"]
DERIVED_NAMES = ["closed", "def", "r0", "x')", "ünï"]
VARIABLES = [
    "x",
    "y",
    "lambda",
    "v0",
    "é'",
    "n n",
    "P",
    "out",
    "z",
    "None",
    "w1",
    "w2",
    "w3",
    "w4",
    "w5",
    "w6",
]
PARAMETERS: dict[str, Value] = {
    f"{kind}'s \"{number}": value
    for kind, values in VALUES.items()
    for number, value in enumerate(values[:2])
}
# Small enough for the plainest matcher; what needs more is left out of the comparison.
LIMITS = Limits(derivations=3_000, steps=60_000)


def _more(kind: str) -> list[str]:
    """What compares values of a kind besides equality."""
    if kind == "text":
        return list(TURNED)
    return ["<", "<=", ">", ">="] * (kind in ORDERED)


@dataclass(frozen=True)
class Case:
    """A program with something to run it on."""

    program: Program
    facts: dict[str, list[Row]]
    environment: Environment


@st.composite
def cases(draw: Any) -> Case:
    """A program, rows for its base relations, and an environment with or without a calendar."""
    maker = _ProgramMaker(draw)
    program = maker.program()
    shift = draw(st.sampled_from([None, lambda day, days: day + 2 * days]))
    return Case(program, maker.facts(), Environment(TODAY, PARAMETERS, shift, LIMITS))


class _Chooser:
    """Draws by weight and by kind."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw

    def one(self, items: Any) -> Any:
        return self._draw(st.sampled_from(list(items)))

    def number(self, least: int, most: int) -> int:
        return int(self._draw(st.integers(least, most)))

    def chance(self, percent: int) -> bool:
        # Hypothesis shrinks towards 0, so that less happens in smaller examples.
        return self.number(0, 99) >= 100 - percent

    def value(self, kind: str) -> Value:
        value: Value = self.one(VALUES[kind])
        return value


class _ProgramMaker:
    """Builds relations, then clauses for one group of derived relations after another."""

    def __init__(self, draw: Any) -> None:
        self.choose = _Chooser(draw)
        # Few types and columns, so that joins are common.
        self.kinds = [self.choose.one(TYPES) for _ in range(3)]
        self.base = [
            self.relation(name, derived=False)
            for name in BASE_NAMES[: self.choose.number(1, len(BASE_NAMES))]
        ]

    def relation(self, name: str, *, derived: bool) -> Relation:
        kinds = [self.choose.one(self.kinds) for _ in range(self.choose.number(0 if derived else 1, 3))]
        columns = tuple(Column(f"c{number}", kind) for number, kind in enumerate(kinds))
        return Relation(name, columns, derived)

    def program(self) -> Program:
        relations = list(self.base)
        clauses: list[Clause] = []
        waiting = DERIVED_NAMES[: self.choose.number(1, len(DERIVED_NAMES))]
        while waiting:
            size = self.choose.number(1, min(2, len(waiting)))
            group = [self.relation(name, derived=True) for name in waiting[:size]]
            waiting = waiting[size:]
            recursive = self.choose.chance(40)
            for head in group:
                for _ in range(self.choose.number(1 if recursive else 0, 2)):
                    clauses.append(_ClauseMaker(self.choose, relations).clause(len(clauses), head, []))
                if recursive:
                    clauses.append(_ClauseMaker(self.choose, relations).clause(len(clauses), head, group))
            relations += group
        return stratified({relation.name: relation for relation in relations}, tuple(clauses))

    def facts(self) -> dict[str, list[Row]]:
        return {
            relation.name: [self.row(relation) for _ in range(size)]
            for relation in self.base
            if (size := self.choose.one([4, 0, 1, 2, 3, 5, 6, 7, 8])) or self.choose.chance(50)
        }

    def row(self, relation: Relation) -> Row:
        return tuple(
            None if self.choose.chance(8) else self.choose.value(column.type) for column in relation.columns
        )


@dataclass
class _ClauseMaker:
    """Builds one clause over `complete` relations; `kinds` holds the variables bound so far."""

    choose: _Chooser
    complete: list[Relation]
    kinds: dict[str, str] = field(default_factory=dict)

    def clause(self, number: int, head: Relation, group: list[Relation]) -> Clause:
        """A clause for `head`; with a `group` it is recursive, and computes nothing, so that it ends."""
        body = [
            self.choose.one(self.complete)
            for _ in range(self.choose.one([0, 0, 1] if group else [1, 0, 1, 1, 2, 2, 3]))
        ]
        for _ in range(self.choose.number(1, 2) if group else 0):
            body.insert(self.choose.number(0, len(body)), self.choose.one(group))
        joins = [self.joins(relation, fresh=75) for relation in body]
        atoms = [
            Atom(relation.name, pairs, self.tests(relation))
            for relation, pairs in zip(body, joins, strict=True)
        ]
        aggregates = [self.aggregate() for _ in range(self.choose.one([0, 0, 0, 1, 1, 2]))]
        negated = [
            self.bound_atom(self.choose.one(self.complete))
            for _ in range(self.choose.one([0, 0, 0, 1] if group else [0, 0, 1, 1, 2]))
        ]
        guards = [self.guard(2) for _ in range(self.choose.one([0, 0, 0, 0, 1, 2]))]
        values = [self.head_value(column.type, depth=0 if group else 2) for column in head.columns]
        return Clause(
            f"rule-{number}",
            Head(head.name, tuple(values)),
            tuple(atoms),
            tuple(aggregates),
            tuple(negated),
            tuple(guards),
        )

    # --- atoms
    def joins(self, relation: Relation, *, fresh: int) -> tuple[tuple[int, str], ...]:
        pairs = []
        for number, column in enumerate(relation.columns):
            known = [name for name, kind in self.kinds.items() if kind == column.type]
            if known and self.choose.chance(40):
                pairs.append((number, self.choose.one(known)))
            elif self.choose.chance(fresh):
                pairs.append((number, self.fresh(column.type)))
        return tuple(pairs)

    def fresh(self, kind: str) -> str:
        name = VARIABLES[len(self.kinds)]
        self.kinds[name] = kind
        return name

    def tests(self, relation: Relation) -> tuple[ColumnTest, ...]:
        return tuple(
            self.test(number, column.type)
            for number, column in enumerate(relation.columns)
            if self.choose.chance(15)
        )

    def test(self, column: int, kind: str) -> ColumnTest:
        op = self.choose.one(["==", "!=", "in", "present", "absent", *_more(kind)])
        if op in ("present", "absent"):
            return ColumnTest(column, op)
        if op == "in":
            return ColumnTest(
                column, op, tuple(self.choose.value(kind) for _ in range(self.choose.number(0, 3)))
            )
        return ColumnTest(column, op, self.expr(kind, 2))

    def bound_atom(self, relation: Relation) -> Atom:
        return Atom(relation.name, self.joins(relation, fresh=0), self.tests(relation))

    def aggregate(self) -> Aggregate:
        relation = self.choose.one(self.complete)
        ordered = [number for number, column in enumerate(relation.columns) if column.type in ORDERED]
        summed = [
            number
            for number in ordered
            if relation.columns[number].type in ("number", "duration", "period", "decimal 2")
        ]
        ops = ["count", *(["sum"] * bool(summed)), *(["min", "max", "newest", "oldest"] * bool(ordered))]
        op = self.choose.one(ops)
        atom = self.bound_atom(relation)
        if op == "count":
            return Aggregate(op, atom, result=self.fresh("number"))
        column = self.choose.one(summed if op == "sum" else ordered)
        if op in ("sum", "min", "max"):
            return Aggregate(op, atom, column, self.fresh(relation.columns[column].type))
        outputs = [number for number in range(len(relation.columns)) if self.choose.chance(60)]
        pairs = tuple((number, self.fresh(relation.columns[number].type)) for number in outputs)
        return Aggregate(op, atom, column, outputs=pairs)

    # --- expressions
    def head_value(self, kind: str, depth: int) -> Expr:
        return Const(None) if self.choose.chance(8) else self.expr(kind, depth)

    def guard(self, depth: int) -> Expr:
        if depth and self.choose.chance(40):
            items = tuple(self.guard(depth - 1) for _ in range(self.choose.number(1, 3)))
            return Junction(self.choose.one(["and", "or"]), items)
        kind = self.choose.one([*self.kinds.values(), *TYPES])
        ops = ["==", "!=", *_more(kind)]
        return Compare(self.choose.one(ops), self.expr(kind, 2), self.expr(kind, 2))

    def expr(self, kind: str, depth: int) -> Expr:
        if depth and self.choose.chance(35):
            return self.computed(kind, depth - 1)
        known = [name for name, its in self.kinds.items() if its == kind]
        if known and self.choose.chance(70):
            return Var(self.choose.one(known))
        if kind == "date" and self.choose.chance(40):
            return Today()
        if self.choose.chance(30):
            return Param(self.choose.one(name for name in PARAMETERS if name.startswith(kind)))
        return Const(self.choose.value(kind))

    def computed(self, kind: str, depth: int) -> Expr:
        def inner(kind: str) -> Expr:
            return self.expr(kind, depth)

        if kind in ORDERED and self.choose.chance(25):
            items = tuple(inner(kind) for _ in range(self.choose.number(1, 3)))
            return Extreme(self.choose.one(["max", "min"]), items)
        match kind:
            case "number" if self.choose.chance(30):
                op = self.choose.one(["months_between", "years_between"])
                return Civil(op, (inner("date"), inner("date")))
            case "number" | "decimal 2" if self.choose.chance(40):
                return Quotient(self.choose.one(ROUNDINGS), inner(kind), inner(kind), kind)
            case "decimal 2" if self.choose.chance(50):
                return Rescale(inner("number"), 2)
            case "decimal 2":
                return Arith(self.choose.one("+-"), inner(kind), inner(kind))
            case "number" if self.choose.chance(15):
                return Length(inner("text"))
            case "number":
                return Arith(self.choose.one("+-*"), inner(kind), inner(kind))
            case "text" if self.choose.chance(30):
                return Civil("weekday_of", (inner("date"),))
            case "date" if self.choose.chance(50):
                op = self.choose.one(name for name, (_, given) in CIVIL.items() if given.base == "date")
                return Civil(op, tuple(inner(wanted.base) for wanted in CIVIL[op][0]))
            case "period" if self.choose.chance(50):
                return Arith("*", inner(kind), inner("number"))
            case "period":
                return Arith(self.choose.one("+-"), inner(kind), inner(kind))
            case "date":
                return Shift(inner(kind), inner("duration"), self.choose.one([1, -1]))
            case "duration" if self.choose.chance(50):
                return Arith("-", inner("date"), inner("date"))
            case "duration":
                return Arith(self.choose.one("+-"), inner(kind), inner(kind))
            case _:
                return inner(kind)
