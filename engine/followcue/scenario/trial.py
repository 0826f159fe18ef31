"""Trials: what a changed rule derives in a check, and what comes of it, without running all rules again.

A changed rule is first run alone, over what the check derives: all mutants at once, as one program. Where it
derives the same rows as the rule, nothing else can come out otherwise. Where it does not, only the rules that
rest on it run again, and the report is made anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from followcue.advice.advise import Advisor
from followcue.advice.report import Report
from followcue.calendar import calendar_of
from followcue.logic.program import Clause, Component, Program
from followcue.logic.stratify import stratify
from followcue.match.compiled import CompiledMatcher
from followcue.match.protocol import Derivation, Environment, Limits
from followcue.match.reference import ReferenceMatcher
from followcue.model.pack import ClauseInfo, Pack
from followcue.pipeline import LoadedPack, environment_of
from followcue.rows import Relation, Row
from followcue.scenario.mutants import Mutant
from followcue.situation.situation import Situation

AMPLE = Limits(derivations=10_000_000, steps=500_000_000)
"""For many rules at once; each alone is as limited as in any evaluation."""


@dataclass(frozen=True)
class Ground:
    """A situation with all that is derived in it: what a changed rule is tried on."""

    situation: Situation
    derivations: Sequence[Derivation]
    report: Report
    program: Program

    @cached_property
    def environment(self) -> Environment:
        """What matching depends on besides the facts."""
        calendar = calendar_of(self.situation.parameters)
        return environment_of(self.situation, calendar)._replace(limits=AMPLE)

    @cached_property
    def rows(self) -> Mapping[str, list[Row]]:
        """All rows, given and derived, by relation."""
        rows = {name: list(given) for name, given in self.situation.facts.items()}
        rows.update(_derived(self.program.clauses, self.derivations))
        return rows

    @cached_property
    def by_rule(self) -> Mapping[str, list[Derivation]]:
        """The derivations of each rule that has some."""
        found: dict[str, list[Derivation]] = {}
        for derivation in self.derivations:
            found.setdefault(self.program.clauses[derivation.clause].rule, []).append(derivation)
        return found

    @cached_property
    def rows_of_rules(self) -> Mapping[str, frozenset[Row]]:
        """The rows that each rule derives."""
        return {rule: frozenset(d.row for d in found) for rule, found in self.by_rule.items()}


class Trials:
    """The mutants of a pack, ready to be tried on any ground."""

    def __init__(self, loaded: LoadedPack, mutants: Sequence[Mutant]) -> None:
        self.mutants = mutants
        self._loaded = loaded
        self._program = loaded.program
        self._numbers = [number for number, mutant in enumerate(mutants) for _ in mutant.clauses]
        self._clauses = [clause for mutant in mutants for clause in mutant.clauses]
        self._matcher = CompiledMatcher(side_by_side(loaded.program, self._clauses, self._numbers))
        self._pack = loaded.pack._replace(
            clauses=(*loaded.pack.clauses, *(_info(clause) for clause in self._clauses))
        )
        self._advisor = Advisor(self._pack)
        self._advisors: dict[int, Advisor] = {}
        self._downstream = _Downstream(loaded.program)
        self._of_rule: dict[str, list[int]] = {}
        for number, mutant in enumerate(mutants):
            self._of_rule.setdefault(mutant.rule, []).append(number)

    def ground(self, situation: Situation) -> Ground:
        """The situation as the rules see it."""
        calendar = calendar_of(situation.parameters)
        environment = environment_of(situation, calendar)
        derivations = self._loaded.matcher().run(situation.facts, environment)
        report = self._loaded.advisor.advise(
            situation, derivations, working_day=calendar.on_or_after if calendar else None
        )
        return Ground(situation, derivations, report, self._program)

    def found(self, ground: Ground) -> dict[int, list[Derivation]]:
        """For each mutant that derives other rows than its rule: all that it derives instead."""
        derived: defaultdict[int, list[Derivation]] = defaultdict(list)
        for derivation in self._matcher.run(ground.rows, ground.environment):
            derived[self._numbers[derivation.clause]].append(derivation)
        rows = ground.rows_of_rules
        touched = set(derived) | {n for rule in rows for n in self._of_rule.get(rule, ())}
        touched |= {n for n in self._of_rule_always(ground)}
        told: dict[int, list[Derivation]] = {}
        for number in sorted(touched):
            mutant = self.mutants[number]
            instead = derived.get(number, [])
            if self._may_differ(mutant, instead, rows.get(mutant.rule, frozenset())):
                told[number] = instead
        return told

    def _of_rule_always(self, ground: Ground) -> Iterable[int]:
        """The mutants of tips that hold always and stand in the report: no clause derives these."""
        for action in (*ground.report.actions, *ground.report.cautions):
            for rule in action.rules:
                if self._pack.rules[rule].always:
                    yield from self._of_rule.get(rule, ())

    def _may_differ(self, mutant: Mutant, instead: list[Derivation], rows: frozenset[Row]) -> bool:
        if mutant.info != self._pack.rules[mutant.rule] and mutant.same_clauses:
            return True
        if self._pack.rules[mutant.rule].always:
            return True
        if self._downstream.is_recursive(mutant.clauses):
            return True
        return {derivation.row for derivation in instead} != rows

    def derivations(self, ground: Ground, number: int, instead: Sequence[Derivation]) -> list[Derivation]:
        """All derivations with the mutant in its rule's place."""
        mutant = self.mutants[number]
        clauses = self._program.clauses
        if mutant.same_clauses:
            return list(ground.derivations)
        kept = [d for d in ground.derivations if clauses[d.clause].rule != mutant.rule]
        offset = len(clauses)
        if self._downstream.is_recursive(mutant.clauses):
            return self._downstream.recursive(ground, mutant, kept, offset + self._first(number))
        new = [d._replace(clause=offset + d.clause) for d in instead]
        relation = _relation_of(mutant, clauses)
        if relation is None or not self._downstream.of(relation):
            return kept + new
        same = ground.rows.get(relation, [])
        given = dict.fromkeys(d.row for d in kept if clauses[d.clause].head.relation == relation)
        given.update(dict.fromkeys(d.row for d in new))
        if given.keys() == set(same):
            return kept + new
        return new + self._downstream.run(ground, relation, list(given), kept)

    def report(self, ground: Ground, number: int, derivations: Sequence[Derivation]) -> Report:
        """The report of these derivations, by the mutant."""
        calendar = calendar_of(ground.situation.parameters)
        working_day = calendar.on_or_after if calendar else None
        return self._advisor_of(number).advise(ground.situation, derivations, working_day=working_day)

    def fired(self, derivations: Iterable[Derivation]) -> set[str]:
        """The rules that derived something."""
        return {self._pack.clauses[derivation.clause].rule for derivation in derivations}

    def _first(self, number: int) -> int:
        return self._numbers.index(number)

    def _advisor_of(self, number: int) -> Advisor:
        mutant = self.mutants[number]
        rules = self._pack.rules
        if mutant.info == rules[mutant.rule] or (mutant.info is None and not rules[mutant.rule].always):
            return self._advisor
        if number not in self._advisors:
            self._advisors[number] = Advisor(_with_info(self._pack, mutant))
        return self._advisors[number]


