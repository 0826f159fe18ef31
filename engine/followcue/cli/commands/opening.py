"""What commands do with a situation before and after the engine: open it, and tell its warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from followcue.base.limits import USUAL, Limits
from followcue.cli.shell import read_stdin

if TYPE_CHECKING:
    from followcue.cli.commands.answering import Content


def read_situation(situation: str, limits: Limits = USUAL) -> Content:
    """The bytes of that file, or of standard input for `-`; raises `InvalidInput`."""
    from followcue.cli.commands.answering import Content
    from followcue.language.documents.read import read_content

    if situation == "-":
        return Content("<stdin>", read_stdin(limits.size + 1))
    return Content(situation, read_content(situation, limits.size))


def warn_of(warnings: Iterable[str]) -> None:
    """Tell warnings on standard error."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
