"""Strata: each component uses only what came before it; circles through an absence are named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followcue.language.logic.program import Atom, Clause, Const, Head
from followcue.language.logic.stratify import Circle, stratify

NAMES = "abcdefg"


def clause(head: str, *uses: str, without: str = "") -> Clause:
    """A clause of relations named by letters: `uses` positively, `without` negatively."""
    return Clause(
        "r", Head(head, (Const(1),)), tuple(Atom(u) for u in uses), negated=tuple(Atom(u) for u in without)
    )


def test_order_and_levels() -> None:
    clauses = (clause("c", "b", without="a"), clause("a", "base"), clause("b", "base", without="x"))
    assert [(c.clauses, c.recursive, c.level) for c in stratify(clauses)] == [
        ((2,), False, 0),
        ((1,), False, 0),
        ((0,), False, 1),
    ]


def test_relations_that_use_each_other_stand_together() -> None:
    (together, after) = stratify((clause("a", "b"), clause("b", "a", "base"), clause("c", without="a")))
    assert (together.clauses, together.recursive, together.level) == ((0, 1), True, 0)
    assert (after.clauses, after.recursive, after.level) == ((2,), False, 1)


def test_a_circle_names_every_link() -> None:
    with pytest.raises(Circle) as raised:
        stratify(
            (clause("a", without="b"), clause("b", "c"), clause("c", "base", "a"), clause("d", without="a"))
        )
    links = raised.value.links
    assert [(link.clause, link.head, link.on, link.completed) for link in links] == [
        (0, "a", "b", True),
        (1, "b", "c", False),
        (2, "c", "a", False),
    ]


def test_own_absence() -> None:
    with pytest.raises(Circle, match="a -> a"):
        stratify((clause("a", without="a"),))


def test_a_long_chain_is_no_trouble() -> None:
    clauses = tuple(clause(f"r{i}", f"r{i + 1}") for i in range(5_000))
    assert [c.clauses for c in stratify(clauses)] == [(i,) for i in reversed(range(5_000))]


names = st.text(NAMES, max_size=3)
programs = st.lists(
    st.builds(lambda h, p, n: clause(h, *p, without=n), st.sampled_from(NAMES), names, names), max_size=9
)


def needs(clauses: list[Clause]) -> dict[str, set[str]]:
    """What each relation rests on, directly or not, worked out in the plainest way."""
    reach: dict[str, set[str]] = {c.head.relation: set() for c in clauses}
    for _ in range(len(NAMES) + 1):
        for c in clauses:
            for atom in (*c.body, *c.negated):
                reach[c.head.relation] |= {atom.relation} | reach.get(atom.relation, set())
    return reach


@settings(max_examples=200, deadline=None)
@given(programs)
def test_only_what_came_before(clauses: list[Clause]) -> None:
    reach = needs(clauses)
    circular = any(
        a.relation == c.head.relation or c.head.relation in reach.get(a.relation, set())
        for c in clauses
        for a in c.negated
    )
    components = ()
    try:
        components = stratify(clauses)
    except Circle as circle:
        links = circle.links
    else:
        links = ()
    assert bool(links) == circular
    if links:
        assert links[0].completed
        assert [link.on for link in links] == [link.head for link in (*links[1:], links[0])]
        return
    assert sorted(number for component in components for number in component.clauses) == list(
        range(len(clauses))
    )
    done: set[str] = set()
    derived = set(reach)
    for component in components:
        heads = {clauses[number].head.relation for number in component.clauses}
        for number in component.clauses:
            body = {atom.relation for atom in clauses[number].body} & derived
            negated = {atom.relation for atom in clauses[number].negated} & derived
            assert body <= done | heads
            assert negated <= done
            assert component.recursive or not body & heads
        done |= heads
