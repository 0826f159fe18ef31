"""`followcue check`: all mistakes in rules, or else what their logic cannot mean."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from followcue.base.terminal import tell
from followcue.cli.ending import FOUND_SOMETHING, INVALID_INPUT
from followcue.cli.options import NO_CACHE, OUTPUT, PACK, formats
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.authoring.lint.check import Checked


@click.command("check", short_help="Find mistakes in rules, also those of their logic.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True))
@PACK
@formats("human", "json", "sarif", "github")
@click.option("--fix", is_flag=True, help="Mend what can be mended for certain, such as misspelt names.")
@click.option("--dry-run", is_flag=True, help="With --fix: only show what would change.")
@NO_CACHE
@OUTPUT
def check_command(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    form: str,
    fix: bool,
    dry_run: bool,
    no_cache: bool,
    output: str | None,
) -> None:
    """Check the packs, layers or files at PATH, or the rules that come with followcue.

    Beside mistakes of spelling, names and types, which make rules unusable, it finds rules that can never
    fire, that never add anything or that recommend opposites, names that nobody uses, and more; each with a
    situation that shows it, as a scenario test. `followcue explain-code CODE` explains each code.

    Ends with exit code 3 if the rules cannot be used, with 1 if something else was found.

    \b
    Examples:
      followcue check
      followcue check my-rules
      followcue check my-rules/waiting.yaml --fix --dry-run
      followcue check my-rules --format sarif -o results.sarif
    """
    from followcue.authoring.lint.check import check
    from followcue.authoring.lint.forms import FORMS
    from followcue.base.extras import require

    for path in paths:
        if os.path.isfile(path) and not path.endswith((".yaml", ".yml")):
            raise click.UsageError(f"{path} is no pack, layer or file of one: those end in .yaml.")
    if dry_run and not fix:
        raise click.UsageError("--dry-run belongs to --fix.")
    if fix:
        if not dry_run:
            require("edit")
        from followcue.authoring.lint.fix import fix_all

        fixed = fix_all(paths, rules=rules, packs=packs, dry_run=dry_run)
        if dry_run:
            emit(fixed.diff, output)
            _end(fixed.checked)
            return
        tell(fixed.told, nl=False)
        checked = fixed.checked
    else:
        checked = check(paths, rules=rules, packs=packs, cache=not no_cache, jobs=os.cpu_count() or 1)
    emit(FORMS[form](checked), output)
    _end(checked)


def _end(checked: Checked) -> None:
    if checked.mistakes:
        click.get_current_context().exit(INVALID_INPUT)
    if checked.told:
        click.get_current_context().exit(FOUND_SOMETHING)
