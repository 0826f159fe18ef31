"""`followcue evaluate`: what to do in a situation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from followcue.commands.opening import open_situation, warn_of
from followcue.commands.options import (
    AS_OF,
    MATCHER,
    NO_CACHE,
    OUTPUT,
    PACKS,
    PROFILE,
    RULES,
    SETTINGS,
    SITUATION,
)
from followcue.shell import emit, no_collecting, terminal

if TYPE_CHECKING:
    from followcue.advice.report import Report

FORMATS = ("table", "json", "markdown")


@click.command("evaluate", short_help="Say what to do in a situation.")
@SITUATION
@AS_OF
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@RULES
@PACKS
@PROFILE
@SETTINGS
@MATCHER
@click.option("--all", "missed", is_flag=True, help="Also list what can no longer be done.")
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
    missed: bool,
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
    """
    from followcue.pipeline import evaluate, load_pack

    report = evaluate(
        load_pack(*rules, packs=packs, cache=not no_cache),
        open_situation(situation),
        as_of=as_of,
        profile=profile,
        parameters=dict(settings),
        matcher=matcher,
        missed=missed,
    )
    if form != "json":
        warn_of(report.warnings)
    emit(_render(report, form, output), output)


def _render(report: Report, form: str, output: str | None) -> str:
    if form == "json":
        from followcue.report import as_json

        return as_json.render(report)
    if form == "markdown":
        from followcue.report import markdown

        return markdown.render(report)
    from followcue.report import table

    columns, color = terminal() if output is None else (None, False)
    return table.render(report, width=columns or table.WIDEST, color=color)
