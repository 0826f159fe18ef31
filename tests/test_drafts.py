"""Drafts: filled from the examples, different for each person, and safe from whatever a template tries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import followcue
from fenced import answers, blocks, rewrite, run_python, write_files
from followcue import InvalidInput, cli
from followcue.assistant.draft.choose import WantedMessage as Wanted
from followcue.assistant.draft.message_files import MAX_SIZE, message_files
from followcue.assistant.draft.write import DraftWriter, write_drafts
from followcue.base import clock
from followcue.evaluation.pipeline import Options, evaluate, load_pack
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document, read_file

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
GOLDEN = Path(__file__).parent / "cases" / "drafts" / "examples.txt"
PAGE = ROOT / "docs" / "drafts.md"
FIRST = ROOT / "examples" / "first-interview.yaml"

PANEL = """
as_of: 2026-11-11
applications:
  acme:
    company: Acme
    role: Data engineer
    contacts:
      dana: {name: Dana Ruiz, role: recruiter}
      lee: {name: Lee Wong, role: hiring_manager}
      kim: {name: Kim Oh, role: interviewer}
      sam: {name: Sam Poe, role: interviewer}
    events:
      - {date: 2026-11-10, event: interview, id: iv1, with: [dana, lee, kim, sam], concerns: [travel, Rust]}
      - {date: 2026-11-10, event: timeline_promised, within: 1 week, from: dana}
"""

REST = """
as_of: 2026-11-21
applications:
  acme:
    company: Acme
    role: Data engineer
    contacts: {dana: {name: Dana Ruiz, role: recruiter}, lee: {name: Lee Wong, role: hiring_manager}}
    events:
      - {date: 2026-11-10, event: interview, id: iv1, with: [lee]}
      - {date: 2026-11-12, event: interview_scheduled, id: iv2, for: 2026-11-20}
      - {date: 2026-11-19, event: interview_rescheduled, interview: iv2, by: employer}
      - {date: 2026-11-19, event: out_of_office, person: lee, until: 2027-01-08, from: dana}
  bolt:
    company: Bolt
    role: Analyst
    contacts: {ida: {name: Ida Berg, role: recruiter}}
    events:
      - {date: 2026-11-10, event: interview, id: talk, with: [ida]}
      - {date: 2026-11-20, event: offer_received}
