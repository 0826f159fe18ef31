"""The report as JSON, in the shape of `schemas/report.schema.json`."""

from __future__ import annotations

import json

from followcue.advice.report import Report


def render(report: Report) -> str:
    """The report as indented JSON, its keys always in the same order."""
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"
