"""Windows: from which day to which day something should be done, and where a given day stands to that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache

from followcue.base.named_tuple import NamedTuple
from followcue.evaluation.advice.report import Status


class Window(NamedTuple):
    """Day numbers. No `open`: open since ever; no `due`: at any time; no `close`: for ever."""

    open: int | None = None
    due: int | None = None
    close: int | None = None

    def status(self, today: int) -> Status:
        """Where `today` stands; the opening, due and closing days still belong to the window."""
        if self.close is not None and self.close < today:
            return "missed"
        if self.open is not None and today < self.open:
            return "upcoming"
        if self.due is not None and self.due < today:
            return "overdue"
        return "due"

    def opening_on(self, working_day: Callable[[int], int]) -> Window:
        """The window with its opening moved to a working day; never due or closed before it opens."""
        if self.open is None:
            return self
        opening = working_day(self.open)
        return Window(opening, _not_before(opening, self.due), _not_before(opening, self.close))


ALWAYS = Window()

NEVER = 1 << 40
"""A day that does not come."""

FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
"""The first and the last day that there are."""


def turning_days(windows: Iterable[Window]) -> Iterator[int]:
    """The days on which one of these windows has another status than the day before."""
    for window in windows:
        if window.open is not None:
            yield window.open
        if window.due is not None:
            yield window.due + 1
        if window.close is not None:
            yield window.close + 1


def union(windows: Iterable[Window]) -> Window:
    """From the earliest opening to the latest closing, due as early as any of them."""
    opens, dues, closes = zip(*windows, strict=True)
    return Window(
        open=None if None in opens else min(opens),
        due=min((due for due in dues if due is not None), default=None),
        close=None if None in closes else max(closes),
    )


@lru_cache(maxsize=1024)
def calendar_day(day: int) -> date:
    """A day number as a date; a day before or after all calendars as the first or last day there is."""
    return date.fromordinal(min(max(day, FIRST_DAY), LAST_DAY))


def _not_before(opening: int, day: int | None) -> int | None:
    return None if day is None else max(opening, day)
