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
from typing import TypeAlias

from followcue.base.rows import Column, Relation, Row
from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.advise import Advisor
from followcue.evaluation.advice.report import Report
from followcue.evaluation.match.compiled import CompiledMatcher
from followcue.evaluation.match.protocol import Derivation, Environment, Limits
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.evaluation.pipeline import LoadedPack, environment_of, evaluate_facts
from followcue.evaluation.situation.situation import Situation
from followcue.language.logic.compile_pack import clause_info, with_helpers
from followcue.language.logic.program import Atom, Clause, Const, Head, Program, Test, Var
from followcue.language.logic.stratify import stratify
from followcue.language.logic.told_values import values_of
from followcue.language.logic.walk import atoms_of
from followcue.language.model.pack import ClauseInfo, Pack, ValueAt, is_helper
from followcue.testing.mutation.mutants import Mutant

AMPLE = Limits(derivations=10_000_000, steps=500_000_000)
"""For many rules at once; each alone is as limited as in any evaluation."""


Derived: TypeAlias = tuple[str, Row]
"""A row, and the relation that it is of."""


def derived_rows(derivations: Iterable[Derivation], clauses: Sequence[Clause]) -> frozenset[Derived]:
    """What some derivations came to, without the rows that only serve the rule that makes them."""
    found = ((clauses[derivation.clause].head.relation, derivation.row) for derivation in derivations)
    return frozenset(one for one in found if not is_helper(one[0]))


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
    def rows_of_rules(self) -> Mapping[str, frozenset[Derived]]:
        """What each rule derives."""
        clauses = self.program.clauses
        return {rule: derived_rows(found, clauses) for rule, found in self.by_rule.items()}


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
        vocabulary = with_helpers(loaded.pack.vocabulary, (*loaded.program.clauses, *self._clauses))
        pack = loaded.pack._replace(vocabulary=vocabulary)
        self._pack = pack._replace(clauses=(*pack.clauses, *_clause_infos(pack, self._clauses)))
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
                by_rule = [(self._clauses[d.clause].rule, derived_rows([d], self._clauses)) for d in instead]
                differs = {(rule, row) for rule, found in by_rule for row in found} != usual
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
        return self._rerun.are_recursive(_relations_of(mutant, self._program.clauses))

    def _may_differ(self, mutant: Mutant, instead: list[Derivation], rows: frozenset[Derived]) -> bool:
        if mutant.info != self._pack.rules[mutant.rule] and mutant.same_clauses:
            return True
        if self._pack.rules[mutant.rule].always or (mutant.info is not None and mutant.info.always):
            return True
        if mutant.rule in self._telling:
            return True
        if self._changes_recursion(mutant):
            return True
        return derived_rows(instead, self._clauses) != rows

    def derivations(
        self, ground: TrialGround, number: int, instead: Sequence[Derivation]
    ) -> list[Derivation]:
        """All derivations with the mutant in its rule's place."""
        mutant = self.mutants[number]
        clauses = self._program.clauses
        if mutant.same_clauses:
            return list(ground.derivations)
        offset = len(clauses)
        relations = _relations_of(mutant, clauses)
        if self._rerun.are_recursive(relations):
            first = self._numbers.index(number) if mutant.clauses else 0
            return self._rerun.recursive(ground, mutant, offset + first)
        new = [derivation._replace(clause=offset + derivation.clause) for derivation in instead]
        kept = [d for d in ground.derivations if clauses[d.clause].rule not in mutant.rules]
        given = {name: _rows_of(name, kept, clauses) for name in relations if self._rerun.above(name)}
        for derivation in instead:
            name = self._clauses[derivation.clause].head.relation
            if name in given:
                given[name][derivation.row] = None
        if all(rows.keys() == set(ground.rows.get(name, ())) for name, rows in given.items()):
            return kept + new
        return new + self._rerun.run(ground, mutant.rules, given)

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

    def are_recursive(self, relations: Iterable[str]) -> bool:
        """Whether facts of one of these depend on others of them, be it by rules that are not changed."""
        names = set(relations)
        return any(names & self.above(name) for name in names)

    def run(
        self, ground: TrialGround, rules: Sequence[str], given: Mapping[str, Iterable[Row]]
    ) -> list[Derivation]:
        """The derivations of all other rules, where these rows of the relations of these are given."""
        facts: dict[str, Sequence[Row]] = dict(ground.situation.facts)
        facts |= {OFF: [(rule,) for rule in rules]} | {
            _given(name): list(rows) for name, rows in given.items()
        }
        found = self._matcher.run(facts, ground.environment)
        return [derivation for derivation in found if derivation.clause < len(self._program.clauses)]

    @cached_property
    def _matcher(self) -> CompiledMatcher:
        known = self._program.relations
        heads = {clause.head.relation for clause in self._program.clauses}
        concluded = sorted(name for name in heads if self._users[name] and not is_helper(name))
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
        helpers = {clause.helper.name: clause.helper for clause in changed if clause.helper}
        program = Program({**self._program.relations, **helpers}, changed, stratify(changed))
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
    """Clauses that see only helpers of their own number, over relations that are all given.

    What a clause of a number derives, it derives in a relation of that number.
    """
    relations = {name: relation._replace(derived=False) for name, relation in program.relations.items()}
    apart = []
    for clause, number in zip(clauses, numbers, strict=True):
        name = f"?{number} {clause.head.relation}"
        relation = clause.helper or relations[clause.head.relation]
        relations[name] = relation._replace(name=name, derived=True)
        apart.append(replace(_with_own_helpers(clause, number), head=replace(clause.head, relation=name)))
    return Program(relations, tuple(apart), stratify(apart))


def _with_own_helpers(clause: Clause, number: int) -> Clause:
    def own(atom: Atom) -> Atom:
        return replace(atom, relation=f"?{number} {atom.relation}") if is_helper(atom.relation) else atom

    if not any(is_helper(atom.relation) for atom in atoms_of(clause)):
        return clause
    return replace(
        clause,
        body=tuple(map(own, clause.body)),
        negated=tuple(map(own, clause.negated)),
        aggregates=tuple(replace(a, atom=own(a.atom)) for a in clause.aggregates),
    )


def _rows_of(relation: str, derivations: Iterable[Derivation], clauses: Sequence[Clause]) -> dict[Row, None]:
    return dict.fromkeys(d.row for d in derivations if clauses[d.clause].head.relation == relation)


def _used(clause: Clause) -> Iterable[str]:
    yield from (atom.relation for atom in (*clause.body, *clause.negated))
    yield from (aggregate.atom.relation for aggregate in clause.aggregates)


def _relations_of(mutant: Mutant, clauses: Sequence[Clause]) -> list[str]:
    """What the rule of the mutant derives, with and without the change; not what only serves itself."""
    own = (*mutant.clauses, *(clause for clause in clauses if clause.rule in mutant.rules))
    names = dict.fromkeys(clause.head.relation for clause in own)
    return [name for name in names if not is_helper(name)]


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
