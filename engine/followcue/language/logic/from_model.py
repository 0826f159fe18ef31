"""Rules -> clauses: each way to satisfy a rule's conditions becomes one typed clause of the program."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import cast

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.base.rows import Relation
from followcue.language.logic import program as ir
from followcue.language.logic.aggregates import AggregateBuilder
from followcue.language.logic.alternatives import (
    MAX_ALTERNATIVES,
    Alternative,
    Fold,
    Match,
    Pick,
    SeveralKinds,
    Single,
    TooManyAlternatives,
    Without,
    alternatives,
    without,
)
from followcue.language.logic.atoms import AtomBuilder, KindShape, bare_variable, split, tested
from followcue.language.logic.binding import Binder
from followcue.language.logic.expressions import FALSE, TRUE, TypingContext, junction, not_nought
from followcue.language.logic.heads import HeadBuilder
from followcue.language.logic.walk import variables
from followcue.language.model.rules import Comparing, Demand, Rule, RuleHead
from followcue.language.model.vocabulary import Vocabulary


def clauses_of(rule: Rule, vocabulary: Vocabulary) -> tuple[list[ir.Clause], list[Diagnostic]]:
    """The clauses of one rule, and what is wrong with its names and types.

    A tip that holds always has no clauses.
    """
    head = rule.head
    if head is None or rule.is_always_a_tip:
        return [], []
    settled = tuple(simple for pattern in head.done_when for simple in without(pattern))
    try:
        options = alternatives(rule.when)
    except TooManyAlternatives:
        message = f"the choices in this rule multiply to more than {MAX_ALTERNATIVES} cases"
        hint = "make some of the choices a conclusion of their own"
        return [], [rule.where.problem("FC410", message, hint=hint)]
    except SeveralKinds as error:
        word = error.condition.word
        hint = f"conclude one thing from all of them and write `{word}` of that"
        return [], [
            error.condition.where.problem("FC411", f"`{word}` takes one kind of facts", error.at, hint)
        ]
    problems: list[Diagnostic] = []
    clauses = []
    for option in options:
        builder = _ClauseBuilder(rule, head, vocabulary, problems)
        clause = builder.clause(option, settled)
        if clause is not None:
            clauses.append(clause)
    return clauses, [p for p in problems if not (rule.unread and p.code == "FC402")]


class _ClauseBuilder:
    """Builds the clause of one alternative: binds variables, then makes atoms, aggregates, guards, head."""

    def __init__(
        self, rule: Rule, head: RuleHead, vocabulary: Vocabulary, problems: list[Diagnostic]
    ) -> None:
        self.rule = rule
        self.rule_head = head
        self.vocabulary = vocabulary
        self.problems = problems
        self.scope_name = None if rule.whole else vocabulary.shape.scope
        self.context = TypingContext(vocabulary, problems=problems)
        self.atoms = AtomBuilder(vocabulary, self.context, self.scope_name)
        self.binder = Binder(self.context)
        self.body: list[ir.Atom] = []
        self.negated: list[ir.Atom] = []
        self.guards: list[ir.Expr] = []
        self.settled = 0
        self.possible = True

    def clause(self, alternative: Alternative, settled: Alternative) -> ir.Clause | None:
        """The clause; None if it can never hold, or after a mistake. No fact may match what is `settled`."""
        before = len(self.problems)
        singles = [simple for simple in (*alternative, *settled) if isinstance(simple, Single)]
        placed = [(single, shape) for single in singles if (shape := self.atoms.shape(single)) is not None]
        self.binder.bind(placed, self.scope_name)
        for single, shape in placed:
            if isinstance(single, Match):
                self._match(single, shape)
            elif isinstance(single, Without):
                self._without(single, shape, settles=any(single is pattern for pattern in settled))
        self._rest_on_scope()
        folding = AggregateBuilder(self.atoms, self.binder)
        aggregates = [folding.build(s, shape) for s, shape in placed if isinstance(s, Pick | Fold)]
        for simple in alternative:
            if isinstance(simple, Comparing):
                self._guard(self.context.test(simple.test, simple.where))
        self._guard(self._profile_guard())
        head = HeadBuilder(self.context, self.scope_name).build(self.rule_head)
        if len(self.problems) > before or not self.possible or head is None:
            return None
        for divisor in self.context.divisors:
            self._guard(not_nought(divisor))
        ordered = folding.in_order([a for a in aggregates if a is not None], self.rule.where)
        return ir.Clause(
            self.rule.id,
            head,
            tuple(self.body),
            ordered,
            tuple(self.negated),
            tuple(self.guards),
            self.settled,
        )

    # --- atoms
    def _match(self, single: Match, shape: KindShape) -> None:
        known = self.atoms.known(single, shape)
        listed, scalar = split(known, lambda d: d.field in shape.many and d.constraint.op != "any")
        missing, members = split(listed, lambda d: d.constraint.op == "absent")
        lists = list(dict.fromkeys(member.field for member in members))
        demands, others = split(scalar + members, lambda d: d not in members or d.field == lists[0])
        relation = self.atoms.relation(shape, lists[:1])
        joins = self.atoms.joins(shape, relation, demands, self.atoms.implied_join(shape, single.demands))
        mark = f"#{len(self.body)}"
        if others or missing:
            joins += _identity(shape, relation, mark)
        self._add_body(shape, relation, joins, demands)
        for name in lists[1:]:
            also = self.atoms.relation(shape, [name])
            own = [other for other in others if other.field == name]
            pairs = [*_identity(shape, also, mark), *self.atoms.joins(shape, also, own, [])]
            self._add_body(shape, also, pairs, own)
        for gone in missing:
            none = self.atoms.relation(shape, [gone.field])
            self.negated.append(ir.Atom(none.name, tuple(_identity(shape, none, mark))))

    def _add_body(
        self, shape: KindShape, relation: Relation, joins: list[tuple[int, str]], demands: list[Demand]
    ) -> None:
        tests = self.atoms.tests(shape, relation, tested(demands))
        if tests is None:
            self.possible = False
            return
        own, later = split_tests(tests, self.binder.plain)
        for test, value in later:
            name = f"{relation.columns[test.column].name}#{len(self.body)}.{test.column}"
            if (test.column, name) not in joins:
                joins.append((test.column, name))
            self.guards.append(ir.Compare(cast(ir.CompareOp, test.op), ir.Var(name), value))
        self.body.append(ir.Atom(relation.name, tuple(joins), tuple(own)))

    def _without(self, single: Without, shape: KindShape, settles: bool) -> None:
        placed = self.atoms.single_relation(single, shape)
        if placed is None:
            return
        relation, demands = placed
        present: list[ir.Test] = []
        joined = []
        for demand in demands:
            variable = bare_variable(demand)
            if variable is None or variable.name in self.context.types:
                joined.append(demand)
                self.binder.check_type(demand, shape)
            elif variable.name in self.context.absent and single.optional:
                present.append(ir.Test(shape.column(relation, demand.field), "present"))
            elif variable.name in self.context.absent:
                return  # compared with what is absent: no fact can match
            else:
                self.binder.unbound(demand, variable.name)
        joins = self.atoms.joins(shape, relation, joined, self.atoms.implied_join(shape, single.demands))
        tests = self.atoms.tests(shape, relation, tested(joined))
        if tests is not None:
            self.negated.append(ir.Atom(relation.name, tuple(joins), (*present, *tests)))
            self.settled += settles

    def _rest_on_scope(self) -> None:
        """Lets a rule without a plain pattern of the scope range over all of its records."""
        bound = {variable for atom in self.body for _, variable in atom.joins}
        if self.scope_name and self.scope_name not in bound:
            self.body.insert(0, ir.Atom(self.scope_name, ((0, self.scope_name),)))

    # --- guards
    def _guard(self, guard: ir.Expr | None) -> None:
        if guard == FALSE:
            self.possible = False
        elif guard is not None and guard != TRUE:
            self.guards.append(guard)

    def _profile_guard(self) -> ir.Expr:
        known = [m for m in self.rule.profiles if m.name in self.vocabulary.profiles]
        for mention in self.rule.profiles:
            if mention not in known:
                hint = did_you_mean(mention.name, self.vocabulary.profiles)
                message = f"there is no profile `{mention.name}`"
                self.problems.append(mention.where.problem("FC307", message, None, hint))
        if not self.rule.profiles:
            return TRUE
        return junction("or", [ir.Compare("==", ir.Param("profile"), ir.Const(m.name)) for m in known])


# --- small questions
def split_tests(
    tests: Iterable[ir.Test], plain: Container[str]
) -> tuple[list[ir.Test], list[tuple[ir.Test, ir.Expr]]]:
    """The tests of a body atom that use only variables of the body, and those that wait for an aggregate.

    The latter become guards, so that a body never depends on what is computed from it.
    """
    own: list[ir.Test] = []
    later: list[tuple[ir.Test, ir.Expr]] = []
    for test in tests:
        value = test.value
        if value is None or isinstance(value, tuple) or all(name in plain for name in variables(value)):
            own.append(test)
        else:
            later.append((test, value))
    return own, later


def _identity(shape: KindShape, relation: Relation, mark: str) -> list[tuple[int, str]]:
    """Joins of the fields that identify a fact, by variables that no author can write."""
    return [(shape.column(relation, field), f"{shape.kind.name}.{field}{mark}") for field in shape.identity()]
