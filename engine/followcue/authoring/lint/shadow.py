"""Rules that never add anything: another one always says as much, or always overrides them.

Idea: containment of queries. A clause is frozen: its body becomes facts with unknown values, of which its
comparisons hold (a tableau, by cases). If the atoms of another rule's clause can be mapped into these facts
(an embedding), its comparisons follow, and what it wants absent is absent here as well, then it fires
wherever this one does; what is left is to compare the heads.

    A   remind(L) :- lent(L, due D), D before today - 7 days, not returned(L).
    B   remind(L) :- lent(L, due D), D before today, not returned(L).
    frozen A         lent(l, d), d < today - 7, no returned(l)
    B in it          L -> l, D -> d;  d < today follows;  no returned(l) is demanded by A as well
    -> whenever A fires, B does: A never adds anything

Invariant: sound, not complete. What is told of is so in every situation; where something does not follow by
this reasoning, it is taken not to be so, and nothing is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding, Witness
from followcue.evaluation.advice.report import PRIORITIES
from followcue.language.logic import program as ir
from followcue.language.logic.walk import substituted
from followcue.language.model.decision_table import table_of
from followcue.language.model.pack import RECOMMENDATION, RECOMMENDATION_COLUMNS, TIP_COLUMNS
from followcue.language.model.rules import Rule
from followcue.synthesis.solver.entailment import Entails, embeddings
from followcue.synthesis.solver.feasible import cases, needed
from followcue.synthesis.solver.tableau import Frame, Tableau, variable_types

ABSENT: Final = ir.Const(None)
MOST_EXPLAINED: Final = 50
"""For how many rules of a pack a situation is made."""
LONGEST_BREAK: Final = 31
"""No calendar has so many days in a row on which nobody works."""
MOST_CLAUSES: Final = 8
"""Rules of more alternatives are not compared: it would take long, and they are seldom repeated."""


def shadowed_rules(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each rule to which another one leaves nothing, or which one always overrides."""
    comparing = _Comparing(context)
    by_target: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
    for name in sorted(context.rules):
        rule = context.rules[name]
        usable = name not in context.dead and 0 < len(context.by_rule[name]) <= MOST_CLAUSES
        if rule.head is not None and usable:
            for target in dict.fromkeys(rule.head.targets):
                by_target[rule.head.kind, target].append(rule)
    told: set[str] = set()
    for rules in by_target.values():
        needs = {rule.id: comparing.needs(rule) for rule in rules}
        for rule in (rule for rule in rules if rule.id in context.about):
            for other in rules:
                if other is rule or {rule.id, other.id} & told or not needs[other.id] <= needs[rule.id]:
                    continue
                if table_of(rule.id) is not None and table_of(rule.id) == table_of(other.id):
                    continue  # rows of one table are compared as boxes
                if comparing.says_as_much(other, rule):
                    told.add(rule.id)
                    yield _shadowed(context, rule, other, explained=len(told) <= MOST_EXPLAINED)
                    break
    for rule in context.rules.values():
        for mention in rule.overrides:
            lower = context.rules.get(mention.name)
            if lower is None or lower.id in context.dead or lower.id not in context.about:
                continue
            if comparing.always_overrides(rule, lower):
                yield _overridden(context, lower, rule)


# --- what is told
def _shadowed(context: LintContext, rule: Rule, other: Rule, *, explained: bool) -> LintFinding:
    message = f"`{rule.id}` never adds anything: whenever it fires, `{other.id}` says as much"
    hint = "leave it out, or narrow one of them"
    problem = rule.where.problem("FC433", message, hint=hint)
    if other.where.span:
        problem = problem._replace(related=((f"`{other.id}`", other.where.span),))
    shows = f"both `{rule.id}` and `{other.id}` fire, and say the same"
    witness = _both(context, rule, other, shows, rule) if explained else None
    return LintFinding(problem, rule=rule.id, witness=witness)


def _overridden(context: LintContext, rule: Rule, other: Rule) -> LintFinding:
    message = f"`{rule.id}` is never reported: whenever it fires, `{other.id}` overrides it"
    hint = "leave it out, or narrow what overrides it"
    problem = rule.where.problem("FC434", message, hint=hint)
    if other.where.span:
        problem = problem._replace(related=((f"`{other.id}`", other.where.span),))
    shows = f"both `{rule.id}` and `{other.id}` fire, and only the latter is told"
    witness = _both(context, rule, other, shows, other)
    return LintFinding(problem, rule=rule.id, witness=witness)


def _both(context: LintContext, rule: Rule, other: Rule, shows: str, told: Rule) -> Witness | None:
    found = context.witnesses.situation(rule.id, other.id, tries=60)
    assert told.head is not None
    if found is None:
        return None
    expect = (told.head.target,) if told.head.kind in ("recommend", "caution") else ()
    return Witness(found, shows, expect=expect)


