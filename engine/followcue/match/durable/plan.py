"""From a program to durable rules: which part of each clause the network runs, and which part the host.

    path(X, Z) :- path(X, Y), edge(Y, Z).                one rule; its activation is the match
    thank(P)   :- interviewed(P), not thanked(P).        one rule: control, interviewed, thanked$not
    late(A)    :- sent(A, D), not heard(A, D2 > D + 7).  two, and a candidate between them

Where a negation compares with what must be computed first, the activation of the first rule lets the host
work it out and assert it with the rest as a *candidate*, which the second rule (control, candidate,
heard$not) lets through or not.

A control fact opens a gate, when the relations that a negation looks at are complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from followcue.logic.program import Atom, Clause, CompareOp, Const, Expr, Program, Test, Var
from followcue.match.durable.codes import Codes, is_near
from followcue.match.durable.condition import Condition, Term
from followcue.match.durable.contract import CONTROL, MOST_JOINS
from followcue.match.evaluate import test_variables
from followcue.match.protocol import MatcherUnavailable

Purpose: TypeAlias = Literal["code", "clamp", "bound"]
"""Why a candidate carries a value: for equality, for a rough order, or for an exact order in a negation."""

_ORDERS: frozenset[str] = frozenset(("<", "<=", ">", ">="))
_ORDERED_TYPES = frozenset(("number", "date", "duration", "moment"))


@dataclass(frozen=True, slots=True)
class Column:
    """A field that holds a column of a row: its code, or clamped for comparisons of order."""

    column: int
    clamped: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """A field that is there only if the row passes a test which the host decides."""

    test: Test


Source: TypeAlias = Column | Flag


@dataclass(frozen=True, slots=True)
class Operand:
    """A field of a carrier: the value of an expression over the variables bound so far.

    `atom` is the number of the negated atom that a bound belongs to, `test` its comparison.
    """

    field: str
    expr: Expr
    purpose: Purpose
    atom: int = -1
    test: Test | None = None


@dataclass(frozen=True, slots=True)
class Carrier:
    """A kind of auxiliary fact, by which the host hands a partial match back to the network."""

    kind: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """For an estimate of matches: a kind, and the columns on which its rows must equal earlier ones."""

    kind: str
    columns: tuple[int, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One durable rule and what its activations mean.

    `carried` if its first positive condition is a carrier; `names` are its conditions on body atoms. `next`
    is the carrier to send on; without one the body (or, if `vetoes`, the whole clause) holds.
    """

    plan: int
    rule: Mapping[str, object]
    carried: bool
    names: tuple[str, ...]
    vetoes: bool
    next: Carrier | None
    gate: int
    reaches: tuple[Reach, ...]

    @property
    def may_explode(self) -> bool:
        """Whether one more fact may cost more than the rows that it joins."""
        reaches = self.reaches
        if self.vetoes or len(reaches) < 2:
            return False
        return self.gate >= 0 or len(reaches) > 2 or not reaches[1].columns


@dataclass(frozen=True, slots=True)
class Plan:
    """How one clause runs. Body atoms are taken in `order`; `late` tests are left to the host.

    `binders` says where each variable comes from: the place in `order`, and the column. `scanned` names the
    relations all of whose rows the network compares with a candidate.
    `gate` is the last one that must be open, -1 for none; `waits` if the host must wait for it with a match.
    `candidate` is what the host asserts for a match that negated atoms have yet to judge.
    """

    number: int
    clause: Clause
    order: tuple[int, ...]
    rearranged: bool
    binders: tuple[tuple[str, int, int], ...]
    late: tuple[tuple[int, Test], ...]
    gate: int
    waits: bool
    candidate: Carrier | None
    scanned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A program planned: its clauses, the rules by name, what the fields of each relation's kind hold."""

    plans: tuple[Plan, ...]
    steps: Mapping[str, Step]
    kinds: Mapping[str, str]
    sources: Mapping[str, Mapping[str, Source]]
    gates: int
    codes: Mapping[str | int, int]


@dataclass(frozen=True, slots=True)
class Breadth:
    """How much one rule may join: `atoms` from the body, and whether negations may stand beside them."""

    atoms: int
    fuse: bool


WIDE = Breadth(atoms=14, fuse=True)
"""Whole bodies in one rule, as far as the engine allows: with control and a carrier, 16 conditions."""

NARROW = Breadth(atoms=1, fuse=False)
"""Two by two, so that the host sees and counts every partial match: no assertion can run away."""

