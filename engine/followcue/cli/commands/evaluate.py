"""`followcue evaluate`: what to do in a situation."""

from __future__ import annotations

import click

from followcue.base.gc_pause import gc_paused
from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, warn_of
from followcue.cli.options import AS_OF, JUDGING, MATCHER, ME, NAME, READING, SITUATION, TIMEZONE, formats
from followcue.cli.reporting import FORMATS, ReportRequest, answer, note_shown
from followcue.cli.screen import terminal
from followcue.cli.shell import emit


@click.command("evaluate", short_help="Say what to do in a situation.")
@SITUATION
@AS_OF
@formats(*FORMATS)
@JUDGING
@MATCHER
@TIMEZONE
@click.option("--more", is_flag=True, help="List every step in a table, with reasons, lines and sources.")
@click.option(
    "--all", "missed", is_flag=True, help="Also list what can no longer be done, and what is skipped."
)
@click.option("--application", "scope", type=NAME, help="Show only what concerns this application.")
@ME
@click.option("--embed", is_flag=True, help="Keep the situation itself in a JSON report, for `replay`.")
@READING
@gc_paused()
@asking
def evaluate_command(
    asked: Asked, form: str, more: bool, scope: str | None, me: str | None, embed: bool, output: str | None
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
    request = ReportRequest(asked, form, me, embed, more, scope)
    request.require()
    columns, color = terminal() if output is None else (None, False)
    content = asked.content()
    with refusals():
        said = answer(content, request, asked.loaded(), columns=columns, color=color)
    warn_of(said.warnings)
    emit(said.text, output)
    note_shown(said, request, output)
