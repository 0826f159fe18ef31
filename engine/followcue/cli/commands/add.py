"""`followcue add`: an event or a record, written into a situation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.cli.commands.opening import warn_of
from followcue.cli.commands.options import (
    AS_OF,
    NO_CACHE,
    OUTPUT,
    PACKS,
    PROFILE,
    RULES,
    SITUATION,
    TIMEZONE,
    today_in,
)
from followcue.cli.commands.writing import DRY_RUN, ON, writing

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
@click.argument("kind", shell_complete=_complete_kind)
@click.argument("words", nargs=-1, metavar="[KEY] [FIELD=VALUE]...")
@click.option("--application", "scope", help="The application that it belongs to, where there are several.")
@click.option("--whole", is_flag=True, help="It belongs to everything together, and to no application.")
@ON
@AS_OF
@RULES
@PACKS
@PROFILE
@TIMEZONE
@DRY_RUN
@NO_CACHE
@OUTPUT
def add_command(
    situation: str,
    kind: str,
    words: tuple[str, ...],
    scope: str | None,
    whole: bool,
    on: str | None,
    timezone: str | None,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    dry_run: bool,
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Write into SITUATION that something happened: an event KIND, such as `applied`, with its fields.

    \b
    Of a record, such as an application or a contact, the KEY by which others refer to it comes first.
    Only new lines are written: everything else in the file stays as it is, and the file of before is
    kept beside it as SITUATION~. What would make it wrong is refused.

    \b
    Examples:
      followcue add search.yaml interview with=dana,lee id=first --date 2026-11-19
      followcue add search.yaml timeline_promised by=2026-11-27 from=dana --application acme
      followcue add search.yaml application acme company=Acme
      followcue add search.yaml contact lee name="Lee Wong" role=hiring_manager
    """
    from followcue.assistant.journal.add import add
    from followcue.assistant.journal.journal import Journal
    from followcue.assistant.journal.result_text import told
    from followcue.evaluation.pipeline import load_pack

    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    with writing(situation, output, dry_run) as file:
        journal = Journal(file.edit, loaded, today=today_in(timezone), **options)
        add(journal, kind, words, scope=scope, whole=whole, on=on)
        outcome = journal.outcome()
        file.end(told(file.edit, outcome))
    warn_of(warning for warning in outcome.after.warnings if warning not in outcome.before.warnings)
