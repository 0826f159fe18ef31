"""Nights on a local Spark with a state against judging all, in turns, in one session.

    python benchmarks/spark_nights.py                    10,000 situations, 1%, 5% and 10%, some minutes
    python benchmarks/spark_nights.py --situations 40000 --share 5

The situations are those of nights.py, with ages as the share spreads them. The store has them all; on the
next day the share have one event more, and both ways write all actions. They must be the same. Needs the
extra `spark`, and Java.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import chdir
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "engine"), str(HERE), str(HERE / "workload")]
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:3])

import processes  # noqa: E402
from cluster import _session  # noqa: E402
from measure import machine  # noqa: E402
from nights import INPUT, Population, Told  # noqa: E402
from situations import made_up  # noqa: E402

from followcue.spark import _KeptSituations, judge  # noqa: E402


def spent() -> float:
    """Seconds of the processor that this process and all that it began have taken."""
    return sum(map(processes.processor, processes.tree(os.getpid())))


def took(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of the processor, and on the clock."""
    began, clock = spent(), time.perf_counter()
    work()
    return spent() - began, time.perf_counter() - clock


def write_store(people: Population, made: list[Told]) -> None:
    """The records of all situations, and as a second file what the share say on the next day."""
    people.write(made)
    whole = [json.loads(line) for line in INPUT.read_text("utf-8").splitlines()]
    people.night()
    new = {f"u{i:08}" for i in people._new}
    latest = {r["situation"]: r for r in whole if "date" in r and r["situation"] in new}
    more = [record | {"date": people.today.isoformat()} for record in latest.values()]
    names = list(dict.fromkeys(name for record in whole for name in record))
    first = 1
    for part, records in (("whole", whole), ("more", more)):
        cells = {name: [_cell(record.get(name)) for record in records] for name in names}
        table = pyarrow.table({name: pyarrow.array(each, pyarrow.string()) for name, each in cells.items()})
        table = table.append_column("n", pyarrow.array(range(first, first + len(records)), pyarrow.int64()))
        pyarrow.parquet.write_table(table, f"{part}.parquet")
        first += len(records)


def _cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def row(session: Any, people: Population, given: argparse.Namespace) -> tuple[str, str]:
    """What a night takes with a state, and judging all."""
    share = people._share * 100
    here = Path.cwd()

    def known(*names: str) -> Any:
        return session.read.parquet(*(f"{here}/{name}.parquet" for name in names))

    def night(day: date, number: int, *names: str) -> None:
        found = _KeptSituations(f"{here}/state", "n", as_of=day).night(known(*names), number)
        found.rejects.write.mode("overwrite").parquet(f"{here}/rejects")
        found.actions.write.mode("overwrite").parquet(f"{here}/actions")

    def everything() -> None:
        judged = judge(known("whole", "more"), order="n", as_of=people.today)
        judged.write(f"{here}/all", f"{here}/all.rejects", mode="overwrite")

    first = took(lambda: night(people.today - timedelta(1), 0, "whole"))
    mine, all_of = [], []
    for _ in range(given.times):
        mine.append(took(lambda: night(people.today, 1, "whole", "more")))
        all_of.append(took(everything))
        print(f"{share:g} %: {mine[-1]} {all_of[-1]}", file=sys.stderr, flush=True)
    rows = "SELECT hash(t) AS row, count(*) AS times FROM '{}/*.parquet' t GROUP BY ALL"
    for one, other in (("all", "actions"), ("actions", "all")):
        query = f"SELECT count(*) FROM ({rows.format(one)} EXCEPT {rows.format(other)})"
        assert duckdb.execute(query).fetchall() == [(0,)], query
    [(judged,)] = duckdb.execute(
        f"SELECT count(*) FROM 'state/*/batch=1/*.parquet' WHERE day = DATE '{people.today}'"
    ).fetchall()
    cost, clock = (median(each) for each in zip(*mine, strict=True))
    whole, wall = (median(each) for each in zip(*all_of, strict=True))
    size = sum(path.stat().st_size for path in here.glob("state/*/batch=1/*.parquet"))
    one = 1e6 / people.number
    return (
        f"| {share:g}%: with a state | {judged / people.number:.1%} | {cost * one:,.0f} µs "
        f"| {whole / cost:.1f} | {wall / clock:.1f} | {size / people.number:,.0f} |",
        f"| {share:g}%: judging all | 100% | {whole * one:,.0f} µs | 1.0 | 1.0 | |\n"
        f"| {share:g}%: the first night, Spark cold | 100% | {first[0] * one:,.0f} µs | | | |",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--situations", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--share", type=float, action="append", help="per cent with an event in a night")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    made = [Told(list(records)) for records in made_up(given.seed)]
    print(f"{given.situations:,} situations, {given.cores} cores, Python {machine()['python']}; medians\n")
    print("| | judged | processor, a situation | ratio | ratio on the clock | bytes of the state |")
    print("|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for place in ("local", "log"):
            Path(folder, place).mkdir()
        session = _session(Path(folder), given.cores, "2g")
        for share in given.share or [1, 5, 10]:
            inside = Path(folder, f"{share:g}")
            inside.mkdir()
            with chdir(inside):
                people = Population(given.situations, share, given.seed, made)
                write_store(people, made)
                print("\n".join(row(session, people, given)), flush=True)
        session.stop()


if __name__ == "__main__":
    main()
