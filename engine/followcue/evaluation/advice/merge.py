"""Merging: all recommendations about the same person and subject become one action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.base.named_tuple import NamedTuple
from followcue.evaluation.advice.recommendation import Recommendation, Subject
from followcue.evaluation.advice.report import PRIORITIES, Status
from followcue.evaluation.advice.window import Window, union
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.vocabulary import ActionKind


class Merged(NamedTuple):
    """The recommendations about one subject, taken together; `recommendations` are sorted by rule id.

    `rules` are the ids of the rules that recommend it, sorted; `priority` is the highest that a rule gives,
    or else the action's own; `channel` is that of the first rule that names one; `derivations` are every way
    in which it was derived.
    """

    recommendations: Sequence[Recommendation]
    action: ActionKind
    subject: Subject
    window: Window
    until: int | None
    status: Status
    rules: tuple[str, ...]
    priority: str
    channel: str | None
    derivations: Sequence[Derivation]

    @property
    def scope(self) -> str | None:
        """The record that it belongs to."""
        return self.subject[1]

    @property
    def is_open(self) -> bool:
        """Whether it can be done today."""
        return self.status in ("due", "overdue")


def merge(recommendations: Iterable[Recommendation], today: int) -> list[Merged]:
    """One `Merged` a subject; what was missed is kept apart from what can still be done."""
    groups: dict[object, list[Recommendation]] = {}
    for recommendation in recommendations:
        groups.setdefault((recommendation.subject, recommendation.status == "missed"), []).append(
            recommendation
        )
    return [_alone(group) if len(group) == 1 else _together(group, today) for group in groups.values()]


def _alone(group: Sequence[Recommendation]) -> Merged:
    rule, action, subject, window, until, channel, status, derivations = group[0]
    rules, priority = (rule.id,), rule.priority or action.priority
    return Merged(group, action, subject, window, until, status, rules, priority, channel, derivations)


def _together(group: Iterable[Recommendation], today: int) -> Merged:
    """Earliest opening and due day, latest close, latest `until`."""
    ordered = sorted(group, key=lambda f: (f.rule.id, f.channel or ""))
    action, window = ordered[0].action, union([f.window for f in ordered])
    given = [f.rule.priority for f in ordered if f.rule.priority]
    return Merged(
        ordered,
        action,
        ordered[0].subject,
        window,
        until=max((f.until for f in ordered if f.until is not None), default=None),
        status=window.status(today),
        rules=tuple(dict.fromkeys([f.rule.id for f in ordered])),
        priority=min(given, key=PRIORITIES.index, default=action.priority),
        channel=next((f.channel for f in ordered if f.channel is not None), None),
        derivations=[derivation for f in ordered for derivation in f.derivations],
    )


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
    _, _, to, about = merged.subject
    return (-1 if day is None else day, to or "", about or "")
