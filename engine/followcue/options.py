"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete_pack(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from followcue.folders import shipped_layer_names

    return [CompletionItem(name) for name in shipped_layer_names() if name.startswith(incomplete)]


PACKS = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="NAME",
    shell_complete=_complete_pack,
    help="A pack of rules that comes with followcue, to lay below those of --rules.",
)
