"""A layer over a pack on the command line: all commands stack them alike, from every folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from followcue import cli

SLIPS = Path(__file__).parent / "cases" / "slips"

LAYER = {
    "vocabulary.yaml": "pack: {name: mist, title: Mist, lies on: plants}\n"
    "events: {sprayed: {says: It was sprayed.}}\n"
    "actions: {mist: {title: Mist it}}\n",
    "rules.yaml": "rules:\n  mist-it:\n    title: Mist the plant\n    cites: [own default]\n"
    "    when: [{had_water: {day: $day}}, sprayed]\n"
    "    recommend: {action: mist, open: $day + 1 day}\n"
    "disable: [feed-it]\n",
    "tests/mist.yaml": "tests:\n  misty:\n    as_of: 2026-03-12\n    situation:\n      plants:\n"
    "        fern: {name: Fern, events: [{date: 2026-03-01, event: watered},"
    " {date: 2026-03-02, event: sprayed}]}\n"
    "    expect: [mist]\n",
}

OWN_TEST = """
  of-a-rule:
    as_of: 2026-03-20
    rules: [feed-it]
    expect: [{action: feed, rules: [feed-it]}]
equivalent: {feed-it: {nothing: because}}
"""
"""Of a test of the pack: it names the rule that the layer takes away."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack `plants`, its layer `mist`, and `bare`, which is that layer without tests."""
    shutil.copytree(SLIPS, tmp_path, dirs_exist_ok=True)
    tests = tmp_path / "plants" / "tests" / "plants.yaml"
    tests.write_text(tests.read_text("utf-8") + OWN_TEST.lstrip("\n"), "utf-8")
    for name, text in LAYER.items():
        path = tmp_path / "mist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    shutil.copytree(tmp_path / "mist", tmp_path / "bare", ignore=shutil.ignore_patterns("tests"))
    monkeypatch.chdir(tmp_path)


def run(line: str) -> Result:
    return CliRunner().invoke(cli.main, line.split(), prog_name="followcue")


ON_PLANTS = "1 check in 1 test: all as expected\n"


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        (".", "test mist --rules plants"),
        (".", "test mist/ --rules ./plants/"),
        (".", "test mist/tests --rules plants"),
        (".", "test mist/tests/mist.yaml --rules plants"),
        (".", "test mist/tests --rules plants --rules mist"),
        ("mist", "test . --rules ../plants"),
        ("mist", "test tests --rules ../plants"),
        ("mist/tests", "test . --rules ../../plants"),
        ("mist/tests", "test mist.yaml --rules ../../plants"),
        ("plants/tests", "test ../../mist --rules .."),
    ],
)
def test_the_tests_of_a_layer_run_with_it(folder: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    done = run(line)
    assert (done.exit_code, done.output) == (0, ON_PLANTS)


@pytest.mark.parametrize("path", ["plants/tests", "plants/tests/plants.yaml"])
def test_the_tests_of_a_pack_need_no_rules_named(path: str) -> None:
    assert run(f"test {path} --run thirsty").output.endswith("all as expected\n")


def test_where_there_are_no_tests_that_is_said() -> None:
    done = run("test bare --rules plants")
    assert done.exit_code == 1
    assert "Error: there are no tests here: a test file stands in the folder `tests/`" in done.output


def test_of_several_paths_the_one_without_tests_is_named() -> None:
    Path("bare/vocabulary.yaml").unlink()
    Path("bare/rules.yaml").write_text("disable: [water-it]\n")
    done = run("test mist bare --rules plants")
    assert done.exit_code == 1
    assert "Error: there are no tests at bare: " in done.output


def test_figures_are_of_the_layer_alone() -> None:
    done = run("test mist --rules plants --coverage")
    assert "rules that led to something: 1 of 1 (100.0%)" in done.output


OVER = ("mist --rules plants", "plants --rules mist", "--rules plants --rules mist")


@pytest.mark.parametrize("folders", OVER)
@pytest.mark.parametrize(
    "command", ["verify --situations 0 --matcher reference --matcher compiled", "docs -o out"]
)
def test_a_layer_lies_on_its_pack_however_they_are_named(command: str, folders: str) -> None:
    done = run(f"{command} {folders}")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("folders", OVER)
def test_check_finds_what_is_left_over_in_the_pack_where_it_is_checked(folders: str) -> None:
    told = [word for word in run(f"check {folders}").output.split() if word.startswith("FC")]
    assert told == ([] if folders.startswith("mist") else ["FC332:", "FC330:"])


def test_a_test_of_a_rule_that_a_layer_takes_away_fails() -> None:
    done = run("test --rules plants --rules mist")
    assert done.exit_code == 1
    assert "the test says it is about `feed-it`, which led to nothing it expects" in done.output
    misspelt = Path("mist/tests/mist.yaml")
    misspelt.write_text(misspelt.read_text().replace("    expect", "    rules: [feeed-it]\n    expect"))
    assert "FC302: there is no rule `feeed-it`" in run("test mist --rules plants").output


@pytest.mark.parametrize("line", ["check mist/tests --rules plants", "check mist --rules plants"])
def test_a_folder_within_a_layer_stands_for_it(line: str) -> None:
    assert run(line).output == "3 files checked. 0 problems found.\n"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("evaluate situation.yaml --rules mist --rules plants", "give it before the others"),
        ("check --rules mist --rules plants", "give it before the others"),
        ("verify mist plants", "give it before the others"),
        ("docs mist plants -o out", "give it before the others"),
        ("schema rules --rules mist --rules plants", "give it before the others"),
        ("verify plants other", "leave one of them out"),
    ],
)
def test_a_pack_above_another_is_one_mistake(line: str, hint: str) -> None:
    shutil.copytree("plants", "other")
    Path("other/rules.yaml").write_text("rules: {}\n")
    done = run(line)
    assert done.exit_code == 3
    assert done.output.count(": FC") == 1
    assert "is a pack of its own, and lies on no other" in done.output
    assert f"  hint: {hint}\n" in done.output


def test_a_folder_given_twice_counts_once() -> None:
    once, twice = (run(f"evaluate situation.yaml --rules plants {more}") for more in ("", "--rules ./plants"))
    assert once.exit_code == 0
    assert twice.output == once.output


def test_a_shipped_pack_that_nothing_lies_on_is_told() -> None:
    assert "FC324" in run("check plants --pack common-practice").output


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("evaluate mist/tests/mist.yaml --rules plants", "FC502: this is a file of tests, and no situation"),
        ("evaluate plants/rules.yaml --rules plants", "FC502: this is a file of rules, and no situation"),
        ("evaluate plants/vocabulary.yaml --rules plants", "FC502: this is a vocabulary, and no situation"),
        ("test plants/rules.yaml", "FC202: this is a file of rules, and no file of tests"),
        ("test situation.yaml --rules plants", "FC202: this is a situation, and no file of tests"),
        ("verify plants/tests", "FC202: this is a file of tests, and no file of rules"),
    ],
)
def test_a_file_in_the_place_of_another_is_one_mistake(line: str, said: str) -> None:
    done = run(line)
    assert done.exit_code == 3
    assert said in done.output
    assert done.output.count(": FC") == 1
