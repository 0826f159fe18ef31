"""What the command `draft` does with drafts: texts to print, and the ways in which there are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import click

from followcue.diagnostic import InvalidInput
from followcue.draft.choose import NotRecommended, Unknown, Wanted
from followcue.draft.scene import SENDER
from followcue.draft.write import Draft, Drafts, DraftsUnavailable, write_drafts
from followcue.source.document import Document


def drafted(document: Document, wanted: Wanted, **options: Any) -> Drafts:
    """The drafts; ends the command with 1 if nothing asks for them, and with 2 for names that nothing has.

    With 2 it ends also where nothing but the name to sign with is missing, as that is for an option to give.
    """
    try:
        return write_drafts(document, wanted, **options)
    except (Unknown, DraftsUnavailable) as problem:
        raise click.UsageError(str(problem)) from None
    except NotRecommended as problem:
        _nothing(str(problem))
    except InvalidInput as problem:
        if any(mistake.message != SENDER.message for mistake in problem.diagnostics):
            raise
        raise click.UsageError(f"{SENDER.message}: {SENDER.hint}") from None


def as_text(drafts: Sequence[Draft]) -> str:
    """The drafts one after the other; several are parted by a line that says for whom each is."""
    if len(drafts) == 1:
        return drafts[0].text
    return "\n".join(
        f"--- {number} of {len(drafts)}: {draft.to} ---\n{draft.text}"
        for number, draft in enumerate(drafts, 1)
    )


def _nothing(said: str) -> NoReturn:
    click.echo(said, err=True)
    raise click.exceptions.Exit(1)
