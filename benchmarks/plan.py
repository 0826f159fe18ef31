"""How much faster a plan is than evaluating every single day: both measured in turns within one run.

    python benchmarks/plan.py            some minutes
    python benchmarks/plan.py --quick    fewer rounds, to see that it works

Times are processor time of a warm process: the rules are loaded, the situation is read from its file.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "engine"))

from followcue.assistant.plan.plan import plan  # noqa: E402
from followcue.evaluation.pipeline import evaluate, load_pack  # noqa: E402
from followcue.language.documents.read import read_file  # noqa: E402

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--quick", action="store_true")
    rounds = 1 if options.parse_args().quick else 5
    loaded = load_pack()
    print(f"{'':28}{'days':>6}{'reports':>9}{'plan, ms':>10}{'each day, ms':>14}{'ratio':>8}")
    for days in (90, 365):
        ratios = []
        for example in EXAMPLES:
            course = plan(loaded, read_file(example), days=days)
            every = [course.plan.as_of + timedelta(days=number) for number in range(days + 1)]

            def planned(example: Path = example, days: int = days) -> object:
                return plan(loaded, read_file(example), days=days)

            def daily(example: Path = example, every: list = every) -> object:  # type: ignore[type-arg]
                document = read_file(example)
                return [evaluate(loaded, document, as_of=day) for day in every]

            measured = [(_seconds(planned), _seconds(daily)) for _ in range(rounds)]
            ratio = statistics.median(there / here for here, there in measured)
            ratios.append(ratio)
            here, there = (statistics.median(column) * 1000 for column in zip(*measured, strict=True))
            said = f"{example.stem:28}{days:>6}{len(course.steps):>9}{here:>10.1f}{there:>14.1f}{ratio:>8.1f}"
            print(said)
        print(f"{'median':28}{days:>6}{'':33}{statistics.median(ratios):>8.1f}")


def _seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    main()
