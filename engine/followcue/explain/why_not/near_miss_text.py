"""A near miss in words: the facts that a rule found, what it lacks, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from followcue.evaluation.advice.support import Node
from followcue.evaluation.advice.window import Window, calendar_day
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.evaluation.report.wording import plain, relative, weekday
from followcue.explain.derivation_text import UNSAID_COLUMNS, DerivationDescriber
from followcue.explain.explanation import FactMention
from followcue.explain.tree import Tree, TreeContext
from followcue.explain.why_not.answer import Lack, NearMiss, Verdict
from followcue.explain.why_not.first_day import first_day
from followcue.explain.why_not.goals import Goal, goal_of, parts_of
from followcue.explain.why_not.near_misses import Attempt, FactBase, Gap
from followcue.explain.why_not.outcome import FindingOutcome
from followcue.language.logic import program as ir
from followcue.language.logic.alternatives import WITHOUT
from followcue.language.logic.walk import variables
from followcue.language.model.pack import is_helper

MOST_RULES = 2
"""So many rules that could bring about a missing conclusion are told."""
OVER = "it closed"
"""How it is said that the last day has passed."""
MOST_IN_THE_WAY = 3
"""So many facts that stand in the way of one condition are told."""


class MissDescriber:
    """Describes near misses of one situation, its conclusions followed down `depth` levels."""

    def __init__(self, context: TreeContext, fact_base: FactBase, depth: int) -> None:
        self._context = context
        self._fact_base = fact_base
        self._depth = depth
        self._told: set[tuple[str, tuple[str, ...]]] = set()

    # --- what became of what a rule recommends
    def outcome(self, outcome: FindingOutcome) -> NearMiss:
        """A rule whose conditions hold."""
        finding = outcome.finding
        today = calendar_day(self._fact_base.environment.today)
        conditions = self._conditions_of(min(derivation.clause for derivation in finding.derivations))
        verdict: Verdict = "recommended"
        text, by = "it recommends it", None
        facts: tuple[FactMention, ...] = ()
        window = finding.window
        if outcome.fate == "upcoming" and window.open is not None:
            opens = calendar_day(window.open)
            verdict, text = "upcoming", f"it opens on {weekday(opens)}, {relative(opens, today)}"
        elif outcome.fate == "missed" and window.close is not None:
            closed = calendar_day(window.close)
            verdict, text = "missed", f"it closed on {weekday(closed)}, {relative(closed, today)}"
        elif outcome.by is not None:
            by = self._context.source(outcome.by.rule.id)
            verdict = "withdrawn" if outcome.fate == "withdrawn" else "kept"
            said = f"“{by.title}”" if by.title else f"the rule {by.rule}"
            text = f"withdrawn by {said}" if verdict == "withdrawn" else f"{said} is kept instead"
            text += _how_long(outcome.by.window, outcome.by.until)
            tree = Tree(self._context, outcome.by.derivations, self._depth)
            facts = tuple(fact for rule in tree.rules for way in rule.ways for fact in way.all_facts)
        source = self._context.source(finding.rule.id)
        return NearMiss(source, verdict, text, finding.scope, conditions, conditions, facts, (), by)

    # --- a rule whose conditions do not hold
    def miss(self, attempt: Attempt) -> NearMiss:
        """A rule as far as it comes; each missing conclusion is followed where it is mentioned first."""
        self._told.clear()
        return self._miss(attempt, self._depth, frozenset())

    def _miss(self, attempt: Attempt, depth: int, above: frozenset[Goal]) -> NearMiss:
        words = self._words(attempt)
        lacks = tuple(
            {(lack.kind, lack.text): lack for lack in self._lacks(attempt, words, depth, above)}.values()
        )
        verdict, text = self._verdict(attempt, lacks)
        matched = [node for node in attempt.premises if not self._is_scope(node[0])]
        facts = distinct(self._context.facts.fact(*node) for node in self._fact_base.beneath_helpers(matched))
        total = self._conditions_of(attempt.number) + len(attempt.guards) - len(attempt.clause.guards)
        return NearMiss(
            source=self._context.source(attempt.clause.rule),
            verdict=verdict,
            text=text,
            scope=self._scope_of(attempt),
            met=max(0, total - len(attempt.lacks) - self._undecided(attempt)),
            conditions=total,
            facts=facts,
            lacks=lacks,
        )

    def _verdict(self, attempt: Attempt, lacks: tuple[Lack, ...]) -> tuple[Verdict, str]:
        gaps = attempt.lacks
        own = set(parts_of(attempt.clause.guards))
        closed = [gap for gap in gaps if gap.guard is not None and gap.guard not in own]
        if any(gap.settles for gap in gaps) and all(gap.settles or gap in closed for gap in gaps):
            fact = next((lack.facts[0] for lack in lacks if lack.facts), None)
            return "done", f"it is done: {_placed(fact)}" if fact else "it is done"
        if gaps and all(gap.guard is not None and self._is_profile(gap.guard) for gap in gaps):
            return "profile", f"it is {lacks[0].text}"
        if gaps and len(closed) == len(gaps):
            return "missed", lacks[0].text
        return "unmet", ""

    def _lacks(
        self, attempt: Attempt, words: DerivationDescriber, depth: int, above: frozenset[Goal]
    ) -> Iterator[Lack]:
        own = set(parts_of(attempt.clause.guards))
        for gap in attempt.lacks:
            if gap.guard is not None:
                text = self._compared(gap.guard, attempt, words, gap.guard in own)
                yield Lack("fails", text, holds_from=self._holds_from(gap.guard, attempt))
            elif gap.kind == "blocked":
                yield self._blocked(gap, words, depth)
            else:
                yield self._missing(gap, attempt, words, depth, above)

    def _compared(self, guard: ir.Expr, attempt: Attempt, words: DerivationDescriber, is_own: bool) -> str:
        if self._is_profile(guard):
            return f"for {_profiles(guard)} only"
        if not is_own and isinstance(guard, ir.Compare) and attempt.clause.head.relation.startswith("!"):
            closed = calendar_day(
                int(evaluate_expr(guard.left, attempt.bindings, self._fact_base.environment))
            )
            today = calendar_day(self._fact_base.environment.today)
            return f"{OVER} on {weekday(closed)}, {relative(closed, today)}"
        match guard:
            case ir.Compare("!=", ir.Var(one), ir.Var(other)) if (
                attempt.bindings[one] == attempt.bindings[other]
            ):
                value = words.expression(ir.Var(other), named=False)
                column, _, kind = words.called(one).partition(" of ")
                is_time = column in UNSAID_COLUMNS
                return f"another {kind} than that of {value}" if is_time else f"another {column} than {value}"
        return words.expression(guard)

    def _holds_from(self, guard: ir.Expr, attempt: Attempt) -> date | None:
        """The first later day on which a comparison holds."""
        environment = self._fact_base.environment
        day = first_day(guard, attempt.bindings, environment, wanted=True)
        return None if day is None else calendar_day(day)

    def _blocked(self, gap: Gap, words: DerivationDescriber, depth: int) -> Lack:
        assert gap.atom is not None
        relation = gap.atom.relation
        rows = self._fact_base.beneath_helpers((relation, row) for row in gap.rows[:MOST_IN_THE_WAY])
        facts = distinct(self._reasoned(node, depth) for node in rows)
        without = words.pattern(gap.atom).partition(WITHOUT)
        if is_helper(relation) and without[1]:
            facts = tuple(fact._replace(text="".join((fact.text, *without[1:]))) for fact in facts)
        return Lack("in the way", words.pattern(gap.atom), self._says(relation), facts)

    def _reasoned(self, node: Node, depth: int) -> FactMention:
        """A fact, and if it was concluded, why."""
        fact = self._context.facts.fact(*node)
        if fact.role != "conclusion":
            return fact
        if depth <= 0:
            return fact._replace(told="deeper")
        tree = Tree(self._context, self._fact_base.derived[node[0]][node[1]], depth - 1)
        return fact._replace(rules=tree.rules)

    def _missing(
        self, gap: Gap, attempt: Attempt, words: DerivationDescriber, depth: int, above: frozenset[Goal]
    ) -> Lack:
        assert gap.atom is not None
        relation = gap.atom.relation
        rows = self._fact_base.beneath_helpers((relation, row) for row in gap.rows)
        near = distinct(self._context.facts.fact(*node) for node in rows)
        text, says = words.pattern(gap.atom), self._says(relation)
        if words.is_implied(gap.atom):
            text = f"{'an' if relation[0] in 'aeiou' else 'a'} {text}"
        of_any = plain(relation.partition(".")[0])
        if not self._fact_base.program.relations[relation].derived:
            return Lack("missing", text, says, near, is_particular=text != of_any)
        outputs = gap.aggregate.outputs if gap.aggregate else ()
        goal = goal_of(gap.atom, outputs, attempt.bindings, attempt.guards)
        if goal in above or depth <= 0:
            return Lack("missing", text, says, near)
        every = self._fact_base.attempts(goal, 99)
        best: dict[str, Attempt] = {}
        for other in every:
            best.setdefault(other.clause.rule, other)
        key = relation, tuple(best)
        if key in self._told:
            return Lack("missing", text, says, told="elsewhere")
        self._told.add(key)
        told = [self._miss(other, depth - 1, above | {goal}) for other in list(best.values())[:MOST_RULES]]
        told = [miss for miss in told if miss.lacks]
        return Lack("missing", text, says, near, tuple(told), len(best) - len(told))

    # --- small questions
    def _words(self, attempt: Attempt) -> DerivationDescriber:
        return self._context.words(attempt)

    def _says(self, relation: str) -> str:
        kind = self._context.pack.vocabulary.kind_of(relation)
        return "" if kind.role == "record" else kind.says.rstrip(".")

    def _scope_of(self, attempt: Attempt) -> str | None:
        name = self._context.pack.vocabulary.shape.scope
        value = attempt.bindings.get(name) if name else None
        return value if isinstance(value, str) else None

    def _is_scope(self, relation: str) -> bool:
        return self._context.pack.vocabulary.is_scope(relation)

    def _is_profile(self, guard: ir.Expr) -> bool:
        return not variables(guard) and bool(_profiles(guard))

    def _conditions_of(self, number: int) -> int:
        clause = self._fact_base.program.clauses[number]
        body = [
            a for a in clause.body if not (self._is_scope(a.relation) and not a.tests and len(a.joins) == 1)
        ]
        guards = list(parts_of(clause.guards))
        return len(body) + len(clause.aggregates) + len(clause.negated) + len(guards)

    def _undecided(self, attempt: Attempt) -> int:
        """Conditions of which nothing can be said, since something that they speak of is missing."""
        known = attempt.bindings.keys()
        return sum(not variables(guard) <= known for guard in attempt.guards)


def distinct(facts: Iterable[FactMention]) -> tuple[FactMention, ...]:
    """The facts, an event that several conditions matched once."""
    return tuple({(fact.role, fact.fact, fact.scope, fact.place, fact.text): fact for fact in facts}.values())


def _how_long(window: Window, until: int | None) -> str:
    if until is not None:
        return f", until {weekday(calendar_day(until))}"
    return f", possible until {weekday(calendar_day(window.close))}" if window.close is not None else ""


def _placed(fact: FactMention) -> str:
    if fact.place and "(line" not in fact.text:
        return f"{fact.text} ({fact.place})"
    return fact.text


def _profiles(guard: ir.Expr) -> str:
    """The profiles that a rule is for: `the profile strict`."""
    match guard:
        case ir.Compare("==", ir.Param("profile"), ir.Const(name)):
            return f"the profile {name}"
        case ir.Junction("or", items):
            names = [_profiles(item).removeprefix("the profile ") for item in items]
            return f"the profiles {' and '.join(names)}" if all(names) else ""
        case _:
            return ""