_MOST_NEGATED = 12


def plan_program(program: Program, breadth: Breadth) -> Blueprint:
    """Plan every clause of `program`."""
    planner = _Planner(program, breadth)
    return planner.blueprint()


def gates_of(program: Program) -> dict[int, int]:
    """For each clause number the gate it must wait for; -1 stands for none.

    What needs no gate is complete before the first one, gate 0, opens; a relation with clauses that wait for
    a gate is complete before the next one. That takes no more gates than there are levels, and often fewer.
    """
    completed = dict.fromkeys(program.relations, -1)
    gates: dict[int, int] = {}
    for component in program.components:
        latest = -1
        for number in component.clauses:
            clause = program.clauses[number]
            looked_at = [*clause.negated, *(aggregate.atom for aggregate in clause.aggregates)]
            gates[number] = max((completed[atom.relation] + 1 for atom in looked_at), default=-1)
            latest = max(latest, gates[number], *(completed[atom.relation] for atom in clause.body), -1)
        for number in component.clauses:
            head = program.clauses[number].head.relation
            completed[head] = max(completed[head], latest)
    return gates


@dataclass(slots=True)
class _Scope:
    """Where the network finds each variable: the condition, and the column or carried field."""

    places: dict[str, tuple[Condition, int | str]] = field(default_factory=dict)


class _Planner:
    """Collects the steps of all clauses, and the fields that they need."""

    def __init__(self, program: Program, breadth: Breadth) -> None:
        self._program = program
        self._breadth = breadth
        self._codes = Codes()
        self._kinds = {name: f"r{number}" for number, name in enumerate(program.relations)}
        self._sources: dict[str, dict[str, Source]] = {kind: {} for kind in self._kinds.values()}
        self._flags: dict[tuple[str, Test], str] = {}
        self._steps: dict[str, Step] = {}
        self._carriers = 0
        self._gates = gates_of(program)

    def blueprint(self) -> Blueprint:
        plans = tuple(
            _ClausePlanner(self, number, clause).plan() for number, clause in enumerate(self._program.clauses)
        )
        return Blueprint(
            plans,
            self._steps,
            self._kinds,
            self._sources,
            1 + max(self._gates.values(), default=-1),
            dict(self._codes.table),
        )

    # --- what a clause's planner asks for
    @property
    def breadth(self) -> Breadth:
        return self._breadth

    def gate(self, number: int) -> int:
        return self._gates.get(number, -1)

    def kind(self, atom: Atom) -> str:
        return self._kinds[atom.relation]

    def ordered(self, atom: Atom, column: int) -> bool:
        return self._program.relations[atom.relation].columns[column].type in _ORDERED_TYPES

    def code(self, value: object) -> int:
        assert isinstance(value, str | int)
        return self._codes.code(value)

    def column(self, atom: Atom, column: int, *, clamped: bool = False) -> str:
        """The field that holds a column."""
        name = f"{'o' if clamped else 'c'}{column}"
        self._sources[self.kind(atom)][name] = Column(column, clamped)
        return name

    def flag(self, atom: Atom, test: Test) -> str:
        """The field that says whether a row passes a test."""
        key = (self.kind(atom), test)
        if key not in self._flags:
            self._flags[key] = f"f{len(self._flags)}"
            self._sources[key[0]][self._flags[key]] = Flag(test)
        return self._flags[key]

    def carrier_kind(self) -> str:
        self._carriers += 1
        return f"x{self._carriers}"

    def add(self, step: Step) -> None:
        self._steps[f"s{len(self._steps)}"] = step


