"""Ranges, lists, signs, and parts of texts: how they read, what they mean, and that an example is found."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import followcue
from followcue.authoring.catalogue.rule_sentence import sentence, text_of
from followcue.cli import main
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic.compile_pack import Layer, compile_pack
from followcue.language.logic.text_parts import Part, contradicts, implied, meets, text_with
from followcue.language.model.phrase import PhraseError, parse_constraints, parse_expression, parse_test
from followcue.language.model.syntax import TURNED
from followcue.language.model.text_phrase import parse_text_constraints
from followcue.language.model.unparse import spoken, spoken_constraint, spoken_test
from followcue.synthesis.solver.witness import situation_for

VOCABULARY = """
pack: {name: post, title: Letters}
situation:
  scope: letter
  whole: office
  records: {letter: {in: letters, fields: {text: text, kind: kind, n: number, due: date, wait: duration}}}
  events: [letters.events]
types: {kind: {one of: [bill, card, form]}}
events: {came: {says: It came., fields: {n: number}}}

actions: {read: {title: Read it}}
parameters:
  low: {says: A bound., value: -2, cites: [own default]}
"""


def _pack(*when: str) -> LoadedPack:
    rules = "".join(
        f"  r{n}:\n    title: Read\n    when: {text}\n    recommend: {{action: read}}\n"
        for n, text in enumerate(when)
    )
    files = {"vocabulary.yaml": VOCABULARY.encode(), "rules.yaml": f"rules:\n{rules}".encode()}
    return LoadedPack.of(compile_pack([Layer("post", files)]))


def _read(when: str, letters: dict[str, Any], matcher: str = "compiled") -> set[str | None]:
    """The letters to read."""
    situation = {"letters": letters}
    report = followcue.evaluate(situation, _pack(when), as_of=date(2026, 11, 5), matcher=matcher)
    return {action.scope for action in report.actions}


LETTERS: dict[str, Any] = {
    "a": {"text": "visa form", "kind": "form", "n": -5, "due": "2026-11-01", "wait": "5 days"},
    "b": {"text": "form for a visa", "kind": "bill", "n": 0, "due": "2026-11-05", "wait": "0 days"},
    "c": {"text": "Visa", "kind": "card", "n": 5, "due": "2026-11-06", "wait": "3 days"},
    "d": {"text": unicodedata.normalize("NFD", "café"), "n": 6},
    "e": {},
}


@pytest.mark.parametrize("matcher", MATCHERS)
@pytest.mark.parametrize(
    ("when", "which"),
    [
        ("[letter: {n: between -5 and 5}]", "abc"),
        ("[letter: {n: between low and 5 and not 5}]", "b"),
        ("[letter: {due: between 2026-11-01 and today}]", "ab"),
        ("[letter: {wait: between 3 days and 1 week}]", "ac"),
        ("[letter: {n: not in (0 or 5)}]", "ad"),
        ("[letter: {kind: not in (bill or form)}]", "c"),
        ("[letter: {kind: one of (bill or form)}]", "ab"),
        ("[letter: {n: $n}, where: '$n not between -4 and 5']", "ad"),
        ("[letter: {n: $n}, where: '$n in [-5, low + 2]']", "ab"),
        ("[letter: {n: $n}, where: '$n - -5 is 0']", "a"),
        ("[letter: {kind: $k}, where: '$k is not one of [bill, card]']", "a"),
        ("[letter: {text: contains visa}]", "ab"),
        ("[letter: {text: does not contain visa}]", "cd"),
        ("[letter: {text: starts with visa and ends with form}]", "a"),
        ("[letter: {text: does not start with visa and does not end with form}]", "bcd"),
        ("[letter: {text: ends with fé}]", "d"),
        ("[letter: {text: $t}, where: '$t contains visa and $t does not start with visa']", "b"),
        ("[letter: {text: $t}, where: 'length of $t is 4']", "cd"),
        ("[letter: {text: $t}, no letter: {letter: not $letter, text: starts with $t}]", "abcd"),
        ("[letter: {text: $t}, no letter: {text: does not contain $t}]", "abcd"),
        ("[letter: {text: $t}, no letter: {text: starts with $t}]", ""),
        ("[no letter: {n: between 0 and 5}]", "ade"),
        ("[no letter: {text: contains visa}]", "cde"),
    ],
)  # fmt: skip
def test_what_it_means_in_every_matcher(when: str, which: str, matcher: str) -> None:
    try:
        assert _read(when, LETTERS, matcher) == set(which)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("$n between 1 and 5 and $m is 2", "($n at least 1 and $n at most 5) and $m is 2"),
        ("$n is not between -1 and 5", "$n less than -1 or $n more than 5"),
        ("$k in [a, b]", "$k is a or $k is b"),
        ("$k is not one of (a or b)", "$k is not a and $k is not b"),
        ("$n at least -2 days", "$n at least -2 days"),
        ('$t  does  not   contain "x y"', '$t does not contain "x y"'),
        ("length  of $t + 1 more than 3", "length of $t + 1 more than 3"),
    ],
)
def test_how_a_test_is_printed(written: str, printed: str) -> None:
    assert spoken_test(parse_test(written)) == printed
    assert spoken_test(parse_test(printed)) == printed


@pytest.mark.parametrize("text", ["-5", "-3 days", "$a - -5", "length of $t", "-1 * 2"])
def test_values_are_printed_as_they_are_written(text: str) -> None:
    assert spoken(parse_expression(text)) == text


@pytest.mark.parametrize("word", ["between", "in", "one", "contains", "length", "starts", "does"])
def test_words_of_these_phrases_may_be_names(word: str) -> None:
    (constraint,) = parse_constraints(word)
    assert spoken_constraint(constraint) == word


@pytest.mark.parametrize("phrase", ["--5", "- 5", "between 1", "in []", "not between 1 and 2", "-$x"])
def test_what_is_no_phrase(phrase: str) -> None:
    with pytest.raises(PhraseError):
        parse_constraints(phrase)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("contains lab-1", 'contains "lab-1"'),
        ("does not start with C++ and not 12", 'does not start with "C++" and not "12"'),
        ("one of (lab-1 or C++)", '["lab-1", "C++"]'),
        ("not in [lab-1, b]", 'not "lab-1" and not b'),
        ('contains "a and not b" and not lab-1', 'contains "a and not b" and not "lab-1"'),
    ],
)
def test_parts_of_texts_need_no_quotes_of_their_own(written: str, printed: str) -> None:
    assert " and ".join(map(spoken_constraint, parse_text_constraints(written))) == printed


# --- examples are found
@pytest.mark.parametrize(
    "when",
    [
        "[letter: {n: between -5 and -3}]",
        "[letter: {due: between today + 3 days and today + 4 days}]",
        "[letter: {n: $n, kind: $k}, where: '$n not between -100 and 100 and $k in [card, form]']",
        "[letter: {text: starts with 're:' and contains visa and ends with urgent}]",
        "[letter: {text: contains visa and does not contain form}]",
        "[letter: {text: $t}, where: 'length of $t between 30 and 31 and $t ends with urgent']",
        "[letter: {text: $t}, came: {note: $t and does not start with some}]",
        "[letter: {text: $t}, where: '$t contains a or $t contains b', no came: {note: $t}]",
    ],
)
def test_a_situation_is_made_for_it(when: str) -> None:
    assert situation_for(_pack(when), "r0") is not None


WORDS = st.text("ab", max_size=6)
TEXT_TESTS = st.builds(Part, st.sampled_from(sorted(TURNED)), st.text("ab", min_size=1, max_size=3))


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    parts=st.lists(TEXT_TESTS, max_size=4),
    length=st.none() | st.integers(0, 9),
    text=st.text("ab", max_size=6),
)
def test_texts_made_for_demands_meet_them(parts: list[Part], length: int | None, text: str) -> None:
    made = text_with("some text", parts, length, {text})
    if made is not None:
        assert meets(made, parts)
        assert made != text
        assert length is None or len(made) == length
    if contradicts(parts):
        assert made is None
        assert not meets(text, parts)
    for part in parts:
        others = [other for other in parts if other is not part]
        if implied(part, others) and meets(text, others):
            assert part.holds(text)
        assert Part(TURNED[part.op], part.text).holds(text) is not part.holds(text)


# --- the commands of an author
TESTS = """
tests:
  in-the-range-and-with-the-part:
    as_of: 2026-11-05
    situation: {letters: {a: {n: 3, text: about a visa}}}
    expect: [read]
