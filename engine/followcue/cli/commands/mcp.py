"""`followcue mcp`: tools for an assistant."""

from __future__ import annotations

import os

import click

from followcue.cli.options import PACKS, RULES


@click.command("mcp", short_help="Give an assistant tools, over the Model Context Protocol.")
@RULES
@PACKS
@click.option(
    "--write",
    "file",
    type=click.Path(dir_okay=False, exists=True),
    help="A situation that the assistant may look at and write into, as add, done and skip do.",
)
def mcp_command(rules: tuple[str, ...], packs: tuple[str, ...], file: str | None) -> None:
    """Give an assistant the tools evaluate, why, why_not, plan, check and test, over stdin and stdout.

    With --write also look, add, done and skip on that one file; without it nothing is ever written. The
    program that runs the assistant starts this command by itself.

    \b
    Examples:
      followcue mcp
      followcue mcp --rules my-rules
      followcue mcp --write search.yaml
    """
    from followcue.base.extras import require

    require("mcp")
    if file is not None:
        require("edit")
    from followcue.doors.mcp.server import Tools, create_server
    from followcue.evaluation.pipeline import load_pack

    tools = Tools(load_pack(*rules, packs=packs), rules, packs, file and os.path.abspath(file))
    create_server(tools).run("stdio")
