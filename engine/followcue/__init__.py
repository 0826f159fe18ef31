"""A rules engine with rules in YAML: facts in, what to do next out.

>>> rules = followcue.load_pack()
>>> report = followcue.evaluate("search.yaml", rules)
>>> report.actions[0].title
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from followcue.base.version import __version__

if TYPE_CHECKING:
    from followcue.api import (
        Action,
        Citation,
        Conclusion,
        Diagnostic,
        Document,
        Explanation,
        Ground,
        InvalidInput,
        LimitExceeded,
        Limits,
        LoadedPack,
        MatcherUnavailable,
        Plan,
        Reason,
        Report,
        Span,
        Step,
        Unavailable,
        UnknownPack,
        Why,
        WhyNot,
        evaluate,
        evaluate_many,
        load_pack,
        plan,
        render_html,
        situations_from_records,
        to_ics,
        why,
        why_not,
        write_drafts,
    )
    from followcue.assistant.draft.write import Draft, Drafts, DraftsUnavailable
    from followcue.authoring.reload import Reload, ReloadingPack, WatchUnavailable, watch_pack
    from followcue.evaluation.report.web_page.fill import HtmlUnavailable
    from followcue.explain.wanted import NotRecommended, Unknown
    from followcue.language.documents.edit import Edit

__all__ = [
    "Action",
    "Citation",
    "Conclusion",
    "Diagnostic",
    "Document",
    "Draft",
    "Drafts",
    "DraftsUnavailable",
    "Edit",
    "Explanation",
    "Ground",
    "HtmlUnavailable",
    "InvalidInput",
    "LimitExceeded",
    "Limits",
    "LoadedPack",
    "MatcherUnavailable",
    "NotRecommended",
    "Plan",
    "Reason",
    "Reload",
    "ReloadingPack",
    "Report",
    "Span",
    "Step",
    "Unavailable",
    "Unknown",
    "UnknownPack",
    "WatchUnavailable",
    "Why",
    "WhyNot",
    "__version__",
    "evaluate",
    "evaluate_many",
    "load_pack",
    "plan",
    "render_html",
    "situations_from_records",
    "to_ics",
    "watch_pack",
    "why",
    "why_not",
    "write_drafts",
]

_ELSEWHERE = {
    "Draft": "assistant.draft.write",
    "Drafts": "assistant.draft.write",
    "DraftsUnavailable": "assistant.draft.write",
    "Edit": "language.documents.edit",
    "HtmlUnavailable": "evaluation.report.web_page.fill",
    "NotRecommended": "explain.wanted",
    "Reload": "authoring.reload",
    "ReloadingPack": "authoring.reload",
    "Unknown": "explain.wanted",
    "WatchUnavailable": "authoring.reload",
    "watch_pack": "authoring.reload",
}
"""The modules of the names that `api` does not have: few programs need them."""


def __getattr__(name: str) -> object:
    """A public name, imported when it is first used: the command line starts without most of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"followcue.{_ELSEWHERE.get(name, 'api')}"), name)
