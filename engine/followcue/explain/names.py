"""Names that people ask for: of actions, of records of the scope, of persons."""

from __future__ import annotations

from collections.abc import Iterable

from followcue.base.diagnostic import did_you_mean


class Unknown(Exception):
    """What is asked for has a name that nothing has."""


class NotRecommended(Exception):
    """What is asked for is not recommended; the text names what is."""


def known_name(kind: str, name: str | None, known: Iterable[str]) -> None:
    """Raises `Unknown` for a name that is not among those known."""
    names = list(known)
    if name is not None and name not in names:
        hint = did_you_mean(name, names)
        raise Unknown(f"there is no {kind} `{name}`" + (f"; {hint}" if hint else ""))
