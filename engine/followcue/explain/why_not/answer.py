"""Why not: near misses as frozen values, what stands in their way, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from followcue.evaluation.advice.report import Action, JsonObject, Report, Status
from followcue.explain.explanation import FactMention, RuleReference
from followcue.explain.why_not.situation_edits import Edits

Verdict: TypeAlias = Literal[
    "recommended",
    "upcoming",
    "later",
    "done",
    "missed",
    "withdrawn",
    "kept",
    "profile",
    "unmet",
    "none",
]
"""How a rule stands to an action that was asked about.

`recommended`: it recommends it today. `upcoming`: its days are set. `later`: it
will by itself, if nothing else happens. `done`: what it asks for was done. `missed`: its
time is over. `withdrawn`: by another rule. `kept`: another one of the same action is kept instead. `profile`:
the rule is for another profile. `unmet`: some of its conditions do not hold. `none`: no rule gives it.
"""


class Lack(NamedTuple):
    """A condition that does not hold: what is `missing` or `in the way`, or a comparison that `fails`.

    `says` is what the vocabulary says of such facts. `facts` are in the way, with their own reasons, or come
    near. `rules` could bring a missing conclusion about, told once; `more` counts those that are left out.
    `is_particular`: not any such fact will do. `holds_from`: the day from which on a comparison holds by
    itself.
    """

    kind: Literal["missing", "in the way", "fails"]
    text: str
    says: str = ""
    facts: tuple[FactMention, ...] = ()
    rules: tuple[NearMiss, ...] = ()
    more: int = 0
    told: Literal["here", "elsewhere"] = "here"
    is_particular: bool = False
    holds_from: date | None = None

    def to_dict(self, scope_key: str) -> JsonObject:
        """The lack as JSON data."""
        return {
            "kind": self.kind,
            "text": self.text,
            "says": self.says,
            "facts": [fact.to_dict(scope_key) for fact in self.facts],
            "rules": [rule.to_dict(scope_key) for rule in self.rules],
            "more": self.more,
            "told": self.told,
            "holds_from": self.holds_from.isoformat() if self.holds_from else None,
        }


class NearMiss(NamedTuple):
    """How far one rule came: `met` of its `conditions` hold; `facts` are what it found."""

    source: RuleReference
    verdict: Verdict
    text: str
    scope: str | None
    met: int
    conditions: int
    facts: tuple[FactMention, ...] = ()
    lacks: tuple[Lack, ...] = ()
    by: RuleReference | None = None

    def to_dict(self, scope_key: str) -> JsonObject:
        """The near miss as JSON data."""
        return self.source.to_dict() | {
            "verdict": self.verdict,
            "text": self.text,
            scope_key: self.scope,
            "met": self.met,
            "conditions": self.conditions,
            "facts": [fact.to_dict(scope_key) for fact in self.facts],
            "lacks": [lack.to_dict(scope_key) for lack in self.lacks],
            "by": self.by.to_dict() if self.by else None,
        }


class ChangeStep(NamedTuple):
    """One part of a change: `do` it, to what stands at `path`, with `value`; `text` says it."""

    do: Literal["add event", "remove event", "set", "wait", "set parameter"]
    text: str
    path: str = ""
    value: object = None

    def to_dict(self) -> JsonObject:
        """The step as JSON data."""
        return self._asdict()


class Then(NamedTuple):
    """How an action stands in the report after a change."""

    scope: str | None
    to: str | None
    about: str | None
    status: Status
    open: date | None
    due: date | None


class Counterfactual(NamedTuple):
    """A change that was tried and after which the action is in the report, and how it stands there then.

    `words` say it as `text` does, for whoever writes no file; `edits` are its steps, as made to the data.
    """

    steps: tuple[ChangeStep, ...]
    text: str
    as_of: date
    then: Then
    edits: Edits = ()
    words: str = ""

    def to_dict(self, scope_key: str) -> JsonObject:
        """The change as JSON data."""
        then = self.then
        return {
            "steps": [step.to_dict() for step in self.steps],
            "text": self.text,
            "as_of": self.as_of.isoformat(),
            "then": {
                scope_key: then.scope,
                "to": then.to,
                "about": then.about,
                "status": then.status,
                "open": then.open.isoformat() if then.open else None,
                "due": then.due.isoformat() if then.due else None,
            },
        }


class WhyNot(NamedTuple):
    """The answer to `why-not`: a headline, then each rule, then the changes, the smallest first.

    `elsewhere` are the lines of the report with the same action for others. Without `changes`, none was found
    among those that were `tried`, each of at most `most_steps` steps.
    """

    report: Report
    action: str
    scope: str | None
    to: str | None
    about: str | None
    title: str
    verdict: Verdict
    headline: str
    rules: tuple[NearMiss, ...]
    changes: tuple[Counterfactual, ...]
    elsewhere: tuple[Action, ...] = ()
    tried: int = 0
    most_steps: int = 0

    @property
    def is_recommended(self) -> bool:
        """Whether the question was wrong: it is recommended today."""
        return self.verdict == "recommended"

    @property
    def names(self) -> Mapping[str | tuple[str, str], str]:
        """Names to show."""
        return self.report.names

    def to_dict(self) -> JsonObject:
        """The answer as JSON data, in the shape of `schemas/why_not.schema.json`."""
        report, key = self.report, self.report.scope_key
        return {
            "as_of": report.as_of.isoformat(),
            "profile": report.profile,
            "rules_version": report.rules_version,
            "action": self.action,
            key: self.scope,
            "to": self.to,
            "about": self.about,
            "title": self.title,
            "verdict": self.verdict,
            "headline": self.headline,
            "rules": [rule.to_dict(key) for rule in self.rules],
            "changes": [change.to_dict(key) for change in self.changes],
            "elsewhere": [
                {key: line.scope, "to": line.to, "about": line.about, "status": line.status}
                for line in self.elsewhere
            ],
            "tried": self.tried,
            "most_steps": self.most_steps,
        }
