"""Explanations as a Markdown document that can be pasted anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from followcue.evaluation.report.markdown import escaped
from followcue.evaluation.report.words import addressee, weekday
from followcue.explain.explanation import Explanation
from followcue.explain.forms import Branch, outline


def render(explanation: Explanation) -> str:
    """A section for each action: the sentence, then a nested list."""
    return "\n".join(_lines(explanation)) + "\n"


def _lines(explanation: Explanation) -> Iterator[str]:
    yield f"# Why, on {weekday(explanation.report.as_of)}"
    if not explanation.whys:
        yield from ("", "Nothing to do, and nothing to wait for.")
    for why in explanation.whys:
        who = addressee(why.action, explanation.report)
        heading = f"{why.action.title}: {who}" if who else why.action.title
        yield from ("", f"## {escaped(heading)}", "", escaped(why.sentence), "")
        yield from listed(outline(why), "")


def listed(branches: Sequence[Branch], indent: str) -> Iterator[str]:
    """The branches as a nested list."""
    for branch in branches:
        yield f"{indent}- {escaped(branch.text)}"
        yield from listed(branch.branches, indent + "  ")
