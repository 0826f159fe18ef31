"""`followcue done` writes what is known and nothing else: what only the person knows is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from followcue import LoadedPack, cli
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.mark_done import Done, NotSaid, Which, done
from followcue.cli import at_terminal
from followcue.language.documents.edit import Edit
from followcue.language.logic.compile_pack import compile_pack
from followcue.language.stacking import Layer

VOCABULARY = """
pack: {name: club}
situation:
  scope: club
  whole: clubs
  records:
    club: {in: clubs, fields: {name: text}}
    member: {in: clubs.members, fields: {name: text}}
  events: [clubs.events]
types:
  channel: {one of: [phone, email, letter]}
  answer: {one of: [yes_please, no_thanks, maybe]}
messages:
  mail: {says: "Write to {person}", channel: email}
  card: {says: "Post a card to {person}", alone: true}
events:
  met: {says: You met., fields: {who: member}}
  told: {says: You told them., fields: {to: member, channel: channel}, require: [channel]}
  answered: {says: They answered., fields: {who: member, answer: answer}}
  booked: {says: You booked., fields: {who: member, for: date}, require: [for]}
  paid: {says: They paid., fields: {who: member, amount: number}}
  left: {says: They left., fields: {who: member}}
  stayed: {says: They stayed., fields: {who: member, until: date, how: text}}
actions:
  tell_by_mail: {title: Tell them by mail, say: tell them, message: mail}
  tell: {title: Tell them}
  card: {title: Send a card, say: thank them, message: card}
  ask: {title: Ask them}
  decide: {title: Have them decide}
  book: {title: Book a room}
  charge: {title: Ask for money}
  part: {title: See whether they stay}
"""
RULE = """
  {rule}:
    title: {name}
    when: [{{met: {{who: $who}}}}]
    recommend: {{action: {name}, to: $who, {more}done_when: {settled}}}
"""
RULES = "rules:\n" + "".join(
    RULE.format(rule=name.replace("_", "-"), name=name, more=more, settled=settled)
    for name, more, settled in (
        ("tell_by_mail", "", "{told: {to: $who}}"),
        ("tell", "channel: phone, ", "{told: {to: $who}}"),
        ("card", "", "{told: {to: $who, channel: [phone, letter]}}"),
        ("ask", "", "{answered: {who: $who, answer: yes_please}}"),
        ("decide", "", "{answered: {who: $who, answer: not maybe}}"),
        ("book", "", "{booked: {who: $who}}"),
        ("charge", "", "{paid: {who: $who, amount: at least 10}}"),
        ("part", "", "[{left: {who: $who}}, {stayed: {who: $who}}]"),
    )
)
CLUBS = """\
as_of: 2026-06-15
clubs:
  chess:
    name: Chess
    members: {eve: {name: Eve}}
    events:
      - {date: 2026-06-14, event: met, who: eve}
