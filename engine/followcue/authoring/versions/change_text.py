"""Changes of advice and the edits to blame for them, in words; edits are called by their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from followcue.authoring.versions.blame import Blame, EditGroup
from followcue.authoring.versions.compare import Compared
from followcue.authoring.versions.pack_edits import PackEdit
from followcue.authoring.versions.report_changes import AdviceChange, ReportEntry

WINDOW = ("status", "open", "due", "close", "until")
"""What is told of an action that came or went."""

LONGEST = 60
"""Texts are told up to so many characters."""

_KINDS = {"gained": "gains", "lost": "loses", "changed": "changes"}


class ChangeDescription(NamedTuple):
    """One change in words: `gains`, what it is, each field that changed, and by whose edits.

    Where different edits made its fields, each says so itself, and `by` is empty.
    """

    kind: str
    what: str
    fields: tuple[str, ...]
    by: str


class ChangeDescriber:
    """Says what changed, for the edits of one comparison and the scope of one pack."""

    def __init__(self, edits: Sequence[PackEdit], scope_key: str) -> None:
        self._numbers = {edit: number for number, edit in enumerate(edits, 1)}
        self._scope_key = scope_key

    def told(self, change: AdviceChange, blame: Blame) -> ChangeDescription:
        """A change in words."""
        parts = blame.parts
        if change.kind == "gained":
            new = change.new or {}
            own = {name: f"{name} {_text(new.get(name))}" for name in parts if name}
            return self._told(change, self._by(parts[""]), own, parts)
        if blame.is_one:
            (groups,) = set(parts.values())
            return self._told(change, self._by(groups), self._fields(change), {})
        return self._told(change, "", self._fields(change), parts)

    def _told(
        self,
        change: AdviceChange,
        by: str,
        fields: Mapping[str, str],
        parts: Mapping[str, tuple[EditGroup, ...]],
    ) -> ChangeDescription:
        """A change with its fields; those among `parts` name the edits to blame for them."""
        said = (
            f"{told} ({self._by(parts[name])})" if name in parts else told for name, told in fields.items()
        )
        return ChangeDescription(_KINDS[change.kind], self._what(change), tuple(said), by)

    def _by(self, groups: Sequence[EditGroup]) -> str:
        """`by edit 1`, `by edit 1 or 3, each alone`, `by edits 1 and 3 together`."""
        if not groups:
            return "by no edit that could be told apart"
        alone = [self._numbers[group[0]] for group in groups if len(group) == 1]
        said = []
        if alone:
            each = ", each alone" if len(alone) > 1 else ""
            said.append(f"by edit {_joined(alone, 'or')}{each}")
        for group in groups:
            if len(group) > 1:
                numbers = sorted(self._numbers[edit] for edit in group)
                said.append(f"by edits {_joined(numbers, 'and')} together")
        return "; ".join(said)

    def _what(self, change: AdviceChange) -> str:
        key = change.key
        if key.sort == "warning":
            return f"the warning: {key.name}"
        named = key.name if key.sort == "action" else f"caution {key.name}"
        keys = {self._scope_key: key.scope, "to": key.to, "about": key.about}
        parts = [f"{name} {value}" for name, value in keys.items() if value is not None]
        entry = change.old or change.new
        if change.kind != "changed" and entry is not None:
            parts += [_field(name, entry) for name in WINDOW if entry.get(name) is not None]
        return f"{named}: {', '.join(parts)}" if parts else named

    def _fields(self, change: AdviceChange) -> dict[str, str]:
        old, new = change.old or {}, change.new or {}
        return {field: f"{field} {_shown(old.get(field), new.get(field))}" for field in change.fields}


def totals(compared: Compared) -> str:
    """`2 of 40 situations are advised otherwise`."""
    are = "is" if compared.changed == 1 else "are"
    return f"{compared.changed} of {_count(compared.asked, 'situation')} {are} advised otherwise"


def without_effect(compared: Compared) -> list[int]:
    """The numbers of the edits that had no hand in any change, without those that only give words."""
    numbered = enumerate(compared.edits, 1)
    return [number for number, edit in numbered if not compared.blamed[edit] and not edit.is_of_words]


def _field(name: str, entry: ReportEntry) -> str:
    return str(entry[name]) if name == "status" else f"{name} {entry[name]}"


def _shown(old: object, new: object) -> str:
    """What a field was and is; of lists, what went and what came."""
    if isinstance(old, list) and isinstance(new, list):
        gone = [f"without `{_text(item)}`" for item in old if item not in new]
        come = [f"with `{_text(item)}`" for item in new if item not in old]
        return ", ".join((*gone, *come)) or "in another order"
    return f"{_text(old)} -> {_text(new)}"


def _text(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):  # a source
        said = "/".join(str(value[key]) for key in ("source", "item") if value.get(key))
        return (
            said if value.get("basis") in ("text", value.get("source")) else f"{value.get('basis')} of {said}"
        )
    said = str(value)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def _joined(numbers: Sequence[int], word: str) -> str:
    *others, last = map(str, numbers)
    return f"{', '.join(others)} {word} {last}" if others else last


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
