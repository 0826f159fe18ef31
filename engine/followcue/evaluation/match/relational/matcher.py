"""The matcher: a program made ready as SQL, and its derivations for one situation or for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.base.extras import LibraryMissing, duckdb, pyarrow
from followcue.evaluation.match.protocol import Derivation, Environment, Facts, MatcherUnavailable, Posed
from followcue.evaluation.match.relational.batch import Batch
from followcue.evaluation.match.relational.clause import select_of
from followcue.evaluation.match.relational.layout import Layout
from followcue.language.logic.program import Program


class RelationalMatcher:
    """Runs a program as SQL; for single situations it is slow, for thousands at once it is quick."""

    def __init__(self, program: Program) -> None:
        """Raises `MatcherUnavailable` where DuckDB or Arrow is not installed."""
        try:
            duckdb()
            pyarrow()
        except LibraryMissing as missing:
            raise MatcherUnavailable(f"the relational matcher {missing.needs}") from None
        self._layout = Layout(program)
        self._selects: dict[bool, list[str]] = {}

    def run(self, facts: Facts, environment: Environment) -> list[Derivation]:
        """Every derivation of the program's model of `facts`."""
        return self.run_many([Posed(facts, environment)])[0]

    def run_many(self, posed: Sequence[Posed]) -> list[list[Derivation]]:
        """The derivations of each of several situations, matched together.

        Raises `LimitExceeded` where one of them derives too much, or a number too wide for the database.
        """
        with Batch(self._layout, self._select_list(posed)) as batch:
            batch.pose(posed)
            batch.complete()
            return batch.derivations()

    def _select_list(self, posed: Iterable[Posed]) -> list[str]:
        calendar = any(each.environment.shift is not None for each in posed)
        if calendar not in self._selects:
            clauses = self._layout.program.clauses
            self._selects[calendar] = [
                select_of(clause, self._layout, calendar=calendar) for clause in clauses
            ]
        return self._selects[calendar]
