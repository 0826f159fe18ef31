"""What the command `why` does with explanations: a text to print, and the ways in which there is none."""

from __future__ import annotations

from typing import Any

import click

from followcue.draft.choose import NotRecommended, Unknown
from followcue.explain.choose import Wanted
from followcue.explain.explain import why
from followcue.explain.why import Explanation
from followcue.pipeline import LoadedPack
from followcue.source.document import Document

FOUND_SOMETHING = 1


def explained(loaded: LoadedPack, document: Document, wanted: Wanted, **options: Any) -> Explanation:
    """The explanation; ends the command with 1 if it is not recommended, and with 2 for unknown names."""
    try:
        return why(loaded, document, wanted, **options)
    except Unknown as problem:
        raise click.UsageError(str(problem)) from None
    except NotRecommended as problem:
        click.echo(str(problem), err=True)
        raise click.exceptions.Exit(FOUND_SOMETHING) from None


def render(explanation: Explanation, form: str, columns: int | None) -> str:
    """The explanation in that form; `columns` is the width of the terminal, if anybody knows it."""
    if form == "json":
        from followcue.explain import as_json

        return as_json.render(explanation)
    if form == "markdown":
        from followcue.explain import markdown

        return markdown.render(explanation)
    from followcue.explain import text

    return text.render(explanation, width=columns or text.WIDEST)
