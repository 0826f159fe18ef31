"""`followcue skip` and `unskip`: what is not to be advised, in the file and out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from followcue import cli

SEARCH = """\
as_of: 2026-11-21   # a Saturday
applications:
  acme:
    company: Acme
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager, email: lee@acme.example}
    events:
      - {date: 2026-11-19, event: interview, id: first, with: [dana, lee]}
      - {date: 2026-11-20, event: thank_you_sent, to: lee, interview: first}
"""
NOTE = "send_paper_note:acme:lee:first"


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments)


def skips(path: Path) -> object:
    return yaml.safe_load(path.read_text()).get("skips")


def test_a_name_is_skipped_wherever_it_would_come_up(search: Path) -> None:
    said = run("skip", "search.yaml", "send-paper-note", "--because", "no address")
    assert (said.exit_code, said.stdout.splitlines()[0]) == (
        0,
        "Skipped: Add a note on paper, wherever it would come up",
    )
    assert search.read_text().startswith(SEARCH)
    assert skips(search) == [{"action": "send_paper_note", "because": "no address"}]
    assert "on paper" not in run("evaluate", "search.yaml", "--more").stdout
    assert "on paper" in run("evaluate", "search.yaml", "--all").stdout


def test_a_step_stands_for_all_its_actions(search: Path) -> None:
    step = run("evaluate", "search.yaml").stdout
    assert run("skip", "search.yaml", "1", "--until", "2026-11-23").exit_code == 0
    written = skips(search)
    assert isinstance(written, list)
    assert {"debrief_recruiter", "send_thank_you"} <= {one["action"] for one in written}
    assert {(one["application"], one["to"], str(one["until"])) for one in written} == {
        ("acme", "dana", "2026-11-23")
    }
    assert "say how it went" in step
    assert "say how it went" not in run("evaluate", "search.yaml").stdout
    thanks = "Write to Dana Ruiz, Acme: say thank you"
    assert thanks not in run("evaluate", "search.yaml", "--as-of", "2026-11-22").stdout
    assert thanks in run("evaluate", "search.yaml", "--as-of", "2026-11-23").stdout


def test_what_was_skipped_is_taken_back_to_the_bytes_of_before(search: Path) -> None:
    run("skip", "search.yaml", NOTE)
    run("skip", "search.yaml", "check_status", "--application", "acme")
    assert run("unskip", "search.yaml", NOTE).stdout.startswith(
        "Advised again: Add a note on paper: Lee Wong"
    )
    assert skips(search) == [{"action": "check_status", "application": "acme"}]
    assert run("unskip", "search.yaml", "check_status").exit_code == 0
    assert search.read_text() == SEARCH


def test_what_nothing_has_is_refused_and_nothing_is_written(search: Path) -> None:
    for words, code, said in (
        (("skip", "send_papr_note"), 2, "did you mean `send_paper_note`?"),
        (("skip", "77"), 2, "there is no number 77"),
        (("skip", "send_paper_note", "--to", "bob"), 2, "there is no person `bob`"),
        (("skip", "1", "--until", "soon"), 3, "`until` must be a date"),
        (("unskip", "send_paper_note"), 1, "the file has none"),
        (("unskip", "nothing:acme"), 2, "there is no action `nothing:acme`"),
    ):
        result = run(words[0], "search.yaml", *words[1:])
        assert (result.exit_code, said in result.output) == (code, True), result.output
        assert search.read_text() == SEARCH


def test_an_action_of_another_place_is_left_skipped(search: Path) -> None:
    run("skip", "search.yaml", "send_thank_you", "--to", "lee")
    result = run("unskip", "search.yaml", "send_thank_you", "--to", "dana")
    assert result.exit_code == 1
    assert "send_thank_you:lee" in result.output
    assert run("unskip", "search.yaml", "send_thank_you", "--to", "lee").exit_code == 0
    assert search.read_text() == SEARCH


@pytest.mark.slow
def test_a_title_as_shown_names_a_step_or_an_action(search: Path) -> None:
    (line,) = (one for one in run("evaluate", "search.yaml").stdout.splitlines() if "Get everyone" in one)
    title = line[4:].strip()
    assert run("skip", "search.yaml", title.upper()).stdout.startswith(f"Skipped: {title}")
    assert run("unskip", "search.yaml", "Get everyone's name and email").exit_code == 0
    assert search.read_text() == SEARCH
    assert "collect_contact_details" in run("why", "search.yaml", title, "--format", "json").stdout
    assert "send_thank_you" in run("why", "search.yaml", "say thank you", "--format", "json").stdout
    assert "did you mean `say thank you`?" in run("skip", "search.yaml", "say thank yuo").stderr
    assert "Lee Wong" in run("skip", "search.yaml", "Add a note on paper").stdout
    assert run("done", "search.yaml", "Send a thank-you message").exit_code == 0
