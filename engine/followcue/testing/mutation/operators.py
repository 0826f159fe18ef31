"""Small changes of a rule, each of which some test should notice: a bound by one, a condition less, …"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar, cast, get_args

from followcue.base.civil import CivilOp
from followcue.base.rows import DECIMALS, places_of
from followcue.evaluation.advice.report import PRIORITIES
from followcue.language.logic.atoms import bare_variable
from followcue.language.model.rules import (
    AnyCondition,
    AnyOf,
    Assigned,
    Comparing,
    Condition,
    Demand,
    Every,
    Gathering,
    NoRowAbove,
    Pattern,
    Rule,
    RuleHead,
    StepHead,
    TableCell,
    Where,
)
from followcue.language.model.syntax import (
    OPPOSITE,
    TURNED,
    CivilOf,
    CompoundTest,
    ConditionWord,
    Constant,
    Constraint,
    Expression,
    ExtremeOf,
    Operation,
    RemainderOf,
    RoundedTo,
    Rounding,
    Test,
    Word,
)
from followcue.language.model.unparse import (
    spoken,
    spoken_condition,
    spoken_constraint,
    spoken_demand,
    spoken_head,
    spoken_pattern,
    spoken_test,
)
from followcue.language.model.vocabulary import (
    NO_TIER,
    STEPS,
    Parameter,
    Silence,
    StepChange,
    Type,
    Vocabulary,
)
from followcue.testing.mutation.units import ANY_STEPS, ONE_DAY, Steps, Units

Sort: TypeAlias = Literal[
    "rule", "condition", "choice", "negation", "bound", "swap", "edge", "settling", "override"
]
"""What is changed: the whole rule, a condition or demand left out, one of several choices left out, a demand
turned round, a bound by one, one thing for another, an edge of a window, what settles it, an exception."""

T = TypeVar("T")
U = TypeVar("U")


class PartEdit(NamedTuple, Generic[T]):
    """Something as changed, and in words what was changed where."""

    value: T
    sort: Sort
    says: str
    where: Where

    def holding(self, value: U) -> PartEdit[U]:
        """The same edit, said of what this is a part of."""
        return PartEdit(value, self.sort, self.says, self.where)


class ChangedRule(NamedTuple):
    """A rule as changed; None where it is gone altogether. `others` are rules that change with it."""

    rule: Rule | None
    sort: Sort
    says: str
    where: Where
    others: tuple[Rule, ...] = ()


STRICTER: Final = {">=": ">", "<=": "<", ">": ">=", "<": "<="}
"""The comparison that holds of one value more or less."""

OTHER_WAY: Final = {">=": -1, "<=": 1, ">": 1, "<": -1}
"""How far the bound moves to hold of one value more or less on the other side."""

ANYWHERE: Final[Mapping[str, str]] = {
    "starts with": "contains",
    "ends with": "contains",
    "does not start with": "does not contain",
    "does not end with": "does not contain",
}
"""The test of a text that looks for its part anywhere."""
OTHER_END: Final = {"newest": "oldest", "oldest": "newest", "latest": "earliest", "earliest": "latest"} | {
    "max": "min",
    "min": "max",
}
_CIVIL_OTHERS: Final[Mapping[CivilOp, Sequence[CivilOp]]] = {
    "first_of_month": ("last_of_month",),
    "last_of_month": ("first_of_month",),
}
"""The functions of the calendar that could have been meant instead."""

OTHER_ROUNDING: Final[Mapping[str, Rounding]] = {
    "down": "up",
    "up": "down",
    "half up": "half even",
    "half even": "half up",
}


def changes_of(rule: Rule, vocabulary: Vocabulary) -> Iterator[ChangedRule]:
    """Every change of the rule; some of them make no rule that could be compiled."""
    edits = PartEdits(rule, vocabulary)
    yield ChangedRule(None, "rule", f"the rule `{rule.id}` is left out", rule.where.as_key())
    for edit in edits.conditions(rule.when):
        yield ChangedRule(replace(rule, when=edit.value), edit.sort, edit.says, edit.where)
    if rule.profiles:
        where = rule.profiles[0].where
        yield ChangedRule(replace(rule, profiles=()), "condition", "`profiles` is left out", where)
    for number, mention in enumerate(rule.overrides):
        kept = _without(rule.overrides, number)
        says = f"the exception to `{mention.name}` is left out"
        yield ChangedRule(replace(rule, overrides=kept), "override", says, mention.where)
    if rule.head:
        for head in edits.head(rule.head):
            yield ChangedRule(replace(rule, head=head.value), head.sort, head.says, head.where)


class PartEdits:
    """The changes of each part of a rule."""

    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self._parameters = vocabulary.parameters
        """Those that a bare word may name."""
        self._units = Units(rule, vocabulary)

    # --- conditions
    def conditions(
        self, conditions: tuple[AnyCondition, ...]
    ) -> Iterator[PartEdit[tuple[AnyCondition, ...]]]:
        """One condition left out, turned round, or changed inside."""
        for number, condition in enumerate(conditions):
            says = f"`{spoken_condition(condition)}` is left out"
            yield PartEdit(_without(conditions, number), "condition", says, condition.where)
        yield from _each(conditions, self._condition)

    def _condition(self, condition: AnyCondition) -> Iterator[PartEdit[AnyCondition]]:
        if isinstance(condition, Comparing):
            for edit in self._test(condition.test, condition.where):
                yield edit.holding(Comparing(edit.value, condition.where))
        elif isinstance(condition, TableCell):
            for changed in self.cell(condition):
                yield changed.holding(changed.value)
        elif isinstance(condition, NoRowAbove):
            pass  # changes with the rows above
        elif isinstance(condition, AnyOf):
            yield from self._any_of(condition)
        elif isinstance(condition, Gathering):
            yield from self._gathering(condition)
        elif isinstance(condition, Every):
            yield from self._every(condition)
        else:
            yield from self._phrased(condition)

    def _any_of(self, condition: AnyOf) -> Iterator[PartEdit[AnyCondition]]:
        options = condition.alternatives
        for number, option in enumerate(options):
            said = ", ".join(map(spoken_condition, option))
            where = option[0].where if option else condition.where
            fewer = replace(condition, alternatives=_without(options, number))
            yield PartEdit(fewer, "choice", f"the choice `{said}` is left out", where)
        for edit in _each(options, self.conditions):
            yield edit.holding(replace(condition, alternatives=edit.value))

    def _gathering(self, condition: Gathering) -> Iterator[PartEdit[AnyCondition]]:
        was = spoken_condition(condition)
        changed = [replace(condition, word="min" if condition.word == "max" else "max")]
        if condition.word not in ("max", "min"):
            changed.clear()
        if condition.value is not None:
            changed += [replace(condition, value=value) for value in self._swapped(condition.value)]
        for new in changed:
            yield PartEdit(new, "swap", _becomes(was, spoken_condition(new)), condition.where)
        for edit in self.conditions(condition.conditions):
            if edit.value:
                yield edit.holding(replace(condition, conditions=edit.value))

    def _every(self, condition: Every) -> Iterator[PartEdit[AnyCondition]]:
        for edit in self._pattern(condition.pattern, condition.word):
            yield edit.holding(replace(condition, pattern=edit.value))
        for has in self.conditions(condition.has):
            if has.value:
                yield has.holding(replace(condition, has=has.value))

    def _phrased(self, condition: Condition) -> Iterator[PartEdit[AnyCondition]]:
        word, where = condition.word, condition.where
        turned: dict[str, Any] = {"there is": "no", "no": "there is", "maybe": "there is", **OTHER_END}
        if word in ("maybe newest", "maybe oldest"):
            end = word.removeprefix("maybe ")
            turned[word] = f"maybe {OTHER_END[end]}"
            surely = replace(condition, word=cast(ConditionWord, end))
            says = _becomes(spoken_condition(condition), spoken_condition(surely))
            yield PartEdit(surely, "negation", says, where)
        if word in turned:
            new = replace(condition, word=turned[word])
            sort: Sort = "swap" if word.removeprefix("maybe ") in OTHER_END else "negation"
            yield PartEdit(new, sort, _becomes(spoken_condition(condition), spoken_condition(new)), where)
        for edit in self._pattern(condition.pattern, word):
            yield edit.holding(replace(condition, pattern=edit.value))

    def _pattern(self, pattern: Pattern, word: str = "") -> Iterator[PartEdit[Pattern]]:
        before = f"{word} " if word not in ("", "there is") else ""
        if len(pattern.kinds) > 1:
            for number, kind in enumerate(pattern.kinds):
                fewer = replace(pattern, kinds=_without(pattern.kinds, number))
                says = f"`{kind.text}` is left out of `{before}{spoken_pattern(pattern)}`"
                yield PartEdit(fewer, "choice", says, pattern.where)
        inside = f" of `{before}{' or '.join(kind.text for kind in pattern.kinds)}`"
        for number, demand in enumerate(pattern.demands):
            fewer = replace(pattern, demands=_without(pattern.demands, number))
            says = f"`{spoken_demand(demand)}`{inside} is left out"
            yield PartEdit(fewer, "condition", says, demand.where)
        for edit in _each(pattern.demands, lambda demand: self._demand(demand, pattern)):
            said = edit.says.replace(HERE, inside)
            yield PartEdit(replace(pattern, demands=edit.value), edit.sort, said, edit.where)

    # --- demands
    def _demand(self, demand: Demand, pattern: Pattern) -> Iterator[PartEdit[Demand]]:
        joins = bare_variable(demand) is not None
        steps = self._units.of_field(pattern, demand.field)
        for edit in self._constraint(demand.constraint, joins, steps):
            new = replace(demand, constraint=edit.value)
            says = _becomes(
                f"{demand.field}: {edit.says}", f"{demand.field}: {spoken_constraint(edit.value)}"
            )
            yield PartEdit(new, edit.sort, _inside(says), demand.where)

    def _constraint(
        self, constraint: Constraint, joins: bool, steps: Steps
    ) -> Iterator[PartEdit[Constraint]]:
        """The changes of a constraint; `says` is only what stood there, since the demand says the rest."""
        was = spoken_constraint(constraint)

        def edit(sort: Sort, **new: Any) -> PartEdit[Constraint]:
            return PartEdit(replace(constraint, **new), sort, was, _NOWHERE)

        op, values = constraint.op, constraint.values
        if op in ("present", "absent"):
            yield edit("negation", op="absent" if op == "present" else "present")
        elif op == "in":
            if len(values) > 1:
                for number in range(len(values)):
                    yield edit("choice", values=_without(values, number))
        elif op in ("==", "!="):
            yield edit("negation", op=OPPOSITE[op], says_is=True)
            if not joins:
                for value in _shifted(values[0], steps):
                    yield edit("bound", values=(value,))
        elif op in TURNED:
            yield edit("negation", op=TURNED[op])
            if op in ANYWHERE:
                yield edit("bound", op=ANYWHERE[op])
        elif op in STRICTER:
            yield edit("bound", op=STRICTER[op])
            for value in moved(values[0], OTHER_WAY[op], steps):
                yield edit("bound", values=(value,))
        if op != "in":
            for value in values:
                for swapped in self._swapped(value):
                    yield edit("swap", values=(swapped,))

    # --- cells of tables
    def cell(self, cell: TableCell) -> Iterator[PartEdit[TableCell]]:
        """What a row asks of a value, changed by one, turned round, or a choice less."""
        steps = self._units.of_value(cell.value, cell.where)
        for edit in _each(cell.constraints, lambda constraint: self._constraint(constraint, False, steps)):
            new = replace(cell, constraints=edit.value)
            says = _becomes(spoken_condition(cell), spoken_condition(new))
            yield PartEdit(new, edit.sort, says, cell.where)

    # --- comparisons
    def _test(self, test: Test, where: Where) -> Iterator[PartEdit[Test]]:
        if isinstance(test, CompoundTest):
            yield from self._junction(test, where)
            return
        was = spoken_test(test)

        def edit(sort: Sort, **new: Any) -> PartEdit[Test]:
            changed = replace(test, **new)
            return PartEdit(changed, sort, _becomes(was, spoken_test(changed)), where)

        op, steps = test.op, self._units.of_test(test, where)
        yield edit("negation", op=OPPOSITE[op])
        if op in STRICTER:
            yield edit("bound", op=STRICTER[op])
            for value in moved(test.right, OTHER_WAY[op], steps):
                yield edit("bound", right=value)
        elif op in ANYWHERE:
            yield edit("bound", op=ANYWHERE[op])
        elif op not in TURNED:
            for value in _shifted(test.right, steps):
                yield edit("bound", right=value)
        for swapped in self._swapped(test.left):
            yield edit("swap", left=swapped)
        for swapped in self._swapped(test.right):
            yield edit("swap", right=swapped)

    def _junction(self, test: CompoundTest, where: Where) -> Iterator[PartEdit[Test]]:
        was = spoken_test(test)
        for number in range(len(test.items)):
            kept = _without(test.items, number)
            fewer: Test = kept[0] if len(kept) == 1 else replace(test, items=kept)
            yield PartEdit(fewer, "condition", _becomes(was, spoken_test(fewer)), where)
        other = replace(test, op="or" if test.op == "and" else "and")
        yield PartEdit(other, "swap", _becomes(was, spoken_test(other)), where)
        for edit in _each(test.items, lambda item: self._test(item, where)):
            yield edit.holding(replace(test, items=edit.value))

    # --- values
    def _swapped(self, value: Expression) -> Iterator[Expression]:
        """A parameter for another one of its type, the later for the earlier, an item of these less."""
        match value:
            case Word(text) if text in self._parameters:
                other = self._another(self._parameters[text])
                if other is not None:
                    yield Word(other.name)
            case Operation(_, left, right) | RemainderOf(left, right):
                yield from (replace(value, left=swapped) for swapped in self._swapped(left))
                yield from (replace(value, right=swapped) for swapped in self._swapped(right))
            case CivilOf(op, items):
                yield from (replace(value, op=other) for other in _CIVIL_OTHERS.get(op, ()))
                if op in ("months_between", "years_between"):
                    yield replace(value, items=items[::-1])
                for number, item in enumerate(items):
                    for swapped in (*self._swapped(item), *_shifted(item)):
                        yield replace(value, items=(*items[:number], swapped, *items[number + 1 :]))
            case RoundedTo(item, how):
                yield replace(value, how=OTHER_ROUNDING[how])
                yield from (replace(value, item=swapped) for swapped in self._swapped(item))
            case ExtremeOf(op, items):
                yield replace(value, op="min" if op == "max" else "max")
                for number, item in enumerate(items):
                    fewer = _without(items, number)
                    yield fewer[0] if len(fewer) == 1 else replace(value, items=fewer)
                    for swapped in (*self._swapped(item), *_shifted(item)):
                        yield replace(value, items=(*items[:number], swapped, *items[number + 1 :]))

    def _another(self, parameter: Parameter) -> Parameter | None:
        """The next parameter of the type, by name, that has another value; none of the engine's own."""
        names = sorted(self._parameters.keys() - {own.name for own in STEPS} | {parameter.name})
        place = names.index(parameter.name)
        for name in (*names[place + 1 :], *names[:place]):
            other = self._parameters[name]
            if _same_type(other.type, parameter.type) and other.value != parameter.value:
                return other
        return None

    # --- heads
    def head(self, head: RuleHead) -> Iterator[PartEdit[RuleHead]]:
        """A field of the head left out or changed by one, a conclusion or something that settles it less."""
        if head.also:
            yield from self._heads(head.each)
            return
        for name, assigned in head.values.items():
            rest = {key: value for key, value in head.values.items() if key != name}
            sort: Sort = "condition" if name in ("to", "about", "channel") else "edge"
            was = f"{name}: {spoken(assigned.expression)}"
            yield PartEdit(replace(head, values=rest), sort, f"`{was}` is left out", assigned.where)
            for value, how in self.given(head, name, assigned.expression):
                values = {**head.values, name: Assigned(value, assigned.where)}
                says = _becomes(was, f"{name}: {spoken(value)}")
                yield PartEdit(replace(head, values=values), how, says, assigned.where)
        for number, pattern in enumerate(head.done_when):
            says = f"`{spoken_pattern(pattern)}` no longer settles it"
            yield PartEdit(
                replace(head, done_when=_without(head.done_when, number)), "settling", says, pattern.where
            )
        for edit in _each(head.done_when, self._pattern):
            yield edit.holding(replace(head, done_when=edit.value))
        if head.step:
            for changed in _step(head.step, head.where):
                yield changed.holding(replace(head, step=changed.value))

    def _heads(self, heads: tuple[RuleHead, ...]) -> Iterator[PartEdit[RuleHead]]:
        """One of several conclusions left out, or changed."""
        for number, one in enumerate(heads):
            says = f"the conclusion `{spoken_head(one)}` is left out"
            yield PartEdit(_together(_without(heads, number)), "choice", says, one.where)
        for edit in _each(heads, self.head):
            yield edit.holding(_together(edit.value))

    def given(self, head: RuleHead, name: str, value: Expression) -> Iterator[tuple[Expression, Sort]]:
        """The value that a head gives a field, changed by one, or another one in its place."""
        for shifted in _shifted(value, self._units.of_head(head, name)):
            yield shifted, "edge"
        for swapped in self._swapped(value):
            yield swapped, "swap"


