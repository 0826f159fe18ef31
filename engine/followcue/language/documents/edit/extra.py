"""The libraries that changing files takes, which only the extra `edit` brings."""

from __future__ import annotations

from importlib.util import find_spec

from followcue.base.diagnostic import Diagnostic, InvalidInput


def needed(library: str) -> None:
    """Raises `InvalidInput` (FC613) unless the library is there."""
    try:
        found = find_spec(library)
    except ModuleNotFoundError:
        found = None
    if found is None:
        message = f"changing files takes the package `{library}`, which is not installed"
        raise InvalidInput(
            [Diagnostic("FC613", message, hint="pip install 'followcue[edit]'", place="followcue")]
        )
