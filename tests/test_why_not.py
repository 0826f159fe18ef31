"""`why-not`: what it says, that its changes work, and that it can be asked about anything."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

import followcue
from fenced import blocks, rewrite, run_python
from followcue import LoadedPack, cli, load_pack
from followcue.base.shipped import data_folder
from followcue.explain.wanted import Unknown, Wanted
from followcue.explain.why_not.answer import WhyNot
from followcue.explain.why_not.forms import as_json, as_markdown, as_text
from followcue.explain.why_not.why_not import why_not_lines
from followcue.language.documents.read import read_file

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
PAGE = ROOT / "docs" / "why-not.md"
GOLDEN = Path(__file__).parent / "cases" / "why_not"
FIRST = ROOT / "examples" / "first-interview.yaml"
SILENCE = ROOT / "examples" / "silence-after-promise.yaml"
FORMS = {"txt": as_text, "md": as_markdown, "json": as_json}


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@cache
def shipped() -> LoadedPack:
    return load_pack(cache=False)


def settled(said: str) -> str:
    """What is said, but for lines of rule files and the version, which every edit of a rule changes."""
    said = re.sub(r"(rules/[\w/-]+\.yaml):\d+", r"\1:0", said)
    said = re.sub(r"\s*[│ ]*(\(?rules/)", r" \1", said)
    return re.sub(r'"rules_version": "\w+"', '"rules_version": "any"', said).replace(f"{ROOT}/", "")


# --- what is said
@pytest.mark.parametrize(
    ("example", "action"), [("first-interview", "try_once_more"), ("silence-after-promise", "check_status")]
)
@pytest.mark.parametrize("form", FORMS)
def test_examples_read_as_expected(
    example: str, action: str, form: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)  # lines are wrapped, so that the name of the file is to be the same everywhere
    answer = followcue.why_not(f"examples/{example}.yaml", action, shipped())
    said = FORMS[form](answer)
    expected = GOLDEN / f"{example}.{form}"
    if request.config.getoption("--rebaseline"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(said, encoding="utf-8")
    assert settled(said) == settled(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("action", ["move_on", "send_thank_you", "wait", "take_next_step"])
def test_json_fits_its_schema(action: str) -> None:
    schema = json.loads((data_folder("schemas") / "why_not.schema.json").read_text(encoding="utf-8"))
    for example in EXAMPLES[:4]:
        answer = followcue.why_not(example, action, shipped())
        Draft202012Validator(schema).validate(json.loads(as_json(answer)))


@pytest.mark.slow
def test_nothing_internal_shows() -> None:
    for action in ("move_on", "update_recruiter", "let_it_go", "identical_thank_yous", "wait"):
        answer = followcue.why_not(FIRST, action, shipped())
        said = as_text(answer, width=100) + as_markdown(answer)
        assert not re.search(r"None|!recommendation|\$\w|@\d|#\d", said), action
        assert max(map(len, as_text(answer, width=100).replace(f"{ROOT}/", "").splitlines())) <= 100


# --- the answers
def ask(situation: Any, action: str, **wanted: Any) -> WhyNot:
    return followcue.why_not(situation, action, shipped(), **wanted)


def test_what_is_recommended_is_said_to_be() -> None:
    answer = ask(FIRST, "send_thank_you", to="tess")
    assert answer.is_recommended
    assert answer.headline == (
        "It is recommended: Send a thank-you message: Tess Moreau, Lumen Instruments (first-round), "
        "by Tue 2026-09-15, today."
    )
    assert not answer.changes


def test_what_opens_later_names_the_day() -> None:
    answer = ask(FIRST, "check_status")
    assert answer.verdict == "upcoming"
    assert answer.headline == (
        "Not yet: Ask where things stand (Henrik Dahl, Lumen Instruments) opens on Sat 2026-09-26, "
        "in 11 days."
    )
    change = answer.changes[0]
    assert change.as_of == date(2026, 9, 26)
    assert [step.do for step in change.steps] == ["wait"]


def test_what_comes_by_itself_is_not_yet() -> None:
    answer = ask(FIRST, "request_feedback")
    assert answer.verdict == "later"
    assert answer.headline.startswith("Not yet: Ask for feedback comes up on Mon 2026-09-28, in 13 days")
    assert answer.rules[0].lacks[0].holds_from == date(2026, 9, 28)


def test_what_was_done_names_the_event() -> None:
    answer = ask(FIRST, "send_thank_you", scope="lumen", to="henrik")
    assert answer.verdict == "done"
    assert "It is done: thank you sent 2026-09-15, to Henrik Dahl" in answer.headline
    assert re.search(r"first-interview\.yaml:20\)", answer.headline)
    assert [line.to for line in answer.elsewhere] == ["tess"]


def test_what_is_missing_is_said_in_the_words_of_the_vocabulary() -> None:
    answer = ask(FIRST, "try_once_more")
    assert answer.verdict == "unmet"
    assert "Nothing says: “You asked where things stand”" in answer.headline
    lack = answer.rules[0].lacks[0]
    assert (lack.kind, lack.rules[0].source.rule) == ("missing", "how-often-you-asked")


def test_what_is_in_the_way_has_its_own_reasons() -> None:
    answer = ask(FIRST, "ask_timeline")
    lack = answer.rules[0].lacks[0]
    assert lack.kind == "in the way"
    assert [rule.source.rule for rule in lack.facts[0].rules] == ["promised-by-a-day"]
    assert answer.headline.endswith("In the way: “A day by which they said you would hear”.")


def test_what_is_over_names_its_last_day() -> None:
    answer = ask(SILENCE, "send_paper_note")
    assert answer.verdict == "missed"
    assert answer.headline.endswith("It closed on Sat 2026-03-07, 13 days ago.")


def test_an_action_of_the_whole_is_not_for_one_record() -> None:
    answer = ask(FIRST, "take_next_step", scope="lumen")
    assert answer.verdict == "none"
    assert "It is for the whole search, not for one application" in answer.headline
    assert "It goes to nobody in particular" in ask(FIRST, "wait", to="joan").headline


def test_exceptions_profiles_and_what_is_kept(library: LoadedPack) -> None:
    def answer(action: str, **wanted: Any) -> WhyNot:
        return followcue.why_not(LOANS, action, library, **wanted)

    withdrawn = answer("phone", scope="emma")
    assert withdrawn.verdict == "withdrawn"
    assert withdrawn.headline == "No: Phone the reader (Emma). Withdrawn by “Let a cheap book go”."
    assert withdrawn.rules[0].by is not None
    assert withdrawn.rules[0].by.rule == "write-off-cheap-books"
    assert [line.scope for line in withdrawn.elsewhere] == ["dune"]
    limited = answer("visit", scope="emma")
    assert limited.verdict == "profile"
    assert limited.headline == "No: Visit the reader (Emma). It is for the profile strict only."
    assert limited.changes[0].text == "Choose the profile strict. It is then due."
    kept = answer("wait", scope="dune", about="short")
    assert kept.verdict == "kept"
    assert "“Wait long” is kept instead, until Mon 2026-03-30" in kept.headline


def test_a_short_form_for_tests_of_rules() -> None:
    lines = why_not_lines(shipped(), read_file(FIRST), Wanted("review_offer", "lumen"))
    assert lines == (
        "No: Go through the offer (Lumen Instruments). Nothing says: “They made an offer”.",
        "Add for Lumen Instruments `- {date: 2026-09-15, event: offer_received}` (They made an offer). "
        "It is then due.",
    )
    assert why_not_lines(shipped(), read_file(FIRST), Wanted("review_offer"), changes=False)[1:] == ()


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES[:3], ids=lambda path: path.stem)
def test_order_changes_nothing(example: Path) -> None:
    data = yaml.safe_load(example.read_text("utf-8"))
    turned = dict(data)
    turned["applications"] = {
        key: {name: record[name] for name in sorted(record, reverse=True)}
        for key, record in reversed(turned["applications"].items())
    }
    for action in ("move_on", "ask_timeline", "keep_warm"):
        assert as_json(ask(turned, action)) == as_json(ask(data, action))


def test_a_name_cannot_steer_the_terminal_or_the_document() -> None:
    data = yaml.safe_load(SILENCE.read_text("utf-8"))
    data["applications"]["fernhill"]["company"] = "Evil\u202e <b>*Corp*</b> ` `"
    answer = ask(data, "check_status", scope="fernhill")
    assert "\u202e" not in as_text(answer)
    assert "<b>" not in as_markdown(answer)
    assert "`- {date: 2026-03-20, event: decision_postponed}`" in as_markdown(ask(SILENCE, "check_status"))


def test_twice_asked_twice_the_same() -> None:
    assert ask(SILENCE, "wait").to_dict() == ask(SILENCE, "wait").to_dict()


def test_a_sum_is_made_up_and_an_action_without_rules_is_told(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(WEATHER)
    (tmp_path / "rules.yaml").write_text(
        "rules: {b: {title: B, when: [sum rain.mm as $m, where: $m at least 20], recommend: {action: boots}}}"
    )
    rules = load_pack(tmp_path, cache=False)
    wet = {"as_of": "2026-03-01", "events": [{"date": "2026-02-01", "event": "rain", "mm": 2}]}
    boots = followcue.why_not(wet, "boots", rules)
    assert boots.headline == "No: Boots. It would take: sum of mm of rain 2 at least 20."
    assert [change.text for change in boots.changes] == [
        "Add `- {date: 2026-03-01, event: rain, mm: 18}` (It rained). It is then due."
    ]
    assert followcue.why_not(wet, "never", rules).headline == "No: Never. No rule recommends it at all."


WEATHER = """
pack: {name: weather, title: Weather}
situation: {whole: all, events: [events]}
events: {rain: {says: It rained., fields: {mm: number}, require: [mm]}}
actions: {boots: {title: Boots}, never: {title: Never}}
sources: {almanac: {title: Almanac}}
"""


# --- unknown names
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (("chek_status",), "there is no action `chek_status`; did you mean `check_status`?"),
        (("wait", "lumin"), "there is no application `lumin`; did you mean `lumen`?"),
        (("wait", "lumen", "henrick"), "there is no person `henrick`; did you mean `henrik`?"),
    ],
)
def test_unknown_names_get_the_nearest(wanted: tuple[str, ...], said: str) -> None:
    scope, to = (*wanted[1:], None, None)[:2]
    with pytest.raises(Unknown) as problem:
        ask(FIRST, wanted[0], scope=scope, to=to)
    assert str(problem.value) == said


# --- the command
def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["why-not", *arguments], input=text)


def test_the_command_answers(tmp_path: Path) -> None:
    found = run(str(FIRST), "try_once_more")
    assert found.exit_code == 0
    assert found.stdout.startswith("No: Try once more.")
    assert run("-", "try_once_more", text=FIRST.read_text("utf-8")).stdout.startswith("No: Try once more.")
    out = tmp_path / "answer.json"
    assert run(str(FIRST), "wait", "--to", "joan", "--format", "json", "-o", str(out)).exit_code == 0
    assert json.loads(out.read_text("utf-8"))["verdict"] == "none"
    assert run(str(FIRST), "move_on", "--format", "markdown").stdout.startswith("# Why not: Move on")


def test_the_command_ends_with_1_where_it_is_recommended_and_2_for_unknown_names() -> None:
    recommended = run(str(FIRST), "send_thank_you", "--to", "tess")
    assert recommended.exit_code == 1
    assert "followcue why" in recommended.stdout
    unknown = run(str(FIRST), "chek_status")
    assert (unknown.exit_code, "did you mean `check_status`?" in unknown.stderr) == (2, True)
    assert run(str(FIRST)).exit_code == 2
    assert run("-", "wait", text="applications: 3").exit_code == 3


# --- the page
def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    found = blocks(PAGE)
    answers: dict[int, str] = {}
    for number, block in enumerate(found):
        if block.label == "console":
            command = block.text.splitlines()[0]
            result = CliRunner().invoke(cli.main, shlex.split(command.removeprefix("$ followcue ")))
            answers[number] = f"{command}\n{result.stdout}"
        elif block.label == "python":
            answers[number + 1] = run_python(block, PAGE, {})
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, answers)
    else:
        assert {n: settled(found[n].text) for n in answers} == {n: settled(a) for n, a in answers.items()}


# --- a pack about another subject
LIBRARY = """
pack: {name: library, title: Lending books}
situation:
  scope: loan
  whole: library
  records:
    loan: {in: loans, says: One book lent., fields: {book: text, value: number}, require: [book]}
  events: [loans.events]
