"""How long `why` and `why-not` take on the examples, and how often `why-not` finds what would change it.

python benchmarks/explain.py           # about three minutes
python benchmarks/explain.py --quick   # the large examples alone
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import followcue
from followcue import LoadedPack
from followcue.explain.why_not.answer import WhyNot

EXAMPLES = Path(__file__).parents[1] / "examples"
LARGE = ("agency-heavy", "career-changer", "whole-search")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="only the large examples")
    names = LARGE if parser.parse_args().quick else sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
    rules = followcue.load_pack()
    rules.program  # noqa: B018 - compiled once, when the first explanation asks for it
    print("Processor time in ms, for one question; why-not for each action that is not recommended\n")
    head = ("", "why, all", "why-not: median", "95 %", "longest", "found")
    print(f"{head[0]:26}{head[1]:>10}{head[2]:>18}{head[3]:>8}{head[4]:>10}{head[5]:>12}")
    found = asked = 0
    for name in names:
        path = EXAMPLES / f"{name}.yaml"
        why, _ = timed(lambda path=path: followcue.why(path, rules=rules))  # type: ignore[misc]
        times, answers = ask_everything(path, rules)
        with_change = sum(bool(answer.changes) for answer in answers)
        found, asked = found + with_change, asked + len(answers)
        spread = f"{statistics.median(times):18.0f}{part(times, 0.95):8.0f}{max(times):10.0f}"
        print(f"{name:26}{why:10.0f}{spread}{f'{with_change}/{len(answers)}':>12}")
    print(f"\nA change was found for {found} of {asked} questions ({found / asked:.1%})")


def ask_everything(path: Path, rules: LoadedPack) -> tuple[list[float], list[WhyNot]]:
    """Why not each action, as far as it is not recommended: the times and the answers."""
    times, answers = [], []
    for action in rules.pack.vocabulary.actions:
        took, answer = timed(lambda action=action: followcue.why_not(path, action, rules))  # type: ignore[misc]
        if not answer.is_recommended:
            times.append(took)
            answers.append(answer)
    return times, answers


def timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    """The processor time of one call in milliseconds, and what it gave."""
    start = time.process_time()
    answer = ask()
    return (time.process_time() - start) * 1000, answer


def part(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies."""
    return sorted(values)[int(share * (len(values) - 1))]


if __name__ == "__main__":
    main()
