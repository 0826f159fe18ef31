"""The matcher itself: a program, planned for the network once, run on it any number of times."""

from __future__ import annotations

from threading import Lock

from followcue.evaluation.match.durable.body import NARROW, WIDE, Breadth
from followcue.evaluation.match.durable.evaluation import Evaluation, TooBroadError
from followcue.evaluation.match.durable.host import Rulesets, load_engine
from followcue.evaluation.match.durable.layout import Layout
from followcue.evaluation.match.durable.network import shards_of
from followcue.evaluation.match.durable.planner import plan_program
from followcue.evaluation.match.protocol import Derivation, Environment, Facts
from followcue.language.logic.program import Program


class DurableMatcher:
    """Runs a program on durable-rules; raises `MatcherUnavailable` where that cannot be."""

    def __init__(self, program: Program) -> None:
        load_engine()
        self._program = program
        self._wide = _Prepared(program, WIDE)
        self._narrow: _Prepared | None = None
        self._preparing = Lock()

    def run(self, facts: Facts, environment: Environment) -> list[Derivation]:
        """Every derivation of the program's model of `facts`."""
        try:
            return self._wide.run(facts, environment)
        except TooBroadError:
            return self._narrowly().run(facts, environment)

    def _narrowly(self) -> _Prepared:
        """The program in rules of two conditions, made when facts first call for it."""
        with self._preparing:
            if self._narrow is None:
                self._narrow = _Prepared(self._program, NARROW)
            return self._narrow


class _Prepared:
    """A program planned in one breadth, with its rulesets in the engine."""

    def __init__(self, program: Program, breadth: Breadth) -> None:
        plan = plan_program(program, breadth)
        shards = shards_of(plan)
        self._layout = Layout.of(program, plan, shards, watch=breadth is WIDE)
        self._rulesets = Rulesets(shards)

    def run(self, facts: Facts, environment: Environment) -> list[Derivation]:
        with self._rulesets.session() as session:
            return Evaluation(self._layout, session, environment).run(facts)
