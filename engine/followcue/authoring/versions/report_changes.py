"""Two reports on one situation -> what one advises and the other does not, or otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from followcue.evaluation.advice.report import Action, Report
from followcue.language.model.pack import Pack

FIELDS = (
    "status",
    "open",
    "due",
    "close",
    "until",
    "priority",
    "channel",
    "title",
    "do",
    "avoid",
    "sources",
)
"""What is compared of an action; which rules and events it rests on is no advice."""

EntrySort: TypeAlias = Literal["action", "caution", "warning"]


class Key(NamedTuple):
    """What makes two entries of two reports the same: what is advised, and of whom.

    `name` is the action, or the text of a warning. `number` tells apart what is alike in all of it.
    """

    sort: EntrySort
    name: str
    scope: str | None = None
    to: str | None = None
    about: str | None = None
    number: int = 0


ReportEntry: TypeAlias = Mapping[str, object]
"""The fields of an action by name, as JSON data; nothing for a warning."""


class AdviceChange(NamedTuple):
    """An entry that is gained (no `old`), lost (no `new`), or has other values in `fields`."""

    key: Key
    old: ReportEntry | None
    new: ReportEntry | None

    @property
    def kind(self) -> Literal["gained", "lost", "changed"]:
        """What happened to the entry."""
        if self.old is None:
            return "gained"
        return "lost" if self.new is None else "changed"

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that have other values; none where the whole entry came or went."""
        old, new = self.old, self.new
        if old is None or new is None:
            return ()
        return tuple(field for field in FIELDS if old.get(field) != new.get(field))


def changes(old: Mapping[Key, ReportEntry], new: Mapping[Key, ReportEntry]) -> tuple[AdviceChange, ...]:
    """Every entry of two reports that is not the same in both: in the order of the new one, the lost last."""
    keys = dict.fromkeys((*new, *old))
    found = (AdviceChange(key, old.get(key), new.get(key)) for key in keys)
    return tuple(change for change in found if change.old != change.new)


def entries(report: Report, pack: Pack) -> dict[Key, ReportEntry]:
    """What a report says, each entry under what makes it the same in another report."""
    found: dict[Key, ReportEntry] = {}
    _put_actions(found, "caution", report.cautions, report.scope_key)
    _put_actions(found, "action", report.actions, report.scope_key)
    for warning in report.warnings:
        _put(found, Key("warning", _without_places(warning, pack)), {})
    return found


def _put_actions(
    found: dict[Key, ReportEntry], sort: EntrySort, actions: Iterable[Action], scope_key: str
) -> None:
    for action in actions:
        data = action.to_dict(scope_key)
        key = Key(sort, action.action, action.scope, action.to, action.about)
        _put(found, key, {field: data[field] for field in FIELDS})


def _put(found: dict[Key, ReportEntry], key: Key, entry: ReportEntry) -> None:
    while key in found:
        key = key._replace(number=key.number + 1)
    found[key] = entry


def _without_places(warning: str, pack: Pack) -> str:
    """A warning without the places of the rules that it names: these differ between any two folders."""
    if " contradict each other" in warning:
        for rule in pack.rules.values():
            if rule.id in warning:
                warning = warning.replace(f" ({rule.origin})", "")
    return warning
