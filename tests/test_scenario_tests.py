"""Scenario tests as their authors meet them: what is missed, what is wrong with a test, and how it ends."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from code_pages import write
from followcue import cli
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.documents.read import read_document
from followcue.testing.failures import said_of
from followcue.testing.read_scenarios import read_scenarios
from followcue.testing.run import run_scenario

SITUATION = """\
situation:
  as_of: 2026-03-04
  applications:
    acme:
      company: Acme
      contacts: {ivo: {name: Ivo, role: interviewer}}
      events: [{date: 2026-03-02, event: interview, id: iv, with: [ivo]}]
tests:
  t:
"""


@cache
def loaded() -> LoadedPack:
    return load_pack(cache=False)


def said(test: str) -> list[str]:
    """What is said of a test, without its first line."""
    (scenario,) = read_scenarios(read_document(f"{SITUATION}    {test}\n", "t.yaml"), loaded())
    result = run_scenario(scenario, loaded())
    lines = list(said_of(result))
    assert result.passed == (len(lines) == 1)
    return lines[1:]


def mistakes(test: str, text: str = SITUATION) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        read_scenarios(read_document(f"{text}    {test}\n", "t.yaml"), loaded())
    hints = [f"{d.where}: {d.code}: {d.message}" for d in raised.value.diagnostics]
    return [*hints, *(d.hint for d in raised.value.diagnostics if d.hint)]


# --- what is missed
def test_what_is_expected_is_there() -> None:
    assert said("expect: [{action: send_thank_you, to: ivo, due: 2026-03-03}, keep_searching]") == []


def test_an_action_with_other_fields_stands_beside_it() -> None:
    assert said("expect: [{action: send_thank_you, due: 2026-03-09, to: ivo, do: [Sing]}]") == [
        "  t.yaml:10:5: on 2026-03-04",
        "    expected  send_thank_you: due 2026-03-09, to ivo, do [Sing]",
        "    got       send_thank_you: due 2026-03-03, to ivo, do lack [Sing]",
    ]


def test_nothing_such() -> None:
    assert said("expect: [move_on]")[1:] == ["    expected  move_on", "    got       no `move_on`"]


def test_what_is_unwanted_names_the_rules() -> None:
    assert said("reject: [widen_search]")[1:] == [
        "    unwanted  widen_search",
        "    got       widen_search: status due",
        "              by not-all-eggs-in-one-basket",
    ]


def test_nothing_else_may_be_there() -> None:
    extra = said("{exact: true, expect: [send_thank_you, wait, check_status, ask_timeline, ask_start_date]}")
    assert "    nobody expects  keep_searching: status due" in extra


def test_a_caution_is_no_action() -> None:
    assert said("expect: [{caution: keep_searching}]")[1:] == [
        "    expected  caution keep_searching",
        "    got       keep_searching",
    ]


def test_events_are_added_for_one_check() -> None:
    added = "{application: acme, date: 2026-03-03, event: thank_you_sent, to: ivo}"
    assert said(f"checks: [{{add: [{added}], reject: [send_thank_you]}}, {{expect: [send_thank_you]}}]") == []


def test_a_window_is_seen_from_all_sides() -> None:
    window = "action: send_thank_you, open: 2026-03-02, due: 2026-03-03, close: 2026-03-15"
    assert said(f"windows: [{{{window}}}]")[:3] == [
        "  t.yaml:10:15: on 2026-03-02, the day it opens",
        "    expected  send_thank_you: open 2026-03-02, due 2026-03-03, close 2026-03-15, status due",
        "    got       send_thank_you: open 2026-03-02, due 2026-03-03, close 2026-03-16, status due",
    ]


def test_what_does_not_stop_it_is_told() -> None:
    window = "action: send_thank_you, open: 2026-03-02, stopped_by: [{event: reply_received}]"
    assert "once there is reply_received" in said(f"windows: [{{{window}}}]")[0]


def test_claims_are_checked() -> None:
    assert said("{items: [G25], rules: [thank-each-interviewer], expect: [send_thank_you]}") == [
        "  t.yaml:10:14: the test says it is about `G25`, which led to nothing it expects"
    ]


def test_warnings() -> None:
    assert said("warnings: [two suns]")[1:] == [
        "    expected  a warning with: two suns",
        "    got       no warning",
    ]
    assert said("warnings: []") == []


# --- what is wrong with a test
@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("expect: [send_thankyou]", ["t.yaml:10:14: FC302: there is no action `send_thankyou`"]),
        ("reject: [{action: wiat}]", ["t.yaml:10:23: FC302: there is no action `wiat`"]),
        (
            "reject: [{action: wait, to: iwo}]",
            ["t.yaml:10:33: FC302: nothing in the situation is called `iwo`", "did you mean `ivo`?"],
        ),
        ("items: [G999]\n    expect: [wait]", ["t.yaml:10:13: FC302: there is no item `G999`"]),
        ("title: Nothing", ["t.yaml:9:3: FC803: the test `t` demands nothing"]),
        ("checks: [{as_of: 2026-03-03}]", ["t.yaml:10:14: FC803: this demands nothing"]),
        (
            "expect: [{action: wait, loan: x}]",
            ["t.yaml:10:29: FC202: an expectation has no `loan`"],
        ),
        (
            "checks: [{add: [{application: acme, date: 2026-03-03, event: kept_warm, to: iwo}],"
            " exact: true}]",
            ["t.yaml:10:81: FC505: `to`: there is no contact `iwo`", "did you mean `ivo`?"],
        ),
        (
            "checks: [{add: [{application: acne, date: 2026-03-03, event: rejected}], expect: [wait]}]",
            ["t.yaml:10:21: FC302: there is no application `acne`", "did you mean `acme`?"],
        ),
        ("profile: patiend\n    expect: [wait]", ["t.yaml:10:14: FC603: there is no profile `patiend`"]),
        ("situation_file: nowhere.yaml\n    expect: [wait]", ["t.yaml:10:21: FC802: "]),
        ("expect: [concluded_interview]", ["t.yaml:10:14: FC302: there is no action"]),
        ("expect: [interview]", ["t.yaml:10:14: FC302: `interview` is an event, and no action"]),
        ("expect: [last_heard]", ["write `{conclusion: last_heard}`, with its fields, or name an action"]),
        ("expect: [{conclusion: x}]", ["t.yaml:10:27: FC302: there is no conclusion `x`"]),
        (
            "windows: [{conclusion: closed, open: 2026-03-03}]",
            ["a window is that of an action; write `{conclusion: …}`"],
        ),
        ("expect: [{concluded: closed}]", ["a conclusion is expected as `{conclusion: NAME}`"]),
        ("expect: [{action: wait, deadline: x}]", ["the days of an action are `open`"]),
        ("expect: [{action: wait, who: ivo}]", ["whom it goes to is `to`"]),
        ("expect: [{action: wait, rule: x}]", ["did you mean `rules`?"]),
        ("as_of: 12.3.2026\n    expect: [wait]", ["write the year first"]),
        ("given: {}\n    expect: [wait]", ["what is so stands under `situation:`"]),
        ("then: [wait]", ["what must be reported stands under `expect:`"]),
        ("never: [wait]", ["what must not be reported stands under `reject:`"]),
        ("today: 2026-03-03", ["the day that is looked at is `as_of:`"]),
        ("description: x", ["what a test is about is said in its `title:`"]),
    ],
)
def test_mistakes_have_places(test: str, told: list[str]) -> None:
    found = mistakes(test)
    for expected in told:
        assert any(line.startswith(expected) for line in found), found


def test_a_test_needs_a_situation_and_a_day() -> None:
    assert mistakes("expect: [wait]", "tests:\n  t:\n")[0] == "t.yaml:2:3: FC801: this test has no situation"
    undated = SITUATION.replace("  as_of: 2026-03-04\n", "")
    assert mistakes("expect: [wait]", undated)[0].endswith(
        "FC804: this test does not say on which day it looks"
    )


@pytest.mark.parametrize(
    ("says", "key"),
    [
        ("as_of: 2026-02-30\n    expect: [wait]", "as_of"),
        ("checks: [{as_of: 2026-02-30, expect: [wait]}]", "as_of"),
        ("expect: [{action: wait, until: 2026-02-30}]", "until"),
        ("reject: [{action: wait, open: 2026-02-30}]", "open"),
        ("windows: [{action: wait, open: 2026-02-20, close: 2026-02-30}]", "close"),
        ("windows: [{action: wait, open: 2026-02-20, last: 2026-02-30}]", "last"),
    ],
)
def test_a_day_that_is_on_no_calendar_is_told_where_it_stands(says: str, key: str) -> None:
    column = says.index("2026-02-30") + 5
    assert mistakes(says) == [
        f"t.yaml:10:{column}: FC507: `{key}`: there is no 2026-02-30 in the calendar",
        "that month ends on 2026-02-28",
    ]


def test_a_situation_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("as_of: 2026-03-04\napplications: {}\n")
    test = tmp_path / "t.yaml"
    test.write_text("situation_file: s.yaml\ntests: {t: {expect: [keep_searching]}}\n")
    assert run(str(test)).exit_code == 0


# --- the command
@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ("test", *arguments))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "t.yaml"
    file.write_text(f"{SITUATION}    expect: [send_thank_you]\n  u:\n    expect: [move_on]\n")
    return file


def test_a_failed_test_ends_with_1(file: Path) -> None:
    result = run(str(file))
    assert result.exit_code == 1
    assert result.stdout.endswith("1 test failed of 2 checks in 2 tests\n")


def test_junit_names_every_test(file: Path) -> None:
    result = run(str(file.parent), "--format", "junit")
    assert result.exit_code == 1
    suite = ElementTree.fromstring(result.stdout)[0]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["t", "u"]
    assert "no `move_on`" in (suite[1][0].text or "")


def test_no_test_is_no_success(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 1
    assert "there are no tests here" in result.stderr


def test_an_invalid_test_ends_with_3(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(f"{SITUATION}    expect: [nonsense]\n")
    result = run(str(file))
    assert result.exit_code == 3
    assert f"{file}:10:14: FC302" in result.stderr


def test_the_tests_of_a_rule_folder_run_with_its_rules(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "rules:\n  rest:\n    title: Rest\n    for: search\n    when: [network_told]\n"
        "    recommend: {action: take_next_step}\n"
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "mine.yaml").write_text(
        "situation: {as_of: 2026-03-04, applications: {},"
        " events: [{date: 2026-03-04, event: network_told}]}\n"
        "tests: {t: {rules: [rest], expect: [take_next_step]}}\n"
    )
    for arguments in ([str(tmp_path)], ["--rules", str(tmp_path)]):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert "1 check in 1 test: all as expected" in result.stdout


def test_a_layer_that_is_tested_lies_on_the_pack_below_it(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "tests").mkdir(parents=True)
    (layer / "more.yaml").write_text(
        "rules: {more: {title: More, when: [{loan: {value: at least 1}}], recommend: {action: phone}}}\n"
    )
    (layer / "tests" / "more.yaml").write_text(
        "situation: {as_of: 2026-03-04, loans: {emma: {book: Emma, value: 2}}}\n"
        "tests: {t: {expect: [{action: phone, rules: [more]}]}}\n"
    )
    pack = str(write(SOUND, tmp_path))
    for arguments in ([str(layer), "--rules", pack], ["--rules", pack, "--rules", str(layer)]):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
    # Of a pack that needs no other, the tests alone are meant.
    older = tmp_path / "older"
    shutil.copytree(pack, older)
    (older / "tests").mkdir()
    (older / "tests" / "old.yaml").write_text(
        "situation: {as_of: 2026-03-04, loans: {emma: {book: Emma, value: 200}}}\n"
        "tests: {t: {expect: [write_off]}}\n"
    )
    assert run(str(older), "--rules", pack).exit_code == 0


SOUND = """
rules:
  never:
    title: Never
    when: [{loan: {value: at least 100}}]
    recommend: {action: write_off}
"""
