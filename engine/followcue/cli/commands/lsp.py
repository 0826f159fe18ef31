"""`followcue lsp`: the language server."""

from __future__ import annotations

import click

from followcue.cli.options import PACKS, RULES


@click.command("lsp", short_help="Help an editor while rules are written.")
@RULES
@PACKS
def lsp_command(rules: tuple[str, ...], packs: tuple[str, ...]) -> None:
    """Answer an editor over standard input and output, as the Language Server Protocol says.

    It marks mistakes while one types, mends misspelt names, says what a name means, and finds where it is
    declared and used: in rules, vocabularies, scenario tests and situations. A file is judged by the pack
    around it, which lies over --rules and --pack where it is a layer; a situation without one by those.

    \b
    Examples:
      followcue lsp
      followcue lsp --rules my-rules
    """
    from followcue.base.extras import require

    require("lsp")
    from followcue.doors.lsp.language_server import create_server

    create_server(rules, packs).start_io()
