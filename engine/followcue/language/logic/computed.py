"""Variables that a computation binds: `where: $total is $hours * $rate`.

Idea: `is` says what is so, whoever says it first. Where no condition of the clause binds the variable on its
left, the value on its right is what the variable stands for from there on; where one does, or a computation
has done so already, it is a comparison. Nothing is computed in an order: the value is put in the place of the
variable wherever that stands, so that matchers need not know of it.

    - lent: {until: $until}                      $until is a date
    - where: $last is $due + 1 week              $last waits for $due
    - where: $due is $until + grace              $due stands for $until + grace, and $last for that + 1 week

Invariant: conditions may stand in any order. A computation is taken as soon as every variable in it has a
value, again and again until none is left that can be; those that are left wait for each other, or for a
variable that nothing binds.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from followcue.base.diagnostic import Diagnostic, nearest
from followcue.language.logic.alternatives import (
    Alternative,
    Fold,
    Gather,
    Match,
    Pick,
    Simple,
    Single,
    Without,
)
from followcue.language.logic.atoms import bare_variable
from followcue.language.logic.expressions import ABSENT, TypingContext
from followcue.language.logic.walk import walk
from followcue.language.model import syntax
from followcue.language.model.leaves import leaves_of, variables_in
from followcue.language.model.rules import (
    AnyCondition,
    Comparing,
    Condition,
    Demand,
    Every,
    Gathering,
    Rule,
    Where,
    within,
)

MOST_PARTS = 400
"""So many values and signs, and no more, may stand behind one variable."""


@dataclass(frozen=True, slots=True)
class Definition:
    """`$name is expression`, as the whole or a part of a condition that stands at `where`."""

    name: str
    expression: syntax.Expression
    test: syntax.Comparison
    where: Where = field(compare=False, repr=False)


def definitions(alternative: Iterable[Simple], scope: str | None) -> list[Definition]:
    """The comparisons that may bind a variable, which no condition binds, nor is it the scope."""
    simples = list(alternative)
    bound = {name for simple in simples for name in bound_by(simple)}
    return [
        definition
        for simple in simples
        if isinstance(simple, Comparing)
        for definition in _defining(simple.test, simple.where)
        if definition.name not in bound and definition.name != scope
    ]


def prepared(alternative: Alternative, found: Sequence[Definition]) -> Alternative:
    """The alternative, in which patterns compare with what a computation may bind (`is $x`).

    Comparisons joined by `and` with one that may bind stand alone.
    """
    if not found:
        return alternative
    tests = [definition.test for definition in found]
    names = {definition.name for definition in found}
    parts: list[Simple] = []
    for simple in alternative:
        if isinstance(simple, Single):
            parts.append(replace(simple, demands=tuple(_compared(d, names) for d in simple.demands)))
        elif isinstance(simple, Comparing) and any(part in tests for part in _joined_by_and(simple.test)):
            parts += [Comparing(part, simple.where) for part in _joined_by_and(simple.test)]
        else:
            parts.append(simple)
    return tuple(parts)


def compute(found: Sequence[Definition], context: TypingContext) -> list[syntax.Comparison]:
    """Gives the variables their values in `context`; the comparisons that thereby hold, each by identity."""
    taken: list[syntax.Comparison] = []
    waiting = list(found)
    while ready := [d for d in waiting if all(map(context.knows, variables_in(d.expression)))]:
        for definition in ready:
            waiting.remove(definition)
            if not context.knows(definition.name):
                _give(definition, context)
                taken.append(definition.test)
    left = [definition for definition in waiting if not context.knows(definition.name)]
    needs = {d.name: [n for n in variables_in(d.expression) if not context.knows(n)] for d in left}
    context.mistaken |= needs.keys()
    for definition in left:
        if definition.name in _behind(definition.name, needs):
            context.problems.append(_circle(definition, needs[definition.name]))
        else:
            context.typed(definition.expression, definition.where)
    return [*taken, *(definition.test for definition in left)]


def _behind(name: str, needs: Mapping[str, Iterable[str]]) -> set[str]:
    """All that a variable waits for."""
    found: set[str] = set()
    pending = [name]
    while pending:
        fresh = set(needs.get(pending.pop(), ())) - found
        found |= fresh
        pending += fresh
    return found


def _circle(definition: Definition, needed: Iterable[str]) -> Diagnostic:
    name = definition.name
    others = " and ".join(f"`${other}`" for other in dict.fromkeys(needed))
    message = f"`${name}` waits for {others}, so that none of them has a value"
    if others == f"`${name}`":
        message = f"`${name}` is said by itself, so that it has no value"
    hint = (
        "give one its value in a condition, as in `noted: {n: $n}`, or give the new value a name of its own"
    )
    return definition.where.problem("FC314", message, definition.test.at, hint)


def _give(definition: Definition, context: TypingContext) -> None:
    typed = context.typed(definition.expression, definition.where)
    if typed is None:
        context.mistaken.add(definition.name)
    elif typed.expr == ABSENT:
        context.absent[definition.name] = typed.type
    elif sum(1 for _ in walk(typed.expr)) > MOST_PARTS:
        message = f"more than {MOST_PARTS} values stand behind `${definition.name}`"
        hint = "conclude a value on the way, and take it from there"
        context.problems.append(definition.where.problem("FC319", message, definition.test.at, hint))
        context.mistaken.add(definition.name)
    else:
        context.computed[definition.name] = typed


def computed_in(rule: Rule) -> set[str]:
    """The variables of a rule that a computation may bind."""
    bound = {name for condition in rule.when for name in _bound_in(condition)}
    return {d.name for condition in rule.when for d in _defined_in(condition)} - bound


def unused_computations(rule: Rule, told: Container[str]) -> Iterator[Diagnostic]:
    """One mistake for each variable that a computation would bind, and that stands nowhere else.

    `told` are those that the sentences of the rule name.
    """
    computed = computed_in(rule)
    used = [leaf.value.name for leaf in leaves_of(rule) if isinstance(leaf.value, syntax.Variable)]
    for condition in rule.when:
        for definition in _defined_in(condition):
            name = definition.name
            if name in computed and name not in told and used.count(name) == 1:
                others = [f"${other}" for other in dict.fromkeys(used) if other != name]
                message = f"`${name}` is given a value here, and stands nowhere else in this rule"
                hint = _unused_hint(name, others)
                yield definition.where.problem("FC315", message, definition.test.at, hint)


def _unused_hint(name: str, others: Sequence[str]) -> str:
    near = nearest(f"${name}", others)
    use = f"use it, as in `where: ${name} at least 2`, or leave this out"
    return f"did you mean `{near}`? If not, {use}" if near else use


# --- what binds
def bound_by(simple: Simple) -> Iterator[str]:
    """The variables that a condition binds, or of which it says that they are absent."""
    if isinstance(simple, Fold | Gather):
        yield simple.variable.name
        yield from (variable.name for variable in simple.each) if isinstance(simple, Gather) else ()
    elif isinstance(simple, Match | Pick) or (isinstance(simple, Without) and simple.optional):
        yield from (v.name for demand in simple.demands if (v := bare_variable(demand)) is not None)


def _bound_in(condition: AnyCondition) -> Iterator[str]:
    for conditions in within(condition):
        for inner in conditions:
            yield from _bound_in(inner)
    if isinstance(condition, Condition | Gathering) and condition.variable is not None:
        yield condition.variable.name
    if isinstance(condition, Every) or (isinstance(condition, Condition) and condition.word != "no"):
        yield from (v.name for d in condition.pattern.demands if (v := bare_variable(d)) is not None)


def _defined_in(condition: AnyCondition) -> Iterator[Definition]:
    if isinstance(condition, Comparing):
        yield from _defining(condition.test, condition.where)
    for conditions in within(condition):
        for inner in conditions:
            yield from _defined_in(inner)


def _defining(test: syntax.Test, where: Where) -> Iterator[Definition]:
    for part in _joined_by_and(test):
        match part:
            case syntax.Comparison("==", syntax.Variable(name), right):
                yield Definition(name, right, part, where)


def _joined_by_and(test: syntax.Test) -> Iterator[syntax.Test]:
    if isinstance(test, syntax.CompoundTest) and test.op == "and":
        for item in test.items:
            yield from _joined_by_and(item)
    else:
        yield test


def _compared(demand: Demand, names: Container[str]) -> Demand:
    variable = bare_variable(demand)
    if variable is None or variable.name not in names:
        return demand
    return replace(demand, constraint=replace(demand.constraint, says_is=True))
