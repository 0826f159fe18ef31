"""The matcher: a program made ready as SQL, and its derivations for one situation or for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.base.extras import require
from followcue.evaluation.match.protocol import Derivation, Environment, Facts, MatcherUnavailable, Posed
from followcue.evaluation.match.relational.database import Database
from followcue.evaluation.match.relational.statements import Statements
from followcue.evaluation.match.relational.tables import Tables
from followcue.language.logic.program import Program


class RelationalMatcher:
    """Runs a program as SQL; for single situations it is slow, for thousands at once it is quick."""

    def __init__(self, program: Program) -> None:
        """Raises `MatcherUnavailable` where DuckDB or Arrow is not installed."""
        require("tables", MatcherUnavailable, what="the matcher `relational`")
        self._layout = Tables(program)
        self._statements: dict[bool, Statements] = {}

    def run(self, facts: Facts, environment: Environment) -> list[Derivation]:
        """Every derivation of the program's model of `facts`."""
        return self.run_many([Posed(facts, environment)])[0]

    def run_many(self, posed: Sequence[Posed]) -> list[list[Derivation]]:
        """The derivations of each of several situations, matched together.

        Raises `LimitExceeded` where one of them derives too much, or a number too wide for the database.
        """
        with Database(self._layout, self._statements_for(posed)) as batch:
            batch.pose(posed)
            batch.complete()
            return batch.derivations()

    def _statements_for(self, posed: Iterable[Posed]) -> Statements:
        calendar = any(each.environment.shift is not None for each in posed)
        if calendar not in self._statements:
            self._statements[calendar] = Statements(self._layout, calendar=calendar)
        return self._statements[calendar]
