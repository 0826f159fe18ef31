"""`followcue import`: sheets as people keep them; what was guessed, what was asked, what was refused."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from followcue import cli, evaluate
from followcue.assistant.sheets.bring_along import bring_along
from followcue.assistant.sheets.guess import guess
from followcue.assistant.sheets.mapping import SheetMapping, mapping_text, read_mapping
from followcue.assistant.sheets.read_sheet import MOST_ROWS, read_sheet
from followcue.assistant.sheets.targets import Lexicon
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.pipeline import Options
from followcue.language.documents.edit import Edit
from followcue.language.documents.edit.save import backup_of
from followcue.language.documents.read import read_document
from shipped import shipped_vocabulary

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "import"
AS_OF = ("--as-of", "2026-11-10")
SHEETS = ("board", "companies", "diary")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.chdir(tmp_path)
    for name in SHEETS:
        shutil.copy(CASES / f"{name}.csv", tmp_path)
    return tmp_path


def bring(*arguments: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["import", *arguments, *AS_OF], input=answers)


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is there to answer."""
    monkeypatch.setattr("followcue.cli.at_terminal.has_terminal", lambda: True)


def sheet(text: str | bytes, name: str = "jobs.csv") -> str:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def data(name: str) -> Any:
    return read_document(Path(name).read_bytes(), name).data


def events(name: str, key: str) -> list[dict[str, Any]]:
    return data(name)["applications"][key]["events"]


# --- the three sheets as people keep them
@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_as_people_keep_it(name: str, request: pytest.FixtureRequest, folder: Path) -> None:
    """What is guessed and refused, told on standard error, and the situation that comes of it."""
    result = bring(f"{name}.csv", "--yes", "--undated", "newest", "--leave-out", "-o", "out.yaml")
    assert result.exit_code == 0, result.output
    first, text = Path("out.yaml").read_text("utf-8").split("\n", 1)
    assert first.startswith("# yaml-language-server: $schema=")
    kept = Path(f"{name}.csv.import.yaml").read_text("utf-8")
    got = f"{result.stderr}--- out.yaml\n{text}--- {name}.csv.import.yaml\n{kept}"
    expected = CASES / f"{name}.expected"
    if request.config.getoption("--rebaseline"):
        expected.write_text(got, "utf-8")
    assert got == expected.read_text("utf-8")
    report = evaluate("out.yaml", as_of=date(2026, 11, 10))
    assert report.steps


@pytest.mark.parametrize("name", SHEETS)
def test_what_is_brought_again_is_there_already(name: str) -> None:
    options = ("--yes", "--undated", "newest", "--leave-out")
    assert bring(f"{name}.csv", *options, "-o", "out.yaml").exit_code == 0
    before = Path("out.yaml").read_bytes()
    again = bring(f"{name}.csv", "out.yaml", "--leave-out")
    assert again.exit_code == 0, again.output
    assert again.stdout.startswith("nothing new; ")
    assert Path("out.yaml").read_bytes() == before
    assert not Path(backup_of("out.yaml")).exists()


def test_a_board_whose_columns_are_words_of_nobody_is_not_taken_for_anything() -> None:
    result = bring(sheet("Colour,Weight\nred,5\n"), "--yes", "-o", "out.yaml")
    assert result.exit_code == 3
    assert "jobs.csv:A1: FC541: no column says which application a row is about" in result.stderr
    assert "hint: one column has to hold `application.company`" in result.stderr
    assert not Path("out.yaml").exists()


# --- guessing
GUESSES = {
    "Employer,Applied on": "application.company, applied",
    "Name of the company,Position,Date of application": "application.company, application.role, applied",
    "COMPANY (legal name),Job title,Sent": "application.company, application.role, applied",
    "Arbeitgeber,Stelle,Beworben am,Absage": "application.company, application.role, applied, rejected",
    "Company,Contact,Role,Contact role": "application.company, contact.name, application.role, contact.role",
    "application.id,application.company,event,date": "application.id, application.company, event, date",
    "Company,Whatever": "application.company, None",
}


@pytest.mark.parametrize("heads", GUESSES)
def test_heads_say_what_a_column_holds(heads: str) -> None:
    read = read_sheet(sheet(f"{heads}\nx{',x' * heads.count(',')}\n"))
    lexicon = Lexicon(shipped_vocabulary())
    empty = read._replace(rows=())  # the heads alone
    found = guess(empty, lexicon, SheetMapping()).columns
    assert ", ".join(str(target) for target in found.values()) == GUESSES[heads]


