"""Clauses -> components in an order in which negation and aggregates look only at what is complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from followcue.language.logic.program import Clause, Component


@dataclass(frozen=True, slots=True)
class Link:
    """Clause `clause` makes `head` depend on `on`; `completed` if through a negation or an aggregate."""

    clause: int
    head: str
    on: str
    completed: bool


class Circle(Exception):
    """Relations that wait for each other's completion; `links` lead around, first through `completed`."""

    def __init__(self, links: tuple[Link, ...]) -> None:
        super().__init__(" -> ".join([*(link.head for link in links), links[0].head]))
        self.links = links


def stratify(clauses: Sequence[Clause]) -> tuple[Component, ...]:
    """The components of a program, each after all that it uses (stratified Datalog).

    Raises Circle where a relation depends on its own negation or aggregate.
    """
    links = [link for number, clause in enumerate(clauses) for link in _links(number, clause)]
    graph: dict[str, list[str]] = {clause.head.relation: [] for clause in clauses}
    for link in links:
        if link.on in graph:
            graph[link.head].append(link.on)
    groups = list(_strongly_connected(graph))
    group_of = {relation: i for i, group in enumerate(groups) for relation in group}
    for link in links:
        if link.completed and group_of.get(link.on) == group_of[link.head]:
            raise Circle(_around(link, links, set(groups[group_of[link.head]])))
    return tuple(_components(groups, group_of, clauses, links))


def _links(number: int, clause: Clause) -> Iterator[Link]:
    head = clause.head.relation
    for atom in clause.body:
        yield Link(number, head, atom.relation, False)
    for atom in (*clause.negated, *(aggregate.atom for aggregate in clause.aggregates)):
        yield Link(number, head, atom.relation, True)


def _components(
    groups: list[list[str]], group_of: dict[str, int], clauses: Sequence[Clause], links: list[Link]
) -> Iterator[Component]:
    links_of: list[list[Link]] = [[] for _ in groups]
    clauses_of: list[list[int]] = [[] for _ in groups]
    for link in links:
        links_of[group_of[link.head]].append(link)
    for number, clause in enumerate(clauses):
        clauses_of[group_of[clause.head.relation]].append(number)
    levels: dict[str, int] = {}
    for number, group in enumerate(groups):
        own = links_of[number]
        level = max([0, *(levels[link.on] + link.completed for link in own if link.on in levels)])
        levels |= dict.fromkeys(group, level)
        recursive = any(group_of.get(link.on) == number for link in own)
        yield Component(tuple(clauses_of[number]), recursive, level)


def _strongly_connected(graph: dict[str, list[str]]) -> Iterator[list[str]]:
    """Tarjan's algorithm, without recursion so that a long chain of rules is no trouble; uses come first."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in graph:
        if root in order:
            continue
        work = [(root, iter(graph[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, edges = work[-1]
            following = next((edge for edge in edges if edge not in order or edge in on_stack), None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    yield _cut(stack, on_stack, node)
            elif following in order:
                low[node] = min(low[node], order[following])
            else:
                order[following] = low[following] = len(order)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(graph[following])))


def _cut(stack: list[str], on_stack: set[str], node: str) -> list[str]:
    group: list[str] = []
    while not group or group[-1] != node:
        group.append(stack.pop())
    on_stack.difference_update(group)
    return group


def _around(first: Link, links: list[Link], group: set[str]) -> tuple[Link, ...]:
    """The shortest way from what `first` needs back to its head, after `first` itself."""
    if first.on == first.head:
        return (first,)
    ways: dict[str, tuple[Link, ...]] = {first.on: (first,)}
    waiting = [first.on]
    for relation in waiting:
        for link in links:
            if link.head == relation and link.on in group and link.on not in ways:
                ways[link.on] = (*ways[relation], link)
                waiting.append(link.on)
    return ways[first.head]
