"""`followcue test`: the scenario tests of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from followcue.commands.options import MATCHER, NO_CACHE, OUTPUT, PACKS, RULES
from followcue.shell import FOUND_SOMETHING, NothingFound, emit, say, terminal

if TYPE_CHECKING:
    from fractions import Fraction

    from followcue.scenario.assess import Assessment, Wishes

PERCENT = "a percentage from 0 to 100, such as 95 or 99.5"


def _percentage(ctx: click.Context, param: click.Parameter, text: str | None) -> Fraction | None:
    """A percentage, exactly as it is written."""
    from fractions import Fraction

    if text is None:
        return None
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{text!r} is not {PERCENT}") from None
    if not 0 <= found <= 100:
        raise click.BadParameter(f"{text!r} is not {PERCENT}")
    return found / 100


@click.command("test", short_help="Run the scenario tests of a pack.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True))
@RULES
@PACKS
@MATCHER
@click.option(
    "--run", "patterns", multiple=True, metavar="PATTERN", help="Only tests of such a name: late-*."
)
@click.option("--format", "form", type=click.Choice(("human", "junit")), default="human", show_default=True)
@click.option("--coverage", "--figures", is_flag=True, help="Say what of the rules the tests have seen.")
@click.option("--coverage-html", metavar="FILE", help="Write the rules coloured by what was seen, as a page.")
@click.option("--min-coverage", metavar="PERCENT", callback=_percentage, help="Fail where less was seen.")
@click.option("--mutate", is_flag=True, help="Change the rules a little, and say what no test notices.")
@click.option("--min-score", metavar="PERCENT", callback=_percentage, help="Fail where fewer are noticed.")
@click.option("--rule", "only", multiple=True, metavar="ID", help="With --mutate: change only this rule.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="With --mutate: try only so many.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample, and which situations.")
@click.option("--tries", type=click.IntRange(0), metavar="N", help="Situations to try for what survives.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes for --mutate.")
@click.option("--write-tests", metavar="FILE", help="With --mutate: write tests for what survives.")
@NO_CACHE
@OUTPUT
def test_command(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    matcher: str,
    form: str,
    no_cache: bool,
    output: str | None,
    **wishes: object,
) -> None:
    """Run the scenario tests at PATH (files, folders or packs), or those that stand beside the rules.

    Ends with exit code 1 if a test fails, if there is none, or if less is seen or noticed than asked for.

    \b
    Examples:
      followcue test
      followcue test my-rules/tests --rules my-rules --run 'late-*'
      followcue test --pack common-practice --coverage --min-coverage 100
      followcue test my-rules --coverage-html coverage.html
      followcue test my-rules --mutate --jobs 2 --write-tests proposed.yaml
      followcue test --format junit -o results.xml
    """
    from followcue.pipeline import load_pack
    from followcue.scenario import human, junit
    from followcue.scenario.assess import Wishes, assess
    from followcue.scenario.find import find_tests, packs_among
    from followcue.scenario.suite import chosen, read_suite, run_suite

    wanted = Wishes(**wishes)  # type: ignore[arg-type]
    loaded = load_pack(*(rules or packs_among(paths)), packs=packs, cache=not no_cache)
    documents = find_tests(paths, rules, packs)
    every = read_suite(documents, loaded)
    if not every:
        raise NothingFound("there are no tests here: a test file ends in .yaml and has `tests:`")
    scenarios = chosen(every, wanted.patterns)
    if not scenarios:
        raise NothingFound("no test is called like this: " + ", ".join(wanted.patterns))
    _refuse_unknown_rules(wanted, loaded.pack.rules)
    results = run_suite(scenarios, loaded, matcher)
    emit(junit.render(results) if form == "junit" else human.render(results), output)
    passed = all(result.passed for result in results)
    if wanted.anything:
        found = assess(loaded, results, documents, wanted, _progress)
        _tell(found, wanted, to_stderr=form == "junit" and output in (None, "-"))
        passed = passed and found.enough
    if not passed:
        click.get_current_context().exit(FOUND_SOMETHING)


def _tell(found: Assessment, wishes: Wishes, *, to_stderr: bool) -> None:
    """Everything that was asked for: on standard output, or beside it where that holds results."""
    text = found.text(color=terminal().color and not to_stderr)
    if to_stderr:
        click.echo(text, nl=False, err=True)
    else:
        say(text)
    if wishes.coverage_html is not None:
        emit(found.html(), wishes.coverage_html)
    if wishes.write_tests is not None:
        proposed = found.proposed()
        if proposed:
            emit(proposed, wishes.write_tests)
        else:
            click.echo(f"there is nothing to write to {wishes.write_tests}", err=True)
    for problem in found.shortfalls:
        click.echo(problem, err=True)


def _progress(said: str) -> None:
    """How far it is, on a terminal alone: each line over the one before."""
    import sys

    if sys.stderr is not None and sys.stderr.isatty():
        click.echo(f"\r\x1b[K{said}", nl=False, err=True)


def _refuse_unknown_rules(wishes: Wishes, known: object) -> None:
    from collections.abc import Mapping

    from followcue.diagnostic import did_you_mean

    assert isinstance(known, Mapping)
    for rule in wishes.only:
        if rule not in known:
            hint = did_you_mean(rule, known)
            raise click.UsageError(f"there is no rule `{rule}`" + (f": {hint}" if hint else ""))
