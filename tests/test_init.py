"""`followcue init`: few questions, a whole file or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from followcue import cli, evaluate, load_pack
from followcue.base import clock
from followcue.language.documents.read import read_document

ROOT = Path(__file__).parents[1]
ANSWERS = [
    *["Acme Corp", "Analyst", "agency", ""],
    *["Dana Ruiz", "recruiter", "dana@acme.example", ""],
    *["Lee Wong", "Hiring manager", "", "", ""],
]
EVENTS = ["applied", "2 nov", "interview", "10 nov 2026", "", "", "", "y"]

WRITTEN = """\
# Search: what happened so far. Lines may be added by hand or by `followcue add`.
applications:
  acme:
    company: Acme Corp
    role: Analyst
    via: agency
    contacts:
      dana: {name: Dana Ruiz, role: recruiter, email: dana@acme.example}
      lee: {name: Lee Wong, role: hiring_manager}
    events:
      - {date: 2026-11-02, event: applied}
      - {date: 2026-11-10, event: interview, with: [dana, lee]}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clock, "today", lambda zone=None: date(2026, 11, 20))
    return tmp_path


def init(*options: str, answers: list[str] | None = None) -> Result:
    text = "".join(f"{answer}\n" for answer in answers or [])
    return CliRunner().invoke(cli.main, ["init", *options], input=text)


def written(path: Path) -> str:
    """The file without the line that names its schema, which must be there."""
    first, rest = path.read_text().split("\n", 1)
    assert first.startswith("# yaml-language-server: $schema=")
    assert Path(first.partition("=")[2]).is_file()
    return rest


def test_a_file_is_begun_with_the_answers(folder: Path) -> None:
    result = init(answers=[*ANSWERS, *EVENTS])
    assert result.exit_code == 0, result.output
    assert written(folder / "search.yaml") == WRITTEN
    assert result.stdout.endswith(
        "search.yaml is written. What to do: followcue evaluate search.yaml\n"
        "Its first line lets an editor complete and check it.\n"
    )
    assert evaluate(folder / "search.yaml").actions


def test_questions_are_made_of_the_words_of_the_rules() -> None:
    said = init(answers=[*ANSWERS, "?", *EVENTS]).stdout
    kinds = load_pack().pack.vocabulary.kinds
    assert kinds["application"].says in said
    assert said.count(kinds["contact"].says) == 3
    assert all(f"  {kind.name}: {kind.says}" in said for kind in kinds.values() if kind.role == "event")
    assert "role (recruiter, agency_recruiter," in said
    assert "  with (1 Dana Ruiz, 2 Lee Wong; - for none) [all]: " in said
    assert "  helped by (1 Dana Ruiz, 2 Lee Wong; - for none): " in said


def test_what_is_wrong_is_said_and_asked_again_alone(folder: Path) -> None:
    answers = [
        *["", " ", "Acme Corp", "Analyst", "agncy", "agency", ""],
        *["Dana Ruiz", "recruitr", "recruiter", "dana@acme.example", ""],
        *["Lee Wong", "hiring manager", "", "", ""],
        *["aplied", "applied", "2026-11-31", "5/11/2026", "9", "2", "interview", "soon", "tuesday last week"],
        *["3", "Lee Wnog", "2,1", "Dana", "", "y"],
    ]
    result = init(answers=answers)
    assert result.exit_code == 0, result.output
    for hint in (
        *("did you mean `agency`?", "did you mean `recruiter`?", "did you mean `applied`?"),
        *("that month ends on 2026-11-30", "there is no number 3: 1 to 2", "did you mean `lee` (Lee Wong)?"),
        "write it such as 2026-11-05, 5 nov",
    ):
        assert hint in result.stdout, hint
    assert "  1  2026-05-11, Monday 11 May 2026\n" in result.stderr
    text = written(folder / "search.yaml")
    assert "{date: 2026-11-05, event: applied}" in text
    assert "{date: 2026-11-10, event: interview, with: [lee, dana], helped_by: [dana]}" in text
    assert WRITTEN.splitlines()[:9] == text.splitlines()[:9]


