"""What is printed of an expression is true: read as it stands, it has the value that the engine computed.

Rules are made of random expressions over a record, run, and explained; a small parser of the printed words,
which follows every way to read them, works out what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor, trunc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lark import Lark, Token, Tree

import followcue
from followcue.authoring.catalogue.rule_sentence import sentence, text_of
from followcue.base import civil as calendar
from followcue.base.civil import MONTHS
from followcue.language.model.phrase import parse_constraints, parse_expression, parse_test
from followcue.language.model.syntax import (
    CivilOf,
    Comparison,
    CompoundTest,
    Constant,
    Constraint,
    Expression,
    ExtremeOf,
    Operation,
    RemainderOf,
    RoundedTo,
    Variable,
    Word,
)
from followcue.language.model.unparse import spoken, spoken_constraint, spoken_test


@dataclass(frozen=True)
class Months:
    """So many months, by which days are moved."""

    number: int

    def __add__(self, other: object) -> Months:
        return Months(self.number + other.number) if isinstance(other, Months) else NotImplemented

    def __sub__(self, other: object) -> Months:
        return Months(self.number - other.number) if isinstance(other, Months) else NotImplemented

    def __mul__(self, other: object) -> Months:
        return Months(self.number * other) if isinstance(other, int) else NotImplemented

    __rmul__ = __mul__

    def __radd__(self, day: object) -> date:
        return _moved(day, self.number) if isinstance(day, date) else NotImplemented

    def __rsub__(self, day: object) -> date:
        return _moved(day, -self.number) if isinstance(day, date) else NotImplemented


class Undefined:
    """What a division by nought gives: no comparison with it holds."""

    def same(self, other: object) -> Undefined:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = same


UNDEFINED = Undefined()
ROUNDINGS = {
    "half up": lambda value: trunc(value + (Fraction(1, 2) if value > 0 else -Fraction(1, 2))),
    "half even": round,
    "up": lambda value: ceil(value) if value > 0 else floor(value),
    "down": trunc,
}


def _rounded(value: Fraction, said: str) -> Any:
    how, _, places = said.removeprefix("rounded ").partition(" to ")
    unit = Fraction(10) ** int(places.split()[0]) if places else Fraction(1)
    return value if value is UNDEFINED else Fraction(ROUNDINGS[how](value * unit)) / unit


def _moved(day: date, months: int) -> date:
    return date.fromordinal(calendar.months_after(day.toordinal(), months))


# --- expressions of one type each
NUMBERS = {"n": 3, "m": -2, "k": 0}
DAYS = {"d": date(2026, 3, 1), "e": date(2026, 2, 27)}
TIMES = {"t": timedelta(4), "u": timedelta(1)}
PARAMETERS: dict[str, Any] = {"many": 2, "grace": timedelta(5), "none_of_it": 0, "card_lasts": Months(14)}
DECIMALS = {"x": Fraction("12.50"), "y": Fraction("-0.5"), "z": Fraction(0)}
PARAMETERS["share"] = Fraction("0.125")
TODAY = date(2026, 3, 4)


def variables(names: Any) -> st.SearchStrategy[Expression]:
    return st.sampled_from(sorted(names)).map(Variable)


def extremes(items: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(items, min_size=2, max_size=3).map(tuple)
    return st.builds(ExtremeOf, st.sampled_from(["max", "min"]), several)


def operations(signs: str, left: Any, right: Any) -> st.SearchStrategy[Expression]:
    return st.builds(Operation, st.sampled_from(list(signs)), left, right)


def constants(base: Any, values: st.SearchStrategy[int]) -> st.SearchStrategy[Expression]:
    return values.map(lambda value: Constant(base, value))


ONE_DAY = ["first_of_month", "last_of_month", "weekday_of"]
TWO_DAYS = ["months_between", "years_between", "next_anniversary"]
SMALL = st.integers(0, 9)
days: st.SearchStrategy[Expression]
numbers: st.SearchStrategy[Expression] = st.recursive(
    variables(NUMBERS) | constants("number", SMALL) | st.sampled_from([Word("many"), Word("none_of_it")]),
    lambda inner: operations("+-*", inner, inner) | extremes(inner),
    max_leaves=4,
)
decimals: st.SearchStrategy[Expression] = st.recursive(
    variables(DECIMALS) | constants("decimal 1", st.integers(-30, 30)) | st.just(Word("share")),
    lambda inner: (
        operations("+-*", inner, inner | numbers)
        | operations("+-*", numbers, inner)
        | extremes(inner)
        | st.builds(
            RoundedTo,
            operations("/", inner | numbers, inner | numbers) | inner,
            st.sampled_from(sorted(ROUNDINGS)),
            st.integers(0, 2),
        )
        | st.builds(RemainderOf, inner, inner | numbers)
    ),
    max_leaves=3,
)
times: st.SearchStrategy[Expression] = st.recursive(
    variables(TIMES) | constants("duration", SMALL) | st.just(Word("grace")),
    lambda inner: (
        operations("+-", inner, inner)
        | operations("*", inner, numbers)
        | operations("*", numbers, inner)
        | extremes(inner)
    ),
    max_leaves=4,
)
days = st.recursive(
    variables(DAYS) | st.just(Word("today")) | constants("date", st.just(date(2026, 3, 2).toordinal())),
    lambda inner: operations("+-", inner, times) | operations("+", times, inner) | extremes(inner),
    max_leaves=3,
)
times_between = operations("-", days, days)
periods: st.SearchStrategy[Expression] = st.recursive(
    constants("period", st.integers(0, 30)) | st.just(Word("card_lasts")),
    lambda inner: operations("+-", inner, inner) | operations("*", inner, numbers),
    max_leaves=2,
)
yearly = constants(
    "date", st.sampled_from([date(4, 4, 5), date(4, 2, 29), date(4, 12, 31)]).map(date.toordinal)
)
civil: st.SearchStrategy[Expression] = st.recursive(
    days,
    lambda inner: (
        operations("+-", inner, periods)
        | st.builds(lambda op, day: CivilOf(op, (day,)), st.sampled_from(ONE_DAY), inner)
        | st.builds(lambda op, *items: CivilOf(op, items), st.sampled_from(TWO_DAYS), inner, inner)
        | st.builds(lambda kept, first: CivilOf("next_yearly", (kept, first)), yearly, inner)
    ),
    max_leaves=3,
)

calendar_days = st.recursive(
    days,
    lambda inner: (
        operations("+-", inner, periods)
        | operations("+-", inner, times)
        | st.builds(lambda op, day: CivilOf(op, (day,)), st.sampled_from(ONE_DAY[:2]), inner)
        | st.builds(lambda *items: CivilOf("next_anniversary", items), inner, inner)
        | st.builds(lambda kept, first: CivilOf("next_yearly", (kept, first)), yearly, inner)
    ),
    max_leaves=2,
)
calendar_numbers = st.builds(
    lambda op, *items: CivilOf(op, items), st.sampled_from(TWO_DAYS[:2]), calendar_days, calendar_days
)
comparisons = st.one_of(
    st.builds(Comparison, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), side, side)
    for side in (
        numbers,
        decimals,
        decimals | numbers,
        times | times_between,
        days,
        calendar_days,
        numbers | calendar_numbers,
    )
)
tests = st.recursive(
    comparisons,
    lambda inner: st.builds(
        CompoundTest, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
    ),
    max_leaves=3,
)


# --- as authors write them: printed and read again
@settings(deadline=None)
@given(civil)
def test_what_is_written_of_months_is_read_as_the_same(expression: Expression) -> None:
    assume(len(spoken(expression)) < 400)
    assert parse_expression(spoken(expression)) == expression


@settings(deadline=None)
@given(numbers | times | days | decimals)
def test_what_is_written_of_an_expression_is_read_as_the_same(expression: Expression) -> None:
    assert parse_expression(spoken(expression)) == expression


@given(st.text("ab cd'", max_size=6))
def test_quoted_text_stays_quoted(text: str) -> None:
    expression = Constant("text", text)
    assert parse_expression(spoken(expression)) == expression


@pytest.mark.slow
@settings(deadline=None)
@given(tests)
def test_what_is_written_of_a_test_is_read_as_the_same(test: Any) -> None:
    assume(len(spoken_test(test)) < 400)
    assert parse_test(spoken_test(test)) == test


@given(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), numbers | times | days)
def test_what_is_written_of_a_demand_is_read_as_the_same(op: Any, expression: Expression) -> None:
    demand = Constraint(op, (expression,), says_is=op != "==")
    assert parse_constraints(spoken_constraint(demand)) == (demand,)


# --- as explanations print them
PRINTED = r"""
?test: joint | both | either
both: joint ("and" joint)+
either: joint ("or" joint)+
?joint: comparison | "(" test ")"
comparison: side WORDS side
?side: sum | side ROUNDED -> rounded
?sum: term | sum "+" term -> add | sum "-" term -> subtract | term
?term: factor | term "*" factor -> multiply | term "/" factor -> divide
?factor: value | "(" side ")" | extreme | civil | "the remainder of" factor "/" factor -> remainder
extreme: "the" WHICH "of" sum ("and" sum)+
?civil: "first day of month of" factor -> first_of_month
    | "last day of month of" factor -> last_of_month
    | "months from" factor "to" factor -> months_between
    | "years from" factor "to" factor -> years_between
    | "next anniversary of" factor "on or after" factor -> next_anniversary
    | "next" YEARLY "on or after" factor -> next_yearly
