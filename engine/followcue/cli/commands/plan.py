"""`followcue plan`: everything that will come up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, show
from followcue.cli.naming import scope_said, until_said
from followcue.cli.options import (
    APPLICATION,
    AS_OF,
    JUDGING,
    READING,
    SITUATION,
    SPAN,
    TIMEZONE,
    formats,
    one_end,
)

if TYPE_CHECKING:
    from followcue.assistant.plan.agenda import Plan
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.language.documents.document import Document


@click.command("plan", short_help="Say what will come up, day by day.")
@SITUATION
@AS_OF
@SPAN
@click.option(
    "--assume",
    type=click.Choice(("silence", "arranged", "done")),
    default="arranged",
    show_default=True,
    help="That nothing more happens, that what is arranged takes place, or that all is done when it is due.",
)
@APPLICATION
@formats("text", "json", "markdown")
@JUDGING
@TIMEZONE
@READING
@asking
def plan_command(asked: Asked, scope: str | None, form: str, output: str | None, **span: Any) -> None:
    """Say what will come up in SITUATION: what opens, is due, closes, ends, and why, day by day.

    \b
    Examples:
      followcue plan search.yaml
      followcue plan search.yaml --until 2026-12-31 --assume done
      followcue plan search.yaml --until "friday next week" --application "Blue Harbour"
      followcue plan search.yaml --application acme --days 30 --format markdown -o plan.md
    """
    from followcue.assistant.plan import forms
    from followcue.assistant.plan.plan import plan

    def planned(loaded: LoadedPack, document: Document, options: Options) -> Plan:
        until = until_said(span.pop("until"), loaded, document, options, asked.situation)
        found = plan(loaded, document, options, until=until, **span)
        return found.plan.of(scope_said(scope, loaded.pack.vocabulary, document.data))

    one_end(span["until"], span["days"])
    with refusals():
        agenda = asked.answer(planned)
    show(forms, agenda, form, output, agenda.warnings, coloured=True)
