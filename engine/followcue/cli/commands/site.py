"""`followcue site`: the workbench as static files, with the engine in the browser."""

from __future__ import annotations

import os

import click

from followcue.base.terminal import tell
from followcue.cli.made_folder import INDEX, refuse_strange, write_folder
from followcue.cli.options import PACKS, RULES
from followcue.cli.shell import Refused


@click.command("site", short_help="Write a page that runs the engine in the browser.")
@RULES
@PACKS
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False), help="The folder to write to."
)
@click.option(
    "--pyodide",
    type=click.Path(exists=True, file_okay=False),
    help="The folder of Pyodide, the Python for browsers; without it, how to get it is told.",
)
def site_command(rules: tuple[str, ...], packs: tuple[str, ...], output: str, pyodide: str | None) -> None:
    """Write the page of `followcue open` as static files, for any host, with the engine inside.

    Whoever opens it judges situations and tries changes to the rules in their own browser; nothing that they
    write is sent or kept anywhere, unless they ask for it. The rules are those of --rules and --pack, or the
    shipped ones; the situations to look at are those in the folders `examples`.

    Takes Pyodide, which is got by npm, and Node.js to make the rules ready with it. A page is served, also by
    `python -m http.server`; opened as a file it cannot work.

    \b
    Examples:
      npm install --ignore-scripts pyodide@314.0.7
      followcue site -o site --pyodide node_modules/pyodide
      followcue site -o site --rules my-rules --pyodide node_modules/pyodide
    """
    from followcue.base.extras import require
    from followcue.doors.site.frozen_engine import HOW_TO_GET_IT, NotFrozen, check_runtime
    from followcue.doors.site.static_site import MARK, site_files

    for extra in ("html", "edit", "ics"):
        require(extra, what="a site")
    if pyodide is None:
        raise Refused(f"a site takes Pyodide, which these two commands get and use:\n{HOW_TO_GET_IT}")
    check_runtime(pyodide)
    refuse_strange(output, MARK, "a site")
    try:
        found = site_files(rules, packs, pyodide)
    except NotFrozen as problem:
        raise Refused(str(problem)) from None
    write_folder(output, found)
    size = sum(map(len, found.values())) / 1e6
    index = os.path.join(output, INDEX)
    tell(f"wrote {len(found)} files, {size:.1f} MB; serve {output} and begin with {index}")
