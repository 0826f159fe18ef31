"""The command line as its users meet it: answers, exit codes, and never a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from followcue import cli
from followcue.base.limits import LimitExceeded
from followcue.cli import ending
from followcue.cli.commands.completion import SHELLS
from followcue.cli.group import COMMANDS_BY_USE
from followcue.evaluation import pipeline
from followcue.evaluation.match.protocol import MatcherUnavailable

ROOT = Path(__file__).parents[1]
EXAMPLE = str(ROOT / "examples" / "first-interview.yaml")
ANIMALS = str(ROOT / "examples" / "packs" / "animal-identification")
SMALL = "as_of: 2026-11-21\napplications: {}\n"


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cache for all tests of this file, and none of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def run(*arguments: str, text: str = SMALL) -> Result:
    return CliRunner().invoke(cli.main, arguments, input=text)


def evaluate(*options: str, text: str = SMALL) -> Result:
    return run("evaluate", "-", *options, text=text)


def start(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own, from the checkout's launcher."""
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


# --- answers
def test_a_table_is_the_default() -> None:
    result = run("evaluate", EXAMPLE)
    assert result.exit_code == 0
    assert result.stdout.startswith("Tuesday 15 September 2026\n\nFirst\n 1  ")


def test_a_table_shows_a_few_steps_and_more_on_request() -> None:
    short, whole = (run("evaluate", EXAMPLE, *more).stdout for more in ((), ("--more",)))
    assert len(whole.splitlines()) > len(short.splitlines())
    assert re.search(r"\(line\s+18\)\s+\[", whole)
    assert "(line " not in short
    titles = [step["title"] for step in json.loads(run("evaluate", EXAMPLE, "--format=json").stdout)["steps"]]
    assert all(title in " ".join(whole.split()) for title in titles)


def test_one_application_can_be_looked_at() -> None:
    applied = "{company: %s, events: [{date: 2026-11-10, event: applied}]}"
    both = f"acme: {applied % 'Acme'}, zeta: {applied % 'Zeta'}"
    text = f"as_of: 2026-11-21\napplications: {{{both}}}\n"
    assert "Zeta" in evaluate(text=text).stdout
    one = evaluate("--application", "acme", "--more", text=text)
    assert "Zeta" not in one.stdout
    assert "Zeta" not in evaluate("--application", "acme", "--format", "markdown", text=text).stdout
    wrong = evaluate("--application", "acne", text=text)
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "there is no application `acne`; did you mean `acme`?" in wrong.stderr


@pytest.mark.parametrize("option", [("--more",), ("--application", "acme")])
def test_what_is_for_people_to_read_does_not_go_with_json(option: tuple[str, ...]) -> None:
    refused = evaluate("--format", "json", *option)
    assert refused.exit_code == 2
    assert f"{option[0]} goes with a table" in refused.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("plain", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_is_for_terminals_that_want_it(plain: dict[str, str]) -> None:
    import pty

    reader, writer = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "evaluate", EXAMPLE],
        stdout=writer,
        env=environment | {"TERM": "xterm"} | plain,
        check=True,
    )
    os.close(writer)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    assert ("\x1b[" in shown) is not bool(plain)


def test_json_is_the_report() -> None:
    report = json.loads(run("evaluate", EXAMPLE, "--format", "json").stdout)
    assert report["as_of"] == "2026-09-15"
    assert {action["application"] for action in report["actions"]} == {None, "lumen"}


def test_options_win_over_the_file() -> None:
    report = json.loads(
        evaluate(
            "--format=json", "--as-of=2027-01-02", "--profile=patient", "--set", "max_attempts = 4"
        ).stdout
    )
    assert (report["as_of"], report["profile"], report["parameters"]["max_attempts"]) == (
        "2027-01-02",
        "patient",
        4,
    )


@pytest.mark.parametrize("matcher", ["reference", "compiled"])
def test_every_matcher_gives_the_same_bytes(matcher: str) -> None:
    default = run("evaluate", EXAMPLE, "--format", "json").stdout
    assert run("evaluate", EXAMPLE, "--format", "json", "--matcher", matcher, "--no-cache").stdout == default


def test_missed_steps_are_listed_with_all() -> None:
    late = ("evaluate", EXAMPLE, "--as-of", "2027-06-01")
    assert "Missed" not in run(*late).stdout
    assert "\nMissed\n" in run(*late, "--all").stdout


def test_warnings_go_to_stderr_and_into_json() -> None:
    text = SMALL + "events: [{date: 2026-11-30, event: network_told}]\n"
    result = evaluate(text=text)
    assert result.stderr.startswith("warning: ")
    assert "warning" not in result.stdout
    result = evaluate("--format=json", text=text)
    assert len(json.loads(result.stdout)["warnings"]) == 1
    assert result.stderr == ""


def test_rules_are_laid_over_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "rules:\n  mine:\n    title: Breathe\n    for: search\n    cites: [own default]\n"
        "    when: [where: today is today]\n    recommend: {action: keep_searching, do: [Breathe]}\n"
    )
    result = evaluate("--rules", str(tmp_path), "--format", "markdown")
    assert "Breathe" in result.stdout, result.output


