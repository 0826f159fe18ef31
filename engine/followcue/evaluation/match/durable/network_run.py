"""One run: facts go into the network, matches come out, the host finishes them and sends what they derive.

Stratum by stratum: every fact and candidate is asserted, every activation handled, until nothing new comes;
then all that the next stratum's negations and aggregates look at is complete.

    late(A, D) :- sent(A, D), not heard(A, D2 > D + 7).      two rules, s0 and s1 (see `planner`)

    -> {"id":"1","kind":"r0","c0":…52,"c1":100}              sent(a, 100); …52 is the code of `a`
    -> {"id":"2","kind":"r0","c0":…53,"c1":100}              sent(b, 100)
    -> {"id":"3","kind":"r1","c0":…52,"o1":110}              heard(a, 110); o1 is its day, for an order
    <- {"s0":[{"p0":{"id":"2",…}}, {"p0":{"id":"1",…}}]}     both bodies match; the host computes D + 7
    -> {"id":"4","kind":"n0_0","v0":…53,"o0":107}            the candidate b, with what to compare
    -> {"id":"5","kind":"n0_0","v0":…52,"o0":107}            the candidate a
    -> {"id":"6","kind":"$ctl","level":1}                    stratum 1 is open: all of `heard` is known
    <- {"s1":[{"p":{"id":"4",…}}]}                           nothing objects to b: late(b, 100)

Invariants: the number in a fact's id is its place in `_payloads`, so whatever comes back from the network is
turned into rows again by number alone; a stratum is opened only after all that its negations look at was
sent, and whatever waits for it is finished by the host at that moment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from followcue.base.limits import LimitExceeded
from followcue.base.rows import Row
from followcue.evaluation.match.durable.codes import Codes, is_near
from followcue.evaluation.match.durable.contract import CONTROL
from followcue.evaluation.match.durable.grouping import Bindings, Groups, Rows
from followcue.evaluation.match.durable.growth import Growth
from followcue.evaluation.match.durable.host import MOST_FACTS, Session
from followcue.evaluation.match.durable.meter import Meter
from followcue.evaluation.match.durable.network_plan import Auxiliary, ClausePlan, NetworkRule
from followcue.evaluation.match.durable.routing import Routing
from followcue.evaluation.match.interpret import derived_row, evaluate_expr, test_holds
from followcue.evaluation.match.protocol import Derivation, Environment, Facts

_BATCH = 256
_JOINED_AT_ONCE = 200_000


class TooBroadError(Exception):
    """The network would have to hold too many partial matches; the program can run narrowly instead."""


class BodyMatch(NamedTuple):
    """A clause's body (as it is joined) and aggregates, chosen; negated atoms may still object."""

    bindings: Bindings
    body: Rows
    grouped: tuple[Rows, ...]


class Candidate(NamedTuple):
    """A match that the negated atoms have yet to let pass, and the JSON of what they compare with."""

    match: BodyMatch
    fields: str


Payload: TypeAlias = Any
"""What a fact in the network stands for: a row, the rows of a partial match, or a candidate."""


