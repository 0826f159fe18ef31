"""The cells of a sheet -> phrases: `18-25`, `≥ 18`, `25+`, `a, b` and `not a` as the language writes them.

What is not turned into a phrase stays as it stands: a phrase of the language is one already, and what is none
is refused where the whole table is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeAlias

from followcue.assistant.sheets.cell_text import text_of
from followcue.assistant.sheets.column_days import NoDay, day_of
from followcue.assistant.sheets.sheet import Value
from followcue.base.rows import places_of
from followcue.base.values import parse_duration, parse_period
from followcue.language.logic.types import ORDERED
from followcue.language.model.known_as import normal
from followcue.language.model.vocabulary import Type

Phrase: TypeAlias = str | int | bool | list[str | int | bool]

ANYTHING: Final = "any"


class PlainNumber(str):
    """The digits of a decimal number, which stand without quotes in YAML."""

    __slots__ = ()


class Unread(Exception):
    """A cell that can mean two things: what is wrong with it, and what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


_ANY: Final = ("", "-", "–", "—", "*", "any", "anything", "all", "else", "otherwise", "default")
_NOT = re.compile(r"(?:not\b|≠|!=|<>)\s*(?:\((?P<in>.*)\)|(?P<plain>.*))", re.I | re.S)
_BETWEEN = r"\s*(?:\.\.|…|–|—|\s-\s|\bto\b|\band\b)\s*"
_RANGE = re.compile(rf"(?:between\s+|from\s+)?(?P<low>[^()\[\]<>=]+?){_BETWEEN}(?P<high>[^()\[\]<>=]+)", re.I)
_PLAIN_RANGE = re.compile(r"(?P<low>\d[\d,.' ]*%?)-(?P<high>\d[\d,.' ]*%?[a-z]*)")
_INTERVAL = re.compile(
    r"(?P<left>[\[\](])\s*(?P<low>.+?)\s*(?:\.\.|…|;)\s*(?P<high>.+?)\s*(?P<right>[\[\])])"
)
_CONJUNCTION = re.compile(r"\s+and\s+|\s*[,;&]\s*(?=[<>≤≥=])")
_BEFORE = (
    (r">=|=>|≥|at least|min(?:imum)?\b|from|no less than|not less than|on or after|since", ">="),
    (r"<=|=<|≤|at most|max(?:imum)?\b|up to|no more than|not more than|on or before|until", "<="),
    (r">|more than|over|above|greater than|after", ">"),
    (r"<|less than|fewer than|under|below|before", "<"),
)
_AFTER = (
    (r"\+|(?:or|and) (?:more|over|above|older|later|higher|up)", ">="),
    (r"(?:or|and) (?:less|fewer|under|below|younger|earlier|lower)", "<="),
)
_OF_DAYS = {">": "after", ">=": "on or after", "<": "before", "<=": "on or before"}
_OF_AMOUNTS = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
_GROUPED = re.compile(r"\d{1,3}(?:[,' ’]\d{3})+(?:\.\d+)?")
_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?\s?%?")
_TRUE: Final = ("true", "yes", "y", "x", "✓")
_FALSE: Final = ("false", "no", "n")


def asked(value: Value | None, type: Type) -> Phrase:
    """What a cell asks of a value of that type; `any` where it asks nothing."""
    if isinstance(value, bool) and type.base == "bool":
        return value
    text = "" if value is None else text_of(value)
    if text.casefold() in _ANY:
        return ANYTHING
    negated = _NOT.fullmatch(text)
    if negated is not None:
        parts = _parts((negated["in"] or negated["plain"] or "").strip())
        return " and ".join(f"not {_value(part, type)}" for part in parts)
    if type.base in ORDERED and not type.choices:
        return _ordered(text, type, value)
    parts = _parts(text) if type.choices or "," in text or ";" in text else [text]
    values = [_value(part, type) for part in parts]
    return values[0] if len(values) == 1 else values


def given(value: Value | None, type: Type | None, called: Callable[[str], str]) -> Phrase:
    """What a cell gives; `called` says how the pack calls what is neither a number nor a day."""
    text = "" if value is None else text_of(value)
    if text in _ANY[:5]:
        return ANYTHING
    if isinstance(value, bool) and type is not None and type.base == "bool":
        return value
    return called(text) if type is None else _value(text, type, value)


