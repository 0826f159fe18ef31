"""A whole run of mutation: the mutants that are wanted, tried in several processes, and what came of each."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any, NamedTuple

from followcue.base.forked import can_fork, forked_pool, in_copy
from followcue.evaluation.pipeline import LoadedPack
from followcue.testing.coverage.coverage import Share, excusable
from followcue.testing.mutation.declared_equivalent import Claim, reasons, refuse_noticed, refuse_unknown
from followcue.testing.mutation.killing_situations import MOST_LOOKS, KillingSearch, KillingSituation
from followcue.testing.mutation.mutants import Mutant, mutants_of
from followcue.testing.mutation.mutation import Grounded, noticed_by

CHUNKS = 2
"""How many parts each process gets, so that all end at about the same time."""

TRIES = 12
"""How many situations are tried for each survivor, at least."""

FEWEST_TRIES, MOST_TRIES = 600, 20_000

Told = Callable[[str], None]
"""Told now and then how far it is."""


class MutationPlan(NamedTuple):
    """Which mutants to try, and how."""

    rules: tuple[str, ...] | None = None
    sample: int | None = None
    seed: int = 0
    jobs: int = 1
    tries: int | None = None


USUAL = MutationPlan()
"""All mutants, in this process."""


class Survivor(NamedTuple):
    """A mutant that no test notices, and a situation that would show it, if one was found."""

    mutant: Mutant
    killing: KillingSituation | None


class Mutation(NamedTuple):
    """What came of all mutants; `proved` and `claimed` mean the same as their rules, with the reason."""

    tried: int
    noticed: int
    proved: tuple[tuple[Mutant, str], ...]
    claimed: tuple[tuple[Mutant, str], ...]
    survivors: tuple[Survivor, ...]
    of: int

    @property
    def score(self) -> Share:
        """How many of those that mean something else are noticed."""
        return Share(self.noticed, self.noticed + len(self.survivors))


def run_mutation(
    loaded: LoadedPack,
    tests: Sequence[Grounded],
    claims: Sequence[Claim] = (),
    plan: MutationPlan = USUAL,
    told: Told = lambda said: None,
) -> Mutation:
    """Try the mutants; raises `InvalidInput` where a claim is about none of them, or is wrong."""
    every = mutants_of(loaded)
    known = {mutant.name for mutant in every} | excusable(loaded)
    refuse_unknown(claims, known)
    chosen = _chosen(every, plan)
    said = reasons(claims)
    proved = tuple((mutant, mutant.same_since) for mutant in chosen if mutant.same_since)
    tried = [mutant for mutant in chosen if not mutant.same_since]
    by = _in_processes(loaded, tests, tried, plan.jobs, told)
    left = [mutant for mutant, name in zip(tried, by, strict=True) if name is None]
    kept = {mutant.name for mutant in left}  # a rule may say the same twice, and tests notice one of the two
    noticed = {m.name: name for m, name in zip(tried, by, strict=True) if name and m.name not in kept}
    refuse_noticed(claims, noticed)
    claimed = tuple((mutant, said[mutant.name]) for mutant in left if mutant.name in said)
    survivors = [mutant for mutant in left if mutant.name not in said]
    return Mutation(
        tried=len(chosen),
        noticed=len(tried) - len(left),
        proved=proved,
        claimed=claimed,
        survivors=_witnessed(loaded, tests, survivors, plan, told),
        of=len(every),
    )


def _chosen(mutants: Sequence[Mutant], plan: MutationPlan) -> list[Mutant]:
    """The mutants of the rules that are wanted; a sample of these, in their order."""
    wanted = [m for m in mutants if plan.rules is None or m.rule in plan.rules]
    if plan.sample is None or plan.sample >= len(wanted):
        return wanted
    places = sorted(Random(plan.seed).sample(range(len(wanted)), plan.sample))
    return [wanted[place] for place in places]


def _witnessed(
    loaded: LoadedPack, tests: Sequence[Grounded], mutants: Sequence[Mutant], plan: MutationPlan, told: Told
) -> tuple[Survivor, ...]:
    if not mutants or not tests:
        return tuple(Survivor(mutant, None) for mutant in mutants)
    doing = f"looking for situations that show {len(mutants)} survivors"
    told(doing)
    bases = [ground.situation for test in tests for ground in test.grounds]
    search = KillingSearch(loaded, mutants, bases, plan.seed)
    usual = min(MOST_TRIES, max(FEWEST_TRIES, TRIES * len(mutants)))
    tries, looks = (usual, MOST_LOOKS) if plan.tries is None else (plan.tries, plan.tries)
    search.run(tries, looks, _Steps(told, tries, doing).step)
    return tuple(Survivor(mutant, search.found.get(number)) for number, mutant in enumerate(mutants))


# --- several processes
def _in_processes(
    loaded: LoadedPack, tests: Sequence[Grounded], mutants: Sequence[Mutant], jobs: int, told: Told
) -> list[str | None]:
    """Which test notices each mutant; the same whatever the number of processes."""
    if jobs < 2 or not can_fork() or len(mutants) < jobs:
        return _in_this_process(loaded, tests, mutants, told)
    parts = [list(range(number, len(mutants), jobs * CHUNKS)) for number in range(jobs * CHUNKS)]
    counter = multiprocessing.get_context("fork").Value("q", 0)
    for test in tests:  # worked out once, before the processes part
        for ground in test.grounds:
            _ = ground.rows, ground.rows_of_rules, ground.environment
    pool = forked_pool(jobs, partial(_part, _Work(loaded, tests, mutants, counter)))
    if pool is None:
        told("no other process can be started: one does all the work")
        return _in_this_process(loaded, tests, mutants, told)
    with pool:
        waiting = pool.map_async(in_copy, parts, chunksize=1)
        steps = _Steps(told, 2 * len(tests) * len(parts))
        while not waiting.ready():
            waiting.wait(0.5)
            steps.to(counter.value)
        answers = waiting.get()
    by: list[str | None] = [None] * len(mutants)
    for numbers, found in zip(parts, answers, strict=True):
        for number, name in zip(numbers, found, strict=True):
            by[number] = name
    return by


def _in_this_process(
    loaded: LoadedPack, tests: Sequence[Grounded], mutants: Sequence[Mutant], told: Told
) -> list[str | None]:
    steps = _Steps(told, 2 * len(tests))
    return list(noticed_by(loaded, tests, mutants, steps.step))


class _Work(NamedTuple):
    loaded: LoadedPack
    tests: Sequence[Grounded]
    mutants: Sequence[Mutant]
    counter: Any


def _part(work: _Work, numbers: Sequence[int]) -> tuple[str | None, ...]:
    def step() -> None:
        with work.counter.get_lock():
            work.counter.value += 1

    return noticed_by(work.loaded, work.tests, [work.mutants[number] for number in numbers], step)


class _Steps:
    """Says how far it is with what it does, not too often."""

    def __init__(self, told: Told, of: int, does: str = "trying changes of the rules") -> None:
        self._told = told
        self._does = does
        self._of = max(1, of)
        self._done = 0
        self._last = 0.0

    def step(self) -> None:
        """One more is done."""
        self.to(self._done + 1)

    def to(self, done: int) -> None:
        """So many are done."""
        self._done = done
        now = time.monotonic()
        if now - self._last > 1:
            self._last = now
            self._told(f"{self._does}: {100 * done // self._of}%")


def by_reason(same: Iterable[tuple[Mutant, str]]) -> Mapping[str, int]:
    """How many mutants mean the same for each reason."""
    counted: dict[str, int] = {}
    for _, reason in same:
        counted[reason] = counted.get(reason, 0) + 1
    return counted
