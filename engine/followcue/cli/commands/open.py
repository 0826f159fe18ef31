"""`followcue open`: the page for one's own browser."""

from __future__ import annotations

import errno

import click

from followcue.base.terminal import tell
from followcue.cli.options import PACKS, RULES
from followcue.cli.shell import Refused


@click.command("open", short_help="Open a page for a situation, and for its rules.")
@click.argument("situation", required=False, type=click.Path(dir_okay=False))
@RULES
@PACKS
@click.option("--edit", is_flag=True, help="Let files of the last --rules folder be saved.")
@click.option("--read-only", is_flag=True, help="Let nothing be saved at all.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="The port to listen on.  [default: one that is free]",
)
def open_command(
    situation: str | None,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    edit: bool,
    read_only: bool,
    no_browser: bool,
    port: int,
) -> None:
    """Open a page in the browser: what to do today, what happened, the days ahead. Ctrl-C ends it.

    \b
    SITUATION that is not there yet is made when it is first saved. Left out, it is the file in this
    folder that `followcue init` makes, such as search.yaml. With --rules the page also shows the rules
    and their tests; --edit lets them be saved. Only this machine can reach the page, and only by the
    address that is printed, which works once.

    \b
    Examples:
      followcue open search.yaml
      followcue open
      followcue open search.yaml --rules my-rules --edit
      followcue open search.yaml --read-only --no-browser --port 8100
    """
    from followcue.base.extras import require

    if edit and not rules:
        raise click.UsageError("--edit is about the last --rules folder: name it")
    if edit and read_only:
        raise click.UsageError("--edit lets files be saved, --read-only does not: give one of them")
    require("serve", what="a page")
    require("edit")
    from followcue.doors.http.desk_folder import DeskFolder, OpenedFolders
    from followcue.doors.http.open_page import open_page

    folder = DeskFolder(OpenedFolders(situation, rules, packs, edit, read_only))
    try:
        open_page(folder, port, browser=not no_browser, tell=lambda text: tell(text, aside=False))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise Refused(f"nothing can listen on port {port}: {error.strerror}") from None
