"""`followcue log`: the history in sentences."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from followcue import cli, load_pack
from followcue.assistant.journal.event_sentence import sentence_of
from followcue.assistant.journal.history import history
from followcue.assistant.journal.history_text import as_text
from followcue.evaluation.pipeline import Options
from followcue.language.documents.read import read_document
from followcue.language.model.text_template import fill, parse_sentence

ROOT = Path(__file__).parents[1]
SEARCH = """\
as_of: 2026-11-21
applications:
  acme:
    company: Acme
    contacts: {dana: {name: Dana Ruiz}, lee: {role: host}}
    events:
      - {date: 2026-11-02, event: applied, channel: email, note: "with   the new CV"}
      - {date: 2026-11-02, event: application_acknowledged}
      - {date: 2026-11-10, event: interview, with: [dana, lee], concerns: [SQL, travel, pay]}
      - {date: 2026-11-10, event: timeline_promised, by: 2027-01-08, call_ok: refused}
      - {date: 2026-11-24, event: interview_scheduled, id: second, for: 2026-12-01, with: dana}
  globex:
    company: Globex
    events:
      - {date: 2025-12-30, event: offer_received, written: true}
      - {date: 2026-11-10, event: offer_disclosed, of: acme}
events:
  - {date: 2026-11-10, event: network_told}
"""


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def log(*options: str, text: str = SEARCH) -> Result:
    return CliRunner().invoke(cli.main, ["log", "-", *options], input=text)


def test_the_history_is_told_day_by_day() -> None:
    assert (
        log().stdout
        == """\
Tue 30 Dec 2025
  Globex: They made you an offer. In writing: yes.

    306 days of silence

Mon 2 Nov
  Acme: You sent the application by email. “with the new CV”
  Acme: They confirmed that your application arrived.

    7 days of silence

Tue 10 Nov
  Acme: Interview with Dana Ruiz and lee. It left doubts: SQL, travel and pay.
  Acme: You will hear by Fri 8 Jan 2027. Calling: refused.
  Globex: You told of the offer from Acme.
  You told people that you are looking.

    11 days of silence, up to Sat 2026-11-21

Tue 24 Nov, ahead
  Acme: An interview was arranged for Tue 1 Dec, with Dana Ruiz.
"""
    )


def test_one_application_is_told_without_its_name() -> None:
    said = log("--application", "globex", "--as-of", "2026-11-11").stdout
    assert (
        said
        == """\
Tue 30 Dec 2025
  They made you an offer. In writing: yes.

    314 days of silence

Tue 10 Nov
  You told of the offer from Acme.
