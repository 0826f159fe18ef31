"""The tree: from what was recommended down to the situation, each conclusion explained where it is nearest.

Idea: derivations are no tree. A conclusion may be used in many places, and by recursive rules even beneath
itself. So a first pass, breadth first from the action, notes the level at which each conclusion is mentioned
first; the second explains it there alone, and elsewhere refers to it by its number.

    action <- late(emma), near(emma, lea)          level 1   late(emma), near(emma, lea)
    near(emma, lea) <- near(lea, emma), late(emma)    level 2   near(lea, emma); late(emma) again
    near(lea, emma) <- near(emma, lea)             level 3   near(emma, lea) again

    late(emma) [1]               explained here
    near(emma, lea) [2]          explained here
      near(lea, emma)            explained here
        near(emma, lea): see [2]
      late(emma): see [1]

Invariant: what is explained at one level stands beneath something that is explained one level higher. So each
conclusion is explained once, and no circle can lead back to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from followcue.base.rows import Row
from followcue.evaluation.advice.recommendation import WorkingDay
from followcue.evaluation.advice.report import Report
from followcue.evaluation.advice.support import Node
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.advice.window import Window
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.report.wording import plain
from followcue.explain.derivation_text import BoundClause, DerivationDescriber
from followcue.explain.evidence import Evidence, Firing
from followcue.explain.explanation import Chosen, Computed, FactMention, RuleReference, RuleWhy, Way
from followcue.explain.facts import FactReader
from followcue.explain.parameter_origins import parameters_of
from followcue.language.logic.program import Const, Var
from followcue.language.model.pack import RECOMMENDATION, RECOMMENDATION_COLUMNS, Pack

DEEPEST = 60
"""How many conclusions may stand beneath each other."""


class TreeContext:
    """What the trees of all actions of one situation share."""

    def __init__(
        self,
        pack: Pack,
        evidence: Evidence,
        facts: FactReader,
        report: Report,
        working_day: WorkingDay | None,
    ) -> None:
        self.pack = pack
        self.evidence = evidence
        self.facts = facts
        self.report = report
        self.working_day = working_day

    def words(self, bound: BoundClause) -> DerivationDescriber:
        """What describes the values and conditions of a clause with the values of its variables."""
        working_days = self.working_day is not None
        return DerivationDescriber(bound, self.pack.vocabulary, self.report, in_working_days=working_days)

    def source(self, rule_id: str, *, adding: bool = False) -> RuleReference:
        """A rule as one refers to it, with what it adds to an action where that is of interest."""
        rule = self.pack.rules[rule_id]
        do, avoid = (rule.do, rule.avoid) if adding else ((), ())
        return RuleReference(rule.id, rule.title, rule.origin, rule.cites, do, avoid)


class Tree:
    """The tree beneath one action, its conclusions followed down `depth` levels."""

    def __init__(self, context: TreeContext, derivations: Iterable[Derivation], depth: int) -> None:
        self._context = context
        self._depth = depth
        self._told: set[Node] = set()
        self._numbers: dict[Node, int] = {}
        self.parameters: dict[str, None] = {}
        firings = context.evidence.firings(derivations)
        self._levels, self._mentions = _levels(context.evidence, firings)
        self.rules = self._rules(firings, 0)

    def _rules(self, firings: Sequence[Firing], level: int) -> tuple[RuleWhy, ...]:
        """The rules behind some firings of one row, and the ways of each."""
        return tuple(
            RuleWhy(
                self._context.source(rule, adding=level == 0),
                tuple(self._way(firing, level) for firing in ways),
            )
            for rule, ways in groupby(firings, key=lambda firing: firing.clause.rule)
        )

    def _way(self, firing: Firing, level: int) -> Way:
        clause, words = firing.clause, self._context.words(firing)
        self.parameters.update(dict.fromkeys(parameters_of(clause)))
        matched = [(atom.relation, row) for atom, row in firing.matched if not words.is_implied(atom)]
        return Way(
            facts=self._facts(matched, level + 1),
            chosen=tuple(
                Chosen(
                    words.choice(seen),
                    words.pattern(seen.aggregate.atom),
                    self._facts(((seen.aggregate.atom.relation, row) for row in seen.rows), level + 1),
                )
                for seen in firing.seen
            ),
            absent=tuple(dict.fromkeys(f"there is no {words.pattern(atom)}" for atom in clause.negated)),
            holds=tuple(dict.fromkeys(words.holds(firing))),
            computed=tuple(self._computed(firing, words)),
            derivation=firing.derivation,
        )

    # --- facts
    def _facts(self, nodes: Iterable[Node], level: int) -> tuple[FactMention, ...]:
        """The facts of some rows; an event that several conditions matched is named once."""
        found: dict[object, FactMention] = {}
        for node in nodes:
            fact = self._context.facts.fact(*node)
            if fact.role == "conclusion":
                found[node] = self._concluded(node, fact, level)
            else:
                found.setdefault((fact.role, fact.fact, fact.scope, fact.place, fact.text), fact)
        return tuple(found.values())

    def _concluded(self, node: Node, fact: FactMention, level: int) -> FactMention:
        if self._mentions[node] > 1:
            fact = fact._replace(number=self._numbers.setdefault(node, len(self._numbers) + 1))
        if node in self._told or self._levels[node] != level:
            return fact._replace(told="elsewhere" if self._levels[node] <= self._depth else "deeper")
        if level > self._depth:
            return fact._replace(told="deeper")
        self._told.add(node)
        return fact._replace(rules=self._rules(self._context.evidence.of(node), level))

    # --- what the rule computed
    def _computed(self, firing: Firing, words: DerivationDescriber) -> Iterator[Computed]:
        """How the rule came by its own days and numbers; what it only took over explains itself."""
        head, row = firing.clause.head, firing.derivation.row
        advised = head.relation == RECOMMENDATION
        moved = self._on_working_days(row) if advised else {}
        columns = self._context.pack.vocabulary.relations[head.relation].columns
        for column, expr, value in zip(columns, head.values, row, strict=True):
            if isinstance(expr, Const) or (isinstance(expr, Var) and column.name not in moved):
                continue
            how = words.called(expr.name) if isinstance(expr, Var) else words.expression(expr, column.type)
            final = moved.get(column.name, value)
            later = "" if final == value else f", moved to a working day, {words.value(final, column.type)}"
            said = words.value(value, column.type)
            yield Computed(
                column.name, as_written(value, column.type), f"{plain(column.name)} {said} = {how}{later}"
            )

    def _on_working_days(self, row: Row) -> dict[str, int | None]:
        """The days of a recommendation, after the calendar has moved its opening."""
        days = {name: row[RECOMMENDATION_COLUMNS.index(name)] for name in (*Window._fields, "until")}
        opens, due, close, until = (day if isinstance(day, int) else None for day in days.values())
        working_day = self._context.working_day
        if working_day is None:
            return {"open": opens, "due": due, "close": close, "until": until}
        window = Window(opens, due, close).opening_on(working_day)
        return window._asdict() | {"until": None if until is None else working_day(until)}


def _levels(evidence: Evidence, firings: Sequence[Firing]) -> tuple[dict[Node, int], Counter[Node]]:
    """How deep each conclusion is mentioned first, and how often it is mentioned in all."""
    levels: dict[Node, int] = {}
    mentions: Counter[Node] = Counter()
    front, level = list(firings), 0
    while front:
        level += 1
        fresh: dict[Node, None] = {}
        for firing in front:
            for node in firing.premises:
                if evidence.is_derived(node[0]):
                    mentions[node] += 1
                    if levels.setdefault(node, level) == level:
                        fresh[node] = None
        front = [firing for node in fresh for firing in evidence.of(node)]
    return levels, mentions
