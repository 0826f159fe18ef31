"""Phrases -> typed expressions: words resolved to parameters or literals, every operation checked."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Literal

from followcue.base.diagnostic import Diagnostic, Suggestion, did_you_mean
from followcue.base.rows import DECIMALS, places_of
from followcue.base.values import format_duration
from followcue.language.documents.borrowed import hint_for
from followcue.language.logic import program as ir
from followcue.language.logic.types import (
    CIVIL,
    ORDERED,
    TYPE_OF_BASE,
    arithmetic,
    comparable,
    describe,
    is_named,
)
from followcue.language.model import syntax
from followcue.language.model.read_values import time_hint
from followcue.language.model.rules import Where
from followcue.language.model.unparse import rounding, spoken
from followcue.language.model.vocabulary import DATE, NUMBER, TEXT, Type, Vocabulary, decimal_type

ABSENT = ir.Const(None)
TRUE = ir.Junction("and", ())
FALSE = ir.Junction("or", ())


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression and its type."""

    expr: ir.Expr
    type: Type


@dataclass
class TypingContext:
    """What expressions of one clause may speak of, and where their mistakes are collected.

    `types` are those of the bound variables; variables in `absent` have no value in this clause, and those in
    `computed` stand for an expression. Of variables in `mistaken` it is known that something else is wrong
    with them, so that nothing more is said. `written` are the variables that stand
    anywhere in the rule.
    """

    vocabulary: Vocabulary
    types: dict[str, Type] = field(default_factory=dict)
    absent: dict[str, Type] = field(default_factory=dict)
    computed: dict[str, Typed] = field(default_factory=dict)
    mistaken: set[str] = field(default_factory=set)
    problems: list[Diagnostic] = field(default_factory=list)
    written: Container[str] = ()
    divisors: list[ir.Expr] = field(default_factory=list)
    """What the clause divides by, outside of its comparisons: it must not be nought."""

    def knows(self, name: str) -> bool:
        """Whether a variable has a value, is absent, or has a mistake of its own."""
        return any(name in known for known in (self.types, self.absent, self.computed, self.mistaken))

    def typed(self, phrase: syntax.Expression, where: Where, want: Type | None = None) -> Typed | None:
        """The expression of a phrase; None after a mistake, which `problems` then holds.

        `want` is the type of the place where it stands: bare words are literals of it, or parameters.
        """
        result = self._typed(phrase, where, want)
        if result is None or want is None or comparable(result.type, want):
            return result
        if has_places(result.type) and has_places(want):
            return self._fitted(result, want, phrase, where)
        message = f"this must be {describe(want)}, not {describe(result.type)}"
        if "period" in (result.type.base, want.base):
            self._problem("FC345", message, phrase, where, _months_hint(phrase, want))
            return None
        if want.base == "time":
            hint = time_hint(spoken(phrase)) if isinstance(phrase, syntax.Constant) else None
            self._problem("FC348", message, phrase, where, hint)
            return None
        self._problem("FC303", message, phrase, where, _other_type_hint(phrase, want))
        return None

    def test(self, test: syntax.Test, where: Where) -> ir.Expr | None:
        """The guard of a test, FALSE if it can never hold; None after a mistake."""
        if isinstance(test, syntax.Comparison):
            return None if self._gives_in_vain(test, where) else self.compare(test, where)
        items = [self.test(item, where) for item in test.items]
        if any(item is None for item in items):
            return None
        return junction(test.op, [item for item in items if item is not None])

    def _gives_in_vain(self, test: syntax.Comparison, where: Where) -> bool:
        """Whether this would give a variable its value, but for the place where it stands; then told."""
        match test:
            case syntax.Comparison("==", syntax.Variable(name) as unknown) if not self.knows(name):
                hint = "an `or` gives no value: write `any of`, with a `where` in each alternative"
            case syntax.Comparison("==", _, syntax.Variable(name) as unknown) if not self.knows(name):
                hint = f"a value is given with its variable first: `${name} is …`"
            case _:
                return False
        near = did_you_mean(f"${name}", [f"${known}" for known in (*self.types, *self.computed)])
        sure = isinstance(near, Suggestion) and near.meant
        self._problem("FC402", f"nothing gives `${name}` a value", unknown, where, near if sure else hint)
        return True

    def compare(self, test: syntax.Comparison, where: Where) -> ir.Expr | None:
        """A comparison of two values of one type."""
        outside, self.divisors = self.divisors, []
        left, right = self._sides(test, where)
        divisors, self.divisors = self.divisors, outside
        if left is None or right is None:
            return None
        if has_places(left.type) and has_places(right.type):
            left, right = alike(left, right)
        if not self.has_parts(test.op, left.type, test, where):
            return None
        if not comparable(left.type, right.type):
            message = (
                f"`{spoken(test.left)}` is {describe(left.type)}, "
                f"and cannot be compared with `{spoken(test.right)}`, {describe(right.type)}"
            )
            if "period" in (left.type.base, right.type.base):
                self._problem("FC345", message, test, where, _compared_months_hint(test))
                return None
            if isinstance(test.left, syntax.CivilOf) and right.type.base == "duration":
                self._problem("FC303", message, test, where, _compared_months_hint(test))
                return None
            if "time" in (left.type.base, right.type.base):
                hint = "declare the field with the type `time`" if left.type.base == "text" else None
                self._problem("FC348", message, test, where, hint)
                return None
            self._problem("FC303", message, test, where, _compared_hint(test, left.type, right.type))
            return None
        if not self.ordered(test.op, left.type, test, where):
            return None
        if ABSENT in (left.expr, right.expr):
            return FALSE
        return junction("and", [*map(not_nought, divisors), ir.Compare(test.op, left.expr, right.expr)])

    def ordered(self, op: str, type: Type, node: syntax.Comparison | syntax.Constraint, where: Where) -> bool:
        """Whether `op` may compare values of `type`; if not, `problems` says so."""
        if op in ("==", "!=", *syntax.TURNED) or (type.base in ORDERED and not is_named(type)):
            return True
        hint = "name the texts that are meant, as in `[a, b]`"
        if type.choices:
            hint = f"name those that are meant, as in `[{', '.join(type.choices[:2])}]`"
        message = f"{describe(type)} has no order, so it is only `is` or `is not` something"
        self._problem("FC303", message, node, where, hint)
        return False

    def has_parts(
        self, op: str, type: Type, node: syntax.Comparison | syntax.Constraint, where: Where
    ) -> bool:
        """Whether values of `type` have parts, where `op` looks for one; if not, `problems` says so."""
        if op not in syntax.TURNED:
            return True
        if type.base != "text" or is_named(type):
            hint = "compare it as a whole, or with a list: `[a, b]`"
            if type.base in ("date", "number"):
                hint = (
                    "compare it: `on or after`, `between`"
                    if type.base == "date"
                    else "compare it: `at least`"
                )
            self._problem("FC341", f"{describe(type)} has no parts, as text has", node, where, hint)
            return False
        part = node.values[0] if isinstance(node, syntax.Constraint) else node.right
        if isinstance(part, syntax.Constant) and not part.value:
            message = "every text has this in it" if op in ("contains", "starts with", "ends with") else ""
            hint = "write what is looked for; that there is a text at all is `present`"
            self._problem("FC341", message or "no text is without this", node, where, hint)
            return False
        return True

    def _sides(self, test: syntax.Comparison, where: Where) -> tuple[Typed | None, Typed | None]:
        """Both sides; a bare word takes its meaning from the type of the other side."""
        if isinstance(test.left, syntax.Word) and not isinstance(test.right, syntax.Word):
            right = self._typed(test.right, where, None)
            return (self._typed(test.left, where, right.type), right) if right else (None, None)
        left = self._typed(test.left, where, None)
        if left and test.op in syntax.TURNED:
            return left, self._typed(test.right, where, TEXT)
        if left and left.type.base == "text" and isinstance(test.right, syntax.Operation):
            hint = """text with signs in it goes into quotes of its own here, as in `"lab-1"`"""
            self._problem("FC303", "this is reckoned, and text is wanted", test.right, where, hint)
            return None, None
        return (left, self._typed(test.right, where, left.type)) if left else (None, None)

    def _typed(self, phrase: syntax.Expression, where: Where, want: Type | None) -> Typed | None:
        match phrase:
            case syntax.Constant():
                return self._constant(phrase, where, want)
            case syntax.Variable():
                return self._variable(phrase, where)
            case syntax.Word():
                return self._word(phrase, where, want)
            case syntax.Operation():
                return self._operation(phrase, where)
            case syntax.ExtremeOf():
                return self._extreme(phrase, where, want)
            case syntax.CivilOf():
                return self._civil(phrase, where)
            case syntax.LengthOf():
                return self._length(phrase, where)
            case syntax.RoundedTo():
                return self._rounded(phrase, where)
            case syntax.RemainderOf():
                return self._remainder(phrase, where)

    def _constant(self, phrase: syntax.Constant, where: Where, want: Type | None) -> Typed | None:
        if phrase.base == "text" and want is not None and is_named(want):
            return self._literal(str(phrase.value), phrase, where, want)
        return Typed(ir.Const(phrase.value, phrase.base), TYPE_OF_BASE[phrase.base])

    def _variable(self, phrase: syntax.Variable, where: Where) -> Typed | None:
        if phrase.name in self.types:
            return Typed(ir.Var(phrase.name), self.types[phrase.name])
        if phrase.name in self.computed:
            return self.computed[phrase.name]
        if phrase.name in self.absent:
            return Typed(ABSENT, self.absent[phrase.name])
        if phrase.name in self.mistaken:
            return None
        known = [f"${name}" for name in (*self.types, *self.computed)]
        hint = nearest_or_given(f"${phrase.name}", known, f"noted: {{date: ${phrase.name}}}")
        if phrase.name in self.vocabulary.parameters:
            hint = f"a parameter has no `$`: `{phrase.name}`"
        self._problem("FC402", f"nothing gives `${phrase.name}` a value", phrase, where, hint)
        return None

    def _word(self, phrase: syntax.Word, where: Where, want: Type | None) -> Typed | None:
        if want is not None and want.base == "text":
            return self._literal(phrase.text, phrase, where, want)
        if phrase.text == "today":
            return Typed(ir.Today(), DATE)
        parameter = self.vocabulary.parameters.get(phrase.text)
        if parameter is None and want is not None and want.base == "bool":
            message = f"this must be true or false, not `{phrase.text}`"
            self._problem("FC303", message, phrase, where, "write `true` or `false`, without quotes")
            return None
        if parameter is not None:
            return Typed(ir.Param(phrase.text), parameter.type)
        names = [n for n, p in self.vocabulary.parameters.items() if want is None or comparable(p.type, want)]
        hint = hint_for("word", phrase.text) or did_you_mean(phrase.text, [*names, "today"])
        if phrase.text in self.types or phrase.text in self.written:
            hint = f"did you mean the variable, `${phrase.text}`?"
        self._problem("FC304", f"there is no parameter `{phrase.text}`", phrase, where, hint)
        return None

    def _literal(
        self, text: str, phrase: syntax.Word | syntax.Constant, where: Where, want: Type
    ) -> Typed | None:
        if want.refers_to:
            hint = "rules speak of everyone: use a variable, such as `$person`"
            message = f"a rule cannot name a particular {want.name.replace('_', ' ')}"
            self._problem("FC306", message, phrase, where, hint)
            return None
        if want.choices and text not in want.choices:
            message = f"`{text}` is no {want.name.replace('_', ' ')}"
            near = did_you_mean(text, want.choices)
            sure = isinstance(near, Suggestion) and near.meant
            self._problem("FC305", message, phrase, where, near if sure else hint_for("word", text) or near)
            return None
        return Typed(ir.Const(text, want.base), want)

    def _operation(self, phrase: syntax.Operation, where: Where) -> Typed | None:
        if (meant := _meant_as_a_parameter(phrase, self.vocabulary.parameters)) is not None:
            message, hint = "this takes one parameter from another", f"did you mean `{meant}`?"
            self._problem("FC304", message, phrase, where, hint)
            return None
        left, right = self._typed(phrase.left, where, None), self._typed(phrase.right, where, None)
        if left is None or right is None:
            return None
        if phrase.op == "/":
            message = "a division says how its result is rounded"
            hint = (
                _meant_as_a_day(phrase)
                or "as in `$a / $b rounded half up to 2 places`, in parentheses where it goes on after it"
            )
            self._problem("FC343", message, phrase, where, hint)
            return None
        type = arithmetic(phrase.op, left.type, right.type)
        if type is None and has_places(left.type) and has_places(right.type):
            hint = "round one of them first, as in `($a * $b rounded half up to 2 places)`"
            self._problem("FC342", "this would have more than 12 places", phrase, where, hint)
            return None
        if type is None:
            verb = {"+": "added to", "-": "subtracted from", "*": "multiplied with"}[phrase.op]
            first, second = (left, right) if phrase.op == "*" else (right, left)
            message = f"{describe(first.type)} cannot be {verb} {describe(second.type)}"
            bases = (left.type.base, right.type.base)
            code = "FC348" if "time" in bases else "FC345" if "period" in bases else "FC303"
            self._problem(code, message, phrase, where, _operation_hint(phrase, left.type, right.type))
            return None
        if ABSENT in (left.expr, right.expr):
            return Typed(ABSENT, type)
        if (bounds := _range(phrase)) is not None:
            message = "this takes the greater number from the smaller"
            hint = f"a range is written `between {bounds[0]} and {bounds[1]}`"
            self._problem("FC301", message, phrase, where, hint)
            return None
        if phrase.op != "*" and has_places(type):
            left, right = alike(left, right)
        return Typed(_operate(phrase.op, left, right), type)

    def _civil(self, phrase: syntax.CivilOf, where: Where) -> Typed | None:
        wanted, result = CIVIL[phrase.op]
        items = [self.typed(item, where, want) for item, want in zip(phrase.items, wanted, strict=True)]
        typed = [item for item in items if item is not None]
        if len(typed) < len(items):
            return None
        if any(item.expr == ABSENT for item in typed):
            return Typed(ABSENT, result)
        return Typed(ir.Civil(phrase.op, tuple(item.expr for item in typed)), result)

    def _fitted(self, typed: Typed, want: Type, phrase: syntax.Expression, where: Where) -> Typed | None:
        """A number in the places of the type that is wanted; one that has more of them is a mistake."""
        more = in_places(want) - in_places(typed.type)
        if more > 0:
            return Typed(scaled(typed.expr, more, want), want)
        if isinstance(typed.expr, ir.Const) and isinstance(typed.expr.value, int):
            units, rest = divmod(typed.expr.value, 10**-more)
            if not rest:
                return Typed(ir.Const(units, want.base), want)
        if typed.expr == ABSENT:
            return Typed(ABSENT, want)
        wanted = in_places(want)
        says = f"{describe(typed.type)} does not fit {describe(want) if wanted else 'a whole number'}"
        hint = f"round it: `… {rounding('half up', wanted)}`, or `half even`, `down`, `up`"
        if isinstance(phrase, syntax.Constant):
            hint = "compare it under `where:`, or write it with fewer places"
        self._problem("FC342", says, phrase, where, hint)
        return None

    def _numbers(self, phrases: Iterable[syntax.Expression], where: Where) -> list[Typed] | None:
        """The values of phrases that must be numbers; None after a mistake."""
        numbers = []
        for phrase in phrases:
            typed = self._typed(phrase, where, None)
            if typed is not None and not has_places(typed.type):
                message = f"{describe(typed.type)} can be neither divided nor rounded"
                self._problem("FC303", message, phrase, where, "divide numbers, such as a count or an amount")
                typed = None
            if typed is None:
                return None
            numbers.append(typed)
        return numbers

    def _rounded(self, phrase: syntax.RoundedTo, where: Where) -> Typed | None:
        item, type = phrase.item, decimal_type(phrase.places)
        if isinstance(item, syntax.Operation) and item.op == "/":
            return self._divided(phrase.how, item, type, where)
        numbers = self._numbers([item], where)
        if numbers is None:
            return None
        (number,) = numbers
        less = in_places(number.type) - phrase.places
        if number.expr == ABSENT or less <= 0:
            return Typed(scaled(number.expr, -less, type), type)
        return Typed(ir.Quotient(phrase.how, number.expr, ir.Const(10**less, "number"), type.base), type)

    def _divided(
        self, how: syntax.Rounding, phrase: syntax.Operation, type: Type, where: Where
    ) -> Typed | None:
        numbers = self._numbers((phrase.left, phrase.right), where)
        if numbers is None or not self._divides(numbers[1], phrase.right, where):
            return None
        left, right = numbers
        if ABSENT in (left.expr, right.expr):
            return Typed(ABSENT, type)
        more = in_places(type) + in_places(right.type) - in_places(left.type)
        dividend, divisor = scaled(left.expr, max(more, 0)), scaled(right.expr, max(-more, 0))
        return Typed(ir.Quotient(how, dividend, divisor, type.base), type)

    def _remainder(self, phrase: syntax.RemainderOf, where: Where) -> Typed | None:
        numbers = self._numbers((phrase.left, phrase.right), where)
        if numbers is None or not self._divides(numbers[1], phrase.right, where):
            return None
        left, right = alike(*numbers)
        if ABSENT in (left.expr, right.expr):
            return Typed(ABSENT, left.type)
        return Typed(ir.Quotient("remainder", left.expr, right.expr, left.type.base), left.type)

    def _divides(self, divisor: Typed, phrase: syntax.Expression, where: Where) -> bool:
        """Whether something can be divided by this; what may be nought is noted among `divisors`."""
        if not isinstance(divisor.expr, ir.Const):
            self.divisors.append(divisor.expr)
        elif divisor.expr.value == 0:
            self._problem("FC343", "nothing can be divided by 0", phrase, where, "write another number")
            return False
        return True

    def _extreme(self, phrase: syntax.ExtremeOf, where: Where, want: Type | None) -> Typed | None:
        items = [self._typed(item, where, want) for item in phrase.items]
        typed = [item for item in items if item is not None]
        if len(typed) < len(items):
            return None
        if all(has_places(item.type) for item in typed):
            most = max(typed, key=lambda item: in_places(item.type))
            typed = [alike(item, most)[0] for item in typed]
        first = typed[0].type
        if first.base not in ORDERED or any(not comparable(item.type, first) for item in typed):
            message = "these are not all dates, durations or numbers of one type"
            self._problem("FC303", message, phrase, where)
            return None
        if any(item.expr == ABSENT for item in typed):
            return Typed(ABSENT, first)
        return Typed(ir.Extreme(phrase.op, tuple(item.expr for item in typed)), first)

    def _length(self, phrase: syntax.LengthOf, where: Where) -> Typed | None:
        item = self._typed(phrase.item, where, None)
        if item is None:
            return None
        if item.type.base != "text" or is_named(item.type):
            hint = "the length of time between two days is `$b - $a`" if item.type.base == "date" else None
            self._problem("FC341", f"{describe(item.type)} has no length, as text has", phrase, where, hint)
            return None
        return Typed(ABSENT if item.expr == ABSENT else ir.Length(item.expr), NUMBER)

    def _problem(
        self,
        code: str,
        message: str,
        node: syntax.Expression | syntax.Comparison | syntax.Constraint,
        where: Where,
        hint: str | None = None,
    ) -> None:
        at = node.at if node.at != (0, 0) else None
        self.problems.append(where.problem(code, message, at, hint))


