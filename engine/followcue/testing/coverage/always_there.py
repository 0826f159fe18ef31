"""Which conditions can never fail, whatever the situation: so no test has to show that they do.

Idea: a record of the scope is there by itself, and so is what a reference table lists, and what a rule or a
complete table concludes from nothing but such facts. A condition that only names their fields always holds.
Example: `loan: {persons: $persons}` where every loan has `persons`, and `living: {amount: $amount}` where a
complete table concludes it from that.

Invariant: only what is certain counts. A field may be named if it is required or has a default, or if all
that concludes the fact gives it; a value that is demanded, a choice or a profile makes a condition one that
may fail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic.atoms import bare_variable
from followcue.language.model.decision_table import Table, TableRow, table_of
from followcue.language.model.rules import AnyCondition, Assigned, Condition, Gathering, Rule
from followcue.language.model.syntax import (
    CivilOf,
    Constant,
    Expression,
    Operation,
    RoundedTo,
    Variable,
    Word,
)


class AlwaysThere:
    """The kinds of facts of a pack of which there always is one, with the fields that it always has."""

    def __init__(self, loaded: LoadedPack) -> None:
        self._vocabulary = loaded.pack.vocabulary
        self._fields: dict[str, frozenset[str]] = {}
        scope = self._vocabulary.shape.scope
        if scope is not None:
            kind = self._vocabulary.kinds[scope]
            required = {one.fields[0] for one in kind.require if len(one.fields) == 1 and not one.several_of}
            given = {field.name for field in kind.fields if field.default is not None and not field.many}
            self._fields[scope] = frozenset(required | given | {"id", scope})
        rules = [rule for rule in loaded.rules if table_of(rule.id) is None]
        while self._learn(rules, loaded.tables):
            pass

    def holds(self, condition: AnyCondition) -> bool:
        """Whether a condition can never fail."""
        if isinstance(condition, Gathering):
            return condition.word in ("count", "sum")
        if not isinstance(condition, Condition):
            return False
        if condition.word in ("count", "sum", "maybe", "maybe newest", "maybe oldest"):
            return True
        return condition.word == "there is" and any(
            kind.text in self._fields
            and all(
                bare_variable(d) and d.field in self._fields[kind.text] for d in condition.pattern.demands
            )
            for kind in condition.pattern.kinds
        )

    def _learn(self, rules: Iterable[Rule], tables: Iterable[Table]) -> bool:
        """Whether there is another kind of which there always is a fact, which is then known."""
        before = len(self._fields)
        for rule in rules:
            if rule.head is not None and self._always(rule.whole, rule.when, rule.profiles):
                for head in rule.head.each:
                    if head.kind == "conclude":
                        self._add(rule.whole, head.target, [head.values])
        for table in tables:
            certain = (table.is_reference or table.complete) and not table.unread and table.rows
            if (
                certain
                and table.head.kind == "conclude"
                and self._always(table.whole, table.when, table.profiles)
            ):
                given = [{**table.head.values, **_assigned(row)} for row in table.rows]
                self._add(table.whole, table.head.target, given)
        return len(self._fields) > before

    def _always(self, whole: bool, when: Iterable[AnyCondition], profiles: Collection[object]) -> bool:
        return not profiles and all(map(self.holds, when)) and (not whole or not any(when))

    def _add(self, whole: bool, target: str, given: Iterable[Mapping[str, Assigned]]) -> None:
        kind = self._vocabulary.kinds.get(target)
        if kind is None or target in self._fields or (whole and kind.scoped):
            return
        always = frozenset.intersection(
            *(frozenset(name for name, one in row.items() if _has_value(one.expression)) for row in given)
        )
        self._fields[target] = always | {self._vocabulary.shape.scope or ""}


def _assigned(row: TableRow) -> dict[str, Assigned]:
    return {name: given for name, given in row.gives.items() if isinstance(given, Assigned)}


def _has_value(expression: Expression) -> bool:
    """Whether an expression of values that are there has a value itself; only of simple ones it is known."""
    match expression:
        case Constant() | Variable() | Word():
            return True
        case Operation(op, left, right):
            return op != "/" and _has_value(left) and _has_value(right)
        case RoundedTo(item):
            return _has_value(item)
        case CivilOf(_, items):
            return all(map(_has_value, items))
    return False
