"""`followcue log`: what happened so far, as a person would tell it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from followcue.cli.commands.opening import read_situation
from followcue.cli.commands.options import (
    AS_OF,
    LIMITS,
    NO_CACHE,
    OUTPUT,
    PACKS,
    RULES,
    SITUATION,
    TIMEZONE,
    in_time,
    today_in,
)
from followcue.cli.shell import emit, terminal

if TYPE_CHECKING:
    from followcue.base.limits import Limits

FORMATS = ("text", "markdown", "json")


@click.command("log", short_help="Tell what happened so far.")
@SITUATION
@click.option("--application", "scope", help="Only of this application.")
@AS_OF
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@RULES
@PACKS
@TIMEZONE
@LIMITS
@NO_CACHE
@OUTPUT
def log_command(
    situation: str,
    scope: str | None,
    as_of: date | None,
    form: str,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    timezone: str | None,
    limits: Limits,
    no_cache: bool,
    output: str | None,
) -> None:
    """Tell the history in SITUATION: day by day, with names, long silences, and what lies ahead.

    \b
    Examples:
      followcue log search.yaml
      followcue log search.yaml --application acme
      followcue log search.yaml --format markdown -o history.md
    """
    from followcue.assistant.journal import history_text as telling
    from followcue.assistant.journal.history import history
    from followcue.evaluation.pipeline import load_pack
    from followcue.explain.names import Unknown

    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    content = read_situation(situation, limits)
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of, "limits": limits, "today": today_in(timezone)}
    try:
        with in_time(limits):
            found = history(loaded, content.document(limits), **asked)
    except Unknown as problem:
        raise click.UsageError(str(problem)) from None
    if form == "json":
        text = telling.as_json(found)
    elif form == "markdown":
        text = telling.as_markdown(found)
    else:
        columns = terminal().columns if output is None else None
        text = telling.as_text(found, width=columns or telling.WIDEST)
    emit(text, output)
