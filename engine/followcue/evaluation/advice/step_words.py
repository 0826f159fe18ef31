"""The words of a step: its title and why it is there, from the phrases of the pack.

`Write to Dana Ruiz, Acme: say thank you, and ask when they decide` is made of the kind of message
(`Write to {person}`), the names of the situation, and the `say` of each action, in their order.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from followcue.base.rows import Value
from followcue.base.values import format_duration
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.report import Action, Reason
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.pack import Pack, ValueAt
from followcue.language.model.text_template import SentencePart, fill, parse_sentence
from followcue.language.model.vocabulary import ActionKind, MessageKind

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


def said_of(action: Action, kind: ActionKind, merged: Merged, pack: Pack, names: Names, today: int) -> str:
    """What is said or done, as a part of a title: by the rule, else by the action, else its own title."""
    for found in merged.recommendations:
        if found.rule.say:
            return _told(found.rule.say, found.derivations, pack, names, action.scope, today)
    if kind.say:
        if "{" not in kind.say and "[" not in kind.say:  # as nearly always
            return kind.say
        values = {"to": action.to, "about": action.about, pack.vocabulary.shape.scope or "": action.scope}
        return fill(parsed(kind.say), lambda name: _name(values.get(name), action.scope, names))
    first, rest = action.title[:1], action.title[1:]
    return action.title if rest[:1].isupper() else first.lower() + rest


def names_scope(kind: ActionKind, merged: Merged, pack: Pack) -> bool:
    """Whether what is said of an action names its record of the scope."""
    say = next((found.rule.say for found in merged.recommendations if found.rule.say), kind.say)
    return f"{{{pack.vocabulary.shape.scope}}}" in (say or "")


def why_of(action: Action, merged: Merged, pack: Pack, names: Names, today: int) -> str:
    """Why, in a sentence of the rule; else the event that it rests on first."""
    for found in merged.recommendations:
        if found.rule.why:
            return _told(found.rule.why, found.derivations, pack, names, action.scope, today)
    return _of_reasons(action, action.since, today) if action.since else ""


def day_in_words(day: date, today: int) -> str:
    """`20 November`, with the year where it is not the one of today."""
    year = "" if day.year == calendar_day(today).year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _of_reasons(action: Action, since: Reason, today: int) -> str:
    """The event to name first; of several on its day the same one, wherever they stand in the file."""
    fact = min(reason.fact for reason in action.because if reason.date == since.date)
    return f"{_capital(fact.replace('_', ' '))} on {day_in_words(since.date, today)}."


def _told(
    text: str,
    derivations: Sequence[Derivation],
    pack: Pack,
    names: Names,
    scope: str | None,
    today: int,
) -> str:
    """A sentence of a rule with the values of its variables; of several ways, the same one in any order."""
    first = min(derivation.clause for derivation in derivations)
    places = {value.name: value for value in pack.clauses[first].values}

    def sentence(derivation: Derivation) -> str:
        def value(name: str) -> str | None:
            place = places.get(name)
            return None if place is None else _shown(place, derivation, names, scope, today)

        return fill(parsed(text), value)

    return min(sentence(derivation) for derivation in derivations if derivation.clause == first)


def _shown(place: ValueAt, derivation: Derivation, names: Names, scope: str | None, today: int) -> str | None:
    """The value of a variable as a person reads it; None where it is absent."""
    value = _value(place, derivation)
    if value is None:
        return None
    if place.base == "date":
        return day_in_words(calendar_day(int(value)), today)
    if place.base == "duration":
        return format_duration(int(value))
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
