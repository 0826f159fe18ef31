"""A rule as a sentence: what must hold, and what it then brings about, with references to what it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple, TypeAlias

from followcue.base.civil import CivilOp
from followcue.evaluation.report.wording import plain
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
    within,
)
from followcue.language.model.syntax import (
    TURNED,
    CivilOf,
    CompoundTest,
    Constant,
    Constraint,
    Expression,
    ExtremeOf,
    LengthOf,
    Operation,
    RemainderOf,
    RoundedTo,
    Test,
    Variable,
    Word,
    needs_brackets,
)
from followcue.language.model.unparse import rounding, spoken, yearly
from followcue.language.model.vocabulary import StepChange, Vocabulary


class SentencePiece(NamedTuple):
    """Some words, and what they refer to: an `event`, `conclusion`, `record`, `parameter` or `action`."""

    text: str
    sort: str = ""
    name: str = ""


Said: TypeAlias = list[SentencePiece]

_DAYS = {"<": "before", ">": "after", "<=": "on or before", ">=": "on or after"}
_AMOUNTS = {"<": "less than", ">": "more than", "<=": "at most", ">=": "at least"}
_EQUAL = {"==": "", "!=": "not "}

_CIVIL: Mapping[CivilOp, Sequence[str]] = {
    "months_after": ("", " plus "),
    "months_before": ("", " less "),
    "months_between": ("the whole months from ", " to "),
    "years_between": ("the whole years from ", " to "),
    "weekday_of": ("the day of the week of ",),
    "first_of_month": ("the first day of the month of ",),
    "last_of_month": ("the last day of the month of ",),
    "next_anniversary": ("the next anniversary of ", " on or after "),
    "next_yearly": ("the next ", " on or after "),
}
"""The words before each item of a function of the calendar."""

_SPANS = ("duration", "period")
"""The types by which a day is moved."""

_COUNTED = {"count": "the number of", "sum": "the sum of", "max": "the greatest", "min": "the least"}
_CHOSEN = {"newest": "the newest", "oldest": "the oldest", "latest": "the latest", "earliest": "the earliest"}
_GATHERED = {
    "count": ("counting how often", "that number"),
    "sum": ("adding up", "that sum"),
    "max": ("taking the greatest", "that greatest value"),
    "min": ("taking the least", "that least value"),
}
_WINDOW = (("open", "from"), ("due", "by"), ("close", "possible until"), ("until", "until"))

_VERBS = {"recommend": "recommend: ", "caution": "give the caution: ", "tip": "add advice to: "}

OF_TIME = ("date", "at")
"""Fields whose name says nothing that the comparison does not."""


def sentence(rule: Rule, vocabulary: Vocabulary) -> tuple[SentencePiece, ...]:
    """The rule in one sentence, with a second one on what settles the action."""
    return tuple(_joined_up(_RuleDescriber(vocabulary).rule(rule)))


def text_of(pieces: Iterable[SentencePiece]) -> str:
    """The sentence without its references."""
    return "".join(piece.text for piece in pieces)


class _RuleDescriber:
    """Describes one rule; its variables are described by the conditions that bind them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._names: dict[str, Said] = {}

    def rule(self, rule: Rule) -> Iterator[SentencePiece]:
        shape = self._vocabulary.shape
        for condition in rule.when:
            self._learn(condition)
        whole = rule.whole or shape.scope is None
        yield SentencePiece(
            f"For the {plain(shape.whole)} as a whole: "
            if whole
            else f"For each {plain(shape.scope or '')}: "
        )
        if rule.when:
            yield SentencePiece("if ")
            yield from self._all(rule.when)
            yield SentencePiece(", ")
        if rule.head is not None:
            yield from _listed([list(self._head(head)) for head in rule.head.each], "and")
        yield SentencePiece(".")
        if rule.head is not None and rule.head.done_when:
            yield SentencePiece(" It is settled once there is ")
            yield from _listed([list(self._pattern(one)) for one in rule.head.done_when], "or")
            yield SentencePiece(".")

    # --- what variables stand for
    def _learn(self, condition: AnyCondition) -> None:
        for conditions in within(condition):
            for one in conditions:
                self._learn(one)
        if isinstance(condition, Gathering):
            self._names.setdefault(condition.variable.name, [SentencePiece(_GATHERED[condition.word][1])])
        elif isinstance(condition, Condition | Every):
            pattern = condition.pattern
            if isinstance(condition, Condition) and condition.variable is not None:
                self._names.setdefault(condition.variable.name, list(self._result(condition)))
            if condition.word != "no":
                for demand in pattern.demands:
                    bound = _bound(demand.constraint)
                    if bound is not None:
                        self._names.setdefault(bound, self._field_of(demand.field, pattern))

    def _field_of(self, field: str, pattern: Pattern) -> Said:
        kind = self._kinds(pattern)
        if field == "id":
            return [SentencePiece("that "), *kind]
        name = "day" if field in OF_TIME else plain(field)
        return [SentencePiece(f"the {name} of the "), *kind]

    def _result(self, condition: Condition) -> Iterator[SentencePiece]:
        word, kind = condition.word, self._kinds(condition.pattern)
        yield SentencePiece(f"{_COUNTED.get(word) or _CHOSEN.get(word) or 'the'} ")
        if condition.field is not None:
            yield SentencePiece(f"{plain(condition.field.text)} of ")
        yield from kind

    # --- conditions
    def _condition(self, condition: AnyCondition) -> Iterator[SentencePiece]:
        if isinstance(condition, Comparing):
            yield from self._test(condition.test)
            return
        if isinstance(condition, AnyOf):
            yield SentencePiece("either ")
            yield from _listed([list(self._all(way)) for way in condition.alternatives], "or", comma="; ")
            return
        if isinstance(condition, Gathering):
            yield from self._gathering(condition)
            return
        if isinstance(condition, Every):
            yield SentencePiece("for every ")
            yield from self._pattern(condition.pattern)
            yield SentencePiece(", ")
            yield from self._inside(condition.has)
            return
        if isinstance(condition, TableCell):
            yield from self._cell(condition)
            return
        if isinstance(condition, NoRowAbove):
            yield SentencePiece("no row above fits")
            return
        word = condition.word
        if word in _COUNTED:
            yield SentencePiece("counting " if word == "count" else f"taking {_COUNTED[word]} ")
            if condition.field is not None:
                yield SentencePiece(f"{plain(condition.field.text)} of ")
            yield SentencePiece("every ")
        elif word in _CHOSEN:
            by = f" by {plain(condition.field.text)}" if condition.field is not None else ""
            yield SentencePiece(f"looking at {_CHOSEN[word]}{by} ")
        elif word in ("maybe newest", "maybe oldest"):
            yield SentencePiece(f"looking at {_CHOSEN[word.removeprefix('maybe ')]}, if there is one, ")
        else:
            yield SentencePiece({"no": "there is no ", "maybe": "with or without "}.get(word, "there is "))
            if word != "no":
                yield SentencePiece(_article(condition.pattern))
        yield from self._pattern(condition.pattern)
        yield from self._each(condition.each)

    def _gathering(self, condition: Gathering) -> Iterator[SentencePiece]:
        yield SentencePiece(f"{_GATHERED[condition.word][0]} ")
        if condition.value is not None:
            yield from self._within(condition.value)
            yield SentencePiece(" wherever ")
        yield from self._inside(condition.conditions)
        yield from self._each(condition.each)

    def _each(self, variables: Sequence[Variable]) -> Iterator[SentencePiece]:
        if variables:
            yield SentencePiece(", for each ")
            yield from _listed([list(self._value(variable)) for variable in variables], "and")

    def _inside(self, conditions: Sequence[AnyCondition]) -> Iterator[SentencePiece]:
        """Conditions within one, in brackets where they could be taken for others."""
        said = self._all(conditions)
        yield from _bracketed(said) if len(conditions) > 1 else said

    def _cell(self, cell: TableCell) -> Iterator[SentencePiece]:
        """What a row of a table asks: `the age of the applicant is at least 18 and at most 25`."""
        yield from self._within(cell.value)
        days = self._is_day(cell.value)
        yield SentencePiece(" is ")
        yield from _listed([list(self._asked(one, days)) for one in cell.constraints], "and")

    def _asked(self, constraint: Constraint, days: bool) -> Iterator[SentencePiece]:
        if constraint.op in ("present", "absent", "any"):
            yield SentencePiece({"present": "given", "absent": "not given", "any": "anything"}[constraint.op])
        elif constraint.op == "in":
            yield from _listed([list(self._value(value)) for value in constraint.values], "or")
        else:
            [value] = constraint.values
            ordered = _DAYS if days or self._is_day(value) else _AMOUNTS
            yield SentencePiece((_EQUAL | ordered)[constraint.op].strip() + " " * (constraint.op != "=="))
            yield from self._within(value)

    def _all(self, conditions: Sequence[AnyCondition]) -> Iterator[SentencePiece]:
        """Conditions that hold together; one among several is in brackets if it leaves a choice."""
        parts = [(one, self._condition(one)) for one in conditions]
        several = len(parts) > 1
        yield from _listed(
            [list(_bracketed(said) if several and _leaves_a_choice(one) else said) for one, said in parts],
            "and",
        )

    def _pattern(self, pattern: Pattern) -> Iterator[SentencePiece]:
        yield from self._kinds(pattern)
        demands = [said for demand in pattern.demands if (said := list(self._demand(demand)))]
        if demands:
            yield SentencePiece(" ")
            yield from _listed(demands, "and")

    def _kinds(self, pattern: Pattern) -> Said:
        kinds = self._vocabulary.kinds
        said: Said = []
        for place, kind in enumerate(pattern.kinds):
            role = kinds[kind.text].role if kind.text in kinds else "event"
            name = plain(kind.text)
            said += [SentencePiece(" or ")] if place else []
            said.append(SentencePiece(f"“{name}”" if role == "conclusion" else name, role, kind.text))
        return said

    def _demand(self, demand: Demand) -> Iterator[SentencePiece]:
        constraint, field = demand.constraint, plain(demand.field)
        bound = _bound(constraint)
        if constraint.op == "any" or (bound is not None and self._is_own(bound, demand)):
            return
        if constraint.op in ("present", "absent"):
            yield SentencePiece(f"{'with' if constraint.op == 'present' else 'without'} {field}")
            return
        of_time = demand.field in OF_TIME
        if constraint.op == "in":
            yield SentencePiece(f"with {field} ")
            yield from _listed([list(self._value(value)) for value in constraint.values], "or")
            return
        [value] = constraint.values
        if constraint.op in TURNED:
            yield SentencePiece(f"whose {field} {constraint.op} ")
        elif constraint.op in _EQUAL:
            yield SentencePiece(("on " if of_time else f"with {field} ") + _EQUAL[constraint.op])
        else:
            words = _DAYS if of_time or self._is_day(value) else _AMOUNTS
            yield SentencePiece(("" if of_time else f"with {field} ") + f"{words[constraint.op]} ")
        yield from self._within(value)

    def _is_own(self, variable: str, demand: Demand) -> bool:
        """Whether it is this very field that the variable stands for, so that to say it would say nothing."""
        name = self._names.get(variable)
        if name is None:
            return True
        field = "day" if demand.field in OF_TIME else plain(demand.field)
        return demand.field == "id" or name[0].text in (f"the {field} of the ", "that ")

    # --- values
    def _value(self, value: Expression) -> Iterator[SentencePiece]:
        match value:
            case Word(text) if text in self._vocabulary.parameters:
                yield SentencePiece(plain(text), "parameter", text)
            case Word(text):
                yield SentencePiece(plain(text))
            case Variable(name):
                yield from self._names.get(name, [SentencePiece(plain(name))])
            case Operation(op, left, right) if self._is_shift(value):
                yield from self._value(right)
                yield SentencePiece(" after " if op == "+" else " before ")
                shifted = self._is_shift(left)
                yield from self._value(left) if shifted else self._beside("*", left, on_right=True)
            case Operation(op, left, right):
                yield from self._beside(op, left)
                yield SentencePiece({"+": " plus ", "-": " less ", "*": " times ", "/": " divided by "}[op])
                yield from self._beside(op, right, on_right=True)
            case ExtremeOf(op, items):
                yield SentencePiece("the later of " if op == "max" else "the earlier of ")
                yield from _listed([list(self._beside("*", item, on_right=True)) for item in items], "and")
            case CivilOf(op, items):
                yield from self._civil(op, items)
            case RoundedTo(item, how, places):
                yield from self._within(item)
                yield SentencePiece(f" {rounding(how, places)}")
            case RemainderOf(left, right):
                yield SentencePiece("the remainder of ")
                yield from self._beside("*", left, on_right=True)
                yield SentencePiece(" divided by ")
                yield from self._beside("*", right, on_right=True)
            case LengthOf(item):
                yield SentencePiece("the length of ")
                yield from self._beside("*", item, on_right=True)
            case _:
                yield SentencePiece(spoken(value))

    def _beside(self, op: str, side: Expression, *, on_right: bool = False) -> Iterator[SentencePiece]:
        """One side of an operation, in brackets where it would mean something else without."""
        inner = side.op if isinstance(side, Operation) else None
        if (
            self._is_shift(side)
            or isinstance(side, RoundedTo)
            or needs_brackets(op, inner, on_right=on_right)
        ):
            yield from _bracketed(self._value(side))
        else:
            yield from self._within(side)

    def _civil(self, op: CivilOp, items: Sequence[Expression]) -> Iterator[SentencePiece]:
        """A function of the calendar, its items put between the words for it."""
        yearly_day = items[0] if op == "next_yearly" else None
        for word, item in zip_longest(_CIVIL[op], items):
            yield SentencePiece(word)
            if item is yearly_day and isinstance(item, Constant):
                yield SentencePiece(yearly(int(item.value)))
            elif item is not None:
                yield from self._beside("*", item, on_right=True)

    def _within(self, value: Expression) -> Iterator[SentencePiece]:
        """A value as part of another one, which could go on where this one ends in a list."""
        said = self._value(value)
        yield from _bracketed(said) if isinstance(value, ExtremeOf) else said

    def _is_shift(self, value: Expression) -> bool:
        """Whether it is told as so long after or before something: `two weeks after the interview`."""
        return isinstance(value, Operation) and value.op in "+-" and self._is_duration(value.right)

    def _is_duration(self, value: Expression) -> bool:
        if isinstance(value, Word) and value.text in self._vocabulary.parameters:
            return self._vocabulary.parameters[value.text].type.base in _SPANS
        return isinstance(value, Constant) and value.base in _SPANS

    def _is_day(self, value: Expression) -> bool:
        match value:
            case Word("today"):
                return True
            case Constant("date" | "time"):
                return True
            case Variable(name):
                return any("day of" in piece.text for piece in self._names.get(name, ()))
            case Operation(_, left, right):  # a day less a day is a number of days
                return self._is_day(left) != self._is_day(right)
            case CivilOf(op):
                return op not in ("months_between", "years_between", "weekday_of")
            case ExtremeOf(_, items):
                return any(map(self._is_day, items))
        return False

    def _test(self, test: Test) -> Iterator[SentencePiece]:
        if isinstance(test, CompoundTest):
            parts = ((item, self._test(item)) for item in test.items)
            nested = ((_bracketed(said) if isinstance(item, CompoundTest) else said) for item, said in parts)
            yield from _listed([list(said) for said in nested], test.op)
            return
        yield from self._within(test.left)
        days = self._is_day(test.left) or self._is_day(test.right)
        words = _EQUAL if test.op in _EQUAL else (_DAYS if days else _AMOUNTS)
        said = f" {test.op}" if test.op in TURNED else " ".join(filter(None, [" is", words[test.op].strip()]))
        yield SentencePiece(said + " ")
        yield from self._within(test.right)

    # --- what it brings about
    def _head(self, head: RuleHead) -> Iterator[SentencePiece]:
        actions, values = self._vocabulary.actions, head.values
        if head.kind == "warn":
            yield SentencePiece(f"warn: {head.target.rstrip('.')}")
            return
        if head.kind == "conclude":
            yield SentencePiece("conclude ")
            yield SentencePiece(f"“{plain(head.target)}”", "conclusion", head.target)
            told = [(name, given.expression) for name, given in values.items() if name != "at"]
            said = [[SentencePiece(f"{plain(name)} "), *self._within(value)] for name, value in told]
            yield SentencePiece(" with " if said else "")
            yield from _listed(said, "and")
            return
        if head.step is not None:
            yield from self._step(head.step, values)
            return
        title = actions[head.target].title if head.target in actions else plain(head.target)
        yield SentencePiece(_VERBS[head.kind])
        yield SentencePiece(title, "action", head.target)
        for name, word in (("to", "to"), ("about", "about"), *_WINDOW, ("channel", "by")):
            if name in values:
                yield SentencePiece(
                    f", {word} " if name in ("open", "due", "close", "until") else f" {word} "
                )
                yield from self._value(values[name].expression)
        if head.kind == "tip":
            yield SentencePiece(": " + "; ".join([*head.do, *(f"avoid: {text}" for text in head.avoid)]))

    def _step(self, step: StepHead, values: Mapping[str, Assigned]) -> Iterator[SentencePiece]:
        """How actions are done while the rule holds."""
        actions = self._vocabulary.actions
        yield SentencePiece("of what is advised, let ")
        named = [
            [SentencePiece(actions[m.name].title if m.name in actions else plain(m.name), "action", m.name)]
            for m in step.actions
        ]
        yield from _listed([*named, *([SentencePiece(f"every {plain(m.name)}")] for m in step.groups)], "and")
        for name, word in (("to", "to"), ("about", "about")):
            if name in values:
                yield SentencePiece(f" {word} ")
                yield from self._value(values[name].expression)
        yield SentencePiece(" ")
        yield from _listed(
            [[SentencePiece(text)] for text in changes_in_words(step.change, self._vocabulary)], "and"
        )


