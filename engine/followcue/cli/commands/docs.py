"""`followcue docs`: the rules as a catalogue that one browses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from followcue.base.terminal import tell
from followcue.cli.made_folder import INDEX, refuse_strange, write_folder
from followcue.cli.options import NO_CACHE, PACK

if TYPE_CHECKING:
    from followcue.testing.coverage.coverage import Coverage

MARK = '<meta name="generator" content="followcue docs">'


@click.command("docs", short_help="Write the rules as a catalogue to browse.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, file_okay=False))
@PACK
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False), help="The folder to write to."
)
@click.option(
    "--coverage", is_flag=True, help="Also say what the tests have seen of each rule; takes a while."
)
@NO_CACHE
def docs_command(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    output: str,
    coverage: bool,
    no_cache: bool,
) -> None:
    """Write a catalogue of the pack at PATH, or of the shipped one: pages that need no server and no network.

    Every rule as a sentence, with its sources, parameters, an example that fires and one that does not, and
    what it depends on; all events, conclusions, actions, parameters and sources; and a search.

    \b
    Examples:
      followcue docs -o catalogue
      followcue docs my-pack --coverage -o catalogue
      followcue docs --pack common-practice -o catalogue
    """
    from followcue.authoring.catalogue.gather import catalogue, texts_of_items
    from followcue.authoring.catalogue.pages import pages
    from followcue.base.extras import require
    from followcue.evaluation.pipeline import load_pack
    from followcue.language.stacking import stacked
    from followcue.testing.find import find_tests
    from followcue.testing.suite import read_suite, run_suite

    require("html")
    folders = stacked(paths, rules)
    loaded = load_pack(*folders, packs=packs, cache=not no_cache)
    refuse_strange(output, MARK, "a catalogue")
    documents = find_tests((), folders, packs)
    if packs and not folders:
        documents += find_tests(())
    results = run_suite(read_suite(documents, loaded), loaded)
    seen: Coverage | None = None
    if coverage:
        from followcue.testing.assess import Wishes, assess

        seen = assess(loaded, results, documents, Wishes(coverage=True), lambda said: None).coverage
    found = list(pages(catalogue(loaded, results, texts_of_items(folders, packs), seen)))
    write_folder(output, {name: text.encode(errors="replace") for name, text in found})
    tell(f"wrote {len(found)} pages; begin with {os.path.join(output, INDEX)}")
