"""A day that is moved by months twice, the second time from the last day of a month that has no such day.

    $granted + 1 month + 1 month      from 31 January: 28 February, then 28 March
    $granted + 2 months               from 31 January: 31 March

To move once is mostly what is meant, and so is `$born + (18 years + 3 months)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.language.model.leaves import parts_of, values_of
from followcue.language.model.syntax import Constant, Expression, Operation, Word
from followcue.language.model.unparse import spoken
from followcue.language.model.vocabulary import Vocabulary


def days_moved_by_months_twice(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each day that is moved by months, and then by months again."""
    for name in sorted(context.about):
        for value in values_of(context.rules[name]):
            for part in parts_of(value.expression):
                match part:
                    case Operation(op, Operation(first_op, day, first), second) if (
                        op in "+-"
                        and first_op in "+-"
                        and not _is_period(day, context.vocabulary)
                        and _is_period(first, context.vocabulary)
                        and _is_period(second, context.vocabulary)
                    ):
                        together = f"{spoken(first)} {'+' if op == first_op else '-'} {spoken(second)}"
                        message = (
                            "this moves a day by months twice, the second time from the last day of a month "
                            "that has no such day"
                        )
                        hint = f"move it once: `{spoken(day)} {first_op} ({together})`"
                        problem = value.where.problem("FC347", message, part.at, hint)
                        yield LintFinding(problem, "warning", name)


def _is_period(value: Expression, vocabulary: Vocabulary) -> bool:
    match value:
        case Constant("period"):
            return True
        case Word(text) if text in vocabulary.parameters:
            return vocabulary.parameters[text].type.base == "period"
        case Operation(_, left, right):
            return _is_period(left, vocabulary) or _is_period(right, vocabulary)
    return False
