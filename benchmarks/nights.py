"""Nights over a population: the ways of `followcue batch --state` against judging all, in turns.

    python benchmarks/nights.py --share 5                   20,000 situations, 5 nights, some minutes
    python benchmarks/nights.py --situations 2000 --nights 2 --against 1

A situation has 20 events of the shipped pack, in 25 records; situations.py makes them, once. Each night a
share, drawn anew, have their last event on that day; how long ago that of the others was is spread as this
share makes it. The ways:

    whole             the whole input, all reports are written
    whole, changed    the whole input, and --changed
    delta             the records of the share alone, with --delta, all reports are written
    delta, changed    the same, and --changed
    lines             with --lines: the whole input, each situation as one line of JSON

The state is made once for all ways but the last. What `whole` and `delta` write is compared with the output
of judging all; of the delta without the numbers of lines, which are those of another file.
"""

from __future__ import annotations

import argparse
import filecmp
import gc
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import chdir
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "engine"), str(HERE), str(HERE / "workload")]

from measure import machine  # noqa: E402
from situations import Record, as_situations, made_up  # noqa: E402

import followcue  # noqa: E402
from followcue.batch.run_batch import BatchCounts, BatchRequest, run_batch  # noqa: E402
from followcue.batch.settings import Settings  # noqa: E402
from followcue.batch.source import Source  # noqa: E402

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EVENT = re.compile(r'"date":"(\d{4}-\d{2}-\d{2})"')
_NUMBER, _PLACE = re.compile(rb'"line":\d+'), re.compile(rb"in\.jsonl:\d+")
_LINE = re.compile(_NUMBER.pattern + b"|" + _PLACE.pattern)
OLDEST = 365
INPUT = Path("in.jsonl")
WAYS = ("whole", "whole, changed", "delta", "delta, changed", "lines")


class Told:
    """A situation as lines of JSON, in which a mark stands for its name."""

    def __init__(self, records: list[Record]) -> None:
        plain = [{name: value for name, value in record.items() if name != "as_of"} for record in records]
        lines = [json.dumps(record, separators=(",", ":")) for record in plain]
        self.last = max(date.fromisoformat(day) for line in lines for day in _EVENT.findall(line))
        self._text = "".join(f'{{"situation":"*",{line[1:]}\n' for line in lines)
        self.on = cache(self._on)

    def _on(self, last: date) -> str:
        """The same with its last event on that day."""
        by = last - self.last
        return _DAY.sub(lambda day: (date.fromisoformat(day[0]) + by).isoformat(), self._text)


class Population:
    """Situations that go on from night to night."""

    def __init__(self, number: int, share: float, seed: int, made: list[Told]) -> None:
        self._random, self._made, self._share, self.number = Random(seed), made, share / 100, number
        self.today = date(2026, 6, 1)
        self._lasts = [
            self.today - timedelta(min(OLDEST, int(self._random.expovariate(self._share))))
            for _ in range(number)
        ]
        self._new: list[int] = []

    def night(self) -> None:
        """A day later the share have an event."""
        self.today += timedelta(1)
        self._new = sorted(self._random.sample(range(self.number), round(self.number * self._share)))
        for i in self._new:
            self._lasts[i] = self.today

    def write(self, made: list[Told] | None = None, *, delta: bool = False) -> None:
        """The input: all situations, or what the last night brought."""
        made = made or self._made
        with open(INPUT, "w", encoding="utf-8") as lines:
            for i in self._new if delta else range(self.number):
                if delta:
                    lines.write(f'{{"situation":"u{i:08}","gone":true}}\n')
                lines.write(made[i % len(made)].on(self._lasts[i]).replace("*", f"u{i:08}"))


class Spent(NamedTuple):
    """Seconds that a run took: on the clock, of the processor, and of these for sorting the input."""

    wall: float
    processor: float
    sorting: float
    counts: BatchCounts


def spent(output: str, day: date, **options: bool) -> Spent:
    """What one run takes in this process; `all` has a state of no name."""
    state = Path(f"state of {output}") if output != "all" else None
    request = BatchRequest(
        Source(str(INPUT), "jsonl"),
        Path(f"{output}.jsonl"),
        Path(f"{output}.rejects"),
        "jsonl",
        Settings(day, as_of=day),
        state=state,
        **options,  # type: ignore[arg-type]
    )
    times: dict[str, float] = {}
    gc.collect()
    clock, began = time.perf_counter(), time.process_time()
    counts = run_batch(request, lambda stage, done, of: times.setdefault(stage, time.process_time()) and None)
    ended = time.process_time()
    return Spent(time.perf_counter() - clock, ended - began, times["judging"] - times["sorting"], counts)


