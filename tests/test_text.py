"""Text from outside: one form of each letter, names that can be seen, and nothing that steers a terminal."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import followcue
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.base.terminal import steering, unseen_in_names, visible, visible_but_styles, visible_line
from followcue.cli import main, screen
from followcue.evaluation.situation.records import situations_from_records
from followcue.language.documents.read import read_document
from shipped import shipped_vocabulary

ENGINE = Path(__file__).parents[1] / "engine" / "followcue"

LETTERS = "éüñåçřệǖ가각がΐйक़ÅΩ"
NAMES = st.text(LETTERS + "ab", min_size=1, max_size=5).map(lambda name: normalize("NFC", name))
FORMS = st.sampled_from(["NFC", "NFD"])
STEERING_CHARACTERS = (
    "\x00\x07\x08\x1b\x7f\x80\x9b\u202a\u202e\u2066\u2069\u200e\u200f\u061c\u2028\u200b\ufeff\u00ad\U000e0041"
)


def situation(name: str, forms: Any) -> dict[str, Any]:
    """A situation that says one name again and again, each time in another form."""

    def said() -> str:
        return normalize(next(forms), name)

    contacts = {said(): {"name": said(), "role": "recruiter"}}
    first = {"date": "2026-11-10", "event": "interview", "id": said(), "with": [said()]}
    later = {"date": "2026-11-11", "event": "thank_you_sent", "to": said(), "interview": said()}
    held = {"company": said(), "contacts": contacts, "events": [first, later]}
    return {"as_of": "2026-11-21", "applications": {said(): held}, "skips": [_skip(said)]}


def _skip(said: Any) -> dict[str, Any]:
    return {"action": "send_paper_note", "application": said(), "to": said(), "because": said()}


def as_json(data: Any, escaped: bool) -> str:
    return json.dumps(data, ensure_ascii=escaped)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, st.lists(FORMS, min_size=12, max_size=12), st.booleans())
def test_composed_and_decomposed_letters_are_one(name: str, forms: list[str], escaped: bool) -> None:
    assume(any(normalize("NFD", letter) != letter for letter in name))
    mixed = situation(name, iter(forms))
    expected = followcue.evaluate(situation(name, iter(["NFC"] * 12))).to_dict()
    text = as_json(mixed, escaped)
    assert followcue.evaluate(mixed).to_dict() == expected
    for document in ("s.json", "s.yaml"):
        read = read_document(text, document)
        assert read.data == read_document(as_json(situation(name, iter(["NFC"] * 12)), False), "s.json").data
        assert followcue.evaluate(read.data).to_dict() == expected
    span = read_document(text, "s.json").span(("applications", name, "company"))
    assert span is not None
    assert span.column > 1


@settings(deadline=None, max_examples=30)
@given(NAMES)
def test_a_name_given_in_both_forms_is_given_twice(name: str) -> None:
    assume(normalize("NFD", name) != name)
    both = {name: {"company": "A"}, normalize("NFD", name): {"company": "B"}}
    text = json.dumps({"applications": both}, ensure_ascii=False)
    for given_as in ((text, "s.json"), (text, "s.yaml")):
        with pytest.raises(InvalidInput, match="is given twice"):
            read_document(*given_as)
    with pytest.raises(InvalidInput, match="is given twice"):
        followcue.evaluate({"applications": both})


@settings(deadline=None, max_examples=30)
@given(NAMES, FORMS, FORMS)
def test_records_of_both_forms_are_of_one_situation(name: str, one: str, other: str) -> None:
    records: list[dict[str, object]] = [
        {
            "situation": normalize(one, name),
            "event": "application",
            "application": normalize(one, name),
            "company": "A",
        },
        {
            "situation": normalize(other, name),
            "event": "applied",
            "application": normalize(other, name),
            "date": "2026-11-01",
        },
    ]
    [found] = situations_from_records(records, shipped_vocabulary())
    assert found.name == name
    assert list(found.data["applications"]) == [name]


def test_a_batch_puts_records_of_both_forms_into_one_situation(tmp_path: Path) -> None:
    lines = [
        {"situation": normalize(form, "é가"), "event": event, "application": normalize(form, "ü"), **fields}
        for form, event, fields in (
            ("NFC", "application", {"company": "A"}),
            ("NFD", "applied", {"date": "2026-11-01"}),
            ("NFC", "rejected", {"date": "2026-11-02"}),
        )
    ]
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    words = ["batch", str(source), "-o", str(output), "--as-of", "2026-11-03"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    [report] = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert report["situation"] == "é가"


UNSEEN = st.sampled_from(
    "\u200b\u200c\u200d\u200e\u200f\u202e\u2060\u2066\u2069\ufeff\u00ad\u034f\u3164\ufe0f\u061c\U000e0041"
)


@settings(deadline=None, max_examples=60)
@given(
    UNSEEN,
    st.sampled_from(["application", "contact", "id", "field"]),
    st.sampled_from(["s.json", "s.yaml", ""]),
)
def test_what_nobody_sees_is_refused_in_names(unseen: str, where: str, form: str) -> None:
    assert unseen_in_names().search(unseen)
    name = f"da{unseen}na"
    event: dict[str, Any] = {"date": "2026-11-10", "event": "interview"}
    held: dict[str, Any] = {"company": "A", "contacts": {}, "events": [event]}
    data = {"applications": {name if where == "application" else "a": held}}
    if where == "contact":
        held["contacts"][name] = {"name": "Dana", "role": "recruiter"}
    if where == "id":
        event["id"] = name
    if where == "field":
        held[name] = "A"
    with pytest.raises(InvalidInput) as raised:
        followcue.evaluate(read_document(json.dumps(data), form).data if form else data)
    told = str(raised.value)
    assert "FC105" in told
    assert f"U+{ord(unseen):04X}" in told
    assert unseen not in told.partition("\n")[0]


NAMING: dict[str, dict[str, Any]] = {
    "event": {"event": "applied{}"},
    "with": {"event": "interview", "with": ["dana{}"]},
    "one with": {"event": "interview", "with": "dana{}"},
    "about": {"event": "thank_you_sent", "to": "dana{}"},
    "choice": {"event": "status_checked", "channel": "phone", "outcome": "spoke{}"},
    "interview": {"event": "thank_you_sent", "to": "dana", "interview": "first{}"},
    "skipped action": {"action": "send_thank_you{}"},
    "skipped application": {"action": "send_thank_you", "application": "acme{}"},
    "skipped person": {"action": "send_thank_you", "to": "dana{}"},
}
"""Entries with a value that names something, but for what stands in the place of `{}`."""


@pytest.mark.parametrize("where", NAMING)
@settings(deadline=None, max_examples=8)
@given(unseen=UNSEEN)
def test_what_nobody_sees_is_refused_in_what_names_something(where: str, unseen: str) -> None:
    entry = json.loads(json.dumps(NAMING[where]).replace("{}", unseen))
    interview = {"date": "2026-11-10", "event": "interview", "id": "first", "with": ["dana"]}
    held: dict[str, Any] = {
        "company": "A",
        "contacts": {"dana": {"name": "Dana", "role": "recruiter"}},
        "events": [interview],
    }
    data: dict[str, Any] = {"as_of": "2026-11-12", "applications": {"acme": held}}
    if "action" in entry:
        data["skips"] = [entry]
    else:
        held["events"].append({"date": "2026-11-11", **entry})
    with pytest.raises(InvalidInput) as raised:
        followcue.evaluate(data)
    assert "FC105" in {problem.code for problem in raised.value.diagnostics}
    assert f"U+{ord(unseen):04X}" in str(raised.value)


@given(st.text())
def test_what_is_visible_steers_nothing(text: str) -> None:
    assert not steering().search(visible(text))
    assert visible_line(text).splitlines() in ([], [visible_line(text)])
    assert not steering().search(re.sub(r"\x1b\[[0-9;]*m", "", visible_but_styles(text)))
    assert visible(visible(text)) == visible(text)


@given(st.text(STEERING_CHARACTERS + "ab\n"), st.text(STEERING_CHARACTERS + "ab\n"))
def test_no_diagnostic_steers_or_adds_a_line(name: str, said: str) -> None:
    span = Span(f"{name}.yaml", 1, 1)
    problem = Diagnostic(
        "FC101", said, span, hint=said, excerpt=name.replace("\n", ""), related=((said, span),)
    )
    assert not steering().search(str(problem))
    assert len(str(problem).split("\n")) == 4 + bool(said)


NASTY = ["a\x1b[2Jb", "a\u202eb\x9b31m", "a\u2066b\u2069\x07\x08\rb"]


@pytest.mark.parametrize("nasty", NASTY)
def test_names_of_files_folders_tables_and_columns_steer_nothing(tmp_path: Path, nasty: str) -> None:
    database = tmp_path / "d.db"
    quoted = nasty.replace('"', '""')
    with sqlite3.connect(database) as connection:
        connection.execute(f'CREATE TABLE "{quoted}" ("{quoted}" TEXT)')
    two = tmp_path / "two.db"
    with sqlite3.connect(two) as connection:
        connection.execute(f'CREATE TABLE "{quoted}" (a)')
        connection.execute(f'CREATE TABLE "b{quoted}" (a)')
    (tmp_path / nasty).mkdir()
    broken = tmp_path / nasty / "broken.yaml"
    broken.write_text(f"applications: {{a: {{company: 1, {json.dumps(nasty)}: 2}}}}\n", encoding="utf-8")
    missing = tmp_path / f"{nasty}.yaml"
    for words in (
        ["batch", database, "-o", tmp_path / "o.jsonl"],
        ["batch", two, "-o", tmp_path / "o.jsonl"],
        ["batch", two, "--table", nasty + "c", "-o", tmp_path / "o.jsonl"],
        ["evaluate", broken],
        ["evaluate", missing],
        ["evaluate", broken, "--rules", missing],
        ["evaluate", broken, "--set", nasty],
        ["check", tmp_path / nasty],
        ["test", tmp_path / nasty],
        ["why", broken, nasty],
        ["add", broken, nasty, f"{nasty}=1"],
        ["done", broken, nasty],
        ["edit", broken, nasty],
        ["new", tmp_path / nasty],
        ["replay", broken],
        [nasty],
    ):
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code not in (0, 70), (words, result.output)
        assert not steering().search(result.stderr), (words, result.stderr)


def test_on_a_terminal_every_answer_is_visible(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    screen.say("\x1b[1mred\x1b[0m \x1b[2J \u202e\r\n")
    assert (
        capsys.readouterr().out.replace("\x1b[1m", "").replace("\x1b[0m", "")
        == "red <U+001B>[2J <U+202E>\r\n"
    )


def test_all_text_for_a_person_goes_one_way() -> None:
    """Beside the one module, only the two lines that show progress write by themselves."""
    found = []
    for path in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                *("click.echo", "click.secho", "click.prompt", "click.confirm", "print"),
                *("sys.stderr.write", "sys.stdout.write"),
            ):
                found.append(path.relative_to(ENGINE).as_posix())
    assert set(found) <= {
        "base/terminal.py",
        "cli/progress.py",
        "cli/commands/batch.py",
        "cli/commands/test.py",
        "doors/site/page_engine.py",  # to the console of a browser
    }
    assert found.count("cli/commands/batch.py") == found.count("cli/commands/test.py") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("add", "rejected", "--application", "{}"),
        ("add", "reply_received", "from={}"),
        ("done", "send_thank_you", "--to", "{}", "channel=email"),
        ("plan", "--application", "{}"),
    ],
)
def test_words_of_the_command_line_may_be_composed_or_not(words: tuple[str, ...], tmp_path: Path) -> None:
    told = []
    for name in ("\u00e9", "e\u0301"):
        path = tmp_path / "s.yaml"
        path.write_text(
            "as_of: 2026-11-21\napplications:\n  \u00e9:\n    company: A\n"
            "    contacts: {\u00e9: {name: Eve}}\n"
            "    events:\n      - {date: 2026-11-20, event: interview, id: one, with: [\u00e9]}\n",
            encoding="utf-8",
        )
        command, *rest = (word.format(name) for word in words)
        result = CliRunner().invoke(main, [command, str(path), *rest])
        assert result.exit_code == 0, result.output
        told.append((result.output, path.read_text("utf-8")))
    assert told[0] == told[1]