@pytest.mark.parametrize(
    ("head", "cells", "holds"),
    [
        ("Them", ["dana@acme.example", "lee@acme.example"], "contact.email"),
        ("Kanban", ["Applied", "Rejected", "Ghosted"], "event"),
        ("Role", ["recruiter", "hiring manager", "HR"], "application.role"),
        ("Title of person", ["recruiter", "hiring manager", "HR"], "application.role"),
        ("Love", ["high", "low", "dream"], "application.interest"),
        ("Mood", ["ok", "bad", "ok"], None),
        ("Interview", ["yes", "no", "yes"], None),
        ("Interview", ["2026-10-01", "?", "2026-10-09"], "interview"),
    ],
)
def test_values_say_what_a_column_holds(head: str, cells: list[str], holds: str | None) -> None:
    text = "".join(f"{cell},Acme {n}\n" for n, cell in enumerate(cells))
    read = read_sheet(sheet(f"{head},Company\n{text}"))
    found = guess(read, Lexicon(shipped_vocabulary()), SheetMapping()).columns[head]
    assert (None if found is None else str(found)) == holds


# --- asking
def test_the_columns_are_shown_and_changed_at_a_terminal(at_terminal: None) -> None:
    text = "Company,Sent it,Was\nAcme,2026-10-05,Thinking\nZeta,2026-10-06,Rejected\n"
    answers = [
        "B",  # what the column holds is not known yet
        "aplied",
        "applied",
        "C",
        "event",
        "",
        "?",  # Thinking: all events are listed
        "nothing",
        "2",  # the rejection has no day: leave it out
        "y",
    ]
    result = bring(sheet(text), "-o", "out.yaml", answers="".join(f"{a}\n" for a in answers))
    assert result.exit_code == 0, result.output
    assert "`aplied` is nothing that a column can hold: did you mean `applied`?" in result.output
    assert "interview: An interview was held" in result.output
    assert [event["event"] for key in ("acme", "zeta") for event in events("out.yaml", key)] == [
        "applied"
    ] * 2
    mapping = data("jobs.csv.import.yaml")
    assert mapping["columns"]["Sent it"] == "applied"
    assert mapping["words"] == {"thinking": "nothing"}
    again = bring("jobs.csv", "-o", "again.yaml", answers="y\n")
    assert again.exit_code == 0, again.output
    assert "is taken for" not in again.output  # it is remembered
    assert data("again.yaml") == data("out.yaml")


def test_broken_off_nothing_is_left(at_terminal: None, folder: Path) -> None:
    before = sorted(folder.iterdir())
    result = bring("board.csv", "-o", "out.yaml", answers="B\n")
    assert result.exit_code != 0
    assert sorted(folder.iterdir()) == before


def test_not_agreeing_writes_nothing(at_terminal: None, folder: Path) -> None:
    before = sorted(folder.iterdir())
    result = bring("diary.csv", "-o", "out.yaml", answers="\nn\n")
    assert (result.exit_code, "nothing was written" in result.output) == (2, True)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(("answer", "day"), [("1", "2026-10-05"), ("2", "2026-05-10")])
def test_a_day_that_means_two_is_asked_once(answer: str, day: str, at_terminal: None) -> None:
    text = "Company,Applied\nAcme,05/10/2026\nZeta,06/10/2026\nIris,07/07/2026\n"
    result = bring(sheet(text), "-o", "out.yaml", answers=f"\n{answer}\ny\n")
    assert result.exit_code == 0, result.output
    assert "`05/10/2026` in `Applied`: 1 is 5 Oct 2026, 2 is 10 May 2026" in result.output
    assert result.output.count("can mean") + result.output.count("1 is ") == 1
    assert events("out.yaml", "acme")[0]["date"] == day
    assert data("jobs.csv.import.yaml")["dates"] == ("day first" if answer == "1" else "month first")


def test_a_field_that_all_such_events_need_is_asked_once(at_terminal: None) -> None:
    text = "Company,Applied,Follow up\nAcme,2026-10-05,2026-10-20\nZeta,2026-10-06,2026-10-21\n"
    result = bring(sheet(text), "-o", "out.yaml", answers="\nsmoke\nemail\ny\n")
    assert result.exit_code == 0, result.output
    assert events("out.yaml", "zeta")[1] == {
        "date": "2026-10-21",
        "event": "status_checked",
        "channel": "email",
    }
    assert data("jobs.csv.import.yaml")["columns"]["Follow up"] == "status_checked channel=email"


