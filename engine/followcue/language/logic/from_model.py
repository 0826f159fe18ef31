"""Rules -> clauses: each way to satisfy a rule's conditions becomes one typed clause of the program."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, cast

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.base.rows import Relation
from followcue.language.logic import program as ir
from followcue.language.logic.aggregates import AggregateBuilder
from followcue.language.logic.alternatives import (
    MAX_ALTERNATIVES,
    Alternative,
    Fold,
    Gather,
    Match,
    NoneOf,
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
from followcue.language.logic.cells import cell_guard, column_value, no_row_guards
from followcue.language.logic.computed import compute, definitions, prepared
from followcue.language.logic.expressions import (
    ABSENT,
    FALSE,
    TRUE,
    Typed,
    TypingContext,
    junction,
    not_nought,
)
from followcue.language.logic.heads import HeadBuilder
from followcue.language.logic.helpers import Helper, HelperBuilder, Helpers
from followcue.language.logic.told_values import names_in
from followcue.language.logic.types import comparable, describe
from followcue.language.logic.walk import variables
from followcue.language.model.decision_table import Table
from followcue.language.model.leaves import leaves_of
from followcue.language.model.rules import Comparing, Demand, NoRowAbove, Rule, RuleHead, TableCell
from followcue.language.model.syntax import Variable
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
        return [], [_too_many(rule)]
    except SeveralKinds as error:
        word = error.condition.word
        hint = f"conclude one thing from all of them and write `{word}` of that"
        return [], [
            error.condition.where.problem("FC411", f"`{word}` takes one kind of facts", error.at, hint)
        ]
    problems: list[Diagnostic] = []
    helpers = Helpers(rule.id)
    clauses = []
    try:
        for option in options:
            clauses += ClauseBuilder(rule, vocabulary, problems, helpers).clauses(option, settled, head)
    except TooManyAlternatives:
        return [], [_too_many(rule)]
    made = [*helpers.clauses, *clauses]
    if rule.unread:
        return made, [problem for problem in problems if problem.code != "FC402"]
    return made, _told_once(problems)


def _too_many(rule: Rule) -> Diagnostic:
    message = f"`any of`, `or` and `maybe` in this rule multiply to more than {MAX_ALTERNATIVES} cases"
    hint = "let rules of their own conclude some of these, and name that conclusion here"
    return rule.where.problem("FC410", message, hint=hint)


def _told_once(problems: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The problems; that nothing binds a variable is told at its first place alone."""
    first: dict[str, Diagnostic] = {}
    for problem in problems:
        if problem.code == "FC402":
            variable = problem.message.split("`")[1]
            known = first.setdefault(variable, problem)
            if problem.span and known.span and problem.span < known.span:
                first[variable] = problem
    return [problem for problem in problems if problem.code != "FC402" or problem in first.values()]


class CellsInCase(NamedTuple):
    """The cells of a table as guards, in one of the ways to satisfy what its rows share.

    `clause` is what the rows share, `columns` are the values that are asked, `guards` what each row asks: one
    for each of its cells, in their order.
    """

    clause: ir.Clause
    columns: tuple[Typed, ...]
    guards: tuple[tuple[ir.Expr, ...], ...]


def cells_in_cases(table: Table, vocabulary: Vocabulary) -> list[CellsInCase]:
    """The cells of a table that was compiled, by the ways to satisfy what its rows share."""
    cases = []
    for clause, context in _shared(table, vocabulary):
        columns = [column_value(context, column.value, column.where) for column in table.columns]
        rows = [[cell_guard(context, cell) for cell in row.cells] for row in table.rows]
        guards = tuple(tuple(guard for guard in row if guard is not None) for row in rows)
        cases.append(CellsInCase(clause, tuple(c for c in columns if c is not None), guards))
    return cases


def contexts_of(rule: Rule, vocabulary: Vocabulary) -> Iterator[TypingContext]:
    """What is known of the variables of a rule, in each way to satisfy its conditions."""
    try:
        options = alternatives(rule.when)
    except (TooManyAlternatives, SeveralKinds):
        return
    for option in options:
        builder = ClauseBuilder(rule, vocabulary, [], Helpers(rule.id))
        builder.body_of(option)
        yield builder.context


def column_problems(table: Table, vocabulary: Vocabulary) -> list[Diagnostic]:
    """What is wrong with the columns of a table, be it that no row asks anything of them."""
    problems: list[Diagnostic] = []
    for _, context in _shared(table, vocabulary):
        context.problems = problems
        for column in table.columns:
            column_value(context, column.value, column.where)
    return problems


def _shared(table: Table, vocabulary: Vocabulary) -> Iterator[tuple[ir.Clause, TypingContext]]:
    """What the rows of a table share as a clause, in each way to satisfy it, with what is known there."""
    warn = RuleHead("warn", "?", {}, table.where)
    profiles = table.profiles
    rule = Rule(table.id, table.where, whole=table.whole, profiles=profiles, when=table.when, head=warn)
    try:
        options = alternatives(rule.when)
    except (TooManyAlternatives, SeveralKinds):
        return  # which each row says itself
    for option in options:
        builder = ClauseBuilder(rule, vocabulary, [], Helpers(rule.id))
        for clause in builder.clauses(option, (), warn):
            yield clause, builder.context


