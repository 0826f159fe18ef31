"""Asking whoever types: which of several things was meant, and whether something doubtful is meant at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from followcue.base.diagnostic import Diagnostic, Undecided


class Asker(Protocol):
    """Somebody at a terminal."""

    def which(self, question: str, answers: Sequence[str]) -> int:
        """The number, from 0, of the answer that is chosen."""

    def value(self, question: str, choices: Sequence[str]) -> str:
        """What they say, one of the choices if there are any."""

    def confirm(self, doubts: Sequence[str]) -> None:
        """Return where all of it is meant; raises `NotMeant` if not."""


def which(asker: Asker | None, question: str, answers: Sequence[str], otherwise: Diagnostic) -> int:
    """The number, from 0, of the answer that is meant; raises `Undecided` with nobody to ask."""
    if asker is None:
        raise Undecided([otherwise])
    return asker.which(question, answers)


def confirm(asker: Asker | None, doubts: Sequence[Diagnostic]) -> None:
    """Return where the doubtful is meant; raises `NotMeant`, and `Undecided` where nobody can be asked."""
    if not doubts:
        return
    if asker is None:
        raise Undecided(doubts)
    asker.confirm([doubt.message for doubt in doubts])
