"""Cells of decision tables -> guards: what a row asks of a value, and that no row above fits.

A cell is typed as what is demanded of a field is: its words are those of the type of its column. A column
that has no value in a clause (of a `maybe` that found nothing) is `absent`, and nothing else: the rows above
that ask for more of it do not fit, so that the next row may.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from followcue.language.logic import program as ir
from followcue.language.logic.expressions import ABSENT, FALSE, TRUE, Typed, TypingContext, junction, negated
from followcue.language.model.rules import NoRowAbove, TableCell, Where
from followcue.language.model.syntax import Constraint, Expression
from followcue.language.model.vocabulary import Type


def cell_guard(context: TypingContext, cell: TableCell) -> ir.Expr | None:
    """The guard of a cell, FALSE if it can never hold; None after a mistake."""
    column = column_value(context, cell.value, cell.head or cell.where)
    if column is None:
        return None
    guards = [_guard(context, column, constraint, cell) for constraint in cell.constraints]
    known = [guard for guard in guards if guard is not None]
    return junction("and", known) if len(known) == len(guards) else None


def column_value(
    context: TypingContext, phrase: Expression, where: Where, want: Type | None = None
) -> Typed | None:
    """The value of a column or a cell, which divides by nothing that might be nought; None after a mistake.

    Where it were nought no row would fit, and nobody would see the gap.
    """
    known = len(context.divisors)
    typed = context.typed(phrase, where, want)
    if len(context.divisors) == known:
        return typed
    del context.divisors[known:]
    message = "a table divides by nothing that might be nought"
    hint = "give the result a name under `when:`, as in `where: $share is …`, and ask for that"
    context.problems.append(where.problem("FC343", message, hint=hint))
    return None


def no_row_guards(context: TypingContext, above: NoRowAbove) -> Iterator[ir.Expr]:
    """One guard for each row above: it does not fit. What is wrong with these rows they say themselves."""
    before = len(context.problems)
    for row in above.rows:
        guards = [cell_guard(context, cell) for cell in row]
        if all(guard is not None for guard in guards):
            yield negated(junction("and", [guard for guard in guards if guard is not None]))
    del context.problems[before:]


def _guard(context: TypingContext, column: Typed, constraint: Constraint, cell: TableCell) -> ir.Expr | None:
    op = constraint.op
    is_absent = column.expr == ABSENT
    if op in ("present", "absent"):
        return TRUE if is_absent == (op == "absent") else FALSE
    if op == "any":
        return TRUE
    listed = op == "in"
    guards: list[ir.Expr] = []
    for place, value in enumerate(constraint.values):
        where = cell.where / place if listed else cell.where
        typed = column_value(context, value, where, column.type)
        compared = cast(ir.CompareOp, "==" if listed else op)
        if typed is None or not context.ordered(compared, column.type, constraint, where):
            return None
        if not context.has_parts(compared, column.type, constraint, where):
            return None
        if is_absent or typed.expr == ABSENT:
            guards.append(FALSE)
        else:
            guards.append(ir.Compare(compared, column.expr, typed.expr))
    return junction("or", guards)
