"""`followcue edit` and `followcue undo`: what changes, what is refused, and the way back."""

from __future__ import annotations

import os
import random
import stat
from difflib import ndiff
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from followcue import cli
from followcue.assistant.journal.versions import MOST, Versions
from followcue.cli import at_terminal

SEARCH = """\
as_of: 2026-11-21   # a Saturday
applications:
  acme:
    company: Acme
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager, email: lee@acme.example}   # met twice
    events:
      # how it began
      - {date: 2026-11-10, event: applied}
      - {date: 2026-11-19, event: interview, id: first, with: [dana, lee]}   # it went well
      - {date: 2026-11-20, event: thank_you_sent, to: lee, interview: first}
  globex:
    company: Globex
    role: analyst
    contacts: {kim: {name: Kim Cole}, lou: {name: Lou Reyes}}
    events:
      - date: 2026-11-12
        event: applied
        note: |
          two lines
          of it
      - {date: 2026-11-18, event: status_checked, to: kim, channel: email}
events:
  - {date: 2026-11-12, event: network_told}
"""
"""Lines: 6 dana, 7 lee, 11 the interview, 15 a role, 16 kim and lou, 18 to 22 applied."""


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH)
    return path


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, arguments, input=text)


def new_and_gone(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone, and those that are new."""
    lines = list(ndiff(before.splitlines(), after.splitlines()))
    gone, new = ([line[2:] for line in lines if line.startswith(sign)] for sign in ("- ", "+ "))
    return gone, new


def edit(*arguments: str) -> Result:
    return run("edit", "search.yaml", *arguments)


# --- edit: what is meant
@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "gone", "new"),
    [
        (
            "interview first with=dana",
            "id: first, with: [dana, lee]}",
            "id: first, with: [dana]}   # it went",
        ),
        ("11 stage=panel", "with: [dana, lee]}   # it", "with: [dana, lee], stage: panel}   # it went well"),
        (":11 id=one", None, None),
        ("line 12 channel=email", "interview: first}", "interview: first, channel: email}"),
        ("search.yaml:12: channel=email", "interview: first}", "interview: first, channel: email}"),
        ("dana email=d@acme.example", "role: recruiter}", "role: recruiter, email: d@acme.example}"),
        ("Lee Wong email=", "email: lee@acme.example}   # met", "role: hiring_manager}   # met twice"),
        ("globex role=engineer", "role: analyst", "role: engineer"),
        ("15 role=engineer", "role: analyst", "role: engineer"),
        ("applied acme date=2026-11-09", "2026-11-10, event: applied", "2026-11-09, event: applied"),
        ("applied 2026-11-10 --date 2026-11-09", "11-10, event: applied", "11-09, event: applied"),
        ("thank-you-sent yesterday channel=email", "interview: first}", "first, channel: email}"),
        ("kim status_checked channel=phone", "channel: email", "channel: phone"),
        ("kim channel=phone", "channel: email", "channel: phone"),
        ("network_told note=all", "network_told}", "network_told, note: all}"),
        ("20 channel=letter", "        event: applied", "        channel: letter"),
    ],
)
def test_one_line_changes_and_undo_gives_it_back(
    search: Path, words: str, gone: str | None, new: str | None
) -> None:
    result = edit(*words.split())
    after = search.read_text()
    if gone is None or new is None:
        assert (result.exit_code, after) == (3, SEARCH), "the thank-you names it by its id"
        return
    assert result.exit_code == 0, result.output
    lost, found = new_and_gone(SEARCH, after)
    assert new in "".join(found)
    assert lost == [] or gone in "".join(lost)
    assert max(len(lost), len(found)) == 1
    assert run("undo", "search.yaml").exit_code == 0
    assert search.read_bytes() == SEARCH.encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("thank_you_sent", 1),
        ("applied globex", 5),
        ("lou", 1),
        ("globex", 11),
        ("17 --application globex", 0),
    ],
)
def test_what_is_removed_goes_and_nothing_else(search: Path, words: str, gone: int) -> None:
    result = edit(*words.split(), "--remove")
    if not gone:
        assert (result.exit_code, search.read_text()) == (2, SEARCH)
        assert "on line 17 of search.yaml stands no event and no record" in result.output
        return
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Removed: ")
    lost, found = new_and_gone(SEARCH, search.read_text())
    assert (len(lost), len(found)) == (gone, 1 if words == "lou" else 0)
    assert run("undo", "search.yaml").exit_code == 0
    assert search.read_bytes() == SEARCH.encode()


def test_what_goes_with_a_record_is_counted(search: Path) -> None:
    assert edit("globex", "--remove").stdout.startswith(
        "Removed: application `globex`, Globex, with the 4 that stood in it\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("applied note=x", 2, "search.yaml:10: Tue 10 Nov, Acme: You sent the application."),
        ("16 name=x", 2, "search.yaml:16: contact `lou`, Lou Reyes, Globex"),
        ("99 note=x", 2, "on line 99 of search.yaml stands no event and no record; before it stands line 25"),
        ("9 note=x", 2, "before it stands line 7: contact `lee`"),
        ("intervew note=x", 2, "nothing in search.yaml is called `intervew`; did you mean `interview`?"),
        ("thank note=x", 2, "did you mean `thank_you_sent`?"),
        ("2026-11-1 note=x", 2, "did you mean `2026-11-10`?"),
        ("interview kim note=x", 2, "is called `interview` and `kim` at once"),
        ("dana --application acmee email=x", 2, "there is no application `acmee`; did you mean `acme`?"),
        ("dana", 2, "say what is to be different"),
        ("dana email=x --remove", 2, "no field can be given beside it"),
        ("email=x", 2, "say what is meant"),
        ("interview wth=lee", 3, "did you mean `with`?"),
        ("interview with=lea", 3, "there is no contact `lea`"),
        ("interview event=applied", 3, "an event stays of its kind"),
        ("interview date=", 3, "an event needs its `date`"),
        ("interview date=soon", 3, "must be a date"),
        ("status_checked channel=", 3, "needs `channel`"),
        ("globex company=", 3, "needs `company`"),
        ("interview first id=", 3, "`interview`"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(search: Path, words: str, code: int, said: str) -> None:
    result = edit(*words.split())
    assert (result.exit_code, result.stdout, search.read_text()) == (code, "", SEARCH), result.output
    assert said in result.stderr
    assert not Path("search.yaml~").exists()


def test_what_others_need_is_not_removed(search: Path) -> None:
    result = edit("dana", "--remove")
    assert (result.exit_code, search.read_text()) == (3, SEARCH)
    assert "search.yaml:11:64: FC505: `with`: there is no contact `dana`" in result.stderr
    assert "hint: it needs what is to be removed: change or remove this first" in result.stderr
    assert SEARCH.splitlines()[10] in result.stderr


def test_of_several_one_is_chosen_at_a_terminal(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_terminal, "has_terminal", lambda: True)
    result = run("edit", "search.yaml", "applied", "note=x", text="7\n2\n")
    assert result.exit_code == 0, result.output
    assert "  2  search.yaml:18: Thu 12 Nov, Globex: You sent the application." in result.stderr
    assert yaml.safe_load(search.read_text())["applications"]["globex"]["events"][0]["note"] == "x"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "answers", "code", "said"),
    [
        ("applied globex date=2062-11-12", None, 2, "FC532: Sunday 12 November 2062 is 36 years ahead"),
        ("applied globex date=2062-11-12", "n\n", 1, "nothing was written"),
        ("applied globex date=2062-11-12", "y\n", 0, "date: 2062-11-12"),
        ("applied globex date=2062-11-12 --sure", None, 0, "date: 2062-11-12"),
        ("applied globex date=5/10/2026", None, 2, "can mean Sunday 10 May 2026 or Monday 5 October 2026"),
        ("applied globex date=5/10/2026", "2\n", 0, "date: 2026-10-05"),
    ],
)
def test_a_slip_in_a_day_is_asked_about(
    search: Path, monkeypatch: pytest.MonkeyPatch, words: str, answers: str | None, code: int, said: str
) -> None:
    monkeypatch.setattr(at_terminal, "has_terminal", lambda: answers is not None)
    result = run("edit", "search.yaml", *words.split(), text=answers or "")
    assert result.exit_code == code, result.output
    assert said in result.output
    assert (search.read_text() == SEARCH) == (code != 0)


def test_people_are_called_by_their_names(search: Path) -> None:
    assert edit("interview", "with=Lee Wong").exit_code == 0
    assert "with: [lee]" in search.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "line", "day", "order"),
    [
        ("1 3 5", 2, "4", "1 4 5"),
        ("1 3 5", 2, "6", "1 5 6"),
        ("1 3 5", 1, "5", "3 5 5"),
        ("1 3 5", 3, "1", "1 1 3"),
        ("1 3 5", 3, "0", "0 1 3"),
        ("1 3 5", 1, "9", "3 5 9"),
        ("3 1 5 2", 2, "9", "3 9 5 2"),
    ],
)
@pytest.mark.parametrize("end", ["\n", ""])
def test_an_event_moves_to_its_day_where_the_list_keeps_the_order(
    search: Path, days: str, line: int, day: str, order: str, end: str
) -> None:
    events = [
        f"  - {{date: 2026-11-1{day}, event: network_told}}   # {n}" for n, day in enumerate(days.split())
    ]
    search.write_text("applications: {}\nevents:\n" + "\n".join(events) + end)
    result = edit(str(line + 2), f"date=2026-11-1{day}", "--sure")
    assert result.exit_code == 0, result.output
    lines = search.read_text().splitlines()
    assert [found.partition(",")[0][-1] for found in lines[2:]] == order.split()
    own = events[line - 1].replace(f"-1{days.split()[line - 1]},", f"-1{day},")
    assert sorted(lines) == sorted(["applications: {}", "events:", *events[: line - 1], own, *events[line:]])


def test_an_event_takes_its_comments_along_and_stays_in_brackets(search: Path) -> None:
    search.write_text(
        "applications: {}\r\nevents:\r\n- date: 2026-11-01\r\n  event: network_told\r\n"
        "# what she said:\r\n# twice\r\n- date: 2026-11-03\r\n  event: search_reviewed\r\n",
        newline="",
    )
    assert edit("search_reviewed", "date=2026-10-30").exit_code == 0
    assert search.read_bytes().decode() == (
        "applications: {}\r\nevents:\r\n# what she said:\r\n# twice\r\n"
        "- date: 2026-10-30\r\n  event: search_reviewed\r\n"
        "- date: 2026-11-01\r\n  event: network_told\r\n"
    )
    told, reviewed = "{date: 2026-11-01, event: network_told}", "{date: 2026-11-03, event: search_reviewed}"
    text = f"applications: {{}}\nevents: [{told}, {reviewed}]\n"
    search.write_text(text)
    assert edit("network_told", "date=2026-11-09").exit_code == 0
    assert search.read_text() == text.replace("11-01", "11-09")


def test_what_says_so_already_is_left_as_it_is_written(search: Path) -> None:
    result = edit("dana", "name=Dana Ruiz", "phone=")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        0,
        "Nothing to change: contact `dana`, Dana Ruiz, Acme",
    )
    assert search.read_text() == SEARCH
    assert run("undo", "search.yaml").exit_code == 1


def test_a_dry_run_and_another_file_leave_it(search: Path) -> None:
    assert "+      - {date: 2026-11-19, event: interview, id: first, with: [lee]}" in (
        edit("interview", "with=lee", "--dry-run").stdout
    )
    assert edit("interview", "with=lee", "-o", "other.yaml").exit_code == 0
    assert "with: [lee]" in Path("other.yaml").read_text()
    assert search.read_text() == SEARCH
    assert run("edit", "-", "interview", "with=lee", text=SEARCH).stdout.count("with: [lee]") == 1


def test_the_advice_that_changes_is_told(search: Path) -> None:
    said = edit("thank_you_sent", "--remove").stdout
    assert "\nNew\n" in said
    assert "Send a thank-you message: Lee Wong, Acme (first)" in said


# --- undo
COMMANDS = [
    ("add", "kept_warm", "to=dana", "--application", "acme"),
    ("add", "contact", "pat", "name=Pat", "--application", "acme"),
    ("add", "application", "initech", "company=Initech"),
    ("done", "1"),
    ("done", "send_thank_you", "--to", "dana", "channel=email"),
    ("skip", "1", "--until", "2026-12-01"),
    ("skip", "send_paper_note", "--because", "no address"),
    ("unskip", "send_paper_note"),
    ("edit", "interview", "note=again"),
    ("edit", "thank_you_sent", "lee", "--remove"),
    ("edit", "globex", "--remove"),
    ("edit", "lee", "phone=1"),
]


@pytest.mark.slow
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_undo_and_redo_go_through_the_texts_of_any_commands(search: Path, line_end: str) -> None:
    dice = random.Random(2)
    texts = [("\ufeff" + SEARCH.replace("\n", line_end)).encode()]
    search.write_bytes(texts[0])
    at = 0
    taken = set()
    for command, *rest in COMMANDS:
        if run(command, "search.yaml", *rest).exit_code == 0 and search.read_bytes() != texts[at]:
            texts = [*texts[: at + 1], search.read_bytes()]
            at += 1
            taken.add(command)
        for option in dice.choice(([], ["--redo"], ["", "--redo"], ["", "", "--redo"])):
            there = at + 1 < len(texts) if option else at > 0
            result = run("undo", "search.yaml", *([option] if option else []))
            assert result.exit_code == (0 if there else 1)
            at += (1 if option else -1) if there else 0
            assert search.read_bytes() == texts[at]
    assert taken == {"add", "done", "skip", "unskip", "edit"}
    while at:
        assert run("undo", "search.yaml").exit_code == 0
        at -= 1
        assert search.read_bytes() == texts[at]
    assert "nothing to undo" in run("undo", "search.yaml").stderr


def test_what_was_changed_by_hand_is_not_written_over(search: Path) -> None:
    edit("dana", "phone=1")
    by_command = search.read_text()
    by_hand = by_command.replace("Globex", "Globex Ltd")
    search.write_text(by_hand)
    for option in ([], ["--redo"]):
        result = run("undo", "search.yaml", *option)
        assert (result.exit_code, result.stdout, search.read_text()) == (1, "", by_hand)
        assert "the file was changed since the last command here, by hand or elsewhere" in result.stderr
        assert "+    company: Globex Ltd" in result.stderr
    assert run("undo", "search.yaml", "-o", "before.yaml").exit_code == 0
    assert Path("before.yaml").read_text() == SEARCH
    assert search.read_text() == by_hand
    edit("dana", "phone=2")
    assert run("undo", "search.yaml").exit_code == 0
    assert search.read_text() == by_hand
    assert "before that, the file was changed by hand" in run("undo", "search.yaml").stderr
    search.write_text(by_command)  # by hand, but it is what the command had left
    assert run("undo", "search.yaml").exit_code == 0
    assert search.read_text() == SEARCH


def test_a_file_is_known_by_where_it_lies_and_not_by_its_name(search: Path) -> None:
    edit("dana", "phone=1")
    Path("link.yaml").symlink_to(search)
    Path("copy.yaml").write_text(search.read_text())
    assert run("undo", "copy.yaml").exit_code == 1
    assert run("undo", "link.yaml").exit_code == 0
    assert search.read_text() == SEARCH


@pytest.mark.slow
def test_undo_works_where_the_rules_no_longer_fit(search: Path) -> None:
    edit("dana", "phone=1")
    result = run("undo", "search.yaml", "--pack", "none")
    assert result.exit_code == 2
    Path("mine").mkdir()
    Path("mine/rules.yaml").write_text("rules: [")
    assert run("undo", "search.yaml", "--rules", "mine").exit_code == 0
    assert search.read_text() == SEARCH


@pytest.mark.slow
def test_the_last_changes_are_kept_for_the_user_alone(search: Path) -> None:
    for number in range(MOST + 5):
        assert edit("dana", f"phone={number}").exit_code == 0
    folder = Path(Versions(str(search)).folder or "")
    kept = list(folder.iterdir())
    assert len(kept) == MOST + 2
    assert {stat.S_IMODE(one.stat().st_mode) for one in kept} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for _ in range(MOST):
        assert run("undo", "search.yaml").exit_code == 0
    assert "phone: 4}" in search.read_text() or 'phone: "4"}' in search.read_text()
    assert run("undo", "search.yaml").exit_code == 1


def test_what_is_kept_of_a_file_that_is_long_gone_goes(search: Path) -> None:
    folders = []
    for name in ("there.yaml", "gone.yaml", "lately.yaml"):
        Path(name).write_text(SEARCH)
        assert run("edit", name, "dana", "phone=1").exit_code == 0
        folders.append(Path(Versions(name).folder or ""))
    for name in ("gone.yaml", "lately.yaml"):
        Path(name).unlink()
    for folder in folders[:2]:
        os.utime(folder / "changes.json", (1, 1))
    assert edit("dana", "phone=1").exit_code == 0
    assert [folder.exists() for folder in folders] == [True, False, True]


@pytest.mark.slow
@pytest.mark.parametrize("spoilt", ["changes.json", "texts", "all"])
def test_what_is_kept_and_spoilt_is_not_believed(search: Path, spoilt: str) -> None:
    edit("dana", "phone=1")
    after = search.read_text()
    for kept in Path(Versions(str(search)).folder or "").iterdir():
        if spoilt == "all" or (kept.name == "changes.json") is (spoilt == "changes.json"):
            kept.write_text("{spoilt")
    result = run("undo", "search.yaml")
    assert (result.exit_code, search.read_text()) == (1, after)
    assert "nothing to undo" in result.stderr or "no longer kept" in result.stderr
    assert edit("dana", "phone=2").exit_code == 0
    assert run("undo", "search.yaml").exit_code == 0
    assert search.read_text() == after


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs a file in place of a folder")
def test_where_nothing_can_be_kept_the_change_is_made_and_that_is_said(
    search: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "no-folder"))
    result = edit("dana", "phone=1")
    assert result.exit_code == 0
    assert "warning: `followcue undo` will not know of this change: " in result.stderr
    assert "phone" in search.read_text()


def test_what_is_kept_is_used_again_only_by_the_position_of_the_file(search: Path) -> None:
    """A program that was killed between the log and the file: the file says which of both it was."""
    before, after = SEARCH.encode(), SEARCH.replace("Globex", "Other").encode()
    versions = Versions(str(search))
    versions.record("edit", before, after)  # and the file stays as it was
    assert "nothing to undo" in run("undo", "search.yaml").stderr
    assert run("undo", "search.yaml", "--redo").exit_code == 0
    assert search.read_bytes() == after
    versions = Versions(str(search))
    versions.turn(versions.back(after), after)  # and again
    assert run("undo", "search.yaml").exit_code == 0
    assert search.read_bytes() == before


def test_standard_input_has_no_past(search: Path) -> None:
    result = run("undo", "-", text=SEARCH)
    assert (result.exit_code, result.stdout) == (2, "")
