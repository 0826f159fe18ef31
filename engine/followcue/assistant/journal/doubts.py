"""What is likely a slip in an event or a record that is to be written: it is asked about, not refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from followcue.base.diagnostic import Diagnostic
from followcue.base.values import parse_date
from followcue.evaluation.report.wording import full_day, plain
from followcue.language.model.vocabulary import Kind

FAR = 330
"""Days farther off than this are asked about: eleven months, since the year is what slips most often."""

SURE = "say --sure if it is meant"


def doubts_about(
    kind: Kind, day: date | None, fields: Mapping[str, object], there: Sequence[Any], today: date
) -> Iterator[Diagnostic]:
    """Days that are far off (FC532), and an event that is among those of its list already (FC533)."""
    given = {**fields, "date": day.isoformat() if day else None}
    yield from far_days(kind, given, today)
    if day is not None:
        yield from said_twice(kind, {"date": day.isoformat(), "event": kind.name, **fields}, there)


def far_days(kind: Kind, fields: Mapping[str, object], today: date) -> Iterator[Diagnostic]:
    """The days among the fields of an entry, its own `date` first, that are far off."""
    names = ["date", *(field.name for field in kind.fields if field.type.base == "date")]
    for name in names:
        written = fields.get(name)
        for said in written if isinstance(written, list) else [written]:
            found = parse_date(said) if isinstance(said, str) else None
            if found is not None and abs((found - today).days) > FAR:
                message = f"{full_day(found)} is {_far(found, today)}"
                yield Diagnostic("FC532", message, hint=SURE, place=f"{name}={said}")


def said_twice(kind: Kind, entry: Mapping[str, object], there: Sequence[Any]) -> Iterator[Diagnostic]:
    """That an event is among others already, in the same words."""
    day = parse_date(str(entry["date"]))
    if day is not None and any(_same(entry, other) for other in there):
        message = f"`{plain(kind.name)}` on {full_day(day)} is in the file already, in the same words"
        yield Diagnostic("FC533", message, hint=SURE, place=kind.name)


def _same(entry: Mapping[str, object], other: Any) -> bool:
    """Whether an event says the same; an id that is not given yet says nothing."""
    if not isinstance(other, dict):
        return False
    return entry == (other if "id" in entry else {n: v for n, v in other.items() if n != "id"})


def _far(day: date, today: date) -> str:
    """How far off a day is, in months or years."""
    months = round(abs((day - today).days) / 30.44)
    count = f"{months} months" if months < 24 else f"{months // 12} years"
    return f"{count} ahead" if day > today else f"{count} ago"
