"""From a clause to a recipe: the facts that it takes, as cells with variables, and what must hold of these.

Conclusions are followed down to the situation by choosing one of their clauses each time. What a clause
denies is left out of the recipe, mostly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import cast

from followcue.base.rows import Value
from followcue.language.logic.program import (
    Aggregate,
    Atom,
    Clause,
    Compare,
    CompareOp,
    Const,
    Expr,
    Program,
    Today,
    Var,
)
from followcue.language.logic.walk import substituted
from followcue.language.model.vocabulary import Vocabulary
from followcue.synthesis.sampling.hints import Hints

DEEPEST = 6
"""How many conclusions deep a choice of clauses is free; below that the shortest way is taken."""

MOST_FACTS = 40
"""How many facts a recipe may ask for; what more a clause would need is left to chance."""


SHARED = 0.5
"""How likely one fact serves two conditions that speak of one kind."""


@dataclass(slots=True)
class Fact:
    """One row that is wanted: of a base relation, each cell by the variable whose value it takes."""

    relation: str
    cells: dict[int, str]
    absent: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Recipe:
    """Facts that are wanted, demands on their variables, and words of which a variable takes one."""

    facts: list[Fact] = field(default_factory=list)
    demands: list[Expr] = field(default_factory=list)
    choices: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    columns: dict[str, tuple[str, int]] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)

    def find(self, variable: str) -> str:
        """The variable that stands for all that were found to be the same."""
        while (other := self.same.get(variable)) is not None:
            variable = other
        return variable

    def unite(self, one: str, other: str) -> None:
        """Let both be the same."""
        one, other = self.find(one), self.find(other)
        if one != other:
            self.same[other] = one
            if other in self.choices:
                common = [v for v in self.choices.get(one, self.choices[other]) if v in self.choices[other]]
                self.choices[one] = tuple(common) or self.choices[other]
            if other in self.columns:
                self.columns.setdefault(one, self.columns[other])


class Cook:
    """Makes recipes for the clauses of one program."""

    def __init__(self, program: Program, vocabulary: Vocabulary, hints: Hints, choose: Random) -> None:
        self._program = program
        self._vocabulary = vocabulary
        self._hints = hints
        self._choose = choose
        self._recipe = Recipe()
        self._instances = 0

    def recipe(self, clause: int) -> Recipe:
        """What it takes for this clause to derive something, as far as that can be said."""
        self._recipe, self._instances = Recipe(), 0
        self._expand(self._program.clauses[clause], {}, 0)
        return self._recipe

    def _expand(self, clause: Clause, bound: Mapping[int, str], depth: int) -> None:
        self._instances += 1
        mark = f"{self._instances}."
        for column, outer in bound.items():
            value = clause.head.values[column]
            if isinstance(value, Var):
                self._recipe.unite(outer, mark + value.name)
            elif value != Const(None):
                self._recipe.demands.append(
                    Compare("==", Var(outer), substituted(value, lambda name: Var(mark + name)))
                )
        for atom in clause.body:
            self._atom(atom, mark, depth)
        for aggregate in clause.aggregates:
            self._aggregate(aggregate, mark, depth)
        for atom in clause.negated:
            if self._choose.random() < 0.08:
                self._atom(atom, mark, depth)
        self._recipe.demands += [substituted(guard, lambda name: Var(mark + name)) for guard in clause.guards]

    def _atom(self, atom: Atom, mark: str, depth: int) -> dict[int, str]:
        """Adds the facts of an atom; gives the variables of its columns."""
        recipe = self._recipe
        cells: dict[int, str] = {}
        absent: set[int] = set()
        for column, name in atom.joins:
            if column in cells:
                recipe.unite(cells[column], mark + name)
            else:
                cells[column] = mark + name
        for test in atom.tests:
            if test.op == "absent":
                absent.add(test.column)
                continue
            cell = cells.setdefault(test.column, self._fresh(mark))
            if isinstance(test.value, tuple):
                recipe.choices[recipe.find(cell)] = test.value
            elif test.value is not None:
                right = substituted(test.value, lambda name: Var(mark + name))
                recipe.demands.append(Compare(cast(CompareOp, test.op), Var(cell), right))
        for column, cell in cells.items():
            recipe.columns.setdefault(recipe.find(cell), (atom.relation, column))
        if self._program.relations[atom.relation].derived:
            self._conclude(atom.relation, cells, depth)
        elif len(recipe.facts) < MOST_FACTS:
            self._add_fact(Fact(atom.relation, cells, absent), mark)
        return cells

    def _add_fact(self, fact: Fact, mark: str) -> None:
        """Adds a fact; often it is one that is wanted already, for few situations hold many of a kind."""
        recipe = self._recipe
        base = fact.relation.partition(".")[0]
        key = key_column(base, self._vocabulary)
        alike = [other for other in recipe.facts if other.relation.partition(".")[0] == base]
        named = [
            other
            for other in alike
            if key in fact.cells and recipe.find(other.cells[key]) == recipe.find(fact.cells[key])
        ]
        if named or (alike and key not in fact.cells and self._choose.random() < SHARED):
            own = len(self._program.relations[base].columns)
            other = named[0] if named else self._choose.choice(alike)
            for column in sorted(other.cells.keys() & fact.cells.keys()):
                if column < own:
                    recipe.unite(other.cells[column], fact.cells[column])
            fact.cells[key] = other.cells[key]
        fact.cells.setdefault(key, self._fresh(mark))
        recipe.columns.setdefault(recipe.find(fact.cells[key]), (base, key))
        recipe.facts.append(fact)

    def _conclude(self, relation: str, cells: Mapping[int, str], depth: int) -> None:
        """Follows a conclusion down through one of its clauses."""
        if len(self._recipe.facts) >= MOST_FACTS:
            return
        known = [n for n in self._hints.clauses.get(relation, ()) if self._height(n) is not None]
        if not known:
            return
        if depth >= DEEPEST:
            lowest = min(self._height(n) or 0 for n in known)
            known = [n for n in known if self._height(n) == lowest]
        self._expand(self._program.clauses[self._choose.choice(known)], cells, depth + 1)

    def _height(self, number: int) -> int | None:
        """How far a clause is from the situation; None where nothing can satisfy it."""
        clause = self._program.clauses[number]
        needed = [atom.relation for atom in clause.body]
        needed += [a.atom.relation for a in clause.aggregates if a.op not in ("count", "sum")]
        heights = [self._hints.height.get(name) for name in needed]
        return None if None in heights else max((h for h in heights if h is not None), default=0)

    def _aggregate(self, aggregate: Aggregate, mark: str, depth: int) -> None:
        if aggregate.op in ("count", "sum"):
            self._number_of(aggregate, mark, depth)
            return
        atom = replace(aggregate.atom, joins=(*aggregate.atom.joins, *aggregate.outputs))
        if aggregate.result is not None and aggregate.column is not None:
            atom = replace(atom, joins=(*atom.joins, (aggregate.column, aggregate.result)))
        self._atom(atom, mark, depth)

    def _number_of(self, aggregate: Aggregate, mark: str, depth: int) -> None:
        """A few facts to count or to add up, mostly about as many as rules ask for."""
        times = self._choose.choice((0, 1, 1, 2, 2, 3, 4))
        if aggregate.op == "sum":
            times = min(times, 1)
        for _ in range(times):
            cells = self._atom(aggregate.atom, mark, depth)
            if aggregate.op == "sum" and aggregate.column in cells and aggregate.result:
                self._recipe.unite(cells[aggregate.column], mark + aggregate.result)
        if aggregate.op == "count" and aggregate.result:
            self._recipe.demands.append(Compare("==", Var(mark + aggregate.result), Const(times)))

    def _fresh(self, mark: str) -> str:
        self._instances += 1
        return f"{mark}#{self._instances}"


def is_event(relation: str, vocabulary: Vocabulary) -> bool:
    """Whether the rows of a base relation are dated events (or the members of a list of one)."""
    return vocabulary.kind_of(relation).is_event


def key_column(relation: str, vocabulary: Vocabulary) -> int:
    """The column that tells the facts of a kind apart: the moment of an event, the key of a record.

    Of a single record there is but one fact, and any column does.
    """
    kind = relation.partition(".")[0]
    if is_event(kind, vocabulary):
        return vocabulary.relations[kind].column("at")
    names = [column.name for column in vocabulary.relations[kind].columns]
    return names.index("id") if "id" in names else 0


def on_the_day(day: str) -> Expr:
    """The demand that what happened on `day` has happened already."""
    return Compare("<=", Var(day), Today())