events:
  lent: {says: The book left the shelf., fields: {until: date}, require: [until]}
  returned: {says: The book is back.}
actions:
  phone: {title: Phone the reader}
  visit: {title: Visit the reader}
  write_off: {title: Take the book off the books}
  wait: {title: Wait, standing: true, keep: latest until}
profiles:
  friendly: {says: Let people be late., default: true}
  strict: {says: Ask at once.}
sources: {handbook: {title: Handbook}}
"""
LENDING = """
rules:
  phone-late-readers:
    title: Phone the reader
    when: [lent: {until: before today}, no returned]
    recommend: {action: phone}
  write-off-cheap-books:
    title: Let a cheap book go
    when: [loan: {value: at most 5}, lent: {until: before today}]
    recommend: {action: write_off}
    overrides: [phone-late-readers]
  visit-at-once:
    title: Visit the reader
    profiles: [strict]
    when: [lent]
    recommend: {action: visit}
  wait-short:
    title: Wait a little
    when: [lent]
    recommend: {action: wait, about: short, until: today + 1 day}
  wait-long:
    title: Wait long
    when: [lent]
    recommend: {action: wait, about: long, until: today + 10 days}
"""
LOANS = {
    "as_of": "2026-03-20",
    "loans": {
        "emma": {
            "book": "Emma",
            "value": 3,
            "events": [{"date": "2025-12-20", "event": "lent", "until": "2026-01-10"}],
        },
        "dune": {
            "book": "Dune",
            "value": 30,
            "events": [{"date": "2025-12-20", "event": "lent", "until": "2026-01-10"}],
        },
    },
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> LoadedPack:
    folder = tmp_path_factory.mktemp("library")
    (folder / "vocabulary.yaml").write_text(LIBRARY)
    (folder / "rules.yaml").write_text(LENDING)
    return load_pack(folder, cache=False)
