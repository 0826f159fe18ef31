"""`followcue init`: the beginning of a situation file."""

from __future__ import annotations

import click

from followcue.base.diagnostic import NotMeant
from followcue.base.terminal import confirm, tell
from followcue.cli.at_terminal import AtTerminal, somebody
from followcue.cli.options import NO_CACHE, PACK, today_in
from followcue.cli.writing import SURE


@click.command("init", short_help="Begin a situation file.")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option(
    "--add", "entries", multiple=True, metavar="ENTRY", help="Put this in, as `followcue add` takes it."
)
@SURE
@click.option("--empty", is_flag=True, help="Ask nothing, and begin with nothing in it.")
@PACK
@NO_CACHE
def init_command(
    file: str | None,
    entries: tuple[str, ...],
    sure: bool,
    empty: bool,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    no_cache: bool,
) -> None:
    """Begin a situation in FILE by asking a few questions; the file is shown before it is written.

    \b
    With --add or --empty nothing is asked. A file that is there is never written over.

    \b
    Examples:
      followcue init
      followcue init search.yaml --empty
      followcue init search.yaml --add "application acme company=Acme" --add "applied date=yesterday"
    """
    from followcue.assistant.journal.init import blank, create, put_in, refuse_existing, schema_of
    from followcue.assistant.journal.interview import Interview
    from followcue.evaluation.pipeline import Options, load_pack

    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    name = file or f"{loaded.pack.vocabulary.shape.whole}.yaml"
    refuse_existing(name)
    options = Options(today=today_in(None))
    schema = None if rules or packs else schema_of()
    edit = blank(loaded.pack.vocabulary, name, schema)
    if entries:
        for note in put_in(edit, loaded, entries, options, sure=sure, asker=somebody()):
            tell(note, aside=False)
    elif not empty:
        tell(
            f"A few questions for {name}; ? at any of them tells more, Ctrl-C leaves nothing behind.",
            aside=False,
        )
        Interview(edit, loaded, AtTerminal(), options).ask()
        tell(f"\n{edit.text}", aside=False)
        if not confirm(f"Write this to {name}?", default=True):
            raise NotMeant
    create(name, edit.text)
    tell(f"{name} is written. What to do: followcue evaluate {name}", aside=False)
    if schema:
        tell("Its first line lets an editor complete and check it.", aside=False)
    else:
        tell("For an editor that completes and checks it: followcue schema situation", aside=False)
