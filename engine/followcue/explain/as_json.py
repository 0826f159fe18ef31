"""Explanations as JSON, in the shape of `schemas/why.schema.json`."""

from __future__ import annotations

import json

from followcue.explain.why import Explanation


def render(explanation: Explanation) -> str:
    """The explanation as indented JSON, its keys always in the same order."""
    return json.dumps(explanation.to_dict(), indent=2, ensure_ascii=False) + "\n"
