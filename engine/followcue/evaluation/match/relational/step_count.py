"""What a batch has compared of what each of its situations may compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING

from followcue.evaluation.match.refusals import too_many_steps
from followcue.evaluation.match.relational.comparisons import Question
from followcue.evaluation.match.relational.statements import Statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class StepCount:
    """Counts the steps of each situation, and asks for them only where it matters.

    As long as the sizes of the relations, multiplied, add up to no more than the limit, no situation can have
    passed it, and nothing is asked. From there on each statement is asked for its steps before it runs, and
    refused where a situation then passes the limit. So what was not asked may come to as much again. A
    situation that is refused alone is refused among others too: their sizes only make the questions begin
    earlier.
    """

    def __init__(self, connection: DuckDBPyConnection, limit: int, situations: int) -> None:
        self._connection = connection
        self._limit = limit
        self._enough = limit * situations + 1
        self._bound = 0
        self._counted: Counter[int] = Counter()

    def count(self, statement: Statement, largest: Callable[[str], int], before: Mapping[str, int]) -> None:
        """Count what a statement will compare, before it runs; raises `LimitExceeded`.

        `largest` is how many rows of a relation one situation has at most; `before` is, by table, the number
        of the last row before this round.
        """
        if self._bound <= self._limit:
            bounds = (prod(map(largest, each.relations)) for each in statement.questions)
            self._bound += sum(bounds)
        if self._bound > self._limit:
            for question in statement.questions:
                self._ask(question, before, statement.number)

    def _ask(self, question: Question, before: Mapping[str, int], clause: int) -> None:
        needed = {table: before[table] for table in question.numbered}
        asked = self._connection.execute(question.counted(self._enough), needed or None).fetchall()
        for s, number in asked:
            self._counted[s] += number
            if self._counted[s] > self._limit:
                too_many_steps(self._limit, clause)
