"""The words of a step: its title and why it is there, from the phrases of the pack.

`Write to Dana Ruiz, Acme: say thank you, and ask when they decide` is made of the kind of message
(`Write to {person}`), the names of the situation, and the `say` of each action, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.report import Action, Reason
from followcue.evaluation.advice.sentences import (
    Names,
    Sentences,
    Told,
    day_in_words,
    is_text,
    name_of,
    parsed,
)
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.pack import Pack
from followcue.language.model.text_template import fill
from followcue.language.model.vocabulary import MessageKind


def title_of_message(message: MessageKind, person: str, said: Sequence[str]) -> str:
    """The title of a step that is a message: whom it is for, and what is said."""
    return f"{message.says.replace('{person}', person)}: {_together(said)}"


def title_of(said: Sequence[str], scopes: Sequence[str]) -> str:
    """The title of a step that is done alone: what is done, and for which records."""
    text = _capital(_together(said))
    return f"{text}: {_listed(scopes)}" if scopes else text


def person_of(action: Action, scopes: Iterable[str | None], names: Names) -> str:
    """Who gets a message, and for which records: `Dana Ruiz, Acme`; those alone where nobody is named."""
    places = _listed([place for scope in scopes if scope and (place := names.get(scope, scope))])
    if action.to is None:
        return places or "them"
    shown = name_of(action.to, action.scope, names) or action.to
    return f"{shown}, {places}" if places else shown


def scope_name(scope: str | None, names: Names) -> str:
    """What a record of the scope is called; empty for the whole."""
    return "" if scope is None else names.get(scope, scope)


class Words:
    """What one pack says of its actions; safe between threads."""

    def __init__(self, pack: Pack, sentences: Sentences) -> None:
        self._scope = pack.vocabulary.shape.scope or ""
        self._gap = f"{{{self._scope}}}"
        self._sentences = sentences
        told = {rule.action for rule in pack.rules.values() if rule.say or rule.advice_title}
        kinds = pack.vocabulary.actions.values()
        types = pack.vocabulary.types.values()
        self._plain = {word: word.replace("_", " ") for type in types for word in type.choices if "_" in word}
        """Words to choose from, as a sentence tells them."""
        self._always = {k.name: (k.say, False) for k in kinds if k.name not in told and is_text(k.say)}
        """What is said of actions of which it is always the same."""

    def said(self, action: Action, merged: Merged, situation: Situation) -> tuple[str, bool]:
        """What is said or done, as a part of a title, and whether that names the record of the scope.

        By the rule, else by the action, else the action's own title. A title that a rule gave says more than
        the words of the action.
        """
        if always := self._always.get(action.action):
            return always
        told = Told.of(situation, action.scope)
        for found in merged.recommendations:
            if found.rule.say and (said := self._sentences.one(found.rule.say, found.derivations, told)):
                return said, self._gap in found.rule.say
        kind = merged.action
        if kind.say and action.title == kind.title:
            values = {"to": action.to, "about": action.about, self._scope: action.scope}
            shown = fill(parsed(kind.say), lambda name: self._told(values.get(name), action, told.names))
            return shown, self._gap in kind.say
        first, rest = action.title[:1], action.title[1:]
        names_scope = any(self._gap in found.rule.advice_title for found in merged.recommendations)
        return action.title if rest[:1].isupper() else first.lower() + rest, names_scope

    def whom(self, action: Action, names: Names) -> str:
        """With whom and what it is about, for what has no words of its own: `Ada Lind, Acme (first)`."""
        place = ", ".join(
            filter(None, [name_of(action.to, action.scope, names), scope_name(action.scope, names)])
        )
        about = self._told(action.about, action, names)
        return f"{place} ({about})" if place and about else place or about or ""

    def _told(self, key: str | None, action: Action, names: Names) -> str | None:
        """The name of a record, or a word without its `_`."""
        shown = name_of(key, action.scope, names)
        return self._plain.get(shown, shown) if shown is not None and shown == key else shown

    def why(self, action: Action, merged: Merged, situation: Situation) -> str:
        """Why, in a sentence of the first rule that has one; else the event that it rests on first.

        Of several windows of a rule that of the first to open is told, in whatever order they were derived.
        """
        having = [found for found in merged.recommendations if found.rule.why]
        if having:
            told = Told.of(situation, action.scope)
            said = (
                (found.rule.id, found.window.open or 0, sentence)
                for found in having
                if (sentence := self._sentences.one(found.rule.why, found.derivations, told))
            )
            if first := min(said, default=None):
                return first[-1]
        return _of_reasons(action, action.since, situation.as_of) if action.since else ""


def _of_reasons(action: Action, since: Reason, today: int) -> str:
    """The event to name first; of several on its day the same one, wherever they stand in the file."""
    fact = min(reason.fact for reason in action.because if reason.date == since.date)
    return f"{_capital(fact.replace('_', ' '))} on {day_in_words(since.date, today)}."


def _together(said: Sequence[str]) -> str:
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"


def _listed(words: Sequence[str]) -> str:
    if len(words) > _MOST_NAMED:
        return f"{', '.join(words[:_MOST_NAMED])} and {len(words) - _MOST_NAMED} more"
    return ", ".join(words)


_MOST_NAMED = 3
"""How many records of the scope a title names."""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
