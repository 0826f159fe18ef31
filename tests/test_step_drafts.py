"""Drafts of steps: one text that says all of it, whatever a situation leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import followcue
from followcue import InvalidInput, cli
from followcue.api import as_document
from followcue.assistant.draft.link import LONGEST, link_of
from followcue.assistant.draft.message_files import message_files
from followcue.assistant.draft.template_context import NAMELESS
from followcue.assistant.draft.write import Draft, DraftWriter
from followcue.evaluation.advice.report import Report, Step
from followcue.evaluation.pipeline import LoadedPack, evaluate, load_pack
from followcue.language.model.vocabulary import Kind, Type
from followcue.synthesis.sampling import situations
from followcue.synthesis.solver.witness import Witnesses

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
PACKS: tuple[tuple[str, ...], ...] = ((), ("common-practice",))
ANY = 40
"""How many situations are made up."""

HOLE = re.compile(
    r"  |\s[.,;:?!]|None|Dear,|\b(of|at|until|with)[.,;:?!]"
    r"|\b(of|at|on|by|for|until|with) (of|at|on|by|for)\b"
)
"""What a sentence looks like where something was left out of it."""

GAP = re.compile(r"\[[^\]]*\]")


@cache
def shipped(packs: tuple[str, ...] = ()) -> LoadedPack:
    return load_pack(packs=packs, cache=False)


def told(situation: Any, packs: tuple[str, ...] = (), me: str | None = None) -> Iterator[tuple[Step, Draft]]:
    """Every step of a situation that is a message, with its drafts."""
    report, writer = writer_of(situation, packs, me)
    for step in report.steps:
        for draft in writer.of_step(step):
            yield step, draft


def writer_of(
    situation: Any, packs: tuple[str, ...] = (), me: str | None = None
) -> tuple[Report, DraftWriter]:
    loaded, document = shipped(packs), as_document(situation)
    report = evaluate(loaded, document)
    read = loaded.reader.read(document, as_of=report.as_of, today=lambda _: report.as_of)
    return report, DraftWriter(message_files(packs=packs), loaded.pack.vocabulary, read, report, me)


def messages(packs: tuple[str, ...]) -> set[str]:
    """The actions that are messages or have one; with packs, only those that these bring."""
    vocabulary = shipped(packs).pack.vocabulary
    found = {name for name, kind in vocabulary.actions.items() if kind.message} | {
        *message_files(packs=packs)
    }
    return found - messages(()) if packs else found


# --- whatever is missing
def bare(data: dict[str, Any], packs: tuple[str, ...]) -> dict[str, Any]:
    """The situation without any text that its vocabulary does not demand: roles, names, addresses, notes."""
    kinds = shipped(packs).pack.vocabulary.kinds

    def stripped(fields: dict[str, Any], kind: Kind) -> dict[str, Any]:
        demanded = {name for requirement in kind.require for name in requirement.fields}
        spare = {field.name for field in kind.fields if field.type == Type("text", "text") and not field.many}
        return {key: value for key, value in fields.items() if key not in (spare - demanded) | {"note"}}

    def listed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [stripped(event, kinds[event["event"]]) for event in events]

    found = dict(data)
    found["applications"] = {
        key: {
            **stripped(record, kinds["application"]),
            "contacts": {k: stripped(c, kinds["contact"]) for k, c in record.get("contacts", {}).items()},
            "events": listed(record.get("events", [])),
        }
        for key, record in data.get("applications", {}).items()
    }
    return found


def holes(draft: Draft) -> list[str]:
    """Where a draft is not whole: it has a subject and a text, and no sentence lacks a word.

    What is in brackets is for a person to fill.
    """
    first, empty, *_ = draft.text.split("\n")
    found = [] if first.startswith("Subject: ") and empty == "" and len(draft.body) > 40 else [draft.text]
    return found + [line for line in GAP.sub("it", draft.text).split("\n") if HOLE.search(line)]


@pytest.mark.slow
@pytest.mark.parametrize("packs", PACKS, ids=["shipped", "common-practice"])
def test_every_message_has_a_draft_with_everything_optional_missing(packs: tuple[str, ...]) -> None:
    loaded, wanted = shipped(packs), messages(packs)
    witnesses, drafted = Witnesses(loaded), set()
    for rule in sorted(loaded.pack.rules.values(), key=lambda rule: rule.id):
        least = witnesses.situation(rule.id, due=True) if rule.action in wanted else None
        if least is None:  # it only ever changes another rule, or comes up on a later day
            continue
        for step, draft in told(bare(dict(least), packs), packs):
            assert holes(draft) == [], step.title
            assert NAMELESS in draft.text
            drafted |= {name.partition(":")[0] for name in draft.said}
    assert wanted - drafted == set()


@pytest.mark.slow
@pytest.mark.parametrize("packs", PACKS, ids=["shipped", "common-practice"])
def test_every_step_that_is_a_message_has_one_draft_that_says_all_of_it(packs: tuple[str, ...]) -> None:
    loaded, seen = shipped(packs), 0
    texts = message_files(packs=packs)
    made = [*islice(situations(loaded, 7), ANY), *EXAMPLES]
    for situation in (*made, *(bare(one, packs) for one in made if isinstance(one, dict))):
        report, writer = writer_of(situation, packs, "Robin Vale")
        for step in report.steps:
            wanted = [name for name in step.actions if name.partition(":")[0] in texts]
            drafts = writer.of_step(step)
            assert [sorted(draft.said) for draft in drafts] == ([sorted(wanted)] if wanted else [])
            assert all(draft.text.count("Robin Vale") == 1 for draft in drafts)
            assert [holes(draft) for draft in drafts] == [[] for draft in drafts]
            seen += len(wanted) > 1
    assert seen > 5, "some steps say several things"


# --- one text of several
LATE = """
as_of: 2026-11-24
applications:
  acme:
    company: Acme
    role: Data engineer
    contacts: {dana: {name: Dana Ruiz, role: recruiter, email: dana@acme.example}}
    events:
      - {date: 2026-11-10, event: interview, id: iv1, with: [dana]}
      - {date: 2026-11-20, event: rejected, from: dana}
