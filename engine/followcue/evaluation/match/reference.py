"""The plainest matcher: nested loops over rows, the definition of a right answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from followcue.base.rows import Row, Value
from followcue.evaluation.match.interpret import derived_row, evaluate_expr, joined, outcomes, test_holds
from followcue.evaluation.match.protocol import Derivation, Environment, Facts
from followcue.evaluation.match.refusals import too_many_derivations, too_many_steps
from followcue.language.logic.program import Atom, Clause, Component, Program, Test
from followcue.language.logic.walk import test_variables

Bindings: TypeAlias = Mapping[str, Value]
Rows: TypeAlias = tuple[Row, ...]


class ReferenceMatcher:
    """Runs a program by trying every row for every atom."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def run(self, facts: Facts, environment: Environment) -> list[Derivation]:
        """Every derivation of the program's model of `facts`."""
        evaluation = _Evaluation(self._program, facts, environment)
        for component in self._program.components:
            evaluation.complete(component)
        return list(evaluation.derivations)


class _Evaluation:
    """One run: the rows known so far, and the derivations that gave them."""

    def __init__(self, program: Program, facts: Facts, environment: Environment) -> None:
        self.program = program
        self.env = environment
        # Dictionaries stand for sets that keep their order, so that equal runs give equal lists.
        self.rows: dict[str, dict[Row, None]] = {
            name: dict.fromkeys(() if relation.derived else facts.get(name, ()))
            for name, relation in program.relations.items()
        }
        self.derivations: dict[Derivation, None] = {}
        self.steps = 0
        self.clause = 0

    def complete(self, component: Component) -> None:
        """Fire the component's clauses; a recursive one again and again until nothing new comes."""
        while self._fire(component) and component.recursive:
            pass

    def _fire(self, component: Component) -> bool:
        known = len(self.derivations)
        derived = []
        for number in component.clauses:
            clause = self.program.clauses[number]
            self.clause = number
            for derivation in self._firings(number, clause):
                self.derivations[derivation] = None
                derived.append((clause.head.relation, derivation.row))
                if len(self.derivations) > self.env.limits.derivations:
                    too_many_derivations(self.env.limits.derivations, self.derivations)
        for relation, row in derived:
            self.rows[relation][row] = None
        return len(self.derivations) > known

    def _firings(self, number: int, clause: Clause) -> Iterator[Derivation]:
        for body, chosen in self._bodies(clause, (), {}):
            for grouped, bindings in self._groups(clause, (), chosen):
                if self._accepts(clause, body, bindings):
                    yield Derivation(number, derived_row(number, clause, bindings, self.env), body, grouped)

    def _bodies(self, clause: Clause, body: Rows, bindings: Bindings) -> Iterator[tuple[Rows, Bindings]]:
        """Each way to choose rows for the atoms after those of `body`, with the variables then bound."""
        if len(body) == len(clause.body):
            yield body, bindings
            return
        atom = clause.body[len(body)]
        for row in self._tried(atom):
            bound = joined(atom.joins, row, bindings)
            if bound is not None and self._passes(row, atom.tests, bound):
                yield from self._bodies(clause, (*body, row), bound)

    def _groups(
        self, clause: Clause, grouped: tuple[Rows, ...], bindings: Bindings
    ) -> Iterator[tuple[tuple[Rows, ...], Bindings]]:
        """Each outcome of the aggregates after those of `grouped`, with the variables then bound."""
        if len(grouped) == len(clause.aggregates):
            yield grouped, bindings
            return
        aggregate = clause.aggregates[len(grouped)]
        for rows, bound in outcomes(aggregate, self._matching(aggregate.atom, bindings), bindings):
            yield from self._groups(clause, (*grouped, rows), bound)

    def _accepts(self, clause: Clause, body: Rows, bindings: Bindings) -> bool:
        """Whether all that may look at every variable holds: late tests, negated atoms, guards."""
        return (
            all(self._passes(row, atom.tests, bindings) for atom, row in zip(clause.body, body, strict=True))
            and not any(self._matching(atom, bindings) for atom in clause.negated)
            and all(evaluate_expr(guard, bindings, self.env) for guard in clause.guards)
        )

    def _matching(self, atom: Atom, bindings: Bindings) -> list[Row]:
        """The rows that match an atom all of whose variables are bound."""
        return [
            row
            for row in self._tried(atom)
            if joined(atom.joins, row, bindings) is not None and self._passes(row, atom.tests, bindings)
        ]

    def _passes(self, row: Row, tests: tuple[Test, ...], bindings: Bindings) -> bool:
        """Whether `row` passes those tests whose variables are bound by now."""
        return all(
            test_holds(test, row, bindings, self.env)
            for test in tests
            if test_variables(test) <= bindings.keys()
        )

    def _tried(self, atom: Atom) -> Iterator[Row]:
        """The rows of the atom's relation, each counted as one step."""
        for row in self.rows[atom.relation]:
            self.steps += 1
            if self.steps > self.env.limits.steps:
                too_many_steps(self.env.limits.steps, self.clause)
            yield row
