"""Text of the rule language -> phrases, by the grammar in grammar.lark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError
from lark.tree import Meta

from followcue.base.rows import DECIMALS
from followcue.base.values import MOST_DIGITS, parse_date, parse_duration
from followcue.language.documents.borrowed import hint_for
from followcue.language.model.syntax import (
    At,
    Comparison,
    CompoundTest,
    ConditionHead,
    Constant,
    Constraint,
    Expression,
    ExtremeOf,
    LengthOf,
    Name,
    Operation,
    RemainderOf,
    RoundedTo,
    Test,
    Variable,
    Word,
)
from followcue.language.model.vocabulary import MOST_PLACES

MAX_PHRASE = 400
MAX_PARENTHESES = 50


@dataclass(frozen=True)
class PhraseError(Exception):
    """A phrase that cannot be read: what is wrong, where inside it, the likely fix, and the code of this."""

    message: str
    at: At
    hint: str | None = None
    code: str = "FC301"


def parse_condition(text: str) -> ConditionHead:
    """The head of a condition, such as `no status_checked` or `count reply as $n`; raises PhraseError."""
    head: ConditionHead = _parse("condition", text)
    return head


def parse_constraints(text: str) -> tuple[Constraint, ...]:
    """What a pattern demands of a field, such as `$at and after $day`; raises PhraseError."""
    constraints: tuple[Constraint, ...] = _parse("constraint", text)
    return constraints


def parse_test(text: str) -> Test:
    """One or several comparisons, such as `$a is not $b`; raises PhraseError."""
    test: Test = _parse("test", text)
    return test


def parse_expression(text: str) -> Expression:
    """A value, such as `$day + promised_grace`; raises PhraseError."""
    expression: Expression = _parse("expression", text)
    return expression


@lru_cache(maxsize=4096)  # the same few hundred phrases make up most rules
def _parse(start: str, text: str) -> Any:
    if len(text) > MAX_PHRASE or text.count("(") > MAX_PARENTHESES:
        raise PhraseError(
            "this phrase is too long to be read aloud", (0, 1), "split it into several conditions"
        )
    try:
        return _Builder().transform(_parser().parse(text, start=start))
    except UnexpectedInput as error:
        raise _phrase_error(start, text, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, PhraseError):
            raise error.orig_exc from None
        raise


@cache
def _parser() -> Lark:
    grammar = (files("followcue.language.model") / "grammar.lark").read_text("utf-8")
    return Lark(
        grammar,
        parser="lalr",
        start=["condition", "constraint", "test", "expression"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


# --- what went wrong, in the author's words
EXAMPLES = {
    "condition": "a condition reads like `reply`, `no reply`, `newest reply`, `count reply as $n`, "
    "`sum reply.cost as $n`",
    "constraint": "a field takes a value, `$variable`, `present`, `absent`, `not …`, or e.g. `after $day`",
    "test": "a comparison reads like `$a is not $b`, `$day + 3 days before today`, `$n at least 2`",
    "expression": "a value reads like `$day`, `5 days`, `today`, `$day + promised_grace`",
}


def _phrase_error(start: str, text: str, error: UnexpectedInput) -> PhraseError:
    token = getattr(error, "token", None)
    at_end = isinstance(token, Token) and token.type == "$END"
    position = len(text) if at_end else error.pos_in_stream or 0
    if position < len(text):
        length = len(token) if isinstance(token, Token) else 1
        found = text[position : position + length]
        return PhraseError(
            f"cannot read `{found}` here",
            (position, length),
            hint_for(start, text, position) or EXAMPLES[start],
        )
    message = "something is missing at the end of this phrase" if text.strip() else "this phrase is empty"
    return PhraseError(
        message, (max(0, len(text) - 1), 1), hint_for(start, text, len(text)) or EXAMPLES[start]
    )


# --- parse tree -> phrases
T = TypeVar("T")


def _at(meta: Meta) -> At:
    return (meta.start_pos, meta.end_pos - meta.start_pos) if not meta.empty else (0, 1)


def _comparator(symbol: str) -> Callable[..., str]:
    return lambda self, meta, children: symbol


def _head(word: Any) -> Callable[..., ConditionHead]:
    """A condition of `kinds`, with a variable if there is a second child."""

    def build(self: Any, meta: Meta, children: list[Any]) -> ConditionHead:
        kinds, *variable = children
        return ConditionHead(word, kinds, None, variable[0] if variable else None, _at(meta))

    return build


def _field_head(word: Any) -> Callable[..., ConditionHead]:
    """A condition of `kind.field`, with a variable if there is a third child."""

    def build(self: Any, meta: Meta, children: list[Any]) -> ConditionHead:
        kind, field, *variable = children
        return ConditionHead(word, (kind,), field, variable[0] if variable else None, _at(meta))

    return build


def _operation(op: Any) -> Callable[..., Operation]:
    return lambda self, meta, children: Operation(op, children[0], children[1], _at(meta))


def _extreme(op: Any) -> Callable[..., ExtremeOf]:
    return lambda self, meta, children: ExtremeOf(op, children[0], _at(meta))


def _junction(op: Any) -> Callable[..., Test]:
    return lambda self, meta, children: (
        children[0] if len(children) == 1 else CompoundTest(op, tuple(children), _at(meta))
    )


def _decimal(written: str, more: int, at: At) -> Constant:
    """The number as written, `more` places further down: 2 for percentages."""
    whole, _, part = written.partition(".")
    places = len(part) + more
    if places > MOST_PLACES or len(whole) + places > MOST_DIGITS:
        hint = f"at most {MOST_PLACES} places (of a percentage {MOST_PLACES - 2}), and {MOST_DIGITS} digits"
        raise PhraseError("this number has too many digits", at, hint, "FC342")
    return Constant(DECIMALS[places], int(whole + part), at)


def _span(low: Expression, high: Expression, at: At) -> tuple[Expression, Expression]:
    """The bounds of `between`, which hold nothing if the first is known to lie beyond the second."""
    match low, high:
        case Constant(base, first), Constant(other, last) if base == other != "text" and int(first) > int(
            last
        ):
            hint = "the lesser comes first, as in `between 1 and 5`; both ends are included"
            raise PhraseError("nothing lies between these two", at, hint, "FC340")
    return low, high


def _bare_constraint(op: Any) -> Callable[..., Constraint]:
    return lambda self, meta, children: Constraint(op, (), at=_at(meta))


@v_args(meta=True)
class _Builder(Transformer[Token, Any]):
    """Turns the parser's tree into phrases, bottom up."""

    no, maybe, newest, oldest = _head("no"), _head("maybe"), _head("newest"), _head("oldest")
    there_is, count = _head("there is"), _head("count")
    latest, earliest = _field_head("latest"), _field_head("earliest")
    sum, max, min = _field_head("sum"), _field_head("max"), _field_head("min")

    eq, ne, lt = _comparator("=="), _comparator("!="), _comparator("<")
    le, gt, ge = _comparator("<="), _comparator(">"), _comparator(">=")

    add, subtract, multiply = _operation("+"), _operation("-"), _operation("*")
    divide = _operation("/")
    later, earlier = _extreme("max"), _extreme("min")
    disjunction, conjunction = _junction("or"), _junction("and")
    present, absent, any = _bare_constraint("present"), _bare_constraint("absent"), _bare_constraint("any")

    def constraint(self, meta: Meta, children: list[Any]) -> tuple[Constraint, ...]:
        return tuple(c for child in children for c in (child if isinstance(child, tuple) else (child,)))

    def listed(self, meta: Meta, children: list[Expression]) -> tuple[Expression, ...]:
        return tuple(children)

    def choices(self, meta: Meta, children: list[Expression]) -> tuple[Expression, ...]:
        return tuple(children)

    def kinds(self, meta: Meta, children: list[Name]) -> tuple[Name, ...]:
        return tuple(children)

    def name(self, meta: Meta, children: list[Token]) -> Name:
        return Name(str(children[0]), _at(meta))

    def variable(self, meta: Meta, children: list[Token]) -> Variable:
        return Variable(str(children[0])[1:], _at(meta))

    def word(self, meta: Meta, children: list[Token]) -> Word:
        return Word(str(children[0]), _at(meta))

    def number(self, meta: Meta, children: list[Token]) -> Constant:
        if len(children[0]) > 15:
            raise PhraseError("this number is too large", _at(meta), "numbers have at most 15 digits")
        return Constant("number", int(children[0]), _at(meta))

    def date(self, meta: Meta, children: list[Token]) -> Constant:
        day = parse_date(str(children[0]))
        if day is None:
            raise PhraseError(
                f"the date {children[0]} does not exist", _at(meta), "dates read like `2026-11-21`"
            )
        return Constant("date", day.toordinal(), _at(meta))

    def duration(self, meta: Meta, children: list[Token]) -> Constant:
        days = parse_duration(str(children[0]))
        if days is None:
            raise PhraseError(
                f"`{children[0]}` is no duration", _at(meta), "durations read like `5 days`, `2 weeks`"
            )
        return Constant("duration", days, _at(meta))

    def quoted(self, meta: Meta, children: list[Token]) -> Constant:
        return Constant("text", str(children[0])[1:-1], _at(meta))

    def negative(self, meta: Meta, children: list[Token]) -> Constant:
        constant: Constant = getattr(self, children[1].type.lower())(meta, children[1:])
        return replace(constant, value=-int(constant.value))

    def decimal(self, meta: Meta, children: list[Token]) -> Constant:
        return _decimal(str(children[0]), 0, _at(meta))

    def percent(self, meta: Meta, children: list[Token]) -> Constant:
        return _decimal(str(children[0]).rstrip("%").rstrip(), 2, _at(meta))

    def share(self, meta: Meta, children: list[Any]) -> Operation:
        return Operation("*", self.percent(meta, children[:1]), children[1], _at(meta))

    def rounded(self, meta: Meta, children: list[Any]) -> RoundedTo:
        words = str(children[1]).split()
        places = int(words[-2]) if "to" in words else 0
        if places > MOST_PLACES:
            hint = f"a number has at most {MOST_PLACES} places"
            raise PhraseError("these are too many places", _at(meta), hint, "FC342")
        how: Any = " ".join(words[1 : words.index("to")] if "to" in words else words[1:])
        return RoundedTo(children[0], how, places, _at(meta))

    def remainder(self, meta: Meta, children: list[Any]) -> RemainderOf:
        return RemainderOf(children[1], children[2], _at(meta))

    def length(self, meta: Meta, children: list[Any]) -> LengthOf:
        return LengthOf(children[1], _at(meta))

    def text_test(self, meta: Meta, children: list[Token]) -> str:
        return " ".join(children[0].split())

    def equal(self, meta: Meta, children: list[Expression]) -> Constraint:
        return Constraint("==", (children[0],), at=_at(meta))

    def is_not(self, meta: Meta, children: list[Expression]) -> Constraint:
        return Constraint("!=", (children[0],), True, _at(meta))

    def compared(self, meta: Meta, children: list[Any]) -> Constraint:
        return Constraint(children[0], (children[1],), True, _at(meta))

    def between(self, meta: Meta, children: list[Any]) -> tuple[Constraint, ...]:
        _, low, high = children
        _span(low, high, _at(meta))
        return Constraint(">=", (low,), True, _at(meta)), Constraint("<=", (high,), True, _at(meta))

    def not_between(self, meta: Meta, children: list[Any]) -> Constraint:
        hint = "give the field a variable, and write it under `where:`, as in `$n not between 1 and 5`"
        raise PhraseError("a field takes one range, and this leaves two", _at(meta), hint)

    def one_of(self, meta: Meta, children: list[Any]) -> Constraint:
        return Constraint("in", children[1], at=_at(meta))

    def none_of(self, meta: Meta, children: list[Any]) -> tuple[Constraint, ...]:
        return tuple(Constraint("!=", (value,), True, _at(meta)) for value in children[1])

    def comparison(self, meta: Meta, children: list[Any]) -> Comparison:
        left, op, right = children
        return Comparison(op, left, right, _at(meta))

    def inside(self, meta: Meta, children: list[Any]) -> CompoundTest:
        return self._bounds("and", (">=", "<="), meta, children)

    def outside(self, meta: Meta, children: list[Any]) -> CompoundTest:
        return self._bounds("or", ("<", ">"), meta, children)

    def _bounds(self, word: Any, ops: tuple[Any, Any], meta: Meta, children: list[Any]) -> CompoundTest:
        value, _, low, high = children
        pairs = zip(ops, _span(low, high, _at(meta)), strict=True)
        items = tuple(Comparison(op, value, end, _at(meta)) for op, end in pairs)
        return CompoundTest(word, items, _at(meta))

    def any_of(self, meta: Meta, children: list[Any]) -> Test:
        return self._each("or", "==", meta, children)

    def no_one_of(self, meta: Meta, children: list[Any]) -> Test:
        return self._each("and", "!=", meta, children)

    def _each(self, word: Any, op: Any, meta: Meta, children: list[Any]) -> Test:
        value, _, listed = children
        items = tuple(Comparison(op, value, item, _at(meta)) for item in listed)
        return items[0] if len(items) == 1 else CompoundTest(word, items, _at(meta))
