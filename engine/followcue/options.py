"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete_pack(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from followcue.folders import shipped_layer_names

    return [CompletionItem(name) for name in shipped_layer_names() if name.startswith(incomplete)]


def setting(text: str) -> tuple[str, object]:
    """The name and value of NAME=VALUE, the value read as in a situation file; or a usage error."""
    from followcue.source.read import read_document

    name, equals, value = (part.strip() for part in text.partition("="))
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE, such as max_attempts=3")
    return name, read_document(value, f"--set {name}").data


class _File(click.Path):
    """The name of a file to write, which an empty text is not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("an empty text names no file.", param, ctx)
        return super().convert(value, param, ctx)


RULES = click.option(
    "--rules",
    multiple=True,
    type=click.Path(file_okay=False),
    help="A folder of rules to lay over the others.",
)

PACKS = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="NAME",
    shell_complete=_complete_pack,
    help="A pack of rules that comes with followcue, to lay below those of --rules.",
)

SETTINGS = click.option(
    "--set", "settings", multiple=True, type=setting, metavar="NAME=VALUE", help="Override a parameter."
)

NO_CACHE = click.option("--no-cache", is_flag=True, help="Read the rules anew, and keep nothing.")

OUTPUT = click.option("-o", "--output", type=_File(dir_okay=False), help="Write to this file.")
