"""`followcue add`: an event or a record, written into a situation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, warn_of
from followcue.cli.at_terminal import somebody
from followcue.cli.options import AS_OF, NAME, NO_CACHE, OUTPUT, PACK, PROFILE, SITUATION, TIMEZONE
from followcue.cli.writing import DRY_RUN, ON, SURE, writing

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete_kind(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The events and records of the rules on the command line."""
    from click.shell_completion import CompletionItem

    from followcue.evaluation.pipeline import load_pack

    try:
        loaded = load_pack(*ctx.params.get("rules", ()), packs=ctx.params.get("packs", ()))
    except Exception:  # a shell that completes has no place for mistakes
        return []
    kinds = loaded.pack.vocabulary.kinds.values()
    names = [kind.name for kind in kinds if kind.role != "conclusion"]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command("add", short_help="Write an event into a situation.")
@SITUATION
@click.argument("kind", type=NAME, required=False, shell_complete=_complete_kind)
@click.argument("words", type=NAME, nargs=-1, metavar="[KEY] [FIELD=VALUE]...")
@click.option("--application", "scope", type=NAME, help="The application that it belongs to, by key or name.")
@click.option("--whole", is_flag=True, help="It belongs to everything together, and to no application.")
@SURE
@ON
@AS_OF
@PACK
@PROFILE
@TIMEZONE
@DRY_RUN
@NO_CACHE
@OUTPUT
@asking
def add_command(
    asked: Asked,
    kind: str | None,
    words: tuple[str, ...],
    scope: str | None,
    whole: bool,
    sure: bool,
    on: str | None,
    dry_run: bool,
    output: str | None,
) -> None:
    """Write into SITUATION that something happened: an event KIND, such as `applied`, with its fields.

    \b
    Without a KIND, all of them are listed. Days may be words (`last friday`, `5 oct`), people and
    applications may be called by their names. Of a record, such as an application or a contact, the
    KEY by which others refer to it comes first; left out, it is made of its name.
    Only new lines are written: everything else in the file stays as it is, and the file of before is
    kept beside it as SITUATION~. What would make it wrong is refused.

    \b
    Examples:
      followcue add search.yaml interview with=dana,lee id=first --date 2026-11-19
      followcue add search.yaml timeline_promised acme by=friday from="Dana Ruiz"
      followcue add search.yaml applied acme last friday
      followcue add search.yaml application acme company=Acme
      followcue add search.yaml contact lee name="Lee Wong" role=hiring_manager
    """
    from followcue.assistant.journal.add import add
    from followcue.assistant.journal.find_kind import kinds_told
    from followcue.assistant.journal.journal import Journal
    from followcue.assistant.journal.result_text import told
    from followcue.base.extras import require

    require("edit")
    loaded = asked.loaded()
    if kind is None:
        listed = kinds_told(loaded.pack.vocabulary)
        raise click.UsageError(f"say what happened; what can be written down:\n{listed}")
    with writing(asked.situation, output, dry_run) as file:
        journal = Journal(file.edit, loaded, asked.options)
        asker = somebody(asked.situation)
        notes = add(journal, kind, words, scope=scope, whole=whole, on=on, sure=sure, asker=asker)
        outcome = journal.outcome()
        file.end("".join(f"{note}\n" for note in notes) + told(file.edit, outcome))
    warn_of(warning for warning in outcome.after.warnings if warning not in outcome.before.warnings)
