"""How cost grows: with situations, with rules, and with the events of a situation.

Each point is what one situation costs, in µs of processor time. A contender goes on to the next larger size
as long as it would take no more than `SECONDS` there.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from generator import FIRST_DAY, TODAY, Facts, hand_written, random_facts
from measure import seconds
from peers import CONTENDERS, Judge, grown_rule, one_by_one

SECONDS = 14.0
SITUATIONS = (1_000, 10_000, 100_000, 1_000_000)
RULES = (10, 100, 1_000, 5_000)
EVENTS = (10, 100, 1_000, 10_000)
DIFFERENT = 1_000
"""So many situations are different; more of them are the same again."""
GROWING = ("hand_written", "rows", "compiled", "evaluate", "relational", "clipspy", "zen", "durable_rules")
Points = list[tuple[int, float]]
Growth = dict[str, dict[str, Points]]
Grown = Callable[[int, bool], Judge]


def growth(available: Collection[str], tell: Callable[[str], None]) -> Growth:
    """Every curve, by what grows and then by contender."""
    names = [name for name in GROWING if name in available]
    tell("growth with situations")
    situations = {name: with_situations(name) for name in names}
    tell("growth with events")
    events = {name: with_events(name) for name in names if name not in ("rows", "relational")}
    tell("growth with rules")
    return {"situations": situations, "events": events, **with_rules(available)}


def with_situations(name: str) -> Points:
    """The same thousand situations again and again, handed over by the thousand."""
    judge = CONTENDERS[name].prepare()
    facts = [random_facts(seed) for seed in range(DIFFERENT)]
    judge(facts)

    def work(size: int) -> Callable[[], None]:
        def judged() -> None:
            for _ in range(size // DIFFERENT):
                judge(facts)

        return judged

    return _points(SITUATIONS, lambda size: seconds(work(size)) / size)


def with_events(name: str) -> Points:
    """One situation of more and more events, each answer compared with the oracle."""
    judge = CONTENDERS[name].prepare()
    judge([large_situation(EVENTS[0])])

    def once(size: int) -> float:
        facts = large_situation(size)
        assert judge([facts]) == [hand_written(facts)], f"{name} is wrong on {size} events"
        repeats = max(1, 300 // size)
        return median(seconds(lambda: judge([facts] * repeats)) / repeats for _ in range(5))

    return _points(EVENTS, once, power=2)


def large_situation(events: int) -> Facts:
    """So many events of one application: interviews, half of them thanked for, and remarks."""
    random = Random(events)
    facts: Facts = []
    for i in range(events * 4 // 10):
        person, day = {"iv": f"iv{i // 4}", "person": f"p{i % 4}"}, 40 + i % 50
        facts.append({"kind": "interviewed", **person, "day": day})
        if i % 2:
            facts.append({"kind": "thanked", **person, "day": day + 1})
    facts.append({"kind": "attempt", "n": 0, "day": 97, "channel": "email"})
    facts += [{"kind": "remark", "day": 90, "text": f"note {i}"} for i in range(events - len(facts))]
    random.shuffle(facts)
    return facts


# --- rules
def with_rules(available: Collection[str]) -> Growth:
    """The same twenty events, by more and more rules: of kinds that do not occur, and of kinds that do.

    Ten rules say something. The others look at kinds of their own, or at these for more than is there.
    """
    makers: dict[str, Grown] = {"compiled": grown_pack, "evaluate": grown_evaluate}
    if "clipspy" in available:
        from peers.clipspy import prepare_grown

        makers["clipspy"] = prepare_grown
    if "zen" in available:
        from peers.zen_engine import prepare_grown as zen_grown

        makers["zen"] = zen_grown
    facts: Facts = [{"kind": f"kind_{i % 10}", "n": 3 - i // 10, "day": 90 + i // 10} for i in range(20)]
    right = {(f"action_{i}", None, None, None, 93, None) for i in range(10)}
    found: Growth = {"rules that do not occur": {}, "rules that occur": {}}
    for name, make in makers.items():
        for occurring, curve in zip((False, True), found.values(), strict=True):
            curve[name] = _points(RULES, partial(_of_rules, make, occurring, facts, right))
    return found


def _of_rules(make: Grown, occurring: bool, facts: Facts, right: set[Any], size: int) -> float:
    judge = make(size, occurring)
    assert judge([facts]) == [right], "wrong answer"
    return median(seconds(lambda: judge([facts] * 20)) / 20 for _ in range(5))


def _load_grown(rules: int, occurring: bool) -> Any:
    import followcue

    kinds = range(10 if occurring else rules)
    events = "".join(f"  kind_{i}: {{says: It was., fields: {{n: number}}}}\n" for i in kinds)
    actions = "".join(f"  action_{i}: {{title: Do it}}\n" for i in range(rules))
    written = "rules:\n"
    for i in range(rules):
        kind, least = grown_rule(i, occurring)
        written += (
            f"  rule-{i}:\n    title: Do it\n    when:\n      - {kind}: {{n: at least {least}, date: $d}}\n"
            f"    recommend: {{action: action_{i}, due: $d + 3 days}}\n"
        )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vocabulary.yaml").write_text(
            "pack: {name: grown}\nsituation:\n  whole: case\n  events: [events]\n"
            f"events:\n{events}actions:\n{actions}",
            "utf-8",
        )
        (Path(folder) / "rules.yaml").write_text(written, "utf-8")
        return followcue.load_pack(folder, cache=False)


def grown_pack(rules: int, occurring: bool) -> Judge:
    """Matching alone, from facts to answers."""
    from peers.ours import ENVIRONMENT, Reading

    pack = _load_grown(rules, occurring)
    reading, run = Reading(pack), pack.matcher().run

    def judge(facts: Facts) -> set[Any]:
        rows: dict[str, list[tuple[Any, ...]]] = {}
        for at, fact in enumerate(facts):
            row = (FIRST_DAY + fact["day"], at, None, None, fact["n"])
            rows.setdefault(fact["kind"], []).append(row)
        return reading.answers(run(rows, ENVIRONMENT))

    return one_by_one(judge)


def grown_evaluate(rules: int, occurring: bool) -> Judge:
    """From a dict to a report."""
    from datetime import date

    import followcue

    pack = _load_grown(rules, occurring)

    def text(day: int) -> str:
        return date.fromordinal(FIRST_DAY + day).isoformat()

    def judge(facts: Facts) -> set[Any]:
        events = [{"event": f["kind"], "n": f["n"], "date": text(f["day"])} for f in facts]
        report = followcue.evaluate({"as_of": text(TODAY), "events": events}, pack, missed=True)
        return {
            (a.action, a.to, a.about, a.open, a.due and a.due.toordinal() - FIRST_DAY, a.until)
            for a in report.actions
        }

    return one_by_one(judge)


def _points(sizes: Sequence[int], measured: Callable[[int], float], power: int = 1) -> Points:
    """What is measured at each size, until the next would take more than `SECONDS` if time grows so."""
    points: Points = []
    for size, following in zip(sizes, (*sizes[1:], sizes[-1]), strict=True):
        costs: list[float] = []
        gc.collect()
        gc.freeze()  # what other engines left alive is not searched for garbage at this one's expense
        spent = seconds(lambda size=size, costs=costs: costs.append(measured(size)))  # type: ignore[misc]
        gc.unfreeze()
        points.append((size, round(costs[0] * 1e6, 2)))
        if spent * (following / size) ** power > SECONDS:
            break
    return points