"""
    )
    wrong = log("--application", "globx")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "there is no application `globx`; did you mean `globex`?" in wrong.stderr


def test_markdown_has_a_heading_a_day() -> None:
    text = SEARCH.replace("Dana Ruiz", "Dana *R*")
    said = log("--format", "markdown", text=text).stdout
    assert said.startswith("# History up to Sat 2026-11-21\n\n## Tue 30 Dec 2025\n\n- Globex: They made")
    assert "\n*7 days of silence*\n\n## Tue 10 Nov\n\n- Acme: Interview with Dana \\*R\\* and lee." in said


def test_json_has_the_fields_and_the_sentence() -> None:
    data = json.loads(log("--format", "json").stdout)
    assert data["as_of"] == "2026-11-21"
    assert data["events"][1] == {
        "date": "2026-11-02",
        "application": "acme",
        "event": "applied",
        "fields": {"channel": "email"},
        "note": "with   the new CV",
        "said": "You sent the application by email.",
        "ahead": False,
        "line": 7,
    }
    assert [event["ahead"] for event in data["events"]] == [False] * 7 + [True]


def test_nothing_yet_is_told_too() -> None:
    text = "as_of: 2026-11-21\napplications: {}\n"
    assert log(text=text).stdout == "Sat 2026-11-21: nothing has happened yet.\n"
    assert log("--format", "markdown", text=text).stdout.endswith("Nothing has happened yet.\n")
    assert json.loads(log("--format", "json", text=text).stdout)["events"] == []


def test_mistakes_are_told_with_their_places() -> None:
    result = log(text=SEARCH.replace("event: applied", "event: aplied"))
    assert result.exit_code == 3
    assert "<stdin>:7:35: FC504" in result.stderr


@pytest.mark.parametrize("width", [10, 40, 61, 80, 300])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    document = read_document((ROOT / "examples" / "career-changer.yaml").read_bytes(), "x.yaml")
    lines = as_text(history(load_pack(), document), width=width).splitlines()
    assert max(map(len, lines)) <= min(max(width, 40), 80)


def test_a_note_cannot_steer_the_terminal() -> None:
    said = log(text=SEARCH.replace("email, note", "e\u200bmail, note")).stdout
    assert "\u200b" not in said


@pytest.mark.parametrize("packs", [(), ("common-practice",)])
def test_every_event_can_be_told_with_only_what_it_requires(packs: tuple[str, ...]) -> None:
    kinds = load_pack(packs=packs, cache=False).pack.vocabulary.kinds.values()
    for kind in kinds:
        if kind.role == "event":
            required = {need.fields[0] for need in kind.require if not need.several_of}
            told = [
                sentence_of(kind, dict.fromkeys(required, "x"), str, 2026),
                sentence_of(kind, everything(kind), str, 2026),
            ]
            for said in told:
                assert re.fullmatch(r"[A-Z][^{}\[\]…]*[.?!]", said), said
                assert not re.search(r" [,.:;]|  |\(\)", said), said


def everything(kind: object) -> dict[str, object]:
    return {field.name: "x" for field in kind.fields}  # type: ignore[attr-defined]


def test_an_event_without_a_sentence_is_told_by_what_it_says() -> None:
    kind = load_pack().pack.vocabulary.kinds["interview"]._replace(tell="")
    entry = {"with": ["dana"], "stage": "panel", "id": "x", "note": "y"}
    said = sentence_of(kind, entry, {"dana": "Dana"}.__getitem__, 2026)
    assert said == f"{kind.says[:-1]} (with Dana; stage panel)."


def test_sentences_leave_out_what_is_absent() -> None:
    parts = parse_sentence("a {b}[ c {d}][ e]")
    assert fill(parts, {"b": "B"}.get) == "a B e"
    assert fill(parts, {"b": "B", "d": "D"}.get) == "a B c D e"
    for wrong in ("a {b", "a b}", "{B}", "[a [b]]", "a]", "]a["):
        with pytest.raises(ValueError, match=r"braces|brackets"):
            parse_sentence(wrong)


def test_a_wrong_sentence_in_a_vocabulary_is_told(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(
        "events:\n  one: {tell: 'You {said}.'}\n  two: {tell: 'You [.'}\n  three: {of: serch}\n"
    )
    result = CliRunner().invoke(cli.main, ["log", "-", "--rules", str(tmp_path), "--no-cache"], input=SEARCH)
    assert result.exit_code == 3
    assert "vocabulary.yaml:3:15: FC614: square brackets must come in pairs" in result.stderr
    assert "there is no field `said`" in result.stderr
    assert "there is no scope `serch`" in result.stderr


def test_the_day_is_part_of_the_answer_alone() -> None:
    document = read_document(SEARCH, "x.yaml")
    assert history(load_pack(), document, Options(date(2026, 11, 5))).events[-1].ahead


# --- from day to day, and to print
def test_only_what_happened_between_two_days_is_told() -> None:
    told = log("--from", "2026-11-10", "--until", "2026-11-10").stdout
    assert [line for line in told.splitlines() if line and not line.startswith(" ")] == ["Tue 10 Nov"]
    assert "silence" not in told
    nothing = log("--from", "2026-01-01", "--until", "2026-01-31").stdout
    assert nothing == "Sat 2026-11-21: nothing is written down of this time.\n"


def test_a_page_to_print_tells_day_company_and_what_was_done() -> None:
    pytest.importorskip("jinja2")
    text = SEARCH.replace("company: Acme\n", "company: Acme & <b>Sons</b>\n    role: Analyst\n")
    page = log("--format", "html", "--me", "Sam <Lee>", "--from", "2026-11-01", text=text).stdout
    assert "From Sunday 1 November 2026 to Saturday 21 November 2026" in page
    assert "Sam &lt;Lee&gt;" in page
    assert "Acme &amp; &lt;b&gt;Sons&lt;/b&gt;" in page
    assert '<span class="about">Analyst</span>' in page
    assert "You sent the application by email." in page
    assert "Arranged for later" in page
    assert "They made you an offer" not in page  # that was earlier
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "@media print" in page


def test_the_page_is_signed_by_whom_the_situation_tells() -> None:
    pytest.importorskip("jinja2")
    assert "Robin Vale" in log("--format", "html", text=f"person: {{name: Robin Vale}}\n{SEARCH}").stdout
    assert log("--me", "Sam").exit_code == 2
