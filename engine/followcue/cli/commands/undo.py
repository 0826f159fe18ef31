"""`followcue undo`: the situation as it was before the last command."""

from __future__ import annotations

from contextlib import suppress
from difflib import unified_diff

import click

from followcue.base.terminal import tell, visible_line
from followcue.cli.asked import Asked
from followcue.cli.asking import asking
from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import AS_OF, JUDGING, NO_CACHE, OUTPUT, SITUATION, TIMEZONE
from followcue.cli.writing import DRY_RUN, STDIN, writing


@click.command("undo", short_help="Take back the last change to a situation.")
@SITUATION
@click.option("--redo", is_flag=True, help="Make again what was undone last.")
@AS_OF
@JUDGING
@TIMEZONE
@DRY_RUN
@NO_CACHE
@OUTPUT
@asking
def undo_command(asked: Asked, redo: bool, dry_run: bool, output: str | None) -> None:
    """Give SITUATION the text of before the last command that changed it; again, of before the one before.

    \b
    The last 20 changes of each file are kept, for you alone to read. A file that was changed by hand
    since is left as it is, with exit code 1; with -o, the text of before goes to another file.

    \b
    Examples:
      followcue undo search.yaml
      followcue undo search.yaml --redo
      followcue undo search.yaml --dry-run
      followcue undo search.yaml -o before.yaml
    """
    from followcue.assistant.journal.journal import Journal
    from followcue.assistant.journal.result_text import changes_told
    from followcue.assistant.journal.versions import ChangedByHand, NoTurn, Versions
    from followcue.base.diagnostic import InvalidInput
    from followcue.base.extras import require
    from followcue.language.documents.edit import Edit

    require("edit")
    with writing(asked.situation, output, dry_run) as file:
        edit, now = file.edit, file.edit.before.encode()
        if edit.name == STDIN:
            raise click.UsageError("what comes in on standard input has no change to take back")
        versions = Versions(edit.name)
        try:
            turn = versions.forth(now) if redo else versions.back(now)
        except ChangedByHand as problem:
            if redo or output is None or problem.turn is None:
                _say_by_hand(problem, edit)
                raise click.exceptions.Exit(FOUND_SOMETHING) from None
            turn = problem.turn
        except NoTurn as problem:
            tell(str(problem))
            raise click.exceptions.Exit(FOUND_SOMETHING) from None
        journal = None
        with suppress(InvalidInput):  # it may be wrong by the rules of today
            journal = Journal(edit, asked.loaded(), asked.options)
        edit.take(Edit(turn.text, edit.name))
        left = f" ({turn.left} more can be)" if turn.left else ""
        said = f"{'Redone' if redo else 'Undone'}: {turn.command}{left}\n"
        if not dry_run:
            said += "".join(f"{line}\n" for line in edit.diff().splitlines()[2:])
        if journal is not None:
            with suppress(InvalidInput):
                said += changes_told(journal.outcome())
        file.end(said, keep=lambda: versions.turn(turn, now))


def _say_by_hand(problem: Exception, edit: object) -> None:
    """That the file is not what the last command left, and what is other in it."""
    from followcue.assistant.journal.versions import ChangedByHand
    from followcue.language.documents.edit import Edit

    assert isinstance(problem, ChangedByHand)
    assert isinstance(edit, Edit)
    left, now = problem.text.decode().splitlines(), edit.before.splitlines()
    diff = unified_diff(left, now, "as the last command left it", visible_line(edit.name), lineterm="", n=1)
    tell("\n".join([f"{edit.name}: {problem}, and is left as it is:", *diff]))
    if problem.turn is not None:
        tell(f"the text of before the last command: followcue undo {edit.name} -o OTHER_FILE")