class _ClausePlanner:
    """Plans one clause: the rules that join its body, then those that let negated atoms judge."""

    def __init__(self, planner: _Planner, number: int, clause: Clause) -> None:
        self._planner = planner
        self._number = number
        self._clause = clause
        self._order = tuple(_connected_order(clause.body))
        self._gate = planner.gate(number)
        self._late: list[tuple[int, Test]] = []
        self._binders = tuple(_binders(clause, self._order))

    def plan(self) -> Plan:
        fused = self._fused()
        self._join_body(fused)
        candidate = None if fused or not self._clause.negated else self._veto(self._clause.negated)
        judged_by_order = any(
            operand.purpose == "bound" for operand in (candidate.operands if candidate else ())
        )
        return Plan(
            self._number,
            self._clause,
            self._order,
            self._order != tuple(range(len(self._order))),
            self._binders,
            tuple(self._late),
            self._gate,
            bool(self._clause.aggregates) or judged_by_order or (not self._clause.body and self._gate >= 0),
            candidate,
            tuple(atom.relation for atom in self._clause.negated if candidate and not _equalities(atom)),
        )

    def _fused(self) -> bool:
        """Whether the negated atoms can stand in the rule that joins the body.

        They can if they only compare for equality with what the body binds: then no value has to be computed.
        """
        clause, breadth = self._clause, self._planner.breadth
        bound = {name for name, _, _ in self._binders}
        return (
            breadth.fuse
            and 0 < len(clause.body) <= breadth.atoms
            and len(clause.negated) > 0
            and len(clause.body) + len(clause.negated) <= breadth.atoms
            and not clause.aggregates
            and all(_plain(atom, bound) for atom in clause.negated)
        )

    # --- joining the body
    def _join_body(self, fused: bool) -> None:
        carrier: Carrier | None = None
        rest = self._order
        while rest:
            size = self._planner.breadth.atoms + (carrier is None and not self._planner.breadth.fuse)
            taken, rest = rest[:size], rest[size:]
            carrier = self._join(carrier, taken, rest, fused)

    def _join(
        self, carrier: Carrier | None, taken: tuple[int, ...], rest: tuple[int, ...], fused: bool
    ) -> Carrier | None:
        """One rule that joins the atoms `taken`; returns what carries its matches on, if atoms are left."""
        scope = _Scope()
        conditions = [_control(self._gate)] if fused else []
        reaches: list[Reach] = []
        if carrier is not None:
            carried = Condition("p", carrier.kind)
            conditions.append(carried)
            reaches.append(Reach(carrier.kind, ()))
            for operand in carrier.operands:
                if isinstance(operand.expr, Var) and operand.purpose == "code":
                    scope.places[operand.expr.name] = (carried, operand.field)
        names = []
        for index in taken:
            condition, reach = self._positive(index, scope)
            conditions.append(condition)
            names.append(condition.name)
            reaches.append(reach)
        if fused:
            for number, atom in enumerate(self._clause.negated):
                conditions.append(self._negated(number, atom, scope))
                reaches.append(Reach(self._planner.kind(atom), _equalities(atom), negated=True))
        onward = self._carrier(rest) if rest else None
        self._add(conditions, carrier is not None, names, False, onward, self._gate if fused else -1, reaches)
        return onward

    def _positive(self, index: int, scope: _Scope) -> tuple[Condition, Reach]:
        atom = self._clause.body[index]
        condition = Condition(f"p{index}", self._planner.kind(atom))
        own: dict[str, tuple[Condition, int | str]] = {}
        columns: list[int] = []
        for column, variable in atom.joins:
            here = self._planner.column(atom, column)
            condition.require(here)
            if variable in own:
                condition.equate(here, f"c{own[variable][1]}")
            elif variable in scope.places:
                self._join_or_check(condition, index, Test(column, "==", Var(variable)), scope)
                columns.append(column)
            else:
                own[variable] = (condition, column)
        for test in atom.tests:
            if isinstance(test.value, Var) and test.value.name in scope.places and test.op in _COMPARISONS:
                self._join_or_check(condition, index, test, scope)
                if test.op == "==":
                    columns.append(test.column)
            elif test_variables(test):
                self._late.append((index, test))
            else:
                self._alone(condition, atom, test)
        scope.places |= own
        return condition, Reach(condition.kind, tuple(columns))

    def _join_or_check(self, condition: Condition, index: int, test: Test, scope: _Scope) -> None:
        """Join on equality exactly; on order only roughly, which the host then makes exact.

        In a narrow plan the host does all but equality, so that it counts whatever the network tries.
        """
        atom = self._clause.body[index]
        assert isinstance(test.value, Var)
        other, place = scope.places[test.value.name]
        if condition.joins >= MOST_JOINS - 1:
            self._late.append((index, test))
        elif test.op == "==" or (test.op == "!=" and self._planner.breadth.fuse):
            name = f"c{place}" if isinstance(place, int) else place
            condition.join(test.op, self._planner.column(atom, test.column), other, name)
        else:
            self._late.append((index, test))
            self._join_roughly(condition, atom, test, scope)

    def _join_roughly(self, condition: Condition, atom: Atom, test: Test, scope: _Scope) -> None:
        """Where numbers have `<`, clamped ones have `<=`: that spares the host most of its refusals."""
        assert isinstance(test.value, Var)
        other, place = scope.places[test.value.name]
        if (
            isinstance(place, str)
            or not self._planner.breadth.fuse
            or not self._planner.ordered(atom, test.column)
        ):
            return
        source = self._clause.body[int(other.name[1:])]
        if not self._planner.ordered(source, place):
            return
        mine = self._planner.column(atom, test.column, clamped=True)
        theirs = self._planner.column(source, place, clamped=True)
        condition.join("<=" if test.op in ("<", "<=") else ">=", mine, other, theirs)

    def _alone(self, condition: Condition, atom: Atom, test: Test) -> None:
        """A test of one column with what is known before any row: in the network if with a constant."""
        constant = test.value.value if isinstance(test.value, Const) else None
        if test.op == "present":
            condition.require(self._planner.column(atom, test.column))
        elif test.op == "absent":
            condition.forbid(self._planner.column(atom, test.column))
        elif (test.op == "==" or test.op == "!=") and constant is not None:
            condition.compare(test.op, self._planner.column(atom, test.column), self._planner.code(constant))
        elif test.op in _COMPARISONS and is_near(constant) and self._planner.ordered(atom, test.column):
            assert test.op in ("<", "<=", ">", ">=")
            name = self._planner.column(atom, test.column, clamped=True)
            condition.compare(test.op, name, int(constant))
        else:
            condition.compare("==", self._planner.flag(atom, test), 1)

    def _carrier(self, rest: tuple[int, ...]) -> Carrier:
        """What the atoms `rest` need to know of those before them."""
        later = {name for index in rest for name in _variables(self._clause.body[index])}
        done = len(self._order) - len(rest)
        earlier = [name for name, place, _ in self._binders if place < done]
        names = [name for name in earlier if name in later]
        operands = tuple(Operand(f"v{n}", Var(name), "code") for n, name in enumerate(names))
        return Carrier(self._planner.carrier_kind(), operands)

    # --- negated atoms
    def _negated(self, number: int, atom: Atom, scope: _Scope) -> Condition:
        """A negated atom beside the body: every variable is a column of it."""
        condition = Condition(f"n{number}", self._planner.kind(atom), negated=True)
        for column, variable in atom.joins:
            self._join_exactly(condition, atom, Test(column, "==", Var(variable)), scope)
        for test in atom.tests:
            if test_variables(test):
                self._join_exactly(condition, atom, test, scope)
            else:
                self._alone(condition, atom, test)
        self._admit(condition)
        return condition

    def _join_exactly(self, condition: Condition, atom: Atom, test: Test, scope: _Scope) -> None:
        assert isinstance(test.value, Var)
        assert test.op == "==" or test.op == "!="
        other, place = scope.places[test.value.name]
        assert isinstance(place, int)
        condition.join(test.op, self._planner.column(atom, test.column), other, f"c{place}")

    def _veto(self, atoms: Sequence[Atom]) -> Carrier:
        """The rules in which candidates meet negated atoms, a dozen at a time; returns the first candidate.

        Every candidate carries all operands: what the host computes once is passed on as it is.
        """
        groups = [range(start, len(atoms))[:_MOST_NEGATED] for start in range(0, len(atoms), _MOST_NEGATED)]
        operands = _Operands()
        wanted = [[self._judge(n, atoms[n], operands) for n in group] for group in groups]
        carriers = [Carrier(self._planner.carrier_kind(), operands.all()) for _ in groups]
        for place, (carrier, judges) in enumerate(zip(carriers, wanted, strict=True)):
            candidate = Condition("p", carrier.kind)
            conditions = [_control(self._gate), candidate]
            conditions += [judge.condition(candidate) for judge in judges]
            for condition in conditions[2:]:
                self._admit(condition)
            onward = carriers[place + 1] if place + 1 < len(carriers) else None
            self._add(conditions, True, [], True, onward, self._gate, [Reach(carrier.kind, ())])
        return carriers[0]

    def _judge(self, number: int, atom: Atom, operands: _Operands) -> _Judge:
        """A negated atom that meets a candidate: every value to compare with is a field of the candidate."""
        judge = _Judge(Condition(f"n{number}", self._planner.kind(atom), negated=True), [])
        for column, variable in atom.joins:
            mine = self._planner.column(atom, column)
            judge.joins.append(("==", mine, operands.code(Var(variable))))
        for test in atom.tests:
            if not test_variables(test):
                self._alone(judge.bare, atom, test)
            elif test.op == "==" or test.op == "!=":
                assert test.value is not None
                assert not isinstance(test.value, tuple)
                mine = self._planner.column(atom, test.column)
                judge.joins.append((test.op, mine, operands.code(test.value)))
            else:
                assert test.op in ("<", "<=", ">", ">=")
                if not self._planner.ordered(atom, test.column):
                    raise MatcherUnavailable(
                        f"rule {self._clause.rule}: durable-rules cannot put texts in order ({atom.relation})"
                    )
                mine = self._planner.column(atom, test.column, clamped=True)
                judge.joins.append((test.op, mine, operands.bound(number, test)))
        return judge

    def _admit(self, condition: Condition) -> None:
        if condition.joins > MOST_JOINS:
            raise MatcherUnavailable(
                f"rule {self._clause.rule}: a negation compares {condition.joins} fields with others; "
                f"durable-rules takes {MOST_JOINS}; `compiled` and `reference` give the same answers"
            )

    def _add(
        self,
        conditions: Sequence[Condition],
        carried: bool,
        names: Iterable[str],
        vetoes: bool,
        onward: Carrier | None,
        gate: int,
        reaches: Iterable[Reach],
    ) -> None:
        rule: Term = {"all": [condition.as_json() for condition in conditions], "dist": 0, "cap": _CAP}
        self._planner.add(
            Step(self._number, rule, carried, tuple(names), vetoes, onward, gate, tuple(reaches))
        )