def test_a_question_mark_is_help_and_no_value(folder: Path) -> None:
    answers = [
        "?",
        "Acme Corp",
        "?",
        "Analyst",
        "?",
        "agency",
        "",
        "?",
        *ANSWERS[4:],
        "applied",
        "?",
        "2 nov",
    ]
    result = init(answers=[*answers, "interview", "10 nov", "?", "all", "?", "", "", "y"])
    assert result.exit_code == 0, result.output
    assert written(folder / "search.yaml") == WRITTEN
    for said in (
        "company of this application: text.\n    It is needed.",
        "via of this application: one of direct, agency, referral.\n    Enter alone leaves it out",
        "name of this contact: text.",
        "the day on which it happened: write it such as 2026-11-05",
        "with of this interview: numbers or names, with commas between them; all for all.",
    ):
        assert said in result.stdout, said


def test_answers_are_offered_again_where_only_the_whole_is_wrong(folder: Path) -> None:
    events = ["timeline_promised", "monday", "", "", "1", "", "", "friday", "", "", ""]
    result = init(answers=[*ANSWERS, *events, "y"])
    assert result.exit_code == 0, result.output
    lacks = "`timeline_promised` needs `by` or `within`\n  hint: add `by=2026-11-05` or `within=5 days`\n"
    assert f"{lacks}Once more? [Y/n]: " in result.stdout
    assert "  from (1 Dana Ruiz, 2 Lee Wong; - for none) [dana]: " in result.stdout
    assert "{date: 2026-11-16, event: timeline_promised, by: 2026-11-20, from: dana}" in written(
        folder / "search.yaml"
    )
    (folder / "search.yaml").unlink()
    result = init(answers=[*ANSWERS, "timeline_promised", "monday", "", "", "", "n", *EVENTS])
    assert written(folder / "search.yaml") == WRITTEN


def test_what_may_be_a_slip_is_asked_about(folder: Path) -> None:
    twice = ["applied", "2 nov", "applied", "2 nov", "n", "n", *EVENTS[2:]]
    result = init(answers=[*ANSWERS, *twice])
    assert result.exit_code == 0, result.output
    assert "is in the file already, in the same words.\nIs that meant? [y/N]" in result.stderr
    assert written(folder / "search.yaml") == WRITTEN
    (folder / "search.yaml").unlink()
    assert init(answers=[*ANSWERS, "applied", "2 nov 2062", "y", *EVENTS]).exit_code == 0
    assert "{date: 2062-11-02, event: applied}" in written(folder / "search.yaml")
    far = ["--add", "application acme company=Acme", "--add", "applied date=2019-01-01"]
    refused = init("far.yaml", *far)
    assert (refused.exit_code, (folder / "far.yaml").exists()) == (2, False)
    assert "FC532" in refused.stderr
    assert init("far.yaml", *far, "--sure").exit_code == 0


def test_an_hour_and_an_id(folder: Path) -> None:
    """Behind the day, or by its own question; the id by which later events name it is offered to them."""
    events = [
        "interview scheduled",
        "",
        "25 nov 2pm",
        "",
        "",
        "interview scheduled",
        "",
        "26 nov",
        "9am",
        "1",
    ]
    events += ["interview cancelled", "today", "2", "employer", "", "y"]
    result = init(answers=[*ANSWERS, *events])
    assert result.exit_code == 0, result.output
    text = written(folder / "search.yaml")
    assert 'id: interview, for: 2026-11-25, time: "14:00", with: [dana, lee]}' in text
    assert 'id: interview-2, for: 2026-11-26, time: "09:00", with: [dana]}' in text
    assert "{date: 2026-11-20, event: interview_cancelled, interview: interview-2, by: employer}" in text


def test_the_file_is_shown_before_it_is_written(folder: Path) -> None:
    result = init(answers=[*ANSWERS, *EVENTS[:-1], "n"])
    assert (result.exit_code, list(folder.iterdir())) == (1, [])
    assert f"\n{WRITTEN}\nWrite this to search.yaml? [Y/n]: " in result.stdout
    assert result.stderr.endswith("nothing was written\n")