# --- without anybody to ask
def test_guesses_are_not_taken_unasked(folder: Path) -> None:
    result = bring("diary.csv", "-o", "out.yaml")
    assert result.exit_code == 2
    assert "say --yes to take them, or write diary.csv.import.yaml" in result.stderr
    assert not Path("out.yaml").exists()


def test_whatever_is_open_is_told_with_what_to_say() -> None:
    text = (
        "Company,Applied,Status,Follow up,Interest\nAcme,05/10/2026,Thinking,,high\n"
        "Zeta,06/10/2026,Rejected,06/11/2026,meh\n"
    )
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert result.exit_code == 2
    told = [line for line in result.stderr.splitlines() if line.startswith("open: ")]
    assert told == [
        "open: `Applied`: `05/10/2026` in row 2 can mean two days; "
        "say --dates day-first or --dates month-first",
        "open: `Status` says `Thinking` (row 2), which nothing is known as; "
        "write `Thinking: …` under `words:` in jobs.csv.import.yaml, with an event, or `nothing`",
        "open: `Interest` says `meh` (row 3), which nothing is known as; "
        "write `meh: …` under `words:` in jobs.csv.import.yaml, with one of high, normal, low",
        "open: `Status`: no column says the day of `Rejected` (1); "
        "say --undated newest (day of the row), --undated leave-out or --undated DAY",
        "open: `Follow up` (row 3): `status_checked` needs `channel`, "
        "one of phone, voicemail, email, letter, message; "
        "write `Follow up: status_checked channel=…` under `columns:` in jobs.csv.import.yaml",
    ]
    Path("jobs.csv.import.yaml").write_text(
        "columns: {Follow up: status_checked channel=phone}\n"
        "words: {Thinking: nothing, MEH: low}\ndates: day first\nundated: 2026-11-01\n"
    )
    result = bring("jobs.csv", "--yes", "-o", "out.yaml")
    assert result.exit_code == 0, result.output
    assert data("out.yaml")["applications"]["zeta"] == {
        "company": "Zeta",
        "interest": "low",
        "events": [
            {"date": "2026-10-06", "event": "applied"},
            {"date": "2026-11-01", "event": "rejected"},
            {"date": "2026-11-06", "event": "status_checked", "channel": "phone"},
        ],
    }
    assert (
        Path("jobs.csv.import.yaml").read_text().startswith("columns: {Follow")
    )  # it stays as it was written


def test_rows_that_cannot_be_read_are_left_out_only_if_agreed() -> None:
    text = (
        "Company,Applied,Interest\nAcme,31.09.2026,high\n,2026-10-05,low\nZeta,2026-10-06,low\n"
        "Iris,next week,high\n"
    )
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert result.exit_code == 2
    assert [line for line in result.stderr.splitlines() if "FC54" in line] == [
        "jobs.csv:B2: FC542: `Applied`: `31.09.2026` is not in the calendar",
        "jobs.csv:A3: FC543: this row has no company",
        "jobs.csv:B5: FC542: `Applied`: `next week` is no day such as 2026-11-05",
    ]
    assert not Path("out.yaml").exists()
    result = bring("jobs.csv", "--yes", "-o", "out.yaml", "--leave-out")
    assert result.exit_code == 0
    assert "left out: 3 of 4 rows" in result.stderr
    assert list(data("out.yaml")["applications"]) == ["zeta"]


def test_what_only_the_whole_situation_shows_is_told_at_its_cell() -> None:
    """Two interviews on one day: which of them somebody was thanked for cannot be told."""
    text = (
        "Date,Company,What,With\n2026-10-05,Acme,interview,Dana\n2026-10-05,Acme,interview,Dana;Lee\n"
        "2026-10-06,Acme,thank you,Dana\n2026-10-06,Acme,thank you,Lee\n"
    )
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert result.exit_code == 2
    assert "jobs.csv:C4: FC511: `thank_you_sent` needs `interview`" in result.stderr
    assert "1 of 4 rows cannot be read" in result.stderr
    assert bring("jobs.csv", "--yes", "-o", "out.yaml", "--leave-out").exit_code == 0
    thanked = events("out.yaml", "acme")[-1]
    assert (thanked["to"], thanked["interview"]) == ("lee", "interview1")


