"""Sections: a report in the order in which a person plans: now, meanwhile, soon, later."""

from typing import NamedTuple

from followcue.evaluation.advice.report import Action, Report

SOON = 7
"""What opens within so many days is soon."""

CAREFUL = "Be careful"
"""The heading of cautions, of which none can be done."""

HEADINGS = ("Now", "Meanwhile", "Soon", "Later", "Missed")
"""What can be done at any time, such as waiting, is not for now: it goes on meanwhile."""


class Section(NamedTuple):
    """Some actions under a heading."""

    heading: str
    actions: tuple[Action, ...]


def sections(report: Report) -> list[Section]:
    """The sections that have something in them; what has a day to be done by comes first."""
    found = [Section(CAREFUL, report.cautions)]
    found += [
        Section(heading, tuple(a for a in report.actions if _heading(a, report) == heading))
        for heading in HEADINGS
    ]
    return [Section(heading, _dated_first(actions)) for heading, actions in found if actions]


def numbered(report: Report) -> tuple[Action, ...]:
    """The actions as people number them, from 1: in the order of the sections, cautions left out."""
    found = (section for section in sections(report) if section.heading != CAREFUL)
    return tuple(action for section in found for action in section.actions)


def _dated_first(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """What has a day to be done by before what has none; each part in the order of the report."""
    return tuple(sorted(actions, key=lambda action: action.due is None))


def _heading(action: Action, report: Report) -> str:
    if action.status == "missed":
        return "Missed"
    if action.status != "upcoming" or action.open is None:
        return "Now" if action.due or action.open else "Meanwhile"
    return "Soon" if (action.open - report.as_of).days <= SOON else "Later"
