"""`followcue export`: what will come up, for a calendar."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any

import click

from followcue.cli.commands.opening import read_situation
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
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.base.limits import Limits


def _alarm(text: str) -> time | None:
    """The time of day that an option names, None for `none`; or a usage error."""
    try:
        return (
            None if text == "none" else time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
        )
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time of day such as 09:00, nor `none`") from None


@click.command("export", short_help="Write what will come up to a calendar file.")
@SITUATION
@AS_OF
@click.option("--until", type=day, help="The last day to look at.")
@click.option("--days", type=int, help="How many days to look ahead.  [default: 90]")
@click.option("--format", "form", type=click.Choice(("ics",)), default="ics", show_default=True)
@click.option("--application", "scope", help="Only for this application.")
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
@RULES
@PACKS
@PROFILE
@SETTINGS
@TIMEZONE
@LIMITS
@NO_CACHE
@OUTPUT
def export_command(
    situation: str,
    form: str,
    scope: str | None,
    name: str | None,
    previous: str | None,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    settings: tuple[tuple[str, object], ...],
    timezone: str | None,
    limits: Limits,
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Write what will come up in SITUATION to a calendar file, to be imported again and again.

    \b
    Examples:
      followcue export search.yaml -o search.ics
      followcue export search.yaml --previous search.ics -o search.ics
      followcue export search.yaml --as todos --alarm 18:30 --days 30 -o search.ics
    """
    from followcue.assistant.plan.calendar.export import export_ics
    from followcue.evaluation.pipeline import load_pack

    if options["until"] is not None and options["days"] is not None:
        raise click.UsageError("--until and --days both say where the plan ends: give one of them")
    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    content = read_situation(situation, limits)
    options |= {"parameters": dict(settings), "limits": limits, "today": today_in(timezone)}
    with in_time(limits):
        document = content.document(limits)
        written = export_ics(
            loaded,
            document,
            name=_name(situation) if name is None else name,
            scope=scope,
            previous=None if previous is None else _text_of(previous),
            **options,
        )
    known_scope(scope, loaded.pack.vocabulary, document)
    emit(written, output)


def _name(situation: str) -> str:
    """The name of a file without its folder and ending; of standard input there is none."""
    from pathlib import PurePath

    return "situation" if situation == "-" else PurePath(situation).stem


def _text_of(path: str) -> str:
    """The text of that file; raises `InvalidInput` where it cannot be read as text."""
    from followcue.language.documents.decode import decode
    from followcue.language.documents.read import read_content

    return decode(read_content(path), path)
