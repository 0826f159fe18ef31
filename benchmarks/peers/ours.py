"""Ours: the matchers alone, and the whole way from a dict to a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from generator import FIRST_DAY, TODAY, Facts, Rows, as_situation

import followcue
from followcue.evaluation.match.protocol import Derivation, Environment
from peers import BENCHMARKS, Answer, Judge, one_by_one

ENVIRONMENT = Environment(FIRST_DAY + TODAY, {"profile": "only"})
RECOMMENDATION = "!recommendation"


def load(*, cache: bool = False) -> followcue.LoadedPack:
    """The rules of the reference workload."""
    return followcue.load_pack(BENCHMARKS / "workload" / "rules", cache=cache)


# The columns of each kind, as `followcue.batch` and `evaluate` make them of records.
ROWS: dict[str, Callable[[dict[str, Any], int, int], tuple[Any, ...]]] = {
    "interviewed": lambda fact, day, at: (day, at, None, None, fact["iv"], fact["person"]),
    "thanked": lambda fact, day, at: (day, at, None, None, fact["iv"], fact["person"]),
    "promised": lambda fact, day, at: (day, at, None, None, FIRST_DAY + fact["by"]),
    "attempt": lambda fact, day, at: (day, at, None, None, fact["n"], fact["channel"]),
    "offer": lambda fact, day, at: (day, at, None, None, fact["company"], _day(fact.get("answer_by"))),
    "told": lambda fact, day, at: (day, at, None, None, fact["company"]),
    "rejection": lambda fact, day, at: (day, at, None, None),
    "thanked_rejection": lambda fact, day, at: (day, at, None, None),
    "asked_feedback": lambda fact, day, at: (day, at, None, None),
    "signed": lambda fact, day, at: (day, at, None, None),
    "remark": lambda fact, day, at: (day, at, None, None, fact["text"]),
}


def as_rows(facts: Facts) -> Rows:
    """The facts as matchers take them."""
    rows: Rows = {}
    for at, fact in enumerate(facts):
        kind = fact["kind"]
        row = ROWS[kind](fact, FIRST_DAY + fact["day"], at)
        if kind in rows:
            rows[kind].append(row)
        else:
            rows[kind] = [row]
    return rows


class Reading:
    """Derivations as answers."""

    def __init__(self, pack: followcue.LoadedPack) -> None:
        self._actions = [
            pack.pack.rules[clause.rule].action if clause.head == RECOMMENDATION else None
            for clause in pack.pack.clauses
        ]

    def answers(self, derivations: Sequence[Derivation]) -> set[Answer]:
        """What they recommend, in the form of the hand-written function."""
        found: set[Answer] = set()
        actions = self._actions
        for derivation in derivations:
            action = actions[derivation.clause]
            if action is not None:
                _, to, about, opens, due, _, until, _ = derivation.row
                opens = opens and opens - FIRST_DAY
                due = due and due - FIRST_DAY
                found.add((action, to, about, opens, due, until and until - FIRST_DAY))
        return found


def _day(number: int | None) -> int | None:
    return None if number is None else FIRST_DAY + number


def _matching(name: str, *, cache: bool = False) -> Judge:
    pack = load(cache=cache)
    reading, run = Reading(pack), pack.matcher(name).run
    return one_by_one(lambda facts: reading.answers(run(as_rows(facts), ENVIRONMENT)))


def compiled() -> Judge:
    """The default matcher."""
    return _matching("compiled")


def compiled_kept() -> Judge:
    """The same with what an earlier run kept of the rules."""
    return _matching("compiled", cache=True)


def rows() -> Judge:
    """The default matcher where rows are at hand; answers are made of derivations the first time only."""
    pack = load()
    reading, run = Reading(pack), pack.matcher().run
    made: dict[int, tuple[Facts, Rows]] = {}

    def judge(situations: Sequence[Facts]) -> list[Any]:
        if not all(id(facts) in made for facts in situations):
            made.update({id(facts): (facts, as_rows(facts)) for facts in situations})
            return [reading.answers(run(made[id(facts)][1], ENVIRONMENT)) for facts in situations]
        for facts in situations:
            run(made[id(facts)][1], ENVIRONMENT)
        return []

    return judge


def reference() -> Judge:
    """The matcher that is there to be read."""
    return _matching("reference")


def durable() -> Judge:
    """The matcher on durable-rules; raises `ImportError` where it cannot be imported."""
    import durable_rules_engine  # noqa: F401

    return _matching("durable")


def relational() -> Judge:
    """The matcher that runs SQL on many situations at once."""
    import duckdb  # noqa: F401
    import pyarrow  # noqa: F401

    from followcue.evaluation.match.protocol import Posed
    from followcue.evaluation.match.relational import RelationalMatcher

    pack = load()
    reading, matcher = Reading(pack), RelationalMatcher(pack.program)

    def judge(situations: Sequence[Facts]) -> list[set[Answer]]:
        posed = [Posed(as_rows(facts), ENVIRONMENT) for facts in situations]
        return [reading.answers(derivations) for derivations in matcher.run_many(posed)]

    return judge


def evaluate() -> Judge:
    """From a dict to a report with everything in it."""
    return _evaluating(load())


def evaluate_kept() -> Judge:
    """The same with what an earlier run kept of the rules."""
    return _evaluating(load(cache=True))


def _evaluating(pack: followcue.LoadedPack) -> Judge:
    def judge(facts: Facts) -> set[Answer]:
        report = followcue.evaluate(as_situation(facts), pack)
        return {
            (a.action, a.to, a.about, *map(_day_number, (a.open, a.due, a.until))) for a in report.actions
        }

    return one_by_one(judge)


def _day_number(day: date | None) -> int | None:
    return None if day is None else day.toordinal() - FIRST_DAY
