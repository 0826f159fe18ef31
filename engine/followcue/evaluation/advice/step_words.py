"""The words of a step: its title and why it is there, from the phrases of the pack.

`Write to Dana Ruiz, Acme: say thank you, and ask when they decide` is made of the kind of message
(`Write to {person}`), the names of the situation, and the `say` of each action, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from followcue.base.rows import Value, places_of
from followcue.base.values import format_decimal, format_duration
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.report import Action, Reason
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.pack import Pack, ValueAt
from followcue.language.model.text_template import SentencePart, fill, parse_sentence
from followcue.language.model.vocabulary import MessageKind

Names = Mapping[str | tuple[str, str], str]
"""Names to show, as a report has them."""

parsed: Callable[[str], tuple[SentencePart, ...]] = lru_cache(4096)(parse_sentence)
"""The parts of a sentence, remembered."""


def title_of(message: MessageKind | None, person: str, scopes: Sequence[str], said: Sequence[str]) -> str:
    """The title of a step: whom it is for and what is said, or what is done and for which records."""
    text = said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"
    if message is None:
        return _capital(text) + (f": {_listed(scopes)}" if scopes else "")
    return f"{message.says.replace('{person}', person)}: {text}"


def person_of(action: Action, scopes: Sequence[str | None], names: Names) -> str:
    """Who gets a message, and for which records: `Dana Ruiz, Acme`; those alone where nobody is named."""
    places = _listed([place for scope in scopes if (place := scope_name(scope, names))])
    if action.to is None:
        return places or "them"
    shown = _name(action.to, action.scope, names) or action.to
    return f"{shown}, {places}" if places else shown


def scope_name(scope: str | None, names: Names) -> str:
    """What a record of the scope is called; empty for the whole."""
    return "" if scope is None else names.get(scope, scope)


def whom(action: Action, names: Names) -> str:
    """With whom and what it is about, for what has no words of its own: `Ada Lind, Acme (first)`."""
    place = ", ".join(filter(None, [_name(action.to, action.scope, names), scope_name(action.scope, names)]))
    about = _name(action.about, action.scope, names)
    return f"{place} ({about})" if place and about else place or about or ""


class Words:
    """The sentences of one pack, each parsed once; safe between threads."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._sentences: dict[tuple[int, str], _Sentence] = {}

    def said(self, action: Action, merged: Merged, names: Names, today: int) -> str:
        """What is said or done, as a part of a title: by the rule, else by the action, else its own title."""
        for found in merged.recommendations:
            if found.rule.say:
                return self._told(found.rule.say, found.derivations, names, action.scope, today)
        kind = merged.action
        if kind.say:
            if "{" not in kind.say and "[" not in kind.say:  # as nearly always
                return kind.say
            scope = self._pack.vocabulary.shape.scope or ""
            values = {"to": action.to, "about": action.about, scope: action.scope}
            return fill(parsed(kind.say), lambda name: _name(values.get(name), action.scope, names))
        first, rest = action.title[:1], action.title[1:]
        return action.title if rest[:1].isupper() else first.lower() + rest

    def names_scope(self, merged: Merged) -> bool:
        """Whether what is said of an action names its record of the scope."""
        say = next((found.rule.say for found in merged.recommendations if found.rule.say), merged.action.say)
        return say is not None and f"{{{self._pack.vocabulary.shape.scope}}}" in say

    def why(self, action: Action, merged: Merged, names: Names, today: int) -> str:
        """Why, in a sentence of the rule; else the event that it rests on first."""
        for found in merged.recommendations:
            if found.rule.why:
                return self._told(found.rule.why, found.derivations, names, action.scope, today)
        return _of_reasons(action, action.since, today) if action.since else ""

    def _told(
        self, text: str, derivations: Sequence[Derivation], names: Names, scope: str | None, today: int
    ) -> str:
        """A sentence of a rule with its values; of several ways, the same one in any order."""
        first = min([derivation.clause for derivation in derivations])
        sentence = self._sentences.get((first, text)) or self._sentence(first, text)
        if isinstance(sentence, str):
            return sentence
        ways = [derivation for derivation in derivations if derivation.clause == first]
        return min([_filled(sentence, derivation, names, scope, today) for derivation in ways])

    def _sentence(self, clause: int, text: str) -> _Sentence:
        """The sentence as the derivations of one clause fill it; itself where there is nothing to fill."""
        if "{" not in text and "[" not in text:
            return text
        places = {value.name: value for value in self._pack.clauses[clause].values}
        sentence = self._sentences[clause, text] = tuple(
            (optional, tuple(places.get(piece) if is_field else piece for piece, is_field in pieces))
            for pieces, optional in parsed(text)
        )
        return sentence


_Parts: TypeAlias = tuple[tuple[bool, tuple[str | ValueAt | None, ...]], ...]
"""Of each part, whether it is left out without its values, and its texts and places of values in turn."""

_Sentence: TypeAlias = str | _Parts


def _filled(parts: _Parts, derivation: Derivation, names: Names, scope: str | None, today: int) -> str:
    said: list[str] = []
    for optional, pieces in parts:
        words: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                words.append(piece)
                continue
            shown = None if piece is None else _shown(piece, derivation, names, scope, today)
            if shown is None and optional:
                break
            words.append(shown or "…")
        else:
            said += words
    return "".join(said)


def day_in_words(day: date, today: int) -> str:
    """`20 November`, with the year where it is not the one of today."""
    year = "" if day.year == calendar_day(today).year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


@lru_cache(1024)
def _day_in_words(day: int, today: int) -> str:
    return day_in_words(calendar_day(day), today)


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _of_reasons(action: Action, since: Reason, today: int) -> str:
    """The event to name first; of several on its day the same one, wherever they stand in the file."""
    fact = min(reason.fact for reason in action.because if reason.date == since.date)
    return f"{_capital(fact.replace('_', ' '))} on {day_in_words(since.date, today)}."


def _shown(place: ValueAt, derivation: Derivation, names: Names, scope: str | None, today: int) -> str | None:
    """The value of a variable as a person reads it; None where it is absent."""
    value = _value(place, derivation)
    if value is None:
        return None
    if place.base == "date":
        return _day_in_words(int(value), today)
    if place.base == "duration":
        return format_duration(int(value))
    if places := places_of(place.base):
        return format_decimal(int(value), places)
    if place.base == "bool":
        return "yes" if value else "no"
    return _name(value, scope, names) if place.refers_to else str(value)


def _value(place: ValueAt, derivation: Derivation) -> Value:
    _, part, number, column, _, _ = place
    if part == "body":
        return derivation.body[number][column]
    rows = derivation.grouped[number]
    if part == "count":
        return len(rows)
    if part == "sum":
        return sum(int(row[column] or 0) for row in rows)
    return rows[0][column] if rows else None


def _name(value: Value, scope: str | None, names: Names) -> str | None:
    """The name of a record, or the value itself where it has none."""
    if value is None:
        return None
    text = str(value)
    inside = names.get((scope, text)) if scope is not None else None
    return inside or names.get(text, text)


def _listed(words: Sequence[str]) -> str:
    if len(words) > _MOST_NAMED:
        return f"{', '.join(words[:_MOST_NAMED])} and {len(words) - _MOST_NAMED} more"
    return ", ".join(words)


_MOST_NAMED = 3
"""How many records of the scope a title names."""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
