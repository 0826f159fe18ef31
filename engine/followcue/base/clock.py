"""The clock, read in this one place: everything else is told which day it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import TypeAlias

Now: TypeAlias = Callable[[tzinfo | None], datetime]
"""Gives the present moment in a time zone, None being the machine's."""

Clock: TypeAlias = Callable[[str | None], date]
"""Gives the present day in the time zone of a name, or in the machine's."""


def today(zone: str | None = None, *, now: Now = datetime.now) -> date:
    """The present day in the time zone of that name, or in the machine's."""
    if zone is None:
        return now(None).date()
    from zoneinfo import ZoneInfo  # late: few situations name a zone

    return now(ZoneInfo(zone)).date()


def is_time_zone(name: str) -> bool:
    """Whether the machine knows a time zone of that name."""
    from zoneinfo import ZoneInfo  # late: few situations name a zone

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def nearest_zone(name: str) -> str | None:
    """The time zone that was probably meant: by its city (`Berlin`), or with two other letters at most."""
    from zoneinfo import available_timezones  # late, as the next: only mistakes need them

    from followcue.base.diagnostic import letters_apart, nearest

    zones = sorted(available_timezones())
    city = name.strip().replace(" ", "_").casefold()
    close = nearest(name, zones)
    named = next((zone for zone in zones if city and zone.rpartition("/")[2].casefold() == city), None)
    return named or (close if close and letters_apart(name, close, 2) is not None else None)
