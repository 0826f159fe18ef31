"""Conditions within a condition -> relations of their own, which only the rule that makes them reads.

Idea: what is gathered of several conditions, or must not be there together, is a conclusion that the author
need not name. The rule

    - lent: {to: $reader, until: $until}
    - sum of $days * 2 as $points: [reminded: {to: $reader, date: after $until}, extended: {for: $days}]
    - every damaged: {seen_by: $reader, at: $at}
      has: {answered: {at: after $at}}

becomes clauses as if these helpers had been written as rules before it:

    h1(loan, reader, until, reminded.at, extended.at, days * 2)
        <- lent(to reader, until until), reminded(to reader, date after until), extended(for days)
    h3(loan, at)     <- damaged(at at), answered(at after at)
    h2(loan, reader) <- damaged(seen_by reader, at at), no h3(at)

    … <- lent(…), points = sum of the last column of h1(loan, reader, until), no h2(loan, reader)

The columns of a helper are the record of the scope; the variables that it *shares* with the conditions around
it; those by which it is grouped; for `count` and `sum` what tells one way from another, which are the facts
found; and the value. A variable that the inner conditions only compare with (`until` above) has to be bound
there too, so a helper takes over the conditions that bind it, less their other demands: rows for values that
the outer conditions never have do no harm, since these are joined again.

Invariant: a helper never looks at an aggregate of the rule around it, so that the rule stays in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from followcue.base.rows import DECIMALS, Column, ColumnType, Relation
from followcue.language.logic import program as ir
from followcue.language.logic.aggregates import unmeasurable
from followcue.language.logic.alternatives import (
    MAX_ALTERNATIVES,
    Alternative,
    Fold,
    Gather,
    Match,
    NoneOf,
    Pick,
    Simple,
    Single,
    TooManyAlternatives,
    Without,
)
from followcue.language.logic.atoms import bare_variable
from followcue.language.logic.computed import bound_by, definitions
from followcue.language.logic.expressions import ABSENT, Typed
from followcue.language.logic.types import ORDERED, comparable, describe, is_named
from followcue.language.model.leaves import variables_in, variables_of
from followcue.language.model.pack import HELPER
from followcue.language.model.rules import Comparing, Demand
from followcue.language.model.syntax import Constraint, Variable
from followcue.language.model.vocabulary import NUMBER, Type, Vocabulary

if TYPE_CHECKING:
    from followcue.language.logic.from_model import ClauseBuilder


@dataclass(frozen=True, slots=True)
class Helper:
    """A relation of inner conditions: where in its rows the variables stand, and the value that is gathered.

    `relation` is None where there is no way to satisfy the conditions. `groups` is the relation of the values
    by which it is grouped, whose columns are those of `shared` and then of `each`.
    """

    relation: Relation | None
    scope: bool
    shared: Mapping[str, int]
    each: Mapping[str, int]
    types: Mapping[str, Type]
    value: int | None
    type: Type
    groups: Relation | None = None


@dataclass
class Helpers:
    """The clauses of the helpers of one rule."""

    rule: str
    clauses: list[ir.Clause] = field(default_factory=list)

    def add(self, says: str, columns: tuple[Column, ...], ways: Sequence[ir.Clause]) -> Relation:
        """A relation of what these clauses derive; the same one for the same clauses."""
        digest = hashlib.sha256(repr((columns, ways)).encode()).hexdigest()[:8]
        relation = Relation(f"{HELPER}{self.rule} {digest}:{says.replace('.', ' ')}", columns, derived=True)
        for clause in ways:
            made = replace(clause, head=replace(clause.head, relation=relation.name), helper=relation)
            if made not in self.clauses:
                self.clauses.append(made)
        return relation


@dataclass
class _Way:
    """One way to satisfy the inner conditions: what binds and demands, and the expression of each column."""

    clause: ir.Clause
    values: dict[str, Typed]
    found: list[tuple[int, Match]]


class HelperBuilder:
    """Makes the helpers that one alternative of a rule needs; mistakes go to the problems of `builder`."""

    def __init__(self, builder: ClauseBuilder, helpers: Helpers) -> None:
        self._builder = builder
        self._helpers = helpers
        self._problems = builder.problems

    def helper(self, inner: Gather | NoneOf, around: Alternative) -> Helper | None:
        """The helper of a condition with conditions in it; None after a mistake."""
        before = len(self._problems)
        outer = _Outer(inner, around, self._builder.scope_name)
        each = () if isinstance(inner, NoneOf) else inner.each
        names = _variables_of(inner)
        shared = sorted(name for name in names if name in outer.binders)
        groups = [variable.name for variable in each if variable.name not in outer.binders]
        wanted: dict[str, Variable | None] = dict.fromkeys([*shared, *groups])
        for variable in each:
            wanted[variable.name] = variable
        ways = [way for option in inner.ways if (way := self._way(inner, option, outer, wanted)) is not None]
        if len(self._problems) > before:
            return None
        return self._made(inner, ways, shared, groups)

    def _way(
        self,
        inner: Gather | NoneOf,
        option: Alternative,
        outer: _Outer,
        wanted: Mapping[str, Variable | None],
    ) -> _Way | None:
        """The clause of one way; None if it can never hold, or after a mistake."""
        bound = {name for simple in option for name in bound_by(simple)}
        bound |= {definition.name for definition in definitions(option, self._builder.scope_name)}
        for name, variable in wanted.items():
            if variable is not None and name not in bound and name not in outer.binders:
                message = f"nothing beneath this gives `${name}` a value, so nothing can be taken one by one"
                hint = f"name it in a condition beneath, as in `lent: {{to: ${name}}}`"
                self._problems.append(inner.where.problem("FC317", message, variable.at, hint))
                return None
        needed = outer.needed([name for name in wanted if name not in bound])
        if needed is None:
            computed = next(name for name in wanted if name not in bound and not outer.can_bind(name))
            message = f"`${computed}` is made of many facts, and cannot be compared inside of this"
            hint = "conclude it in a rule of its own, and take it from there"
            self._problems.append(inner.where.problem("FC317", message, None, hint))
            return None
        nested = self._builder.nested()
        clause = nested.body_of((*option, *needed))
        if clause is None:
            return None
        values: dict[str, Typed] = {}
        for name in wanted:
            typed = nested.context.typed(Variable(name), inner.where)
            if typed is not None:
                values[name] = typed
        if isinstance(inner, Gather) and inner.value is not None:
            typed = nested.context.typed(inner.value, inner.where)
            if typed is not None and self._is_measured(inner, typed):
                values[""] = typed
        nested.guard_divisors()
        clause = replace(clause, guards=tuple(nested.guards))
        found = [(place, source) for place, source in enumerate(nested.sources) if source in option]
        return _Way(clause, values, [(place, source) for place, source in found if isinstance(source, Match)])

    def _is_measured(self, inner: Gather, typed: Typed) -> bool:
        """Whether such values can be added up or compared; if not, it is told."""
        if inner.op == "sum":
            amounts = ("number", "duration", "period", *DECIMALS.values())
            possible, verb = typed.type.base in amounts, "added up"
        else:
            possible = bool(typed.type.refers_to) or (typed.type.base in ORDERED and not is_named(typed.type))
            verb = "put in order"
        if not possible:
            at = inner.value.at if inner.value is not None else None
            message = f"this is {describe(typed.type)}, which cannot be {verb}"
            hint = unmeasurable(inner.op, typed.type)
            self._problems.append(inner.where.problem("FC303", message, at, hint))
        return possible

    def _made(
        self, inner: Gather | NoneOf, ways: list[_Way], shared: list[str], groups: list[str]
    ) -> Helper | None:
        vocabulary, scope = self._builder.vocabulary, self._builder.scope_name
        columns: list[Column] = [Column(scope, "text")] if scope else []
        places: dict[str, int] = {}
        types: dict[str, Type] = {}
        named = [*shared, *groups, *([""] if isinstance(inner, Gather) and inner.value is not None else [])]
        for name in named:
            typed = [way.values[name].type for way in ways]
            types[name] = typed[0] if typed else NUMBER
            if any(not comparable(types[name], other) for other in typed):
                said = f"`${name}`" if name else "this value"
                message = f"{said} is not of one type in all alternatives beneath this"
                self._problems.append(inner.where.problem("FC303", message))
                return None
            places[name] = len(columns)
            columns.append(Column(name or _name_of_value(inner), types[name].base))
        telling: list[_Identity] = []
        if isinstance(inner, Gather) and inner.op in ("count", "sum"):
            for way in ways:
                telling += [
                    one
                    for one in _identities(way, vocabulary)
                    if one.name not in [other.name for other in telling]
                ]
        columns += [Column(one.name, one.type) for one in telling]
        clauses = [
            clause
            for way in ways
            for clause in _told_apart(way, named, scope, [one.name for one in telling], vocabulary)
        ]
        if len(clauses) > MAX_ALTERNATIVES:
            raise TooManyAlternatives
        own = {name: places[name] for name in shared}
        each = {name: places[name] for name in groups}
        type = types.get("", NUMBER)
        if not clauses:
            return Helper(None, bool(scope), own, each, types, places.get(""), type)
        relation = self._helpers.add(inner.says, tuple(columns), clauses)
        grouped = self._groups(relation, inner, [*shared, *groups], places) if groups else None
        return Helper(relation, bool(scope), own, each, types, places.get(""), type, grouped)

    def _groups(
        self, relation: Relation, inner: Gather | NoneOf, names: list[str], places: Mapping[str, int]
    ) -> Relation:
        """The values by which the rows of a helper are grouped, each once."""
        kept = [*([0] if self._builder.scope_name else []), *(places[name] for name in names)]
        joins = tuple((place, relation.columns[place].name) for place in kept)
        head = ir.Head("", tuple(ir.Var(name) for _, name in joins))
        clause = ir.Clause(self._helpers.rule, head, (ir.Atom(relation.name, joins),))
        return self._helpers.add(inner.says, tuple(relation.columns[place] for place in kept), [clause])


def _name_of_value(inner: Gather | NoneOf) -> str:
    return inner.says.partition(" of ")[0].replace("$", "") if isinstance(inner, Gather) else ""


# --- the conditions around
class _Outer:
    """The conditions around a helper, and which of them gives each variable its value."""

    def __init__(self, inner: Gather | NoneOf, around: Alternative, scope: str | None) -> None:
        self.binders: dict[str, Simple] = {}
        self._definitions = {d.name: d for d in definitions(around, scope)}
        plain_first = sorted(around, key=lambda simple: not isinstance(simple, Match))
        own = {variable.name for variable in inner.each} if isinstance(inner, Gather) else set()
        for simple in plain_first:
            if simple is not inner:
                for name in bound_by(simple):
                    if not (isinstance(simple, Gather) and name in own):
                        self.binders.setdefault(name, simple)
        for name, definition in self._definitions.items():
            self.binders.setdefault(name, Comparing(definition.test, definition.where))
        if scope:
            self.binders.pop(scope, None)

    def can_bind(self, name: str) -> bool:
        """Whether a helper may take over what binds a variable."""
        binder = self.binders[name]
        if name in self._definitions and isinstance(binder, Comparing):
            return all(
                other not in self.binders or self.can_bind(other)
                for other in variables_in(self._definitions[name].expression)
                if other != name
            )
        return isinstance(binder, Match | Pick | Without)

    def needed(self, names: Iterable[str]) -> Alternative | None:
        """Conditions that bind these variables, and demand no more than they must; None where none can."""
        found: list[Simple] = []
        pending = [name for name in names if name in self.binders]
        seen: set[str] = set()
        while pending:
            name = pending.pop(0)
            if name in seen:
                continue
            seen.add(name)
            if not self.can_bind(name):
                return None
            binder = self.binders[name]
            if isinstance(binder, Comparing):
                pending += [n for n in variables_in(self._definitions[name].expression) if n in self.binders]
            simple = _stripped(binder)
            if simple not in found:
                found.append(simple)
        return tuple(found)


def _stripped(simple: Simple) -> Simple:
    """What binds the variables, without other demands than on the record of the scope."""
    if not isinstance(simple, Single):
        return simple
    kept = tuple(d for d in map(_loose, simple.demands) if d is not None)
    if isinstance(simple, Without):
        return Without(simple.kind, kept, simple.where, optional=True)
    return Match(simple.kind, kept, simple.where)


def _loose(demand: Demand) -> Demand | None:
    if bare_variable(demand) is not None or demand.constraint.op in ("any", "absent", "present"):
        return demand
    return replace(demand, constraint=Constraint("any"))


def _variables_of(inner: Gather | NoneOf) -> set[str]:
    """All variables that stand inside of a condition."""
    names: set[str] = set()
    for way in inner.ways:
        for simple in way:
            if isinstance(simple, Gather | NoneOf):
                names |= _variables_of(simple)
            elif isinstance(simple, Comparing):
                names |= set(variables_of(simple.test))
            elif isinstance(simple, Single):
                for demand in simple.demands:
                    for value in demand.constraint.values:
                        names |= set(variables_in(value))
            if isinstance(simple, Fold | Gather):
                names.add(simple.variable.name)
    if isinstance(inner, Gather):
        names |= set(variables_in(inner.value)) if inner.value is not None else set()
        names |= {variable.name for variable in inner.each}
    return names


# --- what tells one way from another
@dataclass(frozen=True, slots=True)
class _Identity:
    """A column of a fact that was found, which with others tells it from all other facts."""

    name: str
    type: ColumnType
    place: int
    column: int
    may_lack: bool


def _identities(way: _Way, vocabulary: Vocabulary) -> list[_Identity]:
    found: list[_Identity] = []
    times: dict[str, int] = {}
    for place, source in way.found:
        atom = way.clause.body[place]
        relation = vocabulary.relations[atom.relation]
        number = times[atom.relation] = times.get(atom.relation, 0) + 1
        for column in _identifying(relation, source, vocabulary):
            named = relation.columns[column]
            present = any(at == column for at, _ in atom.joins) or any(
                test.column == column and test.op != "absent" for test in atom.tests
            )
            may_lack = not present and (relation.derived or named.name == vocabulary.shape.scope)
            name = f"{relation.name} {number} {named.name}"
            found.append(_Identity(name, named.type, place, column, may_lack))
    return found


def _identifying(relation: Relation, source: Match, vocabulary: Vocabulary) -> list[int]:
    """The columns by which one row of a relation is told from another."""
    kind = vocabulary.kinds[source.kind.text]
    if kind.role == "conclusion":
        return list(range(len(relation.columns)))
    names = {vocabulary.shape.scope, "at" if kind.is_event else "id"}
    places = [n for n, column in enumerate(relation.columns) if column.name in names]
    is_member = relation.name != kind.name
    return [*places, *([len(relation.columns) - 1] if is_member else [])]


def _told_apart(
    way: _Way, named: Sequence[str], scope: str | None, telling: Sequence[str], vocabulary: Vocabulary
) -> Iterator[ir.Clause]:
    """The clauses of a way: one for each set of columns that the facts found may lack."""
    own = {one.name: one for one in _identities(way, vocabulary) if one.name in telling}
    first = [*([ir.Var(scope)] if scope else []), *(way.values[name].expr for name in named)]
    lacking = [one for one in own.values() if one.may_lack]
    if 2 ** len(lacking) > MAX_ALTERNATIVES:
        raise TooManyAlternatives
    for choice in product((False, True), repeat=len(lacking)):
        gone = {one.name for one, is_gone in zip(lacking, choice, strict=True) if is_gone}
        body = list(way.clause.body)
        values: list[ir.Expr] = list(first)
        for name in telling:
            one = own.get(name)
            if one is None or name in gone:
                values.append(ABSENT)
                if one is not None:
                    test = ir.Test(one.column, "absent")
                    body[one.place] = replace(body[one.place], tests=(*body[one.place].tests, test))
                continue
            atom = body[one.place]
            known = next((variable for column, variable in atom.joins if column == one.column), None)
            if known is None and ir.Test(one.column, "absent") in atom.tests:
                values.append(ABSENT)
                continue
            if known is None:
                known = f"{name}#"
                body[one.place] = replace(atom, joins=(*atom.joins, (one.column, known)))
            values.append(ir.Var(known))
        yield replace(way.clause, head=ir.Head("", tuple(values)), body=tuple(body))
