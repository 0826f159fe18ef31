"""Ours and the engines that somebody would take instead, on the same work, in one run.

    python benchmarks/peers.py                   some five minutes; writes benchmarks/results/peers.json
    python benchmarks/peers.py --quick           few rounds, no growth, to see that it works; writes nothing
    python benchmarks/peers.py --only clipspy    of the peers this one

What is not installed is left out, and said: `pip install -r benchmarks/peers/requirements.txt`. Each is
compared with a function written by hand on `--seeds` situations before anything is measured, and left
out where it differs. `python benchmarks/report.py` then writes docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import Spread, in_turns, machine, peak_of_process, seconds, seconds_of_process  # noqa: E402
from peers import CONTENDERS, OURS, PEERS, Contender, Judge  # noqa: E402

from generator import Facts, hand_written, random_facts  # noqa: E402  # isort: skip

RESULTS = HERE / "results" / "peers.json"
BASE = CONTENDERS["hand_written"]
ROUNDS, STARTS = 15, 7
JsonObject = dict[str, Any]


class Ready(NamedTuple):
    """A contender whose answers were found right, and the situations that it judges in each round."""

    contender: Contender
    judge: Judge
    situations: Sequence[Facts]


def make_ready(chosen: Sequence[Contender], seeds: int) -> tuple[list[Ready], list[JsonObject]]:
    """Those that are installed and right; and the others, with the reason."""
    facts = [random_facts(seed) for seed in range(max(seeds, *(c.situations for c in chosen)))]
    right = [hand_written(each) for each in facts[:seeds]]
    ready: list[Ready] = []
    skipped: list[JsonObject] = []
    for contender in chosen:
        reason = ""
        try:
            judge = contender.prepare()
            differ = sum(a != b for a, b in zip(judge(facts[:seeds]), right, strict=True))
            reason = f"differs from the oracle on {differ} of {seeds} situations" if differ else ""
        except ImportError as problem:
            reason = f"not installed here ({problem})"
        if reason:
            skipped.append({"name": contender.name, "title": contender.title, "reason": reason})
        else:
            ready.append(Ready(contender, judge, facts[: contender.situations]))
        tell(f"{contender.title}: {reason or f'right on {seeds} situations'}")
    return ready, skipped


# --- time
def times(ready: Sequence[Ready], rounds: int) -> dict[str, JsonObject]:
    """µs for one situation, and the ratio to the hand-written function on the same, round by round."""

    def of_one(judge: Judge, situations: Sequence[Facts]) -> Callable[[], float]:
        repeats = max(1, 300 // len(situations)) if judge is hand else 1
        count = len(situations) * repeats

        def work() -> None:
            for _ in range(repeats):
                judge(situations)

        return lambda: seconds(work) / count

    hand = BASE.prepare()
    works: dict[str, Callable[[], float]] = {}
    for each in ready:
        works[each.contender.name] = of_one(each.judge, each.situations)
        works[f"{each.contender.name} by hand"] = of_one(hand, each.situations)
    measured = in_turns(works, rounds)

    def by_hand(name: str) -> list[float]:
        return measured[name if name == BASE.name else f"{name} by hand"]

    return {
        name: {
            "us": Spread.of(measured[name], 1e6, 1),
            "ratio": Spread.of(
                [taken / base for taken, base in zip(measured[name], by_hand(name), strict=True)], digits=2
            ),
        }
        for name in (each.contender.name for each in ready)
    }


# --- memory and starting, each in processes of their own
def starting(ready: Sequence[Ready], rounds: int) -> dict[str, JsonObject]:
    """Milliseconds from nothing to the first answer, and megabytes after all situations of a round."""
    with cache_of_its_own() as environment:
        codes = {each.contender.name: first_answer(each.contender) for each in ready}
        works = {name: timed(code, environment) for name, code in codes.items()}
        works["python -c pass"] = timed("pass", environment)
        works["compiled, rules kept"] = timed(
            first_answer(CONTENDERS["compiled"]._replace(function="compiled_kept")), environment
        )
        works["evaluate, rules kept"] = timed(
            first_answer(CONTENDERS["evaluate"]._replace(function="evaluate_kept")), environment
        )
        measured = in_turns(works, rounds)
        found: dict[str, JsonObject] = {
            name: {"start_ms": Spread.of(values, 1e3, 1)} for name, values in measured.items()
        }
        for each in ready:
            code = first_answer(each.contender, len(each.situations))
            found[each.contender.name]["peak_mb"] = peak_of_process(code, environment)
        found["python -c pass"]["peak_mb"] = peak_of_process("pass", environment)
    return found


def first_answer(contender: Contender, situations: int = 1) -> str:
    """The code of a process that does nothing but this."""
    return (
        "from peers import Contender\nfrom generator import random_facts\n"
        f"judge = Contender('', '', {contender.module!r}, {contender.function!r}).prepare()\n"
        f"assert judge([random_facts(seed) for seed in range({situations})])"
    )


def timed(code: str, environment: Mapping[str, str]) -> Callable[[], float]:
    return lambda: seconds_of_process(code, environment)


@contextmanager
def cache_of_its_own() -> Iterator[dict[str, str]]:
    """Keeps the user's own cache out of the measurement."""
    with tempfile.TemporaryDirectory() as folder:
        yield {"XDG_CACHE_HOME": folder}


