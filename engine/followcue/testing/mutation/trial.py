"""Trials: what a changed rule derives in a check, and what comes of it, without running all rules again.

A changed rule is first run alone, over what the check derives: all mutants at once, as one program. Where it
derives the same rows as the rule, nothing else can come out otherwise. Where it does not, the report is made
anew; all rules run again only if others rest on what was concluded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from followcue.base.rows import Column, Relation, Row
from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.advise import Advisor
from followcue.evaluation.advice.report import Report
from followcue.evaluation.match.compiled import CompiledMatcher
from followcue.evaluation.match.protocol import Derivation, Environment, Limits
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.evaluation.pipeline import LoadedPack, environment_of, evaluate_facts
from followcue.evaluation.situation.situation import Situation
from followcue.language.logic.compile_pack import clause_info
from followcue.language.logic.program import Atom, Clause, Const, Head, Program, Test, Var
from followcue.language.logic.stratify import stratify
from followcue.language.logic.told_values import values_of
from followcue.language.model.pack import ClauseInfo, Pack, ValueAt
from followcue.testing.mutation.mutants import Mutant

AMPLE = Limits(derivations=10_000_000, steps=500_000_000)
"""For many rules at once; each alone is as limited as in any evaluation."""


@dataclass(frozen=True)
class TrialGround:
    """A situation with all that is derived in it: what a changed rule is tried on."""

    situation: Situation
    derivations: Sequence[Derivation]
    report: Report
    program: Program

    @cached_property
    def environment(self) -> Environment:
        """What matching depends on besides the facts."""
        return environment_of(self.situation, AMPLE)

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


def ground_of(loaded: LoadedPack, situation: Situation) -> TrialGround:
    """The situation as the rules see it."""
    report, derivations = evaluate_facts(loaded, situation)
    return TrialGround(situation, derivations, report, loaded.program)


class Trials:
    """The mutants of a pack, ready to be tried on any ground."""

    def __init__(self, loaded: LoadedPack, mutants: Sequence[Mutant]) -> None:
        self.mutants = mutants
        self._program = loaded.program
        self._numbers = [number for number, mutant in enumerate(mutants) for _ in mutant.clauses]
        self._clauses = [clause for mutant in mutants for clause in mutant.clauses]
        self._matcher = CompiledMatcher(side_by_side(loaded.program, self._clauses, self._numbers))
        self._pack = loaded.pack._replace(
            clauses=(*loaded.pack.clauses, *_clause_infos(loaded.pack, self._clauses))
        )
        self._telling = {clause.rule for clause in loaded.pack.clauses if clause.values}
        """The rules that tell values, which may be others where their rows are the same."""
        self._advisor = Advisor(self._pack)
        self._advisors: dict[int, Advisor] = {}
        self._rerun = _Rerun(loaded.program, self._clauses)
        self._made_always = [n for n, m in enumerate(mutants) if m.info is not None and m.info.always]
        """The mutants that are tips without conditions, which hold where no rule fires."""
        self._of_rule: dict[str, list[int]] = {}
        for number, mutant in enumerate(mutants):
            for rule in mutant.rules:
                self._of_rule.setdefault(rule, []).append(number)

    def found(
        self, ground: TrialGround, wanted: Collection[int] | None = None
    ) -> dict[int, list[Derivation]]:
        """For each mutant (of those wanted) that derives other rows than its rule: all that it derives."""
        derived: defaultdict[int, list[Derivation]] = defaultdict(list)
        for derivation in self._matcher.run(ground.rows, ground.environment):
            derived[self._numbers[derivation.clause]].append(derivation)
        rows = ground.rows_of_rules
        touched = set(derived) | {n for rule in rows for n in self._of_rule.get(rule, ())}
        touched.update(self._of_rule_always(ground), self._made_always)
        told: dict[int, list[Derivation]] = {}
        for number in sorted(touched if wanted is None else touched & set(wanted)):
            mutant = self.mutants[number]
            instead = derived.get(number, [])
            if mutant.others:
                usual = {(rule, row) for rule in mutant.rules for row in rows.get(rule, ())}
                differs = {(self._clauses[d.clause].rule, d.row) for d in instead} != usual
            else:
                differs = self._may_differ(mutant, instead, rows.get(mutant.rule, frozenset()))
            if differs or (mutant.others and self._changes_recursion(mutant)):
                told[number] = instead
        return told

    def _of_rule_always(self, ground: TrialGround) -> Iterable[int]:
        """The mutants of tips that hold always and stand in the report: no clause derives these."""
        for action in (*ground.report.actions, *ground.report.cautions):
            for rule in action.rules:
                if self._pack.rules[rule].always:
                    yield from self._of_rule.get(rule, ())

    def _changes_recursion(self, mutant: Mutant) -> bool:
        return self._rerun.is_recursive(_relation_of(mutant, self._program.clauses))

    def _may_differ(self, mutant: Mutant, instead: list[Derivation], rows: frozenset[Row]) -> bool:
        if mutant.info != self._pack.rules[mutant.rule] and mutant.same_clauses:
            return True
        if self._pack.rules[mutant.rule].always or (mutant.info is not None and mutant.info.always):
            return True
        if mutant.rule in self._telling:
            return True
        if self._changes_recursion(mutant):
            return True
        return {derivation.row for derivation in instead} != rows

    def derivations(
        self, ground: TrialGround, number: int, instead: Sequence[Derivation]
    ) -> list[Derivation]:
        """All derivations with the mutant in its rule's place."""
        mutant = self.mutants[number]
        clauses = self._program.clauses
        if mutant.same_clauses:
            return list(ground.derivations)
        offset = len(clauses)
        relation = _relation_of(mutant, clauses)
        if self._rerun.is_recursive(relation):
            first = self._numbers.index(number) if mutant.clauses else 0
            return self._rerun.recursive(ground, mutant, offset + first)
        new = [derivation._replace(clause=offset + derivation.clause) for derivation in instead]
        kept = [d for d in ground.derivations if clauses[d.clause].rule not in mutant.rules]
        if relation is None or not self._rerun.above(relation):
            return kept + new
        given = dict.fromkeys(d.row for d in kept if clauses[d.clause].head.relation == relation)
        given.update(dict.fromkeys(d.row for d in new))
        if given.keys() == set(ground.rows.get(relation, ())):
            return kept + new
        return new + self._rerun.run(ground, mutant.rules, relation, list(given))

    def report(self, ground: TrialGround, number: int, derivations: Sequence[Derivation]) -> Report:
        """The report of these derivations, by the mutant."""
        working_day = working_day_of(ground.situation.parameters)
        return self._advisor_of(number).advise(ground.situation, derivations, working_day=working_day)

    def fired(self, derivations: Iterable[Derivation]) -> set[str]:
        """The rules that derived something."""
        return {self._pack.clauses[derivation.clause].rule for derivation in derivations}

    def _advisor_of(self, number: int) -> Advisor:
        mutant = self.mutants[number]
        rules = self._pack.rules
        if mutant.info == rules[mutant.rule] or (mutant.info is None and not rules[mutant.rule].always):
            return self._advisor
        if number not in self._advisors:
            self._advisors[number] = Advisor(_with_info(self._pack, mutant))
        return self._advisors[number]


