"""Whole jobs: a line of JSON in, a line of JSON out with what the engine can say of why, in turns.

    python benchmarks/jobs.py                    a minute; writes the table of this kind of Python to results/
    python benchmarks/jobs.py --node FOLDER      with json-rules-engine, installed in FOLDER by npm

Each must give the answers of the function written by hand on `--seeds` situations first, and is left out
where it does not. Times are processor time; each engine judges the same situations in each round.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import Spread, in_turns, machine, peak_of_process, run_python, seconds  # noqa: E402
from peers import Answer  # noqa: E402

from generator import Facts, as_situation, hand_written, random_facts  # noqa: E402  # isort: skip

RESULTS = {True: HERE / "results" / "jobs-optimised.md", False: HERE / "results" / "jobs.md"}
ROUNDS = 31
BASE = "hand-written function"


class Job(NamedTuple):
    """A way to do the whole job; `measured` gives the seconds of one situation in a round by itself."""

    go: Callable[[bytes], bytes]
    answers: Callable[[bytes], set[Answer]]
    reasons: str
    line: Callable[[Facts], Any] = list
    situations: int = 300
    measured: Callable[[], float] | None = None


def by_hand() -> Job:
    def go(line: bytes) -> bytes:
        return dumped([list(answer) for answer in hand_written(json_of(line))])

    return Job(go, tuples, "none")


def whole_evaluate() -> Job:
    from peers import ours

    import followcue

    pack = ours.load()

    def answers(written: bytes) -> set[Answer]:
        return {
            (a["action"], a["to"], a["about"], *map(number, (a["open"], a["due"], a["until"])))
            for a in json_of(written)["actions"]
        }

    def number(day: str | None) -> int | None:
        return None if day is None else date.fromisoformat(day).toordinal() - ours.FIRST_DAY

    def go(line: bytes) -> bytes:
        return dumped(followcue.evaluate(json_of(line), pack).to_dict())

    return Job(go, answers, "input checked; texts, events, rules, sources", as_situation)


def matching() -> Job:
    from peers import ours

    pack = ours.load()
    reading, run, clauses = ours.Reading(pack), pack.matcher().run, pack.pack.clauses

    def go(line: bytes) -> bytes:
        found = run(ours.as_rows(json_of(line)), ours.ENVIRONMENT)
        rows = [[clauses[each.clause].rule, each.row, each.body, each.grouped] for each in found]
        return dumped({"answers": [list(a) for a in reading.answers(found)], "because": rows})

    return Job(go, lambda written: tuples(dumped(json_of(written)["answers"])), "rule, row, rows it rests on")


def zen(*, trace: bool) -> Job:
    from peers import zen_engine

    decision, options = zen_engine.made_ready(), {"trace": trace}

    def go(line: bytes) -> bytes:
        return dumped(decision.evaluate(zen_engine.context(json_of(line)), options))

    said = "every node, its input and output, and the rows that held" if trace else "none"
    return Job(go, lambda written: zen_engine.answers(json_of(written)["result"]), said)


def judging(judge: Callable[[Sequence[Facts]], list[set[Answer]]]) -> Job:
    def go(line: bytes) -> bytes:
        return dumped([list(answer) for answer in judge([json_of(line)])[0]])

    return Job(go, tuples, "none")


def clips() -> Job:
    from peers import clipspy

    return judging(clipspy.prepare())


def durable() -> Job:
    from peers import durable_rules

    return judging(durable_rules.prepare())


def policy() -> str:
    return (HERE / "peers" / "workload.rego").read_text("utf-8")


def regorus() -> Job:
    import regorus

    engine = regorus.Engine()
    engine.add_policy("workload.rego", policy())

    def go(line: bytes) -> bytes:
        engine.set_input_json('{"facts":' + line.decode() + "}")
        return str(engine.eval_rule_as_json("data.workload.say")).encode()

    return Job(go, tuples, "none")


def rego_cpp() -> Job:
    import regopy

    engine = regopy.Interpreter()
    engine.add_module("workload", policy())

    def go(line: bytes) -> bytes:
        engine.set_input({"facts": json_of(line)})
        return str(engine.query("x = data.workload.say")).encode()

    def answers(written: bytes) -> set[Answer]:
        found = json_of(written)
        found = found[0] if isinstance(found, list) else found
        return {tuple(answer) for answer in found["bindings"]["x"]}

    return Job(go, answers, "none", situations=10)


def json_rules(folder: Path) -> Job:
    """A process of Node.js that answers line by line and measures a round of all lines that it was given."""
    if not (folder / "node_modules" / "json-rules-engine").is_dir():
        raise ImportError(f"no json-rules-engine in {folder.name}")
    node = subprocess.Popen(
        ["node", str(HERE / "peers" / "json_rules.mjs")],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def go(line: bytes) -> bytes:
        assert node.stdin is not None
        assert node.stdout is not None
        node.stdin.write(line + b"\n")
        node.stdin.flush()
        return node.stdout.readline()

    return Job(
        go,
        lambda written: tuples(dumped(json_of(written)["said"])),
        "conditions of the rules that held, with the values compared",
        measured=lambda: float(go(b"measure")) / 1e6,
    )


def json_of(line: bytes) -> Any:
    import orjson

    return orjson.loads(line)


def dumped(value: Any) -> bytes:
    import orjson

    return orjson.dumps(value, default=str)


def tuples(written: bytes) -> set[Answer]:
    return {tuple(answer) for answer in json_of(written)}


def jobs(node: Path) -> dict[str, Callable[[], Job]]:
    return {
        BASE: by_hand,
        "**followcue, matching alone**": matching,
        "**followcue.evaluate**": whole_evaluate,
        f"zen-engine {of('zen-engine')}": lambda: zen(trace=False),
        f"zen-engine {of('zen-engine')}, with its trace": lambda: zen(trace=True),
        f"clipspy (CLIPS) {of('clipspy')}": clips,
        f"durable-rules {of('durable-rules')}": durable,
        "json-rules-engine, in Node.js": lambda: json_rules(node),
        f"Rego by regorus {of('gordon-to-regorus')}": regorus,
        f"Rego by rego-cpp {of('regopy')}": rego_cpp,
    }


def of(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def right(name: str, make: Callable[[], Job], facts: Sequence[Facts]) -> Job | str:
    """The job, or why it is left out."""
    try:
        job = make()
    except ImportError as problem:
        return f"not installed here ({problem})"
    wrong = sum(job.answers(job.go(dumped(job.line(each)))) != hand_written(each) for each in facts)
    return f"differs from the oracle on {wrong} of {len(facts)} situations" if wrong else job


def round_of(job: Job, lines: Sequence[bytes]) -> Callable[[], float]:
    def work() -> None:
        for line in lines:
            job.go(line)

    return job.measured or (lambda: seconds(work) / len(lines))


def configured() -> bool:
    """Whether this Python says that it was built with profile-guided optimisation; Debian's does not say."""
    return "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")


