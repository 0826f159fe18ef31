"""The matchers by name; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from followcue.evaluation.match.protocol import Matcher, PreparedMatcher
    from followcue.language.logic.program import Program

COMPILED = "compiled"
"""The default."""

_PLACES = {
    COMPILED: ("followcue.evaluation.match.compiled", "CompiledMatcher"),
    "reference": ("followcue.evaluation.match.reference", "ReferenceMatcher"),
    "durable": ("followcue.evaluation.match.durable", "DurableMatcher"),
    "relational": ("followcue.evaluation.match.relational", "RelationalMatcher"),
}

MATCHERS = tuple(_PLACES)
"""All names that `matcher` knows, the default first."""


def matcher(name: str) -> Matcher:
    """The matcher of that name, imported only now; raises `MatcherUnavailable` where there is none."""
    if name not in _PLACES:
        from followcue.evaluation.match.protocol import MatcherUnavailable

        raise MatcherUnavailable(f"there is no matcher `{name}`; there are {', '.join(MATCHERS)}")
    module, attribute = _PLACES[name]
    found: Matcher = getattr(import_module(module), attribute)
    return found


def prepare(name: str, program: Program) -> PreparedMatcher:
    """The matcher `name` made ready for `program`; raises `MatcherUnavailable` where it cannot run."""
    return matcher(name)(program)
