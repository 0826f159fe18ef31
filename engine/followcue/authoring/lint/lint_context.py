"""What all lints look at: a loaded pack, its rules with clauses and places, and what can fire at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from followcue.authoring.lint.kept_answers import Foundations, KeptAnswers
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic import program as ir
from followcue.language.logic.compile_pack import with_helpers
from followcue.language.logic.from_model import clauses_of
from followcue.language.logic.walk import atoms_of
from followcue.language.model.rules import Rule
from followcue.synthesis.solver.feasible import any_parameters, can_fire, contradicts_itself, needed
from followcue.synthesis.solver.search import heads_of
from followcue.synthesis.solver.tableau import World
from followcue.synthesis.solver.witness import Witnesses


class LintContext:
    """A pack as its lints see it; everything is worked out once."""

    def __init__(
        self, loaded: LoadedPack, about: Collection[str] | None = None, kept: KeptAnswers | None = None
    ) -> None:
        """`about` are the rules of which findings are wanted; None: all. `kept` is what was found before."""
        self.loaded = loaded
        self.kept = kept or KeptAnswers()
        self.vocabulary = loaded.pack.vocabulary
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in loaded.rules}
        self.about = frozenset(self.rules if about is None else about)
        self.clauses: Sequence[ir.Clause] = loaded.program.clauses
        self.world: World = any_parameters(self.vocabulary)
        self.concluding = heads_of(self.clauses)
        """All clauses by what they conclude."""
        sound = [clause for clause in self.clauses if not contradicts_itself(self.world, clause)]
        self.heads: Mapping[str, Sequence[ir.Clause]] = heads_of(sound)
        """The same without those that contradict themselves."""

    @cached_property
    def witnesses(self) -> Witnesses:
        """What makes situations for this pack."""
        return Witnesses(self.loaded)

    @cached_property
    def foundations(self) -> Foundations:
        """What rests on what in this pack."""
        return Foundations(self.loaded, self.kept.words)

    @cached_property
    def by_rule(self) -> Mapping[str, Sequence[ir.Clause]]:
        """The clauses of each rule, without those that only serve it."""
        found: dict[str, list[ir.Clause]] = {name: [] for name in self.rules}
        for clause in self.clauses:
            if clause.helper is None:
                found[clause.rule].append(clause)
        return found

    @cached_property
    def numbers(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the clauses of each rule, without those that only serve it."""
        found: dict[str, list[int]] = {name: [] for name in self.rules}
        for number, clause in enumerate(self.clauses):
            if clause.helper is None:
                found[clause.rule].append(number)
        return found

    @cached_property
    def contradictory(self) -> frozenset[str]:
        """The rules of which no clause can ever fire, for what its own conditions demand."""
        dead = {id(clause) for clause in self.clauses if not can_fire(self.world, self.heads, clause)}
        return frozenset(
            name
            for name, clauses in self.by_rule.items()
            if all(id(clause) in dead for clause in clauses) and not self.rules[name].is_always_a_tip
        )

    @cached_property
    def made(self) -> frozenset[str]:
        """The conclusions that some rule can make, from what can be made."""
        made: set[str] = set()
        waiting: defaultdict[str, list[tuple[ir.Clause, set[str]]]] = defaultdict(list)
        ready = []
        for clause in self.clauses:
            if clause.rule in self.contradictory:
                continue
            missing = {name for name in needed(clause) if self.is_concluded(name)}
            if missing:
                for name in missing:
                    waiting[name].append((clause, missing))
            else:
                ready.append(clause.head.relation)
        while ready:
            relation = ready.pop()
            if relation not in made:
                made.add(relation)
                for clause, missing in waiting.pop(relation, ()):
                    missing.discard(relation)
                    if not missing:
                        ready.append(clause.head.relation)
        return frozenset(made)

    def is_concluded(self, relation: str) -> bool:
        """Whether the facts of a relation are conclusions."""
        return self.vocabulary.relations[relation].derived

    def lacks(self, clause: ir.Clause) -> tuple[str, ...]:
        """The conclusions that a clause needs and that nothing makes."""
        names = dict.fromkeys(n for n in needed(clause) if self.is_concluded(n) and n not in self.made)
        return tuple(names)

    @cached_property
    def dead(self) -> frozenset[str]:
        """The rules that can never fire, be it for their own demands or for what nothing concludes."""
        return self.contradictory | {
            name
            for name, clauses in self.by_rule.items()
            if clauses and all(self.lacks(clause) for clause in clauses)
        }

    def clauses_of(self, rule: Rule) -> list[ir.Clause] | None:
        """The clauses of a rule that is not in the pack; None where it does not read as one.

        Without those that rest on a helper which the pack does not know.
        """
        clauses, problems = clauses_of(rule, self.vocabulary)
        known = self.vocabulary.relations
        plain = [clause for clause in clauses if all(atom.relation in known for atom in atoms_of(clause))]
        return None if problems else [clause for clause in plain if clause.helper is None]

    def is_contradictory(self, rule: Rule, *, denials: bool = True) -> bool | None:
        """Whether a rule that is not in the pack could never fire; None where it does not read as one.

        Without `denials`, no `no` of the rule or of what it builds on counts.
        """
        clauses, problems = clauses_of(rule, self.vocabulary)
        if problems:
            return None
        helpers = [clause for clause in clauses if clause.helper]
        world, heads = self.world, self.heads
        if helpers:
            world = any_parameters(with_helpers(self.vocabulary, (*self.clauses, *helpers)))
            heads = {**heads, **heads_of(helpers)}
        own = (clause for clause in clauses if clause.helper is None)
        return not any(can_fire(world, heads, clause, denials=denials) for clause in own)