MEMORY = """
import gc, tracemalloc, followcue
from followcue.language.documents.read import read_file
from peers import ours
from generator import as_situation, random_facts
situations = [as_situation(random_facts(seed)) for seed in range(300)]
followcue.evaluate(situations[0], ours.load())
tracemalloc.start()
pack = {pack}; pack.matcher()
gc.collect(); loaded = tracemalloc.get_traced_memory()[0]
data = {data}
followcue.evaluate(data[0], pack); gc.collect()
before = tracemalloc.get_traced_memory()[0]; tracemalloc.reset_peak()
report = followcue.evaluate(data[0], pack); peak = tracemalloc.get_traced_memory()[1]
print(loaded / 1e6, (peak - before) / 1e6)
"""


PROCESS = """
import followcue, peers
from followcue.language.documents.read import read_file
pack = {pack}
for data in {data}: followcue.evaluate(data, pack)
"""


def memory() -> Iterable[str]:
    """Megabytes of a loaded pack, beyond it of one evaluation at its most, and of a whole process."""
    example = str(HERE.parent / "examples" / "agency-heavy.yaml")
    reading = f"[read_file({example!r}).data]"
    many = "[g.as_situation(g.random_facts(seed)) for g in [__import__('generator')] for seed in range(300)]"
    for name, pack, data in (
        ("the reference workload", "__import__('peers.ours').ours.load()", many),
        ("the shipped pack, its largest example", "followcue.load_pack(cache=False)", reading),
    ):
        said = run_python("import peers\n" + MEMORY.format(pack=pack, data=data)).split()
        whole = peak_of_process(PROCESS.format(pack=pack, data=data))
        yield f"| {name} | {float(said[0]):.2f} | {float(said[1]):.3f} | {whole:.0f} |"


def told(node: Path, seeds: int, rounds: int, *, optimised: bool) -> str:
    facts = [random_facts(seed) for seed in range(seeds)]
    found = {name: right(name, make, facts) for name, make in jobs(node).items()}
    ready = {name: job for name, job in found.items() if isinstance(job, Job)}
    lines = {
        name: [dumped(job.line(each)) for each in facts[: job.situations]] for name, job in ready.items()
    }
    load = os.getloadavg()[0]
    measured = in_turns({name: round_of(job, lines[name]) for name, job in ready.items()}, rounds)
    about, kind = machine(), "with" if optimised else "without"
    rows = [
        f"Python {about['python']} {kind} profile-guided optimisation, {about['processor']}, "
        f"{about['cores']} cores; each right on {seeds} situations; medians of {rounds} rounds; "
        f"load of the machine {load:.1f} before and {os.getloadavg()[0]:.1f} after",
        "",
        "| | µs | ratio | middle half | bytes out | reasons |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for name, job in ready.items():
        ratio = Spread.of([a / b for a, b in zip(measured[name], measured[BASE], strict=True)], digits=1)
        written = sum(len(job.go(line)) for line in lines[name][:10]) / min(10, len(lines[name]))
        rows.append(
            f"| {name} | {Spread.of(measured[name], 1e6, 1).median:,.1f} | {ratio.median} "
            f"| {ratio.low} to {ratio.high} | {written:,.0f} | {job.reasons} |"
        )
    rows += ["", "| memory, MB | pack and matcher | one evaluation | a process |", "|---|--:|--:|--:|"]
    rows += memory()
    left = [f"{name}: {reason}" for name, reason in found.items() if isinstance(reason, str)]
    return "\n".join([*rows, *(["", "Left out: " + "; ".join(left) + "."] if left else [])]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds; writes nothing")
    parser.add_argument("--seeds", type=int, default=300, help="situations that each must be right on first")
    parser.add_argument("--node", type=Path, default=Path(), help="where npm installed json-rules-engine")
    parser.add_argument(
        "--optimised",
        action="store_true",
        default=configured(),
        help="this Python has profile-guided optimisation, though it does not say so, as Debian's",
    )
    given = parser.parse_args()
    rounds = 3 if given.quick else ROUNDS
    text = told(given.node, given.seeds, rounds, optimised=given.optimised)
    print(text, end="")
    if not given.quick:
        RESULTS[given.optimised].write_text(text, "utf-8")


if __name__ == "__main__":
    main()
