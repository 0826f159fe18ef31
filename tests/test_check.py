"""`followcue check` and `followcue explain-code`: paths, forms, exit codes, mending, and hostile input."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator

from code_pages import write
from followcue import cli
from followcue.authoring.lint import check as lint_check
from followcue.authoring.lint.check import check
from followcue.base.diagnostic import letters_apart
from followcue.evaluation.pipeline import load_pack
from followcue.testing.find import find_tests
from followcue.testing.run import exercised_among, exercised_rules
from followcue.testing.suite import read_suite, run_suite
from npm_packages import installed

DEAD = """\
rules:
  never:  # a comment
    title: Phone
    cites: [own default]
    when:
      - count reminded as $n
      - where: $n at least 3 and $n at most 2
    recommend: {action: phone}
"""
GOOD = DEAD.replace("at most 2", "at most 4")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["check", *arguments], prog_name="followcue")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rules(text: str, here: Path) -> Path:
    """A pack about the library of which only the file of rules is told of."""
    return write(text, here) / "rules.yaml"


# --- what is kept
def test_what_was_found_is_kept_until_something_changes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(here / "caches"))
    looked: list[object] = []
    judged = lint_check._check
    monkeypatch.setattr(lint_check, "_check", lambda *asked: looked.append(asked) or judged(*asked))
    pack = rules(DEAD, here).parent
    first = run("library")
    assert run("library").output == first.output
    assert len(looked) == 1
    assert run("library", "--no-cache").output == first.output
    assert len(looked) == 2
    (pack / "tests").mkdir(exist_ok=True)
    (pack / "tests" / "none.yaml").write_text(
        "{situation: {loans: {}, as_of: 2026-03-01}, tests: {a: {reject: [phone]}}}"
    )
    assert "no test exercises" in run("library").output
    (pack / "rules.yaml").write_text(GOOD)
    assert "FC430" not in run("library").output
    assert len(looked) == 4


# --- what is checked, and how it ends
def test_nothing_wrong(here: Path) -> None:
    done = run(str(rules(GOOD, here).relative_to(here)))
    assert (done.exit_code, done.output) == (0, "1 file checked. 0 problems found.\n")


def test_a_lint_ends_with_1(here: Path) -> None:
    done = run(str(rules(DEAD, here).relative_to(here)))
    assert done.exit_code == 1
    assert done.output.startswith("library/rules.yaml:7:34: FC430: `never` can never fire")
    assert done.output.endswith("1 file checked. 1 problem found.\n")


def test_rules_that_cannot_be_used_end_with_3(here: Path) -> None:
    done = run(str(rules(DEAD.replace("phone", "fone"), here).relative_to(here)))
    assert done.exit_code == 3
    assert "FC302: there is no action `fone`" in done.output


def test_a_path_that_is_not_there_is_wrong_usage(here: Path) -> None:
    assert run("nowhere").exit_code == 2


def test_a_file_that_is_no_yaml_is_wrong_usage(here: Path) -> None:
    (here / "README.md").write_text("# Read me\n", "utf-8")
    done = run("README.md")
    assert done.exit_code == 2
    assert "those end in .yaml" in done.output


def test_a_folder_without_rules(here: Path) -> None:
    (here / "empty").mkdir()
    done = run("empty")
    assert done.exit_code == 3
    assert "FC101" in done.output


def test_a_folder_tells_of_all_its_files(here: Path) -> None:
    rules(GOOD, here)
    codes = {told.finding.diagnostic.code for told in check(["library"]).told}
    assert codes == {"FC330", "FC331", "FC332"}


def test_each_pack_is_checked_by_itself_and_layers_lie_on_the_one_before(here: Path) -> None:
    rules(GOOD, here)
    layer = here / "mine"
    layer.mkdir()
    (layer / "rules.yaml").write_text("disable: [never]\n", "utf-8")
    other = here / "other"
    (other / "library").mkdir(parents=True)
    write(DEAD, other / "x")
    found = check(["library", "mine", "other/x/library"])
    assert not found.mistakes
    assert [told.finding.rule for told in found.told if told.finding.rule] == ["never"]
    assert found.files == 5


BOTH_WAYS = """
import os
from followcue.authoring.lint.check import check

