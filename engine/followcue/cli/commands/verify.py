"""`followcue verify`: whether all matchers say the same of a pack."""

from __future__ import annotations

import click

from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import NO_CACHE, OUTPUT, PACK, formats
from followcue.cli.shell import emit
from followcue.evaluation.match.registry import MATCHERS, require_matcher


@click.command("verify", short_help="Let all matchers answer, and compare.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, file_okay=False))
@PACK
@click.option(
    "--situations",
    "count",
    type=click.IntRange(0, 1_000_000),
    default=300,
    show_default=True,
    help="How many to try beside those of the tests.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which situations are made up.")
@click.option(
    "--time", "seconds", type=click.FloatRange(0, min_open=True), help="Stop after this many seconds."
)
@click.option(
    "--matcher",
    "names",
    multiple=True,
    type=click.Choice(MATCHERS),
    help="Only these; the first is believed.",
)
@formats("human", "json")
@NO_CACHE
@OUTPUT
def verify_command(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    count: int,
    seed: int,
    seconds: float | None,
    names: tuple[str, ...],
    form: str,
    no_cache: bool,
    output: str | None,
) -> None:
    """Put situations to all matchers and compare what they derive and report.

    The rules are those in the folders PATH or --rules, laid over each other, or the shipped ones. Tried are
    the situations of their tests, variants of these, and made-up ones in which the rules have something to
    say.
    Ends with exit code 1 if two matchers differ, and shows the smallest situation found in which they do.

    \b
    Examples:
      followcue verify
      followcue verify my-rules --situations 2000 --seed 7
      followcue verify --rules my-pack --rules my-layer
      followcue verify my-rules --matcher reference --matcher compiled --time 60
    """
    from followcue.authoring.verify.forms import as_json, as_text
    from followcue.authoring.verify.verify import prepared, trials, verify
    from followcue.cli.progress import counting
    from followcue.evaluation.pipeline import load_pack
    from followcue.language.stacking import stacked
    from followcue.testing.find import find_tests
    from followcue.testing.suite import read_suite

    for name in names:
        require_matcher(name)
    folders = stacked(paths, rules)
    loaded = load_pack(*folders, packs=packs, cache=not no_cache)
    documents = find_tests((), folders, packs) + (find_tests(()) if packs and not folders else [])
    scenarios = read_suite(documents, loaded)
    matchers, unavailable = prepared(loaded, names or _usual())
    tried = trials(loaded, scenarios, count, seed)
    with counting("situations") as progress:
        found = verify(
            tried=tried,
            loaded=loaded,
            matchers=matchers,
            unavailable=unavailable,
            seconds=seconds,
            progress=progress,
        )
    emit((as_json if form == "json" else as_text)(found, loaded.pack), output)
    if not found.agreed:
        click.get_current_context().exit(FOUND_SOMETHING)


def _usual() -> list[str]:
    """All matchers, the one that says what rules mean before the others."""
    return sorted(MATCHERS, key=lambda name: name != "reference")
