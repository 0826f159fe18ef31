"""The report as JSON, in the shape of `schemas/report.schema.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from followcue.evaluation.advice.report import Report

if TYPE_CHECKING:
    from followcue.evaluation.report.provenance import Provenance


def render(report: Report, provenance: Provenance | None = None) -> str:
    """The report as indented JSON, its keys always in the same order; last what it was made of, if given."""
    made = {"provenance": provenance.to_dict()} if provenance else {}
    return json.dumps(report.to_dict() | made, indent=2, ensure_ascii=False) + "\n"
