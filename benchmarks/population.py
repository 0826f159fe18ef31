"""What `followcue batch` makes of many situations: time, memory, and the ratio to a function by hand.

    python benchmarks/population.py                        20,000 situations, some minutes
    python benchmarks/population.py --situations 1000000   bounded memory; 30 GB of disk, see --folder
    python benchmarks/population.py --kills 5              also whether a run survives being killed
    python benchmarks/population.py --profile              also where the time of a situation goes
    python benchmarks/population.py --whole                situations that are a line of JSON each
    python benchmarks/population.py --write DIR            only DIR/events.jsonl and DIR/events.parquet

A situation has 20 events of the shipped pack, beside its records; situations.py makes them. Records of 500
situations each are shuffled. The table that is printed can be pasted.
"""

from __future__ import annotations

import argparse
import filecmp
import gc
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "engine"), str(HERE), str(HERE / "workload")]

import processes  # noqa: E402
import pyarrow.parquet  # noqa: E402
from generator import hand_written, random_facts  # noqa: E402
from measure import machine, seconds  # noqa: E402
from situations import EVENTS, Record, as_situations, made_up, population, write, write_whole  # noqa: E402
from stages import Way  # noqa: E402

import followcue  # noqa: E402
from followcue.batch.documents import DocumentMaker  # noqa: E402
from followcue.batch.forms import as_lines, as_parquet  # noqa: E402
from followcue.batch.sorting import SortedRecords, sort_records  # noqa: E402
from followcue.batch.source import Source  # noqa: E402
from followcue.batch.work import Answer  # noqa: E402
from followcue.evaluation.match.protocol import Posed  # noqa: E402
from followcue.evaluation.match.relational.batch import Batch  # noqa: E402
from followcue.evaluation.match.relational.clause import select_of  # noqa: E402
from followcue.evaluation.match.relational.layout import Layout  # noqa: E402
from followcue.evaluation.pipeline import environment_of  # noqa: E402
from followcue.language.documents.document import Document  # noqa: E402

PROFILED = 2_000
IN_SQL = 10_000
FORMS = ("jsonl", "parquet")


# --- the command
class Run(NamedTuple):
    """What one run of the command took; memory is the most that a process held, in megabytes."""

    what: str
    wall: float
    processor: float
    parent: float
    workers: float
    size: int


def run(what: str, source: Path, target: Path, options: Sequence[str]) -> Run:
    """Run the command as a user would, and look at its processes meanwhile."""
    command = [sys.executable, str(ROOT / "cli.py"), "batch", str(source), "-o", str(target), *options]
    before, began = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peaks: dict[int, float] = {}
    while process.poll() is None:
        for pid in processes.tree(process.pid):
            peaks[pid] = max(peaks.get(pid, 0), processes.peak(pid))
        time.sleep(0.1)
    wall, after = time.perf_counter() - began, os.times()
    said = process.stderr.read() if process.stderr else ""
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}\n{said}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"{what}: {said.strip()}", file=sys.stderr)
    parent = peaks.pop(process.pid, 0)
    return Run(what, wall, spent, parent, max(peaks.values(), default=0), target.stat().st_size)


def killed(source: Path, whole: Path, options: Sequence[str], times: int, wall: float) -> str:
    """Run the command again, kill it and all its processes so many times on the way, and compare the output.

    `whole` is what a run gave that nobody disturbed, in `wall` seconds.
    """
    target = whole.with_name(f"killed{whole.suffix}")
    command = [sys.executable, str(ROOT / "cli.py"), "batch", str(source), "-o", str(target), *options]
    parts = target.with_name(target.name + ".unfinished")
    found = []
    for _ in range(times):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        with suppress(subprocess.TimeoutExpired):
            process.wait(wall / (times + 1))
            raise SystemExit("the run was over before it was killed")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        found.append(len(list(parts.glob("*.out"))))
    began = time.perf_counter()
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
    last = time.perf_counter() - began
    same = filecmp.cmp(whole, target, shallow=False)
    target.unlink()
    return (
        f"Killed {times} times (SIGKILL to all its processes, every {wall / (times + 1):,.0f} s), the same "
        f"command went on each time: {', '.join(f'{each:,}' for each in found)} parts were done when it was "
        f"killed, and the last run took {last:,.0f} s instead of {wall:,.0f}. "
        + ("The output has the same bytes." if same else "THE OUTPUT IS NOT THE SAME.")
    )


# --- the yardstick
class Yardstick(NamedTuple):
    """The hand-written function on the reference workload, and how many rules apply here and there."""

    us: float
    rules_there: float
    rules_here: float

    @property
    def scaled(self) -> float:
        """What it would cost if it said as much as the shipped rules do."""
        return self.us * self.rules_here / self.rules_there


