"""An event as a sentence: by what its vocabulary says of it, with the values of its fields in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from followcue.assistant.journal.parse_entry import COMMON
from followcue.base.terminal import visible
from followcue.base.values import parse_date
from followcue.evaluation.report.wording import plain, short_day
from followcue.language.model.text_template import fill, parse_sentence
from followcue.language.model.vocabulary import Field, Kind

Name = Callable[[str], str]
"""Gives the name to show for the key of a record."""


def sentence_of(kind: Kind, entry: Mapping[str, object], name: Name, year: int) -> str:
    """What happened, on one line; days of another `year` are told with theirs."""
    fields = {field.name: field for field in (*kind.fields, *COMMON)}
    words = {n: _in_words(fields[n], value, name, year) for n, value in entry.items() if n in fields}
    said = fill(parse_sentence(kind.tell), words.get) if kind.tell else _plainly(kind, words)
    said = " ".join(said.split())
    return said[:1].upper() + said[1:]


def _plainly(kind: Kind, words: Mapping[str, str]) -> str:
    """What the vocabulary says of all such events, and the fields of this one behind it."""
    said = kind.says.removesuffix(".") or plain(kind.name)
    told = [f"{plain(n)} {word}" for n, word in words.items() if n not in ("id", "note")]
    return f"{said} ({'; '.join(told)})." if told else f"{said}."


def _in_words(field: Field, value: object, name: Name, year: int) -> str:
    members = [_word(field, member, name, year) for member in (value if isinstance(value, list) else [value])]
    *before, last = members or ["nobody"]
    return f"{', '.join(before)} and {last}" if before else last


def _word(field: Field, value: object, name: Name, year: int) -> str:
    """One value in words, without signs that could steer a terminal."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    said = str(value)
    if field.type.base == "date" and (day := parse_date(said)):
        return day_in_words(day, year)
    if field.type.refers_to:
        said = name(said)
    elif field.type.choices:
        said = plain(said)
    return visible(" ".join(said.split()))


def day_in_words(day: date, year: int) -> str:
    """A day as people say it: `Mon 23 Nov`, with the year where it is another one."""
    return short_day(day) if day.year == year else f"{short_day(day)} {day.year}"
