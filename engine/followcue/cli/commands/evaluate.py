"""`followcue evaluate`: what to do in a situation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from followcue.cli.commands.answering import FORMATS, Request, answer
from followcue.cli.commands.opening import read_situation, warn_of
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
@click.option("--all", "missed", is_flag=True, help="Also list what can no longer be done.")
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
    missed: bool,
    me: str | None,
    embed: bool,
    limits: Limits,
    no_cache: bool,
    output: str | None,
) -> None:
    """Say what to do in SITUATION, a YAML or JSON file, or - for standard input.

    \b
    Examples:
      followcue evaluate search.yaml
      followcue evaluate search.yaml --profile patient --set "promised_grace=2 days"
      followcue evaluate search.yaml --pack common-practice
      followcue evaluate search.yaml --rules my-rules --format markdown -o next-steps.md
      followcue evaluate search.yaml --format html --me "Robin Vale" -o next-steps.html
    """
    if embed and form != "json":
        raise click.UsageError("--embed goes with --format json, as only such a report can be replayed")
    request = Request(
        form=form,
        as_of=as_of,
        rules=rules,
        packs=packs,
        profile=profile,
        parameters=dict(settings),
        matcher=matcher,
        missed=missed,
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
