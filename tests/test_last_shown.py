"""Numbers are those of the list last shown; the other words that name advice are the same everywhere."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from followcue import cli, evaluate
from followcue.cli import last_shown, reporting
from followcue.evaluation.report.listing import listing

ROOT = Path(__file__).parents[1]
SEARCH = """\
as_of: 2026-11-21   # a Saturday
person: {name: Robin Vale}
applications:
  acme:
    company: Acme
    role: Analyst
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager, email: lee@acme.example}
    events:
      - {date: 2026-11-19, event: interview, id: first, with: [dana, lee]}
events:
  - {date: 2026-11-19, event: network_told}
"""
TAKING = ("done", "skip", "why", "why-not", "draft")
"""The commands that take a number."""


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    path = tmp_path / "work" / "search.yaml"
    path.write_text(SEARCH)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments)


def show(monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """The list, on a terminal."""
    with monkeypatch.context() as patch:
        patch.setattr(reporting, "is_terminal", lambda: True)
        assert run("evaluate", "search.yaml", *options).exit_code == 0


def titles(path: Path) -> dict[int, str]:
    return {one.number: one.step.title for one in listing(evaluate(str(path))).steps}


@pytest.mark.slow
def test_a_number_that_has_come_to_mean_another_step_is_refused(
    search: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(monkeypatch)
    before = titles(search)
    search.write_text(SEARCH + "  - {date: 2026-11-20, event: recruiter_reviewed}\n")
    assert run("done", "search.yaml", "1", "--dry-run").exit_code == 0, "this one is the same step"
    rejected = "      - {date: 2026-11-21, event: rejected}\n"
    search.write_text(SEARCH.replace("[dana, lee]}\n", "[dana, lee]}\n" + rejected))
    text, now = search.read_text(), titles(search)
    number = next(n for n in before if n in now and before[n] != now[n])
    for command in TAKING:
        result = run(command, "search.yaml", str(number))
        assert (result.exit_code, result.stdout, search.read_text()) == (2, "", text), command
        assert f"  {number} was: {before[number]}\n" in result.stderr
        assert f"  {number} is:  {now[number]}\n" in result.stderr
        assert "followcue evaluate search.yaml" in result.stderr
    assert run("why", "search.yaml", now[number]).exit_code == 0
    show(monkeypatch)
    assert run("why", "search.yaml", str(number)).exit_code == 0


@pytest.mark.slow
def test_what_the_number_was_is_told_with_its_number_of_now_while_it_is_to_be_done(
    search: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(monkeypatch)
    before = listing(evaluate(str(search))).steps
    assert run("done", "search.yaml", "1").exit_code == 0
    result = run("done", "search.yaml", "2", "--dry-run")
    assert result.exit_code == 2
    assert "the list has changed since you saw it" in result.stderr
    assert f"  2 was: {before[1].step.title}\n" in result.stderr
    assert "    which is now 1\n" in result.stderr
    assert run("done", "search.yaml", before[1].step.id, "--dry-run").exit_code == 0
    gone = run("done", "search.yaml", "1")
    assert "    which is no longer to be done\n" in gone.stderr


def test_the_day_changes_the_list_too(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    show(monkeypatch)
    report = evaluate(str(search), as_of=date(2026, 12, 15))
    now = {one.number: one.step for one in listing(report).steps}
    before = {one.number: one.step for one in listing(evaluate(str(search))).steps}
    number = next(n for n in before if n in now and before[n].id != now[n].id)
    result = run("why", "search.yaml", str(number), "--as-of", "2026-12-15")
    assert result.exit_code == 2
    assert "the list has changed since Sat 2026-11-21" in result.stderr


@pytest.mark.slow
def test_pipes_and_other_forms_note_nothing_and_numbers_are_those_of_now(
    search: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("evaluate", "search.yaml")
    show(monkeypatch, "--format", "json")
    show(monkeypatch, "-o", "out.txt")
    assert not (search.parent.parent / "cache/followcue/shown").exists()
    assert run("done", "search.yaml", "1").exit_code == 0
    assert run("why", "search.yaml", "1").exit_code == 0


def test_no_answer_of_an_evaluation_hangs_on_the_note(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("evaluate", "search.yaml", "--format", "json").stdout
    show(monkeypatch)
    assert run("evaluate", "search.yaml", "--format", "json").stdout == said
    assert [path.name for path in search.parent.iterdir()] == ["search.yaml"]


@pytest.mark.slow
def test_the_note_is_for_the_user_alone_and_may_be_lost(
    search: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(monkeypatch)
    (kept,) = (search.parent.parent / "cache/followcue/shown").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    other = json.loads(kept.read_text())
    for spoilt in (
        "",
        "{}",
        "[1]",
        json.dumps({**other, "steps": [[1]]}),
        json.dumps({**other, "file": "x"}),
    ):
        kept.write_text(spoilt)
        assert run("why", "search.yaml", "1").exit_code == 0
    monkeypatch.setattr(last_shown, "MOST", 0)
    show(monkeypatch)
    assert not list(kept.parent.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize("plain", [True, False])
def test_a_terminal_notes_what_it_shows(search: Path, plain: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, **({"NO_COLOR": "1"} if plain else {})}
    command = [sys.executable, str(ROOT / "cli.py"), "evaluate", "search.yaml"]
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, done.stderr
    assert list((search.parent.parent / "cache/followcue/shown").iterdir())


# --- words
@pytest.mark.slow
@pytest.mark.parametrize("command", [*TAKING, "unskip"])
def test_every_command_knows_the_same_words(search: Path, command: str) -> None:
    step = listing(evaluate(str(search))).steps[1]
    action = step.actions[0]
    assert action.to is not None
    if command == "unskip":
        run("skip", "search.yaml", step.step.id)
    words = [
        step.step.id,
        step.step.title,
        f"{step.step.title} (by tomorrow)",
        step.step.title.upper(),
        action.id,
        f"{action.title}: Lee Wong, Acme (first)",
        *([] if command == "unskip" else [str(step.number)]),
    ]
    text = search.read_text()
    for word in words[-3:] if command == "why-not" else words:  # which takes its time
        result = run(command, "search.yaml", word)
        assert result.exit_code == (1 if command == "why-not" else 0), (word, result.output)
        assert "Lee" in result.stdout or command == "draft"
        search.write_text(text)


@pytest.mark.slow
@pytest.mark.parametrize("command", [*TAKING, "unskip"])
def test_a_slip_in_a_title_or_a_name_is_told(search: Path, command: str) -> None:
    title = titles(search)[2]
    for wrong, meant in (
        (title.replace("Write", "Wrote"), title),
        (title[:-4], title),
        ("send_thank_yu", "send_thank_you"),
        ("Give tham time", "Give them time"),
    ):
        result = run(command, "search.yaml", wrong)
        assert (result.exit_code, result.stdout, search.read_text()) == (2, "", SEARCH), (command, wrong)
        assert f"there is no action `{wrong}`; did you mean `{meant}`?" in result.stderr


@pytest.mark.slow
def test_why_not_takes_the_id_or_the_title_of_what_is_not_advised(search: Path) -> None:
    assert "Acme" in run("why-not", "search.yaml", "move_on:acme").stdout
    assert run("why-not", "search.yaml", "Move on from this one").stdout
    assert run("why-not", "search.yaml", "move_on:acmee").exit_code == 2
    assert run("why", "search.yaml", "move_on:acme").exit_code == 1
    assert run("done", "search.yaml", "move_on:acme").exit_code == 1
    assert run("draft", "search.yaml", "move_on:acme").exit_code in (1, 2)


@pytest.mark.slow
def test_a_title_need_not_be_quoted_where_words_are_taken(search: Path) -> None:
    title = titles(search)[2]
    assert run("done", "search.yaml", *title.split(), "--dry-run").exit_code == 0


@pytest.mark.slow
def test_what_was_skipped_by_a_step_is_taken_back_by_it(search: Path) -> None:
    title = titles(search)[1]
    assert run("skip", "search.yaml", "1").exit_code == 0
    assert len(yaml.safe_load(search.read_text())["skips"]) > 1
    refused = run("unskip", "search.yaml", "1")
    assert refused.exit_code == 2
    assert "what is skipped has no number in the list" in refused.stderr
    assert run("unskip", "search.yaml", title).stdout.startswith(f"Advised again: {title}\n")
    assert search.read_text() == SEARCH
