"""`followcue schema`: what lets an editor complete and check the files of a pack."""

from __future__ import annotations

import click

from followcue.cli.options import OUTPUT, PACK
from followcue.cli.screen import say
from followcue.cli.shell import emit

FILES = ("rules", "tests", "situation", "vocabulary")


@click.command("schema", short_help="Print what lets an editor complete your files.")
@click.argument("kind", required=False, type=click.Choice(FILES))
@PACK
@click.option(
    "--write", is_flag=True, help="Put all of them into `.followcue/` in the last folder of --rules."
)
@click.option("--add-lines", is_flag=True, help="With --write: name them in the first line of its files.")
@OUTPUT
def schema_command(
    kind: str | None,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    write: bool,
    add_lines: bool,
    output: str | None,
) -> None:
    """Print the JSON Schema of one KIND of files, made of the pack's own words.

    With it an editor offers the events, fields, conclusions, actions, parameters, sources and rules of this
    very pack, and marks names that nothing has. Make it anew when the vocabulary has changed.

    \b
    Examples:
      followcue schema situation -o situation.schema.json
      followcue schema rules --rules my-rules
      followcue schema --rules my-rules --write --add-lines
    """
    if write == (kind is not None) or (write and output is not None) or (add_lines and not write):
        raise click.UsageError(
            f"give either a kind of files ({', '.join(FILES)}) or --write, which makes all of them"
        )
    from followcue.authoring.editor.pack_names import pack_names
    from followcue.authoring.editor.write_schemas import rendered

    words = pack_names(rules, packs)
    if kind is not None:
        emit(rendered(words, kind), output)
        return
    from followcue.authoring.editor.write_schemas import write_schemas

    folder = rules[-1] if rules else "."
    try:
        say("".join(f"wrote {path}\n" for path in write_schemas(words, folder)))
        _name_them(folder, bool(rules), add_lines)
    except OSError as error:
        raise click.UsageError(
            f"cannot write {error.filename or folder}: {error.strerror or error}"
        ) from None


def _name_them(folder: str, is_pack: bool, add: bool) -> None:
    """Put the line that names its schema into each file, or say what is to be put where."""
    from followcue.authoring.editor.write_schemas import (
        FOLDER,
        MARK,
        add_line,
        files_of,
        settings,
        without_line,
    )

    waiting = without_line(folder, list(files_of(folder))) if is_pack else []
    if add:
        for file in waiting:
            add_line(folder, file)
            say(f"added the line to {folder.rstrip('/')}/{file.path}\n")
    elif waiting:
        say("\nAn editor finds them by the first line of a file (--add-lines puts it there):\n")
        say("".join(f"  {file.path}: {file.line}\n" for file in waiting))
    say(f"\nA situation file begins with its way there: {MARK}.../{FOLDER}/situation.schema.json\n")
    if is_pack:
        say(f"Or, for the whole pack at once, in .vscode/settings.json:\n{settings(folder)}\n")
