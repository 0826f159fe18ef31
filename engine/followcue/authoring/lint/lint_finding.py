"""What a lint found: a mistake like any other, how grave it is, and a situation that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from followcue.base.diagnostic import Diagnostic
from followcue.language.model.rules import Where
from followcue.language.model.syntax import At

Severity = Literal["error", "warning"]


class Witness(NamedTuple):
    """A situation that shows what was found, what it shows, and what a test of it would demand."""

    situation: Mapping[str, Any]
    shows: str
    expect: tuple[Any, ...] = ()
    reject: tuple[Any, ...] = ()
    warnings: tuple[str, ...] = ()


class LintFinding(NamedTuple):
    """One finding; `rule` is the rule that it is about, if it is about one.

    `starves` is the rule that can never fire because of it, if there is one.
    """

    diagnostic: Diagnostic
    severity: Severity = "error"
    rule: str | None = None
    witness: Witness | None = None
    starves: str | None = None


def said(where: Where, at: At | None = None) -> str:
    """The words that stand at a place."""
    problem = where.problem("", "", at if at != (0, 0) else None)
    if problem.span is None or problem.excerpt is None:
        return ""
    start = problem.span.column - 1
    return problem.excerpt[start : start + problem.span.length].strip()
