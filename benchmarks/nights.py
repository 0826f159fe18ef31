"""Nights over a population: `followcue batch --state` against judging all, in turns, by processor time.

    python benchmarks/nights.py                             5,000 situations, some minutes
    python benchmarks/nights.py --situations 20000 --share 1 --share 5 --nights 3
    python benchmarks/nights.py --whole                     situations that are a line of JSON each
    python benchmarks/nights.py --moving                    every record stands on another line each night

A situation has 20 events of the shipped pack; situations.py makes them. Each night a share, drawn anew,
have their last event on that day; how long ago that of the others was is spread as this share makes it. One
process does everything, so that its time is all there is. Both outputs are compared byte by byte.
"""

from __future__ import annotations

import argparse
import filecmp
import gc
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "engine"), str(HERE), str(HERE / "workload")]

from measure import machine  # noqa: E402
from situations import as_situations, made_up  # noqa: E402

import followcue  # noqa: E402
from followcue.batch.run_batch import BatchCounts, BatchRequest, run_batch  # noqa: E402
from followcue.batch.settings import Settings  # noqa: E402
from followcue.batch.source import Source  # noqa: E402

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EVENT = re.compile(r'"date":"(\d{4}-\d{2}-\d{2})"')
OLDEST = 365


class Told(NamedTuple):
    """A situation as lines of JSON without its name, and the day of its last event."""

    lines: list[str]
    last: date

    def on(self, name: str, last: date) -> Iterator[str]:
        """The same with that name, its last event on that day."""
        by = last - self.last
        for line in self.lines:
            moved = _DAY.sub(lambda day: (date.fromisoformat(day[0]) + by).isoformat(), line)
            yield f'{{"situation":"{name}",{moved[1:]}\n'


def told(seed: int, whole: bool) -> list[Told]:
    """The situations that are made up, none of which says its day."""
    made = made_up(seed)
    if whole:
        parts = [[data] for data in as_situations(made, followcue.load_pack())]
    else:
        parts = [list(records) for records in made]
    found = []
    for records in parts:
        plain = [{name: value for name, value in record.items() if name != "as_of"} for record in records]
        lines = [json.dumps(record, separators=(",", ":")) for record in plain]
        found.append(
            Told(lines, max(date.fromisoformat(day) for line in lines for day in _EVENT.findall(line)))
        )
    return found


class Spent(NamedTuple):
    """Seconds of processor time for a run, and of these for sorting the input."""

    whole: float
    sorting: float
    counts: BatchCounts


def spent(source: Path, output: Path, day: date, state: Path | None) -> Spent:
    """What one run takes in this process."""
    request = BatchRequest(
        Source(str(source), "jsonl"),
        output,
        output.with_suffix(".rejects"),
        "jsonl",
        Settings(day, as_of=day),
        state=state,
    )
    times: dict[str, float] = {}
    gc.collect()
    began = time.process_time()
    counts = run_batch(request, lambda stage, done, of: times.setdefault(stage, time.process_time()) and None)
    return Spent(time.process_time() - began, times["judging"] - times["sorting"], counts)


def nights(given: argparse.Namespace, share: float, folder: Path) -> Iterator[str]:
    """A line of the table for each night."""
    random, made = Random(given.seed), told(given.seed, given.whole)
    number, today = given.situations, date(2026, 6, 1)
    ages = [min(OLDEST, int(random.expovariate(share / 100))) for _ in range(number)]
    lasts = [today - timedelta(age) for age in ages]
    source = folder / "in.jsonl"
    for night in range(given.nights + 1):
        today += timedelta(1)
        if night:
            for i in random.sample(range(number), round(number * share / 100)):
                lasts[i] = today
        with open(source, "w", encoding="utf-8") as lines:
            if given.moving:
                lines.write("\n" * (night + 1))
            for i, last in enumerate(lasts):
                lines.writelines(made[i % len(made)].on(f"u{i:08}", last))
        kept = spent(source, folder / "kept.jsonl", today, folder / "state")
        everything = spent(source, folder / "all.jsonl", today, None)
        assert filecmp.cmp(folder / "kept.jsonl", folder / "all.jsonl", shallow=False), today
        assert kept.counts.night is not None
        judged = kept.counts.night.judged
        size = sum(path.stat().st_size for path in (folder / "state").iterdir()) / number / 1000
        yield (
            f"{share:5g} %  {night or 'first':>5}  {100 * judged / number:6.1f} %"
            f"  {kept.whole / number * 1e6:9.0f}  {kept.sorting / number * 1e6:8.0f}"
            f"  {everything.whole / number * 1e6:11.0f}  {everything.whole / kept.whole:6.1f}  {size:8.1f}"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--situations", type=int, default=5_000)
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--share", type=float, action="append", help="per cent with an event in a night")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--moving", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    about = machine()
    said = f"{given.situations:,} situations, one process; µs of processor time for one"
    print(f"Python {about['python']}, {said}\n")
    print(" events  night    judged      state   sorting  judging all   ratio  kB kept")
    for share in given.share or [1, 5]:
        with tempfile.TemporaryDirectory() as folder:
            for line in nights(given, share, Path(folder)):
                print(line, flush=True)


if __name__ == "__main__":
    main()
