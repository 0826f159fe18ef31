"""In a field of text, text is text: without quotes of its own, in every matcher, and as it is printed."""

from __future__ import annotations

import json
from datetime import date

import pytest

import followcue
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic.compile_pack import CompiledPack, Layer, compile_pack
from followcue.language.model.phrase import PhraseError
from followcue.language.model.syntax import Constant, Constraint, Variable, Word
from followcue.language.model.text_phrase import parse_text, parse_text_constraints
from followcue.language.model.unparse import spoken_constraint

VOCABULARY = """
pack: {name: devices, title: Devices}
situation:
  scope: device
  whole: site
  records: {device: {in: devices, fields: {site: text, model: text}}}
  events: [devices.events]
events: {alarm: {says: It rang., fields: {code: text}}}
conclusions: {placed: {says: Where it is., fields: {site: text}}}
actions: {look: {title: Look at it}}
parameters: {lab: {says: A number., value: 3, cites: [own default]}}
"""
TEXTS = [
    "lab-1",
    "10.0.0.1",
    "C++",
    "a@b.example",
    "5%",
    "#5",
    "Smith (Ann)",
    "12",
    "2026-11-05",
    "3 days",
    "Smith and Jones",
    "on top",
    "at work",
    "Not yet",
    "12.50",
    "today",
    "lab",
    "x / y, z: 1 < 2",
]


NOT_LAB = Constraint("!=", (Constant("text", "lab-1"),), True)


def _rule(name: str, condition: str, conclude: str = "recommend: {action: look}") -> str:
    return f"  {name}:\n    title: Look\n    when:\n      - {condition}\n    {conclude}\n"


def _pack(*rules: str) -> CompiledPack:
    files = {"vocabulary.yaml": VOCABULARY.encode(), "rules.yaml": ("rules:\n" + "".join(rules)).encode()}
    return compile_pack([Layer("devices", files)])


def _said(*rules: str, matcher: str = "compiled") -> dict[str | None, tuple[str, ...]]:
    """The rules that speak of each device; the site of the device `d3` is the fourth of `TEXTS`."""
    situation = {"devices": {f"d{i}": {"site": text} for i, text in enumerate(TEXTS)}}
    report = followcue.evaluate(
        situation, LoadedPack.of(_pack(*rules)), as_of=date(2026, 11, 5), matcher=matcher
    )
    return {action.scope: action.rules for action in report.actions}


@pytest.mark.parametrize("matcher", MATCHERS)
def test_text_means_itself_in_every_matcher(matcher: str) -> None:
    rules = [_rule(f"r{i}", f"device: {{site: {json.dumps(text)}}}") for i, text in enumerate(TEXTS)]
    try:
        said = _said(*rules, matcher=matcher)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    assert said == {f"d{i}": (f"r{i}",) for i in range(len(TEXTS))}


@pytest.mark.parametrize("text", TEXTS)
def test_all_but_it_and_one_of_it(text: str) -> None:
    own = f"d{TEXTS.index(text)}"
    others = {f"d{i}" for i in range(len(TEXTS))} - {own}
    assert set(_said(_rule("a", f"device: {{site: {json.dumps(f'not {text}')}}}"))) == others
    assert set(_said(_rule("a", f"device: {{site: {json.dumps(f'is {text}')}}}"))) == {own}
    assert set(_said(_rule("a", f"device: {{site: [{json.dumps(text)}, nowhere]}}"))) == {own}


@pytest.mark.parametrize("text", TEXTS)
def test_a_conclusion_carries_it(text: str) -> None:
    placed = _rule("place", "device: {site: present}", f"conclude: {{placed: {{site: {json.dumps(text)}}}}}")
    look = _rule("look", "placed: {site: $s}").replace("{site: $s}", "{site: $s}\n      - device: {site: $s}")
    assert set(_said(placed, look)) == {f"d{TEXTS.index(text)}"}


def test_numbers_without_quotes() -> None:
    assert set(_said(_rule("a", "device: {site: 12}"))) == {f"d{TEXTS.index('12')}"}
    with pytest.raises(InvalidInput, match="put it in quotes"):
        _pack(_rule("a", "device: {site: 012}"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("$s", [Constraint("==", (Variable("s"),))]),
        ("novel", [Constraint("==", (Word("novel"),))]),
        (
            "$s and not lab-1",
            [Constraint("==", (Variable("s"),)), NOT_LAB],
        ),
        ("not Smith and Jones", [Constraint("!=", (Constant("text", "Smith and Jones"),), True)]),
        ("not a-1 and not b-2", [Constraint("!=", (Constant("text", t),), True) for t in ("a-1", "b-2")]),
        (
            "present and not lab-1",
            [Constraint("present"), NOT_LAB],
        ),
        ('"not yet"', [Constraint("==", (Constant("text", "not yet"),))]),
        ("= lab-1", [Constraint("==", (Constant("text", "lab-1"),), True)]),
        ("> lab-1", [Constraint(">", (Constant("text", "lab-1"),), True)]),
    ],
)
def test_marks_of_the_language(written: str, read: list[Constraint]) -> None:
    assert list(parse_text_constraints(written)) == read


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_printed_is_read_as_the_same(text: str) -> None:
    for written in (text, f"not {text}"):
        read = parse_text_constraints(written)
        assert parse_text_constraints(" and ".join(map(spoken_constraint, read))) == read
    assert parse_text(text) in (Constant("text", text), Word(text))


def test_variables_and_values_of_other_types_are_still_checked() -> None:
    for condition in ("device: {site: $nobody + 1}", "device: {site: after lab-1}", "device: {site: true}"):
        with pytest.raises(InvalidInput):
            _pack(_rule("a", condition))
    with pytest.raises(PhraseError):
        parse_text_constraints("not")
