"""`followcue export`: what will come up, for a calendar; or what happened, as a sheet."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals
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
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.language.documents.document import Document


def _alarm(text: str) -> time | None:
    """The time of day that an option names, None for `none`; or a usage error."""
    try:
        return (
            None if text == "none" else time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
        )
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time of day such as 09:00, nor `none`") from None


@click.command("export", short_help="Write a calendar file, or a sheet of what happened.")
@SITUATION
@AS_OF
@SPAN
@formats("ics", "csv")
@APPLICATION
@click.option("--name", help="The name of the calendar.  [default: the file's]")
@click.option(
    "--alarm",
    type=_alarm,
    default="09:00",
    metavar="HH:MM|none",
    show_default=True,
    help="When to be reminded on a due day.",
)
@click.option(
    "--as",
    "entries",
    type=click.Choice(("events", "todos")),
    default="events",
    show_default=True,
    help="Write things to do as events, which all calendars know, or as to-dos.",
)
@click.option(
    "--previous",
    type=click.Path(dir_okay=False),
    help="The calendar written last: what is gone since is cancelled.",
)
@JUDGING
@TIMEZONE
@READING
@asking
def export_command(
    asked: Asked,
    form: str,
    scope: str | None,
    name: str | None,
    previous: str | None,
    output: str | None,
    **how: Any,
) -> None:
    """Write what will come up in SITUATION to a calendar file, to be imported again and again.

    \b
    As CSV it is what happened, one row an event, for a spreadsheet program; `followcue import` reads it back.

    \b
    Examples:
      followcue export search.yaml -o search.ics
      followcue export search.yaml --previous search.ics -o search.ics
      followcue export search.yaml --as todos --alarm 18:30 --days 30 -o search.ics
      followcue export search.yaml --format csv -o search.csv
    """
    if form == "csv":
        _refuse_for_sheets()
        _export_sheet(asked, scope, output)
        return
    from followcue.assistant.plan.calendar_file.export import export_ics
    from followcue.base.extras import require

    require("ics")

    def exported(loaded: LoadedPack, document: Document, options: Options) -> str:
        called = _name(asked.situation) if name is None else name
        before = None if previous is None else _text_of(previous)
        until = until_said(how.pop("until"), loaded, document, options, asked.situation)
        key = scope_said(scope, loaded.pack.vocabulary, document.data)
        return export_ics(
            loaded, document, options, name=called, scope=key, previous=before, until=until, **how
        )

    one_end(how["until"], how["days"])
    with refusals():
        emit(asked.answer(exported), output)


OF_CALENDARS = ("until", "days", "name", "alarm", "entries", "previous")


def _refuse_for_sheets() -> None:
    """A usage error for an option that only a calendar has."""
    context = click.get_current_context()
    for param in context.command.params:
        given = context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if given and param.name in OF_CALENDARS:
            raise click.UsageError(f"{param.opts[0]} goes with a calendar (--format ics)")


def _export_sheet(asked: Asked, scope: str | None, output: str | None) -> None:
    """Write the sheet; a file begins with a mark by which spreadsheet programs know it for UTF-8."""
    from followcue.assistant.sheets.write_sheet import export_csv

    with refusals():
        text = asked.answer(export_csv, scope=scope)
    emit(text if output is None else f"\ufeff{text}", output)


def _name(situation: str) -> str:
    """The name of a file without its folder and ending; of standard input there is none."""
    from pathlib import PurePath

    return "situation" if situation == "-" else PurePath(situation).stem


def _text_of(path: str) -> str:
    """The text of that file; raises `InvalidInput` where it cannot be read as text."""
    from followcue.language.documents.decode import decode
    from followcue.language.documents.read import read_content

    return decode(read_content(path), path)