def _together(heads: tuple[RuleHead, ...]) -> RuleHead:
    return replace(heads[0], also=heads[1:])


# --- heads of step rules
def _step(step: StepHead, where: Where) -> Iterator[PartEdit[StepHead]]:
    """An action or a group left out, or something less or else that is changed in how they are done."""
    named = (*step.actions, *step.groups)
    for mention in named if len(named) > 1 else ():
        actions, groups = (tuple(m for m in some if m is not mention) for some in (step.actions, step.groups))
        fewer = replace(step, actions=actions, groups=groups)
        yield PartEdit(fewer, "choice", f"`{mention.name}` is left out", mention.where)
    for new, sort, says, name in _step_changes(step.change):
        if new != StepChange():  # or else the rule may as well be left out
            place = Where(where.document, (*where.path[:-1], name))
            yield PartEdit(replace(step, change=new), sort, says, place)


def _step_changes(change: StepChange) -> Iterator[tuple[StepChange, Sort, str, str]]:
    """What else the rule might change: the change, its sort, what it says, and the key it stands under."""

    def becomes(name: str, was: object, new: object) -> str:
        return _becomes(f"{name}: {was}", f"{name}: {new}")

    if change.rides is not None:
        new = change._replace(rides=not change.rides)
        says = becomes("rides", *(str(value).lower() for value in (change.rides, new.rides)))
        yield new, "negation", says, "rides"
    if change.rides_on is not None:
        says = f"`rides on: [{', '.join(change.rides_on)}]` is left out"
        yield change._replace(rides_on=None), "condition", says, "rides on"
        for number, name in enumerate(change.rides_on if len(change.rides_on) > 1 else ()):
            new = change._replace(rides_on=_without(change.rides_on, number))
            yield new, "choice", f"`{name}` is left out of `rides on`", "rides on"
    for key, name in (("in_silence", "in silence"), ("at_most", "at most"), ("tier", "tier")):
        was = getattr(change, key)
        if was is not None:
            yield _said(change, key, None), "condition", f"`{name}: {was}` is left out", name
            for other in _beside(_SCALES[key], was):
                yield _said(change, key, other), "bound", becomes(name, was, other), name


