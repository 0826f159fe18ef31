"""The author's view of `followcue open --rules` in a real browser: its editors, checks and advice."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from browser_looks import acted
from followcue import evaluate, load_pack
from followcue.cli.group import main

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[1]
DUE = "due: $day + water_every + water_within"


class OpenedRules:
    """A small pack with its tests and a situation, opened to be edited."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.rules = folder / "plants"
        self.situation = folder / "home.yaml"
        if not self.rules.exists():
            ran(["new", str(self.rules), "--name", "plants"])
            shutil.copy(self.rules / "examples" / "situation.yaml", self.situation)
        command = [sys.executable, str(ROOT / "cli.py"), "open", "home.yaml", "--rules", "plants"]
        self.process = subprocess.Popen(
            [*command, "--no-browser", *options], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def do(self, what: str, /, **act: Any) -> Any:
        """What came of one act."""
        return self.all([{"do": what, "width": 1400, **act}])[0]

    def all(self, acts: list[dict[str, Any]]) -> list[Any]:
        """What came of several, on one browser."""
        found: list[Any] = acted("author", self.address, acts)
        return found

    def text(self, name: str = "rules.yaml") -> str:
        """A file of the pack."""
        return (self.rules / name).read_text()

    def close(self) -> None:
        """Stop the server."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


Opening = Callable[..., OpenedRules]


def ran(arguments: list[str]) -> str:
    """What a command prints."""
    return CliRunner().invoke(main, arguments).output


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opening]:
    """Opens the pack, by default with leave to edit."""
    running: list[OpenedRules] = []

    def open_rules(*options: str) -> OpenedRules:
        running.append(OpenedRules(tmp_path, *(options or ("--edit",))))
        return running[-1]

    yield open_rules
    for one in running:
        one.close()


# --- edits
@pytest.mark.slow
def test_an_edit_shows_what_test_and_diff_say(opened: Opening, tmp_path: Path) -> None:
    page = opened()
    before = tmp_path / "before"
    shutil.copytree(page.rules, before)
    found = page.do("edit", line=DUE, was="water_within", now="3 days", save=True)
    assert found["saved"] == "Not saved"
    assert DUE.replace("water_within", "3 days") in page.text(), "saved with the button"

    told = ran(["test", str(page.rules)])
    failing = [one for one in found["tests"] if not one["passes"]]
    assert [one["name"] for one in failing] == ["water-in-time"]
    assert found["tests"][: len(failing)] == failing, "those that fail stand first"
    assert len(found["tests"]) == 6
    for failure in failing[0]["failures"]:
        for said in failure.splitlines():
            assert " ".join(said.split()) in " ".join(told.split())

    differences = json.loads(ran(["diff", str(before), str(page.rules), "--format", "json"]))
    [edit], counted = differences["edits"], differences["situations"]
    assert f"{counted['changed'] + 1} of {counted['asked'] + 1} situations" in found["told"], (
        "and the open one"
    )
    assert {words for one in found["situations"] for words in one["blame"]} == {
        f"Blamed: rule {edit['name']}: {edit['says']}".replace("`", "")
    }
    days = {one["name"].partition("tests/")[2] for one in differences["differences"]}
    shown = [one["name"] for one in found["situations"]]
    assert shown
    assert {name.partition("tests/")[2] for name in shown if "home.yaml" not in name} <= days
    assert all("due 2026-" in change for one in found["situations"] for change in one["changes"])


@pytest.mark.slow
def test_a_mistake_stands_at_its_place_in_the_words_of_the_command(opened: Opening) -> None:
    page = opened()
    found = page.do("mistake", line="newest watered: {date: $day}", was="watered", now="waterd")
    broken = page.folder / "broken"
    shutil.copytree(page.rules, broken)
    text = page.text().replace("newest watered: {date", "newest waterd: {date", 1)
    (broken / "rules.yaml").write_text(text)
    told = ran(["check", str(broken)])
    [said] = found["said"]
    message = said.removeprefix("✕ Mistake FC302").split("did you mean")[0].strip()
    assert message in told
    assert "did you mean `watered`" in said
    assert "did you mean `watered`" in told
    line = text[: text.index("waterd")].count("\n") + 1
    column = len(text.splitlines()[line - 1].split("waterd")[0]) + 1
    assert f"rules.yaml:{line}:{column}: FC302" in told
    assert found["marked"] == ["waterd"]
    assert found["places"] == [f"plants/rules.yaml:{line}"]
    assert found["advice"] == "of the rules before your last edit"
    assert "watered" in found["title"]
    assert "newest watered:" in found["line"], "the quick fix mends it"


@pytest.mark.slow
def test_a_name_is_looked_up_and_called_otherwise_by_keyboard(opened: Opening) -> None:
    found = opened().do(
        "names",
        name="had_water",
        to="was_watered",
        taken="watered",
        declared="vocabulary.yaml",
    )
    assert found["offered"] == "had_water"
    assert found["why"].startswith("Not renamed."), "there is another of that name"
    assert "watered" in found["why"]
    assert len(found["references"]) == 4
    assert len(found["unsaved"]) == 2
    assert "was_watered" in found["after"]


@pytest.mark.slow
def test_an_editor_offers_names_and_says_what_they_are(opened: Opening) -> None:
    found = opened().do("help", line="- no given_away", back=10, name="given_away", x=120)
    assert {"no given_away", "no bought", "no watered", "no wilting"} <= set(found["offered"])
    assert "It is somebody else's now." in found["says"]


# --- tests and why not
@pytest.mark.slow
def test_a_rule_is_worth_what_the_commands_say(opened: Opening) -> None:
    page = opened()
    found = page.do("worth", rule="thirsty-plants", search="thirst high")
    mutants = ran(["test", str(page.rules), "--mutate", "--rule", "thirsty-plants"])
    assert "mutation score: 5 of 5" in mutants
    assert found["mutants"] == "thirsty-plants · 5 of 5 noticed"
    seen, of = found["coverage"].removeprefix("thirsty-plants · ").removesuffix(" seen").split(" of ")
    assert int(seen) == int(of) > 0, "as `test --coverage` says of the whole pack"
    assert "coverage: 41 of 41" in ran(["test", str(page.rules), "--coverage"])
    assert "1 test" in found["lens"]
    assert found["fires"].startswith("Fires here once")
    assert "plant Lily (home.yaml:" in found["fires"]
    [entry] = found["found"]
    assert "thirsty-plants" in entry


@pytest.mark.slow
def test_a_test_made_of_the_advice_passes_and_rests_on_its_rule(opened: Opening) -> None:
    page = opened()
    found = page.do("test_of_advice", name="all-on-one-round")
    assert "passes" in found["result"]
    assert "all-on-one-round" in page.text("tests/rules.yaml")
    assert "as expected" in ran(["test", str(page.rules), "--run", "all-on-one-round"])
    rules = page.rules / "rules.yaml"
    start = rules.read_text().index("  water-it-in-time:")
    whole = rules.read_text()
    rules.write_text(whole[:start] + whole[start:].replace("- no given_away", "- given_away", 1))
    told = ran(["test", str(page.rules), "--run", "all-on-one-round"])
    assert "all-on-one-round" in told
    assert "expected  water" in told


@pytest.mark.slow
def test_somebody_with_rules_alone_looks_at_their_example_and_makes_a_first_test_of_it(
    opened: Opening, tmp_path: Path
) -> None:
    rules = tmp_path / "plants"
    ran(["new", str(rules), "--name", "plants"])
    shutil.rmtree(rules / "tests")
    page = opened()
    found = page.do("begin", example="Situation", name="water-them")
    assert found["offered"] == ["Examples…", "Situation"]
    assert found["before"] == "There are no tests here."
    assert "passes" in found["result"]
    assert "water-them" in page.text("tests/situations.yaml")
    assert not page.situation.exists(), "an example is only looked at"


@pytest.mark.slow
def test_a_new_file_is_made_where_rules_may_be_edited(opened: Opening) -> None:
    page = opened()
    found = page.do("new_file", name="summer")
    assert (page.rules / "tests" / "summer.yaml").exists()
    assert found["shown"] == "tests/summer.yaml"
    assert found["refused"], "the same name is refused in words"


@pytest.mark.slow
def test_what_why_not_proposes_makes_the_action_appear(opened: Opening) -> None:
    page = opened()
    before = page.situation.read_text().replace("      - {date: 2026-03-09, event: wilting}\n", "")
    page.situation.write_text(before)
    found = page.do("why_not", title="Have a look at its roots", advised="Have a look at its roots")
    assert found["headline"]
    assert page.situation.read_text() != before
    report = evaluate(page.situation, load_pack(page.rules))
    assert any(action.action == "look_at_roots" for action in (*report.actions, *report.cautions))


@pytest.mark.slow
def test_an_event_is_added_beside_the_rules_without_writing_it(opened: Opening) -> None:
    page = opened()
    before = page.situation.read_text()
    found = page.do("add", kind="Watered", file=str(page.situation))
    more = set(found["after"].splitlines()) - set(before.splitlines())
    assert len(more) == 1
    assert "event: watered" in more.pop()
    assert page.situation.read_text() == before


# --- what is odd
@pytest.mark.slow
def test_broken_huge_and_hostile_texts_end_in_mistakes_that_are_told(opened: Opening) -> None:
    rules, situation = ".rules-pane", ".situation-pane"
    script = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
    texts = [
        {"pane": rules, "text": "rules: [&a [*a, *a, *a]"},
        {"pane": rules, "text": f'rules:\n  "{script}":\n    title: "{script}"\n'},
        {
            "pane": rules,
            "text": "rules:\n" + "".join(f"  r{n}: {{when: [x{n}]}}\n" for n in range(400)),
        },
        {"pane": rules, "text": "a\u2028b: \U0001f389: [\x85"},
        {"pane": situation, "text": "plants: {" * 400},
        {"pane": situation, "text": f"plants: {{'{script}': {{name: 7}}}}"},
    ]
    for file in ("vocabulary.yaml", "tests/rules.yaml", "rules.yaml"):
        texts += [
            {"pane": rules, "file": file, "text": "{" * 3000},
            {"pane": rules, "file": file, "text": f"- '{script}'\n" + "- [x, y]\n" * 20_000},
        ]
    found = opened().do("odd_texts", texts=texts)
    assert len(found["told"]) == len(texts)
    assert all(codes and all(code.startswith("FC") for code in codes) for codes in found["told"])
    assert found["scripts"] is None
    assert found["complained"] == []


@pytest.mark.slow
def test_a_rule_that_goes_on_for_ever_is_told_and_stops(opened: Opening) -> None:
    page = opened()
    ever = "  for-ever:\n    cites: [own default]\n    when: [had_water: {day: $day}]\n"
    found = page.do("loop", text=f"{page.text()}{ever}    conclude: {{had_water: {{day: $day + 1 day}}}}\n")
    assert found["said"].startswith("FC901 the rules derive more than")
    assert "for-ever" in found["said"]
    assert found["advised"]


@pytest.mark.slow
def test_a_file_that_changed_on_disk_is_never_written_over(opened: Opening) -> None:
    page = opened()
    file = page.rules / "rules.yaml"
    before = file.read_text()
    found = page.do("clash", line=DUE, file=str(file))
    assert "rules.yaml" in found["title"]
    assert file.read_text() == before + "# theirs\n"


@pytest.mark.slow
def test_without_leave_to_edit_rules_are_tried_and_never_saved(opened: Opening) -> None:
    page = opened("--read-only")
    before = page.text()
    found = page.do("only_try")
    assert found["text"].startswith("x#"), "what is typed is on the page"
    assert not {"Save", "Saved", "New file…", "Make it a test"} & set(found["buttons"])
    assert found["told"] == "Only tried, never saved"
    assert page.text() == before


# --- for everybody
LOOKS = [
    {"width": width, "scheme": scheme}
    for width, scheme in ((320, "light"), (390, "dark"), (1280, "light"), (1600, "dark"))
]


@pytest.mark.slow
def test_nothing_stands_in_anybodys_way(opened: Opening) -> None:
    page = opened()
    tabs = ["coverage", "mutants", "diff", "check", "catalogue"]
    for look, result in zip(
        LOOKS,
        page.all([{"do": "look", "tabs": tabs, "rule": "water-it-in-time:", **one} for one in LOOKS]),
        strict=True,
    ):
        for part, found in result["found"].items():
            assert found["violations"] == [], (look, part)
            assert found["overflow"] <= 0, (look, part)
            assert found["passes"] > 10
        host = page.address.partition("#")[0]
        assert [one for one in result["asked"] if not one.startswith((host, "data:"))] == []
        assert result["complained"] == []


@pytest.mark.slow
def test_all_is_reached_by_keyboard_and_no_editor_keeps_the_focus(opened: Opening) -> None:
    found = opened().do("keys")
    assert found["inside"] != found["after"]
    seen = " ".join(found["seen"])
    for part in ("rules-pane", "situation-pane", "advice-pane", "checks-pane", "top"):
        assert part in seen
    assert found["next"] == ["tab-coverage", "true"]
