"""What the runs of a plan have in common: which shard is told what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from followcue.evaluation.match.durable.facts import FactWriter
from followcue.evaluation.match.durable.growth import FanOut, may_explode
from followcue.evaluation.match.durable.network import Shard
from followcue.evaluation.match.durable.plan import ClausePlan, Plan
from followcue.language.logic.program import Program


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan with the shards that hold its rules, by number.

    `readers` says for each kind which shards read it, `writers` for each relation what to write for them;
    `strata` which shards have rules that wait for a stratum; `bodiless` which clauses the host completes as
    soon as their stratum is open. `watched` are joins that must not grow too large.
    """

    program: Program
    plan: Plan
    readers: Mapping[str, tuple[int, ...]]
    writers: Mapping[str, tuple[tuple[int, FactWriter], ...]]
    strata: tuple[tuple[int, ...], ...]
    bodiless: tuple[tuple[ClausePlan, ...], ...]
    watched: tuple[tuple[FanOut, ...], ...]

    @classmethod
    def of(cls, program: Program, plan: Plan, shards: tuple[Shard, ...], *, watch: bool) -> Layout:
        """Prepare; with `watch` the rules that could join too much at once are watched."""
        numbered = list(enumerate(shards))
        readers = {
            kind: tuple(number for number, shard in numbered if kind in shard.fields)
            for kind in {kind for shard in shards for kind in shard.fields}
        }
        writers = {
            relation: tuple(
                (number, FactWriter(kind, shards[number].fields[kind], plan.sources[kind]))
                for number in readers.get(kind, ())
            )
            for relation, kind in plan.kinds.items()
        }
        strata = range(plan.strata)
        bodiless = [clause for clause in plan.clauses if not clause.order.atoms]
        return cls(
            program,
            plan,
            readers,
            writers,
            strata=tuple(tuple(n for n, shard in numbered if stratum in shard.strata) for stratum in strata),
            bodiless=tuple(
                tuple(clause for clause in bodiless if clause.stratum == stratum) for stratum in strata
            ),
            watched=may_explode(plan) if watch else (),
        )
