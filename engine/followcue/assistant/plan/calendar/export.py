"""From a situation to a calendar file."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

from followcue.assistant.plan.calendar.ics import Entries, render
from followcue.assistant.plan.calendar.items import items
from followcue.assistant.plan.plan import plan

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.language.documents.document import Document


def export_ics(
    loaded: LoadedPack,
    document: Document,
    *,
    name: str,
    scope: str | None = None,
    alarm: time | None = time(9),
    entries: Entries = "events",
    previous: str | None = None,
    **options: Any,
) -> str:
    """The calendar file of one situation; see `followcue.to_ics`. `options` are those of a plan."""
    course = plan(loaded, document, **options)
    found = items(course, loaded.pack.vocabulary, scope)
    today = course.plan.as_of
    return render(found, name=name, today=today, alarm=alarm, entries=entries, previous=previous)
