"""What a command line asks about a situation, as one value, and the way to it. Nothing here needs click."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from followcue.base.limits import USUAL, Limits
from followcue.base.named_tuple import NamedTuple

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

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


def read_situation(situation: str, limits: Limits = USUAL) -> Content:
    """The bytes of that file, or of standard input for `-`; raises `InvalidInput`."""
    from followcue.language.documents.read import read_content

    if situation == "-":
        from followcue.cli.shell import read_stdin

        return Content("<stdin>", read_stdin(limits.size + 1))
    return Content(situation, read_content(situation, limits.size))


def in_time(limits: Limits) -> AbstractContextManager[None]:
    """Keeps what is done inside to the limit of time; a usage error where that cannot be done."""
    from followcue.base import timeout

    try:
        return timeout.in_time(limits)
    except ValueError as problem:
        import click

        raise click.UsageError(str(problem)) from None