class NetworkRun:
    """The state of one run: rows known, what the network was told, what came of it."""

    def __init__(self, layout: Routing, session: Session, environment: Environment) -> None:
        self.derivations: list[Derivation] = []
        self._layout = layout
        self._plan = layout.plan
        self._session = session
        self._env = environment
        self._codes = Codes(layout.plan.codes)
        self._meter = Meter(environment.limits)
        self._rows: dict[str, dict[Row, None]] = {name: {} for name in layout.program.relations}
        self._groups = Groups(self._rows, environment, self._meter)
        # Rows and the numbers of auxiliary facts, by kind.
        self._facts: dict[str, dict[Any, None]] = {
            layout.plan.kinds[name]: rows for name, rows in self._rows.items()
        }
        self._growth = Growth(layout.watched, self._facts)
        # Payloads by fact id; 0 is the fact that begins a state.
        self._payloads: list[Payload] = [None]
        self._start = f'{{"sid":"{session.sid}","id":"'
        self._outbox: dict[int, list[str]] = {}
        self._waiting: dict[int, list[tuple[ClausePlan, Rows]]] = {}
        self._stratum = 0

    def run(self, facts: Facts) -> list[Derivation]:
        """Every derivation from `facts`."""
        for name, relation in self._layout.program.relations.items():
            if not relation.derived:
                for row in facts.get(name, ()):
                    self._learn(name, row)
        for stratum in range(self._plan.strata):
            self._open(stratum)
            self._settle()
        return self.derivations

    def _open(self, stratum: int) -> None:
        """Finish the matches that waited for this stratum, then tell the network that it is open."""
        self._stratum = stratum
        for plan in self._layout.bodiless[stratum]:
            self._complete(plan, ())
        for plan, body in self._waiting.pop(stratum, ()):
            self._complete(plan, body)
        for shard in self._layout.strata[stratum]:
            if self._session.begun(shard):
                self._post(shard, self._control(stratum))

    # --- to the network
    def _learn(self, relation: str, row: Row) -> None:
        """Take a row up, and send it to every shard that reads its relation."""
        rows = self._rows[relation]
        if row in rows:
            return
        rows[row] = None
        if writers := self._layout.writers[relation]:
            start = f"{self._start}{self._number(row)}"
            for shard, writer in writers:
                self._post(shard, start + writer.after_id(row, self._codes, self._env))

    def _hand_on(self, auxiliary: Auxiliary, payload: Payload, fields: str) -> None:
        """Send an auxiliary fact."""
        number = self._number(payload)
        self._facts.setdefault(auxiliary.kind, {})[number] = None
        for shard in self._layout.readers[auxiliary.kind]:
            self._post(shard, f'{self._start}{number}","kind":"{auxiliary.kind}"{fields}}}')

    def _control(self, stratum: int) -> str:
        return f'{self._start}{self._number(None)}","kind":"{CONTROL}","level":{stratum}}}'

    def _number(self, payload: Payload) -> int:
        """A fact id for what it stands for."""
        number = len(self._payloads)
        if number > MOST_FACTS:
            raise LimitExceeded(
                f"the rules need more than {MOST_FACTS} facts and partial matches, "
                "the most that durable-rules can tell apart (a fixed limit); "
                "`compiled` and `reference` know no such limit"
            )
        self._payloads.append(payload)
        self._meter.steps()
        return number

    def _post(self, shard: int, text: str) -> None:
        self._outbox.setdefault(shard, []).append(text)

    def _settle(self) -> None:
        """Send what waits and handle what fires, until both are nothing."""
        while self._outbox:
            if not self._growth.is_bounded(len(self._payloads)):
                raise TooBroadError
            shard, texts = self._outbox.popitem()
            if not self._session.begun(shard):
                self._session.begin(shard)
                texts += self._strata_open_to(shard)
            start = 0
            while start < len(texts):
                size = max(1, min(_BATCH, _JOINED_AT_ONCE // len(self._payloads)))
                self._session.assert_facts(shard, texts[start : start + size])
                self._session.pump(shard, self._fired)
                start += size

    def _strata_open_to(self, shard: int) -> list[str]:
        """Control facts for a state that begins when strata are open already."""
        strata = self._layout.strata[: self._stratum + 1]
        return [self._control(stratum) for stratum, shards in enumerate(strata) if shard in shards]

    # --- from the network
    def _fired(self, message: str) -> None:
        """Handle a message of the engine: activations of one rule, in a list as every rule has a `cap`."""
        ((name, found),) = json.loads(message).items()
        rule = self._plan.rules[name]
        self._meter.steps(len(found))
        for facts in found:
            if rule.filters:
                self._passed(rule, facts)
            else:
                self._joined(rule, facts)

    def _passed(self, rule: NetworkRule, facts: Mapping[str, Any]) -> None:
        """No negated atom of the rule objects to a candidate."""
        candidate: Candidate = self._payload(facts["p"])
        if rule.next is None:
            self._derive(self._plan.clauses[rule.clause], candidate.match)
        else:
            self._hand_on(rule.next, candidate, candidate.fields)

    def _joined(self, rule: NetworkRule, facts: Mapping[str, Any]) -> None:
        """The atoms of the rule match: the body is whole, or its next atoms are to be joined."""
        plan = self._plan.clauses[rule.clause]
        chosen: Rows = tuple([self._payload(facts[name]) for name in rule.matched])
        if rule.continues:
            chosen = self._payload(facts["p"]) + chosen
        if rule.next is not None:
            self._hand_on(rule.next, chosen, self._operands(rule.next, _bindings(plan, chosen)))
        elif plan.stratum > self._stratum:
            self._waiting.setdefault(plan.stratum, []).append((plan, chosen))
        else:
            self._complete(plan, chosen)

    def _payload(self, fact: Mapping[str, str]) -> Payload:
        return self._payloads[int(fact["id"])]

    # --- on the host
    def _complete(self, plan: ClausePlan, chosen: Rows) -> None:
        """The body holds: check what the network did not, then derive or ask the negated atoms."""
        clause, env = plan.clause, self._env
        bindings = _bindings(plan, chosen)
        for place, test in plan.late:
            if not test_holds(test, chosen[place], bindings, env):
                return
        for bound, grouped in self._groups.outcomes(clause.aggregates, bindings):
            if clause.guards and not all(evaluate_expr(guard, bound, env) for guard in clause.guards):
                continue
            match = BodyMatch(bound, chosen, grouped)
            if plan.candidate is None:
                self._derive(plan, match)
            else:
                self._offer(plan, plan.candidate, match)

    def _offer(self, plan: ClausePlan, candidate: Auxiliary, match: BodyMatch) -> None:
        """Send a candidate, unless a negated atom objects that compares with a number too far out.

        Clamping that number may lose its order, so the host judges the atom, and the network must not.
        """
        for relation in plan.scanned:
            self._meter.steps(len(self._rows[relation]))
        values = [evaluate_expr(bound.value, match.bindings, self._env) for bound in candidate.bounds]
        bounds = list(zip(candidate.bounds, values, strict=True))
        far = {bound.atom for bound, value in bounds if not is_near(value)}
        if any(self._groups.matching(plan.clause.negated[atom], match.bindings) for atom in far):
            return
        fields = self._operands(candidate, match.bindings)
        for bound, value in bounds:
            fields += f',"{bound.field}":{bound.unmeetable if bound.atom in far else value}'
        self._hand_on(candidate, Candidate(match, fields), fields)

    def _operands(self, auxiliary: Auxiliary, bindings: Bindings) -> str:
        text = ""
        for operand in auxiliary.operands:
            code = self._codes.code(evaluate_expr(operand.value, bindings, self._env))
            text += f',"{operand.field}":{code}'
        return text

    def _derive(self, plan: ClausePlan, match: BodyMatch) -> None:
        row = derived_row(plan.number, plan.clause, match.bindings, self._env)
        body, places = match.body, plan.order.places
        if places is not None:
            body = tuple(body[place] for place in places)
        self.derivations.append(Derivation(plan.number, row, body, match.grouped))
        self._meter.derivations(self.derivations)
        self._learn(plan.clause.head.relation, row)


def _bindings(plan: ClausePlan, chosen: Rows) -> Bindings:
    """The variables that the rows chosen so far bind."""
    known = len(chosen)
    return {name: chosen[place][column] for name, place, column in plan.order.binders if place < known}
