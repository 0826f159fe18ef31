"""`followcue add` and `followcue done`: what is written, where, and what is refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from followcue import LoadedPack, cli, evaluate, load_pack
from followcue.assistant.journal.add import add
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.mark_done import NothingToWrite, Which, done
from followcue.base import clock
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.report.listing import listing
from followcue.language.documents.edit import Edit
from followcue.language.documents.read import read_document
from hand_written import Author

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))

SEARCH = """\
as_of: 2026-11-21   # the day of the tests
applications:
  acme:
    company: Acme
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager}
    events:
      - {date: 2026-11-10, event: applied}   # by mail
      - {date: 2026-11-19, event: interview, id: first, with: [dana, lee]}

  globex:
    company: Globex
    contacts: {kim: {name: Kim Cole}}
    events:
      - {date: 2026-11-12, event: applied}
"""

TWO = SEARCH.replace("as_of: 2026-11-21   # the day of the tests\n", "")


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH)
    return path


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, arguments, input=text)


def added(search: Path, *arguments: str) -> list[str]:
    """The lines that the file has more after `add`; all others are as they were, in their order."""
    before = search.read_text().splitlines()
    result = run("add", "search.yaml", *arguments)
    assert result.exit_code == 0, result.output
    return new_lines(before, search.read_text().splitlines())


def new_lines(before: list[str], after: list[str]) -> list[str]:
    rest = iter(before)
    waiting = next(rest, None)
    new = []
    for line in after:
        if line == waiting:
            waiting = next(rest, None)
        else:
            new.append(line)
    assert waiting is None, f"this line is gone: {waiting}"
    return new


# --- add: what is written and where
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            "thank_you_sent to=lee interview=first",
            "      - {date: 2026-11-21, event: thank_you_sent, to: lee, interview: first}",
        ),
        ("rejected --application globex", "      - {date: 2026-11-21, event: rejected}"),
        (
            "status-checked to=kim channel=email",
            "      - {date: 2026-11-21, event: status_checked, to: kim, channel: email}",
        ),
        (
            "interview with=kim,kim note=good,hard --date 2026-11-20",
            '      - {date: 2026-11-20, event: interview, with: [kim, kim], note: "good,hard"}',
        ),
        (
            "interview with=dana concerns=SQL concerns=travel,often --date yesterday",
            '      - {date: 2026-11-20, event: interview, with: [dana], concerns: [SQL, "travel,often"]}',
        ),
        (
            "offer_received written=yes answer_by=tomorrow --application acme",
            "      - {date: 2026-11-21, event: offer_received, written: true, answer_by: 2026-11-22}",
        ),
        ("timeline_promised within=2_weeks --application acme", None),
        ("contact sam role=helper --application globex", None),
        ("contact sam name=Sam --application acme", "      sam: {name: Sam}"),
        (
            "application initech company=Initech role=analyst",
            ["", "  initech:", "    company: Initech", "    role: analyst"],
        ),
        ("network_told", ["events:", "  - {date: 2026-11-21, event: network_told}"]),
        ("search_reviewed --application acme", "      - {date: 2026-11-21, event: search_reviewed}"),
        ("rejected --application acme note=--x", '      - {date: 2026-11-21, event: rejected, note: "--x"}'),
    ],
)
def test_new_lines_are_all_that_changes(search: Path, arguments: str, line: str | list[str] | None) -> None:
    if line is None:
        before = search.read_text()
        result = run("add", "search.yaml", *arguments.split())
        if "contact" in arguments:
            assert "    contacts: {kim: {name: Kim Cole}, sam: {role: helper}}" in search.read_text()
        else:
            assert (result.exit_code, search.read_text()) == (3, before)
            assert "did you mean `2 weeks`?" in result.output or "FC508" in result.output
        return
    assert added(search, *arguments.split()) == ([line] if isinstance(line, str) else line)


def test_events_stand_in_the_order_of_their_dates(search: Path) -> None:
    added(search, "application_acknowledged", "--application", "acme", "--date", "2026-11-10")
    added(search, "lead_found", "--application", "acme", "--date", "2026-11-01")
    kinds = [
        line.split("event: ")[1].split(",")[0].split("}")[0] for line in search.read_text().splitlines()[8:12]
    ]
    assert kinds == ["lead_found", "applied", "application_acknowledged", "interview"]
    mixed = search.read_text().replace("2026-11-01", "2026-11-18")
    search.write_text(mixed)
    added(search, "debriefed", "with=dana", "--date", "2026-11-10")
    assert "debriefed" in search.read_text().splitlines()[12], "a list that is in no order gets it at its end"


def test_what_was_written_and_what_changed_is_told(search: Path) -> None:
    result = run("add", "search.yaml", "thank_you_sent", "to=lee", "interview=first")
    assert re.sub(r"^[ \d]\d  ", " 0  ", result.stdout, flags=re.MULTILINE) == (
        "search.yaml:11: - {date: 2026-11-21, event: thank_you_sent, to: lee, interview: first}\n"
        "\n"
        "New\n"
        " 0  from Sun 22 Nov  Add a note on paper: Lee Wong, Acme (first)\n"
        "\n"
        "Gone\n"
        "                     Send a thank-you message: Lee Wong, Acme (first)\n"
        "                     Get everyone's name and email: Lee Wong, Acme (first)\n"
    )
    assert (search.parent / "search.yaml~").read_text() == SEARCH
    again = run("add", "search.yaml", "contact", "sam", "--application", "acme")
    assert again.stdout.endswith("The advice is the same as before.\n")


def test_the_day_is_today_where_nobody_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "search.yaml").write_text("timezone: Asia/Tokyo\n" + TWO)
    zones: list[str | None] = []

    def today(zone: str | None = None) -> date:
        zones.append(zone)
        return date(2026, 11, 23)

    monkeypatch.setattr(clock, "today", today)
    assert run("add", "search.yaml", "rejected", "--application", "acme").exit_code == 0
    assert "{date: 2026-11-23, event: rejected}" in (tmp_path / "search.yaml").read_text()
    assert set(zones) == {"Asia/Tokyo"}
    zones.clear()
    assert run("log", "search.yaml", "--timezone", "Europe/Berlin").exit_code == 0
    assert set(zones) == {"Europe/Berlin"}
    assert (
        run("add", "search.yaml", "rejected", "--application", "globex", "--as-of", "2026-11-20").exit_code
        == 0
    )
    assert "{date: 2026-11-20, event: rejected}" in (tmp_path / "search.yaml").read_text()


def test_an_event_that_is_not_counted_yet_is_warned_of(search: Path) -> None:
    result = run("add", "search.yaml", "rejected", "--application", "acme", "--date", "tomorrow")
    assert result.exit_code == 0
    assert "warning: search.yaml:11: rejected on 2026-11-22 lies ahead" in result.stderr


def test_a_new_caution_is_told(search: Path) -> None:
    result = run("add", "search.yaml", "status_checked", "to=lee", "channel=email")
    assert "Be careful\n    You asked too early: Lee Wong, Acme\n" in result.stdout


@pytest.mark.parametrize("seed", range(12))
def test_in_whatever_manner_a_file_is_written_all_else_stays(seed: int) -> None:
    data = read_document(EXAMPLES[seed % len(EXAMPLES)].read_bytes(), "x.yaml").data
    assert isinstance(data, dict)
    text = Author(seed).write(data)
    edit = Edit(text, "search.yaml")
    journal = Journal(edit, shipped())
    scope = list(data["applications"])[seed % len(data["applications"])]
    add(journal, "lessons_noted", ["note=it's: done"], scope=scope)
    assert not edit.laid_out_anew
    events = edit.data["applications"][scope]["events"]  # type: ignore[index,call-overload]
    event = {"date": data["as_of"], "event": "lessons_noted", "note": "it's: done"}
    assert sorted(map(str, events)) == sorted(map(str, [*data["applications"][scope]["events"], event]))
    before, after = text.splitlines(), edit.text.splitlines()
    assert len([line for line in before if line not in after]) <= 1, edit.diff()


# --- other ways in and out
def test_a_dry_run_shows_the_change_and_makes_none(search: Path) -> None:
    result = run("add", "search.yaml", "rejected", "--application", "globex", "--dry-run")
    assert "+      - {date: 2026-11-21, event: rejected}" in result.stdout
    assert (search.read_text(), sorted(p.name for p in search.parent.iterdir())) == (SEARCH, ["search.yaml"])


def test_standard_input_comes_out_changed() -> None:
    result = run("add", "-", "rejected", "--application", "globex", text=SEARCH)
    assert result.stdout == SEARCH + "      - {date: 2026-11-21, event: rejected}\n"
    assert "<stdin>:17: - {date:" in result.stderr


def test_the_result_may_go_elsewhere(search: Path) -> None:
    assert run("add", "search.yaml", "rejected", "--application", "globex", "-o", "new.yaml").exit_code == 0
    assert search.read_text() == SEARCH
    assert "rejected" in (search.parent / "new.yaml").read_text()


def test_json_situations_stay_json(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    data = {"as_of": "2026-11-21", "applications": {"a": {"company": "A", "events": []}}}
    path.write_text(json.dumps(data, indent=2))
    assert run("add", str(path), "applied", "channel=yes").exit_code == 0
    data["applications"]["a"]["events"] = [{"date": "2026-11-21", "event": "applied", "channel": "yes"}]  # type: ignore[index]
    assert json.loads(path.read_text()) == data
    assert path.read_text().startswith('{\n  "as_of": "2026-11-21",\n')


# --- add: what is refused
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "intervew with=dana",
            "intervew: FC520: there is no event or record `intervew`\n  hint: did you mean `interview`?",
        ),
        ("interview wth=dana", "wth=dana: FC502: `interview` has no `wth`\n  hint: did you mean `with`?"),
        (
            "interview date=2026-11-20 --date 2026-11-19",
            "date=2026-11-20: FC502: `interview` has no `date`\n  hint: the day is given with --date",
        ),
        (
            "interview with=lea --application acme",
            "interview: FC505: `with`: there is no contact `lea` in application `acme`"
            "\n  hint: did you mean `lee`?",
        ),
        (
            "rejected",
            "rejected: FC521: which application does this belong to? `acme`, `globex`"
            "\n  hint: say so with --application acme",
        ),
        (
            "rejected --application acne",
            "acne: FC505: there is no application `acne`\n  hint: did you mean `acme`?",
        ),
        (
            "status_checked channel=fone --application acme",
            "status_checked: FC509: `channel` must be one of `phone`, "
            "`voicemail`, `email`, `letter`, `message`, not `fone`"
            "\n  hint: did you mean `phone`?",
        ),
        ("status_checked to=dana", "status_checked: FC503: `status_checked` needs `channel`"),
        ("rejected stage=a stage=b", "stage=b: FC103: `stage` is given twice"),
        ("rejected badly", "badly: FC520: `badly` is no application and no day"),
        (
            "rejected --date soon --application acme",
            "--date soon: FC507: `date` must be a date such as 2026-11-05, not `soon`",
        ),
        (
            "interview id=first --application acme",
            "interview: FC510: another interview has the id `first` already",
        ),
        ("contact sam --date today --application acme", "--date: FC520: a contact has no day"),
        ("contact dana --application acme", "dana: FC523: there is a contact `dana` already"),
        ("contact role=other", "contact: FC520: a new contact needs a key, by which others refer to it"),
        ("application initech", "application: FC503: application `initech` needs `company`"),
    ],
)
def test_what_would_be_wrong_is_refused_and_the_file_left(search: Path, arguments: str, said: str) -> None:
    result = run("add", "search.yaml", *arguments.split())
    assert result.exit_code == 3
    assert result.stderr.startswith(said)
    assert search.read_text() == SEARCH
    assert not (search.parent / "search.yaml~").exists()


@pytest.mark.parametrize("command", [("add", "rejected", "--application", "acme"), ("done", "1")])
@pytest.mark.parametrize(
    ("before", "nonsense", "place"),
    [
        ("event: applied}   #", "event: aplied}   #", "search.yaml:9:35: FC504"),
        ("with: [dana, lee]", "with: [dana, lea]", "search.yaml:10:70: FC505"),
        ("  globex:\n", "  globex\n", "FC102"),
        ("company: Globex", "company: [Globex", "FC102"),
        ("as_of: 2026-11-21", "as_of: 2026-11-31", "search.yaml:1:8: FC604"),
        (SEARCH, "", "FC503"),
        (SEARCH, "- 1\n", "FC501"),
        (SEARCH, "\x00", "FC105"),
    ],
)
def test_nonsense_is_refused_with_its_place_and_left_as_it_was(
    search: Path, command: tuple[str, ...], before: str, nonsense: str, place: str
) -> None:
    text = SEARCH.replace(before, nonsense)
    assert text != SEARCH
    search.write_text(text)
    result = run(command[0], "search.yaml", *command[1:])
    assert result.exit_code == 3
    assert place in result.stderr
    assert search.read_text() == text


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    result = run("add", str(tmp_path / "none.yaml"), "applied")
    assert result.exit_code == 3
    assert "FC101: there is no such file" in result.stderr
    assert "FC101: this is a folder" in run("add", str(tmp_path), "applied").stderr
    assert list(tmp_path.iterdir()) == []


# --- done
def number_of(search: Path, action: str, to: str) -> str:
    """The number of the step that holds an action to somebody."""
    for one in listing(evaluate(str(search), shipped())).steps:
        if any((held.action, held.to) == (action, to) for held in one.actions):
            return str(one.number)
    raise AssertionError(action)


def test_done_takes_the_number_of_the_report(search: Path) -> None:
    listed = run("evaluate", "search.yaml", "--more").stdout
    number = number_of(search, "send_thank_you", "lee")
    line = next(line for line in listed.splitlines() if line.split()[:1] == [number])
    result = run("done", "search.yaml", number, "channel=email", "--date", "yesterday")
    assert result.stdout.startswith(f"Done: {line.split(maxsplit=1)[1].split('(')[0].strip()}")
    assert (
        "search.yaml:11: - {date: 2026-11-20, event: thank_you_sent, "
        "to: lee, interview: first, channel: email}\n"
    ) in result.stdout
    assert "Send a thank-you message: Lee" not in run("evaluate", "search.yaml", "--more").stdout


def test_a_number_settles_all_actions_of_its_step(search: Path) -> None:
    before = listing(evaluate(str(search), shipped()))
    number = int(number_of(search, "send_thank_you", "dana"))
    step = before.steps[number - 1]
    assert len(step.actions) > 1
    journal = Journal(Edit.of(search), shipped())
    (found,) = done(journal, Which([str(number)]), [])
    assert found.title == step.step.title
    assert {action.id for action in (*found.actions, *(a for a, _ in found.left))} == set(step.step.actions)
    after = journal.outcome().after
    assert not {action.id for action in found.actions} & {action.id for action in after.actions}
    assert {action.id for action, _ in found.left} <= {action.id for action in after.actions}


def test_all_that_a_step_says_is_written_by_the_events_that_say_no_more(search: Path) -> None:
    number = number_of(search, "ask_timeline", "dana")
    result = run("done", "search.yaml", number)
    assert result.exit_code == 0, result.output
    assert "Left open" not in result.stdout
    for event in ("thank_you_sent", "timeline_asked", "start_date_asked"):
        assert f"event: {event}, " in search.read_text("utf-8")


def test_what_is_given_for_a_step_must_be_of_use(search: Path) -> None:
    number = number_of(search, "ask_timeline", "dana")
    refused = run("done", "search.yaml", number, "chanel=email")
    assert (refused.exit_code, search.read_text()) == (3, SEARCH)
    assert "has no `chanel`" in refused.stderr
    refused = run("done", "search.yaml", number, "--event", "thanks")
    assert (refused.exit_code, search.read_text()) == (3, SEARCH)
    assert "FC524: nothing in this step is done by `thanks`" in refused.stderr
    given = run("done", "search.yaml", number, "--event", "timeline_asked", "channel=email")
    assert given.exit_code == 0, given.stderr
    assert "event: timeline_asked" in search.read_text()
    assert "channel: email" in search.read_text()


def test_several_numbers_are_of_one_report(search: Path) -> None:
    thanks = [number_of(search, "send_thank_you", who) for who in ("dana", "lee")]
    result = run("done", "search.yaml", *thanks)
    assert result.exit_code == 0, result.output
    assert not any(a.action == "send_thank_you" for a in evaluate(str(search), shipped()).actions)


def test_done_takes_an_action_and_a_person(search: Path) -> None:
    result = run("done", "search.yaml", "send-thank-you", "--to", "dana")
    assert "event: thank_you_sent, to: dana, interview: first" in result.stdout


def test_done_takes_ids_of_steps_and_actions(search: Path) -> None:
    step = listing(evaluate(str(search), shipped())).steps[0].step
    for key in (step.id, f"step:{step.actions[-1]}"):
        assert f"Done: {step.title}\n" in run("done", "search.yaml", key, "--dry-run").stderr
    result = run("done", "search.yaml", "send_thank_you:acme:lee:first")
    assert result.stdout.startswith("Done: Send a thank-you message: Lee Wong, Acme (first)\n")
    assert "to: lee" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        ("99", 2, "there is no number 99: the report of Sat 2026-11-21 has 1 to"),
        ("0", 2, "there is no number 0"),
        ("step:wait:acme", 2, "there is no step `step:wait:acme`: the report of Sat 2026-11-21 has 1 to"),
        ("send_thnk_you", 2, "there is no action `send_thnk_you`; did you mean `send_thank_you`?"),
        (
            "send_thank_you",
            2,
            "`send_thank_you` is advised several times; say which by its id, or with --to:\n"
            "  send_thank_you:acme:",
        ),
        ("send_thank_you 3", 2, "either numbers of the report, or the name of one action"),
        ("channel=email", 2, "say what was done"),
        ("answer_offer", 1, "`answer_offer` is not recommended on Sat 2026-11-21"),
        ("keep_searching", 1, "nothing to write down for `Keep searching`: no event says that it is done"),
        (
            "send_thank_you --to lee chanel=email",
            3,
            "`thank_you_sent` has no `chanel`\n  hint: did you mean `channel`?",
        ),
        ("send_thank_you --to lee --event thanks", 3, "FC524: `send_thank_you` is not done by `thanks`"),
    ],
)
def test_what_cannot_be_done_is_said(search: Path, arguments: str, exit_code: int, said: str) -> None:
    result = run("done", "search.yaml", *arguments.split())
    assert (result.exit_code, search.read_text()) == (exit_code, SEARCH)
    assert said in result.stderr


def test_what_only_the_person_knows_is_asked_for(search: Path) -> None:
    name = ("done", "search.yaml", "ask_timeline", "--event", "timeline_promised")
    refused = run(*name)
    assert refused.exit_code == 2
    assert "FC526: `timeline_promised` needs `by` or `within`\n  hint: add by=…" in refused.stderr
    assert "timeline_promised, by: 2026-12-01" in run(*name, "by=2026-12-01").stdout


def shipped() -> LoadedPack:
    return _shipped()


@cache
def _shipped() -> LoadedPack:
    return load_pack(cache=False)


FEW = ("agency-heavy", "two-offers", "rejected")


@pytest.mark.parametrize(
    "example",
    [pytest.param(p, marks=() if p.stem in FEW else pytest.mark.large, id=p.stem) for p in EXAMPLES],
)
def test_every_action_of_the_examples_is_settled_or_said_not_to_be(example: Path) -> None:
    """Each action of each report: what `done` writes is valid and settles the action, whatever its kind."""
    outcomes = [settle(example, action.id) for action in evaluate(example, shipped()).actions]
    assert "settled" in outcomes
    assert set(outcomes) <= {"settled", "by no event", "FC525", "FC526"}


def settle(example: Path, key: str) -> str:
    edit = Edit.of(example)
    journal = Journal(edit, shipped())
    try:
        ((_, (action,), *_),) = done(journal, Which([key]), [])
    except NothingToWrite as problem:
        return "by no event" if "it ends" in str(problem) else "not said"
    except InvalidInput as problem:
        return problem.diagnostics[0].code
    outcome = journal.outcome()
    assert action not in outcome.after.actions, action
    assert not edit.laid_out_anew
    return "settled"


# --- two at once
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sh starts them")
def test_two_at_once_lose_nothing(search: Path) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "add", str(search), "rejected", "--application", "acme"]
    running = [
        subprocess.Popen(
            [*command, f"note=n{number}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
        )
        for number in range(6)
    ]
    for process in running:
        assert process.wait(60) == 0, process.communicate()
    text = search.read_text()
    assert all(f"note: n{number}}}" in text for number in range(6))
    assert len(text.splitlines()) == len(SEARCH.splitlines()) + 6
