"""`followcue test`: the scenario tests of a pack."""

from __future__ import annotations

import click

from followcue.commands.options import MATCHER, NO_CACHE, OUTPUT, PACKS, RULES
from followcue.shell import FOUND_SOMETHING, NothingFound, emit, say


@click.command("test", short_help="Run the scenario tests of a pack.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True))
@RULES
@PACKS
@MATCHER
@click.option("--format", "form", type=click.Choice(("human", "junit")), default="human", show_default=True)
@click.option("--figures", is_flag=True, help="Also say how much of the rules the tests exercise.")
@NO_CACHE
@OUTPUT
def test_command(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    matcher: str,
    form: str,
    figures: bool,
    no_cache: bool,
    output: str | None,
) -> None:
    """Run the scenario tests at PATH (files, folders or packs), or those that stand beside the rules.

    Ends with exit code 1 if a test fails or there is none.

    \b
    Examples:
      followcue test
      followcue test my-rules/tests --rules my-rules
      followcue test --pack common-practice
      followcue test --format junit -o results.xml
    """
    from followcue.pipeline import load_pack
    from followcue.scenario import figures as counted
    from followcue.scenario import human, junit
    from followcue.scenario.find import find_tests, packs_among
    from followcue.scenario.suite import read_suite, run_suite

    loaded = load_pack(*(rules or packs_among(paths)), packs=packs, cache=not no_cache)
    scenarios = read_suite(find_tests(paths, rules, packs), loaded)
    if not scenarios:
        raise NothingFound("there are no tests here: a test file ends in .yaml and has `tests:`")
    results = run_suite(scenarios, loaded, matcher)
    text = junit.render(results) if form == "junit" else human.render(results)
    emit(text, output)
    if figures:
        shown = counted.conditions_shown(results, loaded)
        told = counted.render(counted.figures_of(results, loaded.pack), shown)
        if form == "junit":
            click.echo(told, nl=False, err=True)
        else:
            say(told)
    if not all(result.passed for result in results):
        click.get_current_context().exit(FOUND_SOMETHING)
