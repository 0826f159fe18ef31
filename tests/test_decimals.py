"""Decimals: read from their digits, reckoned exactly in every matcher, and shown with their places."""

from __future__ import annotations

import json
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import followcue
from followcue.base.diagnostic import InvalidInput
from followcue.base.values import format_decimal, parse_decimal, quotient
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic.compile_pack import Layer, compile_pack
from followcue.language.model.phrase import parse_expression, parse_test
from followcue.language.model.unparse import spoken, spoken_test
from followcue.synthesis.solver.witness import situation_for

VOCABULARY = """
pack: {name: loans, title: Loans}
types: {money: {decimal: 2}, share: {decimal: 4}}
situation:
  scope: applicant
  whole: desk
  records:
    applicant:
      in: applicants
      fields: {income: money, debts: money, n: number, rate: share, tenth: decimal 1, kind: text}
  events: [applicants.events]
events: {paid: {says: It was paid., fields: {amount: money}}}
conclusions: {risk: {says: The risk., fields: {rate: share, part: money, n: number}}}
actions: {decline: {title: Decline the loan}}
parameters:
  max_ratio: {says: Highest ratio., value: 35%, cites: [own default]}
  min_income: {says: Least income., value: 1250.50, cites: [own default]}
"""


def _pack(when: str, head: str = "recommend: {action: decline}") -> LoadedPack:
    rules = f"rules:\n  r0:\n    title: Decline\n    when: {when}\n    {head}\n"
    files = {"vocabulary.yaml": VOCABULARY.encode(), "rules.yaml": rules.encode()}
    return LoadedPack.of(compile_pack([Layer("loans", files)]))


SITUATION = """
as_of: 2026-11-05
applicants:
  a: {income: 1000, debts: 350.00, n: 7, rate: 0.0649, tenth: 0.5}
  b:
    {income: 1000.00, debts: 350.01, n: -7, rate: 0.07, tenth: 2.5, events: [
      {date: 2026-11-01, event: paid, amount: 0.10}, {date: 2026-11-02, event: paid, amount: 0.20}]}
  c: {income: 1250.50, debts: "0.00", n: 0, rate: "1", tenth: -2.5}
  d: {}
"""


@pytest.mark.parametrize("matcher", MATCHERS)
@pytest.mark.parametrize(
    ("when", "which"),
    [
        ("[applicant: {income: $i, debts: $d}, where: '$d more than 35% of $i']", "b"),
        ("[applicant: {income: $i, debts: $d}, where: '$d at most max_ratio * $i']", "ac"),
        ("[applicant: {income: at least min_income}]", "c"),
        ("[applicant: {income: between 1000 and 1250.49}]", "ab"),
        ("[applicant: {debts: [350.00, 0]}]", "ac"),
        ("[applicant: {income: $i, debts: $d}, where: '$i / $d rounded down to 2 places is 2.85']", "ab"),
        ("[applicant: {income: $i, debts: $d}, where: '$i / $d rounded up to 2 places is 2.86']", "ab"),
        ("[applicant: {debts: $d}, where: '$d is 0 or 1 / $d rounded up more than 0']", "abc"),
        ("[applicant: {tenth: $t}, where: '$t rounded half up is 3']", "b"),
        ("[applicant: {tenth: $t}, where: '$t rounded half even is 2']", "b"),
        ("[applicant: {tenth: $t}, where: '$t rounded half even is 0']", "a"),
        ("[applicant: {tenth: $t}, where: '$t rounded half up is -3']", "c"),
        ("[applicant: {n: $n}, where: 'remainder of $n / 4 is 3 or remainder of $n / 4 is -3']", "ab"),
        ("[applicant: {n: $n, tenth: $t}, where: '$n more than $t']", "ac"),
        ("[applicant: {rate: $r}, where: '$r * 100 between 6.5 and 7']", "b"),
        ("[applicant: {rate: $r, tenth: $t}, where: 'later of ($r, $t) is 2.5']", "b"),
        ("[applicant, sum paid.amount as $s, where: '$s is 0.3']", "b"),
        ("[applicant, sum paid.amount as $s, where: '$s / 3 rounded half up to 4 places is 0.1']", "b"),
        ("[applicant: {income: $i}, no applicant: {applicant: any, debts: more than $i}]", "abc"),
    ],
)  # fmt: skip
def test_what_it_means_in_every_matcher(when: str, which: str, matcher: str, tmp_path: Path) -> None:
    file = tmp_path / "situation.yaml"
    file.write_text(SITUATION)
    try:
        report = followcue.evaluate(file, _pack(when), matcher=matcher)
    except MatcherUnavailable as reason:
        pytest.skip(str(reason))
    assert {action.scope for action in report.actions} == set(which)


def test_a_conclusion_has_the_places_of_its_field(tmp_path: Path) -> None:
    part = "10% of $i rounded down to 2 places"
    head = f"conclude: {{risk: {{rate: $d / $i rounded half up to 4 places, part: {part}, n: $n}}}}"
    loaded = _pack("[applicant: {income: $i, debts: $d, n: $n}]", head)
    file = tmp_path / "situation.yaml"
    file.write_text(SITUATION)
    found = {c.scope: dict(c.fields) for c in followcue.evaluate(file, loaded).conclusions}
    assert found["b"] == {"rate": "0.3500", "part": "100.00", "n": -7}
    assert found["c"] == {"rate": "0.0000", "part": "125.05", "n": 0}


