"""What commands on a situation share: their options as one value, reading it, writing the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from followcue.base.limits import USUAL, Limits
from followcue.base.named_tuple import NamedTuple
from followcue.base.terminal import tell
from followcue.cli.options import in_time, today_in
from followcue.cli.shell import FOUND_SOMETHING, Refused, emit, read_stdin, terminal

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.language.documents.document import Document

T = TypeVar("T")


class Content(NamedTuple):
    """A situation before it is read: its name, as it was given, and its bytes."""

    name: str
    raw: bytes

    def document(self, limits: Limits = USUAL) -> Document:
        """The situation with the places of its values; raises `InvalidInput`."""
        from followcue.language.documents.read import read_document

        return read_document(self.raw, self.name, limits)


class Asked(NamedTuple):
    """A situation, the rules to judge it by, and what of `Options` a command line has `given`."""

    situation: str = ""
    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    cache: bool = True
    given: Mapping[str, Any] = {}

    @property
    def options(self) -> Options:
        """What the evaluation is told."""
        from followcue.evaluation.pipeline import Options

        return Options(**self.given)

    @property
    def limits(self) -> Limits:
        """What the situation may take."""
        limits: Limits = self.given.get("limits", USUAL)
        return limits

    def loaded(self) -> LoadedPack:
        """The rules, made ready; raises `InvalidInput`, and `UnknownPack`."""
        from followcue.evaluation.pipeline import load_pack

        return load_pack(*self.rules, packs=self.packs, cache=self.cache)

    def content(self) -> Content:
        """The situation, not yet read; raises `InvalidInput`."""
        return read_situation(self.situation, self.limits)

    def answer(self, function: Callable[..., T], *about: object, **named: object) -> T:
        """What `function` makes of the rules, the document, `about` and the options, in the time allowed."""
        loaded, content = self.loaded(), self.content()
        with in_time(self.limits):
            return function(loaded, content.document(self.limits), *about, self.options, **named)

    def refuse_other_numbers(self, words: Iterable[str]) -> None:
        """A usage error for the number of a step that was another one when the list was last shown."""
        from followcue.cli.last_shown import refuse_other_numbers
        from followcue.evaluation.pipeline import evaluate

        refuse_other_numbers(self.situation, words, lambda: self.answer(evaluate))


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command `asked` in place of SITUATION and of the options on rules and evaluation that it has."""

    @wraps(command)
    def gathered(rules: tuple[str, ...], packs: tuple[str, ...], situation: str = "", **options: Any) -> None:
        cache = not options.pop("no_cache")
        given: dict[str, Any] = {
            name: options.pop(name)
            for name in ("as_of", "profile", "matcher", "missed", "limits")
            if name in options
        }
        if "settings" in options:
            given["parameters"] = dict(options.pop("settings"))
        if "timezone" in options:
            given["today"] = today_in(options.pop("timezone"))
        command(Asked(situation, rules, packs, cache, given), **options)

    return gathered


def read_situation(situation: str, limits: Limits = USUAL) -> Content:
    """The bytes of that file, or of standard input for `-`; raises `InvalidInput`."""
    from followcue.language.documents.read import read_content

    if situation == "-":
        return Content("<stdin>", read_stdin(limits.size + 1))
    return Content(situation, read_content(situation, limits.size))


@contextmanager
def refusals(*others: type[Exception]) -> Iterator[None]:
    """End the command with 2 for a name that nothing has, with 1 for what is not recommended and `others`."""
    try:
        yield
    except Exception as problem:
        from followcue.explain.wanted import NotRecommended, Unknown  # late: nearly nothing is refused

        if isinstance(problem, Unknown):
            raise Refused(str(problem)) from None
        if isinstance(problem, (NotRecommended, *others)):
            tell(str(problem))
            raise click.exceptions.Exit(FOUND_SOMETHING) from None
        raise


def show(
    forms: Any,
    answer: object,
    form: str,
    output: str | None,
    warnings: Iterable[str] = (),
    *,
    coloured: bool = False,
) -> None:
    """Write an answer by the module of its forms: JSON, Markdown, or text as wide as the terminal.

    JSON holds the `warnings` itself; beside the other forms they are told.
    """
    if form != "json":
        warn_of(warnings)
    if form == "json":
        text = forms.as_json(answer)
    elif form == "markdown":
        text = forms.as_markdown(answer)
    else:
        columns, color = terminal() if output is None else (None, False)
        style = {"color": color} if coloured else {}
        text = forms.as_text(answer, width=columns or forms.WIDEST, **style)
    emit(text, output)


def warn_of(warnings: Iterable[str]) -> None:
    """Tell warnings on standard error."""
    for warning in warnings:
        tell(f"warning: {warning}")
