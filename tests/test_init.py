"""`followcue init`: few questions, a whole file or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from followcue import cli, evaluate, load_pack
from followcue.language.documents.read import read_document

ROOT = Path(__file__).parents[1]
ANSWERS = ["Acme Corp", "Dana Ruiz", "recruiter", "Lee Wong", "hiring_manager", ""]
EVENTS = ["applied", "2026-11-02", "interview", "2026-11-10", "dana,lee", "", ""]

WRITTEN = """\
# Search: what happened so far. Lines may be added by hand or by `followcue add`.
applications:
  acme:
    company: Acme Corp
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager}
    events:
      - {date: 2026-11-02, event: applied}
      - {date: 2026-11-10, event: interview, with: [dana, lee]}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.chdir(tmp_path)
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
    assert "  with (dana, lee): " in said


def test_what_is_wrong_is_said_and_asked_again(folder: Path) -> None:
    answers = [
        *["Acme Corp", "Dana Ruiz", "recruitr", "Dana Ruiz", "recruiter", "Lee Wong", "hiring_manager", ""],
        *[
            "aplied",
            "applied",
            "2026-11-31",
            "applied",
            "2026-11-02",
            "interview",
            "2026-11-10",
            "dana,lee",
            "",
        ],
        "",
    ]
    result = init(answers=answers)
    assert result.exit_code == 0, result.output
    for hint in ("did you mean `recruiter`?", "did you mean `applied`?", "that month ends on 2026-11-30"):
        assert hint in result.stdout
    assert written(folder / "search.yaml") == WRITTEN


def test_keys_are_short_and_differ(folder: Path) -> None:
    people = ["Lee Wong", "", "Lee Ann", "", "Lee", "", "李", "", ""]
    assert init(answers=["ACME", *people, ""]).exit_code == 0
    data = read_document((folder / "search.yaml").read_text(), "x.yaml").data
    contacts = data["applications"]["acme"]["contacts"]  # type: ignore[index,call-overload]
    assert list(contacts) == ["lee", "lee-ann", "lee2", "contact"]


def test_without_questions(folder: Path) -> None:
    entries = ["application acme company='Acme Corp'", "contact dana name='Dana Ruiz' role=recruiter"]
    entries += ["contact lee name='Lee Wong' role=hiring_manager", "applied date=2026-11-02"]
    entries += ["interview with=dana,lee date=2026-11-10"]
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
        (["--add", "application acme"], "FC503: application needs `company`"),
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


@pytest.mark.parametrize("given", range(0, len(ANSWERS), 2))
def test_an_end_of_the_answers_leaves_nothing(folder: Path, given: int) -> None:
    assert init(answers=ANSWERS[:given]).exit_code == 1
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
        answers=["Ann Lee", "", "Emma", "ann", "2026-12-01", "returned", "2026-11-20", ""],
    )
    assert result.exit_code == 0, result.output
    assert (folder / "library.yaml").read_text() == (
        "# Library: what happened so far. Lines may be added by hand or by `followcue add`.\n"
        "loans:\n  emma:\n    book: Emma\n    to: ann\n    due: 2026-12-01\n"
        "    events:\n      - {date: 2026-11-20, event: returned}\n"
        "readers:\n  ann:\n    name: Ann Lee\n"
    )
    assert "followcue schema situation" in result.stdout
