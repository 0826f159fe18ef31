"""The order in which the network joins a clause's body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from followcue.evaluation.match.compiled.planner import Scan, plan
from followcue.language.logic.program import Atom, Clause
from followcue.language.logic.walk import atom_variables


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
        later = {name for atom in self.atoms[done:] for name in atom_variables(atom)}
        return [name for name, place, _ in self.binders if place < done and name in later]


def join_order(clause: Clause) -> JoinOrder:
    """The order of the compiled matcher: next whatever atom leaves the fewest rows to try."""
    numbers = [step.atom for step in plan(clause) if isinstance(step, Scan)]
    atoms = tuple(clause.body[number] for number in numbers)
    moved = numbers != sorted(numbers)
    return JoinOrder(
        atoms, tuple(_binders(atoms)), tuple(map(numbers.index, sorted(numbers))) if moved else None
    )


def _binders(atoms: Sequence[Atom]) -> Iterator[tuple[str, int, int]]:
    seen: set[str] = set()
    for place, atom in enumerate(atoms):
        for column, variable in atom.joins:
            if variable not in seen:
                seen.add(variable)
                yield variable, place, column
