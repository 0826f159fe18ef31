"""Order: what a person should read first; the same for the same report, however it was derived."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from followcue.evaluation.advice.report import PRIORITIES, Action

STATUSES = ("overdue", "due", "upcoming", "missed", "skipped")
"""In the order of a report."""

_STATUS_PLACES = {status: place for place, status in enumerate(STATUSES)}
_PRIORITY_PLACES = {priority: place for place, priority in enumerate(PRIORITIES)}

OrderKey: TypeAlias = tuple[int, date, int, str, str, str, str]


def order_key(action: Action) -> OrderKey:
    """Status, then the day it is due or else opens (none last), priority, and names to settle ties."""
    return (
        _STATUS_PLACES[action.status],
        action.due or action.open or date.max,
        _PRIORITY_PLACES[action.priority],
        action.scope or "",
        action.action,
        action.to or "",
        action.about or "",
    )
