"""The program's dealings with the shell: exit codes, the terminal, and where output goes."""

import errno
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from followcue.base.atomic import replace_file
from followcue.base.terminal import tell, visible
from followcue.cli.ending import FOUND_SOMETHING, WRONG_USAGE, end_by, end_output, is_of_output
from followcue.cli.screen import say


class CommandGroup(click.Group):
    """A group whose commands end in a sentence and an exit code, and never in a traceback.

    A command is imported when it is asked for: help, version and completion answer without the engine.
    """

    def __init__(
        self, *args: Any, commands_of: Mapping[str, Sequence[str]] | None = None, **kwargs: Any
    ) -> None:
        """`commands_of` are the names of the commands, in their order, by the heading of the help."""
        super().__init__(*args, **kwargs)
        self._by_use = commands_of or {}
        self._names = [name for names in self._by_use.values() for name in names]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return self._names

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, from its module."""
        if name not in self._names:
            return None
        from importlib import import_module

        module = name.replace("-", "_")
        found = getattr(import_module(f"followcue.cli.commands.{module}"), f"{module}_command")
        assert isinstance(found, click.Command)
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that the words begin with; a usage error names the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            from followcue.base.diagnostic import nearest  # late: only mistakes need it

            close = nearest(args[0], self._names)
            if close:
                said = f"{problem.message.rstrip('.')}. Did you mean '{close}'?"
                raise click.UsageError(said, ctx) from None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands under their headings, what they do in one column."""
        longest = max(map(len, self._names))
        for use, names in self._by_use.items():
            told = [(name.ljust(longest), self.get_command(ctx, name)) for name in names]
            with formatter.section(use):
                formatter.write_dl(
                    [(name, each.get_short_help_str(limit=100)) for name, each in told if each]
                )

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program as a whole."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if not is_of_output(error):
                raise
            end_output(error)
        finally:
            gc.freeze()  # at its end the interpreter searches all else for garbage, which takes a while

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the words of the command line."""
        try:
            return super().make_context(*args, **kwargs)
        except click.ClickException as problem:
            raise _made_visible(problem) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except click.ClickException as problem:
            raise _made_visible(problem) from None
        except (click.exceptions.Exit, click.Abort):
            raise
        except (Exception, KeyboardInterrupt) as problem:
            end = end_by(problem)
            if end is None:
                raise
            if end.told is not None:
                tell(end.told)
            ctx.exit(end.code)


def _made_visible(problem: click.ClickException) -> click.ClickException:
    """The same, its message made ready for a terminal."""
    if isinstance(problem, click.NoSuchOption):
        problem = _suggesting(problem)
    vars(problem)["message"] = visible(problem.message)
    return problem


_DAY_ELSEWHERE = ("--day", "--date", "--today", "--now", "--on")
"""What people call the option that says which day it is, or on which day something happened."""


def _suggesting(problem: click.NoSuchOption) -> click.NoSuchOption:
    """The same, with the option that means the same here instead of one that is only spelt nearly so."""
    known = [option for param in problem.ctx.command.params for option in param.opts] if problem.ctx else []
    meant = next((option for option in ("--date", "--as-of") if option in known), None)
    if meant is None or problem.option_name not in _DAY_ELSEWHERE:
        return problem
    return click.NoSuchOption(problem.option_name, possibilities=[meant], ctx=problem.ctx)


class NothingFound(click.ClickException):
    """There was nothing to look at, which is no success."""

    exit_code = FOUND_SOMETHING


class Refused(click.ClickException):
    """What is asked for cannot be told apart, or is not there: how the command is written is no help then."""

    exit_code = WRONG_USAGE


def emit(text: str, output: str | None = None, *, may_replace: bool = False) -> None:
    """Write the answer: to the file `output`, whole or not at all, or else to standard output.

    A usage error where it would take the place of a file that the command was given to read, unless it
    `may_replace` that.
    """
    if output is not None and output != "-":
        if not may_replace:
            _require_apart(output)
        _write(output, text)
    else:
        say(text)


def read_stdin(size: int) -> bytes:
    """At most `size` bytes of standard input; a usage error where it cannot be read."""
    try:
        if sys.stdin is None:
            raise OSError(errno.EBADF, "it is closed")
        return sys.stdin.buffer.read(size)
    except OSError as error:
        raise click.UsageError(f"cannot read standard input: {error.strerror or error}") from None


_INPUTS = ("situation", "report", "paths", "old", "new")
"""What commands call the files that they read."""


def _require_apart(output: str) -> None:
    context = click.get_current_context(silent=True)
    params = context.params if context else {}
    for name in _INPUTS:
        given = params.get(name) or ()
        for path in (given,) if isinstance(given, str) else given:
            if os.path.exists(path) and os.path.exists(output) and os.path.samefile(path, output):
                told = f"{output} is what is read, and the answer cannot take its place: name another file"
                raise click.UsageError(told)


def _write(path: str, text: str) -> None:
    mode = _usual_mode(path)
    try:
        replace_file(path, text.encode(errors="replace"))
        os.chmod(path, mode)
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror or error}") from None


def _usual_mode(path: str) -> int:
    """The mode of the file that is there, or the one that a new file would get."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
