"""The static check of a ruleset: it may hold only what durable-rules is known to run exactly.

Outside this subset the engine gives silently wrong answers, reads freed memory or hangs, so every ruleset
that is emitted goes through `violations` before it reaches the engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from followcue.evaluation.match.durable.hashing import fnv1a

Ruleset: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Rule names and rules, as the engine takes them (in JSON)."""

MOST_RULES = 4096
MOST_POSITIVE = 16
MOST_JOINS = 28
MOST_BRANCHES = 511
MOST_ENDS = 255
MOST_ABSENCE_TESTS = 127
MOST_NODES_AT_ONCE = 64
MOST_FIELDS = 250
MOST_TEXT = 65_000

CONTROL = "$ctl"
"""The kind of the facts that open a level."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_OPERATORS = {"$neq", "$lt", "$lte", "$gt", "$gte", "$ex", "$nex"}
_RESERVED = {
    *("id", "sid", "$s", "$forward", "$i", "$time", "$timerName", "$baseTime", "$m", "$l", "$r"),
    *("$and", "$or", "$not", "$all", "$any", "$eq", "$mt", "$imt", "$iall", "$iany"),
    *("$add", "$sub", "$mul", "$div", *_OPERATORS),
}


@dataclass(slots=True)
class _Node:
    """One test in the network's discrimination tree, with the tests that follow it."""

    children: dict[tuple[Any, ...], _Node] = field(default_factory=dict)
    ends: int = 0

    def child(self, key: tuple[Any, ...]) -> _Node:
        return self.children.setdefault(key, _Node())


@dataclass(frozen=True, slots=True)
class _Term:
    """One test or join of a condition: `field operator right`."""

    operator: str
    field: str
    right: Any

    @property
    def joins(self) -> bool:
        return isinstance(self.right, dict) and "$m" not in self.right

    @property
    def constant(self) -> bool:
        return not isinstance(self.right, dict)


def violations(ruleset: Ruleset) -> list[str]:
    """What in `ruleset` is outside the safe subset, in words; nothing when it may run."""
    return list(_Check().check(ruleset))


class _Check:
    """The state of one check: the names met and the discrimination tree rebuilt."""

    def __init__(self) -> None:
        self._names = {fnv1a(name): name for name in sorted(_RESERVED)}
        self._root = _Node()
        self._fields: dict[str, set[str]] = {}
        self._serial = 0

    def check(self, ruleset: Ruleset) -> Iterator[str]:
        if len(ruleset) > MOST_RULES:
            yield f"{len(ruleset)} rules in one ruleset; the most is {MOST_RULES}"
        for name, rule in ruleset.items():
            for problem in self._rule(rule):
                yield f"{name}: {problem}"
        for kind, fields in self._fields.items():
            if len(fields) + len(("id", "sid")) > MOST_FIELDS:
                yield f"{len(fields)} fields of the kind {kind}; the most is {MOST_FIELDS}"
        yield from _crowded(self._root, "")
        if (most := _nodes_at_once(self._root)) > MOST_NODES_AT_ONCE:
            yield f"one fact may match {most} alpha nodes at once; the most is {MOST_NODES_AT_ONCE}"

    def _rule(self, rule: Mapping[str, Any]) -> Iterator[str]:
        yield from _settings(rule)
        present: dict[str, set[str]] = {}
        names: set[str] = set()
        negates = False
        for place, condition in enumerate(rule["all"]):
            ((full, body),) = condition.items()
            name = full.removesuffix("$not")
            negated = name != full
            negates |= negated
            if negated and place == 0:
                yield "begins with a negation"
            if name in names:
                yield f"uses the condition name {name} twice"
            names.add(name)
            yield from self._name(name)
            tested: set[str] = set()
            for problem in self._condition(body, present, tested):
                yield f"{full}: {problem}"
            if not negated:
                present[name] = tested
        if not present:
            yield "has no positive condition"
        if len(present) > MOST_POSITIVE:
            yield f"{len(present)} positive conditions; the most is {MOST_POSITIVE}"
        if negates and not _is_control(rule["all"][0]):
            yield "has a negation, but its first condition is not the control condition"

    def _condition(
        self, body: Mapping[str, Any], present: Mapping[str, set[str]], tested: set[str]
    ) -> Iterator[str]:
        """Problems of one condition; adds to `tested` the fields whose presence it tests."""
        if set(body) != {"$and"} or not body["$and"]:
            yield "is not one non-empty $and"
            return
        terms = [_term(term) for term in body["$and"]]
        if terms[0].operator != "$eq" or terms[0].field != "kind" or not terms[0].constant:
            yield "does not test its kind first"
        else:
            self._fields.setdefault(str(terms[0].right), set()).update(term.field for term in terms)
        joins: list[_Term] = []
        node = self._root
        for term in terms:
            yield from self._name(term.field)
            yield from _right_side(term, present, tested)
            if term.constant and joins:
                yield "tests a constant after a join"
            if term.operator != "$nex" and (term.constant or term.joins):
                tested.add(term.field)
            if term.joins:
                joins.append(term)
            node = node.child(self._key(term))
        node.ends += 1
        if joins and (len(joins) < 2 or joins[0] != joins[-1]):
            yield "does not repeat its first join as its last"
        if len(joins) - 1 > MOST_JOINS:
            yield f"{len(joins) - 1} joins; the most is {MOST_JOINS}"

    def _name(self, name: str) -> Iterator[str]:
        if name in _RESERVED or not _NAME.match(name):
            yield f"the name {name!r} is not allowed"
        other = self._names.setdefault(fnv1a(name), name)
        if other != name:
            yield f"the names {name!r} and {other!r} have one hash"

    def _key(self, term: _Term) -> tuple[Any, ...]:
        """What makes two terms one node: only tests with constants are ever shared."""
        if term.constant:
            return (term.field, term.operator, type(term.right).__name__, term.right)
        self._serial += 1
        return (term.field, term.operator, None, self._serial)


