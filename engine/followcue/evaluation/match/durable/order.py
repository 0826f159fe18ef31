"""The order in which the network joins a clause's body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from followcue.language.logic.program import Atom, Clause
from followcue.language.logic.variables import test_variables


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """The body's atoms as they are joined.

    `binders` says where each variable comes from: the place of the atom here, and the column. `places` holds
    for each atom of the clause its place here; None if none has moved.
    """

    atoms: tuple[Atom, ...]
    binders: tuple[tuple[str, int, int], ...]
    places: tuple[int, ...] | None

    def carried(self, done: int) -> list[str]:
        """The variables bound by the first `done` atoms that a later one mentions."""
        later = {name for atom in self.atoms[done:] for name in _variables(atom)}
        return [name for name, place, _ in self.binders if place < done and name in later]


def join_order(clause: Clause) -> JoinOrder:
    """Each atom after one with which it shares a variable, where that is possible."""
    numbers = list(_connected(clause.body))
    atoms = tuple(clause.body[number] for number in numbers)
    moved = numbers != sorted(numbers)
    return JoinOrder(
        atoms, tuple(_binders(atoms)), tuple(map(numbers.index, sorted(numbers))) if moved else None
    )


def _connected(body: Sequence[Atom]) -> Iterator[int]:
    left = dict(enumerate(body))
    bound: set[str] = set()
    while left:
        near = (number for number, atom in left.items() if any(name in bound for _, name in atom.joins))
        number = next(near, next(iter(left)))
        bound |= {name for _, name in left.pop(number).joins}
        yield number


def _binders(atoms: Sequence[Atom]) -> Iterator[tuple[str, int, int]]:
    seen: set[str] = set()
    for place, atom in enumerate(atoms):
        for column, variable in atom.joins:
            if variable not in seen:
                seen.add(variable)
                yield variable, place, column


def _variables(atom: Atom) -> set[str]:
    return {name for _, name in atom.joins}.union(*map(test_variables, atom.tests))
