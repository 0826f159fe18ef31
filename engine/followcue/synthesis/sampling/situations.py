"""Random situations for a pack: valid by its vocabulary, each made so that some rule is likely to fire.

A rule is chosen, and the facts that satisfy it are put together from its conditions, with dates that hold
just so or just not. Around them come events of the kinds that the rule looks at, some on the same day, some
that lie ahead. Whatever the pack is about, and always the same for the same seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from followcue.base.diagnostic import InvalidInput
from followcue.base.rows import Value
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.document import Document
from followcue.language.model.vocabulary import CALENDAR, Field, Kind, Type
from followcue.synthesis.sampling.hints import Hints, hints_of
from followcue.synthesis.sampling.recipe import Cook, Fact, Recipe, is_event, key_column
from followcue.synthesis.sampling.solve import Values
from followcue.synthesis.sampling.world import World, as_written

FIRST_DAY = date(2026, 1, 1).toordinal()
"""The days of made-up situations lie in the two years after this one, leap day and all."""

TRIES = 8
"""How often a situation is begun anew where what came out is not valid."""


class Size(NamedTuple):
    """How large made-up situations are: rules that one is made for, and events at random beside them."""

    goals: int = 2
    noise: int = 4


USUAL = Size()


def situations(loaded: LoadedPack, seed: int = 0, size: Size = USUAL) -> Iterator[dict[str, Any]]:
    """Situations without end, as plain data; the rules take turns, so that each has its share."""
    choose = Random(seed)
    maker = Maker(loaded, choose)
    tried: Counter[str] = Counter()
    by_rule = maker.clauses_by_rule
    while True:
        rules = sorted(by_rule, key=lambda rule: (tried[rule], choose.random()))
        goals = rules[: choose.randint(min(1, size.goals), size.goals)]
        tried.update(goals)
        yield maker.make([choose.choice(by_rule[rule]) for rule in goals], choose.randint(0, size.noise))


def situations_for(loaded: LoadedPack, rule: str, seed: int = 0, noise: int = 0) -> Iterator[dict[str, Any]]:
    """Situations without end in which this rule is likely to fire; small ones without `noise`."""
    choose = Random(seed)
    maker = Maker(loaded, choose)
    clauses = maker.clauses_by_rule.get(rule, [])
    while True:
        goals = [choose.choice(clauses)] if clauses else []
        yield maker.make(goals, choose.randint(0, noise), moved=False)


class Maker:
    """Makes situations of one pack, one after another from one source of chance."""

    def __init__(self, loaded: LoadedPack, choose: Random) -> None:
        self._loaded = loaded
        self._vocabulary = loaded.pack.vocabulary
        self._choose = choose
        self._hints: Hints = hints_of(loaded.program, self._vocabulary)
        self._cook = Cook(loaded.program, self._vocabulary, self._hints, choose)
        self._kinds = self._vocabulary.events

    @cached_property
    def clauses_by_rule(self) -> dict[str, list[int]]:
        """The numbers of the clauses of each rule that has some."""
        found: dict[str, list[int]] = {}
        for number, clause in enumerate(self._loaded.program.clauses):
            found.setdefault(clause.rule, []).append(number)
        return found

    def make(self, goals: Sequence[int], noise: int, *, moved: bool = True) -> dict[str, Any]:
        """One situation in which these clauses are likely to fire; a plain one where that cannot be had.

        `moved`: its day may also be another one than that on which they do.
        """
        for _ in range(TRIES):
            made = self._attempt(goals, noise, moved)
            if self.is_valid(made):
                return made
        return self._attempt((), 0, moved)

    def is_valid(self, data: dict[str, Any]) -> bool:
        """Whether the situation can be read."""
        try:
            self._loaded.reader.read(Document.of(data), today=_no_day)
        except InvalidInput:
            return False
        return True

    def noisy(self, data: dict[str, Any], count: int, near: Sequence[str] = ()) -> None:
        """Adds `count` events to a situation, mostly of the kinds in `near`; it may become invalid."""
        world = World.of(data, self._vocabulary, self._hints, self._choose)
        self._add_noise(world, count, near)
        world.fill()
        world.write_into(data)

    # --- one situation
    def _attempt(self, goals: Sequence[int], noise: int, moved: bool) -> dict[str, Any]:
        choose = self._choose
        today = FIRST_DAY + choose.randrange(900)
        profiles = (*self._vocabulary.profiles, self._vocabulary.default_profile)
        profile = choose.choice(profiles) if choose.random() < 0.3 else self._vocabulary.default_profile
        world = World(self._vocabulary, self._hints, choose, today)
        settings: dict[str, Any] = {}
        near: list[str] = []
        for goal in goals:
            near += self._hints.near.get(self._loaded.program.clauses[goal].rule, ())
            today, profile = self._pursue(goal, world, today, profile, settings)
        self._add_noise(world, noise, near)
        world.fill()
        if profile != self._vocabulary.default_profile:
            settings = {"profile": profile, **settings}
        if choose.random() < 0.06:
            params = settings.setdefault("params", {})
            params["count"] = CALENDAR[0].type.choices[1]
        return world.finished(self._moved(today) if moved else today, settings)

    def _pursue(
        self, goal: int, world: World, today: int, profile: str, settings: dict[str, Any]
    ) -> tuple[int, str]:
        """Places the facts that the clause `goal` needs; gives the day and the profile that suit it."""
        recipe = self._cook.recipe(goal)
        values = Values(recipe, self._vocabulary, self._hints, self._choose)
        values.find(today, self._parameters(profile), lambda kind, column: self._guess(kind, column, world))
        if world.entries:
            today = values.today = max(today, values.today)
        for fact in recipe.facts:
            self._place(fact, recipe, values, world)
        for name in sorted(values.changed):
            parameter = self._vocabulary.parameters[name]
            settings.setdefault("params", {})[name] = as_written(values.parameters[name], parameter.type)
        return values.today, str(values.parameters.get("profile", profile))

    def _parameters(self, profile: str) -> dict[str, Value]:
        known = (*CALENDAR, *self._vocabulary.parameters.values())
        return {p.name: p.profiles.get(profile, p.value) for p in known} | {"profile": profile}

    def _moved(self, today: int) -> int:
        """The day of the situation: mostly the one that suits, else one beside it or some way off."""
        luck = self._choose.random()
        if luck < 0.7:
            return today
        step = 1 if luck < 0.85 else self._choose.choice(self._hints.distances)
        return today + self._choose.choice((-1, 1)) * step

    # --- facts
    def _place(self, fact: Fact, recipe: Recipe, values: Values, world: World) -> None:
        """Puts one fact of a recipe into the world; one that is there already gets its other fields."""
        relation, _, member = fact.relation.partition(".")
        kind = self._vocabulary.kinds[relation]
        columns = [column.name for column in self._vocabulary.relations[fact.relation].columns]
        scope = self._scope(fact, columns, values, world)
        key = key_column(relation, self._vocabulary)
        if is_event(relation, self._vocabulary):
            fields = self._event(relation, scope, recipe.find(fact.cells[key]), values, world)
        else:
            fields = world.record(relation, scope, "" if kind.single else str(values[fact.cells[key]]))
        known = {field.name: field for field in kind.fields}
        for column, cell in sorted(fact.cells.items()):
            name, value = columns[column], values[cell]
            if column == len(columns) - 1 and member and value is not None:
                members = fields.setdefault(member, [])
                if value not in members:
                    members.append(value)
            elif name in known and value is not None:
                fields[name] = as_written(value, known[name].type)
            elif name in ("id", "note") and kind.is_event and value is not None:
                fields[name] = value

    def _scope(self, fact: Fact, columns: Sequence[str], values: Values, world: World) -> str | None:
        """The scope that a fact belongs to; None for the whole."""
        name = self._vocabulary.shape.scope
        if name is None or columns[0] != name or 0 in fact.absent:
            return None
        value = values[fact.cells[0]] if 0 in fact.cells else world.a_scope()
        if value is None:
            value = world.a_scope()
        world.record(name, None, str(value))
        return str(value)

    def _event(
        self, kind: str, scope: str | None, moment: str, values: Values, world: World
    ) -> dict[str, Any]:
        """The event of that moment, placed when it is first asked for."""
        placed = values.placed.get((kind, moment))
        if placed is None:
            day = values.day_of(moment)
            placed = values.placed[kind, moment] = world.event(kind, scope, day, values.rank(moment))
        return placed

    def _guess(self, relation: str, column: int, world: World) -> Value:
        """A likely value for a column: one that rules compare it with, or a key that is there."""
        choose = self._choose
        kind = self._vocabulary.kinds.get(relation.partition(".")[0])
        columns = [c.name for c in self._vocabulary.relations[relation].columns]
        name = columns[column]
        known = self._hints.values.get((relation, column), ())
        if known and choose.random() < 0.6:
            return choose.choice(known)
        if name == self._vocabulary.shape.scope and column == 0:
            return self._a_key(name, world)
        if kind is None:
            return None
        field = next((f for f in kind.fields if f.name == name), None)
        if field is not None:
            return self._guess_field(field, world)
        if name == "id":
            return f"{kind.name}{choose.choice((1, 1, 2, 3))}"
        base = self._vocabulary.relations[relation].columns[column].type
        return world.guess(Type(base, base), name)

    def _guess_field(self, field: Field, world: World) -> Value:
        if field.type.refers_to:
            return f"{field.type.refers_to[0]}{self._choose.choice((1, 1, 2))}"
        return world.guess(field.type, field.name)

    def _a_key(self, scope: str, world: World) -> str:
        """The key of a record of the scope; mostly one that is there."""
        if world.scopes and self._choose.random() < 0.75:
            return self._choose.choice(world.scopes)
        return f"{scope}{len(world.scopes) + 1}"

    # --- noise
    def _add_noise(self, world: World, count: int, near: Sequence[str]) -> None:
        """Adds events at random, mostly of the kinds that the rules at hand look at."""
        if not self._kinds or not self._vocabulary.shape.events:
            return
        looked_at = [name for name in near if "." not in name and is_event(name, self._vocabulary)]
        for _ in range(count):
            use_near = looked_at and self._choose.random() < 0.75
            kind = self._choose.choice(looked_at) if use_near else self._choose.choice(self._kinds).name
            scope = self._noise_scope(self._vocabulary.kinds[kind], world)
            world.event(kind, scope, world.a_day(), self._choose.randrange(3))

    def _noise_scope(self, kind: Kind, world: World) -> str | None:
        return world.a_scope() if kind.scoped and self._choose.random() < 0.95 else None


def _no_day(zone: str | None) -> date:
    raise AssertionError("a made-up situation says which day it is")
