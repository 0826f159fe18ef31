"""The template library, shut in: templates see views and nothing behind them, and reach no file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, NoReturn

from jinja2 import StrictUndefined, UndefinedError, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from followcue.assistant.draft.filters import after, filters, otherwise, written
from followcue.assistant.draft.template_checks import TESTS
from followcue.assistant.draft.views import Missing, View

GAPS = "_gaps"
"""The list, out of reach for templates, into which a filled template puts the values that were missing."""

_SOME_VALUE = Missing("a value is not there", "use it only inside the loop that gives it")


class ValueMissing(UndefinedError):
    """A template looked closer at a value that is not there; `gap` is that value."""

    def __init__(self, gap: Missing, message: str | None = None) -> None:
        super().__init__(message)
        self.gap = gap


class Absent(StrictUndefined):
    """A value that is not there; writing it out is noted, using it otherwise raises `ValueMissing`."""

    __slots__ = ("gap",)

    def __init__(self, *arguments: Any, gap: Missing = _SOME_VALUE, **named: Any) -> None:
        super().__init__(*arguments, **named | {"exc": partial(ValueMissing, gap)})
        self.gap = gap


def absent(gap: Missing) -> Absent:
    """What a template gets in place of the missing value."""
    return Absent(gap=gap)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for messages written on the day `as_of`: no loader, no globals, own filters only."""

    def __init__(self, as_of: date) -> None:
        super().__init__(
            undefined=Absent,
            autoescape=False,  # a message is plain text
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_written_out,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = {name: _unless_absent(function) for name, function in filters(as_of).items()}
        self.tests = {name: self.tests[name] for name in TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The value that a view has under that name; nothing else has any."""
        if isinstance(obj, Absent):
            return obj
        if not isinstance(obj, View):
            raise SecurityError(f"there is no `{attribute}` in this value")
        value = obj.look_up(attribute)
        return absent(value) if isinstance(value, Missing) else value

    def getitem(self, obj: Any, argument: Any) -> NoReturn:
        """Nothing: templates name what they want."""
        raise SecurityError("`[…]` is out of reach")

    def call(*arguments: Any, **named: Any) -> NoReturn:
        """Nothing: templates call nothing."""
        raise SecurityError("calls are out of reach")


def _unless_absent(function: Any) -> Any:
    """The filter, but for an absent value: that stays absent, unless there is something to say about it."""
    spoken = _ABSENT.get(function)
    if spoken is not None:
        return lambda value, words: spoken(words) if isinstance(value, Absent) else function(value, words)
    return lambda value, *arguments: value if isinstance(value, Absent) else function(value, *arguments)


_ABSENT: dict[Any, Callable[[object], object]] = {after: lambda words: "", otherwise: lambda words: words}
"""What the filters make of an absent value that are there for it."""


@pass_context
def _written_out(context: Context, value: object) -> str:
    if isinstance(value, Absent):
        context[GAPS].append(value.gap)
        return ""
    return written(value)
