"""`followcue draft`: the messages of an action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from followcue.cli.asking import Asked, asking, refusals, warn_of
from followcue.cli.options import APPLICATION, PACKS, PROFILE, READING, SETTINGS, SITUATION, day, in_time
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.assistant.draft.write import Draft


@click.command("draft", short_help="Draft the messages of an action.")
@click.argument("action")
@SITUATION
@APPLICATION
@click.option("--to", help="Only to this person.")
@click.option("--me", help="Your name, to sign with.")
@click.option("--point", metavar="TEXT", help="The one point that only this person would recognise.")
@click.option("--as-of", type=day, help="Write as of this day instead of the file's, or today.")
@click.option("--rules", multiple=True, type=click.Path(file_okay=False), help="Rules or messages to add.")
@PACKS
@PROFILE
@SETTINGS
@click.option("--all", "missed", is_flag=True, help="Also draft what can no longer be sent in good time.")
@READING
@asking
def draft_command(
    asked: Asked, action: str, scope: str | None, to: str | None, output: str | None, **signing: Any
) -> None:
    """Draft the message for ACTION, such as send_thank_you, where SITUATION asks for it.

    Several people get a draft each. Ends with exit code 1 where nothing asks for the message.

    \b
    Examples:
      followcue draft send_thank_you search.yaml --me "Robin Vale"
      followcue draft send_thank_you search.yaml --me "Robin Vale" --to lee --point "Your archive ..."
    """
    from followcue.assistant.draft.write import write_drafts
    from followcue.base.extras import require
    from followcue.explain.wanted import Wanted

    require("drafts")
    content = asked.content()
    with refusals(), _signed(), in_time(asked.limits):
        found = write_drafts(
            content.document(asked.limits),
            Wanted(action, scope, to),
            asked.options,
            rules=asked.rules,
            packs=asked.packs,
            cache=asked.cache,
            **signing,
        )
    warn_of(found.report.warnings)
    emit(_as_text(found.drafts), output)


@contextmanager
def _signed() -> Iterator[None]:
    """A usage error where nothing but the name to sign with is missing, as that is for an option to give."""
    from followcue.assistant.draft.template_context import SENDER
    from followcue.base.diagnostic import InvalidInput

    try:
        yield
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
