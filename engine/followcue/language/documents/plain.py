"""Plain data: the values that a document may hold, whatever it was read from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from unicodedata import normalize

from followcue.base.limits import USUAL
from followcue.base.named_tuple import NamedTuple
from followcue.base.terminal import code_of, is_plain, unseen_in_names

Path: TypeAlias = tuple[str | int, ...]
"""The keys and list positions that lead from the top of a document to a value."""

MAX_DEPTH = USUAL.depth
"""How deep mappings and lists may be nested, if nothing else is said."""
MAX_NUMBER = 10**15
"""Numbers must lie between its negative and itself, where every format and matcher holds them exactly."""

# Said by what is refused: a set of all that is allowed takes twenty times as long to compile.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""A character that no text may have: a control character, a lone surrogate or a non-character."""


_IF_TEXT = "if it is meant as text, put it in quotes"


class WrittenNumber(float):
    """A number with a point, as it stands in its text: only that is read of it, never the float."""

    text: str

    def __new__(cls, text: str) -> WrittenNumber:
        """The number that `text` writes."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[WrittenNumber], tuple[str]]:
        return WrittenNumber, (self.text,)


def digits_of(number: float) -> str:
    """The digits of a number with a point: as they were written, or the fewest that tell it from others."""
    return number.text if isinstance(number, WrittenNumber) else without_power(repr(number))


def without_power(text: str) -> str:
    """The digits of a number that a program may have written with a power of ten: `0.0001` for `1.0E-4`."""
    power = text.lower().partition("e")[2]
    if not power.lstrip("+-").isdigit() or abs(int(power[:9])) > _MOST_POWERS:
        return text
    digits = format(Decimal(text), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


_MOST_POWERS = 99


def normal(text: str) -> str:
    """The text in the one form (NFC) in which names and texts are compared, wherever they come from.

    An é that is typed as e and an accent is the é of one character: they look alike, and mean the same.
    """
    return text if text.isascii() else normalize("NFC", text)


def normal_data(data: Any) -> Any:
    """Plain data with all its values in normal form; its names are so already."""
    if isinstance(data, str):
        return normal(data)
    if isinstance(data, dict):
        return {name: normal_data(value) for name, value in data.items()}
    return [normal_data(item) for item in data] if isinstance(data, list) else data


def unseen_in_name(name: str) -> str | None:
    """Why a name cannot be taken: it has a character that nobody sees. None for any other name."""
    found = None if is_plain(name) else unseen_in_names().search(name)
    if not found:
        return None
    shown = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"
    return f"the name `{shown}` has {code_of(found[0])} in it, which cannot be seen"


LONGEST_SHOWN = 60
LEAVE_OUT_OF_TEXT = "leave that character out"
LEAVE_OUT = "leave that character out, or write the name anew"


class UnfitValue(NamedTuple):
    """A value that plain data cannot hold: where it is, and why."""

    path: Path
    code: str
    message: str
    hint: str | None = None
    key: bool = False


def too_deep(limit: int) -> str:
    """What is said of data that is nested deeper than allowed."""
    return f"this is nested more than {limit} levels deep"


def unfit_values(data: object, max_depth: int = MAX_DEPTH) -> Iterator[UnfitValue]:
    """Every text and number of `data` that is out of bounds; `data` must not contain itself."""
    stack: list[tuple[Path, object]] = [((), data)]
    while stack:
        path, value = stack.pop()
        if len(path) >= max_depth and isinstance(value, (dict, list)):
            yield UnfitValue(path, "FC106", too_deep(max_depth))
        elif isinstance(value, dict):
            for key, item in value.items():
                if unseen := unseen_in_name(key):
                    yield UnfitValue((*path, key), "FC105", unseen, LEAVE_OUT, key=True)
                if item.__class__ is not str or UNPRINTABLE.search(item):
                    stack.append(((*path, key), item))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if item.__class__ is not str or UNPRINTABLE.search(item):
                    stack.append(((*path, index), item))
        else:
            yield from _unfit_scalar(path, value)


def plain_copy(data: object, max_depth: int = MAX_DEPTH) -> tuple[object, list[UnfitValue]]:
    """Data that a program made, as plain data, and all that is wrong with it."""
    try:
        return _copy_fit(data, max_depth), []
    except _NotFitError:
        unfit: list[UnfitValue] = []
        copied = _copy(data, (), unfit, max_depth)
        return copied, unfit + list(unfit_values(copied, max_depth))


class _NotFitError(Exception):
    """Something in the data is not as most data is: it takes a closer look to say what, and where."""


def _copy_fit(value: Any, levels: int) -> Any:
    """A copy of data as JSON has it and in bounds; anything else, also where it may be used, is not fit.

    `levels` are how many more may be nested.
    """
    kind = value.__class__
    if kind is str:
        if value.isprintable() or not UNPRINTABLE.search(value):
            return normal(value)
    elif kind is dict:
        if levels:
            copied = {}
            for key, item in value.items():
                if key.__class__ is not str or not (key.isascii() and key.isprintable()):
                    key = _fit_name(key)
                    if key in copied:
                        raise _NotFitError
                # Most values are short texts; a call for each of them would take twice as long.
                plain = item.__class__ is str and item.isascii() and item.isprintable()
                copied[key] = item if plain else _copy_fit(item, levels - 1)
            return copied
    elif kind is list:
        if levels:
            return [_copy_fit(item, levels - 1) for item in value]
    elif kind is bool or value is None or (kind is int and -MAX_NUMBER <= value <= MAX_NUMBER):
        return value
    raise _NotFitError


def _fit_name(key: object) -> str:
    """The name in normal form; raises `_NotFitError` if it cannot be one."""
    if not isinstance(key, str) or not (is_plain(key) or unseen_in_names().search(key) is None):
        raise _NotFitError
    return normal(key)


def _unfit_scalar(path: Path, value: object) -> Iterator[UnfitValue]:
    if isinstance(value, str):
        if UNPRINTABLE.search(value):
            yield UnfitValue(path, "FC105", f"this text has {_character(value)} in it", LEAVE_OUT_OF_TEXT)
    elif isinstance(value, float) and not math.isfinite(value):
        yield UnfitValue(path, "FC201", "this number is not finite", _IF_TEXT)
    elif isinstance(value, (int, float)) and abs(value) > MAX_NUMBER:
        yield UnfitValue(path, "FC201", "this number is too large", _IF_TEXT)


def _character(text: str) -> str:
    found = UNPRINTABLE.search(text)
    return f"the unprintable character U+{ord(found[0]):04X}" if found else "an unprintable character"


def _copy(value: object, path: Path, unfit: list[UnfitValue], max_depth: int) -> object:
    if isinstance(value, str):
        return normal(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (Mapping, list, tuple)):
        if len(path) >= max_depth:
            unfit.append(UnfitValue(path, "FC106", too_deep(max_depth)))
            return None
        if isinstance(value, Mapping):
            return _copy_mapping(value, path, unfit, max_depth)
        return [_copy(item, (*path, index), unfit, max_depth) for index, item in enumerate(value)]
    unfit.append(UnfitValue(path, "FC201", f"a value of the type {type(value).__name__} cannot be used here"))
    return None


def _copy_mapping(
    value: Mapping[object, object], path: Path, unfit: list[UnfitValue], max_depth: int
) -> dict[str, object]:
    copied: dict[str, object] = {}
    for key, item in value.items():
        if isinstance(key, str):
            name = normal(key)
            if name in copied:
                unfit.append(UnfitValue((*path, name), "FC103", f"`{name}` is given twice", key=True))
            copied[name] = _copy(item, (*path, name), unfit, max_depth)
        else:
            unfit.append(UnfitValue(path, "FC201", f"a name must be text, and {key!r} is not"))
    return copied
