"""What a plan and `why-not` take on a long file, in evaluations of the same file, in turns.

    python benchmarks/long_files.py              38 and 1,230 events, some minutes
    python benchmarks/long_files.py --times 8

A long file is the example agency-heavy with its applications told so many times.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "engine"))

import yaml  # noqa: E402

import followcue  # noqa: E402
from followcue.assistant.plan.plan import plan  # noqa: E402
from followcue.evaluation.pipeline import Options, evaluate  # noqa: E402
from followcue.language.documents.document import Document  # noqa: E402


def told(times: int) -> Document:
    """The example with all applications so many times."""
    data = yaml.safe_load((ROOT / "examples" / "agency-heavy.yaml").read_text("utf-8"))
    days = _days_as_text(data)
    days["applications"] = {
        f"{name}-{number}": said for number in range(times) for name, said in days["applications"].items()
    }
    return Document.of(days, "long.yaml")


def _days_as_text(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _days_as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_days_as_text(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def seconds(run: Callable[[], object]) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    run()
    return time.process_time() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    rules = followcue.load_pack()
    print("| events | evaluate, ms | plan of 90 days | why-not |")
    print("|--:|--:|--:|--:|")
    for times in given.times or [1, 32]:
        document = told(times)
        events = sum(len(each.get("events", ())) for each in document.data["applications"].values())
        options = Options()
        asked = next(iter(rules.pack.vocabulary.actions))
        runs: list[Callable[[], object]] = [
            lambda: evaluate(rules, document, options),  # noqa: B023 - run at once
            lambda: plan(rules, document, days=90),  # noqa: B023
            lambda: followcue.why_not(document, asked, rules),  # noqa: B023
        ]
        for run in runs:
            run()
        took = [[seconds(run) for run in runs] for _ in range(given.rounds)]
        one = median(each[0] for each in took)
        factors = " | ".join(f"{median(each[i] / each[0] for each in took):.1f}" for i in (1, 2))
        print(f"| {events:,} | {one * 1e3:.1f} | {factors} |", flush=True)


if __name__ == "__main__":
    main()