def _other_type_hint(phrase: syntax.Expression, want: Type) -> str | None:
    """What was meant by a value of another type than is wanted."""
    match phrase:
        case syntax.Constant("text", str(text)):
            return hint_for("constraint", text) or hint_for("word", text)
        case syntax.Constant("number", value) if want.base == "date":
            return f"write a day, such as `2026-11-05`, or count from one: `$day + {value} days`"
        case syntax.Constant("duration") if want.base == "date":
            return f"add it to a day: `$day + {spoken(phrase)}`, `today + {spoken(phrase)}`"
        case syntax.Constant("bool") if want.base == "text":
            return "put it in quotes"
        case syntax.Operation() if want.base == "date" and (day := _meant_as_a_day(phrase)):
            return day
    written = hint_for("a value", spoken(phrase))
    return written or (None if is_named(want) else _FORMS.get(want.base))


_FORMS = {
    "date": "a day reads like `2026-11-21`, `today`, `$day`, `$day + 3 days`",
    "duration": "a length of time reads like `3 days`, `2 weeks`",
    "number": "a number reads like `3`, `$n`, `$n + 1`",
}
"""How a value of a type is written."""


def nearest_or_given(name: str, known: Iterable[str], example: str) -> str:
    """What was meant by a variable without a value: one that is spelt nearly so, or a field to name it in."""
    near = did_you_mean(name, known)
    if isinstance(near, Suggestion):
        return near
    named = f"name it in a field of a condition, as in `{example}`"
    return f"{named}; {near}" if near else named


