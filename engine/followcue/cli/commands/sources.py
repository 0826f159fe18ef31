"""`followcue sources`: what the sources say, and what carries it."""

from __future__ import annotations

import click

from followcue.cli.options import NO_CACHE, OUTPUT, PACK, formats
from followcue.cli.shell import emit


@click.command("sources", short_help="Trace each item to its rules and tests.")
@PACK
@formats("table", "markdown", "json")
@NO_CACHE
@OUTPUT
def sources_command(
    rules: tuple[str, ...], packs: tuple[str, ...], form: str, no_cache: bool, output: str | None
) -> None:
    """Say, source by source, which rules carry each item and which tests exercise them.

    \b
    Examples:
      followcue sources
      followcue sources --format markdown -o docs/guidance.md
    """
    from followcue.testing.traceability import forms as sources
    from followcue.testing.traceability.traced_pack import traced_pack

    found, figures = traced_pack(rules, packs, cache=not no_cache)
    if form == "markdown":
        text = sources.as_markdown(found)
    else:
        text = (sources.as_json if form == "json" else sources.as_table)(found, figures)
    emit(text, output)
