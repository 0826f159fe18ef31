"""Aggregates as tight loops: each leaves its rows in a list and its value in `t`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from followcue.evaluation.match.compiled.planner import Access, Aggregation
from followcue.evaluation.match.compiled.row_finder import RowFinder
from followcue.language.logic.program import Aggregate


def write_fold(find: RowFinder, aggregate: Aggregate, step: Aggregation, rows: str) -> str:
    """Write what gathers the aggregate's rows in the variable `rows`; the text of its value.

    What is written after it runs only where there is a value.
    """
    writer = find.scope.writer
    if aggregate.op == "count" and step.access.any_row and not writer.loops:
        writer.add(f"{rows} = {find.relation(step.access.relation)}")
    elif step.at_once and writer.loops:
        _fold_by_length(find, aggregate, step.access, rows)
    else:
        opened = partial(find.open, step.access, "n")
        _fold_each(find, aggregate, opened, rows)
    if aggregate.op not in ("count", "sum"):
        writer.when(["t is not None"])
    return f"len({rows})" if aggregate.op == "count" else "t"


def _fold_by_length(find: RowFinder, aggregate: Aggregate, access: Access, rows: str) -> None:
    """Ask `long_lists` about many rows, go through few; neither is counted."""
    writer = find.scope.writer
    source, rest = find.source(access)
    if aggregate.op == "count" and rest.any_row:
        few, many = find.scope.use("FEW"), find.long("between", None, "()")
        writer.add(f"c = {source}", f"{rows} = c if len(c) <= {few} else {many}")
        return
    writer.add(
        f"c = {source}",
        f"if len(c) > {find.scope.use('FEW')}:",
        f"    {_long(find, aggregate, access, rows)}",
    )

    def opened() -> Access:
        writer.open("for n in c:")
        return rest

    with writer.block():
        writer.open("else:")
        _fold_each(find, aggregate, opened, rows)


def _long(find: RowFinder, aggregate: Aggregate, access: Access, rows: str) -> str:
    """The statement that has the answer for a long list."""
    bounds = find.bounds(access)
    order = access.bounds[0].column if access.bounds else None
    column = aggregate.column
    if aggregate.op == "count":
        return f"{rows} = {find.long('between', order, bounds)}"
    if aggregate.op == "sum":
        return f"{rows}, t = {find.long('total', order, bounds, column)}"
    last = aggregate.op in ("max", "newest")
    return f"{rows}, t = {find.long('extreme', bounds, order, column, f'{last=}')}"


def _fold_each(find: RowFinder, aggregate: Aggregate, opened: Callable[[], Access], rows: str) -> None:
    """Go through the rows `n` of the loop that `opened` opens; what it gives is left to demand of them."""
    if aggregate.op == "count":
        _gather(find, opened, rows)
    elif aggregate.op == "sum":
        _sum(find, aggregate, opened, rows)
    else:
        _extreme(find, aggregate, opened, rows)


def _gather(find: RowFinder, opened: Callable[[], Access], rows: str) -> None:
    writer = find.scope.writer
    writer.add(f"{rows} = []")
    with writer.block():
        rest = opened()
        columns = find.fetch("n", rest)
        writer.when([*find.equal(rest, columns), *find.pass_tests(rest, columns)])
        writer.add(f"{rows}.append(n)")


def _sum(find: RowFinder, aggregate: Aggregate, opened: Callable[[], Access], rows: str) -> None:
    writer = find.scope.writer
    writer.add("t = 0", f"{rows} = []")
    with writer.block():
        value = _open_values(find, aggregate, opened)
        writer.add(f"t += {value}", f"{rows}.append(n)")


def _extreme(find: RowFinder, aggregate: Aggregate, opened: Callable[[], Access], rows: str) -> None:
    writer = find.scope.writer
    further = ">" if aggregate.op in ("max", "newest") else "<"
    writer.add("t = None")
    with writer.block():
        value = _open_values(find, aggregate, opened)
        writer.add(
            f"if t is None or {value} {further} t:",
            f"    t = {value}",
            f"    {rows} = [n]",
            f"elif {value} == t:",
            f"    {rows}.append(n)",
        )


def _open_values(find: RowFinder, aggregate: Aggregate, opened: Callable[[], Access]) -> str:
    """Open the loop over the rows `n` that have a value in the aggregate's column; its text."""
    assert aggregate.column is not None
    rest = opened()
    columns = find.fetch("n", rest, [aggregate.column])
    value = columns[aggregate.column]
    present = f"{value} is not None"
    find.scope.writer.when([*find.equal(rest, columns), *find.pass_tests(rest, columns), present])
    return value