def by_way(people: Population, lines: list[Told]) -> Iterator[tuple[str, Spent]]:
    """What each way takes in one night."""
    people.write(delta=True)
    for way in ("delta", "delta, changed"):
        yield way, spent(way, people.today, delta=True, changed=way.endswith("changed"))
    if lines:
        people.write(lines)
        yield "lines", spent("lines", people.today)
    people.write()
    for way in ("whole", "whole, changed"):
        yield way, spent(way, people.today, keep_records=True, changed=way.endswith("changed"))


def compare() -> None:
    """Whole inputs and deltas gave the reports of judging all."""
    assert filecmp.cmp("whole.jsonl", "all.jsonl", shallow=False)
    with open("delta.jsonl", "rb") as one, open("all.jsonl", "rb") as other:
        for mine, theirs in zip(one, other, strict=True):
            if _LINE.sub(b"", mine) != _LINE.sub(b"", theirs):
                one_report, other_report = without_lines(mine), without_lines(theirs)
                assert one_report == other_report, mine[:80]


def without_lines(report: bytes) -> Record:
    """A report without places; its warnings, which are in the order of theirs, in that of their texts."""
    data: Record = json.loads(_PLACE.sub(b"", _NUMBER.sub(b'"line":0', report)))
    return data | {"warnings": sorted(data["warnings"])}


def nights(given: argparse.Namespace, share: float, told: Callable[[str], None]) -> Iterator[str]:
    """The rows of the table for a share."""
    made, lines = given.made
    people = Population(given.situations, share, given.seed, made)
    if lines:
        people.write(lines)
        spent("lines", people.today)
    people.write()
    first = spent("whole", people.today, keep_records=True)
    for way in WAYS[1:4]:
        shutil.copytree("state of whole", f"state of {way}")
    told(f"{share:g} %: the first night took {first.processor:.0f} s")
    runs: dict[str, list[Spent]] = {way: [] for way in WAYS[: 5 if lines else 4]}
    against: list[Spent] = []
    for night in range(1, given.nights + 1):
        people.night()
        for way, took in by_way(people, lines):
            runs[way].append(took)
        if night > given.nights - given.against:
            against.append(spent("all", people.today))
            compare()
        told(f"{share:g} %: night {night} of {given.nights}")
    whole = median(each.processor for each in against)
    wall = median(each.wall for each in against)
    for way, taken in runs.items():
        cost, clock = median(each.processor for each in taken), median(each.wall for each in taken)
        judged = median(each.counts.night.judged for each in taken if each.counts.night)
        sorting = median(each.sorting for each in taken) / people.number * 1e6
        yield (
            f"| {share:g}%: {way} | {judged / people.number:.1%} | {cost / people.number * 1e6:,.0f} µs "
            f"| {sorting:,.0f} µs | {whole / cost:.1f} | {wall / clock:.1f} |"
        )
    cost = whole / people.number * 1e6
    sorting = median(each.sorting for each in against) / people.number * 1e6
    yield f"| {share:g}%: judging all | 100% | {cost:,.0f} µs | {sorting:,.0f} µs | 1.0 | 1.0 |"
    cost, ratio = first.processor / people.number * 1e6, whole / first.processor
    yield f"| {share:g}%: the first night | 100% | {cost:,.0f} µs | | {ratio:.1f} | |"
    size = sum(path.stat().st_size for path in Path("state of whole").iterdir()) / people.number
    yield f"| {share:g}%: bytes of the state | | {size:,.0f} | | | |"


def tell(text: str) -> None:
    """Say how far the run is."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--situations", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=5)
    parser.add_argument("--against", type=int, default=2, help="in so many of them all are judged, too")
    parser.add_argument("--share", type=float, action="append", help="per cent with an event in a night")
    parser.add_argument("--lines", action="store_true", help="also situations as lines of their own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="where the files of the run lie, if not among temporary ones"
    )
    given = parser.parse_args()
    made = made_up(given.seed)
    whole = [[data] for data in as_situations(made, followcue.load_pack())] if given.lines else []
    given.made = [Told(list(records)) for records in made], [Told(records) for records in whole]
    about = machine()
    run = f"{given.situations:,} situations, {given.nights} nights, one process"
    print(f"{run}, Python {about['python']}; medians\n")
    print("| | judged | processor, a situation | of that sorting | ratio | ratio on the clock |")
    print("|---|--:|--:|--:|--:|--:|")
    for share in given.share or [1, 5, 10]:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder, chdir(folder):
            for line in nights(given, share, tell):
                print(line, flush=True)


if __name__ == "__main__":
    main()
