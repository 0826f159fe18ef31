"""The desk: its answers are those of the commands, and its texts what the commands would write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from followcue.assistant.draft.message_files import message_files
from followcue.assistant.plan.course import undated
from followcue.cli.group import main
from followcue.evaluation import pipeline
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.evaluation.report.listing import listing
from followcue.evaluation.report.wording import folded, on_one_line, standing_until
from followcue.language.documents.read import read_document
from followcue.language.folders import shipped_folder
from followcue.session.desk import METHODS, Desk, DeskRefusal, DeskSettings
from followcue.session.desk_files import DeskFile, example_of, revision_of
from followcue.session.pack_texts import PackTexts

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
TODAY = date(2026, 11, 30)
QUICK = ("first-interview", "two-offers")
FULL = EXAMPLES[[path.stem for path in EXAMPLES].index("whole-search")]


each_example = pytest.mark.parametrize(
    "example",
    [pytest.param(path, marks=[] if path.stem in QUICK else [pytest.mark.slow]) for path in EXAMPLES],
    ids=lambda path: path.stem,
)


@cache
def shipped() -> LoadedPack:
    return load_pack()


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands take the rules that are loaded already, which takes most of their time."""
    load = pipeline.load_pack

    def loaded(*folders: Any, **how: Any) -> LoadedPack:
        return load(*folders, **how) if folders or how.get("packs") else shipped()

    monkeypatch.setattr(pipeline, "load_pack", loaded)


def desk_over(path: Path, text: str | None = None) -> Desk:
    file = DeskFile("0", str(path), "situation", text or path.read_bytes().decode(), may_save=True)
    examples = {one.stem: example_of(one.stem, one.read_text()) for one in EXAMPLES}
    settings = DeskSettings(messages=message_files(), examples=examples, today=lambda zone: TODAY)
    return Desk([file], "0", PackTexts(shipped_folder()), settings, loaded=shipped())


def said(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, list(map(str, words)))
    assert result.exit_code == code, result.output
    return result.stdout


def written(tmp_path: Path, example: Path, *words: str, code: int = 0) -> str:
    """The text of an example after a command."""
    path = tmp_path / "situation.yaml"
    path.write_bytes(example.read_bytes())
    said(words[0], path, *words[1:], code=code)
    return path.read_bytes().decode()


def codes(desk: Desk, method: str, **params: object) -> list[str]:
    with pytest.raises(DeskRefusal) as problem:
        desk.answer(method, params)
    return [one["code"] for one in problem.value.answer["diagnostics"]]