def _months_hint(phrase: syntax.Expression, want: Type) -> str:
    """How to come from months to what is wanted."""
    if want.base == "period":
        return "count in months or years, as in `6 months`, `18 years`"
    if want.base == "date":
        return f"move a day by it, as in `today - {spoken(phrase)}`"
    return "a month is no number of days: move a day by it, as in `$day + 6 months`"


def _compared_months_hint(test: syntax.Comparison) -> str:
    """How to compare days by months."""
    match test:
        case syntax.Comparison(left=syntax.CivilOf(op=("years_between" | "months_between") as op)):
            word = "years" if op == "years_between" else "months"
            return f"`{spoken(test.left)}` is a number of {word}: write the number alone"
        case syntax.Comparison(left=syntax.Operation("-", end, start), right=span):
            months = span.value if isinstance(span, syntax.Constant) else 1
            word = "months" if int(months or 0) % 12 else "years"
            return f"write `{word} from {spoken(start)} to {spoken(end)}`, a number of {word}"
    return "a month is no number of days: compare days, as in `$day + 6 months before today`"


def _compared_hint(test: syntax.Comparison, left: Type, right: Type) -> str:
    """What was probably meant by a comparison of things that are not alike."""
    for side, type, other in ((test.right, right, left), (test.left, left, right)):
        match side, other.base:
            case syntax.Constant("number", int(value)), "duration":
                return f"did you mean `{value} day{'' if value == 1 else 's'}`?"
            case syntax.Constant("duration", int(value)), "number":
                return f"did you mean `{value}`, a number alone?"
            case syntax.Constant("duration"), "date":
                return f"add it to a day: `$day + {spoken(side)}`, `today - {spoken(side)}`"
            case syntax.Constant("text", str(text)), "number" | "date" | "duration":
                return f"leave out the quotes: `{text}`"
            case syntax.Constant(), "text":
                return """text goes into quotes of its own here, as in `"12"`"""
            case syntax.Word(name), _ if type.base == "text":
                return f"the value of the parameter `{name}` is text: write it without quotes, in figures"
    if (left.base, right.base) == ("date", "duration"):
        return f"compare the days that have passed: `today - {spoken(test.left)}`"
    if left.base != "date":
        return "compare numbers with numbers, days with days, and texts with texts"
    day = _meant_as_a_day(test.right) if isinstance(test.right, syntax.Operation) else None
    return day or _FORMS["date"]


