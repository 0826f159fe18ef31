"""What commands do with a situation before and after the engine: open it, and tell its warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from followcue.shell import read_stdin

if TYPE_CHECKING:
    from followcue.source.document import Document


def open_situation(situation: str) -> Document:
    """The situation in that file, or on standard input for `-`; raises `InvalidInput`."""
    from followcue.source.decode import MAX_SIZE
    from followcue.source.read import read_document, read_file

    if situation == "-":
        return read_document(read_stdin(MAX_SIZE + 1), "<stdin>")
    return read_file(situation)


def warn_of(warnings: Iterable[str]) -> None:
    """Tell warnings on standard error."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
