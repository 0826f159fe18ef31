"""`followcue log`: what happened so far, as a person would tell it."""

from __future__ import annotations

import click

from followcue.cli.asking import Asked, asking, refusals, show
from followcue.cli.options import AS_OF, NAME, PACK, READING, SITUATION, TIMEZONE, formats


@click.command("log", short_help="Tell what happened so far.")
@SITUATION
@click.option("--application", "scope", type=NAME, help="Only of this application.")
@AS_OF
@formats("text", "markdown", "json")
@PACK
@TIMEZONE
@READING
@asking
def log_command(asked: Asked, scope: str | None, form: str, output: str | None) -> None:
    """Tell the history in SITUATION: day by day, with names, long silences, and what lies ahead.

    \b
    Examples:
      followcue log search.yaml
      followcue log search.yaml --application acme
      followcue log search.yaml --format markdown -o history.md
    """
    from followcue.assistant.journal import history_text
    from followcue.assistant.journal.history import history

    with refusals():
        found = asked.answer(history, scope=scope)
    show(history_text, found, form, output)