# --- what a row is about
def test_rows_of_one_company_come_together() -> None:
    text = (
        "Company,Role,Date,Status\nAcme,Analyst,2026-10-05,Applied\nacme ,analyst,2026-10-12,Interview\n"
        "ACME,Developer,2026-10-06,Applied\nZeta,,2026-10-06,Applied\nZeta,Analyst,2026-10-09,Rejected\n"
    )
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert result.exit_code == 0, result.output
    found = data("out.yaml")["applications"]
    assert {key: (of["role"], len(of["events"])) for key, of in found.items()} == {
        "acme": ("Analyst", 2),
        "acme2": ("Developer", 1),
        "zeta": ("Analyst", 2),
    }


def test_a_row_that_can_be_about_two_is_refused() -> None:
    text = (
        "Company,Role,Date,Status\nAcme,Analyst,2026-10-05,Applied\n"
        "Acme,Developer,2026-10-05,Applied\nAcme,,2026-10-12,Rejected\n"
    )
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert result.exit_code == 2
    assert "jobs.csv:A4: FC543: which application is this row about? `acme`, `acme2`" in result.stderr


def test_what_is_said_otherwise_stays_and_is_told() -> None:
    text = "Company,Date,Status,Interest\nAcme,2026-10-05,Applied,high\nAcme,2026-10-12,Rejected,low\n"
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert result.exit_code == 0
    assert (
        "note: jobs.csv:D3: `Interest` says otherwise of Acme than what is there, which stays: row 3"
        in result.stderr
    )
    assert data("out.yaml")["applications"]["acme"]["interest"] == "high"


def test_people_are_found_again_by_name_and_mail() -> None:
    text = (
        "Company,Date,Status,Contact,E-mail\nAcme,2026-10-05,Applied,Dana Ruiz,dana@acme.example\n"
        "Acme,2026-10-06,Reply,,dana@acme.example\nAcme,2026-10-07,Reply,DANA RUIZ,\n"
        "Acme,2026-10-08,Reply,Dana Webb,\n"
    )
    assert bring(sheet(text), "--yes", "-o", "out.yaml").exit_code == 0
    assert data("out.yaml")["applications"]["acme"]["contacts"] == {
        "dana": {"name": "Dana Ruiz", "email": "dana@acme.example"},
        "dana-webb": {"name": "Dana Webb"},
    }


# --- into a file that is there
MINE = """\
# my search
as_of: 2026-11-10
applications:
  acme:   # the one I want
    company: Acme
    contacts:
      dana: {name: Dana Ruiz}
    events:
      - {date: 2026-10-05, event: applied}   # with the new CV
      - {date: 2026-10-19, event: interview, with: [dana], stage: first}
"""


def test_a_situation_that_is_there_keeps_every_line_of_its_own() -> None:
    Path("mine.yaml").write_text(MINE)
    text = (
        "Company,Role,Date,What,With\nAcme,Analyst,2026-10-05,applied,\nAcme,,2026-10-12,reply,Dana Ruiz\n"
        "Acme,,2026-10-19,interview,Dana Ruiz\nAcme,,2026-10-20,thank you,dana\n"
        "Zeta,Dev,2026-10-08,applied,\n"
    )
    result = bring(sheet(text), "mine.yaml", "--yes")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        "1 application and 3 events; 2 events of it there already, written to mine.yaml"
    )
    assert Path("mine.yaml").read_text() == (
        MINE.replace(
            "- {date: 2026-10-19",
            "- {date: 2026-10-12, event: reply_received, from: dana}\n      - {date: 2026-10-19",
        )
        + "      - {date: 2026-10-20, event: thank_you_sent, to: dana}\n    role: Analyst\n"
        "  zeta:\n    company: Zeta\n    role: Dev\n    events:\n      - {date: 2026-10-08, event: applied}\n"
    )
    assert Path(backup_of("mine.yaml")).read_text() == MINE
    undone = CliRunner().invoke(cli.main, ["undo", "mine.yaml"])
    assert undone.exit_code == 0, undone.output
    assert Path("mine.yaml").read_text() == MINE