class _Rerun:
    """All rules again, but with the rows of a mutant in the place of what its rule derives.

    One program for all mutants: each rule that concludes can be switched off, and each conclusion be given.
    """

    def __init__(self, program: Program, mutated: Sequence[Clause]) -> None:
        self._program = program
        self._mutated = mutated
        self._users: defaultdict[str, set[str]] = defaultdict(set)
        for clause in program.clauses:
            for used in _used(clause):
                self._users[used].add(clause.head.relation)
        self._above: dict[str, frozenset[str]] = {}

    def above(self, relation: str) -> frozenset[str]:
        """The relations that depend on this one."""
        if relation not in self._above:
            found: set[str] = set()
            pending = [relation]
            while pending:
                for user in self._users.get(pending.pop(), ()):
                    if user not in found:
                        found.add(user)
                        pending.append(user)
            self._above[relation] = frozenset(found)
        return self._above[relation]

    def is_recursive(self, relation: str | None) -> bool:
        """Whether facts of this relation depend on others of it, be it by rules that are not changed."""
        return relation is not None and relation in self.above(relation)

    def run(
        self, ground: TrialGround, rules: Sequence[str], relation: str, rows: Sequence[Row]
    ) -> list[Derivation]:
        """The derivations of all other rules, where these derive these rows."""
        facts: dict[str, Sequence[Row]] = dict(ground.situation.facts)
        facts |= {OFF: [(rule,) for rule in rules], _given(relation): rows}
        found = self._matcher.run(facts, ground.environment)
        return [derivation for derivation in found if derivation.clause < len(self._program.clauses)]

    @cached_property
    def _matcher(self) -> CompiledMatcher:
        known = self._program.relations
        concluded = sorted({c.head.relation for c in self._program.clauses if self._users[c.head.relation]})
        relations = {**known, OFF: Relation(OFF, (Column("rule", "text"),))}
        clauses = [_switched(clause) for clause in self._program.clauses]
        for name in concluded:
            given = known[name]._replace(name=_given(name), derived=False)
            relations[given.name] = given
            clauses += _copies(known[name], (*self._program.clauses, *self._mutated))
        return CompiledMatcher(Program(relations, tuple(clauses), stratify(clauses)))

    def recursive(self, ground: TrialGround, mutant: Mutant, first: int) -> list[Derivation]:
        """All derivations, where what the mutant derives depends on itself: everything runs anew."""
        clauses = self._program.clauses
        numbers = [n for n, clause in enumerate(clauses) if clause.rule not in mutant.rules]
        changed = (*(clauses[n] for n in numbers), *mutant.clauses)
        program = Program(self._program.relations, changed, stratify(changed))
        renumbered = [*numbers, *range(first, first + len(mutant.clauses))]
        limited = ground.environment._replace(limits=Limits())
        found = ReferenceMatcher(program).run(ground.situation.facts, limited)
        return [d._replace(clause=renumbered[d.clause]) for d in found]


