"""Rules as their author writes them mean the same to all matchers, in whatever order, and as written out."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fenced import blocks
from followcue import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.base.rows import Row
from followcue.evaluation.match.protocol import Derivation, Environment, MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS, matcher
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.language.documents.read import read_document
from followcue.language.logic.compile_pack import CompiledPack, Layer, compile_pack, compile_rules
from followcue.language.model.pack import is_helper
from followcue.language.model.read_rules import read_rules
from generated_rules import NOTED, NOTES, rules, situations
from test_language_page import PAGE

LIBRARY = next(block.text for block in blocks(PAGE) if block.label == "yaml vocabulary")
SLOW = "relational"
LARGE = int(os.environ.get("FOLLOWCUE_PROGRAMS", "20000"))
USUAL = settings(max_examples=60, derandomize=True, database=None, deadline=None)
AT_LENGTH = settings(
    max_examples=LARGE, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)

Concluded = frozenset[tuple[str, Row]]


@cache
def library() -> CompiledPack:
    """The words of the library alone: to read them takes longer than a few rules."""
    vocabulary = LIBRARY.replace("conclusions:\n", NOTES, 1).encode()
    return compile_pack([Layer("library", {"vocabulary.yaml": vocabulary})])


def compiled(text: str) -> CompiledPack:
    words = library().pack
    file, problems = read_rules(read_document(text, "rules.yaml"), words.vocabulary)
    if problems:
        raise InvalidInput(problems)
    return compile_rules(file.rules, words.vocabulary, words)


def written(made: dict[str, Any]) -> str:
    return "rules:\n" + NOTED + "".join(f"  {name}: {json.dumps(rule)}\n" for name, rule in made.items())


def derived(pack: CompiledPack, situation: dict[str, Any], name: str) -> list[Derivation]:
    document = read_document(json.dumps(situation), "situation.yaml")
    read = SituationReader(pack.pack.vocabulary).read(document, today=lambda zone: pytest.fail("no clock"))
    return list(matcher(name)(pack.program).run(read.facts, Environment(read.as_of, read.parameters)))


def concluded(pack: CompiledPack, found: list[Derivation]) -> Concluded:
    rows = ((pack.program.clauses[one.clause].head.relation, one.row) for one in found)
    return frozenset(row for row in rows if not is_helper(row[0]))


def unordered(found: list[Derivation]) -> set[tuple[Any, ...]]:
    return {(one.clause, one.row, one.body, tuple(map(frozenset, one.grouped))) for one in found}


def loaded(made: dict[str, Any]) -> CompiledPack:
    try:
        return compiled(written(made))
    except InvalidInput:
        assume(False)
        raise


def check_agreement(name: str, made: dict[str, Any], situation: dict[str, Any]) -> None:
    pack = loaded(made)
    try:
        expected = derived(pack, situation, "reference")
        assert unordered(derived(pack, situation, name)) == unordered(expected)
    except (LimitExceeded, MatcherUnavailable):
        return


def check_order(made: dict[str, Any], situation: dict[str, Any], shuffle: Any) -> None:
    pack = loaded(made)
    other = loaded(
        {name: {**rule, "when": shuffle(rule["when"])} for name, rule in reversed(list(made.items()))}
    )
    found = (concluded(one, derived(one, situation, "compiled")) for one in (pack, other))
    assert len(set(found)) == 1


@pytest.mark.parametrize("name", sorted({*MATCHERS} - {"reference", SLOW}))
@settings(USUAL)
@given(made=rules(), situation=situations())
def test_matchers_agree_on_rules(name: str, made: dict[str, Any], situation: dict[str, Any]) -> None:
    check_agreement(name, made, situation)


@settings(USUAL, max_examples=15)
@given(made=rules(), situation=situations())
def test_the_slow_matcher_agrees_on_rules(made: dict[str, Any], situation: dict[str, Any]) -> None:
    check_agreement(SLOW, made, situation)


@pytest.mark.slow
@settings(USUAL)
@given(made=rules(), situation=situations(), random=st.randoms(use_true_random=False))
def test_the_order_of_conditions_never_matters(
    made: dict[str, Any], situation: dict[str, Any], random: Any
) -> None:
    check_order(made, situation, lambda when: random.sample(when, len(when)))


@pytest.mark.large
@pytest.mark.parametrize("name", sorted({*MATCHERS} - {"reference"}))
@AT_LENGTH
@given(made=rules(), situation=situations())
def test_matchers_agree_on_many_rules(name: str, made: dict[str, Any], situation: dict[str, Any]) -> None:
    check_agreement(name, made, situation)


@pytest.mark.large
@AT_LENGTH
@given(made=rules(), situation=situations(), random=st.randoms(use_true_random=False))
def test_the_order_of_conditions_never_matters_in_many_rules(
    made: dict[str, Any], situation: dict[str, Any], random: Any
) -> None:
    check_order(made, situation, lambda when: random.sample(when, len(when)))


WRITTEN_OUT = {
    "a reckoned value": (
        """
  one:
    when: [where: $y is $x + grace, where: $x is $u - 1 day, lent: {until: $u}, no reminded: {date: after $y}]
    conclude: [due_back: {day: $y}, back]
