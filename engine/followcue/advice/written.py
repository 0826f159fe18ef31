"""Values as a person writes them: dates as ISO texts, durations as phrases."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.model.vocabulary import Vocabulary
from followcue.rows import ColumnType, Value
from followcue.values import format_date, format_duration


def as_written(value: Value, base: ColumnType) -> Value:
    """`value` of the base type `base` in the form that a situation file holds."""
    if value is None:
        return None
    if base == "date":
        return format_date(int(value))
    if base == "duration":
        return format_duration(int(value))
    return value


def parameters_as_written(vocabulary: Vocabulary, values: Mapping[str, Value]) -> dict[str, object]:
    """The parameters in force, by name; those that nobody set are left out."""
    return {
        name: as_written(values[name], parameter.type.base)
        for name, parameter in sorted(vocabulary.parameters.items())
        if values.get(name) is not None
    }
