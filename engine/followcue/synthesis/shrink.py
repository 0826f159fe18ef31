"""From a situation to the smallest found in which something is still so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]

MOST_TRIES = 2_000
"""How many smaller situations are tried at most."""

KEPT = frozenset({("as_of",)})
"""What is never left out."""


def shrunken(
    situation: Mapping[str, Any], still: Callable[[dict[str, Any]], bool], tries: int = MOST_TRIES
) -> dict[str, Any]:
    """`situation` without all that can be left out while `still` holds of it.

    Whatever stands anywhere in it may go, the larger parts first; `still` is to refuse what is not valid.
    """
    smallest: dict[str, Any] = json.loads(json.dumps(situation, default=str))
    changed = True
    while changed:
        changed = False
        for path in sorted(_paths(smallest, ()), key=len):
            if path in KEPT or not _is_there(smallest, path):
                continue
            if tries <= 0:
                return smallest
            tries -= 1
            candidate = _without(smallest, path)
            if still(candidate):
                smallest, changed = candidate, True
    return smallest


def _paths(value: Any, path: Path) -> Iterator[Path]:
    """The way to every part; in lists the last first, so that those before it keep their places."""
    if isinstance(value, dict):
        inside: list[tuple[Step, Any]] = list(value.items())
    elif isinstance(value, list):
        inside = list(reversed(list(enumerate(value))))
    else:
        return
    for step, part in inside:
        yield (*path, step)
        yield from _paths(part, (*path, step))


def _is_there(value: Any, path: Path) -> bool:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _without(value: Any, path: Path) -> Any:
    """A copy without the part at `path`."""
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        assert isinstance(step, int)
        return [*value[:step], *([_without(value[step], rest)] if rest else []), *value[step + 1 :]]
    if rest:
        return {**value, step: _without(value[step], rest)}
    return {key: part for key, part in value.items() if key != step}
