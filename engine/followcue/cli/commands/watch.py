"""`followcue watch`: the report again whenever something changes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

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
    TIMEZONE,
    in_time,
    today_in,
)
from followcue.cli.shell import emit, terminal

if TYPE_CHECKING:
    from followcue.cli.commands.watching import State
    from followcue.evaluation.pipeline import LoadedPack

Day: TypeAlias = Callable[[str | None], date]
"""The present day in the time zone of a name, or in the machine's."""


@click.command("watch", short_help="Say what to do, again at every change.")
@click.argument("situation", type=click.Path(dir_okay=False))
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
@LIMITS
@NO_CACHE
@OUTPUT
def watch_command(
    situation: str,
    settings: tuple[tuple[str, object], ...],
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Say what to do in SITUATION now, and again whenever the file, a rule or the day changes.

    A terminal is cleared before each report; to a pipe they go one after the other, and `-o` writes the file
    anew. Mistakes are told, and watched on. Ctrl-C ends it.

    \b
    Examples:
      followcue watch search.yaml
      followcue watch search.yaml --format html --me "Robin Vale" -o next-steps.html
      followcue watch search.yaml --rules my-rules
    """
    from followcue.cli.commands.watching import moments

    request = Request(parameters=dict(settings), cache=not no_cache, **options)
    watched = Watched(situation, request, output)
    read_situation(situation, request.limits)  # a name that is wrong from the beginning is told at once
    watched.watch(moments(situation, request.rules))


class Watched:
    """A situation that is judged again and again, and what was said of it last."""

    def __init__(self, situation: str, request: Request, output: str | None, day: Day | None = None) -> None:
        """`day` tells what day it is."""
        self._situation = situation
        self._request = request
        self._output = output
        self._day = day or today_in(request.timezone)
        self._zone: str | None = None
        self._loaded: LoadedPack | None = None
        self._rules: State | None = None
        self._said: str | None = None

    def watch(self, moments: Iterable[None]) -> None:
        """Says it once, and again after each of the moments at which something is not as it was."""
        from followcue.cli.commands.watching import state_of

        seen = None
        for _ in _and_now(moments):
            now = (state_of(self._situation, *self._request.rules), self._day(self._zone))
            if now != seen:
                seen = now
                self._look()

    def _look(self) -> None:
        """Says what is to be done, or what is wrong; nothing where that was said last."""
        from followcue.base.diagnostic import InvalidInput
        from followcue.base.limits import LimitExceeded

        columns, color = terminal() if self._output is None else (None, False)
        limits = self._request.limits
        try:
            content = read_situation(self._situation, limits)
            with in_time(limits):
                self._zone = _zone_of(content.document(limits).data)
            said = answer(content, self._request, self._pack(), columns=columns, color=color)
        except InvalidInput as problem:
            self._say(str(problem), (), is_mistake=True)
        except LimitExceeded as problem:
            self._say(f"FC901: {problem}", (), is_mistake=True)
        else:
            self._say(said.text, said.warnings)

    def _pack(self) -> LoadedPack:
        """The rules, read again only where they have changed."""
        from followcue.cli.commands.watching import state_of

        state = state_of(*self._request.rules)
        if self._loaded is None or state != self._rules:
            self._loaded = None
            self._loaded = self._request.loaded()
            self._rules = state
        return self._loaded

    def _say(self, text: str, warnings: Iterable[str], *, is_mistake: bool = False) -> None:
        if text == self._said:
            return
        to_file = self._output not in (None, "-")
        if not to_file and _is_terminal():
            click.clear()
        elif not to_file and self._said is not None and not is_mistake:
            emit("\n")
        self._said = text
        warn_of(warnings)
        if is_mistake:
            click.echo(text, err=True)
            return
        emit(text, self._output)
        if to_file:
            click.echo(f"wrote {self._output}", err=True)


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _and_now(moments: Iterable[None]) -> Iterable[None]:
    """At once, and then at each of the moments."""
    yield None
    yield from moments


def _zone_of(data: object) -> str | None:
    """The time zone that the situation names, if there is such a zone."""
    from followcue.base.clock import is_time_zone

    zone = data.get("timezone") if isinstance(data, dict) else None
    return zone if isinstance(zone, str) and is_time_zone(zone) else None