value: [NAME] CONSTANT | PARAMETER
NAME: /[a-z] of thing/
PARAMETER: "many" | "none_of_it" | "grace" | "card_lasts" | "share"
"""
SENTENCE = r"""
?test: joint | both | either
both: joint ("and" joint)+ | joint ("," joint)+ "and" joint
either: joint ("or" joint)+ | joint ("," joint)+ "or" joint
?joint: comparison | "(" test ")"
comparison: side WORDS side
?side: sum | side ROUNDED -> rounded
?sum: term | sum "plus" term -> add | sum "less" term -> subtract | time SHIFT sum -> shift
?term: factor | term "times" factor -> multiply | term "divided by" factor -> divide
?factor: value | "(" side ")" | extreme | civil
    | "the remainder of" factor "divided by" factor -> remainder
?civil: "the first day of the month of" factor -> first_of_month
    | "the last day of the month of" factor -> last_of_month
    | "the whole months from" factor "to" factor -> months_between
    | "the whole years from" factor "to" factor -> years_between
    | "the next anniversary of" factor "on or after" factor -> next_anniversary
    | "the next" YEARLY "on or after" factor -> next_yearly
time: CONSTANT | PARAMETER
extreme: "the" WHICH "of" sum ("and" sum)+ | "the" WHICH "of" sum ("," sum)+ "and" sum
value: NAME | CONSTANT | PARAMETER
NAME: /the [a-z] of the thing/
PARAMETER: "many" | "none of it" | "grace" | "card lasts" | "share"
SHIFT: "after" | "before"
"""
BOTH = r"""
WHICH: "later" | "earlier" | "greater" | "lesser"
WORDS: {words}
YEARLY: /\d+ [A-Z][a-z]+/
ROUNDED: /rounded (half up|half even|up|down)( to \d+ places?)?/
CONSTANT: /-?\d+\.\d+|today/
    | /\d{4}-\d\d-\d\d|-?\d+ (days?|months?|years?)|-?\d+(?! (days?|months?|years?)\b)(?!-)/
