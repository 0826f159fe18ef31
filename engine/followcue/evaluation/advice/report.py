"""The report: what to do now, what to be careful about, and why; plain frozen values that turn into JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import NOTHING
from followcue.language.model.vocabulary import Citation

Status: TypeAlias = Literal["upcoming", "due", "overdue", "missed", "skipped"]

PRIORITIES = ("urgent", "high", "normal", "low")
"""From the highest to the lowest."""

JsonObject: TypeAlias = dict[str, object]


class Reason(NamedTuple):
    """An event that an action rests on; `fields` as written, `line` in the situation file."""

    fact: str
    scope: str | None
    date: date
    fields: Mapping[str, object]
    line: int | None

    def to_dict(self, scope_key: str) -> JsonObject:
        """The reason as JSON data; `scope_key` is what the pack calls its scope."""
        fact, scope, day, fields, line = self
        return {
            "fact": fact,
            scope_key: scope,
            "date": day.isoformat(),
            "fields": {**fields},
            "line": line,
        }


class Action(NamedTuple):
    """Something to do, or (among the cautions of a report) something to be careful about.

    `scope` is the id of the record it belongs to, None for the whole. `rules` are the recommending rules by
    id, then the tips. An absent `close` means that it never closes. `since` is the one of `because` to name
    first: the latest that the rules match themselves, or else the latest of all. `id` is the same from day to
    day.
    """

    action: str
    scope: str | None
    to: str | None
    about: str | None
    status: Status
    open: date | None
    due: date | None
    close: date | None
    until: date | None
    priority: str
    channel: str | None
    title: str
    do: tuple[str, ...]
    avoid: tuple[str, ...]
    rules: tuple[str, ...]
    sources: tuple[Citation, ...]
    because: tuple[Reason, ...]
    since: Reason | None = None
    id: str = ""

    def to_dict(self, scope_key: str) -> JsonObject:
        """The action as JSON data; `scope_key` is what the pack calls its scope."""
        return {
            "id": self.id,
            "action": self.action,
            scope_key: self.scope,
            "to": self.to,
            "about": self.about,
            "status": self.status,
            "open": self.open and self.open.isoformat(),
            "due": self.due and self.due.isoformat(),
            "close": self.close and self.close.isoformat(),
            "until": self.until and self.until.isoformat(),
            "priority": self.priority,
            "channel": self.channel,
            "title": self.title,
            "do": [*self.do],
            "avoid": [*self.avoid],
            "rules": [*self.rules],
            "sources": [{"source": name, "item": item, "basis": basis} for name, item, basis in self.sources],
            "because": [reason.to_dict(scope_key) for reason in self.because],
        }


class Step(NamedTuple):
    """What is done in one sitting: one message to one person, or one thing done alone.

    `when` is `now` or `ahead`, then from the day `open`. `focus` marks the first few of now. `scope` and `to`
    are those of its first message. `urgency` is a priority; `late` counts days after `due`, for the latest of
    its actions. `actions` are the ids of all that it holds, the leading one first.
    """

    id: str
    when: Literal["now", "ahead"]
    focus: bool
    scope: str | None
    to: str | None
    channel: str | None
    title: str
    open: date
    due: date | None
    until: date | None
    urgency: str
    late: int
    actions: tuple[str, ...]
    why: str

    def to_dict(self, scope_key: str) -> JsonObject:
        """The step as JSON data; `scope_key` is what the pack calls its scope."""
        name, when, focus, scope, to, channel, title, opens, due, until, urgency, late, actions, why = self
        return {
            "id": name,
            "when": when,
            "focus": focus,
            scope_key: scope,
            "to": to,
            "channel": channel,
            "title": title,
            "open": opens.isoformat(),
            "due": due and due.isoformat(),
            "until": until and until.isoformat(),
            "urgency": urgency,
            "late": late,
            "actions": [*actions],
            "why": why,
        }


class Conclusion(NamedTuple):
    """A fact that rules concluded; absent fields are left out, dates are ISO texts, durations phrases."""

    fact: str
    scope: str | None
    fields: Mapping[str, object]
    rules: tuple[str, ...]

    def to_dict(self, scope_key: str) -> JsonObject:
        """The conclusion as JSON data; `scope_key` is what the pack calls its scope."""
        return {
            "fact": self.fact,
            scope_key: self.scope,
            "fields": {**self.fields},
            "rules": list(self.rules),
        }


class Report(NamedTuple):
    """The answer to one situation on one day.

    `steps` say how the actions are done, the first thing first. `parameters` are the values in force, as one
    would write them. `names` are names to show: of a scope record by its id, of what belongs to it by (scope,
    id). `scope_key` is what the pack calls its scope. `next_change` is the first later day on which a report
    on the same file can differ in anything but the day itself and how late things are; None if none is.
    """

    as_of: date
    profile: str
    rules_version: str
    actions: tuple[Action, ...]
    cautions: tuple[Action, ...]
    conclusions: tuple[Conclusion, ...]
    warnings: tuple[str, ...]
    parameters: Mapping[str, object] = NOTHING
    names: Mapping[str | tuple[str, str], str] = NOTHING
    scope_key: str = "scope"
    steps: tuple[Step, ...] = ()
    next_change: date | None = None

    def to_dict(self) -> JsonObject:
        """The report as JSON data, in the shape of `schemas/report.schema.json`."""
        key = self.scope_key
        return {
            "as_of": self.as_of.isoformat(),
            "next_change": self.next_change.isoformat() if self.next_change else None,
            "profile": self.profile,
            "rules_version": self.rules_version,
            "steps": [step.to_dict(key) for step in self.steps],
            "actions": [action.to_dict(key) for action in self.actions],
            "cautions": [caution.to_dict(key) for caution in self.cautions],
            "conclusions": [conclusion.to_dict(key) for conclusion in self.conclusions],
            "warnings": list(self.warnings),
            "parameters": dict(self.parameters),
        }
