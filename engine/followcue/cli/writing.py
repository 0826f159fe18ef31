"""What commands that write into a situation share: opening it alone, saving it, showing what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from followcue.base.terminal import tell
from followcue.cli.options import AS_OF, JUDGING, NO_CACHE, OUTPUT, TIMEZONE, together
from followcue.cli.shell import emit, read_stdin

if TYPE_CHECKING:
    from followcue.language.documents.edit import Edit

STDIN = "<stdin>"

DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")

ON = click.option(
    "--date",
    "on",
    metavar="DAY",
    help="The day of the event, such as 2026-11-19 or yesterday; left out: today.",
)


CHANGING = together(AS_OF, JUDGING, TIMEZONE, DRY_RUN, NO_CACHE, OUTPUT)
"""Of commands that change a situation by its advice: how it is judged, and where it goes."""

SURE = click.option("--sure", is_flag=True, help="Do not ask about a day far off, or the same event again.")


class Writing(NamedTuple):
    """An open situation, and where it goes: back to its file, to another one, or nowhere."""

    edit: Edit
    output: str | None
    dry_run: bool

    def end(self, said: str, keep: Callable[[], None] | None = None) -> None:
        """Save the situation and say what came of it; on standard error where the answer is the situation.

        `keep` notes what `followcue undo` is to know of it: without it, that it is a change by this command.
        """
        aside = self.output is not None or self.edit.name == STDIN
        if self.dry_run:
            tell(self.edit.diff(), aside=False)
            tell("nothing was written")
        elif aside:
            emit(self.edit.text, self.output, may_replace=True)
        elif self.edit.changed:
            save(self.edit, keep)
        tell(said, nl=False, aside=aside or self.dry_run)


def save(edit: Edit, keep: Callable[[], None] | None = None) -> None:
    """Save a situation, and `keep` the way back first: without it, as a change by the command that runs."""
    try:
        (keep or partial(_keep, edit))()
    except OSError as error:
        told = f"`followcue undo` will not know of this change: {error.strerror or error}"
        tell(f"warning: {told}")
    edit.save()


def _keep(edit: Edit) -> None:
    from followcue.assistant.journal.versions import Versions

    command = click.get_current_context().info_name or ""
    Versions(edit.name).record(command, edit.before.encode(), edit.text.encode())


@contextmanager
def writing(situation: str, output: str | None, dry_run: bool) -> Iterator[Writing]:
    """The situation in a file, which nobody else writes to meanwhile, or on standard input for `-`."""
    from followcue.language.documents.edit import Edit

    if situation == "-":
        from followcue.language.documents.decode import MAX_SIZE

        yield Writing(Edit(read_stdin(MAX_SIZE + 1), STDIN), output, dry_run)
    elif dry_run or output is not None:
        yield Writing(Edit.of(situation), output, dry_run)
    else:
        with Edit.alone(situation) as edit:
            yield Writing(edit, output, dry_run)
