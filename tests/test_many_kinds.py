"""Rules about many kinds of facts: only what can fire is looked at, and nothing that can is left out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from random import Random
from types import FrameType

import pytest

from derivations import normal
from followcue.base.rows import Column, Relation
from followcue.evaluation.match.compiled import CompiledMatcher
from followcue.evaluation.match.protocol import Environment, Facts
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.language.logic.program import Atom, Clause, Compare, Const, Head, Program, Var
from stratified import stratified

KINDS = 300
ENVIRONMENT = Environment(0)


def test_only_what_can_fire_is_called() -> None:
    assert called({}) == 0
    assert 0 < called({"kind_7": [(1,)]}) < called({f"kind_{i}": [(1,)] for i in range(KINDS)}) / 2


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_left_out(seed: int) -> None:
    facts = some_facts(seed)
    expected = ReferenceMatcher(program()).run(facts, ENVIRONMENT)
    assert normal(matcher().run(facts, ENVIRONMENT)) == normal(expected)


def test_the_order_of_kinds_changes_nothing() -> None:
    facts = some_facts(3)
    backwards = dict(reversed(list(facts.items())))
    assert matcher().run(facts, ENVIRONMENT) == matcher().run(backwards, ENVIRONMENT)


@cache
def matcher() -> CompiledMatcher:
    found = CompiledMatcher(program())
    found.run({}, ENVIRONMENT)  # makes ready
    return found


@cache
def program() -> Program:
    """For each kind: what it concludes, what that concludes with the next, and what lacks the next."""
    number = (Column("n", "number"),)
    relations = {f"kind_{i}": Relation(f"kind_{i}", number) for i in range(KINDS)}
    for name in ("step", "pair", "path"):
        relations |= {f"{name}_{i}": Relation(f"{name}_{i}", number, derived=True) for i in range(KINDS)}
    relations["advice"] = Relation("advice", number * 2, derived=True)
    joins = ((0, "n"),)
    clauses = []
    for i in range(KINDS):
        following = (i + 1) % KINDS
        kind, step, pair, path = (Atom(f"{name}_{i}", joins) for name in ("kind", "step", "pair", "path"))
        advice = Head("advice", (Const(i), Var("n")))
        small = Compare("<", Var("n"), Const(3))
        clauses += [
            Clause(f"step-{i}", Head(f"step_{i}", (Var("n"),)), (kind,)),
            Clause(f"pair-{i}", Head(f"pair_{i}", (Var("n"),)), (step, Atom(f"step_{following}"))),
            Clause(f"path-{i}", Head(f"path_{i}", (Var("n"),)), (pair,)),
            Clause(f"on-{i}", Head(f"path_{i}", (Var("n"),)), (path, Atom(f"kind_{i // 2}", joins))),
            Clause(f"small-{i}", advice, (kind,), guards=(small,)),
            Clause(f"lacks-{i}", advice, (path,), negated=(Atom(f"step_{following}", joins),)),
        ]
    return stratified(relations, clauses)


def some_facts(seed: int) -> Facts:
    """Rows of neighbours, so that something follows, and of kinds that nobody knows."""
    random = Random(seed)
    start = random.randrange(KINDS)
    kinds = [(start + random.randrange(12)) % KINDS for _ in range(12)] + random.sample(range(KINDS), 4)
    facts = {f"kind_{i}": [(random.randrange(6),) for _ in range(random.randrange(4))] for i in kinds}
    return {**facts, "unheard_of": [(1,)]}


def called(facts: Facts) -> int:
    """How many groups of clauses a run calls."""
    prepared = matcher()
    with calls() as names:
        prepared.run(facts, ENVIRONMENT)
    return sum(name[0] == "g" and name[1:].isdigit() for name in names)


@contextmanager
def calls() -> Iterator[list[str]]:
    """The names of the functions that are called meanwhile."""
    names: list[str] = []
    before = sys.getprofile()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            names.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(before)
