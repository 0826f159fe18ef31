"""The settings of a run: all that its result depends on besides the input."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from followcue.base.limits import USUAL, Limits
from followcue.evaluation.match.registry import COMPILED


class Settings(NamedTuple):
    """The rules, the day and the choices of a run; `parameters` are names and JSON values.

    `today` is the day on which the run began: it is asked once, so that a run over midnight is of one day.
    """

    today: date
    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    as_of: date | None = None
    profile: str | None = None
    parameters: tuple[tuple[str, Any], ...] = ()
    matcher: str = COMPILED
    missed: bool = False
    cache: bool = True
    limits: Limits = USUAL

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON data, to tell two runs apart."""
        return {
            **self._asdict(),
            "today": self.today.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "rules": list(self.rules),
            "packs": list(self.packs),
            "parameters": [list(pair) for pair in self.parameters],
            "limits": dict(self.limits._asdict()),
        }