def test_dry_run_shows_and_writes_nothing(folder: Path) -> None:
    Path("mine.yaml").write_text(MINE)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    result = bring("diary.csv", "mine.yaml", "--yes", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "+      - {date: 2026-10-12, event: thank_you_sent, to: dana, channel: email}" in result.stdout
    new = bring("diary.csv", "-o", "out.yaml", "--yes", "--dry-run")
    assert read_document(new.stdout, "out.yaml").data["applications"]["globex"]  # type: ignore[index, call-overload]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_nothing_is_written_over() -> None:
    Path("mine.yaml").write_text(MINE)
    result = bring("diary.csv", "--yes", "-o", "mine.yaml")
    assert (result.exit_code, "FC615" in result.stderr) == (3, True)
    result = bring("diary.csv", "--yes")
    assert (result.exit_code, "say where it goes" in result.stderr) == (2, True)
    assert Path("mine.yaml").read_text() == MINE


def test_a_situation_that_is_wrong_is_told_as_such() -> None:
    Path("mine.yaml").write_text(MINE.replace("event: applied}", "event: aplied}"))
    result = bring("diary.csv", "mine.yaml", "--yes")
    assert result.exit_code == 3
    assert re.search(r"^mine.yaml:9:\d+: FC", result.stderr, re.M)


# --- texts of all kinds
ROWS = [
    ["Company", "Role", "Date applied"],
    ["Müller & Söhne", "a; b, c", "2026-10-05"],
    ["Acme", "", "2026-10-06"],
]


def written(separator: str) -> str:
    return "".join(separator.join(f'"{cell}"' for cell in row) + "\r\n" for row in ROWS)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_separators_and_encodings(separator: str, encoding: str) -> None:
    result = bring(sheet(written(separator).encode(encoding)), "--yes", "-o", "out.yaml")
    assert result.exit_code == 0, result.output
    found = data("out.yaml")["applications"]["muller"]
    assert (found["company"], found["role"]) == ("Müller & Söhne", "a; b, c")
    assert ("was read as Windows-1252" in result.stderr) == (encoding == "cp1252")


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "jobs.csv: FC540: this sheet has no rows below a head"),
    "only a head": (b"Company,Applied\n", "jobs.csv: FC540: this sheet has no rows below a head"),
    "a quote that never ends": (
        b'Company,Applied\nAcme,"2026-10-05\n',
        "FC540: the quotes in this row do not fit",
    ),
    "a quote inside quotes": (
        b'Company,Applied\n"Ac"me",2026-10-05\n',
        "jobs.csv:A2: FC540: the quotes in this row",
    ),
    "a control sign": (
        b"Company,Applied\nAc\x07me,2026-10-05\n",
        "jobs.csv:A2: FC540: the unprintable character U+0007",
    ),
    "an archive": (b"PK\x03\x04....", "jobs.csv: FC540: this is a workbook or an archive, and no text"),
    "too many columns": (b"," * 300 + b"\n" + b"x,y\n", "FC540: this row has more than 200 columns"),
    "no text at all": (b"\xff\xfe\x00", "FC540: this begins like UTF-16 and is none"),
    "a huge cell": (
        b"Company,Applied\n" + b"x" * 20_000 + b",2026-10-05\n",
        "jobs.csv:A2: FC540: this cell has more",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_sheet(what: str, folder: Path) -> None:
    raw, told = UNREADABLE[what]
    before = len(list(folder.iterdir())) + 1
    result = bring(sheet(raw), "--yes", "-o", "out.yaml")
    assert result.exit_code == 3, result.output
    assert told in result.stderr
    assert len(list(folder.iterdir())) == before


def test_a_folder_or_nothing_is_no_sheet() -> None:
    assert "there is no such file" in bring("none.csv", "--yes", "-o", "out.yaml").stderr


@pytest.mark.slow
def test_thousands_of_rows_are_bounded() -> None:
    line = "Acme {0},2026-10-05\n"
    text = "Company,Applied\n" + "".join(line.format(n) for n in range(MOST_ROWS + 1))
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert (result.exit_code, f"FC540: this sheet has more than {MOST_ROWS:,} rows" in result.stderr) == (
        3,
        True,
    )
    few = "Company,Applied\n" + "".join(line.format(n) for n in range(3_000))
    assert bring(sheet(few), "--yes", "-o", "out.yaml").exit_code == 0
    assert len(data("out.yaml")["applications"]) == 3_000


def test_strict_lets_nothing_pass() -> None:
    text = "Company,Applied,URL\nAcme,2026-10-05,https://acme.example\n"
    result = bring(sheet(text), "--yes", "--strict", "-o", "out.yaml")
    assert result.exit_code == 3
    assert "jobs.csv:C2: FC544: `URL` is left out: row 2" in result.stderr
    assert not Path("out.yaml").exists()
    fine = sheet("Company,Applied\nAcme,2026-10-05\n", "fine.csv")
    assert bring(fine, "--yes", "--strict", "-o", "out.yaml").exit_code == 0


# --- days
DAYS = {
    "2026-10-05": "2026-10-05",
    "2026/10/5": "2026-10-05",
    "2026-10-05T09:30:00Z": "2026-10-05",
    "2026-10-05 9:30 pm": "2026-10-05",
    "5.10.2026": "2026-10-05",
    "05.10.26": "2026-10-05",
    "25/10/2026": "2026-10-25",
    "10/25/2026": "2026-10-25",
    "5/5/2026": "2026-05-05",
    "Oct 5 2026": "2026-10-05",
    "October 5th, 2026": "2026-10-05",
    "Mon, 5 Oct 2026": "2026-10-05",
    "5-Oct-26": "2026-10-05",
    "5. October 2026": "2026-10-05",
    "46300": "2026-10-05",
    "29.02.2028": "2028-02-29",
}


@pytest.mark.parametrize("written", DAYS)
def test_days_as_people_write_them(written: str) -> None:
    assert bring(sheet(f'Company,Applied\nAcme,"{written}"\n'), "--yes", "-o", "out.yaml").exit_code == 0
    assert events("out.yaml", "acme")[0]["date"] == DAYS[written]


@pytest.mark.parametrize(
    "written",
    [
        "29.02.2027",
        "Oct 5",
        "13/13/2026",
        "2026-13-01",
        "soon",
        "5 Octember 2026",
        "0000-00-00",
        "1/2/1815",
        "5/10",
        "1e400",
    ],
)
def test_what_is_no_day(written: str) -> None:
    text = f'Company,Applied\nAcme,"{written}"\nZeta,2026-10-05\n'
    result = bring(sheet(text), "--yes", "--dates", "day-first", "-o", "out.yaml")
    assert result.exit_code == 2
    assert f"jobs.csv:B2: FC542: `Applied`: `{written}` is" in result.stderr


def test_one_cell_decides_for_its_column_and_for_the_others() -> None:
    text = "Company,Applied,Interview date\nAcme,05/10/2026,07/11/2026\nZeta,10/25/2026,\n"
    assert bring(sheet(text), "--yes", "-o", "out.yaml").exit_code == 0
    assert [event["date"] for event in events("out.yaml", "acme")] == ["2026-05-10", "2026-07-11"]


def test_a_column_written_both_ways_decides_nothing() -> None:
    text = "Company,Applied\nAcme,05/10/2026\nZeta,10/25/2026\nIris,25/10/2026\n"
    result = bring(sheet(text), "--yes", "-o", "out.yaml")
    assert (result.exit_code, "can mean two days" in result.stderr) == (2, True)
    result = bring("jobs.csv", "--yes", "--dates", "day-first", "-o", "out.yaml")
    assert result.exit_code == 0
    assert "`Applied` has days written both ways, such as `25/10/2026`: row 4" in result.stderr
    assert events("out.yaml", "acme")[0]["date"] == "2026-10-05"


# --- the mapping
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "columns: {Firma: application.compny}",
            "1:18: FC541: `application.compny` is nothing that a column can hold: did you mean",
        ),
        ("colums: {}", "1:1: FC541: there is no `colums` in a mapping"),
        (
            "columns: {Status: applied chanel=email}",
            "1:19: FC541: `applied` has no `chanel`: did you mean `channel`?",
        ),
        ("words: {Closed: regected}", "1:17: FC541: there is no event `regected`: did you mean `rejected`?"),
        ("words: {Closed: [a]}", "FC541: what `Closed` means is said in words"),
        ("dates: dd/mm", "1:8: FC541: `dates` is `day first` or `month first`"),
        ("undated: whenever", "1:10: FC541: `undated` is `newest day of the row`, `leave out` or a day"),
        ("[a]", "FC541: a mapping has `columns`"),
        ("columns: [", "FC10"),
    ],
)
def test_a_mapping_that_means_nothing(text: str, told: str) -> None:
    Path("diary.csv.import.yaml").write_text(text + "\n")
    result = bring("diary.csv", "--yes", "-o", "out.yaml")
    assert result.exit_code == 3
    assert f"diary.csv.import.yaml:{told}" in result.stderr or told in result.stderr