class _Downstream:
    """What rests on each conclusion, and programs that run only that."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._users: defaultdict[str, set[str]] = defaultdict(set)
        for clause in program.clauses:
            for used in _used(clause):
                self._users[used].add(clause.head.relation)
        self._known: dict[str, frozenset[str]] = {}
        self._matchers: dict[str, tuple[CompiledMatcher, list[int]]] = {}

    def of(self, relation: str) -> frozenset[str]:
        """The relations that depend on this one."""
        if relation not in self._known:
            found: set[str] = set()
            pending = [relation]
            while pending:
                for user in self._users.get(pending.pop(), ()):
                    if user not in found:
                        found.add(user)
                        pending.append(user)
            self._known[relation] = frozenset(found)
        return self._known[relation]

    def is_recursive(self, clauses: Sequence[Clause]) -> bool:
        """Whether what these clauses derive depends on itself."""
        return any(clause.head.relation in self.of(clause.head.relation) for clause in clauses)

    def run(
        self, ground: Ground, relation: str, rows: list[Row], kept: Sequence[Derivation]
    ) -> list[Derivation]:
        """The derivations of other rules, where the relation has these rows."""
        above = self.of(relation)
        if relation not in self._matchers:
            numbers = [n for n, clause in enumerate(self._program.clauses) if clause.head.relation in above]
            program = _part(self._program.relations, [self._program.clauses[n] for n in numbers], above)
            self._matchers[relation] = CompiledMatcher(program), numbers
        matcher, numbers = self._matchers[relation]
        facts = {name: known for name, known in ground.rows.items() if name not in above}
        facts[relation] = rows
        below = [d for d in kept if self._program.clauses[d.clause].head.relation not in above]
        found = matcher.run(facts, ground.environment)
        return below + [d._replace(clause=numbers[d.clause]) for d in found]

    def recursive(
        self, ground: Ground, mutant: Mutant, kept: Sequence[Derivation], first: int
    ) -> list[Derivation]:
        """All derivations, where what the mutant derives depends on itself: that and all above runs anew."""
        above = self.of(mutant.clauses[0].head.relation)
        numbers = [
            n
            for n, clause in enumerate(self._program.clauses)
            if clause.head.relation in above and clause.rule != mutant.rule
        ]
        clauses = [*(self._program.clauses[n] for n in numbers), *mutant.clauses]
        matcher = ReferenceMatcher(_part(self._program.relations, clauses, above))
        facts = {name: known for name, known in ground.rows.items() if name not in above}
        below = [d for d in kept if self._program.clauses[d.clause].head.relation not in above]
        renumbered = [*numbers, *range(first, first + len(mutant.clauses))]
        found = matcher.run(facts, ground.environment)
        return below + [d._replace(clause=renumbered[d.clause]) for d in found]


def side_by_side(program: Program, clauses: Sequence[Clause], numbers: Sequence[int]) -> Program:
    """Clauses that do not see each other, over relations that are all given; each derives `?number`."""
    relations = {name: relation._replace(derived=False) for name, relation in program.relations.items()}
    apart = []
    for clause, number in zip(clauses, numbers, strict=True):
        name = f"?{number}"
        relations[name] = relations[clause.head.relation]._replace(name=name, derived=True)
        apart.append(replace(clause, head=replace(clause.head, relation=name)))
    return Program(relations, tuple(apart), stratify(apart))


def _part(relations: Mapping[str, Relation], clauses: Sequence[Clause], derived: frozenset[str]) -> Program:
    """The clauses alone, where only what they derive is derived."""
    known = {name: relation._replace(derived=name in derived) for name, relation in relations.items()}
    return Program(known, tuple(clauses), stratify(clauses))


def _used(clause: Clause) -> Iterable[str]:
    yield from (atom.relation for atom in (*clause.body, *clause.negated))
    yield from (aggregate.atom.relation for aggregate in clause.aggregates)


def _relation_of(mutant: Mutant, clauses: Sequence[Clause]) -> str | None:
    """The relation that the mutant's rule derives."""
    own = mutant.clauses or [clause for clause in clauses if clause.rule == mutant.rule]
    return own[0].head.relation if own else None


def _info(clause: Clause) -> ClauseInfo:
    return ClauseInfo(
        clause.rule,
        clause.head.relation,
        tuple(atom.relation for atom in clause.body),
        tuple(aggregate.atom.relation for aggregate in clause.aggregates),
    )


def _with_info(pack: Pack, mutant: Mutant) -> Pack:
    if mutant.info is not None:
        return pack._replace(rules={**pack.rules, mutant.rule: mutant.info})
    rules = {name: info for name, info in pack.rules.items() if name != mutant.rule}
    return pack._replace(rules=rules)


def _derived(clauses: Sequence[Clause], derivations: Iterable[Derivation]) -> dict[str, list[Row]]:
    rows: defaultdict[str, dict[Row, None]] = defaultdict(dict)
    for derivation in derivations:
        rows[clauses[derivation.clause].head.relation][derivation.row] = None
    return {name: list(found) for name, found in rows.items()}
