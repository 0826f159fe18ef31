"""Values as a person writes them: dates as ISO texts, durations as phrases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

from followcue.base.rows import ColumnType, Value, places_of
from followcue.base.values import format_date, format_decimal, format_duration, format_period, format_time
from followcue.language.model.vocabulary import Vocabulary

Format: TypeAlias = Callable[[Any], str]
"""Writes a value that is there."""

_WRITERS: Mapping[ColumnType, Format] = {
    "date": format_date,
    "duration": format_duration,
    "period": format_period,
    "time": format_time,
}


def format_of(base: ColumnType) -> Format | None:
    """What writes the values of a base type; None where they stand as they are."""
    places = places_of(base)
    return partial(format_decimal, places=places) if places else _WRITERS.get(base)


def as_written(value: Value, base: ColumnType) -> Value:
    """`value` of the base type `base` in the form that a situation file holds."""
    write = format_of(base)
    return value if value is None or write is None else write(int(value))


def parameters_as_written(vocabulary: Vocabulary, values: Mapping[str, Value]) -> dict[str, object]:
    """The parameters in force, by name; those that nobody set are left out."""
    return written_by(parameter_writers(vocabulary), values)


def parameter_writers(vocabulary: Vocabulary) -> tuple[tuple[str, Format | None], ...]:
    """What writes the value of each parameter, by name; worked out once a pack."""
    declared = sorted(vocabulary.parameters.items())
    return tuple((name, format_of(parameter.type.base)) for name, parameter in declared)


def written_by(
    writers: Iterable[tuple[str, Format | None]], values: Mapping[str, Value]
) -> dict[str, object]:
    """The values that are there as their writers write them, in that order."""
    written: dict[str, object] = {}
    for name, write in writers:
        value = values.get(name)
        if value is not None:
            written[name] = value if write is None else write(value)
    return written
