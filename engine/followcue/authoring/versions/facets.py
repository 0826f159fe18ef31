"""Two versions of a rule -> what differs in them, piece by piece, each of which can be taken over alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from followcue.language.model.rules import (
    AnyCondition,
    Condition,
    NoRowAbove,
    Rule,
    RuleHead,
    TableCell,
    Where,
)
from followcue.language.model.unparse import spoken, spoken_condition, spoken_pattern

WHOLE_HEAD = "head"
WHEN = "when"


class Facet(NamedTuple):
    """One difference between two versions of a rule: its name within the rule, what is said of it, and where.

    `old` and `new` are the places on both sides, None where there is nothing.
    """

    name: str
    says: str
    old: Where | None
    new: Where | None


def facets(old: Rule, new: Rule) -> Iterator[Facet]:
    """Every difference between two versions of a rule."""
    for name, of, say in _SIMPLE:
        if of(old) != of(new):
            yield Facet(name, _was(name, say(old), say(new)), old.where.as_key(), new.where.as_key())
    yield from _conditions(old, new)
    if old.head is not None and new.head is not None:
        yield from _head(old.head, new.head)


def mixed(old: Rule, new: Rule, chosen: Collection[str]) -> Rule:
    """The old rule with the chosen facets of the new one."""
    taken = {field: getattr(new, field) for field, _, _ in _SIMPLE if field in chosen}
    when: list[AnyCondition] = []
    for slot in _slots(old.when, new.when):
        condition = slot.new if slot.name in chosen else slot.old
        if condition is not None:
            when.append(condition)
    head = old.head
    if old.head is not None and new.head is not None:
        head = _mixed_head(old.head, new.head, chosen)
    return replace(old, when=tuple(when), head=head, where=new.where, **taken)


# --- conditions
class _Slot(NamedTuple):
    """A condition of either side, or of both where the new one stands in the place of the old one."""

    name: str
    old: AnyCondition | None
    new: AnyCondition | None


def _slots(old: Sequence[AnyCondition], new: Sequence[AnyCondition]) -> list[_Slot]:
    """All conditions, equal ones together, then those that are most alike; order means nothing."""
    left = list(new)
    unpaired: list[tuple[int, AnyCondition]] = []
    found: list[_Slot] = []
    for number, condition in enumerate(old):
        if condition in left:
            left.remove(condition)
            found.append(_Slot("", condition, condition))
        else:
            unpaired.append((number, condition))
    for number, condition in unpaired:
        like = max(left, key=lambda other: _likeness(condition, other), default=None)
        if like is not None and _likeness(condition, like) > 0:
            left.remove(like)
        else:
            like = None
        found.append(_Slot(f"when {number}", condition, like))
    found += [_Slot(f"when +{number}", None, condition) for number, condition in enumerate(left)]
    return found


def _likeness(one: AnyCondition, other: AnyCondition) -> float:
    """How much two conditions are alike; 0 where one was not made of the other."""
    if type(one) is not type(other):
        return 0
    said, told = spoken_condition(one), spoken_condition(other)
    if isinstance(one, TableCell) and isinstance(other, TableCell):
        return float(one.column == other.column)
    if isinstance(one, Condition) and isinstance(other, Condition):
        shared = {kind.text for kind in one.pattern.kinds} & {kind.text for kind in other.pattern.kinds}
        if not shared:
            return 0
    return SequenceMatcher(None, said, told).ratio()


def _conditions(old: Rule, new: Rule) -> Iterator[Facet]:
    for name, before, after in _slots(old.when, new.when):
        if not name:
            continue
        if before is None and after is not None:
            says = f"the condition `{_said(after)}` is new"
        elif before is not None and after is None:
            says = f"the condition `{_said(before)}` is gone"
        elif isinstance(before, NoRowAbove) and isinstance(after, NoRowAbove):
            says = "the rows above ask for something else"
        elif before is not None and after is not None:
            says = f"the condition `{_said(before)}` is now `{_said(after)}`"
        yield Facet(
            name,
            says,
            before.where if before else old.where.as_key(),
            after.where if after else new.where.as_key(),
        )


# --- heads
def _head(old: RuleHead, new: RuleHead) -> Iterator[Facet]:
    if (old.kind, old.targets) != (new.kind, new.targets):
        was, now = (" and ".join(head.targets) for head in (old, new))
        says = f"it was `{old.kind}: {was}`, and is `{new.kind}: {now}`"
        yield Facet(WHOLE_HEAD, says, old.where, new.where)
        return
    if old.also != new.also:
        pairs = zip(old.each, new.each, strict=True)
        said = [part.says for one, other in pairs for part in _head(one, other)]
        yield Facet(WHOLE_HEAD, "; ".join(said), old.where, new.where)
        return
    for key in dict.fromkeys((*old.values, *new.values)):
        before, after = old.values.get(key), new.values.get(key)
        if before != after:
            says = _was(
                key, spoken(before.expression) if before else "", spoken(after.expression) if after else ""
            )
            yield Facet(
                f"head.{key}",
                says,
                before.where if before else old.where,
                after.where if after else new.where,
            )
    for name, say in _HEAD_PARTS:
        if getattr(old, name) != getattr(new, name):
            yield Facet(f"head.{name}", _was(name, say(old), say(new)), old.where, new.where)


def _mixed_head(old: RuleHead, new: RuleHead, chosen: Collection[str]) -> RuleHead:
    if WHOLE_HEAD in chosen:
        return new
    values = {
        key: value
        for key in dict.fromkeys((*old.values, *new.values))
        if (value := (new if f"head.{key}" in chosen else old).values.get(key)) is not None
    }
    parts = {name: getattr(new, name) for name, _ in _HEAD_PARTS if f"head.{name}" in chosen}
    return replace(old, values=values, **parts)


# --- words
def _said(condition: AnyCondition) -> str:
    """A condition as its author wrote it, on one line."""
    if isinstance(condition, TableCell | NoRowAbove):
        return spoken_condition(condition)
    where = condition.where
    path = where.path[: where.path.index(WHEN) + 2] if WHEN in where.path else where.path
    value: Any = where.document.data
    try:
        for step in path:
            value = value[step]
    except (KeyError, IndexError, TypeError):
        return spoken_condition(condition)
    if isinstance(value, dict) and len(value) == 1:
        ((key, inside),) = value.items()
        return f"{key}: {_flow(inside)}"
    return _flow(value)


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inside)}" for key, inside in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _was(name: str, before: str, after: str) -> str:
    if not before:
        return f"`{name}` is new: {after}"
    if not after:
        return f"`{name}` is gone: {before}"
    return f"`{name}` was {before}, is {after}"


def _listed(texts: Sequence[str]) -> str:
    return "; ".join(texts)


def _cited(rule: Rule) -> str:
    return ", ".join(_citation(citation) for citation, _ in rule.cites)


def _citation(citation: Any) -> str:
    place = f"{citation.source}/{citation.item}" if citation.item else str(citation.source)
    return place if citation.basis in ("text", citation.source) else f"{citation.basis} of {place}"


_SIMPLE: Sequence[tuple[str, Callable[[Rule], object], Callable[[Rule], str]]] = (
    ("title", lambda rule: rule.title, lambda rule: rule.title),
    ("cites", lambda rule: [citation for citation, _ in rule.cites], _cited),
    ("whole", lambda rule: rule.whole, lambda rule: "for the whole" if rule.whole else "for each record"),
    ("profiles", lambda rule: rule.profiles, lambda rule: ", ".join(m.name for m in rule.profiles)),
    ("overrides", lambda rule: rule.overrides, lambda rule: ", ".join(m.name for m in rule.overrides)),
)
"""The parts of a rule that are taken over as they are: how they are compared and what is said of them."""

_HEAD_PARTS: Sequence[tuple[str, Callable[[RuleHead], str]]] = (
    ("done_when", lambda head: " or ".join(spoken_pattern(pattern) for pattern in head.done_when)),
    ("priority", lambda head: head.priority or ""),
    ("title", lambda head: head.title),
    ("do", lambda head: _listed(head.do)),
    ("avoid", lambda head: _listed(head.avoid)),
)
