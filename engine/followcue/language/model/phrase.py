"""Text of the rule language -> phrases, by the grammar in grammar.lark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError
from lark.tree import Meta

from followcue.base.civil import LEAP_YEAR, MONTHS
from followcue.base.diagnostic import Suggestion, did_you_mean, letters_apart, nearest
from followcue.base.rows import DECIMALS
from followcue.base.values import (
    LONGEST_DURATION,
    LONGEST_PERIOD,
    MOST_DIGITS,
    parse_date,
    parse_duration,
    parse_period,
    parse_time,
)
from followcue.language.documents.borrowed import borrowed_in
from followcue.language.model.read_values import calendar_hint, time_hint
from followcue.language.model.syntax import (
    AnyHead,
    At,
    CivilOf,
    Comparison,
    CompoundTest,
    ConditionHead,
    Constant,
    Constraint,
    EveryHead,
    Expression,
    ExtremeOf,
    GatheringHead,
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
    """A phrase that cannot be read: what is wrong, where inside it, the likely fix, and the code."""

    message: str
    at: At
    hint: str | None = None
    code: str = "FC301"


def parse_condition(text: str) -> AnyHead:
    """The head of a condition, such as `no status_checked` or `count reply as $n`; raises PhraseError."""
    head: AnyHead = _parse("condition", text)
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
    borrowed = borrowed_in(start, text, position)
    if position >= len(text):
        return _unfinished(text, borrowed.hint if borrowed else EXAMPLES[start])
    if borrowed and borrowed.start < borrowed.end:
        return _unread(text, borrowed.start, borrowed.end, borrowed.hint)
    end = position + (len(token) if isinstance(token, Token) else 1)
    for first, last in ((position, end), _word_before(text, position)):
        word = text[first:last]
        meant = nearest(word, _WORDS[start])
        if meant and letters_apart(word, meant, len(word) // 3):
            return _unread(text, first, last, Suggestion.of(word, meant, _WORDS[start]))
    return _unread(text, position, end, borrowed.hint if borrowed else EXAMPLES[start])


def _unread(text: str, start: int, end: int, hint: str) -> PhraseError:
    return PhraseError(f"cannot read `{text[start:end]}` here", (start, end - start), hint)


def _unfinished(text: str, hint: str) -> PhraseError:
    first, last = _word_before(text, len(text))
    if first == last:
        return PhraseError("this phrase is empty", (0, 1), hint)
    return PhraseError(f"something is missing after `{text[first:last]}`", (first, last - first), hint)


def _word_before(text: str, position: int) -> tuple[int, int]:
    """Where the last word before a position begins and ends."""
    before = text[:position].rstrip()
    return len(before) - len(before.split()[-1]) if before else 0, len(before)


_COMPARING = (
    "before",
    "after",
    "between",
    "at",
    "least",
    "most",
    "more",
    "less",
    "fewer",
    "than",
    "contains",
)
_WORDS = {
    "condition": ("maybe", "newest", "oldest", "latest", "earliest", "count", "every", "each"),
    "constraint": ("present", "absent", *_COMPARING),
    "test": _COMPARING,
    "expression": ("rounded", "places", "weekday", "anniversary", "earlier", "later"),
}
"""Words of the grammar that may be misspelt, by where they stand."""


_LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


# --- parse tree -> phrases
T = TypeVar("T")


def _at(meta: Meta) -> At:
    return (meta.start_pos, meta.end_pos - meta.start_pos) if not meta.empty else (0, 1)


class _Comparator(NamedTuple):
    """A comparator, and whether it is written in the words for days or for amounts."""

    op: Any
    of_days: bool | None = None


def _comparator(symbol: str, of_days: bool | None = None) -> Callable[..., _Comparator]:
    return lambda self, meta, children: _Comparator(symbol, of_days)


def _head(word: Any) -> Callable[..., ConditionHead]:
    """A condition of `kinds`, with a variable if there is a second child, grouped if there is a third."""

    def build(self: Any, meta: Meta, children: list[Any]) -> ConditionHead:
        kinds, *more = children
        return ConditionHead(word, kinds, None, *_result(more), _at(meta))

    return build


def _field_head(word: Any) -> Callable[..., ConditionHead]:
    """A condition of `kind.field`, with a variable if there is a third child, grouped by a fourth."""

    def build(self: Any, meta: Meta, children: list[Any]) -> ConditionHead:
        kind, field, *more = children
        return ConditionHead(word, (kind,), field, *_result(more), _at(meta))

    return build


def _result(more: list[Any]) -> tuple[Variable | None, tuple[Variable, ...]]:
    """The variable of a result, and those by which it is grouped, as far as they were written."""
    return (more[0] if more else None), (more[1] if len(more) > 1 else ())


def _gathering(word: Any) -> Callable[..., GatheringHead]:
    """An aggregate over conditions; what it adds up or compares comes first, if anything does."""

    def build(self: Any, meta: Meta, children: list[Any]) -> GatheringHead:
        value, *more = (None, *children) if word == "count" else children
        return GatheringHead(word, value, more[0], more[1] if len(more) > 1 else (), _at(meta))

    return build


def _operation(op: Any) -> Callable[..., Operation]:
    return lambda self, meta, children: Operation(op, children[0], children[1], _at(meta))


def _extreme(op: Any) -> Callable[..., ExtremeOf]:
    return lambda self, meta, children: ExtremeOf(op, children[0], _at(meta))


def _civil(op: Any) -> Callable[..., CivilOf]:
    """A function of the calendar, of the children that are no keywords."""
    return lambda self, meta, children: CivilOf(
        op, tuple(child for child in children if not isinstance(child, Token)), _at(meta)
    )


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
    maybe_newest, maybe_oldest = _head("maybe newest"), _head("maybe oldest")
    there_is, count = _head("there is"), _head("count")
    latest, earliest = _field_head("latest"), _field_head("earliest")
    sum, max, min = _field_head("sum"), _field_head("max"), _field_head("min")

    count_all, sum_of = _gathering("count"), _gathering("sum")
    max_of, min_of = _gathering("max"), _gathering("min")

    eq, ne, lt = _comparator("=="), _comparator("!="), _comparator("<")
    le, gt, ge = _comparator("<="), _comparator(">"), _comparator(">=")
    before, until = _comparator("<", True), _comparator("<=", True)
    after, since = _comparator(">", True), _comparator(">=", True)
    less, most = _comparator("<", False), _comparator("<=", False)
    more, least = _comparator(">", False), _comparator(">=", False)

    add, subtract, multiply = _operation("+"), _operation("-"), _operation("*")
    years_between, months_between = _civil("years_between"), _civil("months_between")
    weekday_of, next_anniversary = _civil("weekday_of"), _civil("next_anniversary")
    first_of_month, last_of_month = _civil("first_of_month"), _civil("last_of_month")
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

    def each(self, meta: Meta, children: list[Variable]) -> tuple[Variable, ...]:
        return tuple(children)

    def every(self, meta: Meta, children: list[tuple[Name, ...]]) -> EveryHead:
        return EveryHead(children[0], _at(meta))

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
                f"the date {children[0]} does not exist", _at(meta), calendar_hint(str(children[0]))
            )
        return Constant("date", day.toordinal(), _at(meta))

    def duration(self, meta: Meta, children: list[Token]) -> Constant:
        days = parse_duration(str(children[0]))
        if days is None:
            message = f"`{children[0]}` is too long for a duration, which has at most {LONGEST_DURATION} days"
            raise PhraseError(message, _at(meta), "longer times read like `10 years`")
        return Constant("duration", days, _at(meta))

    def period(self, meta: Meta, children: list[Token]) -> Constant:
        months = parse_period(str(children[0]))
        if months is None:
            hint = f"the longest period is {LONGEST_PERIOD // 12} years"
            raise PhraseError(f"`{children[0]}` is too long", _at(meta), hint)
        return Constant("period", months, _at(meta))

    def time(self, meta: Meta, children: list[Token]) -> Constant:
        minutes = parse_time(str(children[0]))
        if minutes is None:
            message, hint = f"there is no time {children[0]}", time_hint(str(children[0]))
            raise PhraseError(message, _at(meta), hint, "FC348")
        return Constant("time", minutes, _at(meta))

    def next_yearly(self, meta: Meta, children: list[Any]) -> CivilOf:
        word, first = children
        _, number, month = str(word).split()
        place = (_at(meta)[0], len(word))
        if month not in MONTHS:
            hint = (
                did_you_mean(month, MONTHS)
                or "months are written out, as in `next 5 April on or after today`"
            )
            raise PhraseError(f"there is no month `{month}`", place, hint, "FC346")
        day = parse_date(f"{LEAP_YEAR:04}-{MONTHS.index(month) + 1:02}-{number:0>2}")
        if day is None:
            last = _LAST_DAYS[MONTHS.index(month)] if int(number) else 1
            hint = f"{month} has the days 1 to {last}" if last > 1 else "a month begins with its day 1"
            raise PhraseError(f"no year has a {number} {month}", place, hint, "FC346")
        return CivilOf("next_yearly", (Constant("date", day.toordinal(), place), first), _at(meta))

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

    def text_test(self, meta: Meta, children: list[Token]) -> _Comparator:
        return _Comparator(" ".join(children[0].split()))

    def equal(self, meta: Meta, children: list[Expression]) -> Constraint:
        return Constraint("==", (children[0],), at=_at(meta))

    def is_not(self, meta: Meta, children: list[Expression]) -> Constraint:
        return Constraint("!=", (children[0],), True, _at(meta))

    def compared(self, meta: Meta, children: list[Any]) -> Constraint:
        written, value = children
        return Constraint(written.op, (value,), True, _at(meta), written.of_days)

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
        left, written, right = children
        return Comparison(written.op, left, right, _at(meta), written.of_days)

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
