"""`followcue plan`: everything that will come up."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from followcue.cli.commands.opening import read_situation, warn_of
from followcue.cli.commands.options import (
    AS_OF,
    LIMITS,
    NO_CACHE,
    OUTPUT,
    PACKS,
    PROFILE,
    RULES,
    SETTINGS,
    SITUATION,
    TIMEZONE,
    day,
    in_time,
    known_scope,
    today_in,
)
from followcue.cli.shell import emit, terminal

if TYPE_CHECKING:
    from followcue.assistant.plan.agenda import Plan
    from followcue.base.limits import Limits

FORMATS = ("text", "json", "markdown")


@click.command("plan", short_help="Say what will come up, day by day.")
@SITUATION
@AS_OF
@click.option("--until", type=day, help="The last day to look at.")
@click.option("--days", type=int, help="How many days to look ahead.  [default: 90]")
@click.option(
    "--assume",
    type=click.Choice(("silence", "done")),
    default="silence",
    show_default=True,
    help="That nothing more happens, or that everything is done when it is due.",
)
@click.option("--application", "scope", help="Only for this application.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@RULES
@PACKS
@PROFILE
@SETTINGS
@TIMEZONE
@LIMITS
@NO_CACHE
@OUTPUT
def plan_command(
    situation: str,
    as_of: date | None,
    until: date | None,
    days: int | None,
    scope: str | None,
    form: str,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    settings: tuple[tuple[str, object], ...],
    timezone: str | None,
    limits: Limits,
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Say what will come up in SITUATION: what opens, is due, closes, ends, and why, day by day.

    \b
    Examples:
      followcue plan search.yaml
      followcue plan search.yaml --until 2026-12-31 --assume done
      followcue plan search.yaml --application acme --days 30 --format markdown -o plan.md
    """
    from followcue.assistant.plan.plan import plan
    from followcue.evaluation.pipeline import load_pack

    if until is not None and days is not None:
        raise click.UsageError("--until and --days both say where the plan ends: give one of them")
    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    content = read_situation(situation, limits)
    options |= {"parameters": dict(settings), "limits": limits, "today": today_in(timezone)}
    with in_time(limits):
        document = content.document(limits)
        found = plan(loaded, document, as_of=as_of, until=until, days=days, **options)
    known_scope(scope, loaded.pack.vocabulary, document)
    emit(_render(found.plan.of(scope), form, output), output)


def _render(plan: Plan, form: str, output: str | None) -> str:
    if form == "json":
        from followcue.assistant.plan import as_json

        return as_json.render(plan)
    warn_of(plan.warnings)
    if form == "markdown":
        from followcue.assistant.plan import markdown

        return markdown.render(plan)
    from followcue.assistant.plan import forms as text

    columns, color = terminal() if output is None else (None, False)
    return text.render(plan, width=columns or text.WIDEST, color=color)
