"""A `why-not` as a Markdown document that can be pasted anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from followcue.evaluation.report.markdown import escaped
from followcue.evaluation.report.words import weekday
from followcue.explain.folded_markdown import listed
from followcue.explain.why_not.answer import WhyNot
from followcue.explain.why_not.forms import change_branches, elsewhere_branches, rule_branches


def render(answer: WhyNot) -> str:
    """The headline, what would change it, and a nested list of the rules."""
    return "\n".join(_lines(answer)) + "\n"


def _lines(answer: WhyNot) -> Iterator[str]:
    yield f"# Why not: {escaped(answer.title)}, on {weekday(answer.report.as_of)}"
    yield from ("", escaped(answer.headline))
    if answer.is_recommended:
        yield from ("", "`followcue why` says why.")
        return
    changes = [_with_code(branch.text) for branch in change_branches(answer)]
    if changes:
        yield from ("", "## What would change it", "")
        yield from (f"- {change}" for change in changes)
    sections = (
        ("It is recommended for", elsewhere_branches(answer)),
        ("Rules that could recommend it", rule_branches(answer)),
    )
    for heading, branches in sections:
        if branches:
            yield from ("", f"## {heading}", "")
            yield from listed(branches, "")


def _with_code(text: str) -> str:
    """Text in which what stands between backticks stays as it is, to be copied."""
    said = " ".join(text.split())
    return re.sub(
        r"`[^`]*`|[\\`*_\[\]<>#|]", lambda found: found[0] if found[0][1:] else f"\\{found[0]}", said
    )
