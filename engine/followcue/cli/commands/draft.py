"""`followcue draft`: the messages of an action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from followcue.cli.commands.opening import read_situation, warn_of
from followcue.cli.commands.options import (
    LIMITS,
    NO_CACHE,
    OUTPUT,
    PACKS,
    PROFILE,
    SETTINGS,
    SITUATION,
    day,
    in_time,
)
from followcue.cli.shell import FOUND_SOMETHING, emit

if TYPE_CHECKING:
    from followcue.assistant.draft.choose import Wanted
    from followcue.assistant.draft.write import Draft, Drafts
    from followcue.base.limits import Limits
    from followcue.language.documents.document import Document


@click.command("draft", short_help="Draft the messages of an action.")
@click.argument("action")
@SITUATION
@click.option("--application", "scope", help="Only for this application.")
@click.option("--to", help="Only to this person.")
@click.option("--me", help="Your name, to sign with.")
@click.option("--point", metavar="TEXT", help="The one point that only this person would recognise.")
@click.option("--as-of", type=day, help="Write as of this day instead of the file's, or today.")
@click.option("--rules", multiple=True, type=click.Path(file_okay=False), help="Rules or messages to add.")
@PACKS
@PROFILE
@SETTINGS
@click.option("--all", "missed", is_flag=True, help="Also draft what can no longer be sent in good time.")
@LIMITS
@NO_CACHE
@OUTPUT
def draft_command(
    action: str,
    situation: str,
    scope: str | None,
    to: str | None,
    settings: tuple[tuple[str, object], ...],
    limits: Limits,
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Draft the message for ACTION, such as send_thank_you, where SITUATION asks for it.

    Several people get a draft each. Ends with exit code 1 where nothing asks for the message.

    \b
    Examples:
      followcue draft send_thank_you search.yaml --me "Robin Vale"
      followcue draft send_thank_you search.yaml --me "Robin Vale" --to lee --point "Your archive ..."
    """
    from followcue.assistant.draft.choose import Wanted

    wanted = Wanted(action, scope, to)
    content = read_situation(situation, limits)
    options |= {"parameters": dict(settings), "cache": not no_cache, "limits": limits}
    with in_time(limits):
        answer = _drafted(content.document(limits), wanted, **options)
    warn_of(answer.report.warnings)
    emit(_as_text(answer.drafts), output)


def _drafted(document: Document, wanted: Wanted, **options: Any) -> Drafts:
    """The drafts; ends the command with 1 if nothing asks for them, and with 2 for names that nothing has.

    With 2 it ends also where nothing but the name to sign with is missing, as that is for an option to give.
    """
    from followcue.assistant.draft.context import SENDER
    from followcue.assistant.draft.write import DraftsUnavailable, write_drafts
    from followcue.base.diagnostic import InvalidInput
    from followcue.explain.names import NotRecommended, Unknown

    try:
        return write_drafts(document, wanted, **options)
    except (Unknown, DraftsUnavailable) as problem:
        raise click.UsageError(str(problem)) from None
    except NotRecommended as problem:
        click.echo(str(problem), err=True)
        raise click.exceptions.Exit(FOUND_SOMETHING) from None
    except InvalidInput as problem:
        if any(mistake.message != SENDER.message for mistake in problem.diagnostics):
            raise
        raise click.UsageError(f"{SENDER.message}: {SENDER.hint}") from None


def _as_text(drafts: Sequence[Draft]) -> str:
    """The drafts one after the other; several are parted by a line that says for whom each is."""
    if len(drafts) == 1:
        return drafts[0].text
    return "\n".join(
        f"--- {number} of {len(drafts)}: {draft.to} ---\n{draft.text}"
        for number, draft in enumerate(drafts, 1)
    )
