"""The filters of message templates: values in words. Each makes at most as much text as it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from followcue.assistant.draft.views import View
from followcue.base.civil import MONTHS
from followcue.evaluation.report.wording import WEEKDAYS
from followcue.language.documents.plain import UNPRINTABLE


class Phrase(str):
    """Text that may stand as it is, with blanks around it."""

    __slots__ = ()


class FilterError(Exception):
    """A filter was given what it cannot put into words."""


def filters(as_of: date) -> Mapping[str, Callable[..., object]]:
    """The filters by name; `as_of` is the day on which the message is written."""
    return {
        "day": lambda value: day(value, as_of),
        "listed": listed,
        "plain": plain,
        "varied": varied,
        "after": after,
        "otherwise": otherwise,
    }


def day(value: object, as_of: date) -> str:
    """A date as people say it: `Tuesday 10 November`, with the year only where it is another one."""
    if not isinstance(value, date):
        raise FilterError(f"`day` writes out dates, and this is {_described(value)}")
    said = f"{WEEKDAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]}"
    return said if value.year == as_of.year else f"{said} {value.year}"


def listed(value: object) -> str:
    """A list in a sentence: `Ada, Ben and Cleo`."""
    if not isinstance(value, list):
        raise FilterError(f"`listed` writes out lists, and this is {_described(value)}")
    *before, last = [written(member) for member in value] or [""]
    return f"{', '.join(before)} and {last}" if before else last


def plain(value: object) -> str:
    """A name of the vocabulary as words: `hiring_manager` is `hiring manager`."""
    if not isinstance(value, str):
        raise FilterError(f"`plain` takes a word, and this is {_described(value)}")
    return value.replace("_", " ")


def varied(value: object, *wordings: object) -> object:
    """One of the wordings, another one for each person: who stands next in the file gets the next."""
    if not isinstance(value, View) or not wordings:
        raise FilterError("`varied` takes a person and the wordings to choose from")
    return wordings[value.place % len(wordings)]


def after(value: object, words: object) -> Phrase:
    """A value with words before it, as in ` of Data engineer`; what is absent has none either."""
    if not isinstance(words, str):
        raise FilterError("`after` takes the words that stand before a value")
    return Phrase(UNPRINTABLE.sub("�", re.sub(r"\s", " ", words)) + written(value))


def otherwise(value: object, instead: object) -> object:
    """The value, or where it is absent, these words."""
    return value


def written(value: object) -> str:
    """A value as it stands in a message: on one line, without signs that could steer a mail or a terminal."""
    if isinstance(value, Phrase):
        return value
    if isinstance(value, View):
        return written(value.shown)
    if isinstance(value, str):
        return UNPRINTABLE.sub("�", " ".join(value.split()))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise FilterError(f"{_described(value)} cannot be written as it is{_instead(value)}")


def _instead(value: object) -> str:
    if isinstance(value, date):
        return ": write it out with `| day`"
    return ": write it out with `| listed`" if isinstance(value, list) else ""


def _described(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "text"
        case int():
            return "a number"
        case date():
            return "a date"
        case list():
            return "a list"
        case View():
            return value.said
        case _:
            return "nothing of the kind"