"""


@cache
def club() -> LoadedPack:
    files = {"vocabulary.yaml": VOCABULARY.encode(), "rules.yaml": RULES.encode()}
    return LoadedPack.of(compile_pack([Layer("club", files)]))


class Somebody:
    """A person who answers, and who remembers what was asked."""

    def __init__(self, *answers: str | int) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def which(self, question: str, answers: Sequence[str]) -> int:
        self.asked.append((question, tuple(answers)))
        return int(self.answers.pop(0))

    def value(self, question: str, choices: Sequence[str]) -> str:
        self.asked.append((question, tuple(choices)))
        return str(self.answers.pop(0))

    def confirm(self, doubts: Sequence[str]) -> None:
        self.asked.append(("meant?", tuple(doubts)))


def write(what: str, *fields: str, asker: Somebody | None = None, event: str | None = None) -> str:
    """The line that `done` writes."""
    edit = Edit(CLUBS, "clubs.yaml")
    (found,) = done(Journal(edit, club()), Which([what]), fields, asker=asker, event=event)
    assert isinstance(found, Done)
    ((_, line),) = edit.new_lines()
    return line.strip().removeprefix("- {date: 2026-06-15, event: ").removesuffix("}")


@pytest.mark.parametrize(
    ("what", "needs", "fields", "line"),
    [
        ("tell", "`told` needs `channel`", ["channel=letter"], "told, to: eve, channel: letter"),
        ("card", "`told` needs `channel`", ["channel=letter"], "told, to: eve, channel: letter"),
        ("decide", "needs `answer`", ["answer=no_thanks"], "answered, who: eve, answer: no_thanks"),
        ("book", "`booked` needs `for`", ["for=2026-07-01"], "booked, who: eve, for: 2026-07-01"),
        ("charge", "`paid` needs `amount`", ["amount=12"], "paid, who: eve, amount: 12"),
    ],
)
def test_what_nobody_said_is_not_made_up(what: str, needs: str, fields: list[str], line: str) -> None:
    with pytest.raises(NotSaid) as refused:
        write(what)
    assert needs in str(refused.value)
    name, _, value = fields[0].partition("=")
    assert f"hint: add {name}=" in str(refused.value)
    assert write(what, *fields) == line
    somebody = Somebody(value)
    assert write(what, asker=somebody) == line
    ((question, _),) = somebody.asked
    assert question.endswith(f", Chess: {name}")
    assert "Eve" in question


def test_what_the_title_says_and_what_alone_will_do_is_known() -> None:
    edit = Edit(CLUBS, "clubs.yaml")
    (found,) = done(Journal(edit, club()), Which(["tell_by_mail"]), [])
    assert found.channel == "email"
    assert "event: told, to: eve, channel: email" in edit.text
    assert write("ask") == "answered, who: eve, answer: yes_please"
    (found,) = done(Journal(Edit(CLUBS, "clubs.yaml"), club()), Which(["tell_by_mail"]), ["channel=phone"])
    assert found.channel is None


def test_the_choices_are_those_of_the_field() -> None:
    somebody = Somebody("letter")
    write("tell", asker=somebody)
    assert somebody.asked == [("Tell them: Eve, Chess: channel", ("phone", "email", "letter"))]


def test_which_event_it_was_is_asked_for() -> None:
    with pytest.raises(NotSaid, match="say with --event which one it was"):
        write("part")
    somebody = Somebody(1)
    assert write("part", asker=somebody) == "stayed, who: eve"
    assert somebody.asked[0] == (
        "See whether they stay: Eve, Chess: which was it?",
        ("left: They left", "stayed: They stayed"),
    )
    assert write("part", event="left") == "left, who: eve"


# --- on the command line
SEARCH = """\
as_of: 2026-11-21
applications:
  acme:
    company: Acme
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager}
    events:
      - {date: 2026-11-19, event: interview, id: first, with: [dana, lee]}
  globex:
    company: Globex
    events:
      - {date: 2026-11-10, event: applied}
"""


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH)
    return path


def run(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(cli.main, ["done", "search.yaml", *arguments], input=text)


@pytest.mark.slow
def test_an_application_is_followed_up_by_mail_because_the_step_says_write(search: Path) -> None:
    result = run("follow_up_application")
    assert "event: status_checked, channel: email}" in search.read_text()
    assert "(channel: email, as the title says; if it was another: followcue edit search.yaml 14 c" in (
        result.stdout
    )
    search.write_text(SEARCH)
    result = run("follow_up_application", "channel=phone")
    assert "as the title says" not in result.stdout


def test_without_a_terminal_it_ends_with_two_and_says_what_to_say(search: Path) -> None:
    result = run("ask_timeline", "--event", "timeline_promised")
    assert (result.exit_code, result.stdout, search.read_text()) == (2, "", SEARCH)
    assert "needs `by` or `within`\n  hint: add by=…" in result.stderr


def test_at_a_terminal_it_is_asked_for(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_terminal, "has_terminal", lambda: True)
    result = run("ask_timeline", text="2\n1\n2026-12-01\n")
    assert result.exit_code == 0, result.output
    assert "which was it?" in result.stderr
    assert "event: timeline_promised, by: 2026-12-01" in search.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "answers", "code", "said"),
    [
        ("2062-06-15", None, 2, "is 35 years ahead"),
        ("2062-06-15", "n\n", 1, "nothing was written"),
        ("2062-06-15", "y\n", 0, "date: 2062-06-15"),
        ("5/10/2026", "2\n", 0, "date: 2026-10-05"),
        ("yesterday", None, 0, "Done"),
    ],
)
@pytest.mark.parametrize("form", ["--date", "date="])
def test_a_slip_in_the_day_is_asked_about(
    search: Path,
    monkeypatch: pytest.MonkeyPatch,
    day: str,
    answers: str | None,
    code: int,
    said: str,
    form: str,
) -> None:
    monkeypatch.setattr(at_terminal, "has_terminal", lambda: answers is not None)
    words = [form, day] if form == "--date" else [form + day]
    result = run("send_thank_you", "--to", "lee", "channel=email", *words, text=answers or "")
    assert result.exit_code == code, result.output
    assert said in result.output
    assert (search.read_text() == SEARCH) == (code != 0)


def test_of_a_step_what_is_not_known_yet_is_left_open(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_terminal, "has_terminal", lambda: True)
    result = run("step:ask_timeline:acme:dana:first", text="4\n3\n")
    assert result.exit_code == 0, result.output
    assert "4  none of these yet" in result.stderr
    assert "Left open: Ask how it goes on" in result.stdout
    assert "thank_you_sent" in search.read_text()
    assert "timeline" not in search.read_text()
