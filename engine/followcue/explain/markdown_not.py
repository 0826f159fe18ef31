"""A `why-not` as a Markdown document that can be pasted anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.explain.markdown import listed
from followcue.explain.outline_not import change_branches, elsewhere_branches, rule_branches
from followcue.explain.why_not import WhyNot
from followcue.report.markdown import escaped
from followcue.report.words import weekday


def render(answer: WhyNot) -> str:
    """The headline, what would change it, and a nested list of the rules."""
    return "\n".join(_lines(answer)) + "\n"


def _lines(answer: WhyNot) -> Iterator[str]:
    yield f"# Why not: {escaped(answer.title)}, on {weekday(answer.report.as_of)}"
    yield from ("", escaped(answer.headline))
    if answer.is_recommended:
        yield from ("", "`followcue why` says why.")
        return
    sections = (
        ("What would change it", change_branches(answer)),
        ("It is recommended for", elsewhere_branches(answer)),
        ("Rules that could recommend it", rule_branches(answer)),
    )
    for heading, branches in sections:
        if branches:
            yield from ("", f"## {heading}", "")
            yield from listed(branches, "")