def test_keys_are_short_and_differ(folder: Path) -> None:
    people = [answer for name in ("Lee Wong", "Lee Ann", "Lee", "李") for answer in (name, "", "", "")]
    assert init(answers=["ACME", "", "", "", *people, "", "", "y"]).exit_code == 0
    data = read_document((folder / "search.yaml").read_text("utf-8"), "x.yaml").data
    contacts = data["applications"]["acme"]["contacts"]  # type: ignore[index,call-overload]
    assert list(contacts) == ["lee", "lee-ann", "lee-2", "contact"]
    assert list(contacts["lee"]) == ["name"], "what holds anyway is not written"


def test_without_questions(folder: Path) -> None:
    entries = ["application acme company='Acme Corp' role=Analyst via=agency"]
    entries += ["contact dana name='Dana Ruiz' role=recruiter email=dana@acme.example"]
    entries += ["contact lee name='Lee Wong' role=hiring_manager", "applied date=2026-11-02"]
    entries += ["interview with=dana,'Lee Wong' date='10 nov'"]
    result = init("mine.yaml", *(word for entry in entries for word in ("--add", entry)))
    assert result.exit_code == 0, result.output
    assert written(folder / "mine.yaml") == WRITTEN
    assert init("none.yaml", "--empty").exit_code == 0
    assert written(folder / "none.yaml").endswith("applications: {}\n")
    assert evaluate(folder / "none.yaml").actions


def test_what_is_there_is_left(folder: Path) -> None:
    (folder / "search.yaml").write_text("mine")
    (folder / "dangling.yaml").symlink_to("nowhere")
    for name in ("search.yaml", "dangling.yaml"):
        result = init(name, "--empty")
        assert (result.exit_code, result.stdout) == (3, "")
        assert "FC615" in result.stderr
    assert (folder / "search.yaml").read_text() == "mine"
    assert not (folder / "nowhere").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--add", "applied"], "FC521: there is no application yet"),
        (["--add", "application acme"], "FC503: application `acme` needs `company`"),
        (["nowhere/search.yaml", "--empty"], "FC612: this file cannot be written: No such file or directory"),
        (["--add", ""], "FC520"),
        (["--add", "application a company='A"], "FC520: a quote in this is never closed"),
    ],
)
def test_nothing_is_written_where_something_is_wrong(folder: Path, options: list[str], said: str) -> None:
    result = init(*options)
    assert result.exit_code == 3
    assert said in result.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("given", range(len(ANSWERS) + len(EVENTS)))
def test_an_end_of_the_answers_leaves_nothing(folder: Path, given: int) -> None:
    assert init(answers=[*ANSWERS, *EVENTS][:given]).exit_code == 1
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_an_interruption_leaves_nothing(folder: Path) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "init"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()  # the first question is asked
    process.stdin.write(b"Acme\n")
    process.stdin.flush()
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert b"Traceback" not in said
    assert list(folder.iterdir()) == []


def test_other_rules_ask_other_questions(folder: Path) -> None:
    pack = folder / "library"
    pack.mkdir()
    (pack / "vocabulary.yaml").write_text(
        "pack: {name: library, title: Books}\n"
        "situation:\n  scope: loan\n  whole: library\n"
        "  records:\n    reader: {in: readers, fields: {name: text, town: text}}\n"
        "    loan: {in: loans, fields: {book: text, to: reader, due: date}, require: [book, to, due]}\n"
        "  events: [loans.events]\n"
        "events: {returned: {says: The book is back.}}\n"
    )
    result = init(
        "--rules",
        str(pack),
        answers=["Ann Lee", "Bath", "", "Emma", "", "in 11 days", "returned", "today", "", "y"],
    )
    assert result.exit_code == 0, result.output
    assert (folder / "library.yaml").read_text() == (
        "# Library: what happened so far. Lines may be added by hand or by `followcue add`.\n"
        "loans:\n  emma:\n    book: Emma\n    to: ann\n    due: 2026-12-01\n"
        "    events:\n      - {date: 2026-11-20, event: returned}\n"
        "readers:\n  ann:\n    name: Ann Lee\n    town: Bath\n"
    )
    assert "followcue schema situation" in result.stdout