def _meant_as_a_parameter(phrase: syntax.Operation, parameters: Container[str]) -> str | None:
    """The parameter that was meant by one with hyphens, read as a subtraction: `water-every`."""
    words = _hyphened(phrase)
    meant = "_".join(words)
    return meant if words and meant in parameters and not any(word in parameters for word in words) else None


def _hyphened(phrase: syntax.Expression) -> tuple[str, ...]:
    """The words that hyphens join, as the last of a sum; none where anything else stands between them."""
    match phrase:
        case syntax.Word(text):
            return (text,)
        case syntax.Operation("-", left, syntax.Word(last)):
            return (*before, last) if (before := _hyphened(left)) else ()
        case syntax.Operation("+", _, syntax.Word(last)):
            return (last,)
    return ()


def _operation_hint(phrase: syntax.Operation, left: Type, right: Type) -> str | None:
    """How to write what was probably meant by a sum of things that do not go together."""
    match phrase:
        case syntax.Operation("+" | "-" as op, syntax.CivilOf() as civil, added) if left.base == "number":
            before, _, last = spoken(civil).rpartition(" ")
            return f"put the day into brackets: `{before} ({last} {op} {spoken(added)})`"
    if "time" in (left.base, right.base):
        return "times of day are compared and told; nothing is added to them"
    if (phrase.op, left.base, right.base) == ("+", "date", "date"):
        return f"the time between them is `{spoken(phrase.right)} - {spoken(phrase.left)}`"
    if right.base == "date" and left.base in ("duration", "period"):
        return f"the day comes first: `{spoken(phrase.right)} {phrase.op} {spoken(phrase.left)}`"
    if phrase.op == "*" and "date" in (left.base, right.base):
        return "a day is moved with `+` or `-`, as in `$day + 3 days`"
    if {left.base, right.base} == {"duration", "period"}:
        return "move a day by both, one after the other: `$day + 1 month + 3 days`"
    return _missing_unit(phrase, left, right)