def test_a_mapping_can_be_elsewhere_and_reads_back() -> None:
    lexicon = Lexicon(shipped_vocabulary())
    read = read_sheet("board.csv")
    found = guess(read, lexicon, SheetMapping())._replace(
        words={"ghosted": "nothing", "met": "interview stage='first round'"}
    )
    text = mapping_text(found, read, "kept.yaml")
    assert read_mapping(read_document(text, "kept.yaml"), lexicon) == found
    Path("kept.yaml").write_text(text)
    result = bring("board.csv", "--map", "kept.yaml", "--undated", "leave-out", "-o", "out.yaml")
    assert result.exit_code == 0, result.output
    assert not Path("board.csv.import.yaml").exists()


def test_two_columns_cannot_hold_the_same() -> None:
    Path("jobs.csv.import.yaml").write_text(
        "columns: {Firm: application.company, Client: application.company}\n"
    )
    result = bring(sheet("Firm,Client,Applied\nAcme,Zeta,2026-10-05\n"), "--yes", "-o", "out.yaml")
    assert result.exit_code == 3
    assert "jobs.csv:B1: FC541: `Firm` and `Client` both hold application.company" in result.stderr


def test_columns_of_one_name_are_told_apart_by_their_letters() -> None:
    text = "Company,Date,Date,\nAcme,2026-10-05,2026-10-19,x\n"
    Path("jobs.csv.import.yaml").write_text(
        "columns: {Company: application.company, Date (B): applied, Date (C): interview, "
        "column D: leave out}\n"
    )
    assert bring(sheet(text), "-o", "out.yaml").exit_code == 0
    assert [event["event"] for event in events("out.yaml", "acme")] == ["applied", "interview"]


