"""Random situations for a pack: valid by its vocabulary, each made so that some rules are likely to fire.

Rules are chosen, and their conditions solved together, in an order and with days that chance decides, many
of them on the very bounds that rules ask for. Around these facts come events of kinds that the rules look at,
some on the same day, some that lie ahead. Whatever the pack is about, always the same for the same seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import NamedTuple

from followcue.base.rows import Value
from followcue.evaluation.pipeline import LoadedPack, environment_of
from followcue.language.model.vocabulary import CALENDAR
from followcue.synthesis.plain_data import Data, read_plain
from followcue.synthesis.sampling.focus import Foci, Focus
from followcue.synthesis.sampling.variants import ADDING, FAR, RECORDS, TRIES, Variants, Weighting
from followcue.synthesis.solver.search import OutOfSteps, Search, SearchLimits, heads_of
from followcue.synthesis.solver.solve import solve
from followcue.synthesis.solver.tableau import Frame, Tableau, World
from followcue.synthesis.solver.to_situation import names_of, situation_data

FIRST_DAY = date(2026, 1, 1).toordinal()
"""The days of made-up situations lie in the two and a half years after this one, leap day and all."""

STEPS = SearchLimits(steps=300)
"""How far the conditions of one rule are searched; what is not found by then is left out."""


class Size(NamedTuple):
    """How large made-up situations are: rules that one is made for, and events at random beside them."""

    goals: int = 2
    noise: int = 7


USUAL = Size()


def situations(loaded: LoadedPack, seed: int = 0, size: Size = USUAL) -> Iterator[Data]:
    """Situations without end, as plain data; the rules take turns, so that each has its share."""
    chance = Random(seed)
    maker = Maker(loaded, chance)
    by_rule = maker.clauses_by_rule
    tried: Counter[str] = Counter()
    asked: Counter[int] = Counter()
    while True:
        rules = sorted(by_rule, key=lambda rule: (tried[rule], chance.random()))
        rules = rules[: chance.randint(min(1, size.goals), size.goals)]
        goals = [min(by_rule[rule], key=lambda goal: (asked[goal], chance.random())) for rule in rules]
        tried.update(rules)
        asked.update(goals)
        yield maker.make(goals, chance.randint(0, size.noise))


def situations_for(loaded: LoadedPack, rule: str, seed: int = 0, noise: int = 0) -> Iterator[Data]:
    """Situations without end in which this rule is likely to fire; small ones without `noise`."""
    chance = Random(seed)
    maker = Maker(loaded, chance)
    clauses = maker.clauses_by_rule.get(rule, [])
    while True:
        goals = [chance.choice(clauses)] if clauses else []
        yield maker.make(goals, chance.randint(0, noise), moved=False)


class Maker:
    """Makes situations of one pack, one after another from one source of chance."""

    def __init__(self, loaded: LoadedPack, chance: Random) -> None:
        self._loaded = loaded
        self._vocabulary = loaded.pack.vocabulary
        self._clauses = loaded.program.clauses
        self._chance = chance
        self._heads = heads_of(self._clauses)
        self._world = World(self._vocabulary, exact=True)
        self._foci = Foci(loaded.program, self._vocabulary)
        self._variants = Variants(loaded, chance)

    @cached_property
    def clauses_by_rule(self) -> dict[str, list[int]]:
        """The numbers of the clauses of each rule that has some."""
        found: dict[str, list[int]] = {}
        for number, clause in enumerate(self._clauses):
            found.setdefault(clause.rule, []).append(number)
        return found

    def make(self, goals: Sequence[int], noise: int, *, moved: bool = True) -> Data:
        """One situation in which these clauses are likely to fire; a plain one where that cannot be had.

        `moved`: its day may also be another one than that on which they do.
        """
        focus = self._foci.of([self._clauses[goal] for goal in goals])
        made = self._begun(goals, some_record=noise > 0)
        for weighting in (*[ADDING] * noise, *[RECORDS] * (noise > 0)):
            made = self._varied(made, focus, weighting)
        if moved:
            made["as_of"] = self._moved(made["as_of"])
        return made

    def is_valid(self, data: Data) -> bool:
        """Whether the situation can be read."""
        return read_plain(self._loaded, data) is not None

    # --- one situation
    def _begun(self, goals: Sequence[int], *, some_record: bool) -> Data:
        """The first of some attempts in which all goals fire, or else the last valid one, or a plain one."""
        made = None
        for _ in range(TRIES if goals else 0):
            data = self._solved(goals)
            situation = read_plain(self._loaded, data)
            if situation is not None:
                made = data
                fired = self._loaded.matcher().run(situation.facts, environment_of(situation))
                if {derivation.clause for derivation in fired}.issuperset(goals):
                    break
        return made or self._solved((), some_record=some_record)

    def _solved(self, goals: Sequence[int], *, some_record: bool = False) -> Data:
        """Facts that meet the conditions of these clauses; what cannot be met beside the others is left out.

        `some_record`: there is a record of the scope in any case.
        """
        tableau = Tableau(self._world.with_parameters(self._parameters()))
        if some_record and tableau.world.scope:
            tableau.entity(self._vocabulary.kinds[tableau.world.scope])
            tableau = self._fired(tableau) or tableau
        for goal in goals:
            tableau = self._fired(tableau, goal) or tableau
        day = FIRST_DAY + self._chance.randrange(900)
        solution = solve(tableau, names_of(tableau), self._chance, day)
        assert solution is not None, "what contradicts itself was left out"
        made = situation_data(tableau, solution)
        if self._chance.random() < 0.06:
            made["params"] = {**made.get("params", {}), "count": CALENDAR[0].type.choices[1]}
        return made

    def _parameters(self) -> Mapping[str, Value]:
        """Those of a profile; or none, so that the rules may ask for any."""
        luck = self._chance.random()
        if luck < 0.15:
            return {}
        profiles = (*self._vocabulary.profiles, self._vocabulary.default_profile)
        profile = self._chance.choice(profiles) if luck < 0.45 else self._vocabulary.default_profile
        known = self._vocabulary.parameters.values()
        return {p.name: p.profiles.get(profile, p.value) for p in known} | {"profile": profile}

    def _frame(self, tableau: Tableau, goal: int) -> Frame:
        """A use of a clause, about the same record of the scope as the one before it, or about another."""
        known = tableau.frames[-1].nodes if tableau.frames else {}
        frame = tableau.frame(self._clauses[goal])
        scope = tableau.world.scope or ""
        if scope in known and scope in frame.nodes:
            same = self._chance.random() < 0.6
            (tableau.store.equal if same else tableau.store.differ)(known[scope], frame.nodes[scope])
        return frame

    def _fired(self, tableau: Tableau, *goals: int) -> Tableau | None:
        """A tableau with the facts that clauses need besides; at random, or in the order of the rules."""
        for shuffle in (self._chance, None):
            branch = tableau.copy()
            frames = [self._frame(branch, goal) for goal in goals]
            search = Search(self._heads, share=True, limits=STEPS, shuffle=shuffle)
            try:
                return next(search.fire(branch, frames), None)
            except OutOfSteps:
                continue
        return None

    def _varied(self, data: Data, focus: Focus, weighting: Weighting) -> Data:
        """The situation with one change, where it can have one."""
        tried = (self._variants.changed(data, focus, weighting) for _ in range(TRIES))
        return next((changed for changed in tried if changed is not None), data)

    def _moved(self, day: str) -> str:
        """The day of the situation: mostly the one that suits, else one beside it or some way off."""
        luck = self._chance.random()
        by = 0 if luck < 0.7 else self._chance.choice((-1, 1) if luck < 0.85 else FAR)
        return (date.fromisoformat(day) + timedelta(by)).isoformat()