def yardstick(made: Sequence[list[Record]]) -> Yardstick:
    """Measured here and now."""
    facts = [random_facts(seed) for seed in range(300)]
    by_hand = [seconds(lambda: [hand_written(each) for each in facts]) / len(facts) for _ in range(31)]
    workload = followcue.load_pack(HERE / "workload" / "rules", cache=False)
    from generator import as_situation

    there = [_applied(workload, as_situation(each)) for each in facts]
    pack = followcue.load_pack()
    here = [_applied(pack, data) for data in as_situations(made, pack)]
    return Yardstick(statistics.median(by_hand) * 1e6, statistics.mean(there), statistics.mean(here))


def _applied(pack: followcue.LoadedPack, data: Record) -> int:
    """How many rules derived something."""
    from followcue.evaluation.pipeline import judge

    situation = pack.reader.read(Document.of(data), today=_no_day)
    clauses = pack.pack.clauses
    return len({clauses[found.clause].rule for found in judge(pack, situation).derivations})


def _no_day(zone: str | None) -> date:
    raise AssertionError("every situation says its day")


# --- where the time goes
STAGES = ("sort", "fetch", "put together", "read", "match", "advise", "as JSON data", "write")


def profile(form: str, source: Path, number: int) -> list[tuple[str, float]]:
    """µs for each stage of one situation in one process, as a run goes through them: medians of rounds."""
    pack = followcue.load_pack()
    given = Source(str(source), form)
    way = Way(pack, DocumentMaker(given, pack.pack.vocabulary))
    rounds = []
    for _ in range(5):
        gc.collect()
        gc.disable()  # as in a batch
        rounds.append(_stages(way, given, source.with_name("sorted.duckdb")))
        gc.enable()
    medians = (statistics.median(spent) for spent in zip(*rounds, strict=True))
    return [(stage, spent / number * 1e6) for stage, spent in zip(STAGES, medians, strict=True)]


def _stages(way: Way, given: Source, target: Path) -> Sequence[float]:
    """Seconds of processor time for each stage."""
    spent = dict.fromkeys(STAGES, 0.0)
    clock = time.process_time
    began = clock()
    chunks = sort_records(given, target, "1GB")
    spent["sort"] += clock() - began
    with SortedRecords(target) as records:
        for chunk in range(chunks):
            began = clock()
            groups = list(records.chunk(chunk))
            spent["fetch"] += clock() - began
            answers = []
            for group in groups:
                times, data = way.judged(group)
                answers.append(Answer(group.name, data))
                for stage, taken in zip(STAGES[2:-1], times, strict=True):
                    spent[stage] += taken / 1e9
            began = clock()
            as_lines(answers) if given.form == "jsonl" else as_parquet(answers, "application")
            spent["write"] += clock() - began
    target.unlink()
    return list(spent.values())


def in_sql(number: int, seed: int) -> list[tuple[str, float]]:
    """µs for one situation when that many are matched by SQL at once, and by compiled rules one by one."""
    pack = followcue.load_pack()
    named = (record for block in population(number, seed) for record in block)
    data = [each.data for each in followcue.situations_from_records(named, pack.pack.vocabulary)]
    posed = []
    for each in data:
        situation = pack.reader.read(Document.of(each), today=_no_day)
        posed.append(Posed(situation.facts, environment_of(situation)))
    layout = Layout(pack.program)
    calendar = any(each.environment.shift is not None for each in posed)
    selects = [select_of(clause, layout, calendar=calendar) for clause in pack.program.clauses]
    times = [time.process_time()]
    with Batch(layout, selects) as batch:
        batch.pose(posed)
        times.append(time.process_time())
        batch.complete()
        times.append(time.process_time())
        batch.derivations()
        times.append(time.process_time())
    run = pack.matcher().run
    for each in posed:
        run(*each)
    times.append(time.process_time())
    steps = ("rows into the database", "SQL", "derivations out of it", "compiled rules instead")
    return [(step, (b - a) / number * 1e6) for step, (a, b) in zip(steps, pairwise(times), strict=True)]