# --- what is compared
class _Comparing:
    """Compares rules of one pack."""

    def __init__(self, context: LintContext) -> None:
        self._context = context
        self._overriders: defaultdict[str, set[str]] = defaultdict(set)
        for rule in context.rules.values():
            for mention in rule.overrides:
                self._overriders[mention.name].add(rule.id)

    def needs(self, rule: Rule) -> frozenset[str]:
        """The relations that every clause of a rule needs."""
        each = [frozenset(needed(clause)) for clause in self._context.by_rule[rule.id]]
        return frozenset.intersection(*each)

    def says_as_much(self, other: Rule, rule: Rule) -> bool:
        """Whether `other` always says what `rule` says, and more or as much."""
        if not self._texts_are_within(rule, other):
            return False
        return all(self._is_implied(clause, other, full=True) for clause in self._context.by_rule[rule.id])

    def always_overrides(self, other: Rule, rule: Rule) -> bool:
        """Whether `other` fires whenever `rule` does, and withdraws what it recommends."""
        clauses = self._context.by_rule[rule.id]
        if self._overriders[other.id] or not clauses or len(clauses) > MOST_CLAUSES:
            return False
        return all(self._is_implied(clause, other, full=False) for clause in clauses)

    def _texts_are_within(self, rule: Rule, other: Rule) -> bool:
        mine, theirs = rule.head, other.head
        assert mine is not None
        assert theirs is not None
        if not (set(mine.do) <= set(theirs.do) and set(mine.avoid) <= set(theirs.avoid)):
            return False
        if mine.title not in ("", theirs.title) or any("{" in text for text in (*mine.do, *mine.avoid)):
            return False  # the same words with other values say something else
        if mine.step != theirs.step or not (mine.say in ("", theirs.say) and mine.why in ("", theirs.why)):
            return False
        if mine.kind in ("recommend", "caution"):
            usual = self._context.vocabulary.actions[mine.target].priority
            ranks = [PRIORITIES.index(head.priority or usual) for head in (mine, theirs)]
            if ranks[1] > ranks[0]:
                return False
        sourced = {
            citation for citation, _ in rule.cites if citation.source in self._context.vocabulary.sources
        }
        if mine.kind != "conclude" and not sourced <= {citation for citation, _ in other.cites}:
            return False
        if {mention.name for mention in rule.overrides} - {mention.name for mention in other.overrides}:
            return False
        return self._overriders[other.id] <= self._overriders[rule.id]

    def _is_implied(self, clause: ir.Clause, other: Rule, *, full: bool) -> bool:
        """Whether in every case in which `clause` fires, some clause of the other rule fires as well."""
        found = cases(self._context.world, clause)
        if not found:
            return False
        return all(
            any(self._implies(tableau, clause, theirs, full) for theirs in self._context.by_rule[other.id])
            for tableau in found
        )

    def _implies(self, tableau: Tableau, clause: ir.Clause, theirs: ir.Clause, full: bool) -> bool:
        mine = tableau.frames[0]
        known = _representatives(tableau, mine.nodes)
        for nodes in embeddings(tableau, theirs, self._shared(tableau, clause, theirs)):
            bound = _grouped(clause, known, theirs, nodes, tableau)
            if bound is None:
                continue
            frame = Frame(theirs, bound, variable_types(theirs, tableau.world))
            entails = Entails(tableau, frame)
            if not all(entails.guard(guard) for guard in theirs.guards):
                continue
            theirs_known = _representatives(tableau, bound)
            if not all(_is_denied(clause, known, atom, theirs_known) for atom in theirs.negated):
                continue
            if self._head_covers(entails, clause, mine, theirs, full, tableau):
                return True
        return False

    def _shared(self, tableau: Tableau, clause: ir.Clause, theirs: ir.Clause) -> dict[str, int]:
        """Rules of the scope speak of the same record of it."""
        scope = tableau.world.scope or ""
        mine = tableau.frames[0].nodes
        types = variable_types(theirs, tableau.world)
        return {scope: mine[scope]} if scope in mine and scope in types else {}

    def _head_covers(
        self,
        entails: Entails,
        clause: ir.Clause,
        mine: Frame,
        theirs: ir.Clause,
        full: bool,
        tableau: Tableau,
    ) -> bool:
        if clause.head.relation != theirs.head.relation:
            return False
        if full and clause.head.relation != RECOMMENDATION:
            return all(
                entails.equal(their, own, mine)
                for own, their in zip(clause.head.values, theirs.head.values, strict=True)
            )
        if clause.head.relation != RECOMMENDATION:
            return False
        own = dict(zip(RECOMMENDATION_COLUMNS, clause.head.values, strict=True))
        their = dict(zip(RECOMMENDATION_COLUMNS, theirs.head.values, strict=True))
        if not full:
            return self._withdraws(entails, own, mine, their, tableau)
        alike = (*TIP_COLUMNS, "until", "channel")
        if not all(entails.equal(their[name], own[name], mine) for name in alike):
            return False
        if not _outlasts(entails, their, own, mine):
            return False
        wider = {"open": "<=", "due": "<=", "close": ">="}
        return all(_is_as_wide(entails, their[name], op, own[name], mine, name) for name, op in wider.items())

    def _withdraws(
        self,
        entails: Entails,
        own: dict[str, ir.Expr],
        mine: Frame,
        their: dict[str, ir.Expr],
        tableau: Tableau,
    ) -> bool:
        """Whether the other recommendation is open for certain, and about all that this one is about."""
        if not entails.equal(their["scope"], own["scope"], mine):
            return False
        for name in ("to", "about"):
            if their[name] != ABSENT and not entails.equal(their[name], own[name], mine):
                return False
        # Where only working days count, a window opens on the next of them, be it after today.
        opened = ir.Arith("-", ir.Today(), ir.Const(LONGEST_BREAK))
        for name, op, day in (("open", "<=", opened), ("close", ">=", ir.Today())):
            if their[name] != ABSENT and not entails.compare(their[name], op, day, mine):
                return False
        return True


