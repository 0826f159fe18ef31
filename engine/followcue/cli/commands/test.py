"""`followcue test`: the scenario tests of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from followcue.base.terminal import confirm, tell, visible
from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import MATCHER, NO_CACHE, OUTPUT, PACK, formats
from followcue.cli.screen import say, terminal
from followcue.cli.shell import NothingFound, emit

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from followcue.evaluation.pipeline import LoadedPack
    from followcue.language.documents.document import Document
    from followcue.testing.assess import Assessment, Wishes
    from followcue.testing.run import Result

TEST_FILE = "a test file stands in the folder `tests/` of a pack, ends in .yaml and has `tests:`"

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
@PACK
@MATCHER
@click.option(
    "--run", "patterns", multiple=True, metavar="PATTERN", help="Only tests of such a name: late-*."
)
@formats("human", "junit")
@click.option("--coverage", "--figures", is_flag=True, help="Say what of the rules the tests have seen.")
@click.option("--coverage-html", metavar="FILE", help="Write the rules coloured by what was seen, as a page.")
@click.option("--min-coverage", metavar="PERCENT", callback=_percentage, help="Fail where less was seen.")
@click.option("--mutate", is_flag=True, help="Change the rules a little, and say what no test notices.")
@click.option("--min-score", metavar="PERCENT", callback=_percentage, help="Fail where fewer are noticed.")
@click.option("--rule", "only", multiple=True, metavar="ID", help="With --mutate: change only this rule.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="With --mutate: try only so many.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample, and which situations.")
@click.option(
    "--tries",
    type=click.IntRange(0),
    metavar="N",
    help="Situations to try for what survives; unless given, 12 for each, 600 to 20000 in all.",
)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes for --mutate.")
@click.option("--write-tests", metavar="FILE", help="With --mutate: write tests for what survives.")
@click.option("--update", is_flag=True, help="Show what is reported instead, and expect it from now on.")
@click.option("--yes", is_flag=True, help="With --update: write without asking.")
@click.option("--watch", "watched", is_flag=True, help="Run again whenever a rule or a test changes.")
@NO_CACHE
@OUTPUT
def test_command(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    matcher: str,
    form: str,
    update: bool,
    yes: bool,
    watched: bool,
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
      followcue test my-rules --update
      followcue test my-rules --watch
      followcue test --format junit -o results.xml
    """
    from followcue.base.extras import require
    from followcue.testing.assess import Wishes

    if watched:
        require("watch")
    elif update:
        require("edit")
    wanted = Wishes(**wishes)  # type: ignore[arg-type]
    asked = _Asked(paths, rules, packs, matcher, form, no_cache, output)
    if watched:
        _watch(lambda: _run(asked, wanted), asked)
    elif update:
        passed = _update(asked, wanted, ask=not yes)
    else:
        passed = _run(asked, wanted)
    if not passed:
        click.get_current_context().exit(FOUND_SOMETHING)


class _Asked(NamedTuple):
    """Which tests to run, and in which form to report them."""

    paths: tuple[str, ...]
    rules: tuple[str, ...]
    packs: tuple[str, ...]
    matcher: str
    form: str
    no_cache: bool
    output: str | None

    @property
    def folders(self) -> list[str]:
        """The folders of rules that are tested."""
        from followcue.testing.find import rules_to_test

        return rules_to_test(self.paths, self.rules)

    @property
    def places(self) -> list[str]:
        """Where the rules stand that the tests are about: in the packs at `paths`, or all that are loaded."""
        from followcue.testing.find import pack_of

        folders, own = self.folders, {pack_of(path) for path in self.paths}
        of_paths = [folder for folder in folders if folder in own]
        return of_paths or [*folders, *(f"rules/{pack}" for pack in self.packs)]


def _ran(asked: _Asked, wishes: Wishes) -> tuple[LoadedPack, list[Document], tuple[Result, ...]]:
    """The pack, the test files, and what came of the tests that are wanted."""
    from followcue.evaluation.pipeline import load_pack
    from followcue.testing.suite import chosen, read_suite, run_suite

    loaded = load_pack(*asked.folders, packs=asked.packs, cache=not asked.no_cache)
    documents = _documents(asked)
    every = read_suite(documents, loaded)
    if not every:
        raise NothingFound(f"there are no tests here: {TEST_FILE}")
    scenarios = chosen(every, wishes.patterns)
    if not scenarios:
        raise NothingFound("no test is called like this: " + ", ".join(wishes.patterns))
    _refuse_unknown_rules(wishes, loaded.pack.rules)
    return loaded, documents, run_suite(scenarios, loaded, asked.matcher)