# --- out
def table(runs: Sequence[Run], number: int, records: int, measure: Yardstick, workers: int) -> str:
    """The runs as a table in Markdown."""
    about = machine()
    lines = [
        f"{number:,} situations of {EVENTS} events, {records:,} records; {workers} worker"
        f"{'s' if workers > 1 else ', the command itself'}; "
        f"Python {about['python']}, {about['cores']} cores, {about['processor']}",
        "",
        "| | wall | processor | for one situation | ratio | peak: command | peak: one worker | written |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for each in runs:
        cost = each.processor / number * 1e6
        lines.append(
            f"| {each.what} | {each.wall:,.1f} s | {each.processor:,.1f} s | {cost:,.0f} µs "
            f"| {cost / measure.scaled:,.1f} | {_megabytes(each.parent)} | {_megabytes(each.workers)} "
            f"| {each.size / 1e6:,.1f} MB |"
        )
    lines += [
        "",
        f"The hand-written function takes {measure.us:.1f} µs where {measure.rules_there:.2f} rules apply; "
        f"here {measure.rules_here:.2f} do, for which it would take {measure.scaled:.1f} µs: the ratio is "
        "to that.",
    ]
    return "\n".join(lines)


def _megabytes(peak: float) -> str:
    return f"{peak:,.0f} MB" if peak else "–"


def stages(found: dict[str, list[tuple[str, float]]], number: int) -> str:
    """The profiles as a table in Markdown."""
    lines = [
        f"One process, {number:,} situations, µs for one",
        "",
        f"| stage | {' | '.join(f'{form} | share' for form in found)} |",
        f"|---|{'--:|' * 2 * len(found)}",
    ]
    totals = {form: sum(cost for _, cost in each) for form, each in found.items()}
    for rows in zip(*found.values(), strict=True):
        cells = (
            f"{cost:,.0f} | {cost / total:.0%}"
            for (_, cost), total in zip(rows, totals.values(), strict=True)
        )
        lines.append(f"| {rows[0][0]} | {' | '.join(cells)} |")
    return "\n".join([*lines, f"| all | {' | '.join(f'{total:,.0f} | ' for total in totals.values())}|"])


def matched(found: Sequence[tuple[str, float]], number: int) -> str:
    """What matching takes, as a table in Markdown."""
    lines = [f"Matching alone, {number:,} situations at once by the matcher `relational`, µs for one", ""]
    lines += ["| | |", "|---|--:|", *(f"| {step} | {cost:,.0f} |" for step, cost in found)]
    return "\n".join(lines)


def runs_of_lines(given: argparse.Namespace, folder: Path) -> list[Run]:
    """The command on lines that are whole situations, with one worker and with all."""
    source, target = write_whole(given.situations, given.seed, folder), folder / "out.jsonl"
    found = []
    for workers in dict.fromkeys((1, given.workers)):
        what = f"{workers} worker{'s' if workers > 1 else ''}"
        found.append(run(what, source, target, [*_options(given), "--workers", str(workers)]))
    return found


def runs_of_records(given: argparse.Namespace, written: Path, folder: Path) -> tuple[list[Run], str]:
    """The command on records, in each form; and what became of the run that was killed, if one was."""
    found, survived = [], ""
    options = [*_options(given), "--workers", str(given.workers)]
    for form in FORMS:
        if given.only in (None, form):
            source, target = written / f"events.{form}", folder / f"out.{form}"
            found.append(run(f"{form} to {form}", source, target, options))
            if given.kills and form == FORMS[0]:
                survived = killed(source, target, options, given.kills, found[-1].wall)
            target.unlink()
    return found, survived


def _options(given: argparse.Namespace) -> list[str]:
    return ["--memory", given.memory, *(["--matcher", given.matcher] if given.matcher else [])]


def profiles(given: argparse.Namespace) -> Iterator[str]:
    """Where the time of a situation goes, as tables."""
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        write(PROFILED, given.seed, Path(name))
        forms = (given.only,) if given.only else FORMS
        found = {form: profile(form, Path(name) / f"events.{form}", PROFILED) for form in forms}
    yield stages(found, PROFILED)
    yield matched(in_sql(IN_SQL, given.seed), IN_SQL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--situations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--matcher", help="that of `followcue batch`, if not the default")
    parser.add_argument("--memory", default="1GB", help="what `followcue batch` may use for sorting")
    parser.add_argument("--only", choices=FORMS, help="only this form, in and out")
    parser.add_argument("--whole", action="store_true", help="each situation as one line of JSON instead")
    parser.add_argument("--kills", type=int, default=0, help="kill a second run of lines so many times")
    parser.add_argument("-o", "--output", type=Path, help="also write what is printed to this file")
    parser.add_argument("--profile", action="store_true", help="also the stages of one situation")
    parser.add_argument(
        "--folder", type=Path, help="where the files of the run lie, if not among temporary ones"
    )
    parser.add_argument("--write", type=Path, metavar="DIR", help="only write the two files there")
    parser.add_argument("--read", type=Path, metavar="DIR", help="take the files that --write put there")
    given = parser.parse_args()
    if given.write:
        given.write.mkdir(parents=True, exist_ok=True)
        print(f"{write(given.situations, given.seed, given.write):,} records")
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        if given.whole:
            records, survived = given.situations, ""
            runs = runs_of_lines(given, Path(name))
        else:
            written = given.read or Path(name)
            if not given.read:
                write(given.situations, given.seed, written)
            records = pyarrow.parquet.read_metadata(str(written / "events.parquet")).num_rows
            runs, survived = runs_of_records(given, written, Path(name))
        measure = yardstick(made_up(given.seed))
    parts = [table(runs, given.situations, records, measure, given.workers), survived]
    found = "\n\n".join(filter(None, [*parts, *(profiles(given) if given.profile else ())]))
    print(found)
    if given.output:
        given.output.write_text(f"{found}\n", "utf-8")


if __name__ == "__main__":
    main()
