"""The timelines of the report page as JSON data; places are shares of the way, as SVG writes them."""

from __future__ import annotations

from typing import Any

from followcue.assistant.page.dossier import Dossier
from followcue.assistant.page.report_page import Lane, RecordView, timelines, told, when, whom
from followcue.evaluation.advice.report import Report
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.report.wording import on_one_line, plain


def timeline_data(dossier: Dossier) -> dict[str, Any]:
    """The scale and each record's events, marks and windows on it."""
    scale, courses = timelines(dossier)
    return {
        "first": scale.first.isoformat(),
        "last": scale.last.isoformat(),
        "today": scale.now,
        "weeks": [week._asdict() for week in scale.weeks],
        "courses": [_course(course, dossier.report) for course in courses],
    }


def _course(course: RecordView, report: Report) -> dict[str, Any]:
    return {
        "scope": course.scope,
        "name": course.name,
        "about": course.about,
        "over": course.is_over,
        "earlier": course.earlier,
        "tiers": course.tiers,
        "events": [
            {
                "date": calendar_day(event.date).isoformat(),
                "kind": event.kind,
                "title": plain(event.kind),
                "said": on_one_line(told(event, report)),
                "line": event.line,
            }
            for event in course.events
        ],
        "marks": [mark._asdict() for mark in course.marks],
        "lanes": [_lane(lane, report) for lane in course.lanes],
    }


def _lane(lane: Lane, report: Report) -> dict[str, Any]:
    action, is_caution = lane.line.action, lane.line.is_caution
    return {
        "id": action.id,
        "title": on_one_line(action.title),
        "when": "take care" if is_caution else when(action, report),
        "whom": whom(action, report),
        "tone": "care" if is_caution else action.status,
        "bars": [bar._asdict() for bar in lane.bars],
    }