def _said(change: StepChange, field: str, value: object) -> StepChange:
    """The change, saying something else of one thing."""
    return StepChange(**{**change._asdict(), field: value})


_SCALES: Final[Mapping[str, Sequence[object]]] = {
    "in_silence": get_args(Silence),
    "at_most": PRIORITIES,
    "tier": range(NO_TIER),
}
"""What a `step` rule may say, in its order."""


def _beside(scale: Sequence[object], value: object) -> Iterator[object]:
    """The values just below and just above, as far as there are some."""
    place = scale.index(value)
    return (scale[near] for near in (place - 1, place + 1) if 0 <= near < len(scale))


# --- values by one
def _shifted(value: Expression, steps: Steps = ANY_STEPS) -> Iterator[Expression]:
    """The value, one more and one less."""
    yield from moved(value, 1, steps)
    yield from moved(value, -1, steps)


def moved(value: Expression, by: int, steps: Steps = ANY_STEPS) -> Iterator[Expression]:
    """The value and `by` (1 or -1) more, in each unit that may fit."""
    if isinstance(value, Constant):
        if value.base == "time" and not 0 <= int(value.value) + by < 24 * 60:
            return
        if value.base in ("number", "duration", "period", "time", "date", *DECIMALS.values()):
            yield _more(value, by, steps)
        return
    if isinstance(value, Word) and value.text in ("true", "false"):
        return
    if isinstance(value, Operation) and value.op in ("+", "-") and isinstance(value.right, Constant):
        if value.right.base == "period":  # a day moved by months is moved by days
            yield Operation("+" if by > 0 else "-", value, ONE_DAY)
            return
        yield replace(value, right=_more(value.right, by if value.op == "+" else -by, steps))
        return
    for unit in steps:
        yield Operation("+" if by > 0 else "-", value, unit)


