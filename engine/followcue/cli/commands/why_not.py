"""`followcue why-not`: what an action lacks, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, show
from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.naming import wanted_said
from followcue.cli.options import ABOUT, AS_OF, JUDGING, MATCHER, NAME, READING, SITUATION, formats

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.explain.why_not.answer import WhyNot
    from followcue.language.documents.document import Document


@click.command("why-not", short_help="Say why something is not advised, and what would change it.")
@SITUATION
@click.argument("action", type=NAME)
@ABOUT
@click.option(
    "--depth",
    type=click.IntRange(0, 20),
    default=3,
    show_default=True,
    help="How many conclusions to follow down.",
)
@AS_OF
@formats("text", "json", "markdown")
@JUDGING
@MATCHER
@READING
@asking
def why_not_command(
    asked: Asked, action: str, form: str, output: str | None, depth: int, **keys: Any
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
    from followcue.explain.wanted import Wanted
    from followcue.explain.why_not import forms
    from followcue.explain.why_not.why_not import why_not

    asked.refuse_other_numbers([action])

    def answered(loaded: LoadedPack, document: Document, options: Options) -> WhyNot:
        wanted = wanted_said(Wanted(action, **keys), loaded.pack.vocabulary, document.data)
        return why_not(loaded, document, wanted, options, depth=depth)

    with refusals():
        answer = asked.answer(answered)
    show(forms, answer, form, output, answer.report.warnings)
    if answer.is_recommended:
        raise click.exceptions.Exit(FOUND_SOMETHING)
