"""A rules engine with rules in YAML: facts in, what to do next out.

>>> rules = followcue.load_pack()
>>> report = followcue.evaluate("search.yaml", rules)
>>> report.actions[0].title
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from followcue.version import __version__

if TYPE_CHECKING:
    from followcue.api import (
        Action,
        Citation,
        Conclusion,
        Diagnostic,
        Document,
        InvalidInput,
        LimitExceeded,
        LoadedPack,
        MatcherUnavailable,
        Reason,
        Report,
        Span,
        UnknownPack,
        evaluate,
        evaluate_many,
        load_pack,
        situations_from_records,
    )

__all__ = [
    "Action",
    "Citation",
    "Conclusion",
    "Diagnostic",
    "Document",
    "InvalidInput",
    "LimitExceeded",
    "LoadedPack",
    "MatcherUnavailable",
    "Reason",
    "Report",
    "Span",
    "UnknownPack",
    "__version__",
    "evaluate",
    "evaluate_many",
    "load_pack",
    "situations_from_records",
]


def __getattr__(name: str) -> object:
    """A public name, imported when it is first used: the command line starts without most of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from followcue import api

    return getattr(api, name)