"""
SIGNED = REST + "      - {date: 2026-11-20, event: contract_signed}\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def texts(situation: str | Path, action: str, **options: Any) -> list[str]:
    """The drafts of one action, signed by Robin."""
    document = read_file(situation) if isinstance(situation, Path) else read_document(situation, "situation")
    wanted = Wanted(action, options.pop("scope", None), options.pop("to", None))
    told = Options(**{name: options.pop(name) for name in Options._fields if name in options})
    return [draft.text for draft in write_drafts(document, wanted, told, **{"me": "Robin"} | options).drafts]


def run(*arguments: str, text: str = PANEL) -> Result:
    return CliRunner().invoke(cli.main, ["draft", *arguments], input=text)


@pytest.fixture
def template(tmp_path: Path) -> Any:
    """Fills a template that overrides the thanks to a helper."""

    def fill(
        text: str | bytes, action: str = "thank_helper", situation: str | Path = FIRST, **options: Any
    ) -> str:
        folder = tmp_path / "messages"
        folder.mkdir(exist_ok=True)
        content = text.encode() if isinstance(text, str) else text
        (folder / f"{action}.txt.j2").write_bytes(content)
        return texts(situation, action, rules=[tmp_path], **options)[0]

    return fill


def mistakes(template: Any, text: str | bytes, **options: Any) -> str:
    with pytest.raises(InvalidInput) as problem:
        template(text, **options)
    return str(problem.value)


# --- what is shipped
def test_every_message_belongs_to_an_action_of_the_pack() -> None:
    files = message_files()
    assert len(files) >= 20
    assert set(files) <= set(load_pack().pack.vocabulary.actions)


def test_the_drafts_of_the_examples(request: pytest.FixtureRequest) -> None:
    """Each action by itself, and each step that says several things."""
    loaded, files, got = load_pack(), message_files(), []
    for example in EXAMPLES:
        document = read_file(example)
        report = evaluate(loaded, document)
        situation = loaded.reader.read(document, as_of=report.as_of, today=clock.today)
        writer = DraftWriter(files, loaded.pack.vocabulary, situation, report, "Robin Vale")
        for action in sorted(report.actions, key=lambda action: action.action):
            if action.action in files:
                draft = writer.of_action(action)
                got.append(f"===== {example.name}: {action.action}: {draft.to}\n{draft.text}\n")
        drafts = [(step, draft) for step in report.steps for draft in writer.of_step(step)]
        got += [f"===== {example.name}: {s.title}\n{d.text}\n" for s, d in drafts if len(d.said) > 1]
    if request.config.getoption("--rebaseline"):
        GOLDEN.write_text("".join(got), "utf-8")
    assert "".join(got) == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize(
    ("situation", "action", "said"),
    [
        (PANEL, "answer_concerns", "On travel: [your considered answer, with one example]\nOn Rust: ["),
        (REST, "propose_new_times", "planned for Friday 20 November, did not take place"),
        (REST, "send_kind_note", "Lee Wong is away until Friday 8 January 2027 and"),
        (REST, "ask_offer_deadline", "the offer of Friday 20 November."),
        (SIGNED, "close_other_applications", "withdraw my application for the role of Data engineer."),
    ],
)
def test_what_no_example_asks_for(situation: str, action: str, said: str) -> None:
    assert said in "".join(texts(situation, action))


def test_everyone_gets_other_words_and_is_asked_for_one_point() -> None:
    drafts = texts(PANEL, "send_thank_you")
    assert len(drafts) == 4
    for name, draft in zip(
        ("Dana Ruiz", "Kim Oh", "Lee Wong", "Sam Poe"), sorted(drafts, key=_name), strict=True
    ):
        assert f"[One point that only {name}" in draft
    sentences = [
        {line for line in draft.splitlines() if line not in ("", "Kind regards,", "Robin")}
        for draft in drafts
    ]
    for number, own in enumerate(sentences):
        for other in sentences[:number]:
            assert len(own & other) <= 2, "all that two have in common is said of the day to come"


def _name(draft: str) -> str:
    return draft.partition("Dear ")[2]


def test_the_promised_day_is_written_out_even_if_promised_by_a_time() -> None:
    assert "by Tuesday 17 November" in texts(PANEL, "send_thank_you", to="dana")[0]


def test_a_point_takes_the_place_of_the_blank() -> None:
    draft = texts(PANEL, "send_thank_you", to="kim", point="Your index idea works.")[0]
    assert "Your index idea works." in draft
    assert "[" not in draft


def test_a_call_is_announced_only_where_calling_is_welcome() -> None:
    assert "short call" in texts(PANEL, "send_thank_you", to="dana")[0]
    refused = PANEL.replace("from: dana", "from: dana, call_ok: refused")
    assert "short call" not in texts(refused, "send_thank_you", to="dana")[0]


# --- missing values
def test_a_missing_value_is_named_with_what_would_give_it(template: Any) -> None:
    text = "Subject: {{ application.role }}\n{{ person.phone }}\n"
    told = mistakes(
        template, text, situation=PANEL.replace("    role: Data engineer\n", ""), action="send_thank_you"
    )
    assert "send_thank_you.txt.j2:1:13: FC706: application `acme` has no `role`" in told
    assert "hint: write `role: …` under `acme`" in told
    assert "send_thank_you.txt.j2:2:4: FC706: contact `dana` has no `phone`" in told, "all is told at once"


def test_what_is_missing_leaves_a_whole_sentence() -> None:
    draft = texts(PANEL.replace("    role: Data engineer\n", ""), "send_thank_you", to="kim", me=None)[0]
    assert "about the role at Acme." in draft
    assert draft.endswith("Kind regards,\n[your name]\n")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("facts.offer_received.answer_by", "has no event `offer_received`"),
        ("facts.interview.stage", "the event `interview` of 2026-09-14 (line 18) has no `stage`"),
        ("facts.answer_by.by", "`answer_by` does not hold for application `lumen`"),
        ("person.phone", "contact `joan` has no `phone`"),
        ("point", "no point is given"),
        ("action.until", "has no `until`"),
    ],
)
def test_every_kind_of_value_can_be_missing(template: Any, asked: str, said: str) -> None:
    for use in (f"{{{{ {asked} }}}}", f"{{% if {asked} %}}x{{% endif %}}", f"{{{{ {asked} | day }}}}"):
        told = mistakes(template, f"Subject: x\n{use}\n")
        assert f"thank_helper.txt.j2:2:{use.index(asked) + 1}: FC706: " in told
        assert said in told
    assert (
        template(f"Subject: x\n{{{{ 'none' if {asked} is not defined else {asked} }}}}")
        == "Subject: x\nnone\n"
    )


def test_where_nobody_is_known_the_person_is_missing(template: Any) -> None:
    situation = ROOT / "examples" / "offer-while-waiting.yaml"
    text = "Subject: x\n{{ person.name }}"
    told = mistakes(template, text, action="follow_up_application", situation=situation)
    assert "FC706: there is nobody in application `delta` to write to" in told


# --- values
def test_what_templates_see(template: Any) -> None:
    told = template(
        "Subject: {{ application }} {{ application.id }} {{ action.status }} {{ parameters.max_attempts }}\n"
        "{% for who in subject.with %}{{ who.name }} ({{ who.role | plain }}); {% endfor %}\n"
        "\n{{ subject.with | listed }}, {{ facts.timeline_promised.from.email }}, {{ sending_day | day }}\n"
        "{{ application.facts.applied.date | day }}"
    )
    assert told == (
        "Subject: Lumen Instruments lumen due 2\n"
        "Henrik Dahl (hiring manager); Tess Moreau (interviewer); \n"
        "Henrik Dahl and Tess Moreau, henrik.dahl@lumen.example, Tuesday 15 September\n"
        "Monday 31 August\n"
    )


def test_values_stay_on_their_line(template: Any) -> None:
    told = template("Subject: {{ me }}\nx", me="Eve\nBcc: all@example.org\x1b[31m")
    assert told == "Subject: Eve Bcc: all@example.org�[31m\nx\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ subject.date }}", "write it out with `| day`"),
        ("{{ subject.with }}", "write it out with `| listed`"),
        ("{{ me | day }}", "and this is text"),
        ("{{ me | listed }}", "and this is text"),
        ("{{ subject.date | plain }}", "and this is a date"),
        ("{{ me | varied('a') }}", "takes a person"),
        ("{% if subject.date > me %}x{% endif %}", "cannot be filled"),
        ("{% for x in person %}x{% endfor %}", "cannot be filled"),
        ("{{ me.name }}", "there is no `name` in this value"),
    ],
)
def test_values_that_do_not_fit(template: Any, text: str, said: str) -> None:
    told = mistakes(template, f"Subject: x\n\n{text}\n")
    assert "thank_helper.txt.j2:3:1: FC704: " in told
    assert said in told


# --- hostile and broken templates
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ ''.__class__.__mro__ }}", "FC703"),
        ("{{ person._find }}", "FC703"),
        ("{{ person['name'] }}", "FC703"),
        ("{{ me.format(1) }}", "FC703"),
        ("{{ person.look_up('name') }}", "FC703"),
        ("{{ range(10) }}", "FC703"),
        ("{{ self }}", "FC705"),
        ("{{ _gaps }}", "FC705"),
        ("{{ lipsum }}", "FC705"),
        ("{{ loop }}", "FC705"),
        ("{{ 10 ** 10 ** 10 }}", "FC703"),
        ("{{ 'a' * 1000000000 }}", "FC703"),
        ("{{ 'a' ~ me }}", "FC703"),
        ("{{ [1] }}", "FC703"),
        ("{{ me | center(1000000000) }}", "FC705"),
        ("{{ me | attr('x') }}", "FC705"),
        ("{{ me | map('x') }}", "FC705"),
        ("{{ me | plain(*subject.with) }}", "FC703"),
        ("{{ me is string }}", "FC705"),
        ("{{ 'x' in me }}", "FC703"),
        ("{% for i in range(1000000000) %}x{% endfor %}", "FC703"),
        ("{% for a in subject.with %}{% for b in subject.with %}x{% endfor %}{% endfor %}", "FC703"),
        ("{% for a in subject.with recursive %}x{% endfor %}", "FC703"),
        ("{% for a, b in subject.with %}x{% endfor %}", "FC703"),
        ("{% for _x in subject.with %}{{ _x }}{% endfor %}", "FC70"),
        ("{% include 'other' %}", "FC703"),
        ("{% import 'other' as o %}", "FC703"),
        ("{% extends 'other' %}", "FC703"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", "FC703"),
        ("{% set x = 1 %}", "FC703"),
        ("{% block b %}{% endblock %}", "FC703"),
        ("{% block body %}{% endblock %}{% block ending %}{% endblock %}", "FC703"),
        ("{% if me %}{% block body %}x{% endblock %}{% endif %}", "FC703"),
        ("{% block body scoped %}x{% endblock %}", "FC703"),
        ("{% block body %}{{ super() }}{% endblock %}", "FC703"),
        ("{% block body %}{{ self }}{% endblock %}", "FC705"),
        ("{{ me | after(1) }}", "FC704"),
        ("{% filter plain %}x{% endfilter %}", "FC703"),
        ("{% with x = 1 %}{% endwith %}", "FC703"),
        ("{% raw %}{{ x }}{% endraw %}{{ x }}", "FC705"),
        ("{% autoescape true %}{% endautoescape %}", "FC70"),
        ("{% if me %}", "FC702"),
        ("{{ me", "FC702"),
        ("{{ }}", "FC702"),
        ("{% nonsense %}", "FC702"),
        ("{{ " + "(" * 3000 + " }}", "FC702"),
        ("{{ " + "not " * 900 + "me }}", "FC70"),
        ("{{ " + "9" * 5000 + " }}", "FC702"),
        ("{% if me %}" * 60 + "x" + "{% endif %}" * 60, "FC703"),
        ("{{ personn.name }}", "FC705"),
        ("{{ person.nam }}", "FC705"),
        ("{{ facts.intervieww.date }}", "FC705"),
        ("{{ me | days }}", "FC705"),
        ("{{ me if point is defined }}", "FC703"),
    ],
)
def test_what_templates_cannot_do(template: Any, text: str, code: str) -> None:
    told = mistakes(template, f"Subject: x\n{text}\n")
    assert "thank_helper.txt.j2:" in told
    assert f": {code}" in told


def test_a_slip_gets_a_suggestion(template: Any) -> None:
    assert "hint: did you mean `name`?" in mistakes(template, "Subject: x\n{{ person.nmae }}")
    assert "thank_helper.txt.j2:1:13: FC705" in mistakes(template, "Subject: {{ persn.name }}")


def test_messages_have_a_limit(template: Any) -> None:
    assert "FC701" in mistakes(template, "Subject: x\n" + "x" * MAX_SIZE)
    many = PANEL.replace("[travel, Rust]", "[" + ", ".join(f"c{n}" for n in range(200)) + "]")
    loop = "Subject: x\n{% for c in subject.concerns %}" + "x" * 101 + "{% endfor %}"
    told = mistakes(template, loop, action="answer_concerns", situation=many)
    assert "FC704: this cannot be filled: the message grows longer than" in told


@pytest.mark.parametrize("count", [200, 201])
def test_many_loops_over_long_lists_end(template: Any, count: int) -> None:
    many = PANEL.replace("[travel, Rust]", "[" + ", ".join(f"c{n}" for n in range(count)) + "]")
    one = "{% for c in subject.concerns %}{% if subject.concerns == c %}x{% endif %}{% endfor %}"
    text = "Subject: x\n" + one * ((MAX_SIZE - 20) // len(one))
    if count == 200:
        assert template(text, action="answer_concerns", situation=many) == "Subject: x\n"
    else:
        assert "FC704" in mistakes(template, text, action="answer_concerns", situation=many)


def test_files_that_are_no_text(template: Any) -> None:
    assert "FC105" in mistakes(template, b"Subject: \xff")
    assert "FC707" in mistakes(template, "Dear {{ person.name }}")
    assert "FC707" in mistakes(template, "")


@given(st.text(st.sampled_from("{}%#()[]|.~'\" \nabme_0-+*<>=!ifor"), max_size=40))
def test_no_template_ends_in_a_traceback(text: str) -> None:
    from datetime import date

    from followcue.assistant.draft.template import MessageTemplate

    try:
        MessageTemplate("t", "Subject: x\n" + text, ("me",), date(2026, 1, 1)).fill({"me": "Robin"})
    except InvalidInput as problem:
        if not all(d.code.startswith("FC7") and d.span for d in problem.diagnostics):
            raise


# --- the command
def test_several_drafts_are_parted_by_a_line() -> None:
    result = run("send_thank_you", "-", "--me", "Robin")
    assert result.exit_code == 0
    assert "--- 2 of 4: " in result.stdout
    assert run("send_thank_you", "-", "--me", "Robin", "--to", "kim").stdout.startswith("Subject: ")


def test_a_draft_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "draft.txt"
    result = run("send_thank_you", "-", "--me", "Robin", "--to", "kim", "-o", str(target))
    assert (result.exit_code, result.stdout) == (0, "")
    assert target.read_text("utf-8").startswith("Subject: ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["send_thankyou", "-"], 2, "did you mean `send_thank_you`?"),
        (["wait", "-"], 2, "`wait` has no message"),
        (["send_thank_you", "-", "--application", "acne"], 2, "did you mean `acme`?"),
        (["send_thank_you", "-", "--to", "kit"], 2, "did you mean `kim`?"),
        (["send_thank_you", "-", "--point", "x"], 2, "a point is for one person"),
        (["thank_for_rejection", "-"], 1, "not recommended on Wed 2026-11-11; these messages are:\n"),
        (["70", "-"], 2, "there is no number 70: the report of Wed 2026-11-11 has 1 to "),
        (["step:send_thank_you:acme:zoe:iv1", "-"], 1, "is not recommended on Wed 2026-11-11"),
        (["-", "-", "-"], 2, "unexpected extra"),
        (["send_thank_you", "-", "--set", "max_attempts=soon"], 3, "FC602"),
        (["send_thank_you", "-", "--set", "max_attempts"], 2, "NAME=VALUE"),
        (["send_thank_you", "-", "--rules", "/nowhere"], 3, "FC101"),
    ],
)
def test_exit_codes(arguments: list[str], code: int, said: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_parameters_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "send_thank_you.txt.j2").write_text("Subject: {{ parameters.max_attempts }}\n")
    result = run("send_thank_you", "-", "--to", "kim", "--rules", str(tmp_path), "--set", "max_attempts=7")
    assert (result.exit_code, result.stdout) == (0, "Subject: 7\n")


def test_no_message_at_all_is_recommended() -> None:
    result = run("send_thank_you", "-", text="as_of: 2026-11-11\napplications: {}\n")
    assert result.exit_code == 1
    assert "nor is any other message" in result.stderr


def test_messages_are_no_part_of_the_rules(template: Any, tmp_path: Path) -> None:
    from followcue.evaluation.pipeline import load_pack

    (tmp_path / "mine.yaml").write_text("rules: {}\n")
    before = load_pack(tmp_path).pack.version
    template("Subject: x")
    assert load_pack(tmp_path).pack.version == before


def test_situations_from_programs_work_too() -> None:
    import yaml

    data = yaml.safe_load(PANEL)
    draft = write_drafts(Document.of(data), Wanted("send_thank_you", to="kim"), me="Robin").drafts[0]
    assert "on Tuesday 10 November" in draft.text
    for situation in (data, PANEL, PANEL.encode()):
        found = followcue.write_drafts(situation, "send_thank_you", to="kim", me="Robin").drafts
        assert [found_draft.text for found_draft in found] == [draft.text]


def test_the_package_names_what_drafts_raise() -> None:
    with pytest.raises(followcue.Unknown, match="did you mean `kim`"):
        followcue.write_drafts(PANEL, "send_thank_you", to="kit")
    with pytest.raises(followcue.NotRecommended):
        followcue.write_drafts(PANEL, "thank_for_rejection", me="Robin")


def test_the_package_imports_drafts_only_when_they_are_asked_for() -> None:
    program = (
        "import sys, followcue; followcue.evaluate; print('followcue.assistant.draft.write' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"


# --- the page
def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    write_files(PAGE, "jinja", tmp_path)
    write_files(PAGE, "yaml", tmp_path)
    found = blocks(PAGE)
    shown: dict[int, str] = {}
    for number, block in enumerate(found):
        if block.label == "console":
            shown[number] = answers(block)
        elif block.label == "python":
            shown[number + 1] = run_python(block, PAGE, {})
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, shown)
    else:
        assert {number: found[number].text for number in shown} == shown
