"""Situations made from rules: solved, sampled, varied, shrunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from followcue.synthesis.sampling.situations import situations, situations_for
    from followcue.synthesis.sampling.variants import perturbed
    from followcue.synthesis.situation_yaml import as_yaml
    from followcue.synthesis.solver.witness import situation_for

__all__ = ["as_yaml", "perturbed", "situation_for", "situations", "situations_for"]

_MODULES = {
    "as_yaml": "situation_yaml",
    "perturbed": "sampling.variants",
    "situation_for": "solver.witness",
    "situations": "sampling.situations",
    "situations_for": "sampling.situations",
}
"""Where each public name comes from, imported when it is first used."""


def __getattr__(name: str) -> object:
    """A public name of this package."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
