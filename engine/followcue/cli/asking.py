"""What commands on a situation share: gathering their options, ending in a refusal, writing the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click

from followcue.base.terminal import tell
from followcue.cli.asked import Asked
from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import today_in
from followcue.cli.screen import terminal
from followcue.cli.shell import Refused, emit


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
