"""Explanations as JSON, in the shapes of `schemas/why.schema.json` and `why_not.schema.json`."""

from __future__ import annotations

import json

from followcue.explain.explanation import Explanation
from followcue.explain.why_not.answer import WhyNot


def render(explanation: Explanation | WhyNot) -> str:
    """The explanation as indented JSON, its keys always in the same order."""
    return json.dumps(explanation.to_dict(), indent=2, ensure_ascii=False) + "\n"
