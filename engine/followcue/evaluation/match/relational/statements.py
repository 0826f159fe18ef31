"""The statements of one clause: what derives all of it, and its shares of a round of recursion."""

from __future__ import annotations

from functools import cached_property

from followcue.evaluation.match.relational.clause import select_of
from followcue.evaluation.match.relational.comparisons import Question, questions
from followcue.evaluation.match.relational.tables import RoundPart, Tables, spans


class Statement:
    """What makes derivations of a clause: all, or with a `span` those of its share of a round."""

    def __init__(self, number: int, layout: Tables, span: RoundPart | None = None, *, calendar: bool) -> None:
        self.number = number
        self._clause = layout.program.clauses[number]
        self._layout = layout
        self._calendar = calendar
        self.span = span

    @cached_property
    def select(self) -> str:
        """The SELECT of the derivations."""
        return select_of(self._clause, self._layout, self.span, calendar=self._calendar)

    @cached_property
    def questions(self) -> list[Question]:
        """What to ask for the number of rows that it compares."""
        return questions(self._clause, self._layout, self.span, calendar=self._calendar)

    @cached_property
    def recursive_relations(self) -> dict[str, str]:
        """The relations whose last numbers before the round it must be told, by the name of the parameter."""
        if self.span is None:
            return {}
        names = (self._clause.body[place].relation for place in (self.span.given, *self.span.earlier))
        return {self._layout.table(name): name for name in names}


class Statements:
    """All that a program takes: for each clause the whole of it, and its shares of a round."""

    def __init__(self, layout: Tables, *, calendar: bool) -> None:
        program = layout.program
        self.whole = [Statement(number, layout, calendar=calendar) for number in range(len(program.clauses))]
        self.shares: list[list[Statement]] = [[] for _ in program.clauses]
        for component in program.components:
            if component.recursive:
                heads = {program.clauses[number].head.relation for number in component.clauses}
                for number in component.clauses:
                    self.shares[number] = [
                        Statement(number, layout, span, calendar=calendar)
                        for span in spans(program.clauses[number], heads)
                    ]
