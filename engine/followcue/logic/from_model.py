"""Rules -> clauses: each way to satisfy a rule's conditions becomes one typed clause of the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from followcue.diagnostic import Diagnostic, did_you_mean
from followcue.logic import program as ir
from followcue.logic.alternatives import (
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
from followcue.logic.atoms import AtomBuilder, Shape, bare_variable, split
from followcue.logic.expressions import ABSENT, FALSE, TRUE, Scope, junction
from followcue.logic.types import DATE, NUMBER, ORDERED, TEXT, describe, is_named, same
from followcue.model.pack import (
    RECOMMENDATION,
    RECOMMENDATION_COLUMNS,
    TIP,
    TIP_COLUMNS,
    WARNING,
    WARNING_COLUMNS,
)
from followcue.model.rules import Assigned, Comparing, Demand, Rule, RuleHead
from followcue.model.vocabulary import Type, Vocabulary
from followcue.rows import Relation

ADVICE = {"tip": (TIP, TIP_COLUMNS), "warn": (WARNING, WARNING_COLUMNS)}
"""The relations of heads that recommend nothing of their own."""


def clauses_of(rule: Rule, vocabulary: Vocabulary) -> tuple[list[ir.Clause], list[Diagnostic]]:
    """The clauses of one rule, and what is wrong with its names and types.

    A tip without conditions has no clauses: it holds always.
    """
    head = rule.head
    if head is None or (head.kind == "tip" and not rule.when):
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
        clause = builder.clause((*option, *settled))
        if clause is not None:
            clauses.append(clause)
    return clauses, problems


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
        self.scope = Scope(vocabulary, problems=problems)
        self.atoms = AtomBuilder(vocabulary, self.scope, self.scope_name)
        self.plain: dict[str, Type] = {}
        self.body: list[ir.Atom] = []
        self.negated: list[ir.Atom] = []
        self.guards: list[ir.Expr] = []
        self.possible = True

    def clause(self, alternative: Alternative) -> ir.Clause | None:
        """The clause; None if it can never hold, or after a mistake."""
        before = len(self.problems)
        singles = [simple for simple in alternative if isinstance(simple, Single)]
        placed = [(single, shape) for single in singles if (shape := self.atoms.shape(single)) is not None]
        self._bind(placed)
        for single, shape in placed:
            if isinstance(single, Match):
                self._match(single, shape)
            elif isinstance(single, Without):
                self._without(single, shape)
        self._rest_on_scope()
        aggregates = [self._aggregate(s, shape) for s, shape in placed if isinstance(s, Pick | Fold)]
        for simple in alternative:
            if isinstance(simple, Comparing):
                self._guard(self.scope.test(simple.test, simple.where))
        self._guard(self._profile_guard())
        head = self._head()
        if len(self.problems) > before or not self.possible or head is None:
            return None
        ordered = self._in_order([a for a in aggregates if a is not None])
        return ir.Clause(
            self.rule.id, head, tuple(self.body), ordered, tuple(self.negated), tuple(self.guards)
        )

    # --- variables
    def _bind(self, placed: Sequence[tuple[Single, Shape]]) -> None:
        """Types every variable: those of plain patterns, then picked and folded ones, then absent ones."""
        if self.scope_name:
            self.scope.types[self.scope_name] = self.vocabulary.types[self.scope_name]
        for single, shape in placed:
            if isinstance(single, Match):
                for name, type, demand in self._bare(single, shape):
                    self._bind_one(name, type, demand, self.scope.types)
        self.plain = dict(self.scope.types)
        for single, shape in placed:
            if isinstance(single, Pick):
                self._bind_picked(single, shape)
            elif isinstance(single, Fold):
                self._bind_folded(single, shape)
        for single, shape in placed:
            if isinstance(single, Without) and single.optional:
                for name, type, _ in self._bare(single, shape):
                    if name not in self.scope.types:
                        self.scope.absent.setdefault(name, type)

    def _bare(self, single: Single, shape: Shape) -> Iterable[tuple[str, Type, Demand]]:
        for demand in single.demands:
            variable = bare_variable(demand)
            if variable is not None and demand.field in shape.types:
                yield variable.name, shape.types[demand.field], demand
            elif variable is not None:
                self.scope.mistaken.add(variable.name)

    def _bind_one(self, name: str, type: Type, demand: Demand, types: dict[str, Type]) -> None:
        known = types.setdefault(name, type)
        if not same(known, type):
            message = f"`${name}` is {describe(known)} elsewhere in this rule, and {describe(type)} here"
            self.problems.append(demand.where.problem("FC303", message))

    def _bind_picked(self, pick: Pick, shape: Shape) -> None:
        for name, type, demand in self._bare(pick, shape):
            if name in self.plain:
                self._bind_one(name, type, demand, self.plain)
            elif name in self.scope.types:
                message = f"`${name}` is chosen in two places"
                hint = f"compare it in one of them (`is ${name}`), or bind it in a plain condition"
                self.problems.append(demand.where.problem("FC403", message, None, hint))
            else:
                self.scope.types[name] = type

    def _bind_folded(self, fold: Fold, shape: Shape) -> None:
        name = fold.variable.name
        if name in self.scope.types:
            message = f"`${name}` is bound already"
            hint = "give the result a name of its own and compare it with `where`"
            self.problems.append(fold.where.problem("FC403", message, fold.variable.at, hint))
            return
        type: Type | None = NUMBER
        if fold.field is not None:
            type = shape.types.get(fold.field.text)
        self.scope.types[name] = type or NUMBER

    # --- atoms
    def _match(self, single: Match, shape: Shape) -> None:
        known = self.atoms.known(single, shape)
        listed, scalar = split(known, lambda d: d.field in shape.many and d.constraint.op != "any")
        missing, members = split(listed, lambda d: d.constraint.op == "absent")
        first, others = members[:1], members[1:]
        demands = scalar + first
        relation = self.atoms.relation(shape, [member.field for member in first])
        joins = self._joins(shape, relation, demands, self.atoms.implied_join(shape, single.demands))
        mark = f"#{len(self.body)}"
        if others or missing:
            joins += _identity(shape, relation, mark)
        self._add_body(shape, relation, joins, demands)
        for other in others:
            also = self.atoms.relation(shape, [other.field])
            pairs = [*_identity(shape, also, mark), *self._joins(shape, also, [other], [])]
            self._add_body(shape, also, pairs, [other])
        for gone in missing:
            none = self.atoms.relation(shape, [gone.field])
            self.negated.append(ir.Atom(none.name, tuple(_identity(shape, none, mark))))

    def _add_body(
        self, shape: Shape, relation: Relation, joins: list[tuple[int, str]], demands: list[Demand]
    ) -> None:
        tests = self.atoms.tests(shape, relation, _tested(demands))
        if tests is None:
            self.possible = False
        else:
            self.body.append(ir.Atom(relation.name, tuple(joins), tuple(tests)))

    def _joins(
        self,
        shape: Shape,
        relation: Relation,
        demands: Iterable[Demand],
        implied: Iterable[tuple[str, str]],
    ) -> list[tuple[int, str]]:
        pairs = [(shape.column(relation, field), variable) for field, variable in implied]
        for demand in demands:
            variable = bare_variable(demand)
            if variable is not None:
                pairs.append((shape.column(relation, demand.field), variable.name))
        return pairs

    def _without(self, single: Without, shape: Shape) -> None:
        placed = self._single_relation(single, shape)
        if placed is None:
            return
        relation, demands = placed
        present: list[ir.Test] = []
        joined = []
        for demand in demands:
            variable = bare_variable(demand)
            if variable is None or variable.name in self.scope.types:
                joined.append(demand)
                self._check_type(demand, shape)
            elif variable.name in self.scope.absent and single.optional:
                present.append(ir.Test(shape.column(relation, demand.field), "present"))
            elif variable.name in self.scope.absent:
                return  # compared with what is absent: no fact can match
            else:
                self._unbound(demand, variable.name)
        joins = self._joins(shape, relation, joined, self.atoms.implied_join(shape, single.demands))
        tests = self.atoms.tests(shape, relation, _tested(joined))
        if tests is not None:
            self.negated.append(ir.Atom(relation.name, tuple(joins), (*present, *tests)))

    def _check_type(self, demand: Demand, shape: Shape) -> None:
        variable = bare_variable(demand)
        if variable is not None:
            self._bind_one(variable.name, shape.types[demand.field], demand, self.scope.types)

    def _unbound(self, demand: Demand, name: str) -> None:
        if name in self.scope.mistaken:
            return
        known = [f"${n}" for n in self.scope.types]
        hint = did_you_mean(f"${name}", known) or f"leave `{demand.field}` out if it may be anything"
        message = f"nothing binds `${name}`, so it cannot be compared here"
        self.problems.append(demand.where.problem("FC402", message, None, hint))

    def _single_relation(self, single: Single, shape: Shape) -> tuple[Relation, list[Demand]] | None:
        """The relation and demands of a pattern that may speak of the members of one list field only."""
        known = self.atoms.known(single, shape)
        lists = [d for d in known if d.field in shape.many and d.constraint.op != "any"]
        if len(lists) > 1 or any(d.constraint.op == "absent" for d in lists):
            hint = f"conclude from `{single.kind.text}` what is meant, and write this condition of that"
            message = "this condition can look into one list only"
            self.problems.append(lists[-1].where.as_key().problem("FC411", message, None, hint))
            return None
        return self.atoms.relation(shape, [d.field for d in lists]), known

    def _rest_on_scope(self) -> None:
        """Lets a rule without a plain pattern of the scope range over all of its records."""
        bound = {variable for atom in self.body for _, variable in atom.joins}
        if self.scope_name and self.scope_name not in bound:
            self.body.insert(0, ir.Atom(self.scope_name, ((0, self.scope_name),)))

    # --- aggregates
    def _aggregate(self, single: Pick | Fold, shape: Shape) -> ir.Aggregate | None:
        placed = self._single_relation(single, shape)
        if placed is None:
            return None
        relation, demands = placed
        bound = self.plain if isinstance(single, Pick) else self.scope.types
        joined, others = split(demands, lambda d: (v := bare_variable(d)) is not None and v.name in bound)
        outputs, tested = split(others, lambda d: bare_variable(d) is not None)
        if isinstance(single, Fold):
            for demand in joined:
                self._check_type(demand, shape)
            for demand in outputs:
                self._unbound(demand, _name(demand))
        joins = self._joins(shape, relation, joined, self.atoms.implied_join(shape, single.demands))
        tests = self.atoms.tests(shape, relation, tested)
        atom = ir.Atom(
            relation.name, tuple(joins), (ir.Test(0, "in", ()),) if tests is None else tuple(tests)
        )
        column = self._measured(single, shape, relation)
        if isinstance(single, Fold):
            return ir.Aggregate(single.op, atom, column, single.variable.name)
        pairs = tuple((shape.column(relation, d.field), _name(d)) for d in outputs)
        return ir.Aggregate(single.op, atom, column, None, pairs)

    def _measured(self, single: Pick | Fold, shape: Shape, relation: Relation) -> int | None:
        """The column that an aggregate compares or adds."""
        if isinstance(single, Fold) and single.op == "count":
            return None
        field = single.field.text if single.field else "at"
        at = single.field.at if single.field else single.kind.at
        type = shape.types.get(field)
        kind = single.kind.text
        if type is None and single.field is None:
            hint = f"write `latest {kind}.FIELD` with one of its dates or numbers"
            message = f"a `{kind}` is no event, so none of them is the {single.op}"
            self.problems.append(single.where.problem("FC303", message, at, hint))
        elif type is None:
            message = f"`{kind}` has no field `{field}`"
            near = did_you_mean(field, shape.types)
            self.problems.append(single.where.problem("FC302", message, at, near))
        elif not _measurable(single, type):
            message = f"`{field}` is {describe(type)}, which cannot be {_doing(single)}"
            self.problems.append(single.where.problem("FC303", message, at))
        elif field in shape.many and relation.name == shape.kind.name:
            relation = self.atoms.relation(shape, [field])
            message = f"`{field}` is a list: name it among the fields as well, as in `{field}: present`"
            self.problems.append(single.where.problem("FC411", message, at))
        else:
            return shape.column(relation, field)
        return None

    def _in_order(self, aggregates: list[ir.Aggregate]) -> tuple[ir.Aggregate, ...]:
        """Aggregates such that each uses only variables of earlier ones; a circle is a mistake."""
        done: list[ir.Aggregate] = []
        waiting = list(aggregates)
        while waiting:
            pending = {name for aggregate in waiting for name in _bound_by(aggregate)}
            ready = [a for a in waiting if not pending & _used_by(a)]
            if not ready:
                names = ", ".join(f"`${name}`" for name in sorted(pending))
                message = (
                    f"{names} wait for each other: each is compared in the condition that chooses another"
                )
                self.problems.append(self.rule.where.problem("FC403", message))
                return ()
            done += ready
            waiting = [a for a in waiting if a not in ready]
        return tuple(done)

    # --- guards and head
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

    def _head(self) -> ir.Head | None:
        head = self.rule_head
        if head.kind == "conclude":
            return self._conclusion(head)
        relation, columns = ADVICE.get(head.kind, (RECOMMENDATION, RECOMMENDATION_COLUMNS))
        values = [self._advice_value(column, head.values) for column in columns]
        return ir.Head(relation, tuple(values))

    def _advice_value(self, column: str, values: Mapping[str, Assigned]) -> ir.Expr:
        if column == "scope":
            return ir.Var(self.scope_name) if self.scope_name else ABSENT
        assigned = values.get(column)
        if assigned is None:
            return ABSENT
        if column in ("open", "due", "close", "until"):
            return self._value(assigned, DATE)
        return self._name_value(assigned)

    def _name_value(self, assigned: Assigned) -> ir.Expr:
        """A value of `to`, `about` or `channel`: any text, whatever its type's name."""
        typed = self.scope.typed(
            assigned.expression, assigned.where, None if _is_variable(assigned) else TEXT
        )
        if typed is not None and typed.type.base != "text":
            message = f"this must name someone or something, not {describe(typed.type)}"
            self.problems.append(assigned.where.problem("FC303", message))
        return typed.expr if typed else ABSENT

    def _value(self, assigned: Assigned, want: Type) -> ir.Expr:
        typed = self.scope.typed(assigned.expression, assigned.where, want)
        return typed.expr if typed else ABSENT

    def _conclusion(self, head: RuleHead) -> ir.Head | None:
        kind = self.vocabulary.kinds.get(head.target)
        if kind is None or kind.role != "conclusion":
            self._not_a_conclusion(head, "an event or record" if kind else None)
            return None
        if (
            kind.scoped
            and self.vocabulary.shape.scope
            and self.scope_name is None
            and not self._names_scope(head)
        ):
            scope = self.vocabulary.shape.scope
            message = f"`{kind.name}` belongs to one {scope}, and this rule speaks of the whole"
            hint = f"give it `{scope}: $…`, or leave out `for`"
            self.problems.append(head.where.problem("FC311", message, None, hint))
            return None
        return self._conclusion_head(kind.name, Shape.of(kind, self.vocabulary), head)

    def _not_a_conclusion(self, head: RuleHead, instead: str | None) -> None:
        conclusions = [kind.name for kind in self.vocabulary.kinds.values() if kind.role == "conclusion"]
        hint = did_you_mean(head.target, conclusions) or "declare it under `conclusions:` in the vocabulary"
        message = (
            f"`{head.target}` is {instead}, not a conclusion"
            if instead
            else f"there is no conclusion `{head.target}`"
        )
        self.problems.append(head.where.problem("FC302", message, None, hint))

    def _names_scope(self, head: RuleHead) -> bool:
        return self.vocabulary.shape.scope in head.values

    def _conclusion_head(self, name: str, shape: Shape, head: RuleHead) -> ir.Head:
        for field in head.values:
            if field not in shape.types:
                hint = did_you_mean(field, shape.types)
                message = f"`{name}` has no field `{field}`"
                self.problems.append(head.values[field].where.as_key().problem("FC302", message, None, hint))
        columns = [column.name for column in self.vocabulary.relations[name].columns]
        return ir.Head(name, tuple(self._conclusion_value(column, shape, head) for column in columns))

    def _conclusion_value(self, column: str, shape: Shape, head: RuleHead) -> ir.Expr:
        assigned = head.values.get(column)
        if assigned is not None:
            return self._value(assigned, shape.types[column])
        if column == shape.scope and self.scope_name:
            return ir.Var(self.scope_name)
        return ABSENT


