"""Explanations for a terminal: the sentence, then the tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from followcue.evaluation.report.words import weekday
from followcue.explain.explanation import Explanation
from followcue.explain.forms import Branch, outline

NARROWEST, WIDEST = 60, 110


def render(explanation: Explanation, *, width: int = WIDEST) -> str:
    """The explanation in lines of `width` columns (60 to 110); deep trees and long paths may need more."""
    return "\n".join(_lines(explanation, min(max(width, NARROWEST), WIDEST))) + "\n"


def _lines(explanation: Explanation, width: int) -> Iterator[str]:
    if not explanation.whys:
        yield f"{weekday(explanation.report.as_of)}: nothing to do, and nothing to wait for."
    for number, why in enumerate(explanation.whys):
        yield from [""] if number else []
        yield from wrapped(why.sentence, width)
        yield from drawn(outline(why), "", width)


def drawn(branches: Sequence[Branch], before: str, width: int) -> Iterator[str]:
    """The branches, each behind its twig; `before` stands in front of all of them."""
    for number, branch in enumerate(branches, 1):
        is_last = number == len(branches)
        twig, trunk = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
        first, *more = wrapped(branch.text, width - len(before) - len(twig))
        yield before + twig + first
        stem = "│  " if branch.branches else "   "
        yield from (before + trunk + stem + line for line in more)
        yield from drawn(branch.branches, before + trunk, width)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of that width; signs that could steer a terminal are shown as `�`."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in " ".join(text.split()))
    return wrap(shown, max(width - 3, NARROWEST // 2), break_on_hyphens=False, break_long_words=False) or [""]
