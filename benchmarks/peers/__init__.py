"""The reference workload in each engine: facts of situations in, what to do out.

Every module has a function `prepare`, which makes the rules ready and gives a `Judge`; importing the module
raises `ImportError` where its engine is not installed. What is counted as work is the same for all: from
the facts as dicts to the answers as tuples.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

BENCHMARKS = Path(__file__).resolve().parent.parent
sys.path[:0] = [
    place
    for place in (str(BENCHMARKS.parent / "engine"), str(BENCHMARKS), str(BENCHMARKS / "workload"))
    if place not in sys.path
]

from generator import Facts  # noqa: E402

Answer: TypeAlias = tuple[Any, ...]
"""Action, to, about, open, due, until."""
Judge: TypeAlias = Callable[[Sequence[Facts]], list[set[Answer]]]


class Contender(NamedTuple):
    """One way to do the work; `situations` are judged in each round, fewer by those that take long."""

    name: str
    title: str
    module: str
    function: str = "prepare"
    distribution: str | None = None
    situations: int = 300
    note: str = ""

    def prepare(self) -> Judge:
        """The rules made ready; raises `ImportError` where the engine is not installed."""
        judge: Judge = getattr(import_module(self.module), self.function)()
        return judge


def one_by_one(judge: Callable[[Facts], set[Answer]]) -> Judge:
    """Of an engine that judges one situation at a time."""
    return lambda situations: [judge(facts) for facts in situations]


def grown_rule(number: int, occurring: bool) -> tuple[str, int]:
    """The kind that a rule looks at, and the least `n` that it wants there: see `growth.py`."""
    if not occurring or number < 10:
        return f"kind_{number}", 3
    return f"kind_{number % 10}", 4 + number // 10


OURS = (
    Contender(
        "hand_written", "hand-written function", "peers.hand", note="no engine and no reasons; the oracle",
    ),
    Contender(
        "rows", "compiled, rows at hand", "peers.ours", "rows",
        note="matching alone with provenance: rows in, derivations out, as a batch or a cluster uses it",
    ),
    Contender("compiled", "compiled", "peers.ours", "compiled", note="matching with provenance"),
    Contender(
        "evaluate", "evaluate a dict", "peers.ours", "evaluate",
        note="all values checked; windows, texts, sources and reasons given: more than the others do",
    ),
    Contender(
        "relational", "relational, in batches", "peers.ours", "relational", situations=3000,
        note="SQL on DuckDB, 3,000 situations at once, with provenance",
    ),
    Contender("reference", "reference", "peers.ours", "reference", note="matching with provenance, plainly"),
    Contender("durable", "durable", "peers.ours", "durable", note="our matcher on durable-rules' C module"),
)  # fmt: skip

PEERS = (
    Contender(
        "durable_rules", "durable-rules", "peers.durable_rules", distribution="durable-rules",
        note="its Python layer, in the subset of its language that gives right answers",
    ),
    Contender(
        "clipspy", "clipspy (CLIPS)", "peers.clipspy", distribution="clipspy",
        note="a new environment for each 300 situations: an old one becomes ever slower",
    ),
    Contender(
        "zen", "zen-engine", "peers.zen_engine", distribution="zen-engine",
        note="a graph of expressions and a decision table",
    ),
    Contender(
        "rule_engine", "rule-engine", "peers.rule_engine", distribution="rule-engine", situations=60,
        note="expressions only; chaining is done by the caller",
    ),
    Contender("clingo", "clingo", "peers.clingo", distribution="clingo", situations=100,
        note="an answer set program, grounded and solved for each situation"),
    Contender(
        "experta", "experta", "peers.experta", distribution="experta", situations=20,
        note="runs on Python 3.10 and later only after `collections.Mapping` is put back",
    ),
)  # fmt: skip

CONTENDERS = {contender.name: contender for contender in (*OURS, *PEERS)}
