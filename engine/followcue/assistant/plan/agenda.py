"""Agenda: what comes up on which day, as plain frozen values that turn into JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from followcue.base.rows import NOTHING
from followcue.evaluation.advice.report import Action, JsonObject, Reason, Step

EntryKind: TypeAlias = Literal[
    "event",
    "day",
    "supposed",
    "caution",
    "overdue",
    "due",
    "closes",
    "step",
    "now",
    "opens",
    "moves",
    "waits",
    "ends",
    "caution ends",
    "warning",
]

ENTRY_KINDS: Mapping[EntryKind, str] = {
    "event": "The file says that this happens on the day.",
    "day": "A day that the file names, as the rules understand it.",
    "supposed": "It is supposed that the action is done on this day, by the event.",
    "caution": "There is something to be careful about.",
    "overdue": "The action should have been done by the day before.",
    "due": "The last good day for the action.",
    "closes": "The last day on which the action makes sense.",
    "step": "It is time for a step: all that is said or done in one sitting, from this day on.",
    "now": "On the first day: the action can be done.",
    "opens": "The action can be done from this day on.",
    "moves": "The days of the action are others now.",
    "waits": "There is something to wait for, until the day `until`.",
    "ends": "The action is not recommended any more.",
    "caution ends": "There is no need to be careful about it any more.",
    "warning": "The rules find something that contradicts itself.",
}
"""What can come up, in the order within a day."""


class AgendaEntry(NamedTuple):
    """One thing that comes up.

    `action` is what it is about, as it stands on that day, of a `step` the leading one. `event` is what
    happens, or is supposed to. `instead` are actions that open as this one ends. `text` says a day or a
    warning in words, `time` the hour of an appointment as it is written, and `supposed` the event that it is
    supposed to be. `scopes` are the records that a step concerns; `in_step`: a step tells of the action;
    `is_appointment`: something is arranged for the day.
    """

    day: date
    change: EntryKind
    action: Action | None = None
    event: Reason | None = None
    instead: tuple[Action, ...] = ()
    scope: str | None = None
    text: str = ""
    step: Step | None = None
    scopes: tuple[str | None, ...] = ()
    in_step: bool = False
    time: str = ""
    supposed: Reason | None = None
    is_appointment: bool = False

    def to_dict(self, scope_key: str) -> JsonObject:
        """The entry as JSON data; `scope_key` is what the pack calls its scope."""
        said: JsonObject = {"date": self.day.isoformat(), "change": self.change, scope_key: self.scope}
        if self.action is not None:
            since = self.action.since
            said["action"] = self.action.to_dict(scope_key)
            said["since"] = since.to_dict(scope_key) if since else None
        if self.step is not None:
            said["step"] = self.step.to_dict(scope_key)
        if self.event is not None:
            said["event"] = self.event.to_dict(scope_key)
        if self.instead:
            said["instead"] = [
                {"action": action.action, "to": action.to, "about": action.about, "title": action.title}
                for action in self.instead
            ]
        if self.text:
            said["text"] = self.text
        if self.time:
            said["time"] = self.time
        if self.supposed is not None:
            said["supposed"] = self.supposed.to_dict(scope_key)
        return said


class Plan(NamedTuple):
    """What comes up from one day to another, `entries` in the order of the days.

    `assume`: that nothing more happens (`silence`), that what is arranged takes place and nothing else
    (`arranged`), or that every action is done when it is due as well (`done`). `unsettled` are actions that
    stay open under `done`, with the reason. `names` are as in a report.
    """

    as_of: date
    until: date
    assume: str
    profile: str
    rules_version: str
    entries: tuple[AgendaEntry, ...]
    unsettled: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parameters: Mapping[str, object] = NOTHING
    names: Mapping[str | tuple[str, str], str] = NOTHING
    scope_key: str = "scope"

    def to_dict(self) -> JsonObject:
        """The plan as JSON data, in the shape of `schemas/plan.schema.json`."""
        return {
            "as_of": self.as_of.isoformat(),
            "until": self.until.isoformat(),
            "assume": self.assume,
            "profile": self.profile,
            "rules_version": self.rules_version,
            "entries": [entry.to_dict(self.scope_key) for entry in self.entries],
            "unsettled": list(self.unsettled),
            "warnings": list(self.warnings),
            "parameters": dict(self.parameters),
        }

    def of(self, scope: str | None) -> Plan:
        """The plan of one record of the scope alone; None leaves it as it is."""
        if scope is None:
            return self
        return self._replace(entries=tuple(e for e in self.entries if scope in (e.scope, *e.scopes)))
