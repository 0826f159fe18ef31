"""What one is where a value is moved by one: a day, 1, or the last place of a decimal number.

Idea: a bound is moved by the smallest step that can matter. That is the last place of what it is compared
with: of the field that it is demanded of, of the column of its table, of the left side of a comparison.
Example: `covered_from` is `200.00`, and `$amount less than covered_from` becomes `… less than covered_from +
0.01`. Where the type is not known, as within `sum of`, a day and 1 are both tried: what does not fit makes
no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from followcue.base.rows import DECIMALS, places_of
from followcue.language.logic.expressions import TypingContext
from followcue.language.logic.from_model import contexts_of
from followcue.language.logic.types import field_types
from followcue.language.model.rules import Pattern, Rule, RuleHead, Where
from followcue.language.model.syntax import Comparison, Constant, Expression
from followcue.language.model.vocabulary import Type, Vocabulary

Steps: TypeAlias = tuple[Constant, ...]
"""What is added to a value to move it by one: each is tried."""

ONE_DAY: Final = Constant("duration", 1)
ANY_STEPS: Final[Steps] = (ONE_DAY, Constant("number", 1))


class Units:
    """The steps by which the values of one rule are moved."""

    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self._rule = rule
        self._vocabulary = vocabulary
        self._contexts: list[TypingContext] | None = None

    def of_field(self, pattern: Pattern, name: str) -> Steps:
        """Those of a field that a pattern demands something of."""
        return _common([self._field(kind.text, name) for kind in pattern.kinds])

    def of_head(self, head: RuleHead, name: str) -> Steps:
        """Those of a field that a conclusion gives."""
        return _common([self._field(head.target, name)]) if head.kind == "conclude" else ANY_STEPS

    def of_value(self, value: Expression, where: Where) -> Steps:
        """Those of a value, such as a column of a table."""
        return _common([self._type(value, where)])

    def of_test(self, test: Comparison, where: Where) -> Steps:
        """Those of the right side of a comparison: what the left side has values beside each other."""
        left = self._type(test.left, where)
        return _common([left or self._type(test.right, where)])

    def _field(self, kind: str, name: str) -> Type | None:
        found = self._vocabulary.kinds.get(kind)
        types: Mapping[str, Type] = field_types(found, self._vocabulary) if found else {}
        return types.get(name)

    def _type(self, value: Expression, where: Where) -> Type | None:
        if self._contexts is None:
            self._contexts = list(contexts_of(self._rule, self._vocabulary))
        for context in self._contexts:
            typed = context.typed(value, where)
            if typed is not None:
                return typed.type
        return None


def _common(types: list[Type | None]) -> Steps:
    places = {places_of(type.base) for type in types if type is not None}
    if len(places) != 1 or None in types:
        return ANY_STEPS
    (one,) = places
    return ANY_STEPS if one is None else (_number(one),)


def _number(places: int) -> Constant:
    return Constant(DECIMALS[places] if places else "number", 1)
