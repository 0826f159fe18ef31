"""The words of a step: its title and why it is there, from the phrases of the pack.

`Write to Dana Ruiz, Acme: say thank you, and ask when they decide` is made of the kind of message
(`Write to {person}`), the names of the situation, and the `say` of each action, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from followcue.base.rows import ColumnType, Value, places_of
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
        self._scope = pack.vocabulary.shape.scope or ""
        self._gap = f"{{{self._scope}}}"
        self._sentences: dict[tuple[int, str], _Sentence] = {}
        told = {rule.action for rule in pack.rules.values() if rule.say}
        kinds = pack.vocabulary.actions.values()
        self._always = {k.name: (k.say, False) for k in kinds if k.name not in told and is_text(k.say)}
        """What is said of actions of which it is always the same."""

    def said(self, action: Action, merged: Merged, names: Names, today: int) -> tuple[str, bool]:
        """What is said or done, as a part of a title, and whether that names the record of the scope.

        By the rule, else by the action, else the action's own title.
        """
        if always := self._always.get(action.action):
            return always
        for found in merged.recommendations:
            if say := found.rule.say:
                return self._told(say, found.derivations, names, action.scope, today), self._gap in say
        say = merged.action.say
        if say:
            values = {"to": action.to, "about": action.about, self._scope: action.scope}
            shown = fill(parsed(say), lambda name: _name(values.get(name), action.scope, names))
            return shown, self._gap in say
        first, rest = action.title[:1], action.title[1:]
        return action.title if rest[:1].isupper() else first.lower() + rest, False

    def why(self, action: Action, merged: Merged, names: Names, today: int) -> str:
        """Why, in a sentence of the rule; else the event that it rests on first."""
        for found in merged.recommendations:
            if why := found.rule.why:
                return self._told(why, found.derivations, names, action.scope, today)
        return _of_reasons(action, action.since, today) if action.since else ""

    def _told(
        self, text: str, derivations: Sequence[Derivation], names: Names, scope: str | None, today: int
    ) -> str:
        """A sentence of a rule with its values; of several ways, the same one in any order."""
        first = derivations[0].clause
        if len(derivations) > 1:
            first = min([derivation.clause for derivation in derivations])
        sentence = self._sentences.get((first, text)) or self._sentence(first, text)
        if isinstance(sentence, str):
            return sentence
        if len(derivations) == 1:  # as nearly always
            return _filled(sentence, derivations[0], names, scope, today)
        ways = [derivation for derivation in derivations if derivation.clause == first]
        return min([_filled(sentence, derivation, names, scope, today) for derivation in ways])

    def _sentence(self, clause: int, text: str) -> _Sentence:
        """The sentence as the derivations of one clause fill it; itself where there is nothing to fill."""
        sentence: _Sentence = text
        if not is_text(text):
            places = {value.name: _shower(value) for value in self._pack.clauses[clause].values}
            sentence = tuple(
                (
                    optional,
                    tuple(places.get(piece, _nothing) if is_field else piece for piece, is_field in pieces),
                )
                for pieces, optional in parsed(text)
            )
        self._sentences[clause, text] = sentence
        return sentence


def is_text(sentence: str) -> bool:
    """Whether a sentence has words, and nothing in it to fill."""
    return bool(sentence) and "{" not in sentence and "[" not in sentence


_Show: TypeAlias = Callable[[Derivation, Names, str | None, int], str | None]
"""Shows a value of a derivation as a person reads it, by names, the scope's id and today; None if absent."""

_Parts: TypeAlias = tuple[tuple[bool, tuple[str | _Show, ...]], ...]
"""Of each part, whether it is left out without its values, and its texts and what shows its values."""

_Sentence: TypeAlias = str | _Parts


def _filled(parts: _Parts, derivation: Derivation, names: Names, scope: str | None, today: int) -> str:
    said: list[str] = []
    for optional, pieces in parts:
        before = len(said)
        for piece in pieces:
            if isinstance(piece, str):
                said.append(piece)
                continue
            shown = piece(derivation, names, scope, today)
            if shown is None and optional:
                del said[before:]
                break
            said.append(shown or "…")
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


def _shower(place: ValueAt) -> _Show:
    """What shows the value at a place."""
    value, in_words = _reader(place), _in_words(place.base)
    if in_words is None and place.refers_to:
        return lambda derivation, names, scope, _: _name(value(derivation), scope, names)

    def show(derivation: Derivation, _names: Names, _scope: str | None, today: int) -> str | None:
        found = value(derivation)
        if found is None:
            return None
        return str(found) if in_words is None else in_words(found, today)

    return show


_IN_WORDS: Mapping[str, Callable[[Any, int], str]] = {
    "date": _day_in_words,
    "duration": lambda days, _: format_duration(days),
    "bool": lambda value, _: "yes" if value else "no",
}
"""How values of some types are written, with the day of the report."""


def _in_words(base: ColumnType) -> Callable[[Any, int], str] | None:
    """How values of a type are written; None where they stand as they are."""
    places = places_of(base)
    return (lambda units, _: format_decimal(units, places)) if places else _IN_WORDS.get(base)


def _reader(place: ValueAt) -> Callable[[Derivation], Value]:
    """What reads the value at a place; a value that is not there is None."""
    _, part, number, column, _, _ = place
    if part == "body":
        return lambda derivation: derivation.body[number][column]
    if part == "count":
        return lambda derivation: len(derivation.grouped[number])
    if part == "sum":
        return lambda derivation: sum([int(row[column] or 0) for row in derivation.grouped[number]])
    return lambda derivation: rows[0][column] if (rows := derivation.grouped[number]) else None


def _nothing(_derivation: Derivation, _names: Names, _scope: str | None, _today: int) -> None:
    """Shows a value that the clause does not have."""


def _name(value: Value, scope: str | None, names: Names) -> str | None:
    """The name of a record, or the value itself where it has none."""
    if value is None:
        return None
    text = str(value)
    inside = names.get((scope, text)) if scope is not None else None
    return inside or names.get(text, text)


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
