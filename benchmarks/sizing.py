"""Writes docs/sizing.md from what `population.py`, `cluster.py`, `nights.py` and `spark_nights.py` measured.

    python benchmarks/sizing.py

Every figure of the page comes from benchmarks/results/, or is calculated there as the page shows; the same
results give the same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from tables import rows, value  # noqa: E402

POPULATION, CLUSTER = HERE / "results" / "population.md", HERE / "results" / "cluster.md"
NIGHTS, SPARK_NIGHTS = HERE / "results" / "nights.md", HERE / "results" / "spark_nights.md"
PAGE = HERE.parent / "docs" / "sizing.md"
MANY = 100_000_000
CORES = (100, 500)
AN_EXECUTOR = 5
"""Cores of an executor in the calculation."""
TO_SPARE = 1.5
"""So much of the memory that was held is asked for."""
A_TASK = 60
"""Seconds that a task of the calculation takes."""
HOUR = 3600


# --- results
class Head(NamedTuple):
    """What the first line of a file of results says."""

    situations: int
    records: int
    cores: int
    rest: str

    @classmethod
    def of(cls, text: str) -> Head:
        first = text.splitlines()[0]

        def number(what: str) -> int:
            (found,) = re.findall(rf"([\d,]+) (?:{what})", first)[:1]
            return int(found.replace(",", ""))

        return cls(
            number("situations"), number("records"), number("workers?|cores"), first.rpartition("; ")[2]
        )


class Run(NamedTuple):
    """One run: seconds, megabytes, and microseconds of the processor for one situation."""

    wall: float
    processor: float
    each: float
    main: float
    worker: float
    disk: float
    written: float
    more: float
    """Microseconds for one situation more."""
    fixed: float
    """Seconds however many there are."""


class Figures:
    """The results, by name."""

    def __init__(self, population: str, cluster: str) -> None:
        self.population = Head.of(population)
        self.cluster = Head.of(cluster)
        self.forms = {name: row for name, row in rows(population).items() if "written" in row}
        found = rows(cluster)
        self.batch = _run(found["followcue batch"])
        self.spark = _run(found["Spark"])
        self.shuffled = value(found["Spark"]["shuffled"])
        self.parts = {
            name: value(found[name]["for one situation"])
            for name in ("reading, shuffle, sort", "handing rows to Python", "judging, writing")
        }
        self.start = value(found["session start"]["processor"])

    @property
    def overhead(self) -> float:
        """How much more one situation more takes on Spark."""
        return self.spark.more / self.batch.more

    @property
    def busy(self) -> float:
        """Which part of the time the cores were busy while Spark ran."""
        return min(1.0, self.spark.processor / (self.spark.wall * self.cluster.cores))

    def bytes_each(self, megabytes: float) -> float:
        return megabytes * 1e6 / self.cluster.situations


def _run(row: Mapping[str, str]) -> Run:
    names = ("wall", "processor", "for one situation", "peak: main process", "peak: one worker")
    names += ("disk meanwhile", "written", "one situation more", "however many")
    return Run(*(value(row[name]) for name in names))


# --- the page
def page(population: str, cluster: str, nights: str = "", spark_nights: str = "") -> str:
    """The whole page; without `nights` there is nothing on a state, nor in Spark without `spark_nights`."""
    found = Figures(population, cluster)
    parts = [
        "# Sizing a nightly run",
        *_begin(found),
        "## What a situation costs",
        *_costs(found),
        "## One machine",
        *_machine(found),
        *_nights(nights),
        "## A cluster: 100 million situations",
        *_cluster(found),
        *_cluster_nights(found, spark_nights),
        "## What grows how",
        *_growth(found),
        "## What was not measured",
        *_unknown(found),
        "## Measure your own",
        *_reproduce(),
    ]
    return "\n\n".join(parts) + "\n"


def _begin(found: Figures) -> Iterator[str]:
    yield (
        "How many cores, how much memory and disk, how long: for [many situations](batch.md) on one "
        "machine and on a cluster. All figures were measured, or are calculated from measured ones as "
        f"shown, and were written here by a program. Situations have 20 events and {_per(found)} records; "
        f"{found.cluster.rest}. *Cost* is processor time of all processes, Java included; a core-hour is "
        "one core busy for an hour."
    )


def _per(found: Figures) -> str:
    return f"{found.cluster.records / found.cluster.situations:.0f}"


def _costs(found: Figures) -> Iterator[str]:
    lines = [
        "| | measured on | for one situation | for a million |",
        "|---|--:|--:|--:|",
    ]
    measured = [
        *(
            (f"`followcue batch`, {name}", found.population.situations, value(row["for one situation"]))
            for name, row in found.forms.items()
        ),
        ("`followcue batch`, beside Spark", found.cluster.situations, found.batch.each),
        ("– one situation more", found.cluster.situations, found.batch.more),
        ("`followcue.spark`, parquet to parquet", found.cluster.situations, found.spark.each),
        ("– one situation more", found.cluster.situations, found.spark.more),
    ]
    lines += [
        f"| {name} | {number:,} | {each:,.0f} µs | {_core_hours(each, 1_000_000)} |"
        for name, number, each in measured
    ]
    yield "\n".join(lines)
    yield (
        "*One situation more* is the difference between all situations and a quarter of them: what does "
        f"not grow with their number is not in it. On Spark that is {found.spark.fixed:,.0f} s (Java, the "
        f"session, the first use of everything, rules in each Python worker), {found.batch.fixed:,.1f} s "
        f"otherwise. So Spark has an overhead of {found.overhead:.2f} for each situation, and pays off when "
        "one machine is not enough: the rows are the same."
    )
    parts = "; ".join(f"{name} {each:,.0f} µs" for name, each in found.parts.items())
    yield f"Of Spark's {found.spark.each:,.0f} µs, after the start of the session: {parts}."


def _core_hours(each: float, number: int) -> str:
    hours = each * number / 1e6 / HOUR
    return f"{hours:,.2f} core-hours" if hours < 10 else f"{hours:,.0f} core-hours"


def _machine(found: Figures) -> Iterator[str]:
    batch, each = found.batch, found.batch.more
    cores, seconds = 8, found.batch.more * 1_000_000 / 1e6 / 8
    yield "\n".join(
        [
            f"- **Time**: situations × {each:,.0f} µs / cores. A million on {cores} cores: 1,000,000 × "
            f"{each:,.0f} µs / {cores} = {seconds:,.0f} s, {seconds / 60:.0f} minutes, while all cores are "
            "busy.",
            "- **Memory**: what `--memory` allows for sorting (1 GB if nothing is said), and "
            f"{batch.worker:,.0f} MB for each worker. {_peaks(found)}",
            f"- **Disk meanwhile**: {found.bytes_each(batch.disk):,.0f} bytes a situation, beside the "
            f"output, for sorted records and finished parts; {found.bytes_each(batch.disk) / 1e3:,.1f} GB "
            "for a million.",
            f"- **Output** as Parquet: {found.bytes_each(batch.written):,.0f} bytes a situation. "
            f"{_as_lines(found)}",
        ]
    )


def _nights(nights: str) -> Iterator[str]:
    """What a night costs where only what can have changed is judged, and that of 100 million."""
    if not nights:
        return
    first, _, *table = nights.strip().splitlines()
    cost = {name: row["processor, a situation"] for name, row in rows(nights).items()}
    shares = list(dict.fromkeys(name.partition(": ")[0] for name in cost))
    kept = value(cost[f"{shares[0]}: bytes of the state"])
    yield "## Night after night"
    yield (
        "With [`--state`](batch.md#night-after-night) only what can have changed is judged. "
        f"{first}. So many situations have an event in a night; *judged*: those and the ones whose day has "
        "come; *ratio*: to judging all, by processor time, the start of the run included."
    )
    yield "\n".join(line for line in table if "bytes of the state" not in line)
    yield (
        f"The state has {kept:,.0f} bytes a situation, records included. "
        f"{MANY:,} situations in one night, calculated from the same figures:"
    )
    lines = ["| | " + " | ".join(f"{share} have an event" for share in shares) + " |"]
    lines.append("|---" + "|--:" * len(shares) + "|")
    for way in ("judging all", "whole", "delta", "delta, changed"):
        hours = (_core_hours(value(cost[f"{share}: {way}"]), MANY) for share in shares)
        lines.append(f"| {way} | " + " | ".join(hours) + " |")
    yield "\n".join(lines)
    yield (
        f"A state is one file on one machine, so {MANY:,} are best cut into some hundred populations, each "
        f"with a state of its own; together these take {_gigabytes(kept * MANY)}."
    )


def _peaks(found: Figures) -> str:
    """What the largest measured run held."""
    name, row = max(found.forms.items(), key=lambda each: value(each[1]["peak: command"]))
    return (
        f"The most that the command itself held was {row['peak: command']}, a worker "
        f"{row['peak: one worker']} ({name}, {found.population.situations:,} situations)."
    )


def _as_lines(found: Figures) -> str:
    """How much more lines of JSON are, if both were measured."""
    written = {name.rpartition(" ")[2]: value(row["written"]) for name, row in found.forms.items()}
    if len(written) < 2:
        return ""
    return f"Lines of JSON are {written['jsonl'] / written['parquet']:,.0f} times as long."


def _cluster(found: Figures) -> Iterator[str]:
    spark, batch = found.spark, found.batch
    hours = MANY * spark.more / 1e6 / HOUR
    per_task = int(A_TASK / (spark.more / 1e6) / 1000) * 1000
    tasks = -(-MANY // per_task)
    shuffled = found.bytes_each(found.shuffled)
    heap = spark.main / found.cluster.cores
    executor = AN_EXECUTOR * (heap + spark.worker)
    yield f"A calculation, not a measurement: {MANY:,} situations of the size above, judged each night."
    yield "\n".join(
        [
            f"1. **Work.** {MANY:,} × {batch.more:,.0f} µs × {found.overhead:.2f} (Spark's overhead) = "
            f"{MANY:,} × {spark.more:,.0f} µs = {MANY * spark.more / 1e6:,.0f} s = {hours:,.0f} core-hours.",
            f"2. **Busy cores.** In the measured run the cores were busy {found.busy:.0%} of the time, the "
            f"start of the session included: {hours:,.0f} / {found.busy:.2f} = {hours / found.busy:,.0f} "
            "core-hours to be had.",
            f"3. **Tasks.** In {A_TASK} s a core judges {A_TASK} s / {spark.more:,.0f} µs = some "
            f"{per_task:,} situations, so {MANY:,} / {per_task:,} = {tasks:,} tasks: `judge(…, "
            f"partitions={tasks})`. Longer tasks leave cores idle at the end, shorter ones cost more to "
            "start.",
            f"4. **Shuffle.** {shuffled:,.0f} bytes a situation, compressed: {MANY:,} × {shuffled:,.0f} = "
            f"{_gigabytes(MANY * shuffled)}, written to local disks once and read over the network once; "
            f"{_megabytes(per_task * shuffled)} for a task.",
            f"5. **Local disk.** {found.bytes_each(spark.disk):,.0f} bytes a situation for the shuffle and "
            f"for what is kept for both outputs: {_gigabytes(MANY * found.bytes_each(spark.disk))} over all "
            "executors.",
            f"6. **Memory.** Java held {spark.main:,.0f} MB for {found.cluster.cores} cores, {heap:,.0f} MB "
            f"for each, and a Python worker at most {spark.worker:,.0f} MB. An executor of {AN_EXECUTOR} "
            f"cores: {AN_EXECUTOR} × ({heap:,.0f} + {spark.worker:,.0f}) MB = {_megabytes(executor * 1e6)}; "
            "with half as much to spare, "
            f"`spark.executor.memory={_whole_gigabytes(AN_EXECUTOR * heap * TO_SPARE)}g`, and "
            f"`spark.executor.memoryOverhead={_whole_gigabytes(AN_EXECUTOR * spark.worker * TO_SPARE)}g` "
            "for the workers.",
            f"7. **Output.** {found.bytes_each(spark.written):,.0f} bytes a situation: "
            f"{_gigabytes(MANY * found.bytes_each(spark.written))} of Parquet.",
        ]
    )
    lines = ["| cores | executors | wall time | shuffle for one core |", "|--:|--:|--:|--:|"]
    lines += [
        f"| {cores} | {cores // AN_EXECUTOR} | {hours:,.0f} h / {found.busy:.2f} / {cores} = "
        f"{_time(hours / found.busy / cores)} | {_gigabytes(MANY * shuffled / cores)} |"
        for cores in CORES
    ]
    yield "\n".join(lines)


def _cluster_nights(found: Figures, nights: str) -> Iterator[str]:
    """What a night of 100 million takes where Spark keeps what came of each situation."""
    if not nights:
        return
    first, _, *table = nights.strip().splitlines()
    measured = rows(nights)
    shares = [name.partition(": ")[0] for name in measured if name.endswith("with a state")]
    yield "### With a state"
    yield (
        "[`judge_daily(…, state=…)`](batch.md#on-a-cluster) judges only what can have changed. Measured in "
        f"one session, in turns, after its start: {first}. *Ratio*: to judging all, by processor time."
    )
    yield "\n".join(table)
    hours = MANY * found.spark.more / 1e6 / HOUR
    lines = ["| | work | busy cores | on 500 cores | state |", "|---|--:|--:|--:|--:|"]
    for share in shares:
        row = measured[f"{share}: with a state"]
        ratio, size = value(row["ratio"]), value(row["bytes of the state"])
        less = hours / ratio
        lines.append(
            f"| {share} have an event | {hours:,.0f} / {ratio:.1f} = {less:,.0f} core-hours "
            f"| {less:,.0f} / {found.busy:.2f} = {less / found.busy:,.0f} core-hours "
            f"| {_time(less / found.busy / 500)} | {_gigabytes(size * MANY)} |"
        )
    yield (
        f"{MANY:,} situations, calculated: the {hours:,.0f} core-hours of step 1 by the measured ratio, by "
        "the part of the time that cores were busy (step 2). The state is written anew each night, beside "
        "that of the night before."
    )
    yield "\n".join(lines)


def _whole_gigabytes(megabytes: float) -> int:
    return int(-(-megabytes // 1000))


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.0f} GB" if size >= 1e10 else f"{size / 1e9:,.1f} GB"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB" if size >= 1e7 else f"{size / 1e6:,.1f} MB"


def _time(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 2 else f"{hours * 60:.0f} min"


def _growth(found: Figures) -> Iterator[str]:
    yield "\n".join(
        [
            "| | grows with |",
            "|---|---|",
            "| judging, output, shuffle, disk | the number of situations, and of their events |",
            "| sorting on one machine | a little more than the number of records (n log n), on disk |",
            "| sorting on a cluster | that of a partition: with ever more partitions it stays the same |",
            "| memory of a worker | the largest situations that it holds: 200 of them or 8 MB of text, "
            "whichever comes first, and never more of one than `limits.size` |",
            "| tasks of the shuffle | partitions of the input × partitions of the output: small pieces, if "
            "both are many |",
            "| starting | executors: each has its Java, and each core a Python worker that reads the rules |",
            "| the last task | the situation with the most records: one is never cut in two |",
        ]
    )
    yield (
        "A situation with more events costs more ([growth by events](performance.md#growth)). What has no "
        "`situation` at all goes to one partition, where each record is set aside."
    )


def _unknown(found: Figures) -> Iterator[str]:
    yield "\n".join(
        [
            f"- A cluster. Spark ran on one machine with {found.cluster.cores} cores, on "
            f"{found.cluster.situations:,} situations; shuffled data did not go over a network, and files "
            "lay on its disk and not in an object store.",
            "- 100 million situations. The calculation takes for granted that cost is the same for each, "
            f"which was seen between {found.cluster.situations // 4:,} and {found.cluster.situations:,} "
            "only.",
            "- Executors that are lost: what they judged is judged again.",
            "- Skew: all measured situations have 20 events.",
            "- Texts of real people: the made-up situations repeat each other, and compress better. "
            "Shuffle, disk and output may well be several times what is said here.",
            "- More than 20 events, other rules, other machines: measure your own.",
            "- Daily files: without a state `judge_daily` judges all that is known each day, so a day costs "
            "what is said here, and writing its records to the store besides.",
        ]
    )


def _reproduce() -> Iterator[str]:
    yield (
        "```sh\npip install -e '.[spark]'\npython benchmarks/population.py --profile -o "
        "benchmarks/results/population.md\npython benchmarks/nights.py > benchmarks/results/nights.md\n"
        "python benchmarks/spark_nights.py > benchmarks/results/spark_nights.md\n"
        "python benchmarks/cluster.py --situations 100000 -o "
        "benchmarks/results/cluster.md\npython benchmarks/sizing.py                             # writes "
        "this page\n```"
    )
    yield (
        "[benchmarks/cluster.py](../benchmarks/cluster.py) compares the outputs of both row for row before "
        "it says anything. For records of your own, run the commands of [the batch page](batch.md) on a "
        "thousandth of them, and on four times as many: the difference is what counts."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--population", type=Path, default=POPULATION)
    parser.add_argument("--cluster", type=Path, default=CLUSTER)
    parser.add_argument("--nights", type=Path, default=NIGHTS)
    parser.add_argument("--spark-nights", type=Path, default=SPARK_NIGHTS)
    parser.add_argument("-o", "--output", type=Path, default=PAGE)
    given = parser.parse_args()
    results = (given.population, given.cluster, given.nights, given.spark_nights)
    made = page(*(path.read_text("utf-8") for path in results))
    given.output.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
