"""Writes docs/performance.md and its plots from what `peers.py` and `population.py` measured.

    python benchmarks/report.py

Every figure of the page comes from benchmarks/results/; the same results give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from plots import COLOURS, Bar, bars, curves  # noqa: E402
from tables import rows, value  # noqa: E402

RESULTS, POPULATION = HERE / "results" / "peers.json", HERE / "results" / "population.md"
STAGES, WHOLE = HERE / "results" / "stages.md", HERE / "results" / "whole.md"
COST = HERE / "results" / "cost.md"
JOBS = (HERE / "results" / "jobs.md", HERE / "results" / "jobs-optimised.md")
OUR_JOB, TRACED = "**followcue.evaluate**", "with its trace"
DOCS = HERE.parent / "docs"
TENFOLD = 10
Found = Mapping[str, Any]
CURVES = {
    "situations": ("Cost of one situation, by how many are judged", "situations"),
    "events": ("Cost of one situation, by its events", "events of the situation"),
    "rules that do not occur": ("Cost by rules whose kinds do not occur", "rules"),
    "rules that occur": ("Cost by rules whose kinds occur", "rules"),
}


class Figures:
    """The results, by name."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.contenders: dict[str, Found] = {each["name"]: each for each in found["contenders"]}
        self.peers = [each for each in found["contenders"] if not each["ours"]]

    def us(self, name: str) -> float:
        return float(self.contenders[name]["us"][0])

    def ratio(self, name: str) -> float:
        return float(self.contenders[name]["ratio"][0])

    def fastest_peer(self) -> Found | None:
        return min(self.peers, key=lambda each: float(each["ratio"][0]), default=None)


# --- the page
def page(
    found: Found,
    population: str | None,
    stages: str | None = None,
    whole: str | None = None,
    cost: str | None = None,
    jobs: Sequence[str] = (),
) -> str:
    """The whole page."""
    figures = Figures(found)
    parts = [
        "# How fast it is",
        _machine(found),
        "## Against other engines",
        *_peers(figures),
        "## What the numbers mean",
        *_meaning(found),
        *(["## The whole job", *_jobs(jobs)] if jobs else []),
        "## What it is not better at",
        *_not_better(figures),
        "## Growth",
        *_growth(figures),
        "## The shipped pack",
        *_shipped(found, stages, whole),
    ]
    if cost is not None:
        parts += ["## Steps and starting", *_cost(cost)]
    if population is not None:
        parts += ["## Many situations", *_population(population)]
    parts += ["## Measure it yourself", *_reproduce()]
    return "\n\n".join(parts) + "\n"


def _machine(found: Found) -> str:
    about = found["machine"]
    return (
        f"Where a table says nothing else, its figures come from one run on {about['system']}, "
        f"Python {about['python']}, {about['cores']} cores ({about['processor']}). "
        "All were written here by a program. Times are "
        "processor time. What is compared was measured in turns (A B C, A B C, …), and ratios were taken "
        "round by round: they hold on another machine, which microseconds do not."
    )


