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
from followcue.language.model.pack import RuleInfo
from followcue.language.model.rules import Rule, Where
from followcue.testing.mutation.operators import ChangedRule, Sort, changes_of
from followcue.testing.mutation.provably_equal import TIE, Moments, by_rule, only_ties


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed rule: its clauses, and what advice is to know of it (None where it is gone).

    `same_clauses` if only what advice knows of it was changed. `same_since` says why no situation can tell it
    from the rule, where that can be proved: then no test needs to.
    """

    rule: str
    sort: Sort
    says: str
    where: Where
    clauses: tuple[Clause, ...]
    info: RuleInfo | None
    same_clauses: bool = False
    same_since: str | None = None

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
    return tuple(
        mutant
        for rule in loaded.rules
        if wanted is None or rule.id in wanted
        for mutant in makers.mutants(rule)
    )


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
        for change in changes_of(rule, self._pack.vocabulary.parameters):
            mutant = self._mutant(rule, change)
            if mutant is None:
                continue
            key = _key(mutant.clauses, mutant.info)
            if key not in seen:
                seen.add(key)
                ties = only_ties(own, mutant.clauses, self._moments) and mutant.info == info
                same = set(mutant.clauses) == set(own)
                yield replace(mutant, same_clauses=same, same_since=TIE if ties and not same else None)

    def _mutant(self, rule: Rule, change: ChangedRule) -> Mutant | None:
        """The mutant of a change; None where it makes no rule that could be loaded."""
        info = self._pack.rules[rule.id]
        if change.rule is None:
            return Mutant(rule.id, change.sort, change.says, change.where, (), None)
        if change.rule.is_always_a_tip != rule.is_always_a_tip:
            changed = info._replace(always=change.rule.is_always_a_tip)
            return Mutant(rule.id, change.sort, change.says, change.where, (), changed)
        problems: list[Diagnostic]
        clauses, problems = clauses_of(change.rule, self._pack.vocabulary)
        if problems or not self._can_be_ordered(rule.id, clauses):
            return None
        bare = tuple(map(_bare, clauses))
        return Mutant(
            rule.id, change.sort, change.says, change.where, bare, info_of(change.rule, self._pack.vocabulary)
        )

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