"""


def own(folder: Path, **templates: str) -> Path:
    (folder / "messages").mkdir(exist_ok=True)
    for name, text in templates.items():
        (folder / "messages" / f"{name}.txt.j2").write_text(text, "utf-8")
    return folder


def step_text(*rules: Path, what: str | None = None, **options: Any) -> list[str]:
    found = followcue.write_drafts(LATE, what, rules=list(rules), **{"me": "Robin"} | options).drafts
    return [draft.text for draft in found]


def test_blocks_stand_in_one_frame_openings_first(tmp_path: Path) -> None:
    known = "earlier.thank_for_rejection is defined and also.request_feedback is defined"
    middle = f"{{% if {known} %}}\nand\n{{% endif %}}"
    never = "{% if earlier.request_feedback is defined %}never{% endif %}"
    folder = own(
        tmp_path,
        request_feedback="Subject: F\n\nHi\n\n{% block ending %}\nlearn\n{% endblock %}\n\nBye {{ me }}",
        thank_for_rejection="Subject: T\n\nDear\n\n{% block opening %}\nthanks\n{% endblock %}\n\n{{ me }}",
        ask_for_introductions=f"Subject: I\n\n{{% block body %}}\n{middle}{never}{{% endblock %}}",
    )
    assert step_text(folder) == ["Subject: T\n\nDear\n\nthanks\n\nand\n\nlearn\n\nRobin\n"]
    assert step_text(folder, what="request_feedback") == ["Subject: F\n\nHi\n\nlearn\n\nBye Robin\n"]


def test_a_template_without_a_block_is_a_message_of_its_own(tmp_path: Path) -> None:
    folder = own(tmp_path, request_feedback="Subject: F\n\n{{ person.name }}, how was I?\n")
    first, second = step_text(folder)
    assert "introduction" in first
    assert "learn from your decision" not in first
    assert second == "Subject: F\n\nDana Ruiz, how was I?\n"


def test_a_block_that_says_nothing_leaves_no_gap(tmp_path: Path) -> None:
    folder = own(tmp_path, request_feedback="Subject: F\n\n{% block ending %}\n{% endblock %}\n")
    [text] = step_text(folder)
    assert "\n\n\n" not in text


def test_the_point_stands_once() -> None:
    [text] = step_text(point="I have read your book.")
    assert text.count("I have read your book.") == 1


def test_whatever_is_missing_in_any_part_is_told_at_once(tmp_path: Path) -> None:
    folder = own(
        tmp_path,
        request_feedback="Subject: F\n\n{% block ending %}{{ person.phone }}{% endblock %}",
        thank_for_rejection="Subject: T\n\n{% block opening %}{{ facts.signed.day | day }}{% endblock %}",
    )
    with pytest.raises(InvalidInput) as problem:
        step_text(folder)
    assert "has no `phone`" in str(problem.value)
    assert "`signed` does not hold" in str(problem.value)


def test_a_call_has_words_for_a_call() -> None:
    [draft] = followcue.write_drafts(ROOT / "examples" / "first-interview.yaml", "1", me="R").drafts
    assert (draft.channel, draft.address) == ("phone", "+1 555 0142")
    assert draft.subject.startswith("For the call to Maya Okafor")
    assert draft.body.startswith("Hello Maya Okafor, this is R.")


# --- what is asked for
def run(*arguments: str, text: str = LATE) -> Any:
    return CliRunner().invoke(cli.main, ["draft", *arguments], input=text)


def test_a_step_is_found_by_its_number_its_id_and_its_title() -> None:
    [step, *_] = followcue.evaluate(as_document(LATE), shipped()).steps
    first = run("-").stdout
    assert first.startswith("Subject: Thank you for letting me know")
    for name in ("1", step.id, step.title, step.title.upper(), *(f"step:{name}" for name in step.actions)):
        assert run("-", name).stdout == first
        assert run(name, "-").stdout == first


def test_an_action_is_found_by_its_name_its_id_and_its_title() -> None:
    alone = run("-", "request_feedback").stdout
    assert alone.startswith("Subject: A short question")
    assert "introduction" not in alone
    for name in ("request-feedback", "request_feedback:acme:dana", "Ask for feedback", "ask for  FEEDBACK"):
        assert run("-", name).stdout == alone


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-", "ask for a raise"], 2, "there is no action `ask for a raise`"),
        (["-", "send_thank_you:acme:zoe"], 1, "`send_thank_you:acme:zoe` is not recommended on"),
        (["-", "2"], 1, "is no message; these messages are:"),
        (["-", "--application", "acme"], 0, "Subject: Thank you for letting me know"),
        (["-", "1", "2"], 2, "unexpected extra arguments: 2"),
        (["nowhere.yaml"], 3, "nowhere.yaml: FC101"),
        (["nowhere.yaml", "1"], 3, "nowhere.yaml: FC101"),
        (["1", "nowhere.yaml"], 3, "nowhere.yaml: FC101"),
    ],
)
def test_what_comes_of_it(arguments: list[str], code: int, said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.stdout + result.stderr


def test_only_the_steps_to_do_first_are_drafted_unless_more_is_asked_for() -> None:
    example = ROOT / "examples" / "agency-heavy.yaml"
    report = evaluate(shipped(), as_document(example))
    focused = [step for step in report.steps if step.focus and step.channel]
    drafts = followcue.write_drafts(example).drafts
    assert [set(draft.said) for draft in drafts] == [set(step.actions) for step in focused]
    one = followcue.write_drafts(example, scope="hollow").drafts
    assert {draft.action.scope for draft in one} == {"hollow"}


# --- who signs
WRITER = "person" in shipped().pack.vocabulary.kinds


@pytest.mark.skipif(not WRITER, reason="no pack tells who writes")
def test_the_person_of_the_situation_signs_and_the_option_wins() -> None:
    signed = LATE.replace("applications:", "person: {name: Kit Moss}\napplications:", 1)
    assert run("-", text=signed).stdout.endswith("\nKit Moss\n")
    assert run("-", "--me", "Robin", text=signed).stdout.endswith("\nRobin\n")
    assert run("-").stdout.endswith(f"\n{NAMELESS}\n")


# --- links
@cache
def any_draft() -> Draft:
    return next(draft for _, draft in told(LATE))


def draft_of(text: str, channel: str | None, address: str | None) -> Draft:
    return any_draft()._replace(text=text, channel=channel, address=address)


@settings(deadline=None)
@given(st.text(max_size=300), st.text("abc@. \n?&\u202e", max_size=30))
def test_a_mail_comes_back_out_of_its_link(body: str, address: str) -> None:
    link = link_of(draft_of(f"Subject: Hi & so on?\n\n{body}", "email", address))
    assert link is not None
    assert re.fullmatch(
        r"mailto:[A-Za-z0-9%@._~-]*\?subject=[A-Za-z0-9%._~-]*(&body=[A-Za-z0-9%._~-]*)?", link.href
    )
    to, _, fields = link.href.partition("?")
    found = parse_qs(fields, keep_blank_values=True)
    assert unquote(to.removeprefix("mailto:")) == "".join(address.split())
    assert found["subject"] == ["Hi & so on?"]
    if link.is_whole:
        assert len(link.href) <= LONGEST
        assert found["body"] == [body.lstrip("\n").rstrip().replace("\n", "\r\n")]
    else:
        assert "body" not in found


def test_links_have_a_limit_and_calls_a_number() -> None:
    long = link_of(draft_of("Subject: Hi\n\n" + "ü" * 400, "email", None))
    assert long == ("mailto:?subject=Hi", False)
    assert link_of(draft_of("Subject: " + "x" * LONGEST + "\n\nx", "email", "a@b.example")) is None
    assert link_of(draft_of("Subject: x\n\nx", "phone", "+1 (555) 01-42"))[0] == "tel:+15550142"
    assert link_of(draft_of("Subject: x\n\nx", "phone", "ask Joan")) is None
    assert link_of(draft_of("Subject: x\n\nx", "post", "1 High Street")) is None
