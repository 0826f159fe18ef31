"""Which clauses of a program go together, and in which order: what `module` makes functions of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from followcue.evaluation.match.compiled.clause import looked_at_first, relations_needed
from followcue.evaluation.match.compiled.scope import relations_read
from followcue.language.logic.program import Clause, Program

_LARGEST_GROUP = 64


@dataclass(frozen=True, slots=True)
class Part:
    """A single clause (by number), or those of a recursive component.

    All that its clauses read is complete after the parts of less `depth`, and none of them can fire without a
    row of `anchor`, if there is one. `loop` is the relation through which a single clause looks first.
    """

    clauses: tuple[int, ...]
    recursive: bool
    depth: int
    anchor: str | None
    loop: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that one function runs in this order, all of it after the groups before."""

    parts: tuple[Part, ...]

    @property
    def anchors(self) -> frozenset[str] | None:
        """The relations of which one must have a row, or nothing here fires; None if it may fire anyway."""
        anchors = frozenset(part.anchor for part in self.parts if part.anchor is not None)
        return anchors if all(part.anchor is not None for part in self.parts) else None

    def heads(self, program: Program) -> frozenset[str]:
        """The relations that it derives."""
        return frozenset(
            program.clauses[number].head.relation for part in self.parts for number in part.clauses
        )


def groups(program: Program) -> list[Group]:
    """All of a program: parts with one anchor side by side, in groups of a bounded size."""
    places = {name: place for place, name in enumerate(program.relations)}
    parts = sorted(
        _parts(program), key=lambda part: (part.depth, -1 if part.anchor is None else places[part.anchor])
    )
    found: list[list[Part]] = []
    clauses = _LARGEST_GROUP
    for part in parts:
        if clauses >= _LARGEST_GROUP:
            found.append([])
            clauses = 0
        found[-1].append(part)
        clauses += len(part.clauses)
    return [Group(tuple(together)) for together in found]


def _parts(program: Program) -> Iterator[Part]:
    divided = list(_divided(program))
    needs = [_needs([program.clauses[number] for number in numbers]) for numbers, _ in divided]
    popularity = Counter(name for names in needs for name in names)
    depths = _depths(program, divided)
    for (numbers, recursive), depth, names in zip(divided, depths, needs, strict=True):
        # The rarest: then a run pays nothing for what it says about kinds of facts that do not occur.
        anchor = min(names, key=lambda name: (popularity[name], name), default=None)
        loop = None if recursive else looked_at_first(program.clauses[numbers[0]])
        yield Part(numbers, recursive, depth, anchor, loop)


def _divided(program: Program) -> Iterator[tuple[tuple[int, ...], bool]]:
    for component in program.components:
        if component.recursive:
            yield component.clauses, True
        else:
            yield from (((number,), False) for number in component.clauses)


def _depths(program: Program, divided: list[tuple[tuple[int, ...], bool]]) -> Iterator[int]:
    """For each part the number of parts on the longest way to it."""
    reached: dict[str, int] = {}
    for numbers, _ in divided:
        clauses = [program.clauses[number] for number in numbers]
        depth = max(
            (reached.get(name, 0) for clause in clauses for name in relations_read(clause)), default=0
        )
        yield depth
        for clause in clauses:
            reached[clause.head.relation] = max(reached.get(clause.head.relation, 0), depth + 1)


def _needs(clauses: list[Clause]) -> set[str]:
    """The relations without rows of which none of these clauses can fire."""
    own = {clause.head.relation for clause in clauses}
    needs = [set(relations_needed(clause)) for clause in clauses]
    # Where clauses use each other's heads, one that uses none has to be the first.
    return reduce(set[str].intersection, [names for names in needs if names.isdisjoint(own)] or needs)
