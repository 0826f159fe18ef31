"""The plan as JSON, in the shape of `schemas/plan.schema.json`."""

from __future__ import annotations

import json

from followcue.assistant.plan.agenda import Plan


def render(plan: Plan) -> str:
    """The plan as indented JSON, its keys always in the same order."""
    return json.dumps(plan.to_dict(), indent=2, ensure_ascii=False) + "\n"
