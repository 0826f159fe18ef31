"""Open, call, print: the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from followcue.cli.group import COMMANDS, main

__all__ = ["COMMANDS", "main"]


def __getattr__(name: str) -> object:
    """The commands, imported when they are first asked for: `start` answers without them where it can."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from followcue.cli import group

    return getattr(group, name)
