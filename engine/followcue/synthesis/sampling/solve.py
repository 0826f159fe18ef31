"""Values for the variables of a recipe: a guess, mended demand by demand until they hold, or nearly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from followcue.base.rows import Value
from followcue.evaluation.match.evaluate import evaluate_expr
from followcue.evaluation.match.protocol import Environment
from followcue.evaluation.situation.situation import MOMENTS_A_DAY
from followcue.language.logic.program import Arith, Compare, Expr, Extreme, Junction, Param, Shift, Today, Var
from followcue.language.model.vocabulary import Vocabulary
from followcue.synthesis.sampling.hints import LONGEST_DISTANCE, Hints
from followcue.synthesis.sampling.recipe import Recipe, is_event, key_column, on_the_day

ROUNDS = 80
"""How often a demand that does not hold is mended before the values are taken as they are."""

MIDDLE = MOMENTS_A_DAY // 2
"""The place within its day of an event that comes neither before nor after another one."""

_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

Guess = Callable[[str, int], Value]
"""A likely value for a column of a relation."""


class Values:
    """The values of the variables of one recipe, of its parameters and of its day."""

    def __init__(self, recipe: Recipe, vocabulary: Vocabulary, hints: Hints, choose: Random) -> None:
        self._recipe = recipe
        self._hints = hints
        self._choose = choose
        self._vocabulary = vocabulary
        self.today = 0
        self.parameters: dict[str, Value] = {}
        self.changed: set[str] = set()
        self.placed: dict[tuple[str, str], dict[str, Any]] = {}
        self._cells: dict[str, Value] = {}
        self._days: dict[str, str] = {}
        self._ranks: dict[str, int] = {}

    def __getitem__(self, variable: str) -> Value:
        """The value of a variable; None where it has none."""
        return self._cells.get(self._recipe.find(variable))

    def rank(self, at: str) -> int:
        """The place of an event among those of its day, by the variable of its moment."""
        return self._ranks.get(self._recipe.find(at), MIDDLE)

    def day_of(self, moment: str) -> int:
        """The day of the event that has this moment."""
        day = self._cells.get(self._recipe.find(self._days[self._recipe.find(moment)]))
        return day if isinstance(day, int) else self.today

    def find(self, today: int, parameters: Mapping[str, Value], guess: Guess) -> bool:
        """Looks for values that meet the demands; whether all of them are met in the end."""
        self.today, self.parameters = today, dict(parameters)
        find = self._recipe.find
        for variable, (relation, column) in self._recipe.columns.items():
            root = find(variable)
            if root not in self._cells:
                words = self._recipe.choices.get(root)
                self._cells[root] = self._choose.choice(words) if words else guess(relation, column)
        demands = [*self._recipe.demands, *self._of_events()]
        for _ in range(ROUNDS):
            failing = [demand for demand in demands if not self._holds(demand)]
            if not failing:
                return True
            self._mend(self._choose.choice(failing))
        return False

    def _of_events(self) -> list[Expr]:
        """That every event lies on a day that is past; links its moment with this day."""
        demands: list[Expr] = []
        for fact in self._recipe.facts:
            at = key_column(fact.relation, self._vocabulary)
            if not is_event(fact.relation, self._vocabulary):
                continue
            moment = self._recipe.find(fact.cells[at])
            day = self._recipe.find(fact.cells.setdefault(at - 1, f"{moment}.date"))
            self._recipe.unite(self._days.setdefault(moment, day), day)
            day = self._recipe.find(day)
            self._cells.setdefault(day, self.today - self._choose.choice(self._hints.distances))
            self._cells.pop(moment, None)
            demands.append(on_the_day(day))
        return demands

    # --- evaluation
    def value_of(self, variable: str) -> Value:
        """The value that demands see: of a moment, its day and its place within."""
        root = self._recipe.find(variable)
        if root in self._days:
            day = self._cells.get(self._recipe.find(self._days[root]))
            return day * MOMENTS_A_DAY + self.rank(root) if isinstance(day, int) else None
        return self._cells.get(root)

    def _value(self, expr: Expr) -> Any:
        """The value of an expression; None where a part of it has none."""
        try:
            return evaluate_expr(expr, _Bindings(self), Environment(self.today, self.parameters))
        except (KeyError, TypeError, OverflowError):
            return None

    def _holds(self, demand: Expr) -> bool:
        found = self._value(demand)
        return found is None or bool(found)

    # --- mending
    def _mend(self, demand: Expr) -> None:
        match demand:
            case Junction("and", items):
                for item in items:
                    if not self._holds(item):
                        self._mend(item)
            case Junction(_, items):
                self._mend(self._choose.choice(items))
            case Compare(op, left, right):
                sides: list[tuple[str, Expr, Expr]] = [(op, left, right), (_MIRRORED[op], right, left)]
                self._choose.shuffle(sides)
                for comparing, one, other in sides:
                    target = self._target(comparing, self._value(one), self._value(other))
                    if target is not None and self._set(one, target):
                        return

    def _target(self, op: str, now: Value, other: Value) -> Value:
        """A value for one side of a comparison with which it holds, often just so."""
        if other is None or op == "==":
            return other
        if type(other) is not int:
            return self._another(other) if op == "!=" else None
        step = self._choose.choice((1, 1, 1, 2, *self._hints.distances[:3]))
        # A moment is moved within its day or by whole days.
        if isinstance(now, int) and max(abs(now), abs(other)) > MOMENTS_A_DAY:
            step = self._choose.choice((1, MOMENTS_A_DAY, step * MOMENTS_A_DAY))
        match op:
            case "<":
                return other - max(step, 1)
            case ">":
                return other + max(step, 1)
            case "<=":
                return other - self._choose.choice((0, 0, step))
            case ">=":
                return other + self._choose.choice((0, 0, step))
            case _:
                return other + self._choose.choice((-1, 1, step or 1))

    def _another(self, value: Value) -> Value:
        others = [v for v in self._cells.values() if type(v) is type(value) and v != value]
        if isinstance(value, bool):
            return not value
        return self._choose.choice(others) if others and self._choose.random() < 0.5 else f"{value}2"

    def _set(self, expr: Expr, target: Value) -> bool:
        """Changes what `expr` is made of so that it has the value `target`; whether that can be."""
        match expr:
            case Var(name):
                return self._set_variable(self._recipe.find(name), target)
            case Shift(day, by, sign):
                days = self._value(by)
                return (
                    isinstance(days, int) and isinstance(target, int) and self._set(day, target - sign * days)
                )
            case Arith(op, left, right):
                return self._set_sum(op, left, right, target)
            case Extreme(_, items):
                return self._set(self._choose.choice(items), target)
            case Today():
                if isinstance(target, int) and abs(target - self.today) < LONGEST_DISTANCE * 3:
                    self.today = target
                    return True
            case Param(name):
                return self._set_parameter(name, target)
            case _:
                pass
        return False

    def _set_variable(self, root: str, target: Value) -> bool:
        words = self._recipe.choices.get(root)
        if words and target not in words:
            return False
        if root in self._days:
            if not isinstance(target, int):
                return False
            day, self._ranks[root] = divmod(target, MOMENTS_A_DAY)
            self._cells[self._recipe.find(self._days[root])] = day
            return True
        if root not in self._cells:
            return False
        self._cells[root] = target
        return True

    def _set_sum(self, op: str, left: Expr, right: Expr, target: Value) -> bool:
        one, other = self._value(left), self._value(right)
        if not (isinstance(one, int) and isinstance(other, int) and isinstance(target, int)) or op == "*":
            return False
        if self._choose.random() < 0.5:
            return self._set(left, target - other if op == "+" else target + other)
        return self._set(right, target - one if op == "+" else one - target)

    def _set_parameter(self, name: str, target: Value) -> bool:
        """Parameters are changed now and then: mostly it is the situation that has to fit them."""
        if type(target) is int and not 0 <= target <= LONGEST_DISTANCE:
            return False
        if name == "profile":
            if target not in self._vocabulary.profiles:
                return False
        elif name not in self._vocabulary.parameters or self._choose.random() < 0.7:
            return False
        else:
            self.changed.add(name)
        self.parameters[name] = target
        return True


class _Bindings(Mapping[str, Value]):
    """The values of variables under all of their names."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Value:
        found = self._values.value_of(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0
