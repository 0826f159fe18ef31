"""Why: an explanation as frozen values, from an action down to events, records and parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from followcue.evaluation.advice.report import Action, JsonObject, Report, Step
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.vocabulary import Citation

Role: TypeAlias = Literal["event", "record", "conclusion"]
ToldWhere: TypeAlias = Literal["here", "elsewhere", "deeper"]
"""Where it is told how a conclusion came about: beneath it, at another mention, or too deep to be told."""


class RuleReference(NamedTuple):
    """A rule as one refers to it: `origin` is `file:line`, `do` and `avoid` are what it adds to an action."""

    rule: str
    title: str
    origin: str
    cites: tuple[Citation, ...]
    do: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    def to_dict(self) -> JsonObject:
        """The rule as JSON data."""
        return {
            "rule": self.rule,
            "title": self.title,
            "origin": self.origin,
            "sources": [citation._asdict() for citation in self.cites],
            "do": list(self.do),
            "avoid": list(self.avoid),
        }


class FactMention(NamedTuple):
    """A fact that a rule found: an event or record of the situation, or what other rules concluded.

    `text` says it in words. `place` is `file:line`, or a path of keys where there is no text. Conclusions
    have the `rules` that drew them where `told` is `here`, and a `number` if mentioned more than once.
    """

    role: Role
    fact: str
    scope: str | None
    fields: Mapping[str, object]
    text: str
    date: date | None = None
    line: int | None = None
    place: str = ""
    number: int | None = None
    told: ToldWhere = "here"
    rules: tuple[RuleWhy, ...] = ()

    def to_dict(self, scope_key: str) -> JsonObject:
        """The fact as JSON data; a conclusion with what led to it."""
        said: JsonObject = {
            "role": self.role,
            "fact": self.fact,
            scope_key: self.scope,
            "fields": dict(self.fields),
            "text": self.text,
        }
        if self.role == "conclusion":
            rules = [rule.to_dict(scope_key) for rule in self.rules]
            return said | {"number": self.number, "told": self.told, "rules": rules}
        day = self.date.isoformat() if self.date else None
        return said | {"date": day, "line": self.line, "place": self.place}


class Chosen(NamedTuple):
    """What `newest`, `count` and their like made of several facts, and the facts that it rests on.

    `text` says how (`the newest of 3`), `among` of what (`interview, stage final`).
    """

    text: str
    among: str
    facts: tuple[FactMention, ...]

    def to_dict(self, scope_key: str) -> JsonObject:
        """The choice as JSON data."""
        facts = [fact.to_dict(scope_key) for fact in self.facts]
        return {"text": self.text, "among": self.among, "facts": facts}


class Computed(NamedTuple):
    """A day, duration or number that a rule computed, as one would write it, and how."""

    name: str
    value: object
    text: str

    def to_dict(self) -> JsonObject:
        """The computation as JSON data."""
        return {"name": self.name, "value": self.value, "text": self.text}


class Way(NamedTuple):
    """One derivation: the facts found, what was chosen, what was absent, what held, and what was computed."""

    facts: tuple[FactMention, ...]
    chosen: tuple[Chosen, ...]
    absent: tuple[str, ...]
    holds: tuple[str, ...]
    computed: tuple[Computed, ...]
    derivation: Derivation

    @property
    def all_facts(self) -> Iterator[FactMention]:
        """The facts that it rests on itself, those of its choices included."""
        yield from self.facts
        for chosen in self.chosen:
            yield from chosen.facts

    def to_dict(self, scope_key: str) -> JsonObject:
        """The derivation as JSON data."""
        return {
            "facts": [fact.to_dict(scope_key) for fact in self.facts],
            "chosen": [chosen.to_dict(scope_key) for chosen in self.chosen],
            "absent": list(self.absent),
            "holds": list(self.holds),
            "computed": [computed.to_dict() for computed in self.computed],
        }


class RuleWhy(NamedTuple):
    """A rule that recommends or concludes something, and every way in which it does."""

    source: RuleReference
    ways: tuple[Way, ...]

    def to_dict(self, scope_key: str) -> JsonObject:
        """The rule as JSON data."""
        return self.source.to_dict() | {"ways": [way.to_dict(scope_key) for way in self.ways]}


class Placement(NamedTuple):
    """How an action is done among the steps of its report: in one of them, or in none, which `notes` say.

    `declared` is what the vocabulary says of it, `origin` the `file:line` of that; `rules` are the `step`
    rules that hold for it. `number` is that of the step.
    """

    step: Step | None
    number: int | None
    declared: str
    origin: str
    rules: tuple[RuleWhy, ...]
    notes: tuple[str, ...]

    def to_dict(self, scope_key: str) -> JsonObject:
        """The placement as JSON data."""
        step = self.step
        return {
            "id": step.id if step else None,
            "number": self.number,
            "title": step.title if step else None,
            "when": step.when if step else None,
            "urgency": step.urgency if step else None,
            "declared": self.declared,
            "origin": self.origin,
            "rules": [rule.to_dict(scope_key) for rule in self.rules],
            "notes": list(self.notes),
        }


class ParameterUse(NamedTuple):
    """A parameter that the rules asked for: its value as written, and where that came from.

    `layer`: the pack, a profile of it, the situation's `params`, or an option. `place` is `file:line`.
    """

    name: str
    value: object
    layer: Literal["pack", "profile", "situation", "option"]
    place: str
    says: str = ""
    cites: tuple[Citation, ...] = ()

    def to_dict(self) -> JsonObject:
        """The parameter as JSON data."""
        return {
            "name": self.name,
            "value": self.value,
            "layer": self.layer,
            "place": self.place,
            "says": self.says,
            "sources": [citation._asdict() for citation in self.cites],
        }


class Why(NamedTuple):
    """Why one action is recommended, or why to be careful: a sentence, then everything beneath it.

    `placement` says how an action is done among the steps; a caution has none.
    """

    action: Action
    is_caution: bool
    sentence: str
    rules: tuple[RuleWhy, ...]
    tips: tuple[RuleReference, ...]
    parameters: tuple[ParameterUse, ...]
    placement: Placement | None = None

    @property
    def ways(self) -> Iterator[Way]:
        """Every derivation in the explanation, at any depth."""
        return _ways(self.rules)

    @property
    def events(self) -> Iterator[FactMention]:
        """Every event in the explanation, as often as it is mentioned."""
        return (fact for way in self.ways for fact in way.all_facts if fact.role == "event")

    def to_dict(self, scope_key: str) -> JsonObject:
        """The explanation as JSON data; `scope_key` is what the pack calls its scope."""
        action = self.action
        days = {name: getattr(action, name) for name in ("open", "due", "close", "until")}
        return {
            "id": action.id,
            "action": action.action,
            scope_key: action.scope,
            "to": action.to,
            "about": action.about,
            "caution": self.is_caution,
            "title": action.title,
            "status": action.status,
            **{name: day.isoformat() if day else None for name, day in days.items()},
            "sentence": self.sentence,
            "step": self.placement.to_dict(scope_key) if self.placement else None,
            "rules": [rule.to_dict(scope_key) for rule in self.rules],
            "tips": [tip.to_dict() for tip in self.tips],
            "parameters": [parameter.to_dict() for parameter in self.parameters],
        }


class Explanation(NamedTuple):
    """The answer to `why`: one `Why` for each action that was asked about, and the report they are from."""

    report: Report
    whys: tuple[Why, ...]

    def to_dict(self) -> JsonObject:
        """The explanation as JSON data, in the shape of `schemas/why.schema.json`."""
        report = self.report
        return {
            "as_of": report.as_of.isoformat(),
            "profile": report.profile,
            "rules_version": report.rules_version,
            "whys": [why.to_dict(report.scope_key) for why in self.whys],
        }


def _ways(rules: Iterable[RuleWhy]) -> Iterator[Way]:
    for rule in rules:
        for way in rule.ways:
            yield way
            for fact in way.all_facts:
                yield from _ways(fact.rules)
