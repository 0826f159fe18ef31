"""Shrinking: a situation without anything that can be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

KEPT = ("as_of", "date", "event")


def shrunk(data: Mapping[str, Any], will_do: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """The situation with entries and fields taken out one by one, as long as it still will do."""
    best: dict[str, Any] = dict(data)
    again = True
    while again:
        again = False
        for smaller in _smaller(best):
            if will_do(smaller):
                best, again = smaller, True
                break
    return best


def _smaller(value: Any) -> Iterator[Any]:
    """The value with one thing less, larger things first."""
    if isinstance(value, dict):
        for key in reversed([key for key in value if key not in KEPT]):
            yield {other: kept for other, kept in value.items() if other != key}
        for key, inner in value.items():
            for smaller in _smaller(inner):
                yield {**value, key: smaller}
    elif isinstance(value, list):
        for index in reversed(range(len(value))):
            yield value[:index] + value[index + 1 :]
        for index, inner in enumerate(value):
            for smaller in _smaller(inner):
                yield [*value[:index], smaller, *value[index + 1 :]]
