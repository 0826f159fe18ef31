"""All text on its way to a terminal: what cannot be seen, or would steer what shows it, is shown by its code.

Names and values come from files, tables and folders of strangers. `ESC [ 2 J` in one of them would empty the
screen, U+202E would turn the direction of what follows; they are shown as `<U+001B>[2J` and `<U+202E>`.
"""

from __future__ import annotations

import codecs
import re
import sys
from functools import cache
from typing import Any, TextIO

_STEERING = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the direction of writing
    "\u2028\u2029\ud800-\udfff\ufffe\uffff"  # ends of lines, half characters and none
    "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"  # unseen by design
)
_WITHOUT_WIDTH = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u3164\ufe00-\ufe0f\uffa0"  # look like nothing
)


@cache  # made when it is first asked for: most texts need no look, and to make it takes a while
def steering() -> re.Pattern[str]:
    """What could steer that which shows a text, or is not seen; ends of lines and tabs are left alone."""
    return re.compile(rf"[{_STEERING}]|\r(?!\n)")


@cache
def unseen_in_names() -> re.Pattern[str]:
    """The same, ends of lines, and characters without width, with which two names look alike."""
    return re.compile(f"[\t\n\r{_STEERING}{_WITHOUT_WIDTH}]")


def is_plain(text: str) -> bool:
    """Whether a text has only characters that everybody sees, as nearly all have; told at little cost."""
    return text.isascii() and text.isprintable()


_LINE_END = re.compile(r"[\t\r\n]")
_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")


def code_of(character: str) -> str:
    """How a character is named that nobody sees: `U+200B`."""
    return f"U+{ord(character):04X}"


def visible(text: str) -> str:
    """The text with the codes of characters that steer or are not seen; it keeps its lines."""
    return text if is_plain(text) else steering().sub(_code, text)


def visible_line(text: str) -> str:
    """The same on one line, which nothing in it can end."""
    return _LINE_END.sub(_code, visible(text))


def visible_names(text: str) -> str:
    """The same, and what has no width besides: of two names that look alike one sees how they differ."""
    return text if is_plain(text) else unseen_in_names().sub(_code, text)


def visible_but_styles(text: str) -> str:
    """The same, with the colours that the program itself has put in."""
    if "\x1b" not in text:
        return visible(text)
    return "".join(part if place % 2 else visible(part) for place, part in enumerate(_STYLE.split(text)))


def tell(text: str, *, nl: bool = True, aside: bool = True) -> None:
    """Write a message for a person, to standard error or (not `aside`) to standard output."""
    put(visible(text) + ("\n" if nl else ""), aside=aside)


def put(text: str, *, aside: bool) -> None:
    """Write a text to standard error or (not `aside`) to standard output as it is."""
    stream = sys.stderr if aside else sys.stdout
    if stream is None or sys.platform == "win32" or _is_ascii(stream):
        import click  # late, as it takes long: it knows the consoles of Windows, and streams set up wrongly

        click.echo(text, err=aside, nl=False)
        return
    stream.write(text)
    stream.flush()


_STYLES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33}


def styled(text: str, *styles: str) -> str:
    """The text with styles for a terminal: `bold`, `dim`, `red`, `green` or `yellow`."""
    return "".join([f"\x1b[{_STYLES[style]}m" for style in styles]) + text + "\x1b[0m"


def ask(question: str, *, aside: bool = False, **wanted: Any) -> Any:
    """What a person answers; `wanted` as `click.prompt` takes it."""
    import click

    return click.prompt(visible(question), err=aside, **wanted)


def confirm(question: str, *, default: bool = False, aside: bool = False) -> bool:
    """Whether a person says yes."""
    import click

    return click.confirm(visible(question), default=default, err=aside)


def _is_ascii(stream: TextIO) -> bool:
    """Whether a stream takes no other characters, as one does that nobody has set up."""
    try:
        return codecs.lookup(stream.encoding or "ascii").name == "ascii"
    except LookupError:
        return True


def _code(found: re.Match[str]) -> str:
    return f"<{code_of(found[0])}>"
