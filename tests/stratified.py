"""Components and levels worked out in the plainest way, for programs that tests build by hand."""

from __future__ import annotations

from followcue.logic.program import Clause, Component, Program
from followcue.rows import Relation


def stratified(relations: dict[str, Relation], clauses: tuple[Clause, ...]) -> Program:
    """The program of `clauses`, which must be stratified."""
    uses = _uses(clauses)
    reach = _closure(uses)
    levels = _levels(clauses, reach)
    parts: list[tuple[str, ...]] = []
    for name in uses:
        part = tuple(
            other for other in uses if other == name or (other in reach[name] and name in reach[other])
        )
        if part not in parts:
            parts.append(part)
    parts.sort(key=lambda part: len(reach[part[0]] & uses.keys()))
    components = tuple(
        Component(
            tuple(number for number, clause in enumerate(clauses) if clause.head.relation in part),
            part[0] in reach[part[0]],
            levels[part[0]],
        )
        for part in parts
    )
    return Program(relations, clauses, components)


def _uses(clauses: tuple[Clause, ...]) -> dict[str, set[str]]:
    uses: dict[str, set[str]] = {}
    for clause in clauses:
        atoms = (*clause.body, *clause.negated, *(aggregate.atom for aggregate in clause.aggregates))
        uses.setdefault(clause.head.relation, set()).update(atom.relation for atom in atoms)
    return uses


def _closure(uses: dict[str, set[str]]) -> dict[str, set[str]]:
    reach = {name: set(direct) for name, direct in uses.items()}
    for _ in uses:
        for name, found in reach.items():
            reach[name] = found.union(*(reach.get(other, set()) for other in found))
    return reach


def _levels(clauses: tuple[Clause, ...], reach: dict[str, set[str]]) -> dict[str, int]:
    levels = dict.fromkeys(reach, 0)
    for _ in range(len(reach) + 1):
        for clause in clauses:
            completed = (*clause.negated, *(aggregate.atom for aggregate in clause.aggregates))
            above = [levels.get(atom.relation, -1) + 1 for atom in completed if atom.relation in levels]
            beside = [levels.get(atom.relation, 0) for atom in clause.body]
            head = clause.head.relation
            levels[head] = max(levels[head], *above, *beside, 0)
    return levels
