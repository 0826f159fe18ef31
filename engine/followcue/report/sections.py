"""Sections: a report in the order in which a person plans: now, soon, later."""

from __future__ import annotations

from typing import NamedTuple

from followcue.advice.report import Action, Report

SOON = 7
"""What opens within so many days is soon."""


class Section(NamedTuple):
    """Some actions under a heading."""

    heading: str
    actions: tuple[Action, ...]


def sections(report: Report) -> list[Section]:
    """The sections that have something in them; each keeps the order of the report."""
    headings = ("Now", "Soon", "Later", "Missed")
    found = [Section("Be careful", report.cautions)]
    found += [
        Section(heading, tuple(a for a in report.actions if _heading(a, report) == heading))
        for heading in headings
    ]
    return [section for section in found if section.actions]


def _heading(action: Action, report: Report) -> str:
    if action.status == "missed":
        return "Missed"
    if action.status != "upcoming" or action.open is None:
        return "Now"
    return "Soon" if (action.open - report.as_of).days <= SOON else "Later"