def _more(value: Constant, by: int, steps: Steps) -> Constant:
    """The constant and so many of its own units more, or of the step where that is finer."""
    own = places_of(value.base)
    finest = max((step for step in steps if step.base != "duration"), key=lambda s: places_of(s.base) or 0)
    more = (places_of(finest.base) or 0) - own if own is not None else 0
    if more <= 0:
        return replace(value, value=int(value.value) + by)
    return replace(finest, value=int(value.value) * 10**more + by)


def _same_type(one: Type, other: Type) -> bool:
    return (one.name, one.base, one.choices) == (other.name, other.base, other.choices)


# --- parts of parts
HERE: Final = "\0"
"""Stands in the words of a change inside a pattern for what the pattern is called."""

_NOWHERE: Final = cast(Where, None)


def _inside(says: str) -> str:
    head, arrow, tail = says.partition(" becomes ")
    return f"{head}{HERE}{arrow}{tail}"


def _becomes(was: str, new: str) -> str:
    return f"`{was}` becomes `{new}`"


def _without(items: tuple[T, ...], number: int) -> tuple[T, ...]:
    return items[:number] + items[number + 1 :]


def _each(
    items: tuple[T, ...], edits_of: Callable[[T], Iterator[PartEdit[T]]]
) -> Iterator[PartEdit[tuple[T, ...]]]:
    """The tuple with one item changed in one of its ways."""
    for number, item in enumerate(items):
        for edit in edits_of(item):
            changed = (*items[:number], edit.value, *items[number + 1 :])
            yield PartEdit(changed, edit.sort, edit.says, edit.where)
