"""`followcue explain-code`: what a code means, and how to mend such a mistake."""

from __future__ import annotations

import click

from followcue.cli.options import OUTPUT
from followcue.cli.shell import emit


@click.command("explain-code", short_help="Say what a code such as FC430 means.")
@click.argument("code", required=False)
@click.option("--list", "listed", is_flag=True, help="List all codes.")
@OUTPUT
def explain_code_command(code: str | None, listed: bool, output: str | None) -> None:
    """Say what the code of a mistake means and how to mend it, with an example.

    \b
    Examples:
      followcue explain-code FC430
      followcue explain-code --list
    """
    from followcue.base.shipped import as_code, codes, near, page_of, title_of

    if listed:
        emit("".join(f"{name}  {title_of(name)}\n" for name in codes()), output)
        return
    if code is None:
        raise click.UsageError("name a code such as FC430, or ask for all with --list.")
    page = page_of(as_code(code))
    if page is None:
        hint = ", ".join(near(code))
        raise click.UsageError(
            f"there is no code {code!r}" + (f"; near it: {hint}" if hint else "; see --list")
        )
    emit(page, output)
