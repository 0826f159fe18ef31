"""`followcue draft`: the messages of steps and actions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from followcue.cli.asked import Asked, in_time
from followcue.cli.asking import asking, refusals, warn_of
from followcue.cli.options import APPLICATION, NAME, PACKS, PROFILE, READING, SETTINGS, day
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.assistant.draft.write import Draft


@click.command("draft", short_help="Draft the messages that are to be sent.")
@click.argument(
    "words", nargs=-1, required=True, metavar="SITUATION [WHAT]", type=click.Path(allow_dash=True)
)
@APPLICATION
@click.option("--to", type=NAME, help="Only to this person.")
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
    asked: Asked,
    words: tuple[str, ...],
    scope: str | None,
    to: str | None,
    output: str | None,
    **signing: Any,
) -> None:
    """Draft the messages of the steps to do first in SITUATION, or the one that WHAT names.

    \b
    WHAT is a step by its number in the report, its id or its title, or an action by its
    name, its id or its title. A step is one message that says all that it holds. Several
    people get a draft each. Ends with exit code 1 where no such message is asked for.

    \b
    Examples:
      followcue draft search.yaml
      followcue draft search.yaml 2 --me "Robin Vale"
      followcue draft search.yaml send_thank_you --to lee --point "Your archive ..."
    """
    from followcue.assistant.draft.choose import WantedMessage
    from followcue.assistant.draft.write import write_drafts
    from followcue.base.extras import require

    require("drafts")
    situation, what = _situation_and_what(words)
    asked = asked._replace(situation=situation)
    asked.refuse_other_numbers([what] if what else [])
    content = asked.content()
    with refusals(), in_time(asked.limits):
        found = write_drafts(
            content.document(asked.limits),
            WantedMessage(what, scope, to),
            asked.options,
            rules=asked.rules,
            packs=asked.packs,
            cache=asked.cache,
            **signing,
        )
    warn_of(found.report.warnings)
    emit(_as_text(found.drafts), output)


def _situation_and_what(words: Sequence[str]) -> tuple[str, str | None]:
    """The two words in either order: the situation is the one that is a file, or looks most like one."""
    if len(words) > 2:
        raise click.UsageError(f"got unexpected extra arguments: {' '.join(words[2:])}")
    if len(words) == 1:
        return words[0], None
    first, second = words
    return (second, first) if _likeness(second) > _likeness(first) else (first, second)


def _likeness(word: str) -> tuple[bool, bool]:
    path = PurePath(word)
    return word == "-" or os.path.isfile(path), bool(path.suffix)


def _as_text(drafts: Sequence[Draft]) -> str:
    """The drafts one after the other; several are parted by a line that says for whom each is."""
    if len(drafts) == 1:
        return drafts[0].text
    return "\n".join(
        f"--- {number} of {len(drafts)}: {draft.to} ---\n{draft.text}"
        for number, draft in enumerate(drafts, 1)
    )
