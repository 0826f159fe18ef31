"""One run: facts go into the network, matches come out, the host finishes them and sends what they derive.

Gate by gate: every fact and candidate is asserted, every activation handled, until nothing new comes; then
all that the next gate's negations and aggregates look at is complete.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from followcue.logic.program import Program
from followcue.match.durable.codes import HIGHEST, LOWEST, Codes, clamped, is_near
from followcue.match.durable.contract import CONTROL
from followcue.match.durable.facts import FactWriter
from followcue.match.durable.grouping import Groups, Rows
from followcue.match.durable.growth import Growth
from followcue.match.durable.host import MOST_FACTS, Session
from followcue.match.durable.meter import Meter
from followcue.match.durable.network import Shard
from followcue.match.durable.plan import Blueprint, Carrier, Operand, Plan, Reach, Step
from followcue.match.evaluate import derived_row, evaluate_expr, test_holds
from followcue.match.protocol import Derivation, Environment, Facts, LimitExceeded
from followcue.rows import Row, Value

_BATCH = 256
_JOINED_AT_ONCE = 200_000


class TooBroadError(Exception):
    """The network would have to hold too many partial matches; the program can run narrowly instead."""


class Match(NamedTuple):
    """A clause's body and aggregates, chosen; negated atoms may still object."""

    bindings: Mapping[str, Value]
    body: Rows
    grouped: tuple[Rows, ...]


Payload: TypeAlias = Any
"""What a fact in the network stands for: a row, the rows of a partial match, or a match."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a run needs to know of its program, worked out once.

    `readers` says for each kind which shards read it, `writers` for each relation what to write for them.
    """

    program: Program
    blueprint: Blueprint
    readers: Mapping[str, tuple[int, ...]]
    writers: Mapping[str, tuple[tuple[int, FactWriter], ...]]
    gated: Mapping[int, tuple[int, ...]]
    bodiless: Mapping[int, tuple[Plan, ...]]
    watched: tuple[tuple[Reach, ...], ...]

    @classmethod
    def of(cls, program: Program, blueprint: Blueprint, shards: tuple[Shard, ...], *, watch: bool) -> Layout:
        """Prepare; with `watch` the rules that could join too much at once are watched."""
        readers: dict[str, list[int]] = {}
        gated: dict[int, list[int]] = {}
        for number, shard in enumerate(shards):
            for kind in shard.fields:
                readers.setdefault(kind, []).append(number)
            for gate in shard.gates:
                gated.setdefault(gate, []).append(number)
        writers = {
            relation: tuple(
                (number, FactWriter(shards[number].fields[kind], blueprint.sources[kind]))
                for number in readers.get(kind, ())
            )
            for relation, kind in blueprint.kinds.items()
        }
        watched = [step.reaches for step in blueprint.steps.values() if watch and step.may_explode]
        return cls(
            program,
            blueprint,
            {kind: tuple(found) for kind, found in readers.items()},
            writers,
            {gate: tuple(found) for gate, found in gated.items()},
            {
                gate: tuple(plan for plan in blueprint.plans if not plan.order and plan.gate == gate)
                for gate in range(-1, blueprint.gates)
            },
            tuple(watched),
        )


