"""Binding: which variables the conditions of a clause bind, and of which type each is (range restriction).

Idea: conditions are written in any order, and each variable is bound in one of three passes, whichever comes
to it first. Plain patterns bind first, as they are what a matcher joins; then `newest`, `count` and their
like bind what is new in them, and join on what plain patterns bind; what only a `maybe` without a fact
mentions is absent.

    - lent: {to: $reader, date: $day}                      plain: $reader (a reader), $day (a date)
    - newest extended: {until: $until, date: after $day}   picked: $until (a date)
    - count reminded as $n: {to: $reader}                  joined on $reader; folded: $n (a number)
    - maybe damaged: {costs: $costs}                       plain $costs in one clause, absent in the other

The second clause of these (see `alternatives`) has no fact to take `$costs` from: there it is in `absent`,
and a comparison with it never holds.

Invariant: what is in `types` has one type, on which all its places agree, and what is in `plain` does not
depend on an aggregate; so a body can be joined before any aggregate is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.base.diagnostic import did_you_mean
from followcue.language.logic.alternatives import Fold, Match, Pick, Single, Without
from followcue.language.logic.atoms import KindShape, bare_variable
from followcue.language.logic.expressions import TypingContext
from followcue.language.logic.types import comparable, describe
from followcue.language.model.rules import Demand, Where
from followcue.language.model.syntax import Constraint, Variable, Word
from followcue.language.model.vocabulary import NUMBER, Type


def _forgotten(demand: Demand) -> str | None:
    """The word that a field is to be equal to, which may be a variable without its `$`."""
    match demand.constraint:
        case Constraint("==", (Word(text),)):
            return text
    return None


class Binder:
    """Types the variables of one clause into `context`; `plain` are those that plain patterns bind."""

    def __init__(self, context: TypingContext) -> None:
        self.context = context
        self.plain: dict[str, Type] = {}

    def bind(
        self,
        placed: Sequence[tuple[Single, KindShape]],
        scope_name: str | None,
        groups: Iterable[tuple[str, Type]] = (),
    ) -> None:
        """Types every variable: those of plain patterns, then picked and folded ones, then absent ones.

        `groups` are those by which something is gathered, which are as plain.
        """
        self.context.types.update(groups)
        if scope_name:
            self.context.types[scope_name] = self.context.vocabulary.types[scope_name]
        for single, shape in placed:
            if isinstance(single, Match):
                for name, type, demand in self._bare(single, shape):
                    self._bind_one(name, type, demand, self.context.types)
        self.plain = dict(self.context.types)
        for single, shape in placed:
            if isinstance(single, Pick):
                self._bind_picked(single, shape)
            elif isinstance(single, Fold):
                self._bind_folded(single, shape)
        for single, shape in placed:
            if isinstance(single, Without) and single.optional:
                for name, type, _ in self._bare(single, shape):
                    if name not in self.context.types:
                        self.context.absent.setdefault(name, type)

    def _bare(self, single: Single, shape: KindShape) -> Iterable[tuple[str, Type, Demand]]:
        for demand in single.demands:
            variable = bare_variable(demand)
            if variable is not None and demand.field in shape.types:
                yield variable.name, shape.types[demand.field], demand
            elif variable is not None:
                self.context.mistaken.add(variable.name)
            elif (word := _forgotten(demand)) and word not in self.context.vocabulary.parameters:
                self.context.mistaken.add(word)

    def _bind_one(self, name: str, type: Type, demand: Demand, types: dict[str, Type]) -> None:
        known = types.setdefault(name, type)
        if not comparable(known, type):
            message = f"`${name}` is {describe(known)} elsewhere in this rule, and {describe(type)} here"
            hint = "give one of the two a name of its own"
            self.context.problems.append(demand.where.problem("FC303", message, None, hint))

    def _bind_picked(self, pick: Pick, shape: KindShape) -> None:
        for name, type, demand in self._bare(pick, shape):
            if name in self.plain and demand.field == (pick.field.text if pick.field else "at"):
                message = f"`${name}` has its value elsewhere already, so there is nothing left to choose"
                hint = f"name it here alone, and compare it there (`is ${name}`)"
                self.context.problems.append(demand.where.problem("FC404", message, None, hint))
            elif name in self.plain:
                self._bind_one(name, type, demand, self.plain)
            elif name in self.context.types:
                message = f"`${name}` is chosen in two places"
                hint = f"compare it in one of them (`is ${name}`), or name it where nothing is chosen"
                self.context.problems.append(demand.where.problem("FC403", message, None, hint))
            else:
                self.context.types[name] = type

    def _bind_folded(self, fold: Fold, shape: KindShape) -> None:
        type: Type | None = NUMBER
        if fold.field is not None:
            type = shape.types.get(fold.field.text)
        self.bind_result(fold.variable, type or NUMBER, fold.where)

    def bind_result(self, variable: Variable, type: Type, where: Where) -> None:
        """Types the variable of what is counted, added up or compared."""
        if variable.name in self.context.types:
            message = f"`${variable.name}` has a value already"
            hint = "give the result a name of its own and compare it with `where`"
            self.context.problems.append(where.problem("FC403", message, variable.at, hint))
        else:
            self.context.types[variable.name] = type

    def check_type(self, demand: Demand, shape: KindShape) -> None:
        """A bare variable must be of the type of the field that it is compared with."""
        variable = bare_variable(demand)
        if variable is not None:
            self._bind_one(variable.name, shape.types[demand.field], demand, self.context.types)

    def unbound(self, demand: Demand, name: str) -> None:
        """Says that nothing binds the variable of a demand, unless more is wrong with it already."""
        if name in self.context.mistaken:
            return
        known = [f"${n}" for n in self.context.types]
        hint = did_you_mean(f"${name}", known) or f"leave `{demand.field}` out if it may be anything"
        message = f"nothing gives `${name}` a value, so it cannot be compared here"
        self.context.problems.append(demand.where.problem("FC402", message, None, hint))