%import common.WS
%ignore WS
"""
SIGNS = {
    "is": "==",
    "is not": "!=",
    "before": "<",
    "less than": "<",
    "on or before": "<=",
    "at most": "<=",
    "after": ">",
    "more than": ">",
    "on or after": ">=",
    "at least": ">=",
}
IN_SENTENCES = {(f"is {said}" if not said.startswith("is") else said): sign for said, sign in SIGNS.items()}


def _parser(grammar: str, words: dict[str, str], start: str) -> Lark:
    alternatives = " | ".join(f'"{said}"' for said in sorted(words, key=len, reverse=True))
    text = grammar + BOTH.replace("{words}", alternatives)
    return Lark(text, parser="earley", ambiguity="explicit", start=start, lexer="dynamic_complete")


EXPLAINED = _parser(PRINTED, SIGNS, "test")
TOLD = _parser(SENTENCE, IN_SENTENCES, "test")
VALUE = _parser(PRINTED, SIGNS, "side")
TOLD_VALUE = _parser(SENTENCE, IN_SENTENCES, "side")


class Meaningless(Exception):
    """A way to read the words that adds days to numbers, or the like."""


def _constant(text: str) -> Any:
    if text == "today":
        return TODAY
    if text.endswith(("day", "days")):
        return timedelta(int(text.split()[0]))
    if text.endswith(("month", "months", "year", "years")):
        number, unit = text.split()
        return Months(int(number) * (12 if unit.startswith("year") else 1))
    return date.fromisoformat(text) if text.count("-") > 1 else Fraction(text) if "." in text else int(text)


def _readings(tree: Any) -> list[Any]:
    """Every value that the words can have, however they are read."""
    if isinstance(tree, Token):
        named = {**NUMBERS, **DAYS, **TIMES, **DECIMALS}
        if tree.type == "NAME":
            return [named[str(tree).removeprefix("the ")[0]]]
        if tree.type == "PARAMETER":
            return [PARAMETERS[str(tree).replace(" ", "_")]]
        if tree.type == "YEARLY":
            day, month = str(tree).split()
            return [date(4, MONTHS.index(month) + 1, int(day))]
        return [_constant(str(tree)) if tree.type == "CONSTANT" else str(tree)]
    if tree.data == "_ambig":
        return [value for child in tree.children for value in _readings(child)]
    children = [child for child in tree.children if child is not None]
    if tree.data == "value":
        return _readings(children[-1])
    ways: list[list[Any]] = [[]]
    for child in children:
        ways = [[*way, value] for way in ways for value in _readings(child)]
    found = []
    for way in ways:
        try:
            found.append(_computed(tree, way))
        except TypeError:  # no way to read it: days and numbers have no sum
            continue
    return found


def _computed(tree: Tree[Any], way: list[Any]) -> Any:
    match tree.data:
        case "time":
            if not isinstance(way[0], (timedelta, Months)):
                raise TypeError
            return way[0]
        case "add":
            return way[0] + way[1]
        case "subtract":
            return way[0] - way[1]
        case "multiply":
            return way[0] * way[1]
        case "divide":
            _require_numbers(way)
            return UNDEFINED if way[1] == 0 else way[0] / Fraction(way[1])
        case "rounded":
            _require_numbers(way[:1])
            return _rounded(way[0], way[1])
        case "remainder":
            _require_numbers(way)
            if UNDEFINED in way or way[1] == 0:
                return UNDEFINED
            return way[0] - way[1] * trunc(Fraction(way[0]) / way[1])
        case "shift":
            return way[2] + way[0] if way[1] == "after" else way[2] - way[0]
        case "extreme":
            if UNDEFINED in way[1:]:
                return UNDEFINED
            return max(way[1:]) if way[0] in ("later", "greater") else min(way[1:])
        case "both":
            return all(way)
        case "either":
            return any(way)
        case (
            "first_of_month"
            | "last_of_month"
            | "months_between"
            | "years_between"
            | "next_anniversary"
            | "next_yearly"
        ):
            if not all(isinstance(one, date) for one in way):
                raise TypeError
            found: int = getattr(calendar, tree.data)(*map(date.toordinal, way))
            return found if tree.data.endswith("_between") else date.fromordinal(found)
        case "comparison":
            left, said, right = way
            return _compared(left, {**SIGNS, **IN_SENTENCES}[said], right)
    raise AssertionError(tree.data)


def _require_numbers(values: list[Any]) -> None:
    if not all(isinstance(value, (int, Fraction, Undefined)) for value in values):
        raise TypeError


def _compared(left: Any, sign: str, right: Any) -> bool:
    if type(left) is not type(right):
        _require_numbers([left, right])
    if left is UNDEFINED or right is UNDEFINED:
        return False
    truth: dict[str, bool] = {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    return truth[sign]


VOCABULARY = """
situation:
  scope: thing
  whole: box
  records:
    thing:
      in: things
      says: A thing.
      fields:
        {n: number, m: number, k: number, x: decimal 2, y: decimal 1, z: decimal 1, d: date, e: date,
         t: duration, u: duration}
  events: [things.events]
