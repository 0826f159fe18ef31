"""The names that a test uses: of actions, rules, items, and of what is in its situation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.language.documents.borrowed import hint_for
from followcue.language.documents.document import Document
from followcue.language.model.declared import unknown
from followcue.language.model.pack import Pack
from followcue.language.model.rules import Where
from followcue.testing.scenario import IN_STEPS, NAMING, Expectation

IN_THE_SITUATION = ("to", "about")
"""The keys, besides the scope's own, whose values must occur in the situation."""

_WHAT = ("action", "caution", "title", "priority", "channel", "rules", "do", "avoid")
_WHOM_AND_WHEN = ("to", "about", "status", "open", "due", "close", "until", *IN_STEPS)
REPORTED = frozenset((*_WHAT, *_WHOM_AND_WHEN))
"""The keys that every pack has; the other one is called like the pack's scope."""


class Names:
    """What the tests of one pack may name."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._scope = pack.vocabulary.shape.scope
        self._words = {word for type in pack.vocabulary.types.values() for word in type.choices}
        """The words that fields choose from, which rules may give as a subject of their own accord."""

    def mistakes_in_claims(self, test: Mapping[str, Any], where: Where) -> Iterator[Diagnostic]:
        """Items and rules that the test says it is about, and that do not exist."""
        items = self._pack.vocabulary.items
        for index, name in enumerate(test.get("items", ())):
            if name not in items:
                yield unknown("item", name, items, where / "items" / index)
        for index, name in enumerate(test.get("rules", ())):
            if not self._pack.has_rule(name):
                yield unknown("rule", name, self._pack.rules, where / "rules" / index)

    def mistakes_in_remarks(self, document: Document) -> Iterator[Diagnostic]:
        """Items that the file remarks on, and that do not exist."""
        known = self._pack.vocabulary.items
        for name in remarks_in(document):
            if name not in known:
                yield unknown("item", name, known, Where(document, ("remarks", name), key=True))

    def mistakes_in(self, expectation: Expectation, known: Collection[str]) -> Iterator[Diagnostic]:
        """Names that nothing has; `known` is whatever occurs in the situation."""
        actions = self._pack.vocabulary.actions
        for key, value in expectation.wanted.items():
            place = expectation.where if isinstance(_written(expectation), str) else expectation.where / key
            if key in NAMING and value not in actions:
                yield self._no_action(str(value), place)
            elif key == "with" and isinstance(value, list):
                for name in value:
                    if name not in actions:
                        yield unknown("action", str(name), actions, place)
            elif key == "rules" and isinstance(value, list):
                for name in value:
                    if not self._pack.has_rule(str(name)):
                        yield unknown("rule", str(name), self._pack.rules, place)
            elif key not in REPORTED and key != self._scope:
                yield self._no_such_key(key, place)
            elif key == self._scope and value is not None and not isinstance(value, str):
                hint = "put it in quotes"
                yield place.problem("FC201", f"`{key}` must be text, not a number", hint=hint)
            elif isinstance(value, str) and self._stands_for_nothing(key, value, known):
                message = f"nothing in the situation is called `{value}`"
                yield place.problem("FC302", message, hint=did_you_mean(value, known))

    def _no_action(self, name: str, where: Where) -> Diagnostic:
        kind = self._pack.vocabulary.kinds.get(name)
        if kind is None:
            return unknown("action", name, self._pack.vocabulary.actions, where)
        what = "an event" if kind.is_event else f"a {kind.role}"
        hint = "tests look at what is advised and concluded: name an action"
        if kind.role == "conclusion":
            hint = f"write `{{conclusion: {name}}}`, with its fields, or name an action to which it leads"
        return where.problem("FC302", f"`{name}` is {what}, and no action", hint=hint)

    def _stands_for_nothing(self, key: str, value: str, known: Collection[str]) -> bool:
        if key == self._scope:
            return value not in known
        return key in IN_THE_SITUATION and value not in known and value not in self._words

    def no_record(self, name: str, known: Collection[str], where: Where) -> Diagnostic:
        """A record of the scope that the situation does not have."""
        return unknown(str(self._scope), name, known, where)

    def _no_such_key(self, key: str, where: Where) -> Diagnostic:
        keys = sorted(REPORTED | ({self._scope} if self._scope else set()))
        hint = hint_for("an expectation", key) or did_you_mean(key, keys)
        return where.as_key().problem("FC202", f"an expectation has no `{key}`", hint=hint)


def remarks_in(document: Document) -> Mapping[str, str]:
    """The items that no rule can carry, each with where it is said instead."""
    data: Any = document.data
    remarks: Mapping[str, str] = data.get("remarks", {})
    return remarks


def _written(expectation: Expectation) -> object:
    """The expectation as it stands in the file: a name or a mapping."""
    value: Any = expectation.where.document.data
    for step in expectation.where.path:
        value = value[step]
    return value
