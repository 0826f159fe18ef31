"""Aggregates as tight loops: each leaves its rows in a list and its value in `t`."""

from __future__ import annotations

from followcue.evaluation.match.compiled.planner import Access
from followcue.evaluation.match.compiled.rows import RowFinder
from followcue.language.logic.program import Aggregate


def write_fold(find: RowFinder, aggregate: Aggregate, access: Access, rows: str) -> str:
    """Write what gathers the aggregate's rows in the variable `rows`; the text of its value.

    What is written after it runs only where there is a value.
    """
    if aggregate.op == "count":
        _gather(find, access, rows)
        return f"len({rows})"
    if aggregate.op == "sum":
        _sum(find, aggregate, access, rows)
    else:
        _extreme(find, aggregate, access, rows)
        find.scope.writer.when(["t is not None"])
    return "t"


def _gather(find: RowFinder, access: Access, rows: str) -> None:
    writer = find.scope.writer
    source, rest = find.source(access)
    if not (rest.keys or rest.fixed or rest.tests):
        writer.add(f"{rows} = {source}")
        find.spend(rows)
        return
    writer.add(f"{rows} = []")
    with writer.block():
        rest = find.open(access, "n")
        columns = find.fetch("n", rest)
        writer.when([*find.equal(rest, columns), *find.pass_tests(rest, columns)])
        writer.add(f"{rows}.append(n)")


def _sum(find: RowFinder, aggregate: Aggregate, access: Access, rows: str) -> None:
    writer = find.scope.writer
    writer.add("t = 0", f"{rows} = []")
    with writer.block():
        value = _open_values(find, aggregate, access)
        writer.add(f"t += {value}", f"{rows}.append(n)")


def _extreme(find: RowFinder, aggregate: Aggregate, access: Access, rows: str) -> None:
    writer = find.scope.writer
    further = ">" if aggregate.op in ("max", "newest") else "<"
    writer.add("t = None")
    with writer.block():
        value = _open_values(find, aggregate, access)
        writer.add(
            f"if t is None or {value} {further} t:",
            f"    t = {value}",
            f"    {rows} = [n]",
            f"elif {value} == t:",
            f"    {rows}.append(n)",
        )


def _open_values(find: RowFinder, aggregate: Aggregate, access: Access) -> str:
    """Open the loop over the rows `n` that have a value in the aggregate's column; its text."""
    assert aggregate.column is not None
    rest = find.open(access, "n")
    columns = find.fetch("n", rest, [aggregate.column])
    value = columns[aggregate.column]
    present = f"{value} is not None"
    find.scope.writer.when([*find.equal(rest, columns), *find.pass_tests(rest, columns), present])
    return value
