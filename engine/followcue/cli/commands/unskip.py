"""`followcue unskip`: that something skipped is to be advised again."""

from __future__ import annotations

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals
from followcue.cli.naming import wanted_said
from followcue.cli.options import NAME, SITUATION
from followcue.cli.writing import CHANGING, writing


@click.command("unskip", short_help="Have advised again what was skipped.")
@SITUATION
@click.argument("words", type=NAME, nargs=-1, required=True, metavar="ID|ACTION...")
@click.option("--application", "scope", type=NAME, help="The skips of this application alone.")
@click.option("--to", type=NAME, help="The skips of this person alone.")
@click.option("--about", type=NAME, help="The skips of this subject alone.")
@CHANGING
@asking
def unskip_command(
    asked: Asked,
    words: tuple[str, ...],
    scope: str | None,
    to: str | None,
    about: str | None,
    dry_run: bool,
    output: str | None,
) -> None:
    """Take the skips of an action out of SITUATION: all of its name, or what covers the one with this ID.

    \b
    Examples:
      followcue unskip search.yaml send_paper_note
      followcue unskip search.yaml check_status --application acme
      followcue unskip search.yaml send_paper_note:acme:dana:first
    """
    from followcue.assistant.journal.journal import Journal
    from followcue.assistant.journal.mark_done import Which
    from followcue.assistant.journal.result_text import told
    from followcue.assistant.journal.skip import unskip
    from followcue.base.extras import require
    from followcue.explain.wanted import Wanted

    require("edit")
    loaded = asked.loaded()
    with writing(asked.situation, output, dry_run) as file:
        journal = Journal(file.edit, loaded, asked.options)
        with refusals():
            wanted = wanted_said(Wanted(None, scope, to), loaded.pack.vocabulary, file.edit.data)
            found = unskip(journal, Which(words, wanted.scope, wanted.to, about))
        said = "".join(f"Advised again: {one.title}\n" for one in found)
        file.end(said + told(file.edit, journal.outcome()))
