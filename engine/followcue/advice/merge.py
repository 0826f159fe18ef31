"""Merging: one line for all findings about the same person and subject, with everything that led to it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from followcue.advice.finding import Finding
from followcue.advice.report import PRIORITIES, Status
from followcue.advice.window import Window, union
from followcue.match.protocol import Derivation
from followcue.model.vocabulary import ActionKind


class Merged(NamedTuple):
    """The findings about one subject, taken together; `findings` are sorted by rule id."""

    findings: Sequence[Finding]
    window: Window
    until: int | None
    status: Status

    @property
    def action(self) -> ActionKind:
        """What to do."""
        return self.findings[0].action

    @property
    def scope(self) -> str | None:
        """The record that it belongs to."""
        return self.findings[0].scope

    @property
    def is_open(self) -> bool:
        """Whether it can be done today."""
        return self.status in ("due", "overdue")

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that recommend it, sorted."""
        if len(self.findings) == 1:
            return (self.findings[0].rule.id,)
        return tuple(dict.fromkeys([finding.rule.id for finding in self.findings]))

    @property
    def priority(self) -> str:
        """The highest that a rule gives it, or else the action's own."""
        if len(self.findings) == 1:
            return self.findings[0].rule.priority or self.action.priority
        given = [f.rule.priority for f in self.findings if f.rule.priority]
        return min(given, key=PRIORITIES.index, default=self.action.priority)

    @property
    def channel(self) -> str | None:
        """The channel that the first rule names."""
        for finding in self.findings:
            if finding.channel is not None:
                return finding.channel
        return None

    @property
    def derivations(self) -> Sequence[Derivation]:
        """Every way in which it was derived."""
        if len(self.findings) == 1:
            return self.findings[0].derivations
        return [derivation for finding in self.findings for derivation in finding.derivations]


def merge(findings: Iterable[Finding], today: int) -> list[Merged]:
    """One `Merged` a subject; what was missed is kept apart from what can still be done."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.subject, finding.status == "missed"), []).append(finding)
    return [_merge_group(group, today) for group in groups.values()]


def _merge_group(group: list[Finding], today: int) -> Merged:
    """Earliest opening and due day, latest close, latest `until`."""
    if len(group) == 1:
        only = group[0]
        return Merged(group, only.window, only.until, only.status)
    ordered = sorted(group, key=lambda f: (f.rule.id, f.channel or ""))
    window = union([f.window for f in ordered])
    until = max((f.until for f in ordered if f.until is not None), default=None)
    return Merged(ordered, window, until, window.status(today))


def keep_latest(merged: Sequence[Merged]) -> list[Merged]:
    """At most one a scope of the actions that say so (`keep: latest until`): the one with the latest day."""
    kept: dict[object, Merged] = {}
    others = []
    for candidate in merged:
        if candidate.action.keep is None:
            others.append(candidate)
            continue
        place = candidate.action.name, candidate.scope
        rival = kept.get(place)
        if rival is None or _keep_key(candidate) > _keep_key(rival):
            kept[place] = candidate
    return [*others, *kept.values()]


def _keep_key(merged: Merged) -> tuple[int, str, str]:
    """The day that counts, an absent one as the earliest; names settle ties."""
    days = {"until": merged.until, **merged.window._asdict()}
    day = days.get(merged.action.keep or "")
    first = merged.findings[0]
    return (-1 if day is None else day, first.to or "", first.about or "")