def _missing_unit(phrase: syntax.Operation, left: Type, right: Type) -> str | None:
    """What was meant by a number where days are reckoned with: `$day + 7`."""
    if not {left.base, right.base} <= {"date", "duration", "number"} or phrase.op == "*":
        return None
    for side, type in ((phrase.left, left), (phrase.right, right)):
        if isinstance(side, syntax.Constant) and side.base == "number":
            return f"did you mean `{format_duration(int(side.value or 0))}`?"
        if isinstance(side, syntax.Variable) and type.base == "number":
            other = phrase.left if side is phrase.right else phrase.right
            if "date" in (left.base, right.base):
                return f"a day is moved by days: `{spoken(other)} {phrase.op} 1 day * {spoken(side)}`"
        if isinstance(side, syntax.Word) and side.text != "today":
            return f"give the parameter `{side.text}` a duration, such as `2 days`"
    return None


def _meant_as_a_day(phrase: syntax.Operation) -> str | None:
    """What to write for `2026/03/12` or `2026-3-12`, which is reckoned here."""
    match phrase:
        case syntax.Operation(
            "/" | "-",
            syntax.Operation("/" | "-", syntax.Constant("number", int(a)), syntax.Constant("number", int(b))),
            syntax.Constant("number", int(c)),
        ):
            return f"write `{a}-{b:02}-{c:02}`" if a > 999 else "write the year first: `2026-11-05`"
    return None


