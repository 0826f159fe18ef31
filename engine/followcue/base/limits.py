"""Limits: what one situation may take before its evaluation is refused; all in one value that can be set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from followcue.base.named_tuple import NamedTuple


class LimitExceeded(Exception):
    """An evaluation needed more than its limits allow; the message says which limit and its value."""

    clause: int | None = None
    """The number of the clause to look at first, where the one that raised this knew it."""


class Limits(NamedTuple):
    """What reading and evaluating one situation may take; each can be set up to its value in `MOST`.

    `derivations` are conclusions, every way to one counted; `steps` facts compared by the matcher; `entries`
    records and events; `depth` how deep lists and mappings are nested; `size` bytes of text; `report`
    characters that the report holds. These count what is done, and so give the same answer everywhere.
    `seconds` does not: it is a net below the others, 0 for none.
    """

    derivations: int = 100_000
    steps: int = 5_000_000
    entries: int = 20_000
    depth: int = 64
    size: int = 16 * 2**20
    seconds: float = 0
    report: int = 16 * 2**20


USUAL: Final = Limits()

MOST: Final = Limits(
    derivations=10_000_000,  # each takes some hundred bytes
    steps=10**12,  # hours
    entries=2**20 - 1,  # so many moments a day has, by which events are told apart
    depth=100,  # deeper ones are read by calls within calls, of which Python has no more
    size=2**30,
    seconds=86_400,
    report=2**30,
)
"""The highest that each limit can be set to: beyond it the process itself is not safe."""


def checked(limits: Limits) -> Limits:
    """The same limits; raises `ValueError` for one that is out of bounds."""
    if limits is not USUAL:
        for name, value in limits._asdict().items():
            _check(name, value)
    return limits


def limit(text: str) -> tuple[str, float]:
    """The name and the value of `NAME=VALUE`; raises `ValueError` for what is no limit."""
    name, equals, written = (part.strip() for part in text.partition("="))
    if not equals:
        raise ValueError(f"{text!r} is not of the form NAME=VALUE, such as steps=1000000")
    if name not in Limits._fields:
        raise ValueError(f"there is no limit `{name}`; there are {', '.join(Limits._fields)}")
    try:
        value = float(written) if name == "seconds" and not written.isdecimal() else int(written)
    except ValueError:
        raise ValueError(f"the limit `{name}` must be a number, not {written!r}") from None
    _check(name, value)
    return name, value


def limits_of(pairs: Iterable[tuple[str, Any]]) -> Limits:
    """The usual limits, but for those that are given."""
    return USUAL._replace(**dict(pairs))


def _check(name: str, value: object) -> None:
    most = getattr(MOST, name)
    if name == "seconds":
        if type(value) not in (int, float) or not 0 <= value <= most:  # type: ignore[operator]
            raise ValueError(f"the limit `seconds` must be from 0 (none) to {most:,}, not {value!r}")
    elif type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"the limit `{name}` must be a whole number from 1 to {most:,}, not {value!r}")
