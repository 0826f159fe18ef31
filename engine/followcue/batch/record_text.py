"""The JSON text of a record: what it says, and the name of the situation that it is of."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from followcue.language.documents.plain import UNPRINTABLE, WrittenNumber, without_power

_NAME_FIRST = re.compile(r'\s*\{\s*"situation"\s*:\s*("(?:[^"\\]|\\.)*")')
"""The name at the beginning of a record, where the rest cannot be read."""


class RepeatedName(ValueError):
    """A mapping has one name twice, and only one of the two values could count."""


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise RepeatedName
    return data


def _number(text: str) -> WrittenNumber:
    """A number of a record: programs write those, small and large ones with a power of ten."""
    return WrittenNumber(without_power(text))


_decode = json.JSONDecoder(object_pairs_hook=_once, parse_float=_number).decode


def parsed(text: str) -> Any:
    """What a JSON text says; raises `ValueError`, or `RecursionError` where it nests too deep.

    Quicker libraries do not tell of a name that is there twice, and to look for it takes what they save.
    """
    return _decode(text)


def name_in(text: str) -> str | None:
    """The name of the situation that a record says it is of; None where it says none that can be read.

    A whole number is taken for its digits. Of a text that is no JSON, the name counts if it stands first; of
    two names, the first.
    """
    try:
        data = parsed(text)
    except RepeatedName:
        pairs = json.loads(text, object_pairs_hook=tuple)
        return _as_name(next((value for name, value in pairs if name == "situation"), None))
    except (ValueError, RecursionError):
        begins = _NAME_FIRST.match(text)
        try:
            return _as_name(json.loads(begins[1])) if begins else None
        except ValueError:
            return None
    return _as_name(data.get("situation")) if isinstance(data, dict) else None


def _as_name(value: object) -> str | None:
    if type(value) is int:
        return str(value)
    return value if isinstance(value, str) and value and not UNPRINTABLE.search(value) else None