# --- the shipped pack, which no other engine can read
def shipped(rounds: int) -> list[JsonObject]:
    """µs for one evaluation of each example, and of its report as JSON data."""
    import followcue
    from followcue.language.documents.read import read_file

    pack = followcue.load_pack()
    repeats = 5
    works: dict[str, Callable[[], float]] = {}
    events: dict[str, int] = {}
    for path in sorted((HERE.parent / "examples").glob("*.yaml")):
        data = read_file(path).data

        def work(situation: Any = data) -> None:
            for _ in range(repeats):
                followcue.evaluate(situation, pack).to_dict()

        works[path.stem] = lambda work=work: seconds(work) / repeats  # type: ignore[misc]
        events[path.stem] = path.read_text("utf-8").count("event: ")
    measured = in_turns(works, rounds)
    return [
        {"example": name, "events": events[name], "us": Spread.of(values, 1e6, 0)}
        for name, values in measured.items()
    ]


# --- all of it
def measure(chosen: Sequence[Contender], seeds: int, rounds: int, starts: int, growing: bool) -> JsonObject:
    ready, skipped = make_ready(chosen, seeds)
    tell(f"measuring {len(ready)} in {rounds} rounds")
    taken = times(ready, rounds)
    tell("starting and memory")
    started = starting(ready, starts)
    found: JsonObject = {
        "machine": machine(),
        "rounds": rounds,
        "verified": seeds,
        "contenders": [
            {
                "name": each.contender.name,
                "title": each.contender.title,
                "ours": each.contender in OURS,
                "version": version_of(each.contender),
                "note": each.contender.note,
                "situations": len(each.situations),
                **taken[each.contender.name],
                **started[each.contender.name],
            }
            for each in ready
        ],
        "starts": {name: started[name] for name in started if name not in CONTENDERS},
        "skipped": skipped,
        "fired": fired(),
    }
    tell("the shipped pack")
    found["shipped"] = shipped(rounds)
    if growing:
        from growth import growth

        found["growth"] = growth({each.contender.name for each in ready}, tell)
    return found


def fired() -> float:
    """How many answers a situation has, on average."""
    return round(sum(len(hand_written(random_facts(seed))) for seed in range(300)) / 300, 2)


def version_of(contender: Contender) -> str | None:
    try:
        return contender.distribution and version(contender.distribution)
    except PackageNotFoundError:
        return None


def table(found: JsonObject) -> str:
    """The figures for a terminal."""
    lines = [f"{'':28}{'µs':>10}{'ratio':>9}{'start, ms':>11}{'peak, MB':>10}"]
    for each in found["contenders"]:
        title = " ".join(filter(None, (each["title"], each["version"])))
        lines.append(
            f"{title:28}{each['us'][0]:>10,.1f}{each['ratio'][0]:>9,.2f}"
            f"{each['start_ms'][0]:>11,.0f}{each['peak_mb']:>10,.0f}"
        )
    lines += [f"{name:47}{each['start_ms'][0]:>11,.0f}" for name, each in found["starts"].items()]
    lines += [f"left out: {each['title']}: {each['reason']}" for each in found["skipped"]]
    return "\n".join(lines)


def written(found: JsonObject) -> str:
    """The results as a file: a line for each contender, example and set of curves."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def part(value: Any) -> str:
        if isinstance(value, list) and value:
            return "[\n  " + ",\n  ".join(map(line, value)) + "\n ]"
        if isinstance(value, dict):
            return "{\n  " + ",\n  ".join(f"{line(k)}: {line(v)}" for k, v in value.items()) + "\n }"
        return line(value)

    return "{\n " + ",\n ".join(f"{line(key)}: {part(value)}" for key, value in found.items()) + "\n}\n"


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds, no growth, nothing written")
    parser.add_argument("--seeds", type=int, default=300, help="situations that each must be right on first")
    parser.add_argument(
        "--only", action="append", choices=[p.name for p in PEERS], help="of the peers this one"
    )
    parser.add_argument("-o", "--output", type=Path, default=None, help=f"default: {RESULTS.name}")
    given = parser.parse_args()
    peers = [peer for peer in PEERS if not given.only or peer.name in given.only]
    rounds, starts = (3, 2) if given.quick else (ROUNDS, STARTS)
    found = measure((*OURS, *peers), given.seeds, rounds, starts, growing=not given.quick)
    print(table(found))
    output = given.output or (None if given.quick else RESULTS)
    if output is not None:
        output.write_text(written(found), "utf-8")


if __name__ == "__main__":
    main()
