"""The entries of a plan in words: what comes up, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from followcue.assistant.plan.agenda import AgendaEntry, EntryKind, Plan
from followcue.evaluation.advice.report import Action, Reason, Report, Step
from followcue.evaluation.report.wording import (
    addressee,
    name_of,
    plain,
    reason,
    short_day,
    short_reason,
    weekday,
)

LABELS: Mapping[EntryKind, str] = {
    "event": "happens",
    "day": "the day",
    "supposed": "done (supposed)",
    "caution": "be careful",
    "overdue": "overdue",
    "due": "due",
    "closes": "last day",
    "step": "to do",
    "now": "now",
    "opens": "opens",
    "moves": "moves",
    "waits": "wait",
    "ends": "ends",
    "caution ends": "careful no more",
    "warning": "contradiction",
}
"""A word or two for what comes up."""


def heading(plan: Plan) -> str:
    """From when to when, and what is supposed meanwhile."""
    said = "if nothing more happens"
    if plan.assume == "done":
        said = "if everything is done when it is due"
    elif any(entry.supposed for entry in plan.entries):
        said = "if what is arranged takes place and nothing more happens"
    return f"{weekday(plan.as_of)} to {weekday(plan.until)}, {said}"


class EntryDescriber:
    """Describes the entries of one plan, with the names of its people and records."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._supposed = {
            (said.fact, said.scope, e.day)
            for e in plan.entries
            for said in (e.event if e.change == "supposed" else None, e.supposed)
            if said
        }
        self._names = Report(plan.as_of, plan.profile, plan.rules_version, (), (), (), (), names=plan.names)

    def told(self) -> Iterator[AgendaEntry]:
        """What there is to tell: what opens and is part of a step is told with it, on the day of the step.

        That a good day has passed goes without saying.
        """
        for entry in self._plan.entries:
            by_step = entry.change in ("now", "opens", "waits") and entry.in_step
            if not by_step and entry.change != "overdue":
                yield entry

    def label(self, entry: AgendaEntry) -> str:
        """What comes up, in a word or two."""
        if entry.change == "step" and entry.day == self._plan.as_of:
            return LABELS["now"]
        return LABELS[entry.change]

    def what(self, entry: AgendaEntry) -> str:
        """What it is about, with whom, until when and why."""
        parts = []
        if entry.step is not None and entry.action is not None:
            parts += [entry.step.title, *self._days_of(entry, entry.step)]
            parts += [self._since(entry.action.since)] if entry.action.since else []
        elif entry.action is not None:
            parts += [self._action(entry.action), *self._more(entry, entry.action)]
        if entry.event is not None:
            parts.append(self._event(entry, entry.event))
            parts += ["supposed to take place"] if entry.supposed else []
        elif entry.text:
            parts.append(entry.text)
        return "; ".join(parts)

    def _action(self, action: Action) -> str:
        who = addressee(action, self._names)
        return f"{action.title}: {who}" if who else action.title

    def _more(self, entry: AgendaEntry, action: Action) -> list[str]:
        said = []
        if entry.change in ("now", "opens", "moves", "due") and action.channel:
            said.append(f"by {plain(action.channel)}")
        if entry.change in ("now", "opens", "moves", "waits"):
            said += self._days(entry, action)
        if entry.change in ("now", "opens", "waits", "caution") and action.since:
            said.append(self._since(action.since))
        if entry.instead:
            said.append("instead: " + ", ".join(other.title for other in entry.instead))
        return said

    def _since(self, since: Reason) -> str:
        key = since.fact, since.scope, since.date
        is_supposed = since.line is None and key in self._supposed
        return short_reason(since) + (" (supposed)" if is_supposed else "")

    def _days(self, entry: AgendaEntry, action: Action) -> list[str]:
        if action.until:
            return [f"until {short_day(action.until)}"]
        said = []
        if action.open and action.open > entry.day:
            said.append(f"from {short_day(action.open)}")
        if action.due and action.due >= entry.day:
            said.append("due today" if action.due == entry.day else f"due {short_day(action.due)}")
        if action.close == entry.day != action.due:
            said.append("last day today")
        return said

    def _days_of(self, entry: AgendaEntry, step: Step) -> list[str]:
        if step.due is None or step.due < entry.day:
            return []
        return ["due today" if step.due == entry.day else f"due {short_day(step.due)}"]

    def _event(self, entry: AgendaEntry, event: Reason) -> str:
        names = self._names
        scope = name_of(event.scope, None, names)
        if entry.change == "day":
            others = (name_of(str(v), event.scope, names) or "" for v in event.fields.values())
            hour = f"at {entry.time}" if entry.time else None
            subject = ", ".join(filter(None, [scope, *others, hour]))
            return f"{entry.text.rstrip('.')}: {subject}" if subject else entry.text
        said = reason(event, names).replace(f" {event.date.isoformat()}", "", 1)
        if entry.change == "supposed":
            return f"by `{said}`"
        return f"{scope}: {said}" if scope else said
