"""The rules as the service shows them: what they are called, in a sentence, and who says so."""

from __future__ import annotations

from typing import Any

from followcue.base.version import __version__
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.model.pack import RuleInfo


def all_rules(loaded: LoadedPack) -> dict[str, Any]:
    """Every rule in short."""
    rules = sorted(loaded.pack.rules.values(), key=lambda rule: rule.id)
    return {
        "rules_version": loaded.pack.version,
        "followcue": __version__,
        "rules": [_in_short(rule) for rule in rules],
    }


def one_rule(loaded: LoadedPack, name: str) -> dict[str, Any] | None:
    """One rule with its sentence; None if there is none of that id."""
    from followcue.authoring.catalogue.rule_sentence import sentence, text_of

    info = loaded.pack.rules.get(name)
    if info is None:
        return None
    rule = next((rule for rule in loaded.rules if rule.id == name), None)
    said = text_of(sentence(rule, loaded.pack.vocabulary)) if rule else None
    return {**_in_short(info), "sentence": said, "do": list(info.do), "avoid": list(info.avoid)}


def _in_short(rule: RuleInfo) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.head,
        "title": rule.title,
        "action": rule.action,
        "priority": rule.priority,
        "sources": [
            {"source": cited.source, "item": cited.item, "basis": cited.basis} for cited in rule.cites
        ],
    }