one, several = (check(["library", "wrong/library", "sound/library"], jobs=jobs) for jobs in (1, 2))
assert one == several, several
assert len(one.mistakes) == 1 and "never" in {told.finding.rule for told in one.told}
print(os.times().children_user > 0)
"""


@pytest.mark.slow
def test_several_processes_find_the_same(here: Path) -> None:
    rules(DEAD, here)
    for name, text in {"wrong": DEAD.replace("phone", "fone"), "sound": GOOD}.items():
        (here / name).mkdir()
        write(text, here / name)
    done = subprocess.run([sys.executable, "-c", BOTH_WAYS], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_tests_are_checked_as_well(here: Path) -> None:
    pack = write(GOOD, here)
    (pack / "tests").mkdir()
    (pack / "tests" / "one.yaml").write_text("tests: {one: {title: One}}\n", "utf-8")
    done = run("library")
    assert done.exit_code == 3
    assert "library/tests/one.yaml:1:9: FC801" in done.output


def test_a_rule_may_allow_what_is_meant(here: Path) -> None:
    text = DEAD.replace("    title: Phone", "    allow: [FC430]\n    title: Phone")
    assert run(str(rules(text, here).relative_to(here))).exit_code == 0


# --- forms
def test_json(here: Path) -> None:
    done = run(str(rules(DEAD, here).relative_to(here)), "--format", "json")
    data = json.loads(done.output)
    assert data["files"] == 1
    (problem,) = data["problems"]
    assert {
        key: problem[key] for key in ("code", "severity", "rule", "file", "line", "column", "length")
    } == {
        "code": "FC430",
        "severity": "error",
        "rule": "never",
        "file": "library/rules.yaml",
        "line": 7,
        "column": 34,
        "length": 12,
    }
    assert problem["related"][0]["column"] == 16
    assert problem["test"]["tests"]["fc430-never"]["situation"]["as_of"] == "2026-03-02"


def test_sarif(here: Path) -> None:
    done = run(str(rules(DEAD, here).relative_to(here)), "--format", "sarif", "-o", "results.sarif")
    assert done.exit_code == 1
    data = json.loads((here / "results.sarif").read_text("utf-8"))
    assert_sarif(data)
    (result,) = data["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "library/rules.yaml"},
        "region": {"startLine": 7, "startColumn": 34, "endColumn": 46},
    }


def test_sarif_of_mistakes_and_of_nothing(here: Path) -> None:
    path = str(rules(DEAD.replace("phone", "fone"), here).relative_to(here))
    assert_sarif(json.loads(run(path, "--format", "sarif").output))
    (here / "library" / "rules.yaml").write_text(GOOD, "utf-8")
    assert_sarif(json.loads(run(path, "--format", "sarif").output))
    (here / "empty").mkdir()
    assert_sarif(json.loads(run("empty", "--format", "sarif").output))


@pytest.mark.programs
def test_sarif_keeps_to_its_schema(here: Path) -> None:
    """To that of the standard, as a package of its authors ships it."""
    schemas = installed("sarif") / "node_modules/@microsoft/jest-sarif/lib/schemas"
    (schema,) = schemas.glob("sarif-2.1.0*.json")
    validator = Draft7Validator(json.loads(schema.read_text("utf-8")))
    path = rules(DEAD, here)
    for text in (DEAD, MISSPELT, "rules: {}\n"):
        path.write_text(text, "utf-8")
        written = run(str(path.relative_to(here)), "--format", "sarif").output
        assert [error.message for error in validator.iter_errors(json.loads(written))] == []
    assert not validator.is_valid({"version": "2.1.0"})


def assert_sarif(data: Any) -> None:
    """What SARIF 2.1.0 demands of the parts that are written."""
    assert data["version"] == "2.1.0"
    assert data["$schema"].endswith("sarif-2.1.0.json")
    for one in data["runs"]:
        driver = one["tool"]["driver"]
        assert driver["name"]
        ids = [rule["id"] for rule in driver["rules"]]
        assert len(ids) == len(set(ids))
        assert one["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
        for result in one["results"]:
            assert result["ruleId"] == ids[result["ruleIndex"]]
            assert result["level"] in ("none", "note", "warning", "error")
            assert result["message"]["text"]
            for place in (*result["locations"], *result.get("relatedLocations", ())):
                physical = place["physicalLocation"]
                assert not re.search(r"[\s\\]", physical["artifactLocation"]["uri"])
                region = physical.get("region", {"startLine": 1, "startColumn": 1, "endColumn": 1})
                assert region["startLine"] >= 1
                assert 1 <= region["startColumn"] <= region["endColumn"]


def test_github(here: Path) -> None:
    done = run(str(rules(DEAD, here).relative_to(here)), "--format", "github")
    (line,) = done.output.splitlines()
    assert line.startswith(
        "::error file=library/rules.yaml,line=7,col=34,endColumn=46,title=FC430%3A this rule"
    )
    assert "%0Ahint: change one of them" in line


# --- mending
MISSPELT = """\
# of mine
rules:
  phone-late-readers:   # keep me
    titel:   Phone
    cites: [own default]
    when:
      - lentt: {to: $reader,  untill: before today}
      - no answred: {from: $raeder}
    recommend: {action: phone, to: $reader}
