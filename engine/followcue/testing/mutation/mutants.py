"""Mutants: rules with one small change, compiled; those that say the same as the rule itself are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from followcue.base.diagnostic import Diagnostic
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic.compile_pack import info_of
from followcue.language.logic.from_model import clauses_of
from followcue.language.logic.program import Clause, Program
from followcue.language.logic.stratify import NotStratified, stratify
from followcue.language.logic.told_values import sentence_problems
from followcue.language.model.decision_table import Table, rules_of, table_of
from followcue.language.model.pack import RuleInfo
from followcue.language.model.rules import Rule, Where
from followcue.testing.mutation.operators import ChangedRule, Sort, changes_of
from followcue.testing.mutation.provably_equal import TIE, Moments, by_rule, only_ties
from followcue.testing.mutation.table_changes import changes_of_table


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed rule: its clauses, and what advice is to know of it (None where it is gone).

    `others` are rules that change together with it, whose clauses are among `clauses` as well. `same_clauses`
    if only what advice knows of it was changed. `same_since` says why no situation can tell it from the rule,
    where that can be proved: then no test needs to.
    """

    rule: str
    sort: Sort
    says: str
    where: Where
    clauses: tuple[Clause, ...]
    info: RuleInfo | None
    same_clauses: bool = False
    same_since: str | None = None
    others: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules in whose place it stands."""
        return (self.rule, *self.others)

    @property
    def place(self) -> str:
        """`file:line:column` of what was changed."""
        return str(self.where.span or self.where.document.name)

    @property
    def name(self) -> tuple[str, str]:
        """The rule and what was changed: by this a pack says why a mutant means the same."""
        return self.rule, self.says


def mutants_of(loaded: LoadedPack, rules: Iterable[str] | None = None) -> tuple[Mutant, ...]:
    """Every mutant of the rules (all of them unless named), in the order of the files."""
    wanted = None if rules is None else set(rules)
    makers = _Maker(loaded)
    made: list[Mutant] = []
    tables = {table.id: table for table in loaded.tables}
    for rule in loaded.rules:
        name = table_of(rule.id)
        if name is None:
            made += makers.mutants(rule) if wanted is None or rule.id in wanted else ()
        elif name in tables:
            of_rows = makers.mutants_of_table(tables.pop(name))
            made += (mutant for mutant in of_rows if wanted is None or mutant.rule in wanted)
    return tuple(made)


class _Maker:
    """Makes the mutants of one pack."""

    def __init__(self, loaded: LoadedPack) -> None:
        self._pack = loaded.pack
        self._program = loaded.program
        self._recursive = _recursive(loaded.program)
        self._clauses = by_rule(map(_bare, loaded.program.clauses))
        self._moments = Moments(loaded.program, loaded.pack.vocabulary)

    def mutants(self, rule: Rule) -> Iterator[Mutant]:
        """The mutants of one rule, each different from it and from the others."""
        own = self._clauses.get(rule.id, [])
        info = self._pack.rules[rule.id]
        seen = {_key(own, info)}
        for change in changes_of(rule, self._pack.vocabulary):
            mutant = self._mutant(rule, change)
            if mutant is None:
                continue
            key = _key(mutant.clauses, mutant.info)
            if key not in seen:
                seen.add(key)
                ties = only_ties(own, mutant.clauses, self._moments) and mutant.info == info
                same = set(mutant.clauses) == set(own)
                yield replace(mutant, same_clauses=same, same_since=TIE if ties and not same else None)

    def mutants_of_table(self, table: Table) -> Iterator[Mutant]:
        """The mutants of a table, each different from it and from the others."""
        as_is = {rule.id: rule for rule in rules_of(table)}
        seen: set[object] = set()
        for name, change in changes_of_table(table, self._pack.vocabulary):
            mutant = self._mutant(as_is[name], change)
            if mutant is None:
                continue
            own = [clause for rule in mutant.rules for clause in self._clauses.get(rule, ())]
            same = frozenset(map(_unordered, own)) == frozenset(map(_unordered, mutant.clauses))
            key = frozenset(mutant.rules), _key(mutant.clauses, mutant.info)
            if key not in seen and not (same and mutant.info == self._pack.rules[name]):
                seen.add(key)
                yield replace(mutant, same_clauses=same)

    def _mutant(self, rule: Rule, change: ChangedRule) -> Mutant | None:
        """The mutant of a change; None where it makes no rules that could be loaded."""
        info = self._pack.rules[rule.id]
        if change.rule is None:
            also, names = self._others(change)
            return Mutant(rule.id, change.sort, change.says, change.where, also, None, others=names)
        if change.rule.is_always_a_tip != rule.is_always_a_tip:
            changed = info._replace(always=change.rule.is_always_a_tip)
            return Mutant(rule.id, change.sort, change.says, change.where, (), changed)
        problems: list[Diagnostic]
        clauses, problems = clauses_of(change.rule, self._pack.vocabulary)
        if problems or sentence_problems(change.rule, clauses, self._pack.vocabulary):
            return None  # nor is it a rule without what its texts tell
        if not self._can_be_ordered(rule.id, clauses):
            return None
        bare = tuple(map(_bare, clauses))
        info = info_of(change.rule, self._pack.vocabulary)
        also, names = self._others(change)
        return Mutant(rule.id, change.sort, change.says, change.where, (*bare, *also), info, others=names)

    def _others(self, change: ChangedRule) -> tuple[tuple[Clause, ...], tuple[str, ...]]:
        """The clauses of the rules that change together with one, and their names."""
        made: list[Clause] = []
        for rule in change.others:
            clauses, _ = clauses_of(rule, self._pack.vocabulary)
            made += map(_bare, clauses)
        return tuple(made), tuple(rule.id for rule in change.others)

    def _can_be_ordered(self, rule: str, clauses: Sequence[Clause]) -> bool:
        """Whether no conclusion comes to depend on its own absence; only circles that are there can do so."""
        if not any(clause.head.relation in self._recursive for clause in clauses):
            return True
        others = [clause for clause in self._program.clauses if clause.rule != rule]
        try:
            stratify([*others, *clauses])
        except NotStratified:
            return False
        return True


def _recursive(program: Program) -> frozenset[str]:
    """The relations that depend on themselves."""
    return frozenset(
        program.clauses[number].head.relation
        for component in program.components
        if component.recursive
        for number in component.clauses
    )


def _bare(clause: Clause) -> Clause:
    """Without what says nothing about which rows it derives."""
    return replace(clause, settled=0)


def _key(clauses: Iterable[Clause], info: RuleInfo | None) -> tuple[object, ...]:
    return frozenset(map(_unordered, clauses)), info


def _unordered(clause: Clause) -> tuple[object, ...]:
    """A clause whatever the order of its demands."""
    return (clause.head, clause.body, clause.aggregates, frozenset(clause.negated), frozenset(clause.guards))