class ClauseBuilder:
    """Builds the clauses of one alternative: binds variables, then makes atoms, aggregates, guards, heads.

    `sources` are the conditions from which the atoms of the body come, where there is one.
    """

    def __init__(
        self, rule: Rule, vocabulary: Vocabulary, problems: list[Diagnostic], helpers: Helpers
    ) -> None:
        self.rule = rule
        self.vocabulary = vocabulary
        self.problems = problems
        self.helpers = helpers
        self.scope_name = None if rule.whole else vocabulary.shape.scope
        written = {leaf.value.name for leaf in leaves_of(rule) if isinstance(leaf.value, Variable)}
        self.context = TypingContext(vocabulary, problems=problems, written=written)
        self.atoms = AtomBuilder(vocabulary, self.context, self.scope_name)
        self.binder = Binder(self.context)
        self.body: list[ir.Atom] = []
        self.sources: list[Single | None] = []
        self.negated: list[ir.Atom] = []
        self.guards: list[ir.Expr] = []
        self.settled = 0
        self.possible = True

    def nested(self) -> ClauseBuilder:
        """What builds the conditions within a condition of this."""
        return ClauseBuilder(self.rule, self.vocabulary, self.problems, self.helpers)

    def clauses(self, alternative: Alternative, settled: Alternative, head: RuleHead) -> list[ir.Clause]:
        """A clause for each head; none if it can never hold, or after a mistake.

        No fact may match what is `settled`.
        """
        before = len(self.problems)
        clause = self.body_of(alternative, settled)
        building = HeadBuilder(self.context, self.scope_name)
        heads = [building.build(one) for one in head.each]
        self._guard(self._profile_guard())
        if clause is None or len(self.problems) > before or not self.possible:
            return []
        self.guard_divisors()
        clause = replace(clause, guards=tuple(self.guards), computed=tuple(self._computed(head)))
        return [replace(clause, head=made) for made in heads if made is not None]

    def _computed(self, head: RuleHead) -> Iterator[ir.ComputedValue]:
        """What those variables stand for that a computation binds."""
        told = names_in(head)
        for name, typed in self.context.computed.items():
            kind, is_told = typed.type, name in told
            yield ir.ComputedValue(name, typed.expr, is_told, kind.base, kind.refers_to, bool(kind.choices))

    def guard_divisors(self) -> None:
        """Lets nothing be divided by nought, in what was typed since this was asked last."""
        for divisor in dict.fromkeys(self.context.divisors):
            self._guard(not_nought(divisor))
        self.context.divisors.clear()

    def body_of(self, alternative: Alternative, settled: Alternative = ()) -> ir.Clause | None:
        """A clause without a head; None if it can never hold, or after a mistake."""
        before = len(self.problems)
        found = definitions(alternative, self.scope_name)
        alternative, settled = prepared(alternative, found), prepared(settled, found)
        inner = list(self._helped(alternative))
        singles = [simple for simple in (*alternative, *settled) if isinstance(simple, Single)]
        shaped = [(single, self.atoms.shape(single)) for single in singles]
        placed = [(single, shape) for single, shape in shaped if shape is not None]
        for single in (single for single, shape in shaped if shape is None):  # nobody knows what it binds
            self.context.mistaken |= {v.name for demand in single.demands if (v := bare_variable(demand))}
        groups = [(name, helper.types[name]) for _, helper in inner for name in helper.each]
        self.binder.bind(placed, self.scope_name, groups)
        for condition, helper in inner:
            if isinstance(condition, Gather):
                self._bind_gathered(condition, helper)
        taken = compute(found, self.context)
        for single, shape in placed:
            if isinstance(single, Match):
                self._match(single, shape)
            elif isinstance(single, Without):
                self._without(single, shape, settles=any(single is pattern for pattern in settled))
        folding = AggregateBuilder(self.atoms, self.binder)
        aggregates = [folding.build(s, shape) for s, shape in placed if isinstance(s, Pick | Fold)]
        for condition, helper in inner:
            if isinstance(condition, NoneOf):
                self._none_of(condition, helper)
            else:
                aggregates.append(self._gather(condition, helper))
        self._rest_on_scope()
        for simple in alternative:
            if isinstance(simple, Comparing) and not any(simple.test is test for test in taken):
                self._guard(self.context.test(simple.test, simple.where))
            elif isinstance(simple, TableCell):
                self._guard(cell_guard(self.context, simple))
            elif isinstance(simple, NoRowAbove):
                for guard in no_row_guards(self.context, simple):
                    self._guard(guard)
        self.guard_divisors()
        if len(self.problems) > before or not self.possible:
            return None
        return ir.Clause(
            self.rule.id,
            ir.Head("", ()),
            tuple(self.body),
            folding.in_order([a for a in aggregates if a is not None], self.rule.where),
            tuple(self.negated),
            tuple(self.guards),
            self.settled,
        )

    # --- conditions within conditions
    def _helped(self, alternative: Alternative) -> Iterator[tuple[Gather | NoneOf, Helper]]:
        making = HelperBuilder(self, self.helpers)
        for simple in alternative:
            if isinstance(simple, Gather | NoneOf):
                helper = making.helper(simple, alternative)
                if helper is not None:
                    yield simple, helper
                elif isinstance(simple, Gather):
                    self.context.mistaken |= {simple.variable.name, *(v.name for v in simple.each)}

    def _bind_gathered(self, gather: Gather, helper: Helper) -> None:
        if helper.relation is None and not helper.each and gather.op in ("count", "sum"):
            nothing = ir.Const(0, helper.type.base)
            self.context.computed[gather.variable.name] = Typed(nothing, helper.type)
        else:
            self.binder.bind_result(gather.variable, helper.type, gather.where)

    def _demanded(
        self, helper: Helper, condition: Gather | NoneOf
    ) -> tuple[list[tuple[int, str]], list[ir.Test]]:
        """The joins and tests by which the rows of a helper are those of the conditions around it."""
        joins = [(0, self.scope_name)] if self.scope_name else []
        tests: list[ir.Test] = []
        for name, place in helper.shared.items():
            typed = self.context.typed(Variable(name), condition.where)
            if typed is None:
                continue
            if not comparable(typed.type, helper.types[name]):
                here = describe(helper.types[name])
                message = f"`${name}` is {describe(typed.type)} elsewhere in this rule, and {here} here"
                self.problems.append(condition.where.problem("FC303", message))
            elif typed.expr == ABSENT:
                tests.append(ir.Test(place, "in", ()))
            elif isinstance(typed.expr, ir.Var):
                joins.append((place, typed.expr.name))
            else:
                tests.append(ir.Test(place, "==", typed.expr))
        return joins, tests

    def _none_of(self, condition: NoneOf, helper: Helper) -> None:
        joins, tests = self._demanded(helper, condition)
        if helper.relation is not None:
            self.negated.append(ir.Atom(helper.relation.name, tuple(joins), tuple(tests)))

    def _gather(self, gather: Gather, helper: Helper) -> ir.Aggregate | None:
        joins, tests = self._demanded(helper, gather)
        if helper.relation is None:
            self.possible &= gather.variable.name in self.context.computed
            return None
        if helper.groups is not None:
            self._group(helper, helper.groups, joins, tests)
        joins += [(place, name) for name, place in helper.each.items()]
        atom = ir.Atom(helper.relation.name, tuple(joins), tuple(tests))
        return ir.Aggregate(gather.op, atom, helper.value, gather.variable.name)

    def _group(
        self, helper: Helper, groups: Relation, joins: list[tuple[int, str]], tests: list[ir.Test]
    ) -> None:
        """Lets the rule range over the values by which a helper is grouped."""
        at = {place: number for number, place in enumerate(self._grouping(helper))}
        mark = f"#{len(self.body)}"
        pairs: list[tuple[int, str]] = []
        compared: list[tuple[str, ir.Expr]] = []
        for place, name in joins:
            if name in self.binder.plain:
                pairs.append((at[place], name))
            else:
                pairs.append((at[place], f"{name}{mark}"))
                compared.append((f"{name}{mark}", ir.Var(name)))
        for test in tests:
            if isinstance(test.value, ir.Expr):
                pairs.append((at[test.column], f"{test.column}{mark}"))
                compared.append((f"{test.column}{mark}", test.value))
        pairs += [(at[place], name) for name, place in helper.each.items()]
        never = [ir.Test(at[test.column], "in", ()) for test in tests if not isinstance(test.value, ir.Expr)]
        self.body.append(ir.Atom(groups.name, tuple(pairs), tuple(never)))
        self.sources.append(None)
        self.guards += [ir.Compare("==", ir.Var(name), value) for name, value in compared]

    def _grouping(self, helper: Helper) -> list[int]:
        """The columns of a helper in the order in which they stand in the relation of its groups."""
        scope = [0] if self.scope_name else []
        return [*scope, *helper.shared.values(), *helper.each.values()]

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
        self._add_body(single, shape, relation, joins, demands)
        for name in lists[1:]:
            also = self.atoms.relation(shape, [name])
            own = [other for other in others if other.field == name]
            pairs = [*_identity(shape, also, mark), *self.atoms.joins(shape, also, own, [])]
            self._add_body(single, shape, also, pairs, own)
        for gone in missing:
            none = self.atoms.relation(shape, [gone.field])
            self.negated.append(ir.Atom(none.name, tuple(_identity(shape, none, mark))))

    def _add_body(
        self,
        single: Match,
        shape: KindShape,
        relation: Relation,
        joins: list[tuple[int, str]],
        demands: list[Demand],
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
        self.sources.append(single)

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
            self.sources.insert(0, None)

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
