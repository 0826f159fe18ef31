"""`followcue why-not`: what an action lacks, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.cli.commands.opening import read_situation, warn_of
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
    from followcue.explain.why_not.answer import WhyNot
    from followcue.language.documents.document import Document

FORMATS = ("text", "json", "markdown")


@click.command("why-not", short_help="Say why something is not recommended, and what would change it.")
@SITUATION
@click.argument("action")
@click.option("--application", "scope", help="Only for this application.")
@click.option("--to", help="Only to this person.")
@click.option("--about", help="Only about this subject.")
@click.option(
    "--depth",
    type=click.IntRange(0, 20),
    default=3,
    show_default=True,
    help="How many conclusions to follow down.",
)
@AS_OF
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@RULES
@PACKS
@PROFILE
@SETTINGS
@MATCHER
@LIMITS
@NO_CACHE
@OUTPUT
def why_not_command(
    situation: str,
    action: str,
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
    """Say why ACTION (or a caution) is not in the report on SITUATION, and what would bring it there.

    First the answer in a sentence; then the smallest changes that would bring it about, each of them tried;
    then every rule that could recommend it, with what is missing or in the way. Ends with exit code 1 where
    it is recommended after all.

    \b
    Examples:
      followcue why-not search.yaml check_status
      followcue why-not search.yaml send_thank_you --application acme --to lee
      followcue why-not search.yaml move_on --format markdown -o why-not.md
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
    if answer.is_recommended:
        raise click.exceptions.Exit(FOUND_SOMETHING)


def _explained(loaded: LoadedPack, document: Document, wanted: Wanted, **options: Any) -> WhyNot:
    """The answer; ends the command with 2 for unknown names."""
    from followcue.explain.names import Unknown
    from followcue.explain.why_not.why_not import why_not

    try:
        return why_not(loaded, document, wanted, **options)
    except Unknown as problem:
        raise click.UsageError(str(problem)) from None


def _render(answer: WhyNot, form: str, columns: int | None) -> str:
    """The answer in that form; `columns` is the width of the terminal, if anybody knows it."""
    if form == "json":
        from followcue.explain import folded_as_json as as_json

        return as_json.render(answer)
    if form == "markdown":
        from followcue.explain.why_not import markdown_not

        return markdown_not.render(answer)
    from followcue.explain import folded_text as text
    from followcue.explain.why_not import text_not

    return text_not.render(answer, width=columns or text.WIDEST)
