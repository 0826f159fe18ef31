"""`followcue diff`: what an edited pack advises otherwise, and which edit is to blame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import AS_OF, NO_CACHE, OUTPUT, PACKS, formats
from followcue.cli.shell import emit

if TYPE_CHECKING:
    from followcue.authoring.versions.named_situations import NamedSituation
    from followcue.evaluation.pipeline import LoadedPack

_FOLDER = click.Path(exists=True, file_okay=False)


@click.command("diff", short_help="Compare the advice of two versions of a pack.")
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@click.option(
    "--situations", "folders", multiple=True, type=_FOLDER, help="A folder of situations to ask both about."
)
@click.option("--generated", type=click.IntRange(0, 1_000_000), default=0, help="Also so many made-up ones.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which situations are made up.")
@click.option("--rules", multiple=True, type=_FOLDER, help="A folder of rules that both lie on.")
@PACKS
@AS_OF
@formats("human", "json", "markdown")
@NO_CACHE
@OUTPUT
def diff_command(
    old: str,
    new: str,
    folders: tuple[str, ...],
    generated: int,
    seed: int,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    as_of: date | None,
    form: str,
    no_cache: bool,
    output: str | None,
) -> None:
    """Compare two versions of a pack or a layer, in the folders OLD and NEW, by what they advise.

    Tells every edit, which situations gain, lose or change which actions, and which edit is to blame: found
    by trying each alone on the old rules. Without --situations those of the tests of both are taken.
    Ends with exit code 1 if any advice changes, with 3 if something cannot be read.

    \b
    Examples:
      followcue diff rules-before rules-after
      followcue diff rules-before rules-after --situations searches --generated 500
      followcue diff old-layer new-layer --rules my-pack --format markdown -o changes.md
    """
    from followcue.authoring.versions.compare import compare
    from followcue.authoring.versions.declared_places import places_in
    from followcue.authoring.versions.forms import as_json, as_markdown, as_text
    from followcue.authoring.versions.named_situations import distinct, in_folder, made_up
    from followcue.authoring.versions.pack_edits import pack_edits
    from followcue.cli.progress import counting
    from followcue.evaluation.pipeline import load_folders
    from followcue.language.folders import read_folder

    read = [[read_folder(folder) for folder in (*rules, side)] for side in (old, new)]
    before, after = (load_folders(folders, packs=packs, cache=not no_cache) for folders in read)
    found = pack_edits(before, after, *(places_in(folders, packs) for folders in read))

    def asked() -> Iterator[NamedSituation]:
        for folder in folders:
            yield from in_folder(folder, after, as_of)
        if not folders:
            yield from _of_the_tests([(old, before), (new, after)], as_of, needed=not generated)
        yield from made_up(before, after, generated, seed)

    with counting("situations") as progress:
        compared = compare(before, after, found, distinct(asked()), progress)
    written = {"json": as_json, "markdown": as_markdown}.get(form, as_text)
    emit(written(compared, after.pack.vocabulary.shape.scope or "scope"), output)
    if not compared.same_advice:
        click.get_current_context().exit(FOUND_SOMETHING)


def _of_the_tests(
    sides: Sequence[tuple[str, LoadedPack]], as_of: date | None, *, needed: bool
) -> Iterator[NamedSituation]:
    """The situations of the tests in both folders; if `needed`, raises `InvalidInput` for none."""
    from followcue.authoring.versions.named_situations import nothing_in, of_tests
    from followcue.testing.find import find_tests
    from followcue.testing.suite import read_suite

    found = False
    for folder, loaded in sides:
        for one in of_tests(read_suite(find_tests((), [folder]), loaded), as_of):
            found = True
            yield one
    if needed and not found:
        raise nothing_in(sides[-1][0])
