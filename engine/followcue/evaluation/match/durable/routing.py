"""What the runs of a plan have in common: which shard is told what, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from followcue.base.rows import Row
from followcue.evaluation.match.durable.codes import NEAR, Codes, clamped
from followcue.evaluation.match.durable.fact_fields import FieldSource, FlagField
from followcue.evaluation.match.durable.growth import FanOut, may_explode
from followcue.evaluation.match.durable.network import Shard
from followcue.evaluation.match.durable.network_plan import ClausePlan, NetworkPlan
from followcue.evaluation.match.interpret import test_holds
from followcue.evaluation.match.protocol import Environment
from followcue.language.logic.program import Program, Test


@dataclass(frozen=True, slots=True)
class Routing:
    """A plan with the shards that hold its rules, by number.

    `readers` says for each kind which shards read it, `writers` for each relation what to write for them;
    `strata` which shards have rules that wait for a stratum; `bodiless` which clauses the host completes as
    soon as their stratum is open. `watched` are joins that must not grow too large.
    """

    program: Program
    plan: NetworkPlan
    readers: Mapping[str, tuple[int, ...]]
    writers: Mapping[str, tuple[tuple[int, FactWriter], ...]]
    strata: tuple[tuple[int, ...], ...]
    bodiless: tuple[tuple[ClausePlan, ...], ...]
    watched: tuple[tuple[FanOut, ...], ...]

    @classmethod
    def of(cls, program: Program, plan: NetworkPlan, shards: tuple[Shard, ...], *, watch: bool) -> Routing:
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


class FactWriter:
    """Writes the rows of one kind with the fields that one shard reads."""

    def __init__(self, kind: str, names: Iterable[str], sources: Mapping[str, FieldSource]) -> None:
        # By source, so that writing a row, the most frequent work of a run, has nothing left to decide.
        self._start = f'","kind":"{kind}"'
        self._codes: list[tuple[str, int]] = []
        self._clamped: list[tuple[str, int]] = []
        self._flags: list[tuple[str, Test]] = []
        for name in names:
            source = sources[name]
            if isinstance(source, FlagField):
                self._flags.append((f',"{name}":1', source.test))
            else:
                (self._clamped if source.clamped else self._codes).append((f',"{name}":', source.column))

    def after_id(self, row: Row, codes: Codes, env: Environment) -> str:
        """What follows the fact's id: no field for what is absent or fails its test."""
        text = self._start
        for start, column in self._codes:
            value = row[column]
            if type(value) is int and -NEAR < value < NEAR:
                text += f"{start}{value}"
            elif value is not None:
                text += f"{start}{codes.code(value)}"
        for start, column in self._clamped:
            value = row[column]
            if value is not None:
                assert isinstance(value, int)
                text += f"{start}{clamped(value)}"
        for whole, test in self._flags:
            if test_holds(test, row, {}, env):
                text += whole
        return text + "}"
