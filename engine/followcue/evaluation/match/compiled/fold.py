"""Aggregates: answered by an index (`Stretch`) where one can, else as tight loops over rows."""

from __future__ import annotations

from typing import NamedTuple

from followcue.evaluation.match.compiled.planner import Access, Aggregation
from followcue.evaluation.match.compiled.row_finder import RowFinder, Stretch
from followcue.language.logic.program import Aggregate


class Folded(NamedTuple):
    """The texts of an aggregate's value, of its rows to go through, and of these as derivations keep them."""

    value: str
    rows: str
    kept: str


def write_fold(find: RowFinder, aggregate: Aggregate, step: Aggregation) -> Folded:
    """Write what computes an aggregate; what is written after it runs only where there is a value."""
    if step.at_once and find.scope.writer.loops:
        return _look_up(find, aggregate, step.access)
    rows = f"a{step.aggregate}"
    value = "t"
    if aggregate.op == "count":
        _gather(find, step.access, rows)
        value = f"len({rows})"
    elif aggregate.op == "sum":
        _sum(find, aggregate, step.access, rows)
    else:
        _extreme(find, aggregate, step.access, rows)
        find.scope.writer.when(["t is not None"])
    return Folded(value, rows, f"tuple({rows})")


# --- by an index
def _look_up(find: RowFinder, aggregate: Aggregate, access: Access) -> Folded:
    if aggregate.op == "count" and not access.bounds:
        rows = find.named(find.with_keys(access))
        return _slice(f"len({rows})", rows, "0", f"len({rows})")
    if aggregate.op == "count":
        _, start, stop = stretch = find.stretch(access)
        return _slice(f"{stop} - {start}", stretch.rows, start, stop)
    if aggregate.op == "sum":
        _, start, stop = stretch = find.stretch(access, summed=aggregate.column)
        return _slice(f"{stretch.sums}[{stop}] - {stretch.sums}[{start}]", stretch.rows, start, stop)
    assert aggregate.column is not None
    last = aggregate.op in ("max", "newest")
    if not access.bounds or access.bounds[0].column == aggregate.column:
        return _end(find, find.stretch(access, order=aggregate.column), last=last)
    rows = find.reach(access, aggregate.column, "max" if last else "min")
    find.scope.writer.when([rows])
    return Folded(f"{rows}[0][{aggregate.column}]", rows, rows)


def _end(find: RowFinder, stretch: Stretch, *, last: bool) -> Folded:
    """The last value of a stretch, or the first, and all rows that have it."""
    _, start, stop = stretch
    find.scope.writer.when([f"{start} < {stop}"])
    value = find.named(f"{stretch.values}[{f'{stop} - 1' if last else start}]")
    side = find.scope.use("bisect_left" if last else "bisect_right")
    turn = find.named(f"{side}({stretch.values}, {value}, {start}, {stop})")
    return _slice(value, stretch.rows, *((turn, stop) if last else (start, turn)))


def _slice(value: str, rows: str, start: str, stop: str) -> Folded:
    return Folded(value, f"{rows}[{start}:{stop}]", f"RowSlice({rows}, {start}, {stop})")


# --- by a loop
def _gather(find: RowFinder, access: Access, rows: str) -> None:
    writer = find.scope.writer
    source, rest = find.source(access)
    if rest.any_row:
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
