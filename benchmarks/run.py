"""How fast it is: everything measured in turns within one run, so that ratios mean something on any machine.

    python benchmarks/run.py            all of it, some minutes
    python benchmarks/run.py --quick    fewer rounds, to see that it works

Times are processor time, so that other work on the machine disturbs them little.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "engine"), str(HERE / "workload")]

from generator import FIRST_DAY, TODAY, as_rows, as_situation, hand_written, random_facts  # noqa: E402

import followcue  # noqa: E402
from followcue.evaluation.match.protocol import Environment, MatcherUnavailable, Posed  # noqa: E402
from followcue.evaluation.match.registry import MATCHERS  # noqa: E402
from followcue.language.documents.read import read_file  # noqa: E402

SITUATIONS = 300
REPEATS = 20
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))

Work = Callable[[], object]
Seconds = dict[str, list[float]]


class Figure(NamedTuple):
    """The median of several measurements, and the bounds of their middle half."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float], factor: float = 1) -> Figure:
        low, median, high = statistics.quantiles(values, n=4)
        return cls(median * factor, low * factor, high * factor)

    def __str__(self) -> str:
        digits = 1 if self.median < 100 else 0
        return f"{self.median:10.{digits}f}   {f'{self.low:.{digits}f} to {self.high:.{digits}f}':18}"


def in_turns(
    works: Mapping[str, Work], rounds: int, clock: Callable[[], float] = time.process_time
) -> Seconds:
    """Seconds that each work took in each round: A B C, A B C, ...; the first round does not count."""
    seconds: Seconds = {name: [] for name in works}
    for number in range(rounds + 1):
        gc.collect()
        for name, work in works.items():
            start = clock()
            work()
            if number:
                seconds[name].append(clock() - start)
    return seconds


def show(title: str, unit: str, seconds: Seconds, factor: float, base: str | None = None) -> None:
    """A table of medians; ratios to `base` are taken round by round."""
    print(f"\n{title}\n{'':46}{unit:>10}   {'middle half':18}{'ratio' if base else ''}")
    for name, values in seconds.items():
        ratio = ""
        if base is not None:
            ratio = f"{Figure.of([a / b for a, b in zip(values, seconds[base], strict=True)]).median:5.2f}"
        print(f"  {name:44}{Figure.of(values, factor)}{ratio}".rstrip())


# --- the reference workload: 16 rules, situations of about 10 facts
def workload(rounds: int) -> None:
    pack = followcue.load_pack(HERE / "workload" / "rules", cache=False)
    facts = [random_facts(seed) for seed in range(SITUATIONS)]
    situations = [as_situation(f) for f in facts]
    columns = {name: [c.name for c in r.columns] for name, r in pack.pack.vocabulary.relations.items()}
    rows = [as_rows(f, columns) for f in facts]
    environment = Environment(FIRST_DAY + TODAY, {"profile": "only"})

    def match_all(name: str) -> Work:
        together = getattr(pack.matcher(name), "run_many", None)
        if together is not None:  # all at once, as it is meant: alone each would take milliseconds
            posed = [Posed(r, environment) for r in rows]
            return lambda: together(posed)
        run = pack.matcher(name).run
        return lambda: [run(r, environment) for r in rows]

    def evaluate_all() -> list[followcue.Report]:
        return list(followcue.evaluate_many(situations, pack))

    base = "hand-written function"
    works: dict[str, Work] = {
        base: lambda: [hand_written(f) for f in facts],
        "compiled: matching, with provenance": match_all("compiled"),
        "evaluate a dict: reading, matching, advice": evaluate_all,
        "evaluate a dict, and the report as JSON data": lambda: [r.to_dict() for r in evaluate_all()],
    }
    for name in MATCHERS:
        try:
            works.setdefault(f"{name}: matching, with provenance", match_all(name))
        except MatcherUnavailable as reason:
            print(f"\n{name}: left out, {reason}")
    average = sum(map(len, facts)) / SITUATIONS
    title = (
        f"Reference workload: {len(pack.pack.rules)} rules, {SITUATIONS} situations of {average:.0f} facts"
    )
    show(f"{title}; for one situation", "µs", in_turns(works, rounds), 1e6 / SITUATIONS, base)