def _peers(figures: Figures) -> Iterator[str]:
    found = figures.found
    yield (
        "The [reference workload](../benchmarks/README.md#the-reference-workload) is 18 rules about one "
        "job application, with joins, negation, counting, the latest of several, and conclusions of "
        f"conclusions; a situation has ten facts and {found['fired']:.2f} answers on average. It was "
        "written in the language of each engine, and each had to give the answers of a function written by "
        f"hand on {found['verified']} situations before it was measured. The work is the same for all: "
        "facts as dicts in, answers as tuples out."
    )
    yield _picture("peers", "Bars: microseconds for one situation, of followcue and other engines")
    lines = [
        "| | µs | ratio | start | memory | |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for each in found["contenders"]:
        name = " ".join(filter(None, (each["title"], each["version"])))
        shown = f"**{name}**" if _is_engine_of_ours(each) else name
        lines.append(
            f"| {shown} | {_us(each['us'][0])} | {each['ratio'][0]:,.1f} | {each['start_ms'][0]:,.0f} ms "
            f"| {each['peak_mb']:,.0f} MB | {each['note']} |"
        )
    yield "\n".join(lines)
    if found["skipped"]:
        yield (
            "Left out: " + "; ".join(f"{each['title']}, {each['reason']}" for each in found["skipped"]) + "."
        )
    yield from _claim(figures)


def _claim(figures: Figures) -> Iterator[str]:
    nearest = figures.fastest_peer()
    if nearest is None or "compiled" not in figures.contenders:
        return
    ahead = nearest["ratio"][0] / figures.ratio("compiled")
    whole = nearest["ratio"][0] / figures.ratio("evaluate")
    said = "an order of magnitude" if ahead >= TENFOLD else "less than an order of magnitude"
    compared = f"{whole:.1f} times as fast as" if whole >= 1 else f"{1 / whole:.1f} times as slow as"
    yield (
        f"On the same work the default matcher is {ahead:.0f} times as fast as the next engine, "
        f"{nearest['title']}: {said}. It also keeps for each answer the facts that it rests on; the others, "
        "as written here, do not. The whole way of `evaluate`, which checks every value and writes windows, "
        f"texts, sources and reasons, is {compared} what {nearest['title']} takes to match alone."
    )


def _meaning(found: Found) -> Iterator[str]:
    starts = found["starts"]
    yield "\n".join(
        [
            "- **µs**: processor time for one situation, the median of the rounds. Fewer situations were "
            "judged in a round by engines that take long.",
            "- **ratio**: to the function written by hand, on the same situations in the same round.",
            "- **start**: processor time of a process that imports the engine, makes the rules ready and "
            f"gives one answer; Python alone takes {starts['python -c pass']['start_ms'][0]:,.0f} ms. Ours "
            "compiles its rules there; with those that an earlier run kept, as the command has them, "
            f"matching starts in {starts['compiled, rules kept']['start_ms'][0]:,.0f} ms and `evaluate` in "
            f"{starts['evaluate, rules kept']['start_ms'][0]:,.0f} ms.",
            "- **memory**: the most that such a process held, when it had judged the situations of one "
            f"round; Python alone holds {starts['python -c pass']['peak_mb']:,.0f} MB.",
        ]
    )


def _jobs(jobs: Sequence[str]) -> Iterator[str]:
    yield (
        "Matching is a small part of what a caller waits for. Here a line of JSON with a situation of the "
        "reference workload comes in, and a line of JSON with the decision goes out, with what the engine "
        "itself can say of why. What is parsed, checked and written counts, and it is not the same: "
        "*reasons* and *bytes out* say what each gives. Each table is of one kind of Python; "
        "json-rules-engine runs in Node.js beside it and measures itself there."
    )
    for text in jobs:
        yield text.strip()
        found = rows(text)
        ours = value(found[OUR_JOB]["ratio"])
        quicker = {
            name: ours / value(cells["ratio"])
            for name, cells in found.items()
            if cells.get("reasons") and "followcue" not in name and "hand" not in name
        }
        less = [f"{times:.1f} times as long as {name}" for name, times in quicker.items() if times > 1.05]
        traced = next((times for name, times in quicker.items() if name.endswith(TRACED)), None)
        if less:
            yield f"Here the whole of `evaluate` takes {', '.join(less)}."
        if traced is not None and traced <= 1.05:
            yield f"zen-engine with its trace takes {1 / traced:.1f} times as long as `evaluate`."
    yield (
        "So where only the time of the whole job counts and nobody asks for reasons, zen-engine is the "
        "better choice for a table of decisions, and an engine of Rego for a policy: they decide outside "
        "Python. json-rules-engine is for rules that live in a page or "
        "a service in JavaScript, and that compare single values: what joins, counts or takes the latest is "
        "a function of the caller's there. CLIPS is better for one more fact in a session that goes on. "
        "What followcue does with its time is to check every value, place each action in time, "
        "and say in texts, events and sources why; whoever needs less may take the matcher alone."
    )
    yield (
        "OPA's own engine is a program in Go, which was not on the machine; regorus, another engine of its "
        "language, stands for it, by a build that others publish (`gordon-to-regorus`). "
        "rego-cpp, a third one, was given the same policy: "
        "it takes 93 for the largest of 100, 91 and 93."
    )
    yield (
        "*Pack and matcher* and *one evaluation* are what Python's objects hold, the latter at its most, as "
        "Python counts; *a process* is the most that a whole process held which made the rules ready "
        "without kept ones and evaluated the situations. A worker of a batch is in the table of [many "
        "situations](#many-situations)."
    )


def _not_better(figures: Figures) -> Iterator[str]:
    lines = []
    if {"relational", "compiled"} <= figures.contenders.keys():
        times = figures.ratio("relational") / figures.ratio("compiled")
        lines.append(
            f"- **SQL from Python objects.** The relational matcher takes {times:.0f} times as long as the "
            "compiled one: handing rows to the database and taking derivations back costs more than "
            "matching."
        )
    quickest = min((each["start_ms"][0] for each in figures.peers), default=None)
    if quickest is not None:
        lines.append(
            f"- **Starting.** The quickest of the others gives its first answer after {quickest:,.0f} ms; "
            f"ours needs {figures.found['starts']['compiled, rules kept']['start_ms'][0]:,.0f} ms with kept "
            f"rules and {figures.contenders['compiled']['start_ms'][0]:,.0f} ms without."
        )
    lines += _many_rules(figures)
    lines += [
        "- **One more fact.** CLIPS, durable-rules and experta keep what they matched and can go on from "
        "there. followcue judges a situation anew; that is what the figures above are of, for all of them.",
        "- **Other kinds of problems.** clingo searches among possible worlds, CLIPS has procedures and "
        "objects, zen-engine has an editor of graphs and runs in several languages. None of that is "
        "measured here.",
    ]
    yield "\n".join(lines)


def _many_rules(figures: Figures) -> list[str]:
    """Where a network of shared conditions wins, if it does: rules without end that have nothing to say."""
    grown = figures.found.get("growth", {}).get("rules that do not occur", {})
    if not {"compiled", "clipspy"} <= grown.keys():
        return []
    ours, theirs = grown["compiled"], grown["clipspy"]
    (few, at_first), (many, at_last) = ours[0], ours[-1]
    each = (at_last - at_first) / (many - few) * 1000
    other = dict(map(tuple, theirs)).get(many)
    if other is not None and at_last <= other:
        return []
    compared = f": with {many:,} rules CLIPS takes {other:,.0f} µs, ours {at_last:,.0f} µs" if other else ""
    return [
        f"- **Thousands of rules that do not apply.** Each costs the compiled matcher some {each:.0f} ns "
        "also where nothing happened that it looks at. In a network of conditions it costs nothing "
        f"then{compared}."
    ]


def _growth(figures: Figures) -> Iterator[str]:
    growth: Mapping[str, Mapping[str, Any]] = figures.found.get("growth", {})
    said = {
        "situations": "The same thousand situations again and again. A level line is a cost that grows with "
        "the number and no faster; nothing is kept from one to the next.",
        "events": "One application with more and more interviews, half of which were followed by thanks, and "
        "remarks; each answer was compared with the function by hand. A line that rises as steeply as the "
        "number is the best there can be. With garbage collection off, `evaluate` takes the same for each of "
        "a thousand events and of ten thousand: what it takes beyond that is Python's search for garbage, "
        "whose full passes go through all that lives in the process, also what others made. Matching and the "
        "function by hand take longer for each of ten thousand because so many dicts do not fit in the "
        "processor's nearer caches.",
        "rules that do not occur": "Twenty events and ten rules that look at them; all other rules look "
        "at kinds that do not occur.",
        "rules that occur": "The same, but the other rules look at kinds that do occur, for larger "
        "numbers than are there.",
    }
    for key, text in said.items():
        if key not in growth:
            continue
        yield text
        yield _picture(_file(key), f"Curves: {CURVES[key][0].lower()}")
        yield _curve_table(growth[key], CURVES[key][1], figures)
    yield (
        "A line ends where the next size would have taken longer than some seconds, or where an engine "
        "refused it."
    )


def _curve_table(lines: Mapping[str, Sequence[Sequence[float]]], what: str, figures: Figures) -> str:
    sizes = sorted({int(size) for line in lines.values() for size, _ in line})
    rows = [
        f"| µs, by {what} | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "|---|" + "--:|" * len(sizes),
    ]
    for name, line in lines.items():
        costs = {int(size): cost for size, cost in line}
        cells = (_us(costs[size]) if size in costs else "–" for size in sizes)
        rows.append(f"| {_title(name, figures)} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _shipped(found: Found, stages: str | None, whole: str | None) -> Iterator[str]:
    yield (
        "Only ours: no other engine reads these rules, and to write them again for one would "
        "be to invent another pack. From a dict to the report as JSON data, with all reasons."
    )
    table = ["| example | events | µs |", "|---|--:|--:|"]
    table += [f"| {each['example']} | {each['events']} | {_us(each['us'][0])} |" for each in found["shipped"]]
    yield "\n".join(table)
    if stages is not None:
        yield (
            "The whole way stage by stage, of a situation that is one line of JSON: a report with all "
            "reasons as a line of JSON comes out. The function by hand is that of the reference workload, "
            "which gives bare tuples and no reasons."
        )
        yield stages.strip()
        made_up = next(row for name, row in rows(stages).items() if name.endswith("made up"))
        yield (
            "Aimed at were at most ten times the function's cost for a situation of 20 events: those that "
            f"are made up take {made_up['ratio']} times it. Beyond some 30 events it is more than ten: "
            "each event is read, checked and explained, and the function does none of that."
        )
    if whole is not None:
        yield (
            "The same by [the command](batch.md), with lines sorted by name, files, and starting included. "
            "Two workers share what two cores have in common:"
        )
        yield whole.strip()


def _population(text: str) -> Iterator[str]:
    yield (
        "[`followcue batch`](batch.md) over situations that are made up of the shipped pack's own words, "
        "from records in any order to reports with reasons, sorting included. *Processor* is that of all "
        "processes."
    )
    yield text.strip()
    forms = rows(text)
    table, lines = (value(forms[f"{form} to {form}"]["for one situation"]) for form in ("parquet", "jsonl"))
    yield (
        f"Aimed at was a tenth of the cost of lines for tables; they cost {table / lines:.0%} of it. Where "
        "the records come from makes little difference, as the table of stages shows: sorting, fetching and "
        "writing are what a table could save, and they are the smaller part. Reading, matching and advice "
        "are the same work from whatever form. Nor would SQL do that work quicker: the last table is of "
        "matching alone, which is a part of it, and the compiled rules take less than the database takes "
        "for its statements. The shipped rules have some five hundred clauses that derive one row in five "
        "situations on average; a database reads its tables anew for each of them."
    )


def _cost(text: str) -> Iterator[str]:
    yield (
        "What the steps of a report add to making it, and what the command takes that is asked most, beside "
        "importing the library that reads command lines; from a run of its own. `followcue evaluate FILE` "
        "with no option or the commonest ones is answered without that library; with any other option, and "
        "for whatever is wrong with the line, it is imported as for all other commands."
    )
    yield text.strip()
    yield (
        "Aimed at were 1.10 for steps and 1.5 for a start. A third of what steps take is placing each action "
        "(to whom, on which day, how urgent), a third is writing their titles and reasons, the rest is "
        "finding out who is who, grouping and ordering; there are as many small decisions as actions, and no "
        "single one to save. To make steps only when somebody looks would save nothing, as the day on which "
        "a report changes next is read off them. A start is importing for the most part: Python itself and "
        "its `typing` and `re` are a third, YAML with the tables that it makes anew each time is a fifth, "
        "some seventy small modules of followcue are three tenths; reading the kept rules, the evaluation "
        "and its output share the rest."
    )


def _reproduce() -> Iterator[str]:
    yield (
        "```sh\n"
        "pip install -e . -r benchmarks/peers/requirements.txt   # or: nox -s peers\n"
        "python benchmarks/peers.py                              # some five minutes\n"
        "npm install --ignore-scripts --prefix /tmp/node json-rules-engine@7.3.1\n"
        "python benchmarks/jobs.py --node /tmp/node              # a minute; once with each Python\n"
        "python benchmarks/stages.py -o benchmarks/results/stages.md\n"
        "python benchmarks/cost.py -o benchmarks/results/cost.md\n"
        "python benchmarks/population.py --whole -o benchmarks/results/whole.md\n"
        "python benchmarks/population.py --situations 1000000 --kills 5 --profile \\\n"
        "  -o benchmarks/results/population.md                   # three quarters of an hour\n"
        "python benchmarks/report.py                             # writes this page\n"
        "```"
    )
    yield (
        "Engines that are not installed are left out. Each is written in one module of "
        "[benchmarks/peers](../benchmarks/peers/): if one could be written better in its language, that is "
        "the place. durable-rules has no wheel and is compiled when it is installed; from Python 3.13 on "
        "it does not import. experta imports on Python 3.10 and later only after `collections.Mapping` and "
        "its like are put back, which its module here does. What ours takes in detail is [another "
        "page](../benchmarks/README.md)."
    )


# --- pictures
def pictures(found: Found) -> dict[str, str]:
    """Every plot by the name of its file."""
    figures = Figures(found)
    rows = [
        Bar(each["title"], each["us"][0], f"{_us(each['us'][0])} µs", _is_engine_of_ours(each))
        for each in sorted(found["contenders"], key=lambda each: float(each["us"][0]))
    ]
    drawn = {"peers": bars("One situation of the reference workload", "µs, logarithmic", rows)}
    colours = _colours(figures)
    for key, lines in found.get("growth", {}).items():
        title, across = CURVES[key]
        named = {
            _title(name, figures): [(float(x), float(y)) for x, y in line] for name, line in lines.items()
        }
        drawn[_file(key)] = curves(title, across, "µs for one situation", named, colours)
    return {f"performance-{name}.svg": text for name, text in drawn.items()}


def _colours(figures: Figures) -> dict[str, str]:
    """The same colour for the same name in all plots."""
    growth: Mapping[str, Mapping[str, Any]] = figures.found.get("growth", {})
    drawn = {name for lines in growth.values() for name in lines}
    names = [_title(name, figures) for name in figures.contenders if name in drawn]
    return {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}


def _is_engine_of_ours(each: Found) -> bool:
    return bool(each["ours"]) and each["name"] != "hand_written"


def _file(key: str) -> str:
    return {"rules that do not occur": "rules-absent", "rules that occur": "rules-present"}.get(key, key)


def _picture(name: str, told: str) -> str:
    return f"![{told}](pictures/performance-{name}.svg)"


def _title(name: str, figures: Figures) -> str:
    each = figures.contenders.get(name)
    return str(each["title"]) if each else name


def _us(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def write(results: Path, population: Path, docs: Path) -> None:
    """The page and its plots; plots that are no longer drawn are taken away."""
    found = json.loads(results.read_text("utf-8"))
    others = [
        path.read_text("utf-8") if path.is_file() else None for path in (population, STAGES, WHOLE, COST)
    ]
    jobs = [path.read_text("utf-8") for path in JOBS if path.is_file()]
    (docs / "pictures").mkdir(parents=True, exist_ok=True)
    (docs / "performance.md").write_text(page(found, *others, jobs), "utf-8")
    drawn = pictures(found)
    for old in (docs / "pictures").glob("performance-*.svg"):
        if old.name not in drawn:
            old.unlink()
    for name, text in drawn.items():
        (docs / "pictures" / name).write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--population", type=Path, default=POPULATION)
    parser.add_argument("--docs", type=Path, default=DOCS)
    given = parser.parse_args()
    write(given.results, given.population, given.docs)


if __name__ == "__main__":
    main()