# --- numbers, days, durations
def _ordered(text: str, type: Type, value: Value | None) -> Phrase:
    if "$" in text or "today" in text:
        return text  # a phrase, in which `-` subtracts
    words = _OF_DAYS if type.base in ("date", "moment") else _OF_AMOUNTS
    bounds = [_compared(part, type, words) for part in _CONJUNCTION.split(text)]
    if all(bounds):
        return " and ".join(bound for bound in bounds if bound)
    interval = _INTERVAL.fullmatch(text)
    found = interval or _PLAIN_RANGE.fullmatch(text) or _RANGE.fullmatch(text)
    if found is not None:
        low, high = (str(_value(found[side].strip(), type)) for side in ("low", "high"))
        unit = re.search(r"[a-z]+$", high) if type.base in _SPANS and low.isdigit() else None
        lower = words[">" if interval and interval["left"] != "[" else ">="]
        upper = words["<" if interval and interval["right"] != "]" else "<="]
        return f"{lower} {low}{f' {unit[0]}' if unit else ''} and {upper} {high}"
    if places_of(type.base) is not None and re.search(r"\d,\d", text) and not _GROUPED.fullmatch(text):
        if type.base != "number" and re.fullmatch(r"-?[\d.]+,\d+\s?%?", text):
            point = text.replace(".", "").replace(",", ".")
            raise Unread(f"`{text}` has a comma before its places", f"write `{point}`")
        parted = text.replace(",", ", ")
        raise Unread(f"`{text}` may be a list, or one number", f"write a list with spaces, as in `{parted}`")
    if ";" in text or ("," in text and not _GROUPED.fullmatch(text)) or re.search(r"\bor\b", text):
        return [_value(part, type) for part in _parts(text)]
    return _value(text, type, value)


def _compared(text: str, type: Type, words: dict[str, str]) -> str | None:
    """`≥ 18` and `18 or more` as a comparison; None if it is none."""
    for pattern, op in _BEFORE:
        found = re.fullmatch(rf"(?:{pattern})\s*(?P<value>.+)", text.strip(), re.I)
        if found is not None and not _RANGE.fullmatch(found["value"]):
            return f"{words[op]} {_value(found['value'].strip(), type)}"
    for pattern, op in _AFTER:
        found = re.fullmatch(rf"(?P<value>.+?)\s*(?:{pattern})", text.strip(), re.I)
        if found is not None:
            return f"{words[op]} {_value(found['value'].strip(), type)}"
    return None


# --- single values
def _parts(text: str) -> list[str]:
    """The values that a cell lists."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    parts = re.split(r"\s*[;\n]\s*|\s*,\s*|\s+or\s+", bare)
    return [part.strip().strip('"') for part in parts if part.strip()] or [text]


def _value(text: str, type: Type, value: Value | None = None) -> str | int | bool:
    """One value as the language writes it; what is none of the type stays as it is."""
    text = text.strip()
    if type.choices:
        return next((choice for choice in type.choices if normal(choice) == normal(text)), text)
    match type.base:
        case "bool":
            return _truth(text)
        case "number":
            digits = re.sub(r"[,' ’]", "", text) if _GROUPED.fullmatch(text) else text
            return int(digits) if re.fullmatch(r"-?\d{1,15}", digits) else digits
        case "date":
            return _day(text, value)
        case "duration" | "period" as base:
            return _span(text, *_SPANS[base])
        case base if places_of(base):
            digits = re.sub(r"[,' ’]", "", text) if _GROUPED.fullmatch(text) else text
            return PlainNumber(digits.replace(" ", "")) if _DECIMAL.fullmatch(digits) else digits
    return text


def _truth(text: str) -> str | bool:
    said = text.casefold()
    return True if said in _TRUE else False if said in _FALSE else text


def _day(text: str, value: Value | None) -> str:
    if isinstance(value, date):
        return value.isoformat()
    try:
        return day_of(text, None).isoformat()
    except NoDay as problem:
        if re.search(r"\d[/.-]\d", text):
            raise Unread(f"`{text}` {problem}", "write the year first, as in `2026-11-05`") from None
        return text


def _span(text: str, parse: Callable[[str], int | None], units: Mapping[str, str]) -> str:
    """So many days, weeks, months or years, with the unit written out."""
    found = re.fullmatch(r"(\d+)\s*([a-z]+)\.?", text, re.I)
    if parse(text) is not None or found is None or found[2].lower() not in units:
        return text
    return f"{found[1]} {units[found[2].lower()]}{'' if found[1] == '1' else 's'}"


_SPANS: Final = {
    "duration": (
        parse_duration,
        {"d": "day", "day": "day", "days": "day", "w": "week", "wk": "week", "week": "week", "weeks": "week"},
    ),
    "period": (
        parse_period,
        {
            **dict.fromkeys(("m", "mo", "mos", "mth", "month", "months"), "month"),
            **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "year"),
        },
    ),
}
"""How spans of days and of months are read, and their units as people write them."""