"""


def test_names_are_mended_and_nothing_else(here: Path) -> None:
    path = rules(MISSPELT, here)
    shown = run("library/rules.yaml", "--fix", "--dry-run")
    assert path.read_text("utf-8") == MISSPELT
    assert "-    titel:   Phone" in shown.output
    assert "+    title:   Phone" in shown.output
    done = run("library/rules.yaml", "--fix")
    assert done.exit_code == 0
    wanted = MISSPELT
    for wrong, right in (("titel", "title"), ("lentt", "lent"), ("untill", "until"), ("answred", "answered")):
        wanted = wanted.replace(wrong, right)
    assert path.read_text("utf-8") == wanted.replace("$raeder", "$reader")


def test_what_could_be_one_of_two_is_left_alone(here: Path) -> None:
    text = MISSPELT.replace("titel", "title").replace("lentt", "lent").replace("untill", "until")
    text = (
        text.replace("answred", "answered")
        .replace("$raeder", "$reader")
        .replace("title:   Phone", "title: Phone")
    )
    text = text.replace("to: $reader,", "to: $reader1, date: $reader2,").replace(
        "to: $reader}", "to: $reader}"
    )
    path = rules(text, here)
    done = run("library/rules.yaml", "--fix")
    assert done.exit_code == 3
    assert path.read_text("utf-8") == text


def test_dry_run_belongs_to_fix(here: Path) -> None:
    assert run("--dry-run").exit_code == 2


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("lent", "lentt", 1),
        ("title", "titel", 1),
        ("answer", "answers", 1),
        ("abc", "abc", 0),
        ("ab", "cd", None),
    ],
)
def test_letters_apart(one: str, other: str, apart: int | None) -> None:
    assert letters_apart(one, other, 1) == apart
    assert letters_apart(other, one, 1) == apart


# --- hostile input: an answer with a place, soon
def alias_bomb() -> str:
    lines = ["rules: {}", "disable:", "  - &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  - &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    return "\n".join(lines) + "\n"


HOSTILE = {
    "deep": ("rules: " + "[" * 100_000, "FC106"),
    "deep mappings": ("\n".join(" " * i + "a:" for i in range(2_000)), "FC106"),
    "aliases": (alias_bomb(), "FC104"),
    "ten megabytes": ("rules:\n" + "  # nothing but this\n" * 500_000, "FC201"),
    "one long line": ("rules: {" + "a" * 3_000_000, "FC"),
    "nothing": ("", "FC201"),
    "bytes": ("rules:\n  a\x00: 1\n", "FC105"),
    "many broken rules": (
        "rules:\n"
        + "".join(
            f"  r{i}: {{title: T, when: [nothing_{i}], recommend: {{action: x}}}}\n" for i in range(1_000)
        ),
        "FC302",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_located_mistakes(name: str, here: Path) -> None:
    text, code = HOSTILE[name]
    path = rules("rules: {}\n", here)
    path.write_text(text, "utf-8")
    started = time.process_time()
    found = check([str(path.relative_to(here))])
    assert time.process_time() - started < 20
    assert found.mistakes
    assert found.mistakes[0].code.startswith(code)
    assert all(problem.span or problem.place for problem in found.mistakes)


def test_rules_that_stand_for_everything_are_not_pursued_without_end(here: Path) -> None:
    kinds = "lent or extended or reminded or answered or damaged or returned or stocktaking"
    choices = "\n".join(f"      - {kinds}: {{date: on or after $d{i}}}" for i in range(1))
    text = f"""\
