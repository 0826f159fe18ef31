"""`followcue why`: the reasons of what is recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.cli.commands.answering import read_situation, warn_of
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
    SITUATION,
    in_time,
)
from followcue.cli.shell import FOUND_SOMETHING, emit, terminal

if TYPE_CHECKING:
    from followcue.base.limits import Limits
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.explain.asked import Wanted
    from followcue.explain.explanation import Explanation
    from followcue.language.documents.document import Document

FORMATS = ("text", "json", "markdown")


@click.command("why", short_help="Say why something is recommended.")
@SITUATION
@click.argument("action", required=False)
@click.option("--application", "scope", help="Only for this application.")
@click.option("--to", help="Only to this person.")
@click.option("--about", help="Only about this subject.")
@click.option("--depth", type=click.IntRange(0, 60), default=60, help="How many conclusions to follow down.")
@AS_OF
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@RULES
@PACKS
@PROFILE
@SETTINGS
@MATCHER
@click.option("--all", "missed", is_flag=True, help="Also explain what can no longer be done.")
@LIMITS
@NO_CACHE
@OUTPUT
def why_command(
    situation: str,
    action: str | None,
    scope: str | None,
    to: str | None,
    about: str | None,
    form: str,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    settings: tuple[tuple[str, object], ...],
    limits: Limits,
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Say why ACTION (or a caution) is in the report on SITUATION; without ACTION, why each of them is.

    ACTION is its name or id, or a step by its number or id. First the reason as a sentence, then everything
    beneath it: rules, conclusions, events with their lines, what was absent, the step that it is part of and
    what made it so, and the parameters with their origin. Ends with exit code 1 where it is not recommended.

    \b
    Examples:
      followcue why search.yaml send_thank_you --to lee
      followcue why search.yaml 1
      followcue why search.yaml --application acme --depth 1
      followcue why search.yaml check_status --profile patient --format markdown -o why.md
    """
    from followcue.evaluation.pipeline import load_pack
    from followcue.explain.asked import Wanted

    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    wanted = Wanted(action, scope, to, about)
    content = read_situation(situation, limits)
    options |= {"parameters": dict(settings), "limits": limits}
    with in_time(limits):
        answer = _explained(loaded, content.document(limits), wanted, **options)
    if form != "json":
        warn_of(answer.report.warnings)
    emit(_render(answer, form, terminal().columns if output is None else None), output)


def _explained(loaded: LoadedPack, document: Document, wanted: Wanted, **options: Any) -> Explanation:
    """The explanation; ends the command with 1 if it is not recommended, and with 2 for unknown names."""
    from followcue.explain.names import NotRecommended, Unknown
    from followcue.explain.why import why

    try:
        return why(loaded, document, wanted, **options)
    except Unknown as problem:
        raise click.UsageError(str(problem)) from None
    except NotRecommended as problem:
        click.echo(str(problem), err=True)
        raise click.exceptions.Exit(FOUND_SOMETHING) from None


def _render(explanation: Explanation, form: str, columns: int | None) -> str:
    """The explanation in that form; `columns` is the width of the terminal, if anybody knows it."""
    from followcue.explain import forms

    if form == "json":
        return forms.as_json(explanation)
    if form == "markdown":
        return forms.as_markdown(explanation)
    return forms.as_text(explanation, width=columns or forms.WIDEST)
