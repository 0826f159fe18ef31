"""`followcue replay`: a report made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from followcue.cli.asked import in_time, read_situation
from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import READING, formats
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.base.limits import Limits

_FOLDER = click.Path(file_okay=False)


@click.command("replay", short_help="Make a report again, or say what changed.")
@click.argument("report", type=click.Path(allow_dash=True))
@click.option(
    "--situation", type=click.Path(allow_dash=True), help="The situation, if it is not where it was."
)
@click.option("--rules", multiple=True, type=_FOLDER, help="Folders of rules instead of those of the report.")
@click.option("--was", multiple=True, type=_FOLDER, help="Folders with the rules as they were; tells edits.")
@formats("text", "json")
@READING
def replay_command(
    report: str,
    situation: str | None,
    rules: tuple[str, ...],
    was: tuple[str, ...],
    form: str,
    limits: Limits,
    no_cache: bool,
    output: str | None,
) -> None:
    """Make REPORT, which `evaluate --format json` wrote, again, and compare; - is standard input.

    The situation is the one that the report holds (`--embed`), or the file that it names. Ends with exit code
    0 where every byte is the same, and with 1 where not: then it says what the report is made of is not what
    it was, be it the program, the rules, parameters or the situation, and what comes out otherwise.

    \b
    Examples:
      followcue replay report.json
      followcue replay report.json --situation search.yaml
      followcue replay report.json --rules my-rules --was my-rules-of-may
    """
    from followcue.authoring.versions import replay_text as told
    from followcue.authoring.versions.kept_report import given, read_kept
    from followcue.authoring.versions.replay import replay

    if report == "-" and situation == "-":
        raise click.UsageError("standard input cannot be both the report and the situation")
    content = read_situation(report)
    kept = read_kept(content.raw, content.name)
    found = given(kept, read_situation(situation, limits) if situation else None, limits)
    with in_time(limits):
        replayed = replay(kept, found, rules=rules or None, was=was, cache=not no_cache, limits=limits)
    emit(told.as_json(replayed) if form == "json" else told.as_text(replayed), output)
    if not replayed.same:
        click.get_current_context().exit(FOUND_SOMETHING)