""",
        """
  one:
    when: [lent: {until: $u}, no reminded: {date: after $u - 1 day + grace}]
    conclude: {due_back: {day: $u - 1 day + grace}}
  two:
    when: [lent: {until: $u}, no reminded: {date: after $u - 1 day + grace}]
    conclude: back
""",
    ),
    "every and has": (
        """
  one:
    when:
      - every lent: {to: $r, until: $u}
        has: [reminded: {to: $r, date: $d}, where: $d after $u, no returned: {date: before $d}]
    conclude: back
""",
        """
  reminded-late:
    when:
      - lent: {to: $r, until: $u}
      - reminded: {to: $r, date: $d}
      - where: $d after $u
      - no returned: {date: before $d}
    conclude: {late: {reader: $r, day: $u}}
  not-reminded-late:
    when: [lent: {to: $r, until: $u}, no late: {reader: $r, day: $u}]
    conclude: {never_late: {}}
  one:
    when: [no never_late]
    conclude: back
""",
    ),
    "a count for each": (
        """
  one:
    when:
      - count as $n for each $r: [lent: {to: $r}, damaged: {costs: $c}, where: $c at least 2]
    conclude: {reminders: {n: $n}}
""",
        """
  way:
    when: [lent: {to: $r, at: $a}, damaged: {at: $b, costs: at least 2}]
    conclude: {way: {reader: $r, lent: $a, damaged: $b}}
  one:
    when: [way: {reader: $r}, count way as $n: {reader: $r}]
    conclude: {reminders: {n: $n}}
""",
    ),
    "a sum of something reckoned": (
        """
  one:
    when:
      - loan: {value: $v}
      - sum of $c * 2 + $v as $n: {damaged: {costs: $c}}
    conclude: {reminders: {n: $n}}
""",
        """
  each:
    when: [loan: {value: $v}, damaged: {costs: $c, at: $b}]
    conclude: {cost: {n: $c * 2 + $v, damaged: $b}}
  one:
    when: [loan: {value: present}, sum cost.n as $n]
    conclude: {reminders: {n: $n}}
""",
    ),
    "an extreme compared with the rule around": (
        """
  one:
    when:
      - lent: {to: $r, until: $u}
      - max of $d - $u as $late: [reminded: {to: $r, date: $d}, no returned: {date: before $u}]
      - where: $late more than 2 days
    conclude: {not_reminded: {reader: $r}}
""",
        """
  one:
    when:
      - lent: {to: $r, until: $u}
      - no returned: {date: before $u}
      - max reminded.date as $d: {to: $r}
      - where: $d - $u more than 2 days
    conclude: {not_reminded: {reader: $r}}
""",
    ),
}
WORDS = """conclusions:
  late: {says: Reminded late., fields: {reader: reader, day: date}}
  never_late: {says: Not reminded late.}
  way: {says: A way., fields: {reader: reader, lent: moment, damaged: moment}}
  cost: {says: A cost., fields: {n: number, damaged: moment}}
"""
SHOWN = ("back", "due_back", "reminders", "not_reminded")


@pytest.mark.parametrize("what", WRITTEN_OUT)
@settings(USUAL)
@given(situation=situations())
def test_it_means_the_same_as_written_out(what: str, situation: dict[str, Any]) -> None:
    vocabulary = LIBRARY.replace("conclusions:\n", WORDS, 1).encode()
    found = []
    for text in WRITTEN_OUT[what]:
        files = {"vocabulary.yaml": vocabulary, "rules.yaml": f"rules:{text}".encode()}
        pack = compile_pack([Layer("library", files)])
        rows = concluded(pack, derived(pack, situation, "compiled"))
        found.append({row for row in rows if row[0] in SHOWN})
    assert found[0] == found[1]
