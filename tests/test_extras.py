"""Where an extra is not installed: one exit code and one sentence, before anything is done."""

from __future__ import annotations

import builtins
import pickle
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result

import followcue
from followcue import cli, spark
from followcue.base.extras import EXTRAS, Unavailable
from followcue.evaluation.match.durable import DurableMatcher
from followcue.evaluation.match.relational import RelationalMatcher
from followcue.language.documents.edit import Edit
from followcue.language.logic.program import Program

ROOT = Path(__file__).parents[1]
SEARCH = "search.yaml"

NEEDS = [
    (["add", SEARCH, "network_told"], "edit"),
    (["add", SEARCH, "network_told", "-o", "out"], "edit"),
    (["done", SEARCH, "1"], "edit"),
    (["skip", SEARCH, "1"], "edit"),
    (["unskip", SEARCH, "wait"], "edit"),
    (["edit", SEARCH, "1", "note=x"], "edit"),
    (["undo", SEARCH], "edit"),
    (["check", "mine", "--fix"], "edit"),
    (["test", "mine", "--update", "--yes"], "edit"),
    (["test", "mine", "--watch"], "watch"),
    (["watch", SEARCH], "watch"),
    (["watch", SEARCH, "--format", "html", "-o", "out"], "html"),
    (["evaluate", SEARCH, "--format", "html", "-o", "out"], "html"),
    (["docs", "-o", "out"], "html"),
    (["docs", "--coverage", "-o", "out"], "html"),
    (["site", "-o", "out"], "html"),
    (["draft", "send_thank_you", SEARCH, "-o", "out"], "drafts"),
    (["export", SEARCH, "-o", "out"], "ics"),
    (["import", "jobs.xlsx", "--yes", "-o", "out"], "sheets"),
    (["import", "jobs.csv", SEARCH, "--yes"], "edit"),
    (["log", SEARCH, "--format", "html", "-o", "out"], "html"),
    (["serve", "--port", "0"], "serve"),
    (["open", SEARCH, "--no-browser"], "serve"),
    (["lsp"], "lsp"),
    (["mcp"], "mcp"),
    (["batch", "in.jsonl", "-o", "out"], "tables"),
    (["batch", "-", "-o", "-"], "tables"),
    (["batch", "postgresql://localhost/none", "-o", "out"], "postgresql"),
    (["batch", "in.jsonl", "-o", "out", "--matcher", "durable"], "durable"),
    *(
        ([*command, "--matcher", matcher], extra)
        for matcher, extra in (("durable", "durable"), ("relational", "tables"))
        for command in (
            ["evaluate", SEARCH, "-o", "out"],
            ["why", SEARCH],
            ["why-not", SEARCH, "move_on"],
            ["test", "mine"],
            ["watch", SEARCH],
            ["verify"],
        )
    ),
]
"""What takes an extra, and which."""

FREE = [
    ["init", "begun.yaml", "--add", "application acme company=Acme", "--add", "applied date=yesterday"],
    ["import", "jobs.csv", "--yes", "-o", "brought.yaml"],
    ["export", SEARCH, "--format", "csv"],
    ["evaluate", SEARCH],
    ["evaluate", SEARCH, "--format", "json", "-o", "report.json"],
    ["evaluate", SEARCH, "--set", "holidays=DE"],
    ["add", "--help"],
    ["done", "--help"],
    ["skip", "--help"],
    ["unskip", "--help"],
    ["edit", "--help"],
    ["undo", "--help"],
    ["log", SEARCH],
    ["why", SEARCH],
    ["why-not", SEARCH, "move_on"],
    ["plan", SEARCH],
    ["replay", "report.json"],
    ["check", "mine"],
    ["explain-code", "FC101"],
    ["test", "mine"],
    ["test", "mine", "--coverage-html", "coverage.html"],
    ["verify", "mine", "--situations", "0", "--matcher", "reference", "--matcher", "compiled"],
    ["diff", "mine", "mine", "--generated", "0"],
    ["sources"],
    ["new", "own", "--kind", "layer"],
    ["table", "--help"],
    ["schema", "situation"],
    ["completion", "bash"],
]
"""What takes none, in the order in which it is run."""


