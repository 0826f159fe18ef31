"""Phrases as regular expressions: what rules may write in place of a plain value, made of known words.

They let through whatever the reader of rules accepts, and some of what it refuses; what they stop are words
that nothing is called by. Each is read from left to right without a second thought, however long the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from followcue.base.civil import MONTHS
from followcue.language.model.vocabulary import Kind, Vocabulary

_DEMANDS = ("not", "present", "absent", "any", "and", "or", "is", "true", "false", "in", "one", "of")
_COMPARING = ("before", "after", "on", "less", "fewer", "more", "than", "at", "most", "least", "between")
_EXPRESSIONS = (
    *("today", "later", "earlier", "length", "of", "and", "day", "days", "week", "weeks"),
    *("month", "months", "year", "years", "from", "to", "weekday", "first", "last", "next", "anniversary"),
    *("on", "or", "after", *MONTHS),
    *("remainder", "rounded", "up", "down", "half", "even", "place", "places"),
)
_VARIABLE = r"\$[a-z][a-z0-9_]*(?![a-z0-9_])"
_END = r"(?![A-Za-z0-9_])"
_EACH = rf"(?:\s+for\s+each\s+{_VARIABLE}(?:\s+and\s+{_VARIABLE})*)?"

GATHERED = rf"^\s*(?:count|(?:sum|max|min)\s+of\s[^:]*)\s+as\s+{_VARIABLE}{_EACH}\s*$"
"""Every aggregate over conditions."""


def constraint_on(words: Iterable[str]) -> str:
    """What may be demanded of a field whose values are these words, or are reckoned with them."""
    return _made_of((*_DEMANDS, *_COMPARING, *_EXPRESSIONS, *words))


def expression_of(words: Iterable[str]) -> str:
    """What may be given to a field whose values are reckoned with these words."""
    return _made_of((*_EXPRESSIONS, *words))


def comparison_with(words: Iterable[str]) -> str:
    """Comparisons in which whatever is reckoned with or put in order is one of these words, or no word.

    What stands beside `is` may be text, and text may be anything.
    """
    ordering = (
        r"(?:(?:^|\W)(?:at\s+least|at\s+most|between|more\s+than|less\s+than|fewer\s+than|before|after)\s"
    )
    reckoned = rf"{ordering}|[<>+*/]\s*=?|\s-\s)\s*(?!(?:{_any((*_EXPRESSIONS, *words))}){_END})[A-Za-z]"
    return rf"""^(?:[\s\S]*["'][\s\S]*|(?![\s\S]*{reckoned})[\s\S]*)$"""


def kinds_joined(kinds: Collection[str]) -> str:
    """A condition on several kinds at once."""
    name = rf"(?:{_any(kinds)})"
    several = rf"{name}(?:\s+or\s+{name})+"
    before = r"(?:no|(?:maybe\s+)?(?:newest|oldest)|maybe|every)"
    return rf"^\s*(?:{before}\s+{several}|count\s+{several}\s+as\s+{_VARIABLE}|{several})\s*$"


def conditions_on(kind: Kind, vocabulary: Vocabulary) -> str:
    """Every condition on this kind alone."""
    fields = rf"(?:{_any(columns_of(kind, vocabulary))})"
    measured = rf"{kind.name}\s*\.\s*{fields}"
    ways = (
        rf"(?:(?:no|(?:maybe\s+)?(?:newest|oldest)|maybe|every)\s+)?{kind.name}",
        rf"(?:latest|earliest)\s+{measured}",
        rf"count\s+{kind.name}\s+as\s+{_VARIABLE}{_EACH}",
        rf"(?:sum|max|min)\s+{measured}\s+as\s+{_VARIABLE}{_EACH}",
    )
    return rf"^\s*(?:{'|'.join(ways)})\s*$"


def columns_of(kind: Kind, vocabulary: Vocabulary) -> list[str]:
    """The names of all fields by which rules know facts of a kind."""
    from followcue.language.logic.types import field_types

    return list(field_types(kind, vocabulary))


def _made_of(words: Iterable[str]) -> str:
    quoted = r""""[^"]*"|'[^']*'"""
    return rf"^(?:\d\d:\d\d|[\s\d=!<>+*/.%()\[\],-]|{_VARIABLE}|{quoted}|(?:{_any(words)}){_END})*$"


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words)))