@dataclass(frozen=True, slots=True)
class _Judge:
    """A negated condition whose joins wait for the candidate they refer to."""

    bare: Condition
    joins: list[tuple[CompareOp, str, str]]

    def condition(self, candidate: Condition) -> Condition:
        for op, mine, theirs in self.joins:
            self.bare.join(op, mine, candidate, theirs)
        return self.bare


class _Operands:
    """The fields of a candidate: one for each different value that negated atoms compare with."""

    def __init__(self) -> None:
        self._operands: dict[tuple[object, ...], Operand] = {}

    def code(self, expr: Expr) -> str:
        return self._field(("code", expr), expr, "code", -1, None)

    def bound(self, atom: int, test: Test) -> str:
        assert test.value is not None
        assert not isinstance(test.value, tuple)
        return self._field(("bound", atom, test), test.value, "bound", atom, test)

    def all(self) -> tuple[Operand, ...]:
        return tuple(self._operands.values())

    def _field(
        self, key: tuple[object, ...], expr: Expr, purpose: Purpose, atom: int, test: Test | None
    ) -> str:
        known = self._operands.setdefault(key, Operand(f"v{len(self._operands)}", expr, purpose, atom, test))
        return known.field


_COMPARISONS: frozenset[str] = _ORDERS | {"==", "!="}
_CAP = 64