def hide(extras: Iterable[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the packages of these extras be as if they were not installed."""
    for extra in extras:
        for module in EXTRAS[extra].modules.values():
            monkeypatch.setitem(sys.modules, module, None)


def sentence(extra: str) -> str:
    """How what is missing is told, but for what it is needed for."""
    package = next(iter(EXTRAS[extra].modules))
    if extra == "durable" and sys.version_info >= (3, 13):
        return f"needs the package `{package}`, which works only below Python 3.13"
    return f"needs the package `{package}`: install it with `pip install 'followcue[{extra}]'`"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A situation, a layer of rules with its tests, and lines to judge."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copy(ROOT / "examples" / "silence-after-promise.yaml", folder / SEARCH)
    line = '{"situation": "a", "date": "2026-11-20", "event": "network_told"}\n'
    (folder / "in.jsonl").write_text(line, "utf-8")
    (folder / "jobs.csv").write_text("Company,Date applied\nAcme,2026-11-20\n", "utf-8")
    assert run("new", str(folder / "mine"), "--kind", "layer").exit_code == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of these, to work in."""
    folder = tmp_path / "work"
    shutil.copytree(made, folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(made.parent / "cache"))
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments, input="{}\n")


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rules are loaded, which every answer begins with, and no file of the user is opened."""
    usual = builtins.open

    def no_rules(*_: object) -> NoReturn:
        pytest.fail("rules were loaded before the extra was asked for")

    def no_file(file: Any, *arguments: Any, **options: Any) -> Any:
        if str(file).endswith((".yaml", ".jsonl")):
            pytest.fail(f"{file} was opened before the extra was asked for")
        return usual(file, *arguments, **options)

    monkeypatch.setattr(followcue.LoadedPack, "__init__", no_rules)
    monkeypatch.setattr(builtins, "open", no_file)


# --- the commands
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with-all-others"])
@pytest.mark.parametrize(("arguments", "extra"), NEEDS, ids=[" ".join(arguments) for arguments, _ in NEEDS])
def test_a_command_that_takes_an_extra_says_so_and_does_nothing(
    arguments: list[str], extra: str, alone: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(folder)
    hide([extra] if alone else EXTRAS, monkeypatch)
    nothing_is_done(monkeypatch)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert (sentence(extra) if alone else "needs the package `") in result.stderr
    assert files(folder) == before


@pytest.mark.slow
def test_every_other_command_answers_without_any_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(EXTRAS, monkeypatch)
    for arguments in FREE:
        result = run(*arguments)
        assert result.exit_code == 0, (arguments, result.output)
        assert not result.exception


def test_no_command_is_left_out() -> None:
    assert {arguments[0] for arguments in FREE} | {arguments[0] for arguments, _ in NEEDS} == set(
        cli.COMMANDS
    )
    assert {extra for _, extra in NEEDS} | {"holidays", "spark"} == set(EXTRAS)


def test_holidays_are_asked_for_where_days_are_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(["holidays"], monkeypatch)
    holidays = ["--set", "count=working_days", "--set", "holidays=IS"]  # asked for nowhere else: it is kept
    for command in (["evaluate", SEARCH, "-o", "out"], ["plan", SEARCH, "-o", "out"], ["why", SEARCH]):
        result = run(*command, *holidays)
        assert (result.exit_code, result.stdout) == (2, "")
        assert sentence("holidays") in result.stderr
    assert not Path("out").exists()


def test_what_is_installed_is_not_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One missing package does not stand in the way of what others do."""
    hide(set(EXTRAS) - {"edit"}, monkeypatch)
    assert run("add", SEARCH, "network_told", "--dry-run").exit_code == 0


# --- the functions
FUNCTIONS: dict[str, tuple[str, type[Unavailable], Callable[[], Any]]] = {
    "to_ics": ("ics", Unavailable, lambda: followcue.to_ics({}, name="x")),
    "render_html": ("html", followcue.HtmlUnavailable, lambda: followcue.render_html({})),
    "write_drafts": ("drafts", followcue.DraftsUnavailable, lambda: followcue.write_drafts({}, "move_on")),
    "watch_pack": ("watch", followcue.WatchUnavailable, lambda: followcue.watch_pack("mine")),
    "Edit.alone": ("edit", Unavailable, lambda: Edit.alone(SEARCH).__enter__()),
    "spark.judge": ("spark", Unavailable, lambda: spark.judge(None)),  # type: ignore[arg-type]
    "spark.judge_daily": ("spark", Unavailable, lambda: spark.judge_daily(None, "", "", "")),  # type: ignore[arg-type]
    "durable": ("durable", followcue.MatcherUnavailable, lambda: DurableMatcher(Program({}, (), ()))),
    "relational": ("tables", followcue.MatcherUnavailable, lambda: RelationalMatcher(Program({}, (), ()))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_takes_an_extra_says_so_and_does_nothing(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra, error, call = FUNCTIONS[name]
    before = files(folder)
    hide([extra], monkeypatch)
    nothing_is_done(monkeypatch)
    with pytest.raises(Unavailable) as raised:
        call()
    assert raised.type is error
    assert sentence(extra) in str(raised.value)
    assert files(folder) == before


@pytest.mark.parametrize("matcher", ["durable", "relational"])
def test_a_matcher_that_is_asked_for_by_name_says_so(matcher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(EXTRAS, monkeypatch)
    with pytest.raises(followcue.MatcherUnavailable, match=f"the matcher `{matcher}` needs the package"):
        followcue.evaluate({"applications": {}}, matcher=matcher)


def test_it_goes_from_process_to_process(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(["tables"], monkeypatch)
    with pytest.raises(Unavailable) as raised:
        RelationalMatcher(Program({}, (), ()))
    again = pickle.loads(pickle.dumps(raised.value))
    assert (type(again), str(again)) == (raised.type, str(raised.value))