def test_output_goes_to_a_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "next.md"
    target.write_text("old")
    target.chmod(0o640)
    result = evaluate("--format", "markdown", "-o", str(target))
    assert (result.exit_code, result.stdout) == (0, "")
    assert target.read_text(encoding="utf-8").startswith("# Next steps on Saturday 21 November 2026")
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["next.md"]


def test_without_a_day_it_is_today_where_the_file_says() -> None:
    report = json.loads(evaluate("--format=json", text="timezone: Asia/Tokyo\napplications: {}\n").stdout)
    assert abs((date.fromisoformat(report["as_of"]) - date.today()).days) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("test", ANIMALS),
        ("sources", "--rules", ANIMALS),
        ("draft", "send_thank_you", EXAMPLE, "--me", "R"),
        ("why", EXAMPLE),
    ],
)
def test_every_command_can_do_without_the_cache(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run(*arguments, "--no-cache").exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command", [("test",), ("sources",), ("draft", "send_thank_you", EXAMPLE), ("why", EXAMPLE)]
)
def test_an_empty_name_is_no_file_to_write(command: tuple[str, ...]) -> None:
    result = run(*command, "-o", "")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "an empty text names no file" in result.stderr


# --- exit codes
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--as-of", "2026-02-30"], "FC604"),
        (["--as-of", "tomorrow"], "FC604"),
        (["--format", "xml"], "xml"),
        (["--matcher", "magic"], "magic"),
        (["--set", "max_attempts"], "NAME=VALUE"),
        (["--set", "=3"], "NAME=VALUE"),
        (["--nonsense"], "nonsense"),
        (["-o", "/nowhere/at/all"], "cannot write"),
        (["-o", ""], "'--output': an empty text names no file."),
    ],
)
def test_wrong_usage_ends_with_2(options: list[str], said: str) -> None:
    result = evaluate(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize(
    ("options", "text", "code"),
    [
        (["--set", "unknown=1"], SMALL, "FC601"),
        (["--set", "max_attempts=soon"], SMALL, "FC602"),
        (["--set", "max_attempts=[1"], SMALL, "FC102"),
        (["--profile", "hasty"], SMALL, "FC603"),
        (["--rules", "/nowhere"], SMALL, "FC101"),
        ([], "applications: {", "FC102"),
        ([], SMALL + "nonsense: 1\n", "FC502"),
        ([], "as_of: 2026-02-30\napplications: {}\n", "FC604"),
        (["--set", "count=working_days", "--set", "holidays=XX"], SMALL, "FC602"),
    ],
)
def test_invalid_input_ends_with_3(options: list[str], text: str, code: str) -> None:
    result = evaluate(*options, text=text)
    assert (result.exit_code, result.stdout) == (3, "")
    assert f": {code}: " in result.stderr


def test_every_mistake_is_shown_with_its_line_and_a_caret() -> None:
    text = SMALL + "profil: calm\nevents:\n  - {date: 2026-11-01, event: network_tols}\n"
    result = evaluate(text=text)
    assert result.exit_code == 3
    assert "<stdin>:3:1: FC502: " in result.stderr
    assert "<stdin>:5:31: FC504: " in result.stderr
    assert "    profil: calm\n    ^^^^^^\n" in result.stderr
    assert "did you mean `network_told`?" in result.stderr


def test_a_folder_without_rules_is_invalid(tmp_path: Path) -> None:
    assert "there are no rules in this folder" in evaluate("--rules", str(tmp_path)).stderr
    (tmp_path / "mine.yml").write_text("")
    result = evaluate("--rules", str(tmp_path))
    assert result.exit_code == 3
    assert "mine.yml: FC101: the names of rule files end in `.yaml`" in result.stderr


def test_what_is_no_rule_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: {}\n")
    (tmp_path / "more.yaml").mkdir()
    result = evaluate("--rules", str(tmp_path))
    assert result.exit_code == 3
    assert "more.yaml: FC101: this is no file that can be read" in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a file that is always full")
@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", EXAMPLE),
        ("sources", "--rules", ANIMALS),
        ("completion", "bash"),
        ("--help",),
        ("test", "--help"),
    ],
)
def test_a_full_output_is_told(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (
        2,
        "Error: cannot write to standard output: No space left on device\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed otherwise there")
def test_closed_streams_are_told() -> None:
    launcher = [sys.executable, str(ROOT / "cli.py"), "evaluate"]
    for redirected, situation, said in (
        (">&-", EXAMPLE, "cannot write to standard output: it is closed"),
        ("<&-", "-", "cannot read standard input: it is closed"),
    ):
        line = ["sh", "-c", f'exec "$0" "$@" {redirected}', *launcher, situation]
        ended = subprocess.run(line, capture_output=True, text=True, check=False)
        assert ended.returncode == 2
        assert said in ended.stderr


def test_the_same_mistakes_are_told_whatever_the_order_of_hashing() -> None:
    text = SMALL + "".join(f"k{number}: 1\n" for number in range(1_500))
    result = evaluate(text=text)
    assert "FC502: a situation has no `k999`" in result.stderr
    assert "`k1000`" not in result.stderr


@pytest.mark.parametrize(
    ("raised", "exit_code", "said"),
    [
        (LimitExceeded("too much"), 3, "FC901: too much\n"),
        (MatcherUnavailable("not here"), 2, "Error: not here\n"),
        (KeyboardInterrupt(), ending.INTERRUPTED, ""),
        (RuntimeError("oops"), ending.FAULT, "a fault of followcue"),
    ],
)
def test_nothing_ends_in_a_traceback(
    raised: BaseException, exit_code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(pipeline, "evaluate", fail)
    result = evaluate()
    assert result.exit_code == exit_code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_traceback_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ending.DEBUG, "1")
    monkeypatch.delattr(pipeline, "evaluate")
    assert isinstance(evaluate().exception, ImportError)


def test_the_package_can_be_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "followcue"]
    usual = {"capture_output": True, "text": True, "check": False, "cwd": ROOT / "engine"}
    result = subprocess.run([*command, "evaluate", EXAMPLE], **usual)
    assert (result.returncode, result.stdout) == (0, start("evaluate", EXAMPLE).stdout)
    assert result.stdout
    wrong = subprocess.run([*command, "evaluate"], **usual)
    assert wrong.returncode == 2
    assert "Usage: python -m followcue evaluate" in wrong.stderr


