"""Some edits between two versions of a pack, taken over without the others: the old pack plus these."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from followcue.authoring.versions.edits import ADDED, DEFAULT, Edit
from followcue.authoring.versions.facets import mixed
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic.compile_pack import compile_rules
from followcue.language.model.rules import Rule
from followcue.language.model.vocabulary import ActionKind, Field, Kind, Parameter, Vocabulary


class Mixer:
    """Makes packs that lie between two versions of one."""

    def __init__(self, old: LoadedPack, new: LoadedPack, edits: Collection[Edit]) -> None:
        self._old = old
        self._new = new
        self._edits = tuple(edits)
        self._old_rules: Mapping[str, Rule] = {rule.id: rule for rule in old.rules}
        self._new_rules: Mapping[str, Rule] = {rule.id: rule for rule in new.rules}

    @cached_property
    def needed(self) -> frozenset[Edit]:
        """The edits that others may need and that advise nothing by themselves: words, and new names."""
        return frozenset(
            edit
            for edit in self._edits
            if edit.is_of_words or (edit.section in ("parameters", "actions") and edit.facet == ADDED)
        )

    def mix(self, chosen: Collection[Edit]) -> LoadedPack | None:
        """The old pack with these edits, and with those that they need; None where that is no pack."""
        taken = frozenset(chosen)
        # The words are tried both ways: with them old rules may make no sense, without them new ones.
        for some in dict.fromkeys((taken, taken | self.needed)):
            try:
                return LoadedPack.of(self._compiled(some))
            except (InvalidInput, RecursionError):
                continue
        return None

    def _compiled(self, chosen: Collection[Edit]) -> Any:
        rules = self._rules(chosen)
        vocabulary = self._vocabulary(chosen)
        return compile_rules(rules, vocabulary, self._old.pack)

    def _rules(self, chosen: Collection[Edit]) -> list[Rule]:
        facets: dict[str, set[str]] = {}
        for edit in chosen:
            if edit.section == "rules":
                facets.setdefault(edit.name, set()).add(edit.facet)
        rules: list[Rule] = []
        for name in sorted({*self._old_rules, *self._new_rules}):
            old, new = self._old_rules.get(name), self._new_rules.get(name)
            if name not in facets:
                rules += [old] if old else []
            elif old is None:
                rules += [new] if new else []
            elif new is not None:
                rules.append(mixed(old, new, facets[name]))
        return rules

    def _vocabulary(self, chosen: Collection[Edit]) -> Vocabulary:
        old, new = self._old.pack.vocabulary, self._new.pack.vocabulary
        base = new if any(edit.is_of_words for edit in chosen) else old
        chosen_profile = {e.name for e in chosen if e.section == "profiles" and e.facet == DEFAULT}
        profile = next(iter(chosen_profile), old.default_profile)
        return base._replace(
            default_profile=profile if profile in base.profiles else base.default_profile,
            kinds={name: self._kind(kind, chosen) for name, kind in base.kinds.items()},
            actions=_mixed_names(old.actions, new.actions, _facets(chosen, "actions"), _mixed_action),
            parameters=_mixed_names(
                old.parameters, new.parameters, _facets(chosen, "parameters"), _mixed_parameter
            ),
        )

    def _kind(self, kind: Kind, chosen: Collection[Edit]) -> Kind:
        """The kind; where its fields are not given, they are as in the old pack, or as chosen."""
        before = {f.name: f for f in _fields_of(self._old, kind.name)}
        after = {f.name: f for f in _fields_of(self._new, kind.name)}
        taken = {edit.facet for edit in chosen if edit.name == kind.name and edit.section in KINDS}
        fields = []
        for field in kind.fields:
            side = after if f"{DEFAULT} {field.name}" in taken else before
            known = side.get(field.name)
            fields.append(field._replace(default=known.default) if known else field)
        return kind._replace(fields=tuple(fields))


KINDS = ("conclusions", "events", "situation")
"""The sections that declare kinds of facts."""


def _fields_of(loaded: LoadedPack, kind: str) -> tuple[Field, ...]:
    found = loaded.pack.vocabulary.kinds.get(kind)
    return found.fields if found else ()


def _facets(chosen: Collection[Edit], section: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for edit in chosen:
        if edit.section == section:
            found.setdefault(edit.name, set()).add(edit.facet)
    return found


def _mixed_names(old: Any, new: Any, facets: Mapping[str, set[str]], mix: Any) -> dict[str, Any]:
    """The entries of one section, each as it was, or with its chosen facets."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys((*old, *new)):
        if name not in facets:
            if name in old:
                found[name] = old[name]
        elif name not in old:
            found[name] = new[name]
        elif name in new:
            found[name] = mix(old[name], new[name], facets[name])
    return found


def _mixed_action(old: ActionKind, new: ActionKind, chosen: set[str]) -> ActionKind:
    return old._replace(**{field: getattr(new, field) for field in chosen})


def _mixed_parameter(old: Parameter, new: Parameter, chosen: set[str]) -> Parameter:
    plain = {field: getattr(new, field) for field in ("value", "type", "cites", "says") if field in chosen}
    profiles = dict(old.profiles)
    for profile in {*old.profiles, *new.profiles}:
        if f"profile {profile}" in chosen:
            if profile in new.profiles:
                profiles[profile] = new.profiles[profile]
            else:
                profiles.pop(profile, None)
    return old._replace(profiles=profiles, **plain)
