"""From a situation to a calendar file."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from followcue.assistant.plan.calendar_file.ics import WrittenAs, render
from followcue.assistant.plan.calendar_file.items import items
from followcue.assistant.plan.plan import plan
from followcue.evaluation.pipeline import USUALLY, Options

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.language.documents.document import Document


def export_ics(
    loaded: LoadedPack,
    document: Document,
    options: Options = USUALLY,
    *,
    name: str,
    scope: str | None = None,
    alarm: time | None = time(9),
    entries: WrittenAs = "events",
    previous: str | None = None,
    until: date | None = None,
    days: int | None = None,
) -> str:
    """The calendar file of one situation; see `followcue.to_ics`."""
    course = plan(loaded, document, options, until=until, days=days)
    found = items(course, loaded.pack.vocabulary, scope)
    return render(
        found,
        name=name,
        today=course.plan.as_of,
        zone=_zone(document),
        alarm=alarm,
        entries=entries,
        previous=previous,
    )


def _zone(document: Document) -> str | None:
    """The time zone that a situation names, which has been read and so is one."""
    return document.data.get("timezone") if isinstance(document.data, dict) else None
