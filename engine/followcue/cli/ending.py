"""How the program ends: each problem as an exit code, and what is told of it. Nothing here needs click."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from followcue.base.diagnostic import InvalidInput, NotMeant, Undecided
from followcue.base.extras import Unavailable
from followcue.base.limits import LimitExceeded
from followcue.base.named_tuple import NamedTuple
from followcue.base.terminal import tell
from followcue.cli.screen import silence_stdout
from followcue.language.folders import UnknownPack

FOUND_SOMETHING = 1
WRONG_USAGE = 2
INVALID_INPUT = 3
FAULT = 70
INTERRUPTED = 128 + 2
BROKEN_PIPE = 128 + 13

DEBUG = "FOLLOWCUE_DEBUG"
"""The environment variable that lets a traceback through."""


class End(NamedTuple):
    """An exit code, and what is told on standard error."""

    code: int
    told: str | None = None


def end_by(problem: BaseException) -> End | None:
    """How a command ends that a problem has ended; None where it is for others to end it."""
    end = expected_end(problem)
    if end is None and isinstance(problem, BrokenPipeError):
        silence_stdout()
        return End(BROKEN_PIPE)
    if end is None and not (os.environ.get(DEBUG) or is_of_output(problem)):
        told = f"Error: a fault of followcue and not of your input: {type(problem).__name__}: {problem}"
        return End(FAULT, f"{told}\n  hint: set {DEBUG}=1 to see where, and report it")
    return end


def expected_end(problem: BaseException) -> End | None:
    """How a command ends by what it may meet with: mistakes of input, limits, what is not there."""
    if isinstance(problem, NotMeant):
        return End(FOUND_SOMETHING, "nothing was written")
    if isinstance(problem, Undecided):
        return End(WRONG_USAGE, str(problem))
    if isinstance(problem, InvalidInput):
        return End(INVALID_INPUT, str(problem))
    if isinstance(problem, LimitExceeded):
        return End(INVALID_INPUT, f"FC901: {problem}")
    if isinstance(problem, (Unavailable, UnknownPack)):
        return End(WRONG_USAGE, f"Error: {problem}")
    return End(INTERRUPTED) if isinstance(problem, KeyboardInterrupt) else None


def is_of_output(fault: BaseException) -> bool:
    """Whether standard output failed: it has no name, and who opens files tells of their failures."""
    return isinstance(fault, OSError) and fault.filename is None


def end_output(error: OSError) -> NoReturn:
    """Say that standard output cannot be written to, and end."""
    silence_stdout()
    tell(f"Error: cannot write to standard output: {error.strerror or error}")
    sys.exit(WRONG_USAGE)