# --- small questions
def _identity(shape: Shape, relation: Relation, mark: str) -> list[tuple[int, str]]:
    """Joins of the fields that identify a fact, by variables that no author can write."""
    return [(shape.column(relation, field), f"{shape.kind.name}.{field}{mark}") for field in shape.identity()]


def _tested(demands: Iterable[Demand]) -> list[Demand]:
    return [demand for demand in demands if bare_variable(demand) is None]


def _name(demand: Demand) -> str:
    variable = bare_variable(demand)
    return variable.name if variable else ""


def _is_variable(assigned: Assigned) -> bool:
    return type(assigned.expression).__name__ == "Variable"


def _measurable(single: Pick | Fold, type: Type) -> bool:
    if isinstance(single, Fold) and single.op == "sum":
        return type.base in ("number", "duration")
    if isinstance(single, Fold):
        return type.base != "bool"
    return type.base in ORDERED and not is_named(type)


def _doing(single: Pick | Fold) -> str:
    return {"sum": "added up"}.get(single.op, "put in order")


def _bound_by(aggregate: ir.Aggregate) -> set[str]:
    return {name for _, name in aggregate.outputs} | ({aggregate.result} if aggregate.result else set())


def _used_by(aggregate: ir.Aggregate) -> set[str]:
    used = {variable for _, variable in aggregate.atom.joins}
    for test in aggregate.atom.tests:
        if test.value is not None and not isinstance(test.value, tuple):
            used |= variables_of(test.value)
    return used


def variables_of(expr: ir.Expr) -> set[str]:
    """The variables that an expression uses."""
    match expr:
        case ir.Var(name):
            return {name}
        case ir.Arith(_, left, right) | ir.Compare(_, left, right):
            return variables_of(left) | variables_of(right)
        case ir.Shift(day, by, _):
            return variables_of(day) | variables_of(by)
        case ir.Extreme(_, items) | ir.Junction(_, items):
            return {name for item in items for name in variables_of(item)}
        case _:
            return set()
