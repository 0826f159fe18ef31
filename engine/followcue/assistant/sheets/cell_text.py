"""One cell <-> the value of a field: as people write it, and as `export` writes it, to be read back.

A cell is read by every program as it likes, so what is written as it stands must come back as it was:

- Text that begins with `=`, `+`, `-`, `@`, a tab or a line's end would be taken for a formula. It gets an
  apostrophe in front (the advice of OWASP on CSV injection), and so does text that begins with apostrophes
  before such a sign. Reading takes one apostrophe away from before them.
- Text that is empty, or has spaces at its ends, is written with quotes around it, as JSON has them; so is
  what begins with a quote.
- The members of a list have commas between them; where a member has a comma, a semicolon or a break in it,
  the list is written as JSON has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date

from followcue.assistant.sheets.column_days import NoDay, Order, day_of
from followcue.assistant.sheets.sheet import Value, shown
from followcue.base.rows import places_of
from followcue.base.values import parse_decimal, parse_duration, parse_period, parse_time
from followcue.language.model.vocabulary import Field

_GUARDED = re.compile(r"'*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")
_PARTS = re.compile(r"[;\n]")
_TRUTH = {
    **dict.fromkeys(("true", "yes", "y", "x", "1", "✓", "ja"), True),
    **dict.fromkeys(("false", "no", "n", "0", "nein"), False),
}

Choose = Callable[[str, str], str | None]
"""Gives the word of a type (by its name) that a word of a cell means."""


def written(value: object) -> str:
    """The value of a field as the text of a cell."""
    if isinstance(value, list):
        members = [member if isinstance(member, str) else str(member) for member in value]
        plain = members and not any(_needs_brackets(member) for member in members)
        return guarded(", ".join(members) if plain else json.dumps(members, ensure_ascii=False))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return guarded(json.dumps(value, ensure_ascii=False) if _needs_quotes(value) else value)
    return guarded(shown(value) if isinstance(value, (int, float, date)) else str(value))


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text, 1) else text


def _needs_quotes(text: str) -> bool:
    return text != text.strip() or not text or text.startswith('"')


def _needs_brackets(member: str) -> bool:
    return _needs_quotes(member) or "," in member or bool(_PARTS.search(member)) or member[0] == "["


def text_of(value: Value) -> str:
    """The text in a cell, without spaces at its ends unless they are in quotes."""
    text = unguarded(shown(value).strip(" ") if isinstance(value, str) else shown(value)).strip()
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        try:
            inner = json.loads(text)
        except ValueError:
            return text
        if isinstance(inner, str) and _needs_quotes(inner):
            return inner
    return text


def members_of(value: Value) -> list[str]:
    """The members of a list in a cell: by semicolons or lines if there are any, else by commas."""
    text = text_of(value)
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(member, str) for member in found):
            return found
    parts = _PARTS.split(text) if _PARTS.search(text) else text.split(",")
    return [part.strip() for part in parts if part.strip()]


def field_value(value: Value, field: Field, order: Order | None, choose: Choose) -> object:
    """The value of a field, as a situation has it, in a cell; raises `NoDay` where there is none."""
    if field.many:
        return [_single(member, member, field, order, choose) for member in members_of(value)]
    return _single(value, text_of(value), field, order, choose)


def _single(value: Value, text: str, field: Field, order: Order | None, choose: Choose) -> object:
    kind = field.type
    if kind.choices:
        if (word := choose(kind.name, text)) is None:
            raise NoDay(f"is none of {', '.join(kind.choices)}")
        return word
    match kind.base:
        case "date":
            return day_of(value if isinstance(value, date) else text, order).isoformat()
        case "bool":
            if text.lower() not in _TRUTH:
                raise NoDay("is neither yes nor no")
            return _TRUTH[text.lower()]
        case "number" | "moment":
            if not re.fullmatch(r"-?[0-9]{1,15}", text):
                raise NoDay("is no whole number")
            return int(text)
        case base if places := places_of(base):
            if parse_decimal(text, places) is None:
                raise NoDay(f"is no number with at most {places} {'place' if places == 1 else 'places'}")
        case "duration":
            if parse_duration(text) is None:
                raise NoDay("is no duration such as `5 days`")
        case "time":
            if parse_time(text) is None:
                raise NoDay("is no time of day such as `14:30`")
        case "period":
            if parse_period(text) is None:
                raise NoDay("is no period such as `6 months`")
    return text
