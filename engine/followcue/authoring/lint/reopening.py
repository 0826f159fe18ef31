"""Windows that can open again after they have closed.

A window that opens on a day of the past and closes on a day that later events move is closed on Monday, and
open again on Tuesday, when another event has moved that day: a question that belonged to one conversation
comes back weeks later as overdue. A day moves if it comes from a conclusion that rests on the newest or the
greatest of something, directly or through other conclusions.

An example: `open: $met`, `close: $expected`, where `$expected` is a week after the last word from them. Each
word moves it, and the window of the interview is open once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from followcue.authoring.lint.context import Book
from followcue.authoring.lint.finding import Finding, said
from followcue.language.logic import program as ir
from followcue.language.logic.variables import variables
from followcue.language.model.pack import RECOMMENDATION, RECOMMENDATION_COLUMNS

OPEN, CLOSE = RECOMMENDATION_COLUMNS.index("open"), RECOMMENDATION_COLUMNS.index("close")

_GROWING = ("newest", "max")
"""The aggregates whose value a later event can move to a later day."""


def windows_that_reopen(book: Book) -> Iterator[Finding]:
    """One finding for each rule whose closing day later events move while its opening day stays."""
    moving = _moving(book.clauses)
    for name, clauses in book.by_rule.items():
        rule = book.rules[name]
        if name in book.dead or name not in book.about or rule.head is None:
            continue
        moved = next((found for clause in clauses if (found := _moved_by(clause, moving))), None)
        if moved is None or "close" not in rule.head.values:
            continue
        closes = rule.head.values["close"]
        message = f"the window of `{name}` can open again: later events move `{moved}`, on which it closes"
        hint = "close it a fixed time after it opens, or let it open on a day that moves along"
        problem = closes.where.problem("FC438", message, hint=hint)
        opens = rule.head.values.get("open")
        if opens is not None and opens.where.span:
            problem = problem._replace(related=((f"it opens on `{said(opens.where)}`", opens.where.span),))
        yield Finding(problem, "warning", name)


def _moved_by(clause: ir.Clause, moving: frozenset[str]) -> str | None:
    """The conclusion that moves the closing day of a clause and not its opening day, if there is one."""
    if clause.head.relation != RECOMMENDATION:
        return None
    opens, closes = (set(variables(clause.head.values[place])) for place in (OPEN, CLOSE))
    for atom in clause.body:
        bound = {name for _, name in atom.joins}
        if atom.relation in moving and bound & (closes - opens) and not bound & opens:
            return atom.relation
    return None


def _moving(clauses: Sequence[ir.Clause]) -> frozenset[str]:
    """The derived relations that rest on the newest or the greatest of something, through others too."""
    found: set[str] = set()
    before = -1
    while len(found) != before:
        before = len(found)
        for clause in clauses:
            grows = any(aggregate.op in _GROWING for aggregate in clause.aggregates)
            if grows or any(atom.relation in found for atom in clause.body):
                found.add(clause.head.relation)
    return frozenset(found)