# --- the shipped pack
def shipped(rounds: int) -> None:
    pack = followcue.load_pack()

    def evaluate_often(situation: Any) -> None:
        for _ in range(REPEATS):
            followcue.evaluate(situation, pack)

    works = {f"{p.stem} ({events(p)} events)": partial(evaluate_often, read_file(p).data) for p in EXAMPLES}
    show(
        f"Shipped pack: {len(pack.pack.rules)} rules; evaluate a dict",
        "µs",
        in_turns(works, rounds),
        1e6 / REPEATS,
    )


def events(path: Path) -> int:
    return path.read_text("utf-8").count("event: ")


# --- loading and starting
def loading(rounds: int) -> None:
    with cache_in_a_new_folder():
        works: dict[str, Work] = {
            "load the shipped pack, nothing kept": partial(followcue.load_pack, cache=False),
            "load the shipped pack, kept by an earlier run": followcue.load_pack,
        }
        show("Loading, in a process that has its modules", "ms", in_turns(works, rounds), 1e3)


def starting(rounds: int) -> None:
    followcue_ = [sys.executable, str(ROOT / "cli.py")]
    example = str(EXAMPLES[0])
    base = 'python -c "import click"'
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        base: [sys.executable, "-c", "import click"],
        "followcue --version": [*followcue_, "--version"],
        "followcue evaluate, rules kept": [*followcue_, "evaluate", example],
        "followcue evaluate --no-cache": [*followcue_, "evaluate", "--no-cache", example],
    }
    with cache_in_a_new_folder():
        works = {
            name: partial(subprocess.run, command, check=True, capture_output=True)
            for name, command in commands.items()
        }
        show("Starting: whole processes", "ms", in_turns(works, rounds, of_children), 1e3, base)


def of_children() -> float:
    """Processor time of ended child processes; the wall clock where the system does not tell."""
    try:
        from resource import RUSAGE_CHILDREN, getrusage
    except ImportError:
        return time.perf_counter()
    spent = getrusage(RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


@contextmanager
def cache_in_a_new_folder() -> Iterator[None]:
    """Keeps the user's own cache out of the measurement."""
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        try:
            yield
        finally:
            del os.environ["XDG_CACHE_HOME"]
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before


# --- memory
def memory() -> None:
    tracemalloc.start()
    pack = followcue.load_pack()
    loaded, _ = tracemalloc.get_traced_memory()
    situations: list[Any] = [read_file(path).data for path in EXAMPLES] * 20
    evaluate_all(situations, pack)
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in range(5):
        evaluate_all(situations, pack)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print("\nMemory")
    print(f"  {'the shipped pack, loaded':44}{loaded / 1e6:10.1f} MB")
    print(f"  {'most in use while evaluating, beyond that':44}{(peak - before) / 1e6:10.1f} MB")
    print(f"  {f'still in use after {5 * len(situations)} evaluations':44}{(after - before) / 1e6:10.2f} MB")
    if Path("/proc/self/status").exists():
        work = f"import sys; sys.path.insert(0, {str(ROOT / 'engine')!r}); import followcue; "
        evaluating = f"{work}followcue.evaluate({str(EXAMPLES[0])!r})"
        print(f"  {'largest a bare Python process gets':44}{largest_process('pass'):10.1f} MB")
        print(f"  {'largest one that evaluates gets':44}{largest_process(evaluating):10.1f} MB")


def evaluate_all(situations: Sequence[Any], pack: followcue.LoadedPack) -> None:
    for _ in followcue.evaluate_many(situations, pack):
        pass
    gc.collect()


def largest_process(code: str) -> float:
    """The most memory, in megabytes, that a process held while it ran `code`."""
    asking = "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    command = [sys.executable, "-c", f"{code}\n{asking}"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    rounds = 5 if parser.parse_args().quick else 61
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    print(
        f"{machine}; medians of {rounds} rounds ({rounds // 3 + 2} for loading and starting), processor time"
    )
    workload(rounds)
    shipped(rounds)
    loading(rounds // 3 + 2)
    starting(rounds // 3 + 2)
    memory()


if __name__ == "__main__":
    main()
