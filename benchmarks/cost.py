"""What steps cost, and what a start costs: two ratios of things measured in turns.

    python benchmarks/cost.py              a minute; -o benchmarks/results/cost.md keeps it
    python benchmarks/cost.py --quick      fewer rounds, to see that it works

Steps: the nine examples with their steps and without, from a document that has been read to the report, and
from a text to JSON. The least of many rounds counts, as a busy machine only ever adds. A start: whole
processes with bytecode at hand and rules kept, beside `python -c "import click"`, the medians of many rounds.
"""

from __future__ import annotations

import argparse
import compileall
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time

from measure import in_turns, machine
from run import EXAMPLES, ROOT, cache_in_a_new_folder, of_children

import followcue
from followcue.evaluation.advice.report import Step
from followcue.evaluation.pipeline import LoadedPack, evaluate
from followcue.language.documents.read import read_document

BARE, COMMAND = 'python -c "import click"', "followcue evaluate FILE"


class NoSteps:
    """Makes no steps."""

    def steps(self, *_: object) -> tuple[tuple[Step, ...], frozenset[str]]:
        return (), frozenset()


def steps(rounds: int) -> dict[str, tuple[float, float]]:
    """For each way the microseconds of one example, without steps and with them."""
    loaded = followcue.load_pack()
    texts = {path.name: path.read_text("utf-8") for path in EXAMPLES}
    documents = {name: read_document(text, name) for name, text in texts.items()}

    def to_report(name: str) -> object:
        return evaluate(loaded, documents[name])

    def to_json(name: str) -> object:
        return json.dumps(evaluate(loaded, read_document(texts[name], name)).to_dict())

    ways = {"from a document to its report": to_report, "from a text to JSON": to_json}
    return {said: _least(loaded, way, [*texts], rounds) for said, way in ways.items()}


def _least(
    loaded: LoadedPack, way: Callable[[str], object], names: list[str], rounds: int
) -> tuple[float, float]:
    """The mean of the examples' least times, without steps and with them."""
    makers = (NoSteps(), loaded.advisor._steps)
    least = {(name, place): float("inf") for name in names for place in (0, 1)}
    for number in range(rounds):
        for name in names:
            for place in (0, 1) if number % 2 else (1, 0):
                loaded.advisor._steps = makers[place]  # type: ignore[assignment]  # that is what is measured
                begun = process_time()
                way(name)
                least[name, place] = min(least[name, place], process_time() - begun)
    without, with_steps = (sum(least[name, place] for name in names) / len(names) for place in (0, 1))
    return without * 1e6, with_steps * 1e6


def starts(rounds: int) -> dict[str, list[float]]:
    """For each command the processor seconds of whole processes, round by round."""
    compileall.compile_dir(ROOT / "engine", quiet=2)
    program, example = [sys.executable, str(ROOT / "cli.py")], str(ROOT / "examples" / "first-interview.yaml")
    commands = {
        BARE: [sys.executable, "-c", "import click"],
        "python -c pass": [sys.executable, "-c", "pass"],
        COMMAND: [*program, "evaluate", example],
        "followcue evaluate FILE --matcher compiled": [
            *program,
            "evaluate",
            example,
            "--matcher",
            "compiled",
        ],
        "followcue --version": [*program, "--version"],
    }
    with cache_in_a_new_folder():
        return in_turns({name: partial(of_process, command) for name, command in commands.items()}, rounds)


def of_process(command: list[str]) -> float:
    """The processor time of a command."""
    before = of_children()
    subprocess.run(command, check=True, capture_output=True)
    return of_children() - before


def told(rounds: int, processes: int) -> str:
    """Both tables as Markdown."""
    about = machine()
    lines = [f"Python {about['python']}, {about['processor']}; processor time, measured in turns", ""]
    lines += ["| one example, µs | without steps | with steps | ratio |", "|---|--:|--:|--:|"]
    for said, (without, with_steps) in steps(rounds).items():
        lines.append(f"| {said} | {without:,.0f} | {with_steps:,.0f} | {with_steps / without:.2f} |")
    lines += ["", "| a process, ms | median | ratio |", "|---|--:|--:|"]
    found = starts(processes)
    for name, times in found.items():
        ratio = median(times) / median(found[BARE])
        lines.append(f"| `{name}` | {median(times) * 1e3:.1f} | {ratio:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("-o", "--output", type=Path, help="write the tables to this file")
    given = parser.parse_args()
    text = told(*((5, 3) if given.quick else (150, 25)))
    print(text, end="")
    if given.output:
        given.output.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
