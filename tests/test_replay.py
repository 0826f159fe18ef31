"""A report made again from what it says of itself: the same bytes, or all that is not as it was."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from fenced import blocks, rewrite
from followcue.base.version import __version__
from followcue.cli import main
from followcue.language.documents.schema_check import load_schema

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "replay.md"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
KEPT = sorted((ROOT / "tests" / "cases" / "kept").glob("*.json"))
SEARCH = """\
as_of: 2026-11-21
applications:
  acme:
    company: Acme
    contacts: {dana: {name: Dana Ruiz, role: recruiter, phone: "+1 555 0100"}}
    events:
      - {date: 2026-11-10, event: interview, id: iv1, with: [dana]}
      - {date: 2026-11-10, event: timeline_promised, by: 2026-11-17, from: dana}
"""
LAYER = """\
rules:
  nod:
    title: Nod
    cites: [own default]
    when: [interview: {date: $day}]
    recommend: {action: keep_searching}
"""


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], input=stdin)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "search.yaml").write_text(SEARCH, encoding="utf-8")
    return tmp_path


def made(*options: str) -> dict[str, Any]:
    done = run("evaluate", "search.yaml", "--format", "json", "-o", "report.json", *options)
    assert done.exit_code == 0, done.stderr
    data: dict[str, Any] = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return data


def edit(**others: object) -> None:
    data = json.loads(Path("report.json").read_text(encoding="utf-8")) | others
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    Path("report.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_the_same_byte_for_byte(example: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run("evaluate", example, "--format", "json", "-o", report)
    Draft202012Validator(load_schema("report")).validate(json.loads(report.read_text(encoding="utf-8")))
    done = run("replay", report)
    assert (done.exit_code, done.stdout) == (0, "the same, byte for byte\n")


@pytest.mark.parametrize(
    "options",
    [
        ("--as-of", "2026-11-30"),
        ("--profile", "patient", "--set", "max_attempts=1", "--all"),
        ("--pack", "common-practice", "--set", "promised_grace=3 days"),
        ("--matcher", "reference"),
    ],
)
def test_options_are_those_of_the_report(folder: Path, options: tuple[str, ...]) -> None:
    made(*options)
    assert run("replay", "report.json").stdout == "the same, byte for byte\n"


def test_the_day_is_that_of_the_report_whatever_the_file_says_of_it(folder: Path) -> None:
    (folder / "search.yaml").write_text(SEARCH.split("\n", 1)[1], encoding="utf-8")
    made("--as-of", "2026-11-25")
    assert run("replay", "report.json").exit_code == 0


def test_a_report_and_its_situation_may_move_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made()
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert run("replay", folder / "report.json").exit_code == 0


def test_a_situation_of_another_name_with_the_same_text_is_the_same(folder: Path) -> None:
    made()
    (folder / "search.yaml").rename("renamed.yaml")
    assert run("replay", "report.json", "--situation", "renamed.yaml").exit_code == 0
    gone = run("replay", "report.json")
    assert gone.exit_code == 3
    assert "report.json: FC621: the situation `search.yaml` is not there any more" in gone.stderr


def test_standard_input_can_be_kept_in_the_report(folder: Path) -> None:
    plain = run("evaluate", "-", "--format", "json", stdin=SEARCH).stdout
    kept = run("evaluate", "-", "--format", "json", "--embed", stdin=SEARCH).stdout
    assert "+1 555 0100" not in plain
    assert "+1 555 0100" in kept
    assert run("replay", "-", stdin=kept).stdout == "the same, byte for byte\n"
    assert run("replay", "-", "--situation", "search.yaml", stdin=plain).exit_code == 0
    lost = run("replay", "-", stdin=plain)
    assert lost.exit_code == 3
    assert "FC621: the situation came from standard input" in lost.stderr


def test_a_changed_situation_is_told_with_what_it_changes(folder: Path) -> None:
    made("--embed")
    changed = SEARCH.replace("by: 2026-11-17", "by: 2026-11-18")
    (folder / "search.yaml").write_text(changed, encoding="utf-8")
    assert run("replay", "report.json").exit_code == 0, "the text in the report counts"
    done = run("replay", "report.json", "--situation", "search.yaml")
    assert done.exit_code == 1
    assert "      -      - {date: 2026-11-10, event: timeline_promised, by: 2026-11-17" in done.stdout
    assert "  ~ action check_status, application acme, to dana\n      open: 2026-11-18, now" in done.stdout


@pytest.mark.slow
def test_a_changed_rule_is_told_with_the_edit_where_the_old_rules_are_there(folder: Path) -> None:
    for name in ("then", "now"):
        (folder / name).mkdir()
        (folder / name / "rules.yaml").write_text(LAYER, encoding="utf-8")
    before = made("--rules", "now")
    (folder / "now" / "rules.yaml").write_text(
        LAYER.replace("keep_searching", "widen_search"), encoding="utf-8"
    )
    done = run("replay", "report.json")
    assert done.exit_code == 1
    assert f"  rules: version {before['rules_version']}, now version" in done.stdout
    assert "  + action widen_search" in done.stdout
    told = run("replay", "report.json", "--was", "then")
    assert "      rule `nod`: " in told.stdout
    other = run("replay", "report.json", "--was", "now")
    assert other.exit_code == 3
    assert "now: FC622: these are not the rules of the report" in other.stderr
    assert run("replay", "report.json", "--rules", "then").exit_code == 1, "the folder is another"


@pytest.mark.slow
def test_a_changed_default_is_told_as_a_parameter(folder: Path) -> None:
    layer = folder / "layer"
    layer.mkdir()
    text = "parameters:\n  promised_grace: {value: 1 day}\n"
    (layer / "vocabulary.yaml").write_text(text, encoding="utf-8")
    made("--rules", "layer")
    (layer / "vocabulary.yaml").write_text(text.replace("1 day", "4 days"), encoding="utf-8")
    assert "  parameter promised_grace: 1 day, now 4 days\n" in run("replay", "report.json").stdout


def test_another_version_of_the_program_is_told_though_it_says_the_same(folder: Path) -> None:
    provenance = made()["provenance"]
    edit(provenance=provenance | {"followcue": "0.0.9"})
    done = run("replay", "report.json")
    assert done.exit_code == 1
    assert done.stdout == f"not what it was:\n  followcue: 0.0.9, now {__version__}\n\nit says the same\n"


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
def test_a_report_of_an_older_version_is_still_one_and_names_it(kept: Path) -> None:
    """Reports kept by released versions validate; replayed, they are not otherwise for what is new since."""
    data = json.loads(kept.read_text(encoding="utf-8"))
    Draft202012Validator(load_schema("report")).validate(data)
    done = run("replay", kept)
    assert done.exit_code == 1
    causes, _, differences = done.stdout.partition("\n\n")
    assert f"followcue: {kept.stem}, now {__version__}" in causes
    if kept.stem == "0.1.0":
        assert "reports say since then: `steps`, `id` of " in causes
        assert not re.search(r"^ +id: |[+-] step ", differences, re.MULTILINE)


def test_a_report_that_was_tampered_with_is_told(folder: Path) -> None:
    edit(actions=made()["actions"][1:], warnings=["beware"])
    done = run("replay", "report.json")
    assert done.exit_code == 1
    assert done.stdout.startswith("not what it was, though nothing that it names has changed\n")
    assert "  - warning beware" in done.stdout
    assert "  + action " in done.stdout


def test_the_same_data_in_other_bytes_is_told(folder: Path) -> None:
    data = made()
    Path("report.json").write_text(json.dumps(data), encoding="utf-8")
    done = run("replay", "report.json")
    assert done.exit_code == 1
    assert "layout: written by something else" in done.stdout
    assert "it says the same" in done.stdout


def test_all_of_it_as_json(folder: Path) -> None:
    edit(actions=made()["actions"][1:])
    said = json.loads(run("replay", "report.json", "--format", "json").stdout)
    assert said["same"] is False
    assert said["changed"] == []
    [gained] = said["differences"]
    assert (gained["section"], gained["kind"], gained["old"]) == ("actions", "gained", None)
    edit(**json.loads(run("evaluate", "search.yaml", "--format", "json").stdout))
    same = json.loads(run("replay", "report.json", "--format", "json").stdout)
    assert same == {"same": True, "changed": [], "differences": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "FC620: this is no report"),
        ("", "FC"),
        ("{", "FC102"),
        ("{}", "FC620"),
        ('{"as_of": "2026-11-21"}', "FC620: this is no report"),
        ("not: a report", "FC102"),
        ("\x00", "FC105"),
    ],
)
def test_what_is_no_report_is_refused(folder: Path, text: str, said: str) -> None:
    (folder / "bad.json").write_text(text, encoding="utf-8")
    done = run("replay", "bad.json")
    assert done.exit_code == 3
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_report_must_say_what_it_was_made_of(folder: Path) -> None:
    data = made()
    del data["provenance"]
    Path("report.json").write_text(json.dumps(data), encoding="utf-8")
    done = run("replay", "report.json")
    assert done.exit_code == 3
    assert "FC620: this report does not say what it was made of" in done.stderr
    edit(**data, provenance={"followcue": 3})
    done = run("replay", "report.json")
    assert done.exit_code == 3
    assert "FC203: a provenance needs `input`" in done.stderr


@pytest.mark.slow
def test_a_folder_of_rules_that_is_gone_is_told(folder: Path) -> None:
    (folder / "layer").mkdir()
    (folder / "layer" / "rules.yaml").write_text(LAYER, encoding="utf-8")
    made("--rules", "layer")
    (folder / "layer").rename(folder / "moved")
    assert run("replay", "report.json").exit_code == 3
    assert "folders of rules: layer, now moved" in run("replay", "report.json", "--rules", "moved").stdout


def test_both_from_standard_input_is_wrong_usage() -> None:
    assert run("replay", "-", "--situation", "-", stdin="{}").exit_code == 2


def test_only_a_report_in_json_holds_its_situation(folder: Path) -> None:
    done = run("evaluate", "search.yaml", "--embed")
    assert done.exit_code == 2
    assert "--embed goes with --format json" in done.stderr


@pytest.mark.slow
def test_the_page_shows_what_comes_out(folder: Path, request: pytest.FixtureRequest) -> None:
    """The commands of docs/replay.md; and what is told once a parameter of a layer is another."""
    found = blocks(PAGE)
    path = f"{_bin(folder)}{os.pathsep}{os.environ['PATH']}"
    for block in found:
        if block.label == "sh":
            done = subprocess.run(
                ["bash", "-euc", block.text],
                env=os.environ | {"PATH": path},
                capture_output=True,
                text=True,
            )
            assert (done.returncode, done.stdout) == (0, "the same, byte for byte\n"), done.stderr
    layer = folder / "my-rules"
    layer.mkdir()
    text = "parameters:\n  promised_grace: {value: 1 day}\n"
    (layer / "vocabulary.yaml").write_text(text, encoding="utf-8")
    made("--rules", "my-rules")
    (layer / "vocabulary.yaml").write_text(text.replace("1 day", "4 days"), encoding="utf-8")
    told = re.sub(r"version \w+, now version \w+", "version 8a06b13f, now version 2c51d0a6", _replayed())
    [shown] = [place for place, block in enumerate(found) if block.label == "text"]
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, {shown: told})
    assert found[shown].text == told


def _replayed() -> str:
    return run("replay", "report.json").stdout


def _bin(folder: Path) -> Path:
    """A folder with the command `followcue`."""
    command = folder / "bin" / "followcue"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "cli.py"}" "$@"\n', "utf-8")
    command.chmod(0o755)
    return command.parent


@pytest.mark.slow
def test_a_page_and_a_report_name_the_same_input(folder: Path) -> None:
    report = made()
    page = run("evaluate", "search.yaml", "--format", "html").stdout
    assert report["provenance"]["input"]["sha256"] in page
    assert report["rules_version"] in page
