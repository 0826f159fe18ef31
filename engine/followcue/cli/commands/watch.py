"""`followcue watch`: the report again whenever something changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import click

from followcue.base.terminal import tell
from followcue.cli.asked import Asked, in_time
from followcue.cli.asking import asking, warn_of
from followcue.cli.options import AS_OF, JUDGING, MATCHER, ME, MISSED, READING, TIMEZONE, formats
from followcue.cli.reporting import FORMATS, ReportRequest, answer, note_shown
from followcue.cli.screen import is_terminal, terminal
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.cli.watching import FileState
    from followcue.evaluation.pipeline import LoadedPack

Day: TypeAlias = Callable[[str | None], date]
"""The present day in the time zone of a name, or in the machine's."""


@click.command("watch", short_help="Say what to do, again at every change.")
@click.argument("situation", type=click.Path(dir_okay=False))
@AS_OF
@formats(*FORMATS)
@JUDGING
@MATCHER
@TIMEZONE
@MISSED
@ME
@READING
@asking
def watch_command(asked: Asked, form: str, me: str | None, output: str | None) -> None:
    """Say what to do in SITUATION now, and again whenever the file, a rule or the day changes.

    A terminal is cleared before each report; to a pipe they go one after the other, and `-o` writes the file
    anew. Mistakes are told, and watched on. Ctrl-C ends it.

    \b
    Examples:
      followcue watch search.yaml
      followcue watch search.yaml --format html --me "Robin Vale" -o next-steps.html
      followcue watch search.yaml --rules my-rules
    """
    from followcue.base.extras import require
    from followcue.cli.watching import moments

    request = ReportRequest(asked, form, me)
    require("watch")
    request.require()
    watcher = SituationWatcher(request, output)
    asked.content()  # a name that is wrong from the beginning is told at once
    if not all(map(os.path.isdir, asked.rules)):
        asked.loaded()
    watcher.watch(moments(asked.situation, *asked.rules))


class SituationWatcher:
    """A situation that is judged again and again, and what was said of it last."""

    def __init__(self, request: ReportRequest, output: str | None, day: Day | None = None) -> None:
        """`day` gives the present day."""
        self._asked = request.asked
        self._request = request
        self._output = output
        self._day = day or request.asked.options.today
        self._zone: str | None = None
        self._loaded: LoadedPack | None = None
        self._rules: FileState | None = None
        self._said: str | None = None

    def watch(self, moments: Iterable[None]) -> None:
        """Says it once, and again after each of the moments at which something is not as it was."""
        from followcue.cli.watching import changes, state_of

        def state() -> object:
            return state_of(self._asked.situation, *self._asked.rules), self._day(self._zone)

        for _ in changes(state, moments):
            self._look()

    def _look(self) -> None:
        """Says what is to be done, or what is wrong; nothing where that was said last."""
        from followcue.base.diagnostic import InvalidInput
        from followcue.base.limits import LimitExceeded

        columns, color = terminal() if self._output is None else (None, False)
        limits = self._asked.limits
        try:
            content = self._asked.content()
            with in_time(limits):
                self._zone = _zone_of(content.document(limits).data)
            said = answer(content, self._request, self._pack(), columns=columns, color=color)
        except InvalidInput as problem:
            self._say(str(problem), (), is_mistake=True)
        except LimitExceeded as problem:
            self._say(f"FC901: {problem}", (), is_mistake=True)
        else:
            self._say(said.text, said.warnings)
            note_shown(said, self._request, self._output)

    def _pack(self) -> LoadedPack:
        """The rules, read again only where they have changed."""
        from followcue.cli.watching import state_of

        state = state_of(*self._asked.rules)
        if self._loaded is None or state != self._rules:
            self._loaded = None
            self._loaded = self._asked.loaded()
            self._rules = state
        return self._loaded

    def _say(self, text: str, warnings: Iterable[str], *, is_mistake: bool = False) -> None:
        if text == self._said:
            return
        to_file = self._output not in (None, "-")
        if not to_file and is_terminal():
            click.clear()
        elif not to_file and self._said is not None and not is_mistake:
            emit("\n")
        self._said = text
        warn_of(warnings)
        if is_mistake:
            tell(text)
            return
        emit(text, self._output)
        if to_file:
            tell(f"wrote {self._output}")


def _zone_of(data: object) -> str | None:
    """The time zone that the situation names, if there is such a zone."""
    from followcue.base.clock import is_time_zone

    zone = data.get("timezone") if isinstance(data, dict) else None
    return zone if isinstance(zone, str) and is_time_zone(zone) else None
