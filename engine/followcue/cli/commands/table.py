"""`followcue table`: a sheet of a spreadsheet as a decision table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from followcue.base.terminal import tell
from followcue.cli.options import PACK, _File
from followcue.cli.shell import emit, read_stdin

if TYPE_CHECKING:
    from followcue.assistant.sheets.sheet import Sheet
    from followcue.language.model.decision_table import Hit

STDIN = "<stdin>"


@click.command("table", short_help="Make a decision table of a spreadsheet.")
@click.argument("sheet", type=click.Path(dir_okay=False))
@click.option("-o", "--output", type=_File(dir_okay=False), help="Write to this file, which must be new.")
@click.option("--name", help="What the table is called.  [default: like the file]")
@click.option(
    "--hit",
    type=click.Choice(("first", "only", "all")),
    default="only",
    show_default=True,
    help="Which rows count: the first that fits, never more than one, or all that fit.",
)
@click.option("--conclude", metavar="NAME", help="The conclusion whose fields the last columns give.")
@click.option("--sheet", "page", metavar="NAME", help="Which sheet of a workbook.")
@PACK
def table_command(
    sheet: str,
    output: str | None,
    name: str | None,
    hit: Hit,
    conclude: str | None,
    page: str | None,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
) -> None:
    """Write SHEET, a CSV file or a workbook (- is standard input), as a decision table in YAML.

    \b
    The first row names the columns: at the left fields that are asked (`age`, `applicant.age`), at the
    right what rows give: fields of a conclusion, or `action` and what else is advised. In cells stand
    phrases, or `18-25`, `>= 18`, `25+`, `a, b`, `not a`; `-` or nothing asks nothing.
    What cannot be understood is told at its cell, and then nothing is written.

    \b
    Examples:
      followcue table risk.csv --rules my-pack
      followcue table risk.csv --rules my-pack --hit first -o my-pack/risk.yaml
      followcue table - --name risk --rules my-pack < risk.csv
    """
    from followcue.assistant.journal.init import create, refuse_existing
    from followcue.authoring.table_sheet.write_table import TableSettings, table_of_sheet
    from followcue.base.diagnostic import did_you_mean
    from followcue.evaluation.pipeline import load_pack
    from followcue.language.folders import read_folder, shipped_folder, shipped_layers
    from followcue.language.stacking import layers_of

    if output is not None and output != "-":
        refuse_existing(output)
    loaded = load_pack(*rules, packs=packs)
    vocabulary = loaded.pack.vocabulary
    conclusions = [kind.name for kind in vocabulary.kinds.values() if kind.role == "conclusion"]
    if conclude is not None and conclude not in conclusions:
        hint = did_you_mean(conclude, conclusions)
        raise click.UsageError(f"there is no conclusion {conclude!r}" + (f"; {hint}" if hint else ""))
    called = _called(name, sheet)
    layers = layers_of(shipped_folder(), [read_folder(path) for path in rules], shipped_layers(packs))
    title = called.replace("-", " ").capitalize()
    made = table_of_sheet(_read(sheet, page), vocabulary, layers, TableSettings(called, title, hit, conclude))
    for column in made.columns:
        tell(f"column {column}")
    if output is None or output == "-":
        emit(made.text)
    else:
        create(output, made.text)
        tell(f"wrote {output}; `followcue check` finds its gaps and overlaps")


def _read(path: str, page: str | None) -> Sheet:
    from followcue.assistant.sheets.read_sheet import is_workbook, read_sheet, sheet_in
    from followcue.base.extras import require
    from followcue.language.documents.decode import MAX_SIZE

    if path == "-":
        return sheet_in(read_stdin(MAX_SIZE + 1), STDIN, page)
    if is_workbook(path):
        require("sheets")
    return read_sheet(path, page)


def _called(name: str | None, sheet: str) -> str:
    """What the table is called; a usage error where that is no name."""
    from followcue.authoring.editor.new_pack import is_name, name_from

    stem = "table" if sheet == "-" else os.path.splitext(os.path.basename(sheet))[0]
    called = name_from(stem) if name is None else name
    if called is None or not is_name(called):
        wrong = stem if name is None else name
        raise click.UsageError(
            f"a table cannot be called {wrong!r}: give it a --name of small letters, digits and `-`"
        )
    return called