def changes_in_words(change: StepChange, vocabulary: Vocabulary) -> list[str]:
    """What a `step` rule changes, each as a part of a sentence that begins with `let it`."""
    said = []
    if change.rides is not None:
        said.append("ride on another message" if change.rides else "be a message of its own")
    if change.rides_on:
        titles = [vocabulary.actions[name].title for name in change.rides_on if name in vocabulary.actions]
        said.append("ride only on " + " or ".join(f"“{title}”" for title in titles))
    if change.in_silence is not None:
        said.append(_IN_SILENCE[change.in_silence])
    if change.at_most is not None:
        said.append(f"count as {change.at_most} at most")
    if change.tier is not None:
        said.append(f"come in tier {change.tier}")
    return said


_IN_SILENCE: Mapping[str, str] = {
    "speaks": "be said in silence too",
    "fresh": "be said in silence while it is fresh",
    "waits": "wait for the end of the silence",
}


def _bound(constraint: Constraint) -> str | None:
    """The variable that stands here alone, which gets its value here if it has none yet."""
    if constraint.op == "==" and not constraint.says_is and isinstance(constraint.values[0], Variable):
        return constraint.values[0].name
    return None


def _leaves_a_choice(condition: AnyCondition) -> bool:
    """Whether a condition is said with an `or` that could be taken for one between the conditions."""
    if isinstance(condition, Comparing):
        return isinstance(condition.test, CompoundTest)
    if isinstance(condition, TableCell):
        return any(constraint.op == "in" for constraint in condition.constraints)
    return isinstance(condition, AnyOf)


def _bracketed(pieces: Iterable[SentencePiece]) -> Iterator[SentencePiece]:
    yield SentencePiece("(")
    yield from pieces
    yield SentencePiece(")")


def _article(pattern: Pattern) -> str:
    first = pattern.kinds[0].text
    return "an " if first[:1] in "aeiou" else "a "


def _listed(
    parts: Sequence[Sequence[SentencePiece]], word: str, comma: str = ", "
) -> Iterator[SentencePiece]:
    """`a, b and c`."""
    for place, part in enumerate(parts):
        if place:
            yield SentencePiece(f" {word} " if place == len(parts) - 1 else comma)
        yield from part


def _joined_up(pieces: Iterable[SentencePiece]) -> Iterator[SentencePiece]:
    """Neighbours without a reference become one."""
    waiting = ""
    for piece in pieces:
        if piece.sort:
            if waiting:
                yield SentencePiece(waiting)
                waiting = ""
            yield piece
        else:
            waiting += piece.text
    if waiting:
        yield SentencePiece(waiting)