def _range(phrase: syntax.Operation) -> tuple[int, int] | None:
    """The bounds of what looks like a range and is a subtraction: `1-5`."""
    match phrase:
        case syntax.Operation("-", syntax.Constant("number", low), syntax.Constant("number", high)):
            return (int(low), int(high)) if 0 < int(low) < int(high) else None
    return None


def has_places(type: Type) -> bool:
    """Whether values of a type are numbers, whole ones or decimals."""
    return not is_named(type) and places_of(type.base) is not None


def in_places(type: Type) -> int:
    """The places of a number."""
    return places_of(type.base) or 0


def scaled(expr: ir.Expr, more: int, type: Type | None = None) -> ir.Expr:
    """A number in units of so many places more; `type` is the one that it thereby has."""
    if expr == ABSENT or not more:
        return expr
    if isinstance(expr, ir.Const) and isinstance(expr.value, int):
        base = type.base if type else DECIMALS.get((places_of(expr.kind) or 0) + more)
        if base is not None:  # else it has more places than any type, and would be told in its smallest units
            return ir.Const(expr.value * 10**more, base)
    return ir.Rescale(expr, more)


def alike(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Two numbers in the places of the one that has more."""
    type = max(left.type, right.type, key=in_places)
    one, other = (
        Typed(scaled(t.expr, in_places(type) - in_places(t.type), type), type) for t in (left, right)
    )
    return one, other


def not_nought(divisor: ir.Expr) -> ir.Expr:
    """That a divisor is not nought."""
    return ir.Compare("!=", divisor, ir.Const(0, "number"))


def _operate(op: Literal["+", "-", "*", "/"], left: Typed, right: Typed) -> ir.Expr:
    if op != "*" and left.type.base == "date" and right.type.base == "duration":
        return ir.Shift(left.expr, right.expr, 1 if op == "+" else -1)
    if left.type.base == "date" and right.type.base == "period":
        return ir.Civil("months_after" if op == "+" else "months_before", (left.expr, right.expr))
    if op == "+" and right.type.base == "date" and left.type.base == "period":
        return ir.Civil("months_after", (right.expr, left.expr))
    if op == "+" and right.type.base == "date":
        return ir.Shift(right.expr, left.expr, 1)
    assert op != "/", "a division is rounded where it stands"
    return ir.Arith(op, left.expr, right.expr)


def junction(op: str, items: list[ir.Expr]) -> ir.Expr:
    """`and` or `or` of guards, without those that always or never hold."""
    neutral, decisive = (TRUE, FALSE) if op == "and" else (FALSE, TRUE)
    if decisive in items:
        return decisive
    kept = tuple(item for item in items if item != neutral)
    if len(kept) == 1:
        return kept[0]
    return ir.Junction("and" if op == "and" else "or", kept)


def negated(guard: ir.Expr) -> ir.Expr:
    """What holds where a guard does not."""
    match guard:
        case ir.Compare(op, left, right):
            return ir.Compare(syntax.OPPOSITE[op], left, right)
        case ir.Junction(op, items):
            return junction("or" if op == "and" else "and", [negated(item) for item in items])
        case _:
            raise TypeError(f"no guard: {guard}")
