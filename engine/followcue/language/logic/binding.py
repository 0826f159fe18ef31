"""Binding: which variables the conditions of a clause bind, and of which type each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.base.diagnostic import did_you_mean
from followcue.language.logic.alternatives import Fold, Match, Pick, Single, Without
from followcue.language.logic.atoms import Shape, bare_variable
from followcue.language.logic.expressions import Scope
from followcue.language.logic.types import NUMBER, describe, same
from followcue.language.model.rules import Demand
from followcue.language.model.vocabulary import Type


class Binder:
    """Types the variables of one clause into `scope`; `plain` are those that plain patterns bind."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.plain: dict[str, Type] = {}

    def bind(self, placed: Sequence[tuple[Single, Shape]], scope_name: str | None) -> None:
        """Types every variable: those of plain patterns, then picked and folded ones, then absent ones."""
        if scope_name:
            self.scope.types[scope_name] = self.scope.vocabulary.types[scope_name]
        for single, shape in placed:
            if isinstance(single, Match):
                for name, type, demand in self._bare(single, shape):
                    self._bind_one(name, type, demand, self.scope.types)
        self.plain = dict(self.scope.types)
        for single, shape in placed:
            if isinstance(single, Pick):
                self._bind_picked(single, shape)
            elif isinstance(single, Fold):
                self._bind_folded(single, shape)
        for single, shape in placed:
            if isinstance(single, Without) and single.optional:
                for name, type, _ in self._bare(single, shape):
                    if name not in self.scope.types:
                        self.scope.absent.setdefault(name, type)

    def _bare(self, single: Single, shape: Shape) -> Iterable[tuple[str, Type, Demand]]:
        for demand in single.demands:
            variable = bare_variable(demand)
            if variable is not None and demand.field in shape.types:
                yield variable.name, shape.types[demand.field], demand
            elif variable is not None:
                self.scope.mistaken.add(variable.name)

    def _bind_one(self, name: str, type: Type, demand: Demand, types: dict[str, Type]) -> None:
        known = types.setdefault(name, type)
        if not same(known, type):
            message = f"`${name}` is {describe(known)} elsewhere in this rule, and {describe(type)} here"
            self.scope.problems.append(demand.where.problem("FC303", message))

    def _bind_picked(self, pick: Pick, shape: Shape) -> None:
        for name, type, demand in self._bare(pick, shape):
            if name in self.plain and demand.field == (pick.field.text if pick.field else "at"):
                message = f"`${name}` is bound elsewhere already, so there is nothing left to choose"
                hint = f"bind it here alone, and compare it there (`is ${name}`)"
                self.scope.problems.append(demand.where.problem("FC404", message, None, hint))
            elif name in self.plain:
                self._bind_one(name, type, demand, self.plain)
            elif name in self.scope.types:
                message = f"`${name}` is chosen in two places"
                hint = f"compare it in one of them (`is ${name}`), or bind it in a plain condition"
                self.scope.problems.append(demand.where.problem("FC403", message, None, hint))
            else:
                self.scope.types[name] = type

    def _bind_folded(self, fold: Fold, shape: Shape) -> None:
        name = fold.variable.name
        if name in self.scope.types:
            message = f"`${name}` is bound already"
            hint = "give the result a name of its own and compare it with `where`"
            self.scope.problems.append(fold.where.problem("FC403", message, fold.variable.at, hint))
            return
        type: Type | None = NUMBER
        if fold.field is not None:
            type = shape.types.get(fold.field.text)
        self.scope.types[name] = type or NUMBER

    def check_type(self, demand: Demand, shape: Shape) -> None:
        """A bare variable must be of the type of the field that it is compared with."""
        variable = bare_variable(demand)
        if variable is not None:
            self._bind_one(variable.name, shape.types[demand.field], demand, self.scope.types)

    def unbound(self, demand: Demand, name: str) -> None:
        """Says that nothing binds the variable of a demand, unless more is wrong with it already."""
        if name in self.scope.mistaken:
            return
        known = [f"${n}" for n in self.scope.types]
        hint = did_you_mean(f"${name}", known) or f"leave `{demand.field}` out if it may be anything"
        message = f"nothing binds `${name}`, so it cannot be compared here"
        self.scope.problems.append(demand.where.problem("FC402", message, None, hint))
