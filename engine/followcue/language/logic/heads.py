"""Heads: what a rule brings about -> the row that its clauses derive."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.base.diagnostic import did_you_mean
from followcue.language.logic import program as ir
from followcue.language.logic.atoms import KindShape
from followcue.language.logic.expressions import ABSENT, TypingContext
from followcue.language.logic.types import describe
from followcue.language.model.pack import (
    RECOMMENDATION,
    RECOMMENDATION_COLUMNS,
    STEP,
    TIP,
    TIP_COLUMNS,
    WARNING,
    WARNING_COLUMNS,
)
from followcue.language.model.rules import Assigned, RuleHead
from followcue.language.model.syntax import Variable
from followcue.language.model.vocabulary import DATE, TEXT, Type

ADVICE = {"tip": (TIP, TIP_COLUMNS), "step": (STEP, TIP_COLUMNS), "warn": (WARNING, WARNING_COLUMNS)}
"""The relations of heads that recommend nothing of their own."""


class HeadBuilder:
    """Builds the head of one clause, whose variables `context` knows; mistakes go to the context's problems.

    `scope_name` is the variable of the record that the rule speaks of, None in rules of the whole.
    """

    def __init__(self, context: TypingContext, scope_name: str | None) -> None:
        self.context = context
        self.scope_name = scope_name
        self.vocabulary = context.vocabulary

    def build(self, head: RuleHead) -> ir.Head | None:
        """The head; None after a mistake in what it concludes."""
        if head.kind == "conclude":
            return self._conclusion(head)
        relation, columns = ADVICE.get(head.kind, (RECOMMENDATION, RECOMMENDATION_COLUMNS))
        values = [self._advice_value(column, head.values) for column in columns]
        return ir.Head(relation, tuple(values))

    def _advice_value(self, column: str, values: Mapping[str, Assigned]) -> ir.Expr:
        if column == "scope":
            return ir.Var(self.scope_name) if self.scope_name else ABSENT
        assigned = values.get(column)
        if assigned is None:
            return ABSENT
        if column in ("open", "due", "close", "until"):
            return self._value(assigned, DATE)
        return self._name_value(assigned)

    def _name_value(self, assigned: Assigned) -> ir.Expr:
        """A value of `to`, `about` or `channel`: any text, whatever its type's name."""
        typed = self.context.typed(
            assigned.expression, assigned.where, None if isinstance(assigned.expression, Variable) else TEXT
        )
        if typed is not None and typed.type.base != "text":
            message = f"this must name someone or something, not {describe(typed.type)}"
            hint = "give it a word, or a variable that stands for somebody, such as `$person`"
            self.context.problems.append(assigned.where.problem("FC303", message, hint=hint))
        return typed.expr if typed else ABSENT

    def _value(self, assigned: Assigned, want: Type) -> ir.Expr:
        typed = self.context.typed(assigned.expression, assigned.where, want)
        return typed.expr if typed else ABSENT

    def _conclusion(self, head: RuleHead) -> ir.Head | None:
        kind = self.vocabulary.kinds.get(head.target)
        if kind is None or kind.role != "conclusion":
            self._not_a_conclusion(head, "an event or record" if kind else None)
            return None
        if (
            kind.scoped
            and self.vocabulary.shape.scope
            and self.scope_name is None
            and not self._names_scope(head)
        ):
            scope = self.vocabulary.shape.scope
            message = f"`{kind.name}` belongs to one {scope}, and this rule speaks of the whole"
            hint = f"give it `{scope}: $…`, or leave out `for`"
            self.context.problems.append(head.where.problem("FC311", message, None, hint))
            return None
        return self._conclusion_head(kind.name, KindShape.of(kind, self.vocabulary), head)

    def _not_a_conclusion(self, head: RuleHead, instead: str | None) -> None:
        conclusions = [kind.name for kind in self.vocabulary.kinds.values() if kind.role == "conclusion"]
        hint = did_you_mean(head.target, conclusions) or "declare it under `conclusions:` in the vocabulary"
        if instead:
            hint = "rules conclude what stands under `conclusions:` of the vocabulary: give it a name there"
        message = (
            f"`{head.target}` is {instead}, not a conclusion"
            if instead
            else f"there is no conclusion `{head.target}`"
        )
        self.context.problems.append(head.where.problem("FC302", message, None, hint))

    def _names_scope(self, head: RuleHead) -> bool:
        return self.vocabulary.shape.scope in head.values

    def _conclusion_head(self, name: str, shape: KindShape, head: RuleHead) -> ir.Head:
        for field in head.values:
            if field not in shape.types:
                hint = did_you_mean(field, shape.types)
                message = f"`{name}` has no field `{field}`"
                self.context.problems.append(
                    head.values[field].where.as_key().problem("FC302", message, None, hint)
                )
        columns = [column.name for column in self.vocabulary.relations[name].columns]
        return ir.Head(name, tuple(self._conclusion_value(column, shape, head) for column in columns))

    def _conclusion_value(self, column: str, shape: KindShape, head: RuleHead) -> ir.Expr:
        assigned = head.values.get(column)
        if assigned is not None:
            return self._value(assigned, shape.types[column])
        if column == shape.scope and self.scope_name:
            return ir.Var(self.scope_name)
        return ABSENT
