"""The same situations by `followcue batch` and by `followcue.spark` on this machine: time, memory, disk.

    python benchmarks/cluster.py                        20,000 situations, some minutes
    python benchmarks/cluster.py --situations 1000000   30 GB of disk, see --folder
    python benchmarks/cluster.py -o benchmarks/results/cluster.md

Needs the extra `spark`, and Java. The situations are those of population.py, as a Parquet file. Both write
Parquet, on all cores, and must give the same rows. Spark runs in a process of its own for each part of the
way: up to where the records of a situation stand together; up to where a function in Python is handed them,
which does nothing; and all of it. A part is what a run takes more than the one before. A quarter of the
situations is judged, too: so what grows with their number is told apart from what does not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "engine"), str(HERE)]

import processes  # noqa: E402
from measure import machine  # noqa: E402

JOBS = ("together", "handed", "judged")
"""How far a run of Spark goes."""
EVERY = 0.5
"""So often, in seconds, memory and disk are looked at."""


class Taken(NamedTuple):
    """Seconds of a run, megabytes of the largest process of each kind, bytes on disk meanwhile and after."""

    wall: float
    processor: float
    main: float
    worker: float
    disk: int
    written: int


class SparkTaken(NamedTuple):
    """What a run of Spark took, what of it until there was a session, and the bytes that were shuffled."""

    all: Taken
    start_wall: float
    start_processor: float
    shuffled: int


class Watch:
    """Looks at a process and those that it started, and at a folder, as long as they are there.

    `kind_of` says of a process whether it is the `main` one, a `worker` or none of them.
    """

    def __init__(self, pid: int, folder: Path, kind_of: Callable[[int], str | None]) -> None:
        self._pid = pid
        self._folder = folder
        self._kind_of = kind_of
        self._ended = Event()
        self._thread = Thread(target=self._look_on, daemon=True)
        self.peaks = {"main": 0.0, "worker": 0.0}
        self.disk = 0
        self._thread.start()

    def end(self) -> None:
        """Look no longer."""
        self._ended.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._ended.wait(EVERY):
            for pid in processes.tree(self._pid):
                kind = self._kind_of(pid)
                if kind is not None:
                    self.peaks[kind] = max(self.peaks[kind], processes.peak(pid))
            self.disk = max(self.disk, processes.size(self._folder))


# --- one machine
def run_batch(source: Path, target: Path, workers: int, memory: str) -> Taken:
    """`followcue batch` from Parquet to Parquet, as a user would call it."""
    command = [
        sys.executable,
        str(ROOT / "cli.py"),
        "batch",
        str(source),
        "-o",
        str(target),
        "--to",
        "parquet",
    ]
    command += ["--workers", str(workers), "--memory", memory]
    before, began = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    folder = target.with_name(f"{target.name}.unfinished")
    watch = Watch(process.pid, folder, lambda pid: "main" if pid == process.pid else "worker")
    said = process.communicate()[1]
    wall, after = time.perf_counter() - began, os.times()
    watch.end()
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}\n{said}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(wall, spent, **watch.peaks, disk=watch.disk, written=target.stat().st_size)


# --- Spark
def run_spark(job: str, source: Path, folder: Path, cores: int, heap: str) -> SparkTaken:
    """A process that goes so far, with a Spark of its own."""
    folder.mkdir()
    command = [sys.executable, str(HERE / "cluster.py"), "--job", job, "--source", str(source)]
    command += ["--folder", str(folder), "--cores", str(cores), "--heap", heap]
    paths = os.pathsep.join(filter(None, (str(ROOT / "engine"), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": paths}
    environment["BEGAN"] = str(time.time())
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )

    def kind_of(pid: int) -> str | None:
        if pid == process.pid:
            return None
        name = processes.name(pid)
        return "main" if name == "java" else "worker" if name.startswith("python") else None

    watch = Watch(process.pid, folder / "local", kind_of)
    said, complained = process.communicate()
    watch.end()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{complained}")
    start, whole = json.loads(said.splitlines()[-1])
    written = processes.size(folder / "actions")
    taken = Taken(*whole, **watch.peaks, disk=watch.disk, written=written)
    return SparkTaken(taken, *start, _shuffled(folder / "log"))


def job(name: str, source: Path, folder: Path, cores: int, heap: str) -> None:
    """What that process does; prints what it took until there was a session, and until the work was done."""
    for place in ("local", "log"):
        (folder / place).mkdir()
    session = _session(folder, cores, heap)
    start = _spent()
    _work(name, session, source, folder)
    whole = _spent()
    session.stop()
    print(json.dumps([start, whole]))


def _spent() -> tuple[float, float]:
    """Seconds since this process was begun, and of processor time of all processes that it began."""
    wall = time.time() - float(os.environ["BEGAN"])
    return wall, sum(map(processes.processor, processes.tree(os.getpid())))


def _session(folder: Path, cores: int, heap: str) -> Any:
    from pyspark.sql import SparkSession

    said = {
        "spark.driver.memory": heap,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder / "local"),
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.dir": (folder / "log").as_uri(),
    }
    builder = SparkSession.builder.master(f"local[{cores}]")
    for key, value in said.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _work(name: str, session: Any, source: Path, folder: Path) -> None:
    from followcue.spark import _as_lines, judge

    records = session.read.parquet(str(source))
    if name == "judged":
        judge(records, order="n").write(str(folder / "actions"), str(folder / "rejects"))
        return
    lines = _as_lines(records, "n", None)
    reached = lines if name == "together" else lines.mapInArrow(_taken_and_dropped, "nothing string")
    reached.write.format("noop").mode("overwrite").save()


def _taken_and_dropped(batches: Iterable[Any]) -> Iterator[Any]:
    for _ in batches:
        pass
    yield from ()


def _shuffled(folder: Path) -> int:
    """The bytes of shuffles, as the log of the run has them."""
    found = 0
    for path in folder.iterdir():
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith('{"Event":"SparkListenerTaskEnd"'):
                    metrics = json.loads(line).get("Task Metrics") or {}
                    found += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    return found


# --- the same
class Same(NamedTuple):
    """How many rows and rejects both gave."""

    actions: int
    rejects: int


def same(batch: Path, spark: Path, memory: str) -> Same:
    """Both give the same rows, in any order; if not, the run ends here."""
    import duckdb

    with duckdb.connect(config={"memory_limit": memory}) as connection:

        def query(sql: str) -> list[tuple[Any, ...]]:
            found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
            return found

        # Rows as numbers: some tens of bytes each, so that those of a million situations can be compared.
        rows = "SELECT hash(t) AS row, count(*) AS times FROM '{}' t GROUP BY ALL"
        query(f"CREATE TABLE batch AS {rows.format(batch)}")
        query(f"CREATE TABLE spark AS {rows.format(spark / 'actions' / '*.parquet')}")
        for left, right in (("batch", "spark"), ("spark", "batch")):
            [(only,)] = query(f"SELECT count(*) FROM (FROM {left} EXCEPT FROM {right})")
            if only:
                raise SystemExit(f"{only:,} rows of {left} are not among those of {right}")
        [(actions,)] = query("SELECT sum(times) FROM batch")
        [(rejects,)] = query(f"SELECT count(*) FROM '{spark / 'rejects' / '*.parquet'}'")
    lines = batch.with_name(f"{batch.name}.rejects")
    expected = len(lines.read_text("utf-8").splitlines()) if lines.exists() else 0
    if rejects != expected:
        raise SystemExit(f"{expected:,} rejects of batch, {rejects:,} of Spark")
    return Same(int(actions), rejects)


# --- input
def inputs(number: int, seed: int, folder: Path) -> int:
    """The situations and a quarter of them, each as a file, and once more with a column of lines."""
    import duckdb
    from situations import write

    records = write(number, seed, folder)
    (folder / "events.jsonl").unlink()
    quarter = f"WHERE situation < 'u{number // 4:08}'"
    with duckdb.connect() as connection:
        connection.execute(
            _copy(folder, "events", "quarter", f"SELECT * EXCLUDE file_row_number FROM given {quarter}")
        )
        for name in ("events", "quarter"):
            numbered = "SELECT file_row_number + 1 AS n, * EXCLUDE file_row_number FROM given"
            connection.execute(_copy(folder, name, f"{name}-numbered", numbered))
    return records


def _copy(folder: Path, given: str, made: str, query: str) -> str:
    source = f"read_parquet('{folder / given}.parquet', file_row_number = true)"
    return f"COPY ({query.replace('given', source, 1)}) TO '{folder / made}.parquet' (FORMAT parquet)"


# --- out
class Found(NamedTuple):
    """All runs of one number of situations."""

    number: int
    batch: Taken
    spark: dict[str, SparkTaken]
    same: Same


def measure(number: int, name: str, jobs: Sequence[str], folder: Path, given: argparse.Namespace) -> Found:
    """Run all on one file."""
    target = folder / f"{name}.out.parquet"
    batch = run_batch(folder / f"{name}.parquet", target, given.cores, given.memory)
    told(f"{number:,} situations, batch", batch)
    spark = {}
    for each in jobs:
        source = folder / f"{name}-numbered.parquet"
        spark[each] = run_spark(each, source, folder / f"{name}-{each}", given.cores, given.heap)
        told(f"{number:,} situations, Spark, {each}", spark[each].all)
    return Found(number, batch, spark, same(target, folder / f"{name}-judged", given.memory))


def told(what: str, taken: Taken) -> None:
    print(f"{what}: {taken.wall:.1f} s, {taken.processor:.1f} s processor", file=sys.stderr)


def page(whole: Found, quarter: Found, records: int, given: argparse.Namespace) -> str:
    """What was found, in Markdown."""
    about = machine()
    head = (
        f"{whole.number:,} situations, {records:,} records; {given.cores} cores, {given.heap} of heap; "
        f"Python {about['python']}, {about['processor']}"
    )
    judged = whole.spark["judged"]
    after_start = judged.all.processor - judged.start_processor
    batch = whole.batch.processor
    ratio = (
        f"Spark takes {judged.all.processor / batch:.2f} times the processor time of the batch; "
        f"{after_start / batch:.2f} times without the start of its session."
    )
    alike = (
        "Both gave the same {0.actions:,} rows and {0.rejects:,} rejects; for a quarter of the situations "
        "the same {1.actions:,} rows and {1.rejects:,} rejects."
    )
    parts = [head, _runs(whole), ratio, _parts(whole), _growth(whole, quarter)]
    return "\n\n".join([*parts, alike.format(whole.same, quarter.same)])


def _runs(found: Found) -> str:
    lines = [
        "| run | wall | processor | for one situation | peak: main process | peak: one worker "
        "| disk meanwhile | shuffled | written |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    judged = found.spark["judged"]
    for name, taken, shuffled in (
        ("followcue batch", found.batch, "–"),
        ("Spark", judged.all, _megabytes(judged.shuffled / 1e6)),
    ):
        lines.append(
            f"| {name} | {taken.wall:,.1f} s | {taken.processor:,.1f} s "
            f"| {taken.processor / found.number * 1e6:,.0f} µs | {_megabytes(taken.main)} "
            f"| {_megabytes(taken.worker)} | {_megabytes(taken.disk / 1e6)} | {shuffled} "
            f"| {_megabytes(taken.written / 1e6)} |"
        )
    return "\n".join(lines)


def _parts(found: Found) -> str:
    """Each part is what a run takes more than the one before."""
    spent = {name: run.all.processor - run.start_processor for name, run in found.spark.items()}
    parts = {
        "session start": found.spark["judged"].start_processor,
        "reading, shuffle, sort": spent["together"],
        "handing rows to Python": spent["handed"] - spent["together"],
        "judging, writing": spent["judged"] - spent["handed"],
    }
    lines = ["| part of Spark | processor | for one situation |", "|---|--:|--:|"]
    lines += [
        f"| {name} | {part:,.1f} s | {part / found.number * 1e6:,.0f} µs |" for name, part in parts.items()
    ]
    return "\n".join(lines)


def _growth(whole: Found, quarter: Found) -> str:
    """What one situation more takes, and what is taken however many they are."""
    lines = [
        f"| processor | {quarter.number:,} | {whole.number:,} | one situation more | however many |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, few, many in (
        ("followcue batch", quarter.batch, whole.batch),
        ("Spark", quarter.spark["judged"].all, whole.spark["judged"].all),
    ):
        more = (many.processor - few.processor) / (whole.number - quarter.number)
        lines.append(
            f"| {name} | {few.processor:,.1f} s | {many.processor:,.1f} s | {more * 1e6:,.0f} µs "
            f"| {many.processor - more * whole.number:,.1f} s |"
        )
    return "\n".join(lines)


def _megabytes(value: float) -> str:
    return f"{value:,.0f} MB" if value >= 10 else f"{value:,.1f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--situations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--memory", default="1GB", help="what `followcue batch` may use for sorting")
    parser.add_argument("--heap", default="2g", help="the memory of Spark's Java process")
    parser.add_argument("--folder", type=Path, help="where files lie meanwhile, if not among temporary ones")
    parser.add_argument("-o", "--output", type=Path, help="also write what is printed to this file")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        job(given.job, given.source, given.folder, given.cores, given.heap)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        records = inputs(given.situations, given.seed, folder)
        quarter = measure(given.situations // 4, "quarter", ["judged"], folder, given)
        whole = measure(given.situations, "events", JOBS, folder, given)
    found = page(whole, quarter, records, given)
    print(found)
    if given.output:
        given.output.write_text(f"{found}\n", "utf-8")


if __name__ == "__main__":
    main()
