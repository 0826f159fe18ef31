"""`followcue edit`: an event or a record that stands in a situation, changed or removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, warn_of
from followcue.cli.at_terminal import AtTerminal, somebody
from followcue.cli.options import NAME, SITUATION
from followcue.cli.shell import Refused
from followcue.cli.writing import CHANGING, SURE, writing

if TYPE_CHECKING:
    from followcue.assistant.journal.entries import Entry


@click.command("edit", short_help="Change or remove what stands in a situation.")
@SITUATION
@click.argument("words", type=NAME, nargs=-1, required=True, metavar="LINE|WORDS... [FIELD=VALUE]...")
@click.option("--remove", is_flag=True, help="Take it out.")
@click.option("--application", "scope", type=NAME, help="What stands in this application.")
@click.option("--date", "on", metavar="DAY", help="The day on which it was, in place of the one it has.")
@SURE
@CHANGING
@asking
def edit_command(
    asked: Asked,
    words: tuple[str, ...],
    remove: bool,
    scope: str | None,
    on: str | None,
    sure: bool,
    dry_run: bool,
    output: str | None,
) -> None:
    """Change an event or a record of SITUATION, by the LINE where it stands or by WORDS that are said of it.

    \b
    Words are its kind, its day, its key or id, and the names of people and applications. Where
    several are meant, they are listed with their lines. FIELD= takes a field away. All else in
    the file stays as it is, what would make it wrong is refused, and `followcue undo` takes it back.

    \b
    Examples:
      followcue edit search.yaml interview first with=dana,lee
      followcue edit search.yaml 14 date=yesterday note=
      followcue edit search.yaml dana email=dana@acme.example
      followcue edit search.yaml rejected acme --remove
    """
    from followcue.assistant.journal.change_entry import change, inside
    from followcue.assistant.journal.change_entry import remove as take_out
    from followcue.assistant.journal.entries import Entries
    from followcue.assistant.journal.journal import Journal
    from followcue.assistant.journal.mark_done import split
    from followcue.assistant.journal.parse_entry import pairs_of
    from followcue.assistant.journal.result_text import told
    from followcue.base.extras import require

    require("edit")
    what, fields = split(words)
    pairs = pairs_of(fields)
    if remove and (fields or on):
        raise click.UsageError("--remove takes all of it out: no field can be given beside it")
    if not (remove or fields or on):
        raise click.UsageError("say what is to be different: FIELD=VALUE, --date, or --remove")
    loaded = asked.loaded()
    with writing(asked.situation, output, dry_run) as file:
        journal = Journal(file.edit, loaded, asked.options)
        entries = Entries(journal)
        with refusals():
            found = entries.meant(what, scope, [pair.name for pair in pairs])
        asker = somebody(asked.situation)
        entry = _one(found, what, file.edit.name, asker)
        if remove:
            more = inside(entry, entries.all)
            take_out(journal, entry)
            said = f"Removed: {entry.said}" + (f", with the {more} that stood in it" if more else "")
        else:
            change(journal, entry, pairs, on, sure=sure, asker=asker)
            said = f"{'Changed from' if entry.kind.is_event else 'Changed'}: {entry.said}"
        if not file.edit.changed:
            said = f"Nothing to change: {entry.said}"
        outcome = journal.outcome()
        file.end(f"{said}\n{told(file.edit, outcome)}")
    warn_of(warning for warning in outcome.after.warnings if warning not in outcome.before.warnings)


def _one(found: Sequence[Entry], words: Sequence[str], name: str, asker: AtTerminal | None) -> Entry:
    """The one that is meant; asked for where several could be."""
    if len(found) == 1:
        return found[0]
    said = " ".join(words)
    lines = [f"{name}:{entry.line}: {entry.said}" for entry in found]
    question = f"`{said}` may be any of these; say which by its line, or with more words:"
    if asker is None:
        raise Refused("\n".join([question, *(f"  {line}" for line in lines)]))
    return found[asker.which(question, lines)]
