"""Words borrowed from other languages -> the sentence that says how the same is written here.

Whoever writes `18 years` or `salience:` knows another language, and means something that is said in another
way here, or not at all. What is known of that stands in one table, borrowed.toml. Whatever finds a mistake
asks it for a hint:

    hint_for("test", "$n no more than 5")  # "write `at most`"

Nothing here decides whether something is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from followcue.base.named_tuple import NamedTuple

ELSE = "what else does not exist: `followcue explain-code FC301`"


class Borrowed(NamedTuple):
    """What was written in another language's words, from `start` to `end`, and how it is said here."""

    hint: str
    start: int
    end: int


def hint_for(place: str, text: str) -> str | None:
    """How what was written in a place is said here; None if the table does not know it."""
    found = borrowed_in(place, text)
    return found.hint if found else None


def borrowed_in(place: str, text: str, at: int | None = None) -> Borrowed | None:
    """The words in a text that the table knows; None if it knows none of them.

    `at` is the offset in `text` from which it could not be read: only what reaches that far is meant.
    """
    for pattern, says in _entries(place):
        for found in pattern.finditer(text):
            if at is None or found.start() <= at <= _end(found):
                hint = says.format(**found.groupdict(default=""), **{"else": ELSE})
                start = found.end() - len(found[0].lstrip())
                return Borrowed(hint, start, found.start() + len(found[0].rstrip()))
    return None


def _end(found: re.Match[str]) -> int:
    """Where the word after the found ones begins, which is where a parser notices."""
    rest = found.string[found.end() :]
    return found.end() + len(rest) - len(rest.lstrip())


@cache
def _entries(place: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), says) for pattern, says in _written(place))


def _written(place: str) -> Iterator[tuple[str, str]]:
    import tomllib  # late, as the next: only mistakes need them
    from importlib.resources import files

    text = (files("followcue.language.documents") / "borrowed.toml").read_text("utf-8")
    for section in tomllib.loads(text)["section"]:
        if place in section["places"]:
            yield from section["says"].items()
