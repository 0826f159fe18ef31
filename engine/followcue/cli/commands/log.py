"""`followcue log`: what happened so far, as a person would tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, show
from followcue.cli.options import AS_OF, NAME, PACK, READING, SITUATION, TIMEZONE, day, formats
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from datetime import date


@click.command("log", short_help="Tell what happened so far.")
@SITUATION
@click.option("--application", "scope", type=NAME, help="Only of this application.")
@AS_OF
@click.option("--from", "first", type=day, help="Only what happened from this day on.")
@click.option("--until", "last", type=day, help="Only what happened up to this day.")
@click.option("--me", metavar="NAME", help="Your name, at the head of a page to print.")
@formats("text", "markdown", "json", "html")
@PACK
@TIMEZONE
@READING
@asking
def log_command(
    asked: Asked,
    scope: str | None,
    first: date | None,
    last: date | None,
    me: str | None,
    form: str,
    output: str | None,
) -> None:
    """Tell the history in SITUATION: day by day, with names, long silences, and what lies ahead.

    \b
    As HTML it is a record to print, with the day, the company and what was done.

    \b
    Examples:
      followcue log search.yaml
      followcue log search.yaml --application acme
      followcue log search.yaml --format markdown -o history.md
      followcue log search.yaml --from 2026-11-01 --until 2026-11-30 --format html -o november.html
    """
    if me is not None and form != "html":
        raise click.UsageError("--me goes with a page to print (--format html)")
    if form == "html":
        from followcue.base.extras import require

        require("html")
    from followcue.assistant.journal import history_text
    from followcue.assistant.journal.history import history

    with refusals():
        found = asked.answer(history, scope=scope, first=first, last=last)
    if form == "html":
        from followcue.assistant.journal import history_page

        emit(history_page.render(found, me=me), output)
        return
    show(history_text, found, form, output)
