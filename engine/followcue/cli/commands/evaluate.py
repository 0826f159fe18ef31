"""`followcue evaluate`: what to do in a situation."""

from __future__ import annotations

import click

from followcue.base.gc_pause import gc_paused
from followcue.cli.asking import Asked, asking, warn_of
from followcue.cli.options import AS_OF, JUDGING, MATCHER, ME, MISSED, READING, SITUATION, TIMEZONE, formats
from followcue.cli.reporting import FORMATS, ReportRequest, answer
from followcue.cli.shell import emit, terminal


@click.command("evaluate", short_help="Say what to do in a situation.")
@SITUATION
@AS_OF
@formats(*FORMATS)
@JUDGING
@MATCHER
@TIMEZONE
@MISSED
@ME
@click.option("--embed", is_flag=True, help="Keep the situation itself in a JSON report, for `replay`.")
@READING
@gc_paused()
@asking
def evaluate_command(asked: Asked, form: str, me: str | None, embed: bool, output: str | None) -> None:
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
    request = ReportRequest(asked, form, me, embed)
    request.require()
    columns, color = terminal() if output is None else (None, False)
    content = asked.content()
    said = answer(content, request, asked.loaded(), columns=columns, color=color)
    warn_of(said.warnings)
    emit(said.text, output)
