"""`followcue add` as people type: days, names and times in words, what is doubtful, what is asked back."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from followcue import cli
from followcue.base import clock
from followcue.cli import at_terminal

SEARCH = """\
as_of: 2026-11-21   # a Saturday
applications:
  mill:
    company: Millstone
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager}
      lee2: {name: Lee Ann}
    events:
      - {date: 2026-11-10, event: applied}   # by mail
  harbor:
    company: Harbor & Söhne
    contacts: {kim: {name: Kim Cole}}
    events:
      - {date: 2026-11-12, event: applied, channel: email}
"""


@pytest.fixture(autouse=True)
def search(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH, "utf-8")
    return path


def run(*words: str, answers: str | None = None, monkeypatch: pytest.MonkeyPatch | None = None) -> Result:
    """The command, at a terminal where there are `answers`."""
    if monkeypatch is not None:
        monkeypatch.setattr(at_terminal, "has_terminal", lambda: answers is not None)
    return CliRunner().invoke(cli.main, ["add", "search.yaml", *words], input=answers)


def written(search: Path) -> list[str]:
    """The lines that the file has more, all others being there."""
    new = search.read_text("utf-8").splitlines()
    for line in SEARCH.splitlines():
        new.remove(line)
    return [line.strip().removeprefix("- ") for line in new]


@pytest.mark.parametrize(
    ("words", "line", "said"),
    [
        # days, told back
        (
            ["rejected", "harbor", "--date", "last friday"],
            "{date: 2026-11-20, event: rejected}",
            "date=last friday: Friday 20 November 2026",
        ),
        (["rejected", "harbor", "date=5 oct"], "{date: 2026-10-05, event: rejected}", "Monday 5 October"),
        (
            ["timeline_promised", "by=friday", "from=kim"],
            "{date: 2026-11-21, event: timeline_promised, by: 2026-11-27, from: kim}",
            "by=friday: Friday 27 November 2026",
        ),
        (
            ["timeline_promised", "by=friday", "from=kim", "date=monday"],
            "{date: 2026-11-16, event: timeline_promised, by: 2026-11-20, from: kim}",
            "by=friday: Friday 20 November 2026",
        ),
        (
            ["contact_requested", "on=05.12.2026", "mill"],
            "{date: 2026-11-21, event: contact_requested, on: 2026-12-05}",
            "on=05.12.2026: Saturday 5 December 2026",
        ),
        # times
        (
            ["interview_scheduled", "harbor", "id=a", "for=2026-12-05 10:00"],
            "{date: 2026-11-21, event: interview_scheduled, id: a, for: 2026-12-05, time: 10:00}",
            "for=2026-12-05 10:00: Saturday 5 December 2026",
        ),
        (
            ["interview_scheduled", "harbor", "id=a", "for=tomorrow", "time=2pm"],
            "{date: 2026-11-21, event: interview_scheduled, id: a, for: 2026-11-22, time: 14:00}",
            "for=tomorrow: Sunday 22 November 2026",
        ),
        # the application: as a field, by its name, a word of it, alone
        (["rejected", "application=mill"], "{date: 2026-11-21, event: rejected}", ""),
        (["rejected", "application=Millstone"], "{date: 2026-11-21, event: rejected}", ""),
        (["rejected", "--application", "millstone"], "{date: 2026-11-21, event: rejected}", ""),
        (["rejected", "HARBOR"], "{date: 2026-11-21, event: rejected}", ""),
        (["rejected", "harbor & sohne"], "{date: 2026-11-21, event: rejected}", ""),
        (["contact", "sam", "name=Sam", "application=Millstone"], "sam: {name: Sam}", ""),
        (
            ["offer_disclosed", "mill", "of=Harbor"],
            "{date: 2026-11-21, event: offer_disclosed, of: harbor}",
            "",
        ),
        # people
        (
            ["thank_you_sent", "to=Dana Ruiz"],
            "{date: 2026-11-21, event: thank_you_sent, to: dana}",
            "",
        ),
        (
            ["interview", "with=Dana, Lee Wong, lee2"],
            "{date: 2026-11-21, event: interview, with: [dana, lee, lee2]}",
            "",
        ),
        (["interview", "with=Kim"], "{date: 2026-11-21, event: interview, with: [kim]}", ""),
        # words to choose from, however they are spelled
        (
            ["interview_missed", "mill", "interview=i", "by=Employer"],
            None,
            "there is no interview scheduled or interview `i`",
        ),
        (["contact", "sam", "role=Agency Recruiter", "harbor=1"], None, "`contact` has no `harbor`"),
        # an id that is made up
        (
            ["interview_scheduled", "harbor", "for=tomorrow", "stage=Final round"],
            "{date: 2026-11-21, event: interview_scheduled, id: final-round, for: 2026-11-22, "
            "stage: Final round}",
            "id=final-round: made up, so that other events can name this one",
        ),
        (
            ["interview_scheduled", "harbor", "for=tomorrow", "time=9:00"],
            "{date: 2026-11-21, event: interview_scheduled, id: interview, for: 2026-11-22, time: 09:00}",
            "id=interview: made up",
        ),
    ],
)
def test_what_people_type_is_understood(search: Path, words: list[str], line: str | None, said: str) -> None:
    result = run(*words)
    if line is None:
        assert (result.exit_code, search.read_text("utf-8")) == (3, SEARCH)
        assert said in result.stderr
        return
    assert result.exit_code == 0, result.output
    (new,) = [text for text in written(search) if "kim: {name" not in text]
    assert new.replace('"', "") == line
    assert said in result.stdout


def test_events_go_to_the_application_that_was_named(search: Path) -> None:
    assert run("rejected", "application=Millstone").exit_code == 0
    mill, harbor = search.read_text("utf-8").split("  harbor:")
    assert "rejected" in mill
    assert "rejected" not in harbor


def test_an_event_is_named_by_its_id_however_it_is_spelled(search: Path) -> None:
    assert run("interview_scheduled", "mill", "for=tomorrow", "stage=Final round").exit_code == 0
    result = run("interview_cancelled", "mill", "interview=Final Round", "by=me")
    assert "interview: final-round, by: me}" in result.stdout


def test_what_is_wrong_is_told_before_what_is_doubtful(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("status_checked", "mill", "date=2019-01-01", answers="y\n", monkeypatch=monkeypatch)
    assert result.exit_code == 3
    assert "needs `channel`" in result.stderr
    assert "Is that meant?" not in result.stderr
    assert search.read_text("utf-8") == SEARCH


def test_made_up_ids_differ(search: Path) -> None:
    for n, expected in enumerate(("interview", "interview-2", "interview-3"), 1):
        assert run("interview_scheduled", "mill", f"for=in {n} days").exit_code == 0
        assert f"id: {expected}, for: 2026-11-{21 + n}" in search.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["rejected", "mill", "--date", "5/10/2026"],
            2,
            "--date 5/10/2026: FC531: `date`: `5/10/2026` can mean "
            "Sunday 10 May 2026 or Monday 5 October 2026\n"
            "  hint: write 2026-05-10 or 2026-10-05\n",
        ),
        (
            ["rejected", "mill", "date=next sunday"],
            2,
            "date=next sunday: FC531: `date`: `next sunday` can mean",
        ),
        (["timeline_promised", "mill", "by=saturday"], 2, "by=saturday: FC531: `by`: `saturday` can mean"),
        (
            ["interview", "with=Lee", "mill"],
            2,
            "with=Lee: FC531: `Lee` can mean",
        ),
        (
            ["rejected", "mill", "--date", "2062-06-03"],
            2,
            "date=2062-06-03: FC532: Saturday 3 June 2062 is 35 years ahead\n"
            "  hint: say --sure if it is meant\n",
        ),
        (["rejected", "mill", "--date", "2025-11-20"], 2, "Thursday 20 November 2025 is 12 months ago"),
        (
            ["contact_requested", "mill", "on=2028-01-01", "by=2029-01-01"],
            2,
            "by=2029-01-01: FC532: Monday 1 January 2029 is 2 years ahead",
        ),
        (
            ["applied", "mill", "--date", "2026-11-10"],
            2,
            "applied: FC533: `applied` on Tuesday 10 November 2026 is in the file already, in the same words",
        ),
        (["rejected", "mill", "--date", "soon"], 3, "--date soon: FC507: `date` must be a date such as"),
        (
            ["rejected", "mill", "--date", ""],
            3,
            "--date : FC507: `date` must be a date such as 2026-11-05, not ``",
        ),
        (["timeline_promised", "mill", "by="], 3, "FC507: `by` must be a date such as 2026-11-05, not ``"),
        (["interview_missed", "mill", "by="], 3, "FC509: `by` must be one of `employer`, `me`, not ``"),
        (["rejected", "mill", "--date", "yesterdy"], 3, "hint: did you mean `yesterday`?"),
        (
            ["rejected", "mill", "--date", "monday 10:00"],
            3,
            "--date monday 10:00: FC507: `rejected` has no `time`, "
            "so that 10:00 of `monday 10:00` would be lost",
        ),
        (["interview_scheduled", "mill", "for=tomorrow 2pm", "time=3pm"], 3, "FC103: `time` is given twice"),
        (["interview_scheduled", "mill", "for=tomorrow", "time=25:00"], 3, "no such time of day as `25:00`"),
        (["timeline_promised", "mill", "by=31.11.2026"], 3, "hint: that month ends on 2026-11-30"),
        (
            ["rejected", "harbour"],
            3,
            "FC520: `harbour` is no application and no day\n  hint: did you mean `har",
        ),
        (["rejected", "Milstone"], 3, "hint: did you mean `mill` (Millstone)?"),
        (
            ["rejected", "--application", "Milstone"],
            3,
            "FC505: there is no application `Milstone`\n  hint: did you mean `mill` (Millstone)?",
        ),
        (["rejected", "mill", "--application", "harbor"], 3, "FC103: the application is given twice"),
        (["thank_you_sent", "mill", "to=Dana Riuz"], 3, "hint: did you mean `dana` (Dana Ruiz)?"),
        (
            ["interview_missed", "mill", "interview=i", "by=them"],
            3,
            "`by` must be one of `employer`, `me`, not `them`\n",
        ),
    ],
)
def test_what_is_doubtful_or_wrong_is_told_and_the_file_left(
    search: Path, words: list[str], code: int, said: str
) -> None:
    result = run(*words)
    assert (result.exit_code, search.read_text("utf-8")) == (code, SEARCH), result.output
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_done_and_skip_take_the_same_days(search: Path) -> None:
    def command(*words: str) -> Result:
        return CliRunner().invoke(cli.main, [words[0], "search.yaml", *words[1:]])

    refused = command("done", "1", "--date", "5/10/2026")
    assert (refused.exit_code, search.read_text("utf-8")) == (2, SEARCH)
    assert "--date 5/10/2026: FC531" in refused.stderr
    assert command("skip", "1", "--until", "friday").exit_code == 0
    assert "until: 2026-11-27" in search.read_text("utf-8")
    search.write_text(SEARCH, "utf-8")
    assert command("done", "1", "--date", "thu").exit_code == 0
    assert "date: 2026-11-19, event: " in search.read_text("utf-8")


# --- at a terminal
def test_nobody_is_asked_where_the_situation_itself_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_terminal, "has_terminal", lambda: True)
    assert at_terminal.somebody("-") is None
    assert at_terminal.somebody("search.yaml") is not None
    read = CliRunner().invoke(cli.main, ["add", "-", "rejected", "mill", "date=5/10/2026"], input=SEARCH)
    assert (read.exit_code, read.stdout) == (2, "")


def test_which_day_is_asked(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("rejected", "mill", "date=5/10/2026", answers="3\n2\n", monkeypatch=monkeypatch)
    assert result.exit_code == 0, result.output
    assert "  1  2026-05-10, Sunday 10 May 2026\n  2  2026-10-05, Monday 5 October 2026\n" in result.stderr
    assert written(search) == ["{date: 2026-10-05, event: rejected}"]


def test_which_person_and_which_application_are_asked(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("interview", "with=Lee", answers="2\n", monkeypatch=monkeypatch)
    assert "  1  lee (Lee Wong)\n  2  lee2 (Lee Ann)\n" in result.stderr
    assert written(search) == ["{date: 2026-11-21, event: interview, with: [lee2]}"]
    search.write_text(SEARCH, "utf-8")
    result = run("rejected", answers="2\n", monkeypatch=monkeypatch)
    assert "  1  mill (Millstone)\n  2  harbor (Harbor & Söhne)\n" in result.stderr
    assert search.read_text("utf-8").endswith("  - {date: 2026-11-21, event: rejected}\n")


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_a_doubt_that_is_not_meant_leaves_the_file(
    search: Path, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("applied", "mill", "--date", "2026-11-10", answers=answer, monkeypatch=monkeypatch)
    assert (result.exit_code, search.read_text("utf-8")) == (1, SEARCH)
    assert "is in the file already, in the same words.\nIs that meant? [y/N]" in result.stderr


def test_a_doubt_that_is_meant_is_written(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("applied", "mill", "--date", "2026-11-10")
    assert run(*words, answers="y\n", monkeypatch=monkeypatch).exit_code == 0
    assert search.read_text("utf-8").count("2026-11-10, event: applied") == 2
    search.write_text(SEARCH, "utf-8")
    assert run(*words, "--sure", monkeypatch=monkeypatch).exit_code == 0
    assert run("rejected", "mill", "--date", "2019-06-03", "--sure").exit_code == 0
    assert "2019-06-03, event: rejected" in search.read_text("utf-8")


def test_the_same_with_other_fields_is_another_event(search: Path) -> None:
    assert run("applied", "harbor", "--date", "2026-11-12").exit_code == 0
    assert run("applied", "harbor", "--date", "2026-11-12", "channel=letter").exit_code == 0
    assert run("applied", "harbor", "--date", "2026-11-12", "channel=letter").exit_code == 2


# --- whose today it is
@pytest.mark.parametrize(
    ("zone", "yesterday"), [("Pacific/Kiritimati", "2026-12-31"), ("America/Los_Angeles", "2026-12-30")]
)
def test_words_are_counted_from_the_today_of_the_file(
    search: Path, zone: str, yesterday: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    search.write_text(SEARCH.replace("as_of: 2026-11-21", f"timezone: {zone}"), "utf-8")
    real = clock.today
    noon = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)

    def now(of: tzinfo | None) -> datetime:
        return noon.astimezone(of)

    def today(of: str | None = None) -> date:
        return real(of, now=now)

    monkeypatch.setattr(clock, "today", today)
    assert run("rejected", "mill", "date=yesterday", "--sure").exit_code == 0
    assert f"{{date: {yesterday}, event: rejected}}" in search.read_text("utf-8")


# --- other rules have other words
def test_rules_of_another_field_are_typed_alike(tmp_path: Path) -> None:
    pack = tmp_path / "library"
    pack.mkdir()
    (pack / "vocabulary.yaml").write_text(
        "pack: {name: library, title: Books}\n"
        "situation:\n  scope: loan\n  whole: library\n"
        "  records:\n    reader: {in: readers, fields: {name: text}}\n"
        "    loan: {in: loans, fields: {book: text, to: reader, due: date}, require: [book, to, due]}\n"
        "  events: [loans.events]\n"
        "types: {visit: {id of: [visit_arranged]}, end: {one of: [returned, lost]}}\n"
        "events:\n"
        "  visit_arranged: {says: A visit., fields: {for: date, room: text}, require: [id, for]}\n"
        "  over: {says: It is over., fields: {how: end, by: reader}}\n"
    )
    file = tmp_path / "library.yaml"
    file.write_text(
        "as_of: 2026-11-21\nloans:\n  emma: {book: Emma, to: ann, due: 2026-12-01, events: []}\n"
        "  persuasion: {book: Persuasion, to: ann, due: 2026-12-01, events: []}\n"
        "readers:\n  ann: {name: Ann Lee}\n"
    )

    def typed(*words: str) -> Result:
        return CliRunner().invoke(cli.main, ["add", "library.yaml", *words, "--rules", str(pack)])

    assert typed("visit-arranged", "loan=Emma", "for=monday").exit_code == 0
    assert typed("over", "Persuasion", "how=Returned", "by=Ann").exit_code == 0
    assert typed("loan", "mansfield", "book=Mansfield Park", "to=Ann Lee", "due=5 dec 2026").exit_code == 0
    text = file.read_text()
    assert "{date: 2026-11-21, event: visit_arranged, id: visit, for: 2026-11-23}" in text
    assert "{date: 2026-11-21, event: over, how: returned, by: ann}" in text
    assert "to: ann" in text.split("mansfield")[1]
    refused = typed("loan", "x", "book=X", "to=ann", "due=monday")
    assert refused.exit_code == 2
    assert "due=monday: FC531" in refused.stderr


# --- what happened, in one's own words
@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("sent application", "was it this? `applied`: You sent the application"),
        ("spoke", "was it one of these? `next_round_mentioned`: They spoke of a next round"),
        ("thank-you", "`thank_you_sent`: You thanked one person for the interview"),
        ("got turned down", "was it this? `rejected`: They turned you down"),
        ("reply", "was it one of these? `reply_received`: Any word from the employer; `reply_sent`: "),
        ("intervew", "did you mean `interview`?"),
        ("zzz", "`followcue add FILE` alone lists what can be written down"),
    ],
)
def test_a_kind_is_found_by_what_it_means(search: Path, words: str, hint: str) -> None:
    result = run(words)
    assert (result.exit_code, search.read_text("utf-8")) == (3, SEARCH)
    assert f"there is no event or record `{words}`\n  hint: " in result.stderr
    assert hint in result.stderr


def test_without_a_kind_all_are_listed_with_their_meanings(search: Path) -> None:
    result = run()
    assert (result.exit_code, search.read_text("utf-8")) == (2, SEARCH)
    assert "\n  applied: You sent the application.\n" in result.stderr
    assert "\n  contact: Somebody you deal with in an application.\n" in result.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("Rejected harbor yesterday", "{date: 2026-11-20, event: rejected}"),
        ("rejected last friday harbor", "{date: 2026-11-20, event: rejected}"),
        ("rejected 5 nov mill", "{date: 2026-11-05, event: rejected}"),
        ("reply-received mill 3 days ago", "{date: 2026-11-18, event: reply_received}"),
        ("contact Sam_Gray application=harbor", "{kim: {name: Kim Cole}, sam: {name: Sam Gray}}"),
        ("contact name=Kim application=harbor", "kim-2: {name: Kim}"),
        ("contact name=Dana_Lee application=mill", "dana-lee: {name: Dana Lee}"),
        ("contact pat application=mill", "pat: {}"),
        ("application Globex_Ltd", "globex:"),
        ("contact Sam_Gray mill", "sam: {name: Sam Gray}"),
        ("interview_scheduled mill next monday 10am", "id: interview, for: 2026-11-23, time: "),
        ("interview_scheduled mill yesterday for=monday", "{date: 2026-11-20, event: interview_scheduled,"),
    ],
)
def test_days_and_names_stand_behind_the_kind(search: Path, words: str, line: str) -> None:
    kind, *others = words.split()
    result = run(kind, *(word.replace("_", " ") for word in others))
    assert result.exit_code == 0, result.output
    assert any(line in one for one in written_lines(search)), search.read_text("utf-8")


def written_lines(search: Path) -> list[str]:
    """The lines that are new or other."""
    return [line for line in search.read_text("utf-8").splitlines() if line not in SEARCH.splitlines()]


def test_a_word_that_is_a_field_is_told_as_one(search: Path) -> None:
    result = run("interview", "mill", "with")
    assert (result.exit_code, search.read_text("utf-8")) == (3, SEARCH)
    assert "hint: write with=…" in result.stderr


def test_two_days_are_one_too_many(search: Path) -> None:
    result = run("rejected", "harbor", "yesterday", "monday")
    assert (result.exit_code, search.read_text("utf-8")) == (3, SEARCH)
    assert "`monday` is no application and no day" in result.stderr


# --- what was arranged
ARRANGED = (
    "      - {date: 2026-11-12, event: interview_scheduled, id: first, for: 2026-11-20, with: [dana, lee],"
    " stage: x}\n"
)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("interview mill yesterday", "{date: 2026-11-20, ID, with: [dana, lee], stage: x}"),
        ("interview mill id=first", "{date: 2026-11-21, ID, with: [dana, lee], stage: x}"),
        ("interview mill yesterday with=lee", "{date: 2026-11-20, ID, with: [lee], stage: x}"),
        ("interview yesterday", "{date: 2026-11-20, ID, with: [dana, lee], stage: x}"),
        ("interview mill with=lee", "{date: 2026-11-21, event: interview, with: [lee]}"),
        (
            "interview mill yesterday id=b with=lee",
            "{date: 2026-11-20, event: interview, id: b, with: [lee]}",
        ),
    ],
)
def test_an_event_takes_over_what_was_arranged(search: Path, words: str, line: str) -> None:
    begun = SEARCH.replace("   # by mail\n", "\n" + ARRANGED)
    search.write_text(begun, "utf-8")
    result = run(*words.split())
    assert result.exit_code == 0, result.output
    new = [one.strip("- ") for one in search.read_text("utf-8").splitlines() if one not in begun.splitlines()]
    assert new == [line.replace("ID", "event: interview, id: first")]
    assert ("as it was arranged" in result.stdout) == ("stage: x" in line)


# --- options say names too
OPTIONS = [
    "plan search.yaml --until friday --application Millstone",
    "plan search.yaml --application harbor",
    "log search.yaml --application Harbor",
    "evaluate search.yaml --application Millstone",
    "export search.yaml --until 2026-12-01 --application Millstone -o x.ics",
    "why search.yaml follow_up_application --application Millstone",
    "draft search.yaml follow_up_application --application Millstone",
    "skip search.yaml follow_up_application --application Millstone --dry-run",
    "done search.yaml follow_up_application --application Millstone --to Dana --dry-run",
    "edit search.yaml applied --application Millstone note=x --dry-run",
]


@pytest.mark.slow
@pytest.mark.parametrize("words", OPTIONS)
def test_a_record_is_named_by_its_name_in_every_option(search: Path, words: str) -> None:
    result = CliRunner().invoke(cli.main, words.split())
    assert result.exit_code == 0, result.output
    by_key = words.replace("Millstone", "mill").replace("Harbor", "harbor").replace("Dana", "dana")
    assert CliRunner().invoke(cli.main, by_key.split()).output == result.output


@pytest.mark.parametrize("words", OPTIONS)
def test_a_slip_in_a_name_is_told(search: Path, words: str) -> None:
    slip = words.replace("Millstone", "Milstone").replace("arbor", "arbbor")
    result = CliRunner().invoke(cli.main, slip.split())
    assert result.exit_code == 2
    assert "there is no application `" in result.output
    assert "did you mean `" in result.output
    assert search.read_text("utf-8") == SEARCH


def test_the_end_of_a_plan_is_said_in_words(search: Path) -> None:
    def plan(until: str) -> Result:
        return CliRunner().invoke(cli.main, ["plan", "search.yaml", "--until", until])

    assert plan("in 2 weeks").stdout == plan("2026-12-05").stdout
    assert plan("5 dec").stdout.startswith("Sat 2026-11-21 to Sat 2026-12-05")
    for words, code, said in (("soon", 3, "must be a date"), ("4/5/2027", 2, "can mean")):
        result = plan(words)
        assert (result.exit_code, said in result.stderr) == (code, True), result.output
