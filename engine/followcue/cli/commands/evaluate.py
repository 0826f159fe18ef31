"""`followcue evaluate`: what to do in a situation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from followcue.cli.commands.answering import FORMATS, Request, answer, read_situation, warn_of
from followcue.cli.commands.options import (
    AS_OF,
    LIMITS,
    MATCHER,
    NO_CACHE,
    OUTPUT,
    PACKS,
    PROFILE,
    RULES,
    SETTINGS,
    SITUATION,
    TIMEZONE,
)
from followcue.cli.shell import emit, no_collecting, terminal

if TYPE_CHECKING:
    from followcue.base.limits import Limits


@click.command("evaluate", short_help="Say what to do in a situation.")
@SITUATION
@AS_OF
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@RULES
@PACKS
@PROFILE
@SETTINGS
@MATCHER
@TIMEZONE
@click.option("--more", is_flag=True, help="List every step in a table, with reasons, lines and sources.")
@click.option(
    "--all", "missed", is_flag=True, help="Also list what can no longer be done, and what is skipped."
)
@click.option("--application", "scope", help="Show only what concerns this application.")
@click.option("--me", metavar="NAME", help="Your name, to sign the drafts of an HTML report with.")
@click.option("--embed", is_flag=True, help="Keep the situation itself in a JSON report, for `replay`.")
@LIMITS
@NO_CACHE
@OUTPUT
@no_collecting()
def evaluate_command(
    situation: str,
    as_of: date | None,
    form: str,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    profile: str | None,
    settings: tuple[tuple[str, object], ...],
    matcher: str,
    timezone: str | None,
    more: bool,
    missed: bool,
    scope: str | None,
    me: str | None,
    embed: bool,
    limits: Limits,
    no_cache: bool,
    output: str | None,
) -> None:
    """Say what to do in SITUATION, a YAML or JSON file, or - for standard input.

    A table begins with the one thing to do first. The numbers are those that `followcue done` takes.

    \b
    Examples:
      followcue evaluate search.yaml
      followcue evaluate search.yaml --more --application acme
      followcue evaluate search.yaml --profile patient --set "promised_grace=2 days"
      followcue evaluate search.yaml --pack common-practice
      followcue evaluate search.yaml --rules my-rules --format markdown -o next-steps.md
      followcue evaluate search.yaml --format html --me "Robin Vale" -o next-steps.html
    """
    if embed and form != "json":
        raise click.UsageError("--embed goes with --format json, as only such a report can be replayed")
    if more and form != "table":
        raise click.UsageError("--more goes with a table: the other forms tell all there is")
    if scope is not None and form not in ("table", "markdown"):
        raise click.UsageError(
            "--application goes with a table or Markdown: the other forms tell all there is"
        )
    request = Request(
        form=form,
        as_of=as_of,
        rules=rules,
        packs=packs,
        profile=profile,
        parameters=dict(settings),
        matcher=matcher,
        missed=missed,
        more=more,
        scope=scope,
        cache=not no_cache,
        me=me,
        embed=embed,
        timezone=timezone,
        limits=limits,
    )
    columns, color = terminal() if output is None else (None, False)
    content = read_situation(situation, limits)
    said = answer(content, request, request.loaded(), columns=columns, color=color)
    warn_of(said.warnings)
    emit(said.text, output)