NUMBERS = st.integers(-(10**6), 10**6)
ROUNDINGS = {"down": ROUND_DOWN, "up": ROUND_UP, "half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN}


@given(NUMBERS, NUMBERS.filter(bool), st.sampled_from(sorted(ROUNDINGS)))
def test_quotients_are_those_of_decimal_arithmetic(left: int, right: int, how: str) -> None:
    exact = (Decimal(left) / Decimal(right)).quantize(Decimal(1), ROUNDINGS[how])
    assert quotient(how, left, right) == int(exact)
    assert quotient("remainder", left, right) == left - right * quotient("down", left, right)
    assert quotient(how, left, 0) == 0


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(1, 6))
def test_what_is_written_is_read(units: int, places: int) -> None:
    written = format_decimal(units, places)
    assert parse_decimal(written, places) == units
    assert Decimal(written) == Decimal(units).scaleb(-places)


@pytest.mark.parametrize("text", ["12.345", "1e2", "1,250.50", "", ".5", "5.", "1" * 16, "inf", "- 1"])
def test_what_is_no_number_of_two_places(text: str) -> None:
    assert parse_decimal(text, 2) is None


@pytest.mark.parametrize(
    "given",
    [1250.50, "1250.5", Decimal("1250.50"), "1250.50"],
)
def test_numbers_of_a_program_are_read_from_their_digits(given: Any) -> None:
    loaded = _pack("[applicant: {income: at least min_income}]")
    report = followcue.evaluate({"applicants": {"a": {"income": given}}}, loaded, as_of=date(2026, 11, 5))
    assert len(report.actions) == 1


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1250.505", "FC342"),
        ("1,250.50", "FC344"),
        ("'1''250'", "FC344"),
        ("€ 1250.50", "FC344"),
        ("many", "FC501"),
        ("true", "FC501"),
        ("12.300000000000000001", "FC342"),
        ("1e3", "FC501"),
        ("99999999999999.99", "FC501"),
    ],
)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_refused_is_told_with_its_place(written: str, code: str, form: str, tmp_path: Path) -> None:
    loaded = _pack("[applicant: {income: at least min_income}]")
    file = tmp_path / f"situation.{form}"
    if form == "json":
        bare = written[0].isdigit() and "," not in written
        plain = written if bare else json.dumps(written.strip("'").replace("''", "'"))
        file.write_text(f'{{"applicants": {{"a": {{"income": {plain}}}}}}}')
        if written == "true":
            pytest.skip("it is text there")
    else:
        file.write_text(f"applicants:\n  a:\n    income: {written}\n")
    with pytest.raises(InvalidInput) as problems:
        followcue.evaluate(file, loaded, as_of=date(2026, 11, 5))
    (problem,) = problems.value.diagnostics
    assert problem.code == code
    assert problem.span is not None


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("1250.50", "1250.50"),
        ("35%", "0.35"),
        ("-0.5%", "-0.005"),
        ("35% of $x", "0.35 * $x"),
        ("$a / $b  rounded half  up to 2 places", "$a / $b rounded half up to 2 places"),
        ("($a + $b rounded down) * 2", "($a + $b rounded down) * 2"),
        ("remainder of ($a + 1) / 7", "remainder of ($a + 1) / 7"),
        ("$a - $b * ($c / 2 rounded up to 1 place)", "$a - $b * ($c / 2 rounded up to 1 place)"),
    ],
)
def test_how_it_is_printed(written: str, printed: str) -> None:
    assert spoken(parse_expression(written)) == printed
    assert spoken(parse_expression(printed)) == printed
    test = f"{printed} at least 1.5"
    assert spoken_test(parse_test(test)) == test


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("[applicant: {income: $i}, where: '$i / 2 more than 3']", "FC343"),
        ("[applicant: {income: $i}, where: '$i / 2 + 1 rounded down more than 3']", "FC343"),
        ("[applicant: {income: $i}, where: '$i / 0 rounded down more than 3']", "FC343"),
        ("[applicant: {income: 12.345}]", "FC342"),
        ("[applicant: {n: more than 1.5}]", "FC342"),
        ("[applicant: {income: $i, rate: $r}, where: '$i * $r * $r * $r is 1']", "FC342"),
        ("[applicant: {income: $x, n: $x}]", "FC303"),
        ("[applicant: {kind: $k}, where: '$k / 2 rounded down is 1']", "FC303"),
        ("[applicant: {income: $i}, where: '$i is 1.1234567']", "FC342"),
        ("[applicant: {income: $i}, where: '$i more than 1,250.50']", "`1250.50`"),
    ],
)
def test_mistakes_of_authors(when: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        _pack(when)


@pytest.mark.parametrize(
    "when",
    [
        "[applicant: {income: between 12.25 and 12.30}]",
        "[applicant: {income: $i, debts: $d}, where: '$d more than 35% of $i and $i at least 100.10']",
        "[applicant: {n: $n, tenth: $t}, where: '$n more than $t and $t at least 2.5']",
        "[applicant, sum paid.amount as $s, where: '$s more than 0.3']",
        "[applicant: {income: $i, debts: $d}, where: '$i / $d rounded down to 2 places is 2.85']",
    ],
)
def test_a_situation_is_made_for_it(when: str) -> None:
    assert situation_for(_pack(when), "r0") is not None
