"""A `why-not` for a terminal: the headline, the rules, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.explain.folded_text import NARROWEST, WIDEST, drawn, wrapped
from followcue.explain.why_not.answer import WhyNot
from followcue.explain.why_not.forms import change_branches, elsewhere_branches, rule_branches


def render(answer: WhyNot, *, width: int = WIDEST) -> str:
    """The answer in lines of `width` columns (60 to 110); deep trees and long paths may need more."""
    return "\n".join(_lines(answer, min(max(width, NARROWEST), WIDEST))) + "\n"


def _lines(answer: WhyNot, width: int) -> Iterator[str]:
    yield from wrapped(answer.headline, width)
    if answer.is_recommended:
        yield "`followcue why` says why."
        return
    sections = (
        ("What would change it", change_branches(answer)),
        ("It is recommended for", elsewhere_branches(answer)),
        ("Rules that could recommend it", rule_branches(answer)),
    )
    for heading, branches in sections:
        if branches:
            yield from ("", heading)
            yield from drawn(branches, "", width)