def _control(gate: int) -> Condition:
    control = Condition("c", CONTROL)
    control.compare("==", "level", gate)
    return control


def _plain(atom: Atom, bound: set[str]) -> bool:
    """Whether a negated atom compares variables of the body only, and only whether they are equal."""
    return all(variable in bound for _, variable in atom.joins) and all(
        not test_variables(test)
        or (isinstance(test.value, Var) and test.op in ("==", "!=") and test.value.name in bound)
        for test in atom.tests
    )


def _variables(atom: Atom) -> set[str]:
    """Every variable that an atom joins or compares with."""
    return {name for _, name in atom.joins}.union(*map(test_variables, atom.tests))


def _equalities(atom: Atom) -> tuple[int, ...]:
    """The columns that must equal something bound outside the atom."""
    tested = (test.column for test in atom.tests if test.op == "==" and test_variables(test))
    return (*(column for column, _ in atom.joins), *tested)


def _connected_order(body: Sequence[Atom]) -> Iterator[int]:
    """The atoms in an order in which each shares a variable with those before it, where that is possible."""
    left = dict(enumerate(body))
    bound: set[str] = set()
    while left:
        near = (number for number, atom in left.items() if any(name in bound for _, name in atom.joins))
        number = next(near, next(iter(left)))
        bound |= {name for _, name in left.pop(number).joins}
        yield number


def _binders(clause: Clause, order: Iterable[int]) -> Iterator[tuple[str, int, int]]:
    """Each variable of the body, with the place in `order` and the column that the network takes it from."""
    seen: set[str] = set()
    for place, index in enumerate(order):
        for column, variable in clause.body[index].joins:
            if variable not in seen:
                seen.add(variable)
                yield variable, place, column