def _documents(asked: _Asked) -> list[Document]:
    """The test files that are meant; raises `NothingFound` for one of several paths where there is none."""
    from followcue.testing.find import find_tests

    found = {path: find_tests([path]) for path in asked.paths}
    for path, documents in found.items():
        if not documents and len(found) > 1:
            raise NothingFound(f"there are no tests at {path}: {TEST_FILE}")
    if found:
        return [document for documents in found.values() for document in documents]
    return find_tests((), asked.rules, asked.packs)


def _run(asked: _Asked, wishes: Wishes) -> bool:
    """Whether all is as expected, and as much was seen and noticed as was asked for."""
    from followcue.testing.assess import assess
    from followcue.testing.forms import as_junit, as_text
    from followcue.testing.reasons import reasons_of

    loaded, documents, results = _ran(asked, wishes)
    render = as_junit if asked.form == "junit" else as_text
    emit(render(results, reasons_of(loaded)), asked.output)
    passed = all(result.passed for result in results)
    if wishes.anything:
        found = assess(loaded, results, documents, wishes, _progress, asked.places)
        _tell(found, wishes, to_stderr=asked.form == "junit" and asked.output in (None, "-"))
        passed = passed and found.enough
    return passed


def _update(asked: _Asked, wishes: Wishes, *, ask: bool) -> bool:
    """Show what the tests would expect, write it, and run them again."""
    import sys

    from followcue.testing.rebaseline import save, shown, updated

    loaded, _, results = _ran(asked, wishes)
    changes = updated(results, loaded)
    for part in shown(changes):
        say(f"{part}\n")
    changed = any(change.edit.changed for change in changes)
    interactive = ask and sys.stdin is not None and sys.stdin.isatty()
    if changed and interactive and not confirm("Write this?", aside=True):
        return False
    if changed:
        written = save(changes)
        say(f"{written} test file{'' if written == 1 else 's'} written\n")
    return _run(asked, wishes)


def _watch(run: Callable[[], bool], asked: _Asked) -> NoReturn:
    """Run now, and again at every change, until somebody ends it."""
    from followcue.base.diagnostic import InvalidInput
    from followcue.base.limits import LimitExceeded
    from followcue.base.shipped import data_folder
    from followcue.cli.watching import changes, moments, state_of
    from followcue.testing.find import pack_of

    around = [pack_of(path) or path for path in asked.paths]
    watched = list(dict.fromkeys([*asked.paths, *around, *asked.rules])) or [str(data_folder("rules"))]
    for _ in changes(lambda: state_of(*watched), moments(*watched)):
        try:
            run()
        except (InvalidInput, LimitExceeded) as problem:
            tell(str(problem))
        except NothingFound as problem:
            problem.show()
        tell(f"watching {', '.join(watched)}: Ctrl-C ends it")
    raise AssertionError("watching never ends by itself")


def _tell(found: Assessment, wishes: Wishes, *, to_stderr: bool) -> None:
    """Everything that was asked for: on standard output, or beside it where that holds results."""
    text = found.text(color=terminal().color and not to_stderr)
    if to_stderr:
        tell(text, nl=False)
    else:
        say(text)
    if wishes.coverage_html is not None:
        emit(found.html(), wishes.coverage_html)
    if wishes.write_tests is not None:
        proposed = found.proposed()
        if proposed:
            emit(proposed, wishes.write_tests)
        else:
            tell(f"there is nothing to write to {wishes.write_tests}")
    for problem in found.shortfalls:
        tell(problem)


def _progress(said: str) -> None:
    """How far it is, on a terminal alone: each line over the one before."""
    import sys

    if sys.stderr is not None and sys.stderr.isatty():
        click.echo(f"\r\x1b[K{visible(said)}", nl=False, err=True)


def _refuse_unknown_rules(wishes: Wishes, known: object) -> None:
    from collections.abc import Mapping

    from followcue.base.diagnostic import did_you_mean

    assert isinstance(known, Mapping)
    for rule in wishes.only:
        if rule not in known:
            hint = did_you_mean(rule, known)
            raise click.UsageError(f"there is no rule `{rule}`" + (f": {hint}" if hint else ""))
