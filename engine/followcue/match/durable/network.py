"""Rules shared out over rulesets, so that none goes beyond the engine's fixed tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from followcue.match.durable.contract import CONTROL, Ruleset, violations
from followcue.match.durable.plan import Blueprint, Step
from followcue.match.protocol import MatcherUnavailable

# Well inside the limits of contract.py. A fact matches at most as many alpha nodes as its kind has paths.
_MOST_RULES = 1000
_MOST_PATHS = 60
_MOST_FIELDS = 240
_MOST_KINDS = 400
_MOST_ENDS = 250

BEGIN = "$begin"
"""The rule that fires once in every state, so that the engine has an action to free when the state goes."""

_BEGIN_RULE = {"all": [{"b": {"$and": [{"kind": CONTROL}, {"begin": 1}]}}], "dist": 0}


@dataclass(frozen=True, slots=True)
class Shard:
    """One ruleset, the fields that it reads of each kind, and the gates it has a rule for."""

    ruleset: Ruleset
    fields: Mapping[str, tuple[str, ...]]
    gates: frozenset[int]


def shards_of(blueprint: Blueprint) -> tuple[Shard, ...]:
    """Share out the rules; raises `MatcherUnavailable` if a ruleset would break the engine's contract."""
    drafts: list[_Draft] = []
    for name, step in blueprint.steps.items():
        draft = next((draft for draft in drafts if draft.takes(step)), None)
        if draft is None:
            draft = _Draft()
            drafts.append(draft)
        draft.add(name, step)
    shards = tuple(draft.shard() for draft in drafts)
    for shard in shards:
        if found := violations(shard.ruleset):
            raise MatcherUnavailable(
                f"durable-rules cannot run these rules: {found[0]}; "
                "`compiled` and `reference` give the same answers"
            )
    return shards


@dataclass(slots=True)
class _Draft:
    """A ruleset in the making."""

    rules: dict[str, Mapping[str, Any]] = field(default_factory=lambda: {BEGIN: _BEGIN_RULE})
    paths: dict[str, Counter[str]] = field(default_factory=dict)
    fields: dict[str, set[str]] = field(default_factory=dict)
    gates: set[int] = field(default_factory=set)

    def takes(self, step: Step) -> bool:
        """Whether the rule of `step` fits in beside the others."""
        paths, fields = _paths(step.rule), _fields(step.rule)
        return (
            len(self.rules) < _MOST_RULES
            and len(self.fields.keys() | fields.keys()) < _MOST_KINDS
            and all(_fits(self.paths.get(kind, Counter()) + new) for kind, new in paths.items())
            and all(len(self.fields.get(kind, set()) | new) <= _MOST_FIELDS for kind, new in fields.items())
        )

    def add(self, name: str, step: Step) -> None:
        self.rules[name] = step.rule
        for kind, paths in _paths(step.rule).items():
            self.paths.setdefault(kind, Counter()).update(paths)
        for kind, fields in _fields(step.rule).items():
            self.fields.setdefault(kind, set()).update(fields)
        if step.gate >= 0:
            self.gates.add(step.gate)

    def shard(self) -> Shard:
        fields = {kind: tuple(sorted(names)) for kind, names in self.fields.items() if kind != CONTROL}
        return Shard(self.rules, fields, frozenset(self.gates))


def _conditions(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Name, kind and further terms of each condition."""
    for condition in rule["all"]:
        ((name, body),) = condition.items()
        first, *terms = body["$and"]
        yield name, first["kind"], terms


def _fits(paths: Counter[str]) -> bool:
    """Whether one kind's facts may take all these paths, as often as that many conditions ask."""
    return len(paths) <= _MOST_PATHS and max(paths.values()) <= _MOST_ENDS


def _paths(rule: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """For each kind the different tests that its facts meet; with joins, they are shared with no other."""
    found: dict[str, Counter[str]] = {}
    for name, kind, terms in _conditions(rule):
        refers = any(isinstance(right, dict) for _, right in map(_field, terms))
        found.setdefault(kind, Counter())[f"{id(rule)}/{name}" if refers else repr(terms)] += 1
    return found


def _fields(rule: Mapping[str, Any]) -> dict[str, set[str]]:
    """For each kind the fields that the rule reads."""
    found: dict[str, set[str]] = {}
    for _, kind, terms in _conditions(rule):
        found.setdefault(kind, set()).update(_names(terms))
    return found


def _names(terms: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The fields tested; what a reference names is tested for presence where it stands."""
    return (name for name, _ in map(_field, terms))


def _field(term: Mapping[str, Any]) -> tuple[str, Any]:
    ((key, right),) = term.items()
    if key.startswith("$"):
        ((key, right),) = right.items()
    return key, right
