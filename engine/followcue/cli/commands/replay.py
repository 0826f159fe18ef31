"""`followcue replay`: a report made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from followcue.cli.asked import in_time, read_situation
from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import READING, formats
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.authoring.versions.replay import Replayed
    from followcue.base.limits import Limits

MOST_LOG = 2**30
"""How large a log may be."""

_FOLDER = click.Path(file_okay=False)


@click.command("replay", short_help="Make a report again, or say what changed.")
@click.argument("report", type=click.Path(allow_dash=True))
@click.option(
    "--situation", type=click.Path(allow_dash=True), help="The situation, if it is not where it was."
)
@click.option("--rules", multiple=True, type=_FOLDER, help="Folders of rules instead of those of the report.")
@click.option("--was", multiple=True, type=_FOLDER, help="Folders with the rules as they were; tells edits.")
@click.option(
    "--id", "decision", metavar="ID", help="REPORT is the log of a service: the decision of that id."
)
@formats("text", "json")
@READING
def replay_command(
    report: str,
    situation: str | None,
    rules: tuple[str, ...],
    was: tuple[str, ...],
    decision: str | None,
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
      followcue replay decisions.jsonl --id e7f6ecba-4c32-463c-9d69-0d2978c06470
    """
    from followcue.authoring.versions.kept_report import given, read_kept
    from followcue.authoring.versions.replay import replay

    if report == "-" and situation == "-":
        raise click.UsageError("standard input cannot be both the report and the situation")
    if decision is not None:
        if was:
            raise click.UsageError("--was goes with a report; of a decision the log has only the hash")
        replayed = _of_decision(report, decision, situation, rules or None, limits, cache=not no_cache)
        _told(replayed, form, output)
        return
    content = read_situation(report)
    kept = read_kept(content.raw, content.name)
    found = given(kept, read_situation(situation, limits) if situation else None, limits)
    with in_time(limits):
        replayed = replay(kept, found, rules=rules or None, was=was, cache=not no_cache, limits=limits)
    _told(replayed, form, output)


def _of_decision(
    log: str, name: str, situation: str | None, rules: tuple[str, ...] | None, limits: Limits, *, cache: bool
) -> Replayed:
    """A decision of a service made again; raises `InvalidInput`."""
    from followcue.authoring.versions.replay_decision import decision_in, replay_decision

    raw = read_situation(log, limits._replace(size=MOST_LOG)).raw
    found = decision_in(raw, log, name)
    document = read_situation(situation, limits).document(limits) if situation else None
    with in_time(limits):
        return replay_decision(found, document, rules=rules, cache=cache, limits=limits)


def _told(replayed: Replayed, form: str, output: str | None) -> None:
    """Say what came of it; 1 is the exit code where it is not the same."""
    from followcue.authoring.versions import replay_text as told

    emit(told.as_json(replayed) if form == "json" else told.as_text(replayed), output)
    if not replayed.same:
        click.get_current_context().exit(FOUND_SOMETHING)
