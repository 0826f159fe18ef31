"""The whole way of one situation, stage by stage: a line of JSON in, a line of JSON with all reasons out.

    python benchmarks/stages.py            half a minute
    python benchmarks/stages.py --quick    fewer rounds, to see that it works

Beside the examples there are situations of 20 events that are made up, as in `population.py`: the means of
some of them.

The yardstick is the function written by hand for the reference workload: what it costs for each rule that
applies, times the rules that apply here. Both are measured in turns, in processor time, on one core, with new
texts each time, as they come from a file; garbage is not searched for, as in a batch.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import process_time_ns as now
from typing import Any, NamedTuple

from measure import machine
from run import EXAMPLES, FIRST_DAY, HERE, SITUATIONS, TODAY, as_rows, hand_written, random_facts
from situations import EVENTS, as_situations, made_up

import followcue
from followcue.base.calendar import working_day_of
from followcue.batch.documents import DocumentMaker
from followcue.batch.forms import as_lines
from followcue.batch.sorting import Group, Record
from followcue.batch.source import Source
from followcue.batch.work import Answer
from followcue.evaluation.match.protocol import Derivation, Environment
from followcue.evaluation.pipeline import LoadedPack, environment_of
from followcue.language.documents.read import read_file

MADE_UP = 20
STAGES = ("parse and check", "read", "match", "advise", "JSON data", "write")


class Way(NamedTuple):
    """What is needed of a pack to go the whole way."""

    pack: LoadedPack
    documents: DocumentMaker

    def judged(self, group: Group) -> tuple[list[int], dict[str, Any]]:
        """The nanoseconds of each stage up to JSON data, and that."""
        pack, times = self.pack, [now()]
        document = self.documents.document(group)
        times.append(now())
        situation = pack.reader.read(document, today=_no_day)
        times.append(now())
        derivations = pack.matcher().run(situation.facts, environment_of(situation))
        times.append(now())
        working_day = working_day_of(situation.parameters)
        report = pack.advisor.advise(situation, derivations, working_day=working_day)
        times.append(now())
        data = {"situation": group.name, **report.to_dict()}
        times.append(now())
        return [b - a for a, b in pairwise(times)], data

    def go(self, line: str) -> tuple[list[int], bytes]:
        """The nanoseconds of each stage, and the report."""
        times, data = self.judged(Group("s", [Record.of(1, line)]))
        began = now()
        written = as_lines([Answer("s", data)])
        return [*times, now() - began], written

    def rules(self, line: str) -> int:
        """How many rules apply."""
        document = self.documents.document(Group("s", [Record.of(1, line)]))
        situation = self.pack.reader.read(document, today=_no_day)
        return applied(self.pack, self.pack.matcher().run(situation.facts, environment_of(situation)))


def applied(pack: LoadedPack, derivations: Sequence[Derivation]) -> int:
    """How many rules derived something."""
    return len({pack.pack.clauses[derivation.clause].rule for derivation in derivations})


class Yardstick:
    """The function written by hand, and what it costs for each rule that applies."""

    def __init__(self) -> None:
        pack = followcue.load_pack(HERE / "workload" / "rules")
        self._facts = [random_facts(seed) for seed in range(SITUATIONS)]
        columns = {name: [c.name for c in r.columns] for name, r in pack.pack.vocabulary.relations.items()}
        environment = Environment(FIRST_DAY + TODAY, {"profile": "only"})
        run = pack.matcher().run
        self.rules = sum(applied(pack, run(as_rows(f, columns), environment)) for f in self._facts)

    def go(self) -> float:
        """Nanoseconds for each rule that applies."""
        start = now()
        for facts in self._facts:
            hand_written(facts)
        return (now() - start) / self.rules


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-o", "--output", type=Path, help="also write what is printed to this file")
    given = parser.parse_args()
    rounds = 20 if given.quick else 300
    pack = followcue.load_pack()
    way = Way(pack, DocumentMaker(Source("lines", "jsonl"), pack.pack.vocabulary))
    yardstick = Yardstick()
    lines = {path.stem: [json.dumps({"situation": "s", **_data(path)})] for path in EXAMPLES}
    lines[f"{EVENTS} events, made up"] = _made_up(pack)
    times: dict[str, list[list[float]]] = {name: [] for name in lines}
    ratios: dict[str, list[float]] = {name: [] for name in lines}
    rules = {name: statistics.mean(map(way.rules, each)) for name, each in lines.items()}
    costs = []
    with _no_collecting():
        for number in range(rounds + 1):
            hand = yardstick.go()
            costs.append(hand / 1000)
            for name, each in lines.items():
                gone = [way.go(line)[0] for line in each]
                stages = [statistics.mean(stage) for stage in zip(*gone, strict=True)]
                if number:  # the first round makes ready
                    times[name].append(stages)
                    ratios[name].append(sum(stages) / (hand * rules[name]))
    found = _table(times, ratios, rules, costs)
    print(found)
    if given.output:
        given.output.write_text(f"{found}\n", "utf-8")


def _table(
    times: dict[str, list[list[float]]],
    ratios: dict[str, list[float]],
    rules: dict[str, float],
    costs: Sequence[float],
) -> str:
    """Medians of the rounds as a table in Markdown; the median ratio is that of the examples."""
    about = machine()
    lines = [
        f"Python {about['python']}, {about['processor']}; µs of processor time on one core, medians of "
        f"{len(costs) - 1} rounds in turns. The function by hand takes {statistics.median(costs):.2f} µs for "
        "each rule that applies; *ratio* is to that times the rules that apply.",
        "",
        f"| | rules | {' | '.join(STAGES)} | all | ratio |",
        f"|---|{'--:|' * (len(STAGES) + 3)}",
    ]
    for name, rounds in times.items():
        medians = [statistics.median(stage) / 1000 for stage in zip(*rounds, strict=True)]
        total = statistics.median(map(sum, rounds)) / 1000
        cells = " | ".join(f"{median:,.0f}" for median in [rules[name], *medians, total])
        lines.append(f"| {name} | {cells} | {statistics.median(ratios[name]):.1f} |")
    return "\n".join(lines)


def _made_up(pack: LoadedPack) -> list[str]:
    situations = as_situations(made_up(0)[:MADE_UP], pack)
    return [json.dumps({"situation": "s", **data}) for data in situations]


def _data(path: Any) -> dict[str, Any]:
    data = read_file(path).data
    assert isinstance(data, dict)
    return data


def _no_day(zone: str | None) -> Any:
    raise AssertionError("every example says its day")


@contextmanager
def _no_collecting() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


if __name__ == "__main__":
    main()
