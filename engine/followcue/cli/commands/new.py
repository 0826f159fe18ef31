"""`followcue new`: a pack to begin with."""

from __future__ import annotations

from typing import Literal

import click

from followcue.cli.screen import say

KINDS = ("pack", "layer")


@click.command("new", short_help="Make a pack of rules to begin with.")
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("--name", help="What the pack is called; by default like the folder.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="pack",
    show_default=True,
    help="A pack for a subject of your own, or a layer over the rules that come with followcue.",
)
def new_command(folder: str, name: str | None, kind: Literal["pack", "layer"]) -> None:
    """Make DIR with a small pack that works: words, rules, tests, a situation, and schemas for your editor.

    Its comments tell what is what. What is there is never overwritten, and nothing half-made is left behind.

    \b
    Examples:
      followcue new my-pack
      followcue new my-rules --kind layer
    """
    from shlex import quote

    from followcue.authoring.editor.new_pack import Occupied, is_name, make_pack, name_from

    if not folder:
        raise click.UsageError("an empty text names no folder")
    called = name_from(folder) if name is None else name
    if called is None or not is_name(called):
        wrong = folder if name is None else name
        raise click.UsageError(
            f"a pack cannot be called {wrong!r}: give it a --name of small letters, digits and `-`"
        )
    try:
        made = make_pack(folder, called, kind)
    except Occupied:
        raise click.UsageError(f"{folder} is there already, and nothing is overwritten") from None
    except OSError as error:
        raise click.UsageError(f"cannot make {folder}: {error.strerror or error}") from None
    place = folder.rstrip("/")
    say("".join(f"wrote {place}/{path}\n" for path in made))
    rules = quote(place)
    say(f"\nNow try\n  followcue evaluate {quote(f'{place}/examples/situation.yaml')} --rules {rules}\n")
    say(f"  followcue check {rules}\n  followcue test {rules}\n")
