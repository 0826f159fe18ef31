"""Rules shared out over rulesets, so that none goes beyond the engine's fixed tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from followcue.evaluation.match.durable.condition import Condition
from followcue.evaluation.match.durable.contract import CONTROL, Ruleset, violations
from followcue.evaluation.match.durable.plan import Plan, Rule
from followcue.evaluation.match.protocol import MatcherUnavailable

# Well inside the limits of contract.py. A fact matches at most as many alpha nodes as its kind has paths.
_MOST_RULES = 1000
_MOST_PATHS = 60
_MOST_FIELDS = 240
_MOST_KINDS = 400
_MOST_ENDS = 250

_ACTIVATIONS_AT_ONCE = 64
"""How many activations of one rule the engine hands over in one message."""

BEGIN = "$begin"
"""The rule that fires once in every state, so that the engine has an action to free when the state goes."""

_BEGIN_RULE = {"all": [{"b": {"$and": [{"kind": CONTROL}, {"begin": 1}]}}], "dist": 0}


@dataclass(frozen=True, slots=True)
class Shard:
    """One ruleset, the fields that it reads of each kind, and the strata it has a rule for."""

    ruleset: Ruleset
    fields: Mapping[str, tuple[str, ...]]
    strata: frozenset[int]


def shards_of(plan: Plan) -> tuple[Shard, ...]:
    """Share out the rules; raises `MatcherUnavailable` if a ruleset would break the engine's contract."""
    drafts: list[_Draft] = []
    for name, rule in plan.rules.items():
        needs = _Needs.of(name, rule.conditions)
        draft = next((draft for draft in drafts if draft.takes(needs)), None)
        if draft is None:
            draft = _Draft()
            drafts.append(draft)
        draft.add(name, rule, needs)
    shards = tuple(draft.shard() for draft in drafts)
    for shard in shards:
        if found := violations(shard.ruleset):
            raise MatcherUnavailable(
                f"durable-rules cannot run these rules: {found[0]}; "
                "`compiled` and `reference` give the same answers"
            )
    return shards


@dataclass(slots=True)
class _Needs:
    """What rules take of the engine's tables, by kind: the fields read, and the paths that a fact may go.

    A path is a chain of tests; one with joins is shared with no other condition.
    """

    paths: dict[str, Counter[str]] = field(default_factory=dict)
    fields: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rule: str, conditions: Iterable[Condition]) -> _Needs:
        needs = cls()
        for condition in conditions:
            path = f"{rule}/{condition.name}" if condition.shares_nothing else repr(condition.terms())
            needs.paths.setdefault(condition.kind, Counter())[path] += 1
            needs.fields.setdefault(condition.kind, set()).update(condition.fields())
        return needs

    def add(self, other: _Needs) -> None:
        for kind, paths in other.paths.items():
            self.paths.setdefault(kind, Counter()).update(paths)
        for kind, fields in other.fields.items():
            self.fields.setdefault(kind, set()).update(fields)


@dataclass(slots=True)
class _Draft:
    """A ruleset in the making."""

    rules: dict[str, Mapping[str, Any]] = field(default_factory=lambda: {BEGIN: _BEGIN_RULE})
    needs: _Needs = field(default_factory=_Needs)
    strata: set[int] = field(default_factory=set)

    def takes(self, needs: _Needs) -> bool:
        """Whether a rule with such needs fits in beside the others."""
        paths, fields = self.needs.paths, self.needs.fields
        return (
            len(self.rules) < _MOST_RULES
            and len(fields.keys() | needs.fields.keys()) < _MOST_KINDS
            and all(_fits(paths.get(kind, Counter()) + new) for kind, new in needs.paths.items())
            and all(len(fields.get(kind, set()) | new) <= _MOST_FIELDS for kind, new in needs.fields.items())
        )

    def add(self, name: str, rule: Rule, needs: _Needs) -> None:
        conditions = [condition.as_json() for condition in rule.conditions]
        self.rules[name] = {"all": conditions, "dist": 0, "cap": _ACTIVATIONS_AT_ONCE}
        self.needs.add(needs)
        if rule.stratum:
            self.strata.add(rule.stratum)

    def shard(self) -> Shard:
        fields = {kind: tuple(sorted(names)) for kind, names in self.needs.fields.items() if kind != CONTROL}
        return Shard(self.rules, fields, frozenset(self.strata))


def _fits(paths: Counter[str]) -> bool:
    """Whether one kind's facts may take all these paths, as often as that many conditions ask."""
    return len(paths) <= _MOST_PATHS and max(paths.values()) <= _MOST_ENDS