events: {touched: {says: It was touched.}}
actions: {act: {title: Act}}
conclusions:
  number: {says: N., fields: {v: number}}
  decimal: {says: D., fields: {v: decimal 6}}
  time: {says: T., fields: {v: duration}}
  day: {says: D., fields: {v: date}}
profiles: {calm: {default: true, says: Calm.}}
parameters:
  many: {says: Many., value: 2, cites: [own default]}
  none_of_it: {says: None., value: 0, cites: [own default]}
  share: {says: Share., value: 12.5%, cites: [own default]}
  grace: {says: Grace., value: 5 days, cites: [own default]}
  card_lasts: {says: Lasting., value: 14 months, cites: [own default]}
"""
RULES = """
rules:
  it:
    title: It
    cites: [own default]
    when:
      - thing: {{n: $n, m: $m, k: $k, x: $x, y: $y, z: $z, d: $d, e: $e, t: $t, u: $u}}
      - where: '{test}'
    recommend: {{action: act}}
"""
SITUATION: dict[str, Any] = {
    "things": {
        "a": {
            **NUMBERS,
            **{name: float(value) for name, value in DECIMALS.items()},
            **{name: day.isoformat() for name, day in DAYS.items()},
            **{name: f"{time.days} day{'s' * (time.days > 1)}" for name, time in TIMES.items()},
        }
    }
}


def _pack(rules: str) -> followcue.LoadedPack:
    with TemporaryDirectory() as folder:
        (Path(folder) / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
        (Path(folder) / "rules.yaml").write_text(rules, encoding="utf-8")
        return followcue.load_pack(folder, cache=False)


def _load(rules: str) -> followcue.LoadedPack | None:
    """None for rules that are refused: a value with itself, a range, too long, divided by nought."""
    try:
        return _pack(rules)
    except followcue.InvalidInput as error:
        problems = error.diagnostics
    refused = (
        "this phrase is too long",
        "this takes the greater number from the smaller",
        "nothing can be divided by nought",
    )
    assert all(problem.message.startswith(refused) for problem in problems), problems
    return None


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tests)
def test_reasons_and_sentences_say_what_the_engine_found(test: Any) -> None:
    loaded = _load(RULES.format(test=spoken_test(test)))
    if loaded is None:
        return
    report = followcue.evaluate(SITUATION, rules=loaded, as_of=TODAY)
    holds = bool(report.actions)
    if holds:
        explained = followcue.why(SITUATION, "act", loaded, as_of=TODAY)
        said = [
            text for why in explained.whys for rule in why.rules for way in rule.ways for text in way.holds
        ]
    else:
        answer = followcue.why_not(SITUATION, "act", loaded, as_of=TODAY, changes=False)
        said = [lack.text for miss in answer.rules for lack in miss.lacks]
    assert said
    for text in said:
        if text.startswith("another "):  # a value that is to differ from one that it equals
            name, _, value = text.removeprefix("another ").partition(" than ")
            assert not holds
            assert {**NUMBERS, **DAYS, **TIMES, **DECIMALS}[name] == _constant(value)
            continue
        assert set(_readings(EXPLAINED.parse(text))) == {holds}, text
    [rule] = loaded.rules
    told = text_of(sentence(rule, loaded.pack.vocabulary))
    whole = told.partition("if there is a thing and ")[2].partition(", recommend: Act.")[0]
    assert set(_readings(TOLD.parse(whole))) == {holds}, told


COMPUTING = """
rules:
  one:
    title: One
    cites: [own default]
    when: [{{thing: {{n: $n, m: $m, k: $k, x: $x, y: $y, z: $z, d: $d, e: $e, t: $t, u: $u}}}}]
    conclude: {{{kind}: {{v: '{value}'}}}}
  other:
    title: Other
    cites: [own default]
    when: [{kind}]
    recommend: {{action: act}}