def cards(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [*answer["cards"], *answer["more"], *answer["coming"]]


# --- the advice
@each_example
def test_the_report_is_that_of_evaluate(example: Path) -> None:
    found = desk_over(example).answer("advice", {})
    assert found["report"] == json.loads(said("evaluate", example, "--format", "json"))
    assert (found["rules"], found["diagnostics"]) == ("current", [])


@each_example
def test_the_cards_are_the_numbered_steps(example: Path) -> None:
    desk = desk_over(example)
    found = desk.answer("advice", {})
    report = evaluate(shipped(), read_document(example.read_text(), str(example)))
    listed = listing(report)
    for name, steps in (("cards", listed.focus), ("more", listed.rest), ("coming", listed.ahead)):
        shown = [(card["number"], card["id"], card["title"]) for card in found[name]]
        assert shown == [(one.number, one.step.id, on_one_line(one.step.title)) for one in steps]
    sentences = found["sentences"]
    assert sentences["next_change_sentence"] == standing_until(report)
    assert sentences["folded"] == (folded(listed.rest, report.as_of) if listed.rest else None)
    table = said("evaluate", example)
    assert " ".join(filter(None, [sentences["headline"]])) in table
    for card in found["cards"]:
        first_words = " ".join(card["title"].split()[:3])
        assert first_words in " ".join(table.split())
        assert not card["by_words"] or card["by_words"] in " ".join(table.split())


def test_a_card_that_is_lost_soon_is_told_apart() -> None:
    tones = {card["tone"] for path in EXAMPLES for card in cards(desk_over(path).answer("advice", {}))}
    assert {"now", "soon", "quiet"} <= tones <= {"now", "soon", "quiet", "lost soon"}


def test_the_advice_of_another_day_is_that_of_as_of() -> None:
    found = desk_over(FULL).answer("advice", {"as_of": "2026-03-02"})
    asked = said("evaluate", FULL, "--format", "json", "--as-of", "2026-03-02")
    assert found["report"] == json.loads(asked)


def test_mistakes_take_the_place_of_the_report() -> None:
    text = FULL.read_text().replace("event: interview_scheduled", "event: interview_sheduled", 1)
    found = desk_over(FULL).answer("advice", {"texts": {"0": text}})
    assert (found["report"], found["cards"]) == (None, [])
    (told,) = found["diagnostics"]
    line = text.splitlines().index(next(one for one in text.splitlines() if "sheduled" in one)) + 1
    assert (told["code"], told["file"], told["line"], told["severity"]) == ("FC504", "0", line, "mistake")
    assert text.splitlines()[line - 1][told["column"] - 1 : told["end_column"] - 1] == "interview_sheduled"
    assert "interview_scheduled" in told["hint"]


def test_what_is_skipped_is_listed_apart() -> None:
    desk = desk_over(FULL)
    first = desk.answer("advice", {})["cards"][0]["id"]
    text = desk.answer("skip", {"id": first})["text"]
    found = desk.answer("advice", {"texts": {"0": text}})
    assert first not in [card["id"] for card in cards(found)]
    (skipped,) = found["skipped"]
    back = desk.answer("unskip", {"id": skipped["id"], "texts": {"0": text}})["text"]
    assert desk.answer("advice", {"texts": {"0": back}})["report"]["steps"][0]["id"] == first


# --- days
def _days(path: Path, days: int) -> None:
    desk = desk_over(path)
    found = desk.answer("days", {"days": days})
    document = read_document(path.read_bytes(), str(path))
    first = date.fromisoformat(found["first"])
    assert date.fromisoformat(found["last"]) == first + timedelta(days=days - 1)
    expected, before = [], None
    for number in range(days):
        report = evaluate(shipped(), document, Options(first + timedelta(days=number)))
        shown = desk.answer("advice", {"as_of": report.as_of.isoformat()})["report"]
        assert {**shown, "provenance": None} == {**report.to_dict(), "provenance": None}
        if before is None or undated(report) != undated(before):
            expected.append((report.as_of.isoformat(), len(listing(report).now)))
        before = report
    assert [(stop["day"], stop["count"]) for stop in found["days"]] == expected


def test_days_are_those_on_which_the_advice_differs() -> None:
    _days(FULL, 30)


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_slider_stops_where_121_reports_differ(example: Path) -> None:
    _days(example, 121)


def test_a_stop_tells_what_is_new_and_gone() -> None:
    stops = desk_over(FULL).answer("days", {})["days"]
    assert (stops[0]["new"], stops[0]["gone"]) == ([], [])
    assert any(stop["new"] for stop in stops)
    assert any(stop["gone"] for stop in stops)


# --- why and why not
@each_example
def test_why_is_that_of_the_command(example: Path) -> None:
    desk = desk_over(example)
    for card in desk.answer("advice", {})["cards"]:
        found = desk.answer("why", {"id": card["id"]})
        assert found["tree"] == json.loads(said("why", example, card["id"], "--format", "json"))
        text = " ".join(said("why", example, card["id"]).split())
        assert all(paragraph in text for paragraph in found["paragraphs"])


@pytest.mark.slow
def test_why_not_is_that_of_the_command_and_its_changes_bring_it_about() -> None:
    desk = desk_over(FULL)
    asked = desk.answer("wanted", {})["actions"]
    names = [one["action"] for one in asked if "application" not in one]
    tried = 0
    for action in ("move_on", "accept_offer", *names):
        if action not in names or tried == 3:
            continue
        found = desk.answer("why_not", {"action": action})
        assert found["json"] == json.loads(said("why-not", FULL, action, "--format", "json"))
        assert found["headline"] in " ".join(said("why-not", FULL, action).split())
        assert not found["recommended"]
        tried += bool(found["changes"])
        for change in found["changes"]:
            texts = {"texts": {"0": change["new_text"]}} if change["new_text"] else {}
            day = {"as_of": change["day"]} if change["day"] else {}
            report = desk.answer("advice", {**texts, **day})["report"]
            assert action in [one["action"] for one in (*report["actions"], *report["cautions"])]
            assert any(line.startswith(("+ ", "! ")) for line in change["after"])
    assert tried == 3


def test_what_is_recommended_is_not_asked_about() -> None:
    desk = desk_over(FULL)
    report = desk.answer("advice", {})["report"]
    there = {(one["action"], one["application"]) for one in (*report["actions"], *report["cautions"])}
    asked = desk.answer("wanted", {})["actions"]
    assert not there & {(one["action"], one.get("application")) for one in asked}
    assert {one["action"] for one in asked} | {name for name, _ in there} == set(
        shipped().pack.vocabulary.actions
    )


# --- messages
@each_example
def test_drafts_are_those_of_the_command(example: Path) -> None:
    desk = desk_over(example)
    for card in cards(desk.answer("advice", {})):
        if not card["may"]["draft"]:
            assert codes(desk, "draft", id=card["id"]) == ["FC911"]
            continue
        found = desk.answer("draft", {"id": card["id"], "me": "Robin Vale"})
        expected = said("draft", example, card["id"], "--me", "Robin Vale")
        if len(found["templates"]) == 1:
            assert f"Subject: {found['subject']}\n\n{found['text']}" == expected
        assert all(blank in found["text"] for blank in found["blanks"])
        assert (found["mailto"] or "").startswith(("mailto:", "tel:", ""))


# --- changes
@pytest.mark.parametrize("number", [0, 1])
@each_example
def test_done_writes_what_the_command_writes(tmp_path: Path, example: Path, number: int) -> None:
    desk = desk_over(example)
    (card,) = desk.answer("advice", {})["cards"][number : number + 1] or [None]
    if card is None:
        return
    before = example.read_bytes().decode()
    params: dict[str, Any] = {"id": card["id"]}
    words = ["done", card["id"]]
    found = answered(desk, "done", params)
    while "asks" in found or "diagnostics" in found:
        if "diagnostics" in found:
            (code,) = [one["code"] for one in found["diagnostics"]]
            assert written(tmp_path, example, *words, code={"FC924": 1, "FC533": 2}[code]) == before
            if code == "FC924":
                return
            params["sure"] = True
            words.append("--sure")
        else:
            assert written(tmp_path, example, *words, code=2) == before
            ask = found["asks"][0]
            value = ask["choices"][0]["value"]
            if ask["name"] == "event":
                params["event"] = value
                words += ["--event", value]
            else:
                params["fields"] = {**params.get("fields", {}), ask["name"]: value}
                words.append(f"{ask['name']}={value}")
        found = answered(desk, "done", params)
    assert found["text"] == written(tmp_path, example, *words)
    new = found["text"].splitlines()[found["line"] - 1 : found["end_line"]]
    assert new
    assert not set(new) <= set(before.splitlines())
    assert f"Done: {card['title']}" == found["sentence"]


def answered(desk: Desk, method: str, params: object) -> dict[str, Any]:
    """The answer, be it one of mistakes."""
    try:
        return desk.answer(method, params)
    except DeskRefusal as problem:
        return problem.answer


ADDED = [
    (
        {"kind": "rejected", "date": "2026-02-17", "scope": "birch"},
        ["rejected", "--application", "birch", "--date", "2026-02-17"],
    ),
    (
        {"kind": "status_checked", "scope": "Elm Vehicles", "fields": {"channel": "email", "note": "a=b"}},
        ["status_checked", "--application", "elm", "channel=email", "note=a=b"],
    ),
    ({"kind": "applied", "date": "yesterday", "scope": "fir"}, ["applied", "fir", "yesterday"]),
    (
        {"kind": "contact", "scope": "fir", "fields": {"name": "Ida Berg", "role": "recruiter"}},
        ["contact", "--application", "fir", "name=Ida Berg", "role=recruiter"],
    ),
    ({"kind": "search_reviewed", "fields": {}}, ["search_reviewed"]),
]


@pytest.mark.parametrize(("params", "words"), ADDED, ids=lambda one: str(one)[:40])
def test_add_writes_what_the_command_writes(
    tmp_path: Path, params: dict[str, object], words: Sequence[str]
) -> None:
    found = desk_over(FULL).answer("add", params)
    assert found["text"] == written(tmp_path, FULL, "add", *words)
    assert found["sentence"]
    assert found["line"] <= found["end_line"]


def test_an_application_is_added_as_the_command_adds_it(tmp_path: Path) -> None:
    found = desk_over(FULL).answer("add_scope", {"name": "Acme Widgets", "fields": {"role": "Tester"}})
    assert found["text"] == written(tmp_path, FULL, "add", "application", "Acme Widgets", "role=Tester")


def test_skip_writes_what_the_command_writes(tmp_path: Path) -> None:
    desk = desk_over(FULL)
    card = desk.answer("advice", {})["cards"][0]["id"]
    found = desk.answer("skip", {"id": card, "until": "in 2 weeks", "because": "no time"})
    words = ["skip", card, "--until", "in 2 weeks", "--because", "no time"]
    assert found["text"] == written(tmp_path, FULL, *words)
    for action in desk.answer("advice", {"texts": {"0": found["text"]}})["skipped"]:
        back = desk.answer("unskip", {"id": action["id"], "texts": {"0": found["text"]}})["text"]
        (tmp_path / "skipped.yaml").write_text(found["text"])
        assert back == written(tmp_path, tmp_path / "skipped.yaml", "unskip", action["id"])


def test_edit_writes_what_the_command_writes(tmp_path: Path) -> None:
    desk = desk_over(FULL)
    lines = FULL.read_text().splitlines()
    line = next(number for number, said in enumerate(lines, 1) if "event: applied" in said)
    found = desk.answer("edit", {"line": line, "changes": {"note": "by hand", "date": "2026-01-02"}})
    expected = written(tmp_path, FULL, "edit", str(line), "note=by hand", "date=2026-01-02", "--sure")
    assert found["text"] == expected
    removed = desk.answer("edit", {"line": line, "remove": True})
    assert removed["text"] == written(tmp_path, FULL, "edit", str(line), "--remove")
    assert removed["sentence"].startswith("Removed: ")


def test_what_is_doubtful_is_asked_about() -> None:
    desk = desk_over(FULL)
    params = {"kind": "applied", "date": "2024-02-17", "scope": "fir"}
    assert codes(desk, "add", **params) == ["FC532"]
    assert "2024-02-17" in desk.answer("add", {**params, "sure": True})["text"]


def test_what_happened_offers_first_what_settles_the_advice() -> None:
    desk = desk_over(FULL)
    found = desk.answer("happened", {})
    kinds = [kind["kind"] for kind in found["first"]]
    assert len(kinds) == len(set(kinds)) == 6
    first = desk.answer("advice", {})["cards"][0]
    event = desk.answer("done", {"id": first["id"]})
    assert kinds[0] in event["text"].splitlines()[event["line"] - 1]
    vocabulary = shipped().pack.vocabulary
    assert {kind["kind"] for kind in found["all"]} == {
        kind.name for kind in vocabulary.kinds.values() if kind.role != "conclusion"
    }
    assert {one["value"] for one in found["scopes"]} == {
        "alder", "birch", "cedar", "dorset", "elm", "fir", "gorse",
    }  # fmt: skip
    of_birch = desk.answer("happened", {"scope": "birch"})
    fields = [field for kind in of_birch["all"] for field in kind["fields"] if field["type"] == "reference"]
    assert any({"value": "dora", "title": "Dora Silva"} in field["choices"] for field in fields)


# --- to take along
@pytest.mark.slow
def test_the_calendar_and_the_page_are_those_of_the_commands(tmp_path: Path) -> None:
    desk = desk_over(FULL)
    said("export", FULL, "-o", tmp_path / "c.ics")
    text = (tmp_path / "c.ics").read_bytes().decode()
    assert desk.answer("calendar", {}) == {"name": "whole-search.ics", "text": text}
    page = desk.answer("report_page", {"me": "Robin"})
    assert page["text"] == said("evaluate", FULL, "--format", "html", "--me", "Robin")


def test_an_example_is_the_file_with_what_it_shows() -> None:
    desk = desk_over(FULL)
    listed = desk.answer("start", {})["examples"]
    assert [one["name"] for one in listed] == [path.stem for path in EXAMPLES]
    assert all(one["about"].endswith(".") and "followcue" not in one["about"] for one in listed)
    assert (
        desk.answer("example", {"name": "two-offers"})["text"]
        == (ROOT / "examples/two-offers.yaml").read_text()
    )


def test_start_says_what_there_is() -> None:
    found = desk_over(FULL).answer("start", {})
    words = {"scope": "application", "scopes": "applications", "whole": "search"}
    assert found["words"] == {**words, "scope_kind": "application"}
    begun = desk_over(FULL).answer("timeline", {"texts": {"0": found["blank"]}})
    assert [course["scope"] for course in begun["courses"]] == [None], "nothing but the search itself"
    (file,) = found["files"]
    assert file["revision"] == revision_of(FULL.read_bytes())
    assert (file["text"], found["situation"], found["today"]) == (FULL.read_text(), "0", "2026-11-30")


# --- questions that ask for what there is not
HOSTILE: list[tuple[str, object]] = [
    ("nothing", {}),
    ("advice", []),
    ("advice", None),
    ("advice", "text"),
    ("advice", {"as_of": "yesterday"}),
    ("advice", {"as_of": 3}),
    ("advice", {"texts": ["0"]}),
    ("advice", {"texts": {"0": 1}}),
    ("advice", {"texts": {"../etc": "x"}}),
    ("advice", {"texts": {"0": "\ud800"}}),
    ("days", {"days": 10**9}),
    ("days", {"days": -1}),
    ("days", {"days": True}),
    ("days", {"from": "9999-12-31"}),
    ("why", {}),
    ("why", {"id": ["x"]}),
    ("example", {"name": "../../secret"}),
    ("file", {"file": "0/../1"}),
    ("add", {"kind": "applied", "fields": "x"}),
    ("add", {"kind": "applied", "fields": {"channel": {"a": 1}}}),
    ("edit", {"line": 0, "remove": True}),
    ("edit", {"line": 3}),
    ("skip", {"id": None}),
]


@pytest.mark.parametrize(("method", "params"), HOSTILE, ids=lambda one: str(one)[:40])
def test_a_question_that_cannot_be_answered_is_a_mistake(method: str, params: object) -> None:
    with pytest.raises(DeskRefusal) as problem:
        desk_over(FULL).answer(method, params)
    (told,) = problem.value.answer["diagnostics"]
    assert told["code"] == "FC920"
    assert told["message"]


def test_names_of_nothing_are_told_by_every_method() -> None:
    desk = desk_over(FULL)
    for method in ("why", "draft", "done", "skip", "unskip"):
        assert codes(desk, method, id="nothing:at:all") == ["FC911"], method
    assert codes(desk, "why_not", action="nothing") == ["FC911"]
    assert codes(desk, "edit", line=1, remove=True) == ["FC911"]
    assert codes(desk, "add", kind="nothing") == ["FC520"]


def test_a_text_that_is_no_situation_is_a_mistake_to_every_method() -> None:
    desk = desk_over(FULL)
    for method in METHODS.keys() - {"start", "example", "file", "advice"}:
        params = {"id": "1", "action": "move_on", "kind": "applied", "name": "A", "line": 1, "remove": True}
        with pytest.raises(DeskRefusal) as problem:
            desk.answer(method, {**params, "texts": {"0": "applications: {a: [1"}})
        assert problem.value.answer["diagnostics"][0]["file"] == "0", method
