"""The clock, read in this one place: everything else is told which day it is."""

from __future__ import annotations

from datetime import date, datetime


def today(zone: str | None = None) -> date:
    """The present day in the time zone of that name, or in the machine's."""
    if zone is None:
        return date.today()
    from zoneinfo import ZoneInfo  # late: few situations name a zone

    return datetime.now(ZoneInfo(zone)).date()