"""


def _computed_texts(facts: Any) -> list[str]:
    ways = [way for fact in facts for rule in fact.rules for way in rule.ways]
    return [one.text for way in ways for one in way.computed]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    numbers.map(lambda value: ("number", value))
    | decimals.map(lambda value: ("decimal", value))
    | (times | times_between).map(lambda value: ("time", value))
    | (days | calendar_days).map(lambda value: ("day", value))
    | calendar_numbers.map(lambda value: ("number", value))
)
def test_what_is_said_to_be_computed_is_what_was_computed(concluded: tuple[str, Expression]) -> None:
    kind, value = concluded
    loaded = _load(COMPUTING.format(kind=kind, value=spoken(value)))
    if loaded is None:
        return
    [rule] = [rule for rule in loaded.rules if rule.id == "one"]
    told = text_of(sentence(rule, loaded.pack.vocabulary))
    whole = told.partition(" with v ")[2].removesuffix(".")
    said_values = set(_readings(TOLD_VALUE.parse(whole)))
    if not followcue.evaluate(SITUATION, rules=loaded, as_of=TODAY).actions:
        assert said_values == {UNDEFINED}, told
        return
    explained = followcue.why(SITUATION, "act", loaded, as_of=TODAY)
    [text] = [
        text
        for why in explained.whys
        for rule in why.rules
        for way in rule.ways
        for text in _computed_texts(way.facts)
    ] or [""]
    said, equals, how = text.partition(" = ")
    if equals:
        assert set(_readings(VALUE.parse(how))) == {_constant(said.removeprefix("v "))}, text
    [report] = [c.fields["v"] for c in explained.report.conclusions if c.fact == kind]
    expected = _constant(str(report)) if kind != "number" else report
    assert said_values == {expected}, told


def test_without_an_event_the_sentence_names_the_records() -> None:
    loaded = _load(RULES.format(test="$n at least 1"))
    assert loaded is not None
    [why] = followcue.why(SITUATION, "act", loaded, as_of=TODAY).whys
    assert "because of thing a" in why.sentence