def _outlasts(
    entails: Entails, their: Mapping[str, ir.Expr], own: Mapping[str, ir.Expr], mine: Frame
) -> bool:
    """Whether the other window cannot close before this one opens, be it moved to the next working day."""
    if ABSENT in (their["close"], own["open"]) or entails.equal(their["open"], own["open"], mine):
        return True
    moved = ir.Arith("+", own["open"], ir.Const(LONGEST_BREAK))
    return entails.compare(their["close"], ">=", moved, mine)


def _is_as_wide(entails: Entails, their: ir.Expr, op: str, own: ir.Expr, mine: Frame, name: str) -> bool:
    """The earliest opening and due day and the latest close count; a due day is more than none."""
    if their == ABSENT:
        return name != "due" or own == ABSENT
    if own == ABSENT:
        return name == "due"
    return entails.compare(their, op, own, mine)


Nodes = Mapping[str, int]


def _representatives(tableau: Tableau, nodes: Nodes) -> Nodes:
    """Variables and the nodes that stand for their values."""
    return {name: tableau.store.find(node) for name, node in nodes.items()}


def _grouped(
    clause: ir.Clause, mine: Nodes, theirs: ir.Clause, nodes: Nodes, tableau: Tableau
) -> dict[str, int] | None:
    """The nodes, with what aggregates of the other clause bind, each the same as one of this clause."""
    bound = dict(_representatives(tableau, nodes))
    for wanted in theirs.aggregates:
        for own in clause.aggregates:
            if (own.op, own.column) != (wanted.op, wanted.column):
                continue
            outputs = dict(own.outputs)
            if _same_atoms(own.atom, mine, wanted.atom, bound) and all(
                column in outputs for column, _ in wanted.outputs
            ):
                bound |= {variable: mine[outputs[column]] for column, variable in wanted.outputs}
                if wanted.result and own.result:
                    bound[wanted.result] = mine[own.result]
                break
        else:
            return None
    return bound


def _is_denied(clause: ir.Clause, mine: Nodes, wanted: ir.Atom, theirs: Nodes) -> bool:
    """Whether a clause demands the absence of all that another one wants absent."""
    return any(
        own.relation == wanted.relation and _is_wider(own, mine, wanted, theirs) for own in clause.negated
    )


def _is_wider(own: ir.Atom, mine: Nodes, wanted: ir.Atom, theirs: Nodes) -> bool:
    """Whether every demand of `own` is one of `wanted` as well, so that `own` matches all that it does."""
    joins = {(column, _node(theirs, variable)) for column, variable in wanted.joins}
    if not all((column, _node(mine, variable)) in joins for column, variable in own.joins):
        return False
    tests = [_keyed(test, theirs) for test in wanted.tests]
    joined = {column for column, _ in wanted.joins}
    for test in own.tests:
        if test.op == "present" and test.column in joined:
            continue
        if _keyed(test, mine) not in tests:
            return False
    return True


def _same_atoms(own: ir.Atom, mine: Nodes, wanted: ir.Atom, theirs: Nodes) -> bool:
    return (
        own.relation == wanted.relation
        and _is_wider(own, mine, wanted, theirs)
        and _is_wider(wanted, theirs, own, mine)
    )


def _keyed(test: ir.Test, nodes: Nodes) -> object:
    value = test.value
    if value is None or isinstance(value, tuple):
        return test.column, test.op, value
    return test.column, test.op, substituted(value, lambda name: ir.Var(str(_node(nodes, name))))


def _node(nodes: Nodes, name: str) -> object:
    return nodes.get(name, name)
