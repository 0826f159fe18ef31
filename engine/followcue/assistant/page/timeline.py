"""Timelines: where events and windows stand between two days, as shares of the way from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from followcue.evaluation.report.words import plain, short_day

BACK, AHEAD = timedelta(weeks=8), timedelta(weeks=5)
"""How far a timeline looks at most; what lies beyond is told in words."""

LEAST = timedelta(days=4)
"""How far it looks at least, on both sides of today."""

WEEK = timedelta(days=7)
DAY = timedelta(days=1)

TIERS = 3
"""In how many lines labels may stand beneath their dots."""

SIGN = 1.05
"""How much of the way one letter of a label takes, in percent of a timeline as wide as a page."""

NEAR = 9.0
"""How near to today a Monday has no label, in percent of the way."""


class Happened(NamedTuple):
    """What a timeline shows of an event or of a day to come."""

    date: date
    label: str


class Scale(NamedTuple):
    """The days from `first` to `last`, with today between them."""

    first: date
    last: date
    today: date

    @classmethod
    def around(cls, today: date, days: Iterable[date]) -> Scale:
        """Wide enough for these days, as far as a timeline looks."""
        known = list(days)
        earliest = max(min([*known, today - LEAST]), today - BACK)
        latest = min(max([*known, today + LEAST]), today + AHEAD)
        return cls(earliest - DAY, latest + 2 * DAY, today)

    def at(self, day: date) -> float:
        """The share of the way at which the day begins, in percent; the ends for days beyond them."""
        share = (day - self.first).days / (self.last - self.first).days
        return min(max(share, 0.0), 1.0) * 100

    def holds(self, day: date) -> bool:
        """Whether the day is on the scale."""
        return self.first <= day <= self.last

    @property
    def now(self) -> str:
        """Where today is."""
        return percent(self.at(self.today))

    @property
    def weeks(self) -> Iterator[Week]:
        """Each Monday but those whose label would meet the one of today."""
        monday = self.first + timedelta(days=-self.first.weekday() % 7)
        while monday <= self.last - 3 * DAY:
            near = abs(self.at(monday) - self.at(self.today)) < NEAR
            yield Week(percent(self.at(monday)), f"{short_day(monday)[4:]}", near, bool(_weeks(monday) % 3))
            monday += WEEK


class Week(NamedTuple):
    """A Monday on the scale; `silent` if its name would meet another, `minor` where it may be left out."""

    at: str
    label: str
    silent: bool
    minor: bool


class Mark(NamedTuple):
    """A day on which something happened, or is to: `label` stands in the line `tier`, or nowhere."""

    at: str
    title: str
    label: str | None
    tier: int
    leans_left: bool
    ahead: bool


class Bar(NamedTuple):
    """A stretch of a window, by its `look`.

    `good` is in good time, `late` after that, `possible` what is left; `open` has no day to be done by, and
    `pause` is a time of waiting.
    """

    at: str
    width: str
    look: str


def percent(share: float) -> str:
    """A share as SVG writes it, in few digits so that the same day is the same text everywhere."""
    return f"{share:.2f}%"


def after(day: date) -> date:
    """The next day, on which a stretch that ends with this one is over; the last day of all has none."""
    return day if day == date.max else day + DAY


def marks(scale: Scale, happened: Sequence[Happened], ahead: Sequence[Happened]) -> list[Mark]:
    """A dot a day, with labels where they have room."""
    ends = [-100.0] * TIERS
    found: list[Mark] = []
    everything = sorted([*((h, False) for h in happened), *((h, True) for h in ahead)], key=_day)
    for (day, is_ahead), group in groupby(everything, key=_day):
        if not scale.holds(day):
            continue
        labels = list(dict.fromkeys(one.label for one, _ in group))
        said = labels[0] + (f" +{len(labels) - 1}" if len(labels) > 1 else "")
        at, length = scale.at(day), len(said) * SIGN
        leans_left = at + length > 100
        start, end = (at - length, at) if leans_left else (at, at + length)
        tier = next((tier for tier in range(TIERS) if ends[tier] < start), None)
        if tier is not None:
            ends[tier] = end + SIGN
        title = f"{short_day(day)}: {', '.join(labels)}"
        found.append(
            Mark(percent(at), title, None if tier is None else said, tier or 0, leans_left, is_ahead)
        )
    return found


def bars(
    scale: Scale, opens: date | None, due: date | None, close: date | None, until: date | None
) -> list[Bar]:
    """The window of a step; each day counts in full, and what never ends goes to the end of the scale."""
    if until is not None and due is None:
        return _stretches(scale, [(scale.today, until, "pause")])
    ends = scale.last if close is None else after(close)
    if until is not None:
        ends = min(ends, after(until))
    begins = opens or min(scale.today, due or scale.today)
    if due is None:
        return _stretches(scale, [(begins, ends, "open")])
    late_from = after(due)
    late_to = min(max(late_from, after(scale.today)), ends) if scale.today > due else late_from
    return _stretches(
        scale, [(begins, late_from, "good"), (late_from, late_to, "late"), (late_to, ends, "possible")]
    )


def _stretches(scale: Scale, stretches: Iterable[tuple[date, date, str]]) -> list[Bar]:
    places = ((scale.at(start), scale.at(end), look) for start, end, look in stretches if start < end)
    return [Bar(percent(at), percent(end - at), look) for at, end, look in places if end > at]


def days_ahead(fields: Mapping[str, object], name: str, today: date) -> Iterator[Happened]:
    """The days still to come that a conclusion speaks of."""
    for field, value in fields.items():
        day = _date(value)
        if day is not None and day > today:
            told = plain(name) if field == "day" else f"{plain(name)} {plain(field)}"
            yield Happened(day, plain(name) if plain(name).endswith(plain(field)) else told)


def _date(value: object) -> date | None:
    from followcue.base.values import parse_date

    return parse_date(value) if isinstance(value, str) else None


def _weeks(monday: date) -> int:
    return monday.toordinal() // 7


def _day(entry: tuple[Happened, bool]) -> tuple[date, bool]:
    return entry[0].date, entry[1]