# --- workbooks
def workbook(fill: Callable[[Any], None], name: str = "jobs.xlsx") -> str:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    fill(book)
    book.save(name)
    return name


def test_a_workbook_with_days_numbers_and_merged_cells() -> None:
    def fill(book: Any) -> None:
        page = book.active
        page.append(["My search", None, None, None, None])
        page.append(["Company", "Date", "Status", "Phone", "Notes"])
        page.append(["Acme", datetime(2026, 10, 5, 9, 30), "Applied", 4930123456.0, None])
        page.append([None, date(2026, 10, 19), "Interview", None, "two hours"])
        page.append([None, None, None, None, None])
        page.append(["Zeta", 46300, "Applied", "'+49 30 1", "=HYPERLINK(1)"])
        page["E6"].value = "Ask Kim"
        page.merge_cells("A3:A4")

    result = bring(workbook(fill), "--yes", "-o", "out.yaml")
    assert result.exit_code == 0, result.output
    assert "note: jobs.xlsx:A1: `My search` stands above the head and is left out" in result.stderr
    assert "note: jobs.xlsx:A3: A3:A4 is merged: `Acme` is taken for each of its rows" in result.stderr
    assert [event["date"] for event in events("out.yaml", "acme")] == ["2026-10-05", "2026-10-19"]
    assert events("out.yaml", "zeta") == [{"date": "2026-10-05", "event": "applied", "note": "Ask Kim"}]


def test_formulas_have_the_value_that_was_computed_or_are_refused() -> None:
    def fill(book: Any) -> None:
        book.active.append(["Company", "Applied"])
        book.active.append(["Acme", "=TODAY()"])

    result = bring(workbook(fill), "--yes", "-o", "out.yaml")
    assert result.exit_code == 3
    assert "jobs.xlsx:B2: FC540: this formula has no value: no program has computed it" in result.stderr
    with_value(Path("jobs.xlsx"), "<v></v>", "<v>46300</v>")
    result = bring("jobs.xlsx", "--yes", "-o", "out.yaml")
    assert result.exit_code == 0, result.output
    assert "B2: of formulas the value is taken that the program computed last" in result.stderr
    assert events("out.yaml", "acme")[0]["date"] == "2026-10-05"


