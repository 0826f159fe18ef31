"""Program and facts to derivations: several matchers behind one protocol, with one meaning."""

from __future__ import annotations

from importlib import import_module

from followcue.match.protocol import Matcher

_PLACES = {
    "compiled": ("followcue.match.compiled", "CompiledMatcher"),
    "reference": ("followcue.match.reference", "ReferenceMatcher"),
    "durable": ("followcue.match.durable", "DurableMatcher"),
}

MATCHERS = tuple(_PLACES)
"""The names that `matcher` knows, the default first."""


def matcher(name: str) -> Matcher:
    """The matcher of that name, imported only now; raises `ValueError` for an unknown name."""
    if name not in _PLACES:
        raise ValueError(f"no matcher is called {name!r}; there are: {', '.join(MATCHERS)}")
    module, attribute = _PLACES[name]
    found: Matcher = getattr(import_module(module), attribute)
    return found
