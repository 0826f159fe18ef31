"""`followcue why`: the reasons of what is recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, show
from followcue.cli.naming import wanted_said
from followcue.cli.options import ABOUT, AS_OF, JUDGING, MATCHER, NAME, READING, SITUATION, formats

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.explain.explanation import Explanation
    from followcue.language.documents.document import Document


@click.command("why", short_help="Say why something is recommended.")
@SITUATION
@click.argument("action", type=NAME, required=False)
@ABOUT
@click.option("--depth", type=click.IntRange(0, 60), default=60, help="How many conclusions to follow down.")
@AS_OF
@formats("text", "json", "markdown")
@JUDGING
@MATCHER
@click.option("--all", "missed", is_flag=True, help="Also explain what can no longer be done.")
@READING
@asking
def why_command(
    asked: Asked, action: str | None, form: str, output: str | None, depth: int, **keys: Any
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
    from followcue.explain import forms
    from followcue.explain.wanted import Wanted
    from followcue.explain.why import why

    asked.refuse_other_numbers([action] if action else [])

    def answered(loaded: LoadedPack, document: Document, options: Options) -> Explanation:
        wanted = wanted_said(Wanted(action, **keys), loaded.pack.vocabulary, document.data)
        return why(loaded, document, wanted, options, depth=depth)

    with refusals():
        explanation = asked.answer(answered)
    show(forms, explanation, form, output, explanation.report.warnings)