OFF = "!off"
"""The relation of the rules that are switched off."""


def _given(relation: str) -> str:
    return f"!given {relation}"


def _switched(clause: Clause) -> Clause:
    """The clause, unless its rule is switched off."""
    off = Atom(OFF, tests=(Test(0, "==", Const(clause.rule)),))
    return replace(clause, negated=(*clause.negated, off))


def _copies(relation: Relation, clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Clauses that copy every row given: one for each set of columns that a row may lack."""
    lacking = {
        tuple(value == Const(None) for value in clause.head.values)
        for clause in clauses
        if clause.head.relation == relation.name
    }
    for absent in sorted(lacking):
        names = [f"c{number}" for number in range(len(absent))]
        joins = tuple((n, name) for n, name in enumerate(names) if not absent[n])
        tests = tuple(Test(n, "absent") for n in range(len(absent)) if absent[n])
        values = tuple(Const(None) if absent[n] else Var(name) for n, name in enumerate(names))
        yield Clause("", Head(relation.name, values), (Atom(_given(relation.name), joins, tests),))


def side_by_side(program: Program, clauses: Sequence[Clause], numbers: Sequence[int]) -> Program:
    """Clauses that do not see each other, over relations that are all given; each derives `?number`."""
    relations = {name: relation._replace(derived=False) for name, relation in program.relations.items()}
    apart = []
    for clause, number in zip(clauses, numbers, strict=True):
        name = f"?{number}"
        relations[name] = relations[clause.head.relation]._replace(name=name, derived=True)
        apart.append(replace(clause, head=replace(clause.head, relation=name)))
    return Program(relations, tuple(apart), stratify(apart))


def _used(clause: Clause) -> Iterable[str]:
    yield from (atom.relation for atom in (*clause.body, *clause.negated))
    yield from (aggregate.atom.relation for aggregate in clause.aggregates)


def _relation_of(mutant: Mutant, clauses: Sequence[Clause]) -> str | None:
    """The relation that the mutant's rule derives."""
    own = mutant.clauses or [clause for clause in clauses if clause.rule in mutant.rules]
    return own[0].head.relation if own else None


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


def _clause_infos(pack: Pack, clauses: Iterable[Clause]) -> Iterator[ClauseInfo]:
    """How to read the derivations of mutants, the values that their rules tell among it."""
    told: dict[str, dict[str, ValueAt]] = {}
    for info in pack.clauses:
        told.setdefault(info.rule, {}).update({value.name: value for value in info.values})
    for clause in clauses:
        values = told.get(clause.rule, {})
        fixed = [value for value in values.values() if value.part == "parameter"]
        yield clause_info(clause, (*values_of(clause, values, pack.vocabulary), *fixed))
