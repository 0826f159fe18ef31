"""Sentences of rules, `Lend at {rate} percent[, until {day}]`, with the values that derivations bind.

A value is written as people read it: a day as `20 November`, a duration as `2 weeks`, a record by its name.
Nothing is computed here but what a computation of the rule binds. Where a value is absent its part in square
brackets is left out; without brackets nobody could say the sentence, so that there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias, cast

from followcue.base.civil import MONTHS
from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import ColumnType, Value, places_of
from followcue.base.values import format_decimal, format_duration, format_period, format_time
from followcue.base.working_days import calendar_of
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.pack import ClauseInfo, ValueAt
from followcue.language.model.text_template import SentencePart, parse_sentence

Names = Mapping[str | tuple[str, str], str]
"""Names to show, as a report has them."""

parsed: Callable[[str], tuple[SentencePart, ...]] = lru_cache(4096)(parse_sentence)
"""The parts of a sentence, remembered."""


class Told(NamedTuple):
    """What values are told with: names and parameters of the situation, the record of the scope, the day."""

    names: Names
    scope: str | None
    today: int
    parameters: Mapping[str, Value]

    @classmethod
    def of(cls, situation: Situation, scope: str | None) -> Told:
        """For what is said of that record of a situation, or of the whole."""
        return cls(situation.names, scope, situation.as_of, situation.parameters)


class Sentences:
    """The sentences of the rules of one pack, each parsed once; safe between threads."""

    def __init__(self, clauses: Sequence[ClauseInfo]) -> None:
        self._clauses = clauses
        self._sentences: dict[tuple[int, str], _Sentence] = {}

    def one(self, text: str, derivations: Sequence[Derivation], told: Told) -> str | None:
        """The sentence with its values; of several ways the same one in any order, None where none has all.

        The clauses are asked in their order: the first one says all that the author wrote first.
        """
        if "{" not in text and "[" not in text:  # as nearly always
            return text
        ways: dict[int, list[Derivation]] = {}
        for derivation in derivations:
            ways.setdefault(derivation.clause, []).append(derivation)
        for clause in sorted(ways):
            sentence = self._sentence(clause, text)
            if isinstance(sentence, str):
                return sentence
            said = [line for way in ways[clause] if (line := _filled(sentence, way, told)) is not None]
            if said:
                return min(said)
        return None

    def each(self, text: str, derivations: Sequence[Derivation], told: Told) -> list[str]:
        """The sentence once for each of the values that it comes with, sorted."""
        if not has_values(text):
            return [text]
        said: set[str] = set()
        for derivation in derivations:
            sentence = self._sentence(derivation.clause, text)
            assert not isinstance(sentence, str), "it has values"
            line = _filled(sentence, derivation, told)
            if line is not None:
                said.add(line)
        return sorted(filter(None, said))

    def _sentence(self, clause: int, text: str) -> _Sentence:
        """The sentence as the derivations of one clause fill it; itself where there is nothing to fill."""
        if "{" not in text and "[" not in text:
            return text
        known = self._sentences.get((clause, text))
        if known is not None:
            return known
        places = {value.name: value for value in self._clauses[clause].values}
        sentence = self._sentences[clause, text] = tuple(
            (optional, tuple(_piece(piece, places) if is_field else piece for piece, is_field in pieces))
            for pieces, optional in parsed(text)
        )
        return sentence


_Show: TypeAlias = Callable[[Derivation, Told], str | None]
"""Shows a value; None where it is absent."""

_Parts: TypeAlias = tuple[tuple[bool, tuple[str | _Show, ...]], ...]
"""Of each part, whether it is left out without its values, and its texts and what shows its values."""

_Sentence: TypeAlias = str | _Parts


def is_text(sentence: str) -> bool:
    """Whether a sentence has words, and nothing in it to fill."""
    return bool(sentence) and "{" not in sentence and "[" not in sentence


def has_values(text: str) -> bool:
    """Whether there is something to fill in a text that may as well have none, such as one of `do`."""
    return "{" in text


def _filled(parts: _Parts, derivation: Derivation, told: Told) -> str | None:
    """The sentence with its values; None where one is absent that stands in no brackets."""
    said: list[str] = []
    for optional, pieces in parts:
        words: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                words.append(piece)
                continue
            shown = piece(derivation, told)
            if shown is None:
                if optional:
                    break
                return None
            words.append(shown)
        else:
            said += words
    return "".join(said)


def day_in_words(day: date, today: int) -> str:
    """`20 November`, with the year where it is not the one of today."""
    year = "" if day.year == calendar_day(today).year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


@lru_cache(1024)
def _day_in_words(day: int, today: int) -> str:
    return day_in_words(calendar_day(day), today)


def _piece(name: str, places: Mapping[str, ValueAt]) -> _Show:
    """What shows the value of that name, which a clause may not have."""
    place = places.get(name)
    return _nothing if place is None else _shower(place)


def _nothing(_derivation: Derivation, _told: Told) -> None:
    """Shows a value that the clause does not have."""


def _shower(place: ValueAt) -> _Show:
    """What shows the value of a variable as a person reads it; None where it is absent."""
    value, in_words = reader_of(place), _in_words(place.base)
    if in_words is None and place.refers_to and not place.is_word:
        return lambda derivation, told: name_of(value(derivation, told), told.scope, told.names)

    def show(derivation: Derivation, told: Told) -> str | None:
        found = value(derivation, told)
        if found is None:
            return None
        if in_words is not None:
            return in_words(found, told.today)
        return str(found).replace("_", " ") if place.is_word else str(found)

    return show


_IN_WORDS: Mapping[str, Callable[[Any, int], str]] = {
    "date": _day_in_words,
    "duration": lambda days, _: format_duration(days),
    "period": lambda months, _: format_period(months),
    "time": lambda minutes, _: format_time(minutes),
    "bool": lambda value, _: "yes" if value else "no",
}
"""How values of some types are written, with the day of the report."""


def _in_words(base: ColumnType) -> Callable[[Any, int], str] | None:
    """How values of a type are written; None where they stand as they are."""
    places = places_of(base)
    return (lambda units, _: format_decimal(units, places)) if places else _IN_WORDS.get(base)


def reader_of(place: ValueAt) -> Callable[[Derivation, Told], Value]:
    """What reads the value at a place; a value that is not there is None."""
    name, part, number, column, *_ = place
    if part == "parameter":
        return lambda _, told: told.parameters.get(name)
    if part == "reckoned":
        return _reckoner(place)
    if part == "body":
        return lambda derivation, _: derivation.body[number][column]
    if part == "count":
        return lambda derivation, _: len(derivation.grouped[number])
    if part == "sum":
        return lambda derivation, _: sum([int(row[column] or 0) for row in derivation.grouped[number]])
    return lambda derivation, _: rows[0][column] if (rows := derivation.grouped[number]) else None


def _reckoner(place: ValueAt) -> Callable[[Derivation, Told], Value]:
    """What reckons a value from others; it raises `LimitExceeded` for one that nothing can hold."""
    from followcue.evaluation.match.interpret import derived_row  # late: few texts tell what is reckoned
    from followcue.evaluation.match.protocol import Environment
    from followcue.language.logic.program import Clause, Expr, Head

    said = Clause("", Head("", (cast(Expr, place.by),)))
    readers = {value.name: reader_of(value) for value in place.of}

    def value(derivation: Derivation, told: Told) -> Value:
        calendar = calendar_of(told.parameters)
        environment = Environment(told.today, told.parameters, calendar.shift if calendar else None)
        bindings = {name: read(derivation, told) for name, read in readers.items()}
        return derived_row(derivation.clause, said, bindings, environment)[0]

    return value


def name_of(value: Value, scope: str | None, names: Names) -> str | None:
    """The name of a record, or the value itself where it has none."""
    if value is None:
        return None
    text = str(value)
    inside = names.get((scope, text)) if scope is not None else None
    return inside or names.get(text, text)
