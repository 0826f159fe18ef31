"""Questions put to whoever sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from followcue.base.diagnostic import NotMeant
from followcue.base.terminal import ask, confirm, tell


class AtTerminal:
    """Asks on standard error, so that an answer on standard output stays clean."""

    def which(self, question: str, answers: Sequence[str]) -> int:
        """The number, from 0, of the answer that is chosen."""
        tell(question)
        for number, answer in enumerate(answers, 1):
            tell(f"  {number}  {answer}")
        chosen: int = ask("number", type=click.IntRange(1, len(answers)), aside=True)
        return chosen - 1

    def value(self, question: str, choices: Sequence[str]) -> str:
        """What they say, one of the choices if there are any."""
        return str(ask(question, type=click.Choice(choices) if choices else str, aside=True))

    def confirm(self, doubts: Sequence[str]) -> None:
        """Return where all of it is meant; raises `NotMeant` if not."""
        for doubt in doubts:
            tell(f"{doubt}.")
        if not confirm("Is that meant?", aside=True):
            raise NotMeant


def somebody(situation: str | None = None) -> AtTerminal | None:
    """Who can be asked: nobody where there is no terminal, or the situation itself is read from it."""
    return AtTerminal() if situation != "-" and has_terminal() else None


def has_terminal() -> bool:
    """Whether there is a person to ask: both what they type and what they read is a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