class Evaluation:
    """The state of one run: rows known, what the network was told, what came of it."""

    def __init__(self, layout: Layout, session: Session, environment: Environment) -> None:
        self.derivations: list[Derivation] = []
        self._layout = layout
        self._blueprint = layout.blueprint
        self._session = session
        self._env = environment
        self._codes = Codes(layout.blueprint.codes)
        self._rows: dict[str, dict[Row, None]] = {name: {} for name in layout.program.relations}
        self._meter = Meter(environment.limits)
        self._groups = Groups(self._rows, environment, self._meter)
        # Payloads by fact id; 0 is the fact that begins a state.
        self._payloads: list[Payload] = [None]
        self._outbox: dict[int, list[str]] = {}
        self._waiting: dict[int, list[tuple[Plan, Rows]]] = {}
        self._gate = -1
        self._sizes: dict[str, dict[Row, None] | list[Payload]] = {
            layout.blueprint.kinds[name]: rows for name, rows in self._rows.items()
        }
        self._growth = Growth(layout.watched, self._sizes)

    def run(self, facts: Facts) -> list[Derivation]:
        """Every derivation from `facts`."""
        for name, relation in self._layout.program.relations.items():
            if not relation.derived:
                for row in facts.get(name, ()):
                    self._learn(name, row)
        for gate in range(-1, self._blueprint.gates):
            self._open(gate)
            self._settle()
        return self.derivations

    # --- gates
    def _open(self, gate: int) -> None:
        """Finish the matches that waited for this gate, then tell the network that it is open."""
        self._gate = gate
        for plan in self._layout.bodiless[gate]:
            self._complete(plan, ())
        for plan, body in self._waiting.pop(gate, ()):
            self._complete(plan, body)
        for shard in self._layout.gated.get(gate, ()):
            if self._session.begun(shard):
                self._post(shard, self._control(gate))

    def _control(self, gate: int) -> str:
        return f'{self._head(None, CONTROL)},"level":{gate}}}'

    def _post(self, shard: int, text: str) -> None:
        self._outbox.setdefault(shard, []).append(text)

    # --- the network
    def _settle(self) -> None:
        """Send what waits and handle what fires, until both are nothing."""
        while self._outbox:
            if not self._growth.is_bounded():
                raise TooBroadError
            shard, texts = self._outbox.popitem()
            if not self._session.begun(shard):
                self._session.begin(shard)
                texts += self._open_gates(shard)
            start = 0
            while start < len(texts):
                size = max(1, min(_BATCH, _JOINED_AT_ONCE // len(self._payloads)))
                self._session.assert_facts(shard, texts[start : start + size])
                self._session.pump(shard, self._fired)
                start += size

    def _open_gates(self, shard: int) -> list[str]:
        """Control facts for a state that begins when gates are open already."""
        gated = self._layout.gated
        return [self._control(gate) for gate in range(self._gate + 1) if shard in gated.get(gate, ())]

    def _fired(self, message: str) -> None:
        """Handle a message of the engine: activations of one rule, in a list as every rule has a `cap`."""
        ((name, found),) = json.loads(message).items()
        step = self._blueprint.steps[name]
        self._meter.steps(len(found))
        for facts in found:
            self._activated(step, facts)

    def _activated(self, step: Step, facts: Mapping[str, Any]) -> None:
        plan = self._blueprint.plans[step.plan]
        carried: Payload = self._payloads[int(facts["p"]["id"])] if step.carried else ()
        if step.vetoes:
            if step.next is None:
                self._derive(plan, carried)
            else:
                self._carry(step.next, carried, self._operands(step.next, carried.bindings))
            return
        body = (*carried, *[self._payloads[int(facts[name]["id"])] for name in step.names])
        if step.next is not None:
            self._carry(step.next, body, self._operands(step.next, _bindings(plan, body)))
        elif plan.waits and plan.gate > self._gate:
            self._waiting.setdefault(plan.gate, []).append((plan, body))
        else:
            self._complete(plan, body)

    # --- matches
    def _complete(self, plan: Plan, chosen: Rows) -> None:
        """The body holds: check what the network did not, then derive or ask the negated atoms."""
        clause = plan.clause
        bindings = _bindings(plan, chosen)
        body = chosen if not plan.rearranged else _in_clause_order(plan, chosen)
        for index, test in plan.late:
            if not test_holds(test, body[index], bindings, self._env):
                return
        if not clause.aggregates:
            self._guard(plan, Match(bindings, body, ()))
            return
        for bound, grouped in self._groups.outcomes(clause.aggregates, bindings):
            self._guard(plan, Match(bound, body, grouped))

    def _guard(self, plan: Plan, match: Match) -> None:
        for guard in plan.clause.guards:
            if not evaluate_expr(guard, match.bindings, self._env):
                return
        if plan.candidate is None:
            self._derive(plan, match)
        else:
            self._offer(plan, plan.candidate, match)

    def _offer(self, plan: Plan, candidate: Carrier, match: Match) -> None:
        """Assert a candidate, unless a negated atom that the network cannot judge objects."""
        for relation in plan.scanned:
            self._meter.steps(len(self._rows[relation]))
        operands = self._operands(candidate, match.bindings)
        for atom in {operand.atom for operand in candidate.operands if operand.purpose == "bound"}:
            if self._beyond(candidate, atom, match):
                if self._groups.matching(plan.clause.negated[atom], match.bindings):
                    return
                operands |= {
                    operand.field: _impossible(operand)
                    for operand in candidate.operands
                    if operand.atom == atom
                }
        self._carry(candidate, match, operands)

    def _beyond(self, candidate: Carrier, atom: int, match: Match) -> bool:
        """Whether an atom compares with a number so far out that clamping it may lose its order."""
        return any(
            not is_near(evaluate_expr(operand.expr, match.bindings, self._env))
            for operand in candidate.operands
            if operand.atom == atom
        )

    def _operands(self, carrier: Carrier, bindings: Mapping[str, Value]) -> dict[str, int]:
        values = {}
        for operand in carrier.operands:
            value = evaluate_expr(operand.expr, bindings, self._env)
            values[operand.field] = self._codes.code(value) if operand.purpose == "code" else clamped(value)
        return values

    def _carry(self, carrier: Carrier, payload: Payload, operands: Mapping[str, int]) -> None:
        """Assert an auxiliary fact."""
        self._sizes.setdefault(carrier.kind, []).append(payload)  # type: ignore[union-attr]
        fields = "".join(f',"{name}":{value}' for name, value in operands.items())
        head = self._head(payload, carrier.kind)
        for shard in self._layout.readers[carrier.kind]:
            self._post(shard, f"{head}{fields}}}")

    def _derive(self, plan: Plan, match: Match) -> None:
        row = derived_row(plan.clause.head, match.bindings, self._env)
        self.derivations.append(Derivation(plan.number, row, match.body, match.grouped))
        self._meter.derivation()
        self._learn(plan.clause.head.relation, row)

    # --- rows
    def _learn(self, relation: str, row: Row) -> None:
        """Take a row up, and send it to every shard that reads its relation."""
        rows = self._rows[relation]
        if row in rows:
            return
        rows[row] = None
        writers = self._layout.writers[relation]
        if writers:
            head = self._head(row, self._blueprint.kinds[relation])
            for shard, writer in writers:
                self._post(shard, f"{head}{writer.fields(row, self._codes, self._env)}}}")

    def _head(self, payload: Payload, kind: str) -> str:
        """The beginning of a fact, with an id that says what it stands for."""
        return f'{{"sid":"{self._session.sid}","id":"{self._number(payload)}","kind":"{kind}"'

    def _number(self, payload: Payload) -> int:
        """A fact id for what it stands for."""
        if len(self._payloads) > MOST_FACTS:
            raise LimitExceeded(
                f"the rules need more than {MOST_FACTS} facts and partial matches, "
                "the most that durable-rules can tell apart (a fixed limit); "
                "`compiled` and `reference` know no such limit"
            )
        self._payloads.append(payload)
        self._meter.steps()
        return len(self._payloads) - 1


def _bindings(plan: Plan, chosen: Rows) -> dict[str, Value]:
    """The variables that the rows chosen so far bind; the rows stand in the plan's order."""
    known = len(chosen)
    return {name: chosen[place][column] for name, place, column in plan.binders if place < known}


def _in_clause_order(plan: Plan, chosen: Rows) -> Rows:
    body: list[Row] = [()] * len(chosen)
    for index, row in zip(plan.order, chosen, strict=True):
        body[index] = row
    return tuple(body)


def _impossible(operand: Operand) -> int:
    """A bound that no clamped number meets."""
    assert operand.test is not None
    return LOWEST if operand.test.op in ("<", "<=") else HIGHEST