def with_value(path: Path, old: str, new: str) -> None:
    """Change the text of the first sheet of a workbook, as a spreadsheet program would save it."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    page = parts["xl/worksheets/sheet1.xml"].decode()
    page = page.replace("<v />", old).replace("<v/>", old)
    assert old in page
    parts["xl/worksheets/sheet1.xml"] = page.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_which_sheet_of_a_workbook() -> None:
    def fill(book: Any) -> None:
        book.active.title = "2025"
        book.active.append(["Company", "Applied"])
        book.active.append(["Old", "2025-10-05"])
        page = book.create_sheet("2026")
        page.append(["Company", "Applied"])
        page.append(["Acme", "2026-10-05"])
        book.create_sheet("empty")

    name = workbook(fill)
    result = bring(name, "--yes", "-o", "out.yaml")
    assert result.exit_code == 3
    assert 'FC540: which sheet of it? `2025`, `2026`\n  hint: say --sheet "2025"' in result.stderr
    assert (
        "there is no sheet `2027` in it" in bring(name, "--sheet", "2027", "--yes", "-o", "out.yaml").stderr
    )
    assert bring(name, "--sheet", "2026", "--yes", "-o", "out.yaml").exit_code == 0
    assert list(data("out.yaml")["applications"]) == ["acme"]
    assert data("jobs.xlsx.import.yaml")["sheet"] == "2026"


@pytest.mark.parametrize("raw", [b"Company,Applied\nAcme,2026-10-05\n", b"PK\x03\x04broken", b""])
def test_what_is_no_workbook(raw: bytes) -> None:
    pytest.importorskip("openpyxl")
    result = bring(sheet(raw, "jobs.xlsx"), "--yes", "-o", "out.yaml")
    assert (result.exit_code, "jobs.xlsx: FC540: this is no workbook" in result.stderr) == (3, True)


# --- other packs
def test_other_packs_have_their_own_words(tmp_path: Path) -> None:
    """Nothing of a search is known to the reading of sheets."""
    invoices = ROOT / "examples" / "packs" / "invoice-reminders"
    text = "Customer,Sent on,Paid\nAcme,2026-10-05,2026-10-20\n"
    from followcue import load_pack

    vocabulary = load_pack(invoices).pack.vocabulary
    lexicon = Lexicon(vocabulary)
    scope = vocabulary.shape.scope
    assert scope
    assert any(name.startswith(f"{scope}.") for name in lexicon.targets)
    assert "application.company" not in lexicon.targets
    result = bring(sheet(text), "--yes", "--rules", str(invoices), "-o", "out.yaml")
    assert result.exit_code == 2
    assert "jobs.csv:A2: FC543: this row has no amount" in result.stderr


def test_a_layer_may_know_more_words(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "vocabulary.yaml").write_text(
        "pack: {name: french}\nknown as: {application.company: [entreprise], rejected: [refus]}\n"
    )
    text = "Entreprise,Date,Status\nAcme,2026-10-05,Refus\n"
    assert bring(sheet(text), "--yes", "--rules", str(layer), "-o", "out.yaml").exit_code == 0
    assert events("out.yaml", "acme")[0]["event"] == "rejected"


# --- never half a file
@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_every_step_the_file_is_the_old_one_or_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child is ended at each call by which files are changed, in turn, until one comes through."""
    Path("mine.yaml").write_text(MINE)
    assert bring("diary.csv", "mine.yaml", "--yes", "--dry-run").exit_code == 0  # everything is imported now
    kills = 0
    for at in range(120):
        Path("mine.yaml").write_text(MINE)
        child = os.fork()
        if child == 0:
            _end_at_call(at)
            bring("diary.csv", "mine.yaml", "--yes", "--map", "kept.yaml")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        text = Path("mine.yaml").read_text()
        assert text == MINE or evaluate("mine.yaml").actions
        assert text == MINE or "globex" in text
        kills += os.waitstatus_to_exitcode(status) == 9
        if os.waitstatus_to_exitcode(status) == 0:
            break
    assert kills >= 5
    assert "globex" in Path("mine.yaml").read_text()


def _end_at_call(number: int) -> None:
    """End this process at once when so many changes of files were made."""
    left = [number]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1
            return call(*arguments, **options)

        return counting

    for name in ("open", "fsync", "link", "replace", "unlink"):
        setattr(os, name, counted(getattr(os, name)))


# --- as a function
def test_what_is_asked_is_a_value() -> None:
    """A program can ask in its own way: a sheet, a mapping and a text give the next text or questions."""
    from followcue import load_pack

    loaded = load_pack()
    read = read_sheet(sheet("Company,Applied\nAcme,05/10/2026\n"))
    mapping = guess(read, Lexicon(loaded.pack.vocabulary), SheetMapping())
    edit = Edit("applications: {}\n", "x.yaml")
    options = Options(as_of=date(2026, 11, 10))
    (question,) = bring_along(read, mapping, edit, loaded, options).questions
    assert question.column.name == "Applied"
    done = bring_along(read, mapping._replace(dates="day first"), edit, loaded, options)
    assert done.text is not None
    assert "date: 2026-10-05" in done.text.text
    assert edit.text == "applications: {}\n"


def test_the_situation_is_not_touched_where_it_is_wrong() -> None:
    from followcue import load_pack

    read = read_sheet(sheet("Company,Applied\nAcme,2026-10-05\n"))
    loaded = load_pack()
    mapping = guess(read, Lexicon(loaded.pack.vocabulary), SheetMapping())
    with pytest.raises(InvalidInput):
        bring_along(read, mapping, Edit("aplications: {}\n", "x.yaml"), loaded)