rules:
  grows:
    when: [lent: {{date: $d0}}, reminders: {{n: $n}}]
    conclude: {{reminders: {{n: $n + 1}}}}
  circle:
    when: [reminders: {{n: $n}}, due_back: {{day: $day}}]
    conclude: {{due_back: {{day: $day + 1 day}}}}
  wide:
    title: All
    when:
      - lent: {{date: $d0}}
{choices}
      - any of: [lent, reminded, answered, damaged, returned]
      - any of: [lent, reminded, answered, damaged, returned]
    recommend: {{action: phone}}
"""
    started = time.process_time()
    codes = {told.finding.diagnostic.code for told in check([str(rules(text, here).relative_to(here))]).told}
    assert "FC431" in codes
    assert time.process_time() - started < 20


# --- codes
def explain(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["explain-code", *arguments], prog_name="followcue")


def test_a_code_is_explained() -> None:
    done = explain("FC430")
    assert done.exit_code == 0
    assert done.output.startswith("# FC430: this rule can never fire")
    assert explain("430").output == done.output == explain("fc430").output


def test_an_unknown_code_gets_the_nearest() -> None:
    done = explain("FC449")
    assert done.exit_code == 2
    assert "there is no code 'FC449'; near it: FC44" in done.output
    assert explain("nonsense").exit_code == 2
    assert explain().exit_code == 2


def test_codes_are_listed() -> None:
    lines = explain("--list").output.splitlines()
    assert "FC430  this rule can never fire: its conditions contradict each other" in lines
    assert lines == sorted(lines)


# --- nothing is passed over, and one mistake does not call forth another
TEST = "tests: {one: {title: One, situation: {loans: {}}, reject: [phone]}}\n"


@pytest.mark.parametrize(
    "name", ["tests/more/one.yaml", "tests/a/b/one.yaml", "tests/one.yml", "tests/one.YAML"]
)
def test_tests_that_nobody_would_run_are_refused(name: str, here: Path) -> None:
    pack = write(GOOD, here)
    (pack / name).parent.mkdir(parents=True, exist_ok=True)
    (pack / name).write_text(TEST, "utf-8")
    (pack / "tests" / "situations").mkdir()
    (pack / "tests" / "situations" / "small.yaml").write_text("loans: {}\n", "utf-8")
    assert [problem.code for problem in check(["library"]).mistakes] == ["FC101"]
    told = CliRunner().invoke(cli.main, ["test", "library"])
    assert told.exit_code == 3
    assert f"library/{name}: FC101: " in told.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("test/one.yaml", "did you mean the folder `tests`?"),
        ("vocabulary/more/words.yaml", "words stand right inside `vocabulary`"),
        ("more/rules.yml", "not in folders within it"),
        ("MORE.YAML", "end in `.yaml`"),
    ],
)
def test_no_file_of_a_pack_is_passed_over(name: str, says: str, here: Path) -> None:
    pack = write(GOOD, here)
    (pack / name).parent.mkdir(parents=True, exist_ok=True)
    (pack / name).write_text("rules: {}\n", "utf-8")
    found = [str(problem) for problem in check(["library"]).mistakes]
    assert len(found) == 1
    assert f"library/{name}: FC101" in found[0]
    assert says in found[0]


@pytest.mark.parametrize(
    ("written", "slip", "code"),
    [
        ("remind: {title:", "remind: {titel: x, title:", "FC202"),
        ("actions:", "action:", "FC202"),
        ("situation:", "situaton:", "FC202"),
        ("priority: high", "priority: urgnt", "FC205"),
        ("events:", "events: [", "FC102"),
    ],
)
def test_a_slip_in_the_words_is_told_alone(written: str, slip: str, code: str, here: Path) -> None:
    pack = write(GOOD, here)
    words = (pack / "vocabulary.yaml").read_text("utf-8")
    assert written in words
    (pack / "vocabulary.yaml").write_text(words.replace(written, slip, 1), "utf-8")
    assert [problem.code for problem in check(["library"]).mistakes] == [code]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("remnd", "did you mean `remind`? But a layer cannot change an action"),
        ("remind", "a layer cannot change an action below it"),
        ("sing_aloud", "add it, as in `title: "),
    ],
)
def test_a_layer_that_changes_an_action_hears_that_it_cannot(name: str, hint: str, here: Path) -> None:
    write(GOOD, here)
    (here / "mine").mkdir()
    (here / "mine" / "vocabulary.yaml").write_text(f"actions: {{{name}: {{priority: high}}}}\n", "utf-8")
    (problem,) = check(["library", "mine"]).mistakes
    assert (problem.code, problem.message) == ("FC203", "an action needs `title`")
    assert str(problem.hint).startswith(hint)


def test_rules_that_cannot_be_read_are_not_missed(here: Path) -> None:
    pack = write(GOOD, here)
    (pack / "rules.yaml").write_text(GOOD + "  more: [\n", "utf-8")
    (pack / "others.yaml").write_text(GOOD.replace("never:", "other:\n    overrides: [never]"), "utf-8")
    assert [problem.code for problem in check(["library"]).mistakes] == ["FC102"]


def test_a_layer_that_changes_nothing_is_refused_by_evaluate(here: Path) -> None:
    write(GOOD, here)
    (here / "mine").mkdir()
    (here / "mine" / "vocabulary.yaml").write_text("parameters: {graec: {value: 2 days}}\n", "utf-8")
    (here / "loans.yaml").write_text("as_of: 2026-03-20\nloans: {}\n", "utf-8")
    done = CliRunner().invoke(
        cli.main, ["evaluate", "loans.yaml", "--rules", "library", "--rules", "mine"], prog_name="followcue"
    )
    assert done.exit_code == 3
    assert "FC420: there is no parameter `graec` below this layer to change" in done.stderr
    assert "did you mean `grace`?" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("packs", [(), ("common-practice",)])
def test_which_rules_tests_exercise_is_known_without_running_them_all(packs: tuple[str, ...]) -> None:
    loaded = load_pack(packs=packs)
    scenarios = read_suite(find_tests((), (), packs), loaded)
    random = Random(15)
    for size in (1, 5, 20, 60):
        some = random.sample(scenarios, size)
        wanted = random.sample(sorted(loaded.pack.rules), 80)
        every = exercised_rules(outcome for result in run_suite(some, loaded) for outcome in result.outcomes)
        assert exercised_among(wanted, some, loaded) == every & set(wanted)


@pytest.mark.slow
def test_one_process_and_several_find_the_same_and_tell_the_same_mistakes(here: Path) -> None:
    """Also what is wrong with tests, which another process reads, and where there can be no other process."""
    pack = rules(DEAD, here).parent
    (pack / "tests").mkdir(exist_ok=True)
    for tests in ("tests: {}\n", "tests: {a: {situation: {}, expect: [nothing_such]}}\n", "tests: [\n"):
        (pack / "tests" / "some.yaml").write_text(tests)
        alone = lint_check.check([str(pack)], jobs=1)
        shared = lint_check.check([str(pack)], jobs=2)
        ended = threading.Event()
        beside = threading.Thread(target=ended.wait)
        beside.start()
        try:
            without_copies = lint_check.check([str(pack)], jobs=2)
        finally:
            ended.set()
            beside.join()
        assert alone == shared == without_copies
        assert alone.problems


def test_what_lies_below_is_not_told_of_though_its_path_begins_alike(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(DEAD, here)
    (here / "mine" / "tests").mkdir(parents=True)
    (here / "mine" / "rules.yaml").write_text("rules: {}\n", "utf-8")
    monkeypatch.chdir(here / "mine" / "tests")
    assert run("..", "--rules", "../../library").output == "1 file checked. 0 problems found.\n"