def _term(term: Mapping[str, Any]) -> _Term:
    ((key, right),) = term.items()
    if key in _OPERATORS:
        ((name, right),) = right.items()
        return _Term(key, name, right)
    return _Term("$eq", key, right)


def _settings(rule: Mapping[str, Any]) -> Iterator[str]:
    """Problems of what a rule says besides its conditions."""
    if rule.get("dist") != 0 or isinstance(rule.get("dist"), bool):
        yield "lacks dist: 0"
    if extra := set(rule) - {"all", "dist", "cap", "pri"}:
        yield f"has unknown keys {sorted(extra)}"


def _is_control(condition: Mapping[str, Any]) -> bool:
    ((_, body),) = condition.items()
    terms = body["$and"]
    return len(terms) == 2 and terms[0] == {"kind": CONTROL} and list(terms[1]) == ["level"]


def _right_side(term: _Term, present: Mapping[str, set[str]], tested: set[str]) -> Iterator[str]:
    """Problems of a constant or of a reference to another field."""
    if term.constant:
        yield from _constant(term)
        return
    if term.operator in ("$ex", "$nex"):
        yield f"{term.operator} of a reference"
    ((condition, other),) = term.right.items()
    if condition == "$m":
        if not {term.field, other} <= tested:
            yield f"compares {term.field} with {other} before both are known to be present"
    elif condition not in present:
        yield f"refers to {condition}, which is no earlier positive condition"
    elif other not in present[condition]:
        yield f"refers to {condition}.{other}, whose presence is not tested there"


def _constant(term: _Term) -> Iterator[str]:
    value = term.right
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        if not -(1 << 63) < value < 1 << 63:
            yield f"the number {value} does not fit 63 bits"
    elif not isinstance(value, str):
        yield f"the constant {value!r} is neither text nor a whole number"
    elif len(json.dumps(value)) > MOST_TEXT or term.operator not in ("$eq", "$neq"):
        yield f"the text {value[:20]!r} is too long or put in order"


def _crowded(node: _Node, path: str) -> Iterator[str]:
    """Nodes with more children or conditions than the engine's fixed tables hold."""
    absences = sum(key[1] == "$nex" for key in node.children)
    if len(node.children) - absences > MOST_BRANCHES:
        yield f"{len(node.children) - absences} tests after {path or 'the root'}; the most is {MOST_BRANCHES}"
    if absences > MOST_ABSENCE_TESTS:
        yield f"{absences} absence tests after {path or 'the root'}; the most is {MOST_ABSENCE_TESTS}"
    if node.ends > MOST_ENDS:
        yield f"{node.ends} conditions end after {path}; the most is {MOST_ENDS}"
    for key, child in node.children.items():
        yield from _crowded(child, f"{path}/{key[0]}")


def _nodes_at_once(node: _Node) -> int:
    """The most entries on the engine's stack of alpha nodes while one fact passes below `node`.

    All matching children are pushed at once, then each is followed in turn. Of several equalities of one
    field with constants at most one matches.
    """
    pushed = 0
    exclusive: set[str] = set()
    for name, operator, constant_type, _ in node.children:
        if operator == "$eq" and constant_type is not None:
            exclusive.add(name)
        else:
            pushed += 1
    pushed += len(exclusive)
    deepest = max(map(_nodes_at_once, node.children.values()), default=0)
    return max(1, pushed + max(0, deepest - 1))