# --- help
@pytest.mark.parametrize("command", [[], *([name] for name in cli.COMMANDS)])
def test_help_shows_an_example(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:\n" in result.stdout
    assert " ".join(["  followcue", *command]) in result.stdout


def test_the_help_lists_every_command_under_the_heading_of_its_use() -> None:
    told = run("--help").stdout
    assert re.findall(r"^  ([a-z][a-z-]+)  +\S", told, re.M) == list(cli.COMMANDS)
    assert re.findall(r"^([A-Z].*):$", told, re.M)[-len(COMMANDS_BY_USE) :] == list(COMMANDS_BY_USE)
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("name", SHELLS)
def test_completion_prints_a_script(name: str) -> None:
    result = run("completion", name)
    assert result.exit_code == 0
    assert "_FOLLOWCUE_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("evaluate --matcher ref", "plain,reference"),
        ("evaluate --format m", "plain,markdown"),
        ("evaluate --profile pat", "plain,patient"),
        ("evaluate --rules /nowhere --profile pat", ""),
    ],
)
def test_values_complete(line: str, expected: str) -> None:
    words = ["followcue", *line.split()]
    environment = {
        "_FOLLOWCUE_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    result = CliRunner().invoke(cli.main, prog_name="followcue", env=environment)
    assert result.stdout.strip() == expected


# --- as a process
def test_a_checkout_runs_without_being_installed(tmp_path: Path) -> None:
    result = start("evaluate", EXAMPLE, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Tuesday 15 September 2026\n")
    assert "\x1b" not in result.stdout


def test_the_output_is_utf_8_in_every_locale() -> None:
    acme = "{company: Łódź, events: [{date: 2026-11-20, event: applied}]}"
    text = f"as_of: 2026-11-21\napplications: {{acme: {acme}}}\n"
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, str(ROOT / "cli.py"), "evaluate", "-"]
    result = subprocess.run(command, input=text.encode(), capture_output=True, env=environment, check=True)
    assert "Łódź" in result.stdout.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_reader_that_leaves_early_is_no_mistake() -> None:
    command = f"{sys.executable} {ROOT / 'cli.py'} evaluate {EXAMPLE} --format json | true"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == ""


def test_a_warm_start_imports_nothing_that_only_a_cold_one_needs() -> None:
    start("evaluate", EXAMPLE)
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'engine')!r}); import followcue.cli\n"
        f"followcue.cli.main(['evaluate', {EXAMPLE!r}], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(result.stderr.split())
    assert "followcue.evaluation.pipeline" in loaded
    cold = {
        "lark",
        "jsonschema",
        "durable",
        "tempfile",
        "importlib.resources",
        "dataclasses",
        "hashlib",
        "json",
        "followcue.language.logic.compile_pack",
        "followcue.language.documents.yaml_errors",
        "followcue.language.documents.json_text",
        "followcue.evaluation.match.compiled.module",
    }
    assert not loaded & cold
    assert not {name for name in loaded if name.startswith("followcue.language.model.read_")}


def test_rules_in_a_folder_within_a_pack_are_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "rules.yaml").write_text("rules: {}\n")
    (tmp_path / "more" / "rules.yaml").write_text("rules: {}\n")
    found = CliRunner().invoke(cli.main, ["evaluate", EXAMPLE, "--rules", str(tmp_path)])
    assert found.exit_code == 3
    assert "more/rules.yaml: FC101: rules stand right inside the folder of a pack" in found.output
