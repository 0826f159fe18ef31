"""The program's dealings with the shell: exit codes, the terminal, and where output goes."""

import errno
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from followcue.base.atomic import replace_file
from followcue.base.diagnostic import InvalidInput, NotMeant, Undecided
from followcue.base.extras import Unavailable
from followcue.base.limits import LimitExceeded
from followcue.base.named_tuple import NamedTuple
from followcue.base.terminal import tell, visible, visible_but_styles
from followcue.language.folders import UnknownPack

FOUND_SOMETHING = 1
WRONG_USAGE = 2
INVALID_INPUT = 3
FAULT = 70
INTERRUPTED = 128 + 2
BROKEN_PIPE = 128 + 13

DEBUG = "FOLLOWCUE_DEBUG"
"""The environment variable that lets a traceback through."""


class CommandGroup(click.Group):
    """A group whose commands end in a sentence and an exit code, and never in a traceback.

    A command is imported when it is asked for: help, version and completion answer without the engine.
    """

    def __init__(self, *args: Any, commands_of: Sequence[str] = (), **kwargs: Any) -> None:
        """`commands_of` are the names of the commands, in the order to list them."""
        super().__init__(*args, **kwargs)
        self._names = list(commands_of)

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

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program as a whole."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if not _is_of_output(error):
                raise
            _silence_stdout()
            told = f"Error: cannot write to standard output: {error.strerror or error}"
            tell(told)
            sys.exit(WRONG_USAGE)
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
        except NotMeant:
            _end(ctx, FOUND_SOMETHING, "nothing was written")
        except Undecided as problem:
            _end(ctx, WRONG_USAGE, str(problem))
        except InvalidInput as problem:
            _end(ctx, INVALID_INPUT, str(problem))
        except LimitExceeded as problem:
            _end(ctx, INVALID_INPUT, f"FC901: {problem}")
        except (Unavailable, UnknownPack) as problem:
            _end(ctx, WRONG_USAGE, f"Error: {problem}")
        except KeyboardInterrupt:
            _end(ctx, INTERRUPTED)
        except BrokenPipeError:
            _silence_stdout()
            _end(ctx, BROKEN_PIPE)
        except click.ClickException as problem:
            raise _made_visible(problem) from None
        except (click.exceptions.Exit, click.Abort):
            raise
        except Exception as fault:
            if os.environ.get(DEBUG) or _is_of_output(fault):
                raise
            told = f"Error: a fault of followcue and not of your input: {type(fault).__name__}: {fault}"
            _end(ctx, FAULT, f"{told}\n  hint: set {DEBUG}=1 to see where, and report it")


def _made_visible(problem: click.ClickException) -> click.ClickException:
    """The same, its message made ready for a terminal."""
    vars(problem)["message"] = visible(problem.message)
    return problem


class NothingFound(click.ClickException):
    """There was nothing to look at, which is no success."""

    exit_code = FOUND_SOMETHING


class Refused(click.ClickException):
    """What is asked for cannot be told apart, or is not there: how the command is written is no help then."""

    exit_code = WRONG_USAGE


class Terminal(NamedTuple):
    """What standard output can show; `columns` is None where it is not known."""

    columns: int | None
    color: bool


def terminal() -> Terminal:
    """What is known of standard output; `NO_COLOR` and `TERM=dumb` mean no colour, `COLUMNS` is the width."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Terminal(_columns(), is_terminal() and not plain)


def is_terminal() -> bool:
    """Whether what is written to standard output is seen by a person at once."""
    return sys.stdout is not None and sys.stdout.isatty()


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


def say(text: str) -> None:
    """Write `text` to standard output; to a file or a pipe go the same bytes whatever the locale."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "it is closed")
    seen = sys.stdout.isatty()
    click.echo(visible_but_styles(text) if seen else text.encode(errors="replace"), nl=False)


def _columns() -> int | None:
    written = os.environ.get("COLUMNS", "")
    if written.isascii() and written.isdigit():
        return int(written)
    if not is_terminal():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except (OSError, ValueError):
        return None


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


def _is_of_output(fault: BaseException) -> bool:
    """Whether standard output failed: it has no name, and who opens files tells of their failures."""
    return isinstance(fault, OSError) and fault.filename is None


def _silence_stdout() -> None:
    """Let the interpreter's own last flush go nowhere instead of complaining."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(ctx: click.Context, code: int, message: str | None = None) -> None:
    if message is not None:
        tell(message)
    ctx.exit(code)