"""


def _folder(folder: Path, when: str, tests: str = TESTS) -> Path:
    (folder / "tests").mkdir(parents=True)
    (folder / "vocabulary.yaml").write_text(VOCABULARY)
    (folder / "rules.yaml").write_text(
        "rules:\n  one:\n    title: Read\n    cites: [own default]\n"
        f"    when: {when}\n    recommend: {{action: read}}\n"
    )
    (folder / "tests" / "one.yaml").write_text(tests)
    return folder


def _said(*arguments: str) -> str:
    return CliRunner().invoke(main, arguments).output


WHEN = "[letter: {n: between 1 and 5, text: contains visa and does not start with re}]"


def test_coverage_and_mutation_write_the_missing_tests(tmp_path: Path) -> None:
    pack = _folder(tmp_path / "post", WHEN)
    said = _said("test", str(pack), "--mutate")
    for change in (
        "`n: at least 1` of `letter` becomes `n: more than 1`",
        "`n: at most 5` of `letter` becomes `n: at most 6`",
        "`text: does not start with re` of `letter` becomes `text: does not contain re`",
    ):
        assert change in said
    assert "no situation was found" not in said
    assert "letters:" in said


def test_why_and_why_not_tell_and_mend(tmp_path: Path) -> None:
    pack = _folder(tmp_path / "post", WHEN)
    situation = tmp_path / "situation.yaml"
    situation.write_text("as_of: 2026-11-05\nletters: {a: {n: 9, text: re visa}}\n")
    said = _said("why-not", str(situation), "read", "--rules", str(pack))
    assert "n at least 1, n at most 5, text contains visa, text does not start with re" in said
    assert 'Set `text: "visa ..."`' in said
    assert "`n: 1`" in said


def test_an_editor_takes_them_and_marks_other_words(tmp_path: Path) -> None:
    pack = _folder(tmp_path / "post", WHEN)
    schema = json.loads(_said("schema", "rules", "--rules", str(pack)))
    for written, right in (
        ("between 1 and low", True),
        ("not in (1 or 2)", True),
        ("between 1 and hgih", False),
    ):
        rule = {"title": "Read", "when": [{"letter": {"n": written}}], "recommend": {"action": "read"}}
        assert Draft202012Validator(schema).is_valid({"rules": {"one": rule}}) is right


def test_a_rule_is_told_in_a_sentence() -> None:
    when = "[letter: {n: between 1 and 5, text: $t and contains visa}, where: 'length of $t at least 9']"
    loaded = _pack(when)
    (rule,) = loaded.rules
    assert text_of(sentence(rule, loaded.pack.vocabulary)) == (
        "For each letter: if there is a letter with n at least 1, with n at most 5 and whose text contains "
        "visa and the length of the text of the letter is at least 9, recommend: Read it."
    )
