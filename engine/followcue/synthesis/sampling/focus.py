"""What a rule is about: the kinds of facts that it looks at, what these are made of, and its parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from followcue.language.logic.program import Atom, Clause, Program
from followcue.language.logic.walk import parameters_in
from followcue.language.model.vocabulary import Vocabulary

OWN = 4
"""How often a kind that the rule itself looks at is listed, for each time that one beneath it is."""


class Focus(NamedTuple):
    """What changes of a situation should be about: kinds of facts, parameters, and days."""

    kinds: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    days: tuple[str, ...] = ()


NOTHING = Focus()


class Foci:
    """The focus of any clauses of one program."""

    def __init__(self, program: Program, vocabulary: Vocabulary) -> None:
        self._kinds = vocabulary.kinds
        self._makers: defaultdict[str, set[str]] = defaultdict(set)
        for clause in program.clauses:
            self._makers[clause.head.relation] |= set(_relations(clause))

    def of(self, clauses: Sequence[Clause]) -> Focus:
        """The kinds that the clauses look at, those more often, and the events beneath their conclusions."""
        direct = [name for clause in clauses for name in _relations(clause)]
        base = {name.partition(".")[0] for name in self.beneath(direct)}
        known = self._kinds
        events = sorted(name for name in base if name in known and known[name].role == "event")
        own = tuple(dict.fromkeys(name.partition(".")[0] for name in direct)) * OWN
        parameters = sorted({name for clause in clauses for name in _parameters(clause)})
        return Focus((*own, *events), tuple(parameters))

    def beneath(self, kinds: Iterable[str]) -> Collection[str]:
        """The kinds, and all that conclusions among them are made of."""
        found: dict[str, None] = {}
        pending = list(kinds)
        while pending:
            kind = pending.pop()
            if kind not in found:
                found[kind] = None
                pending += sorted(self._makers.get(kind, ()))
        return found


def _relations(clause: Clause) -> Iterator[str]:
    return (atom.relation for atom in _atoms(clause))


def _atoms(clause: Clause) -> Iterator[Atom]:
    yield from (*clause.body, *clause.negated)
    yield from (aggregate.atom for aggregate in clause.aggregates)


def _parameters(clause: Clause) -> Iterator[str]:
    """The parameters that a clause mentions."""
    tests = [test for atom in _atoms(clause) for test in atom.tests]
    compared = [test.value for test in tests if test.value is not None and not isinstance(test.value, tuple)]
    for expr in (*clause.head.values, *clause.guards, *compared):
        yield from (name for name in parameters_in(expr) if name != "profile")
