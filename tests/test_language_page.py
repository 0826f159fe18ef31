"""Every example in docs/language.md does what the page says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fenced import Block, blocks, rewrite
from followcue import InvalidInput
from followcue.evaluation.advice.advise import Advisor
from followcue.evaluation.match.protocol import Environment, MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS, matcher
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.language.documents.read import read_document
from followcue.language.logic.compile_pack import CompiledPack, Layer, compile_pack

PAGE = Path(__file__).parent.parent / "docs" / "language.md"


def examples() -> Iterator[tuple[int, Block, dict[str, Any]]]:
    """Each expected answer with its number and the blocks that lead to it."""
    seen: dict[str, Any] = {}
    for number, block in enumerate(blocks(PAGE)):
        kind = block.label.split()[-1] if block.label else ""
        if kind == "rules":
            seen = {"vocabulary": seen["vocabulary"], "rules": block.text}
        elif kind in ("vocabulary", "layer", "situation"):
            seen[kind] = block.text
        elif kind in ("report", "error"):
            yield number, block, dict(seen)


EXAMPLES = list(examples())


def compiled(texts: dict[str, Any]) -> CompiledPack:
    base = {"vocabulary.yaml": texts["vocabulary"].encode(), "rules.yaml": texts["rules"].encode()}
    layers = [Layer("library", base)]
    if "layer" in texts:
        layers.append(Layer("mine", {"rules.yaml": texts["layer"].encode()}, "mine/"))
    return compile_pack(layers)


def answer(texts: dict[str, Any], matcher_name: str) -> str:
    """The report in short lines, or the mistakes."""
    try:
        pack = compiled(texts)
    except InvalidInput as error:
        return f"{error}\n"
    document = read_document(texts["situation"], "situation.yaml")
    situation = SituationReader(pack.pack.vocabulary).read(
        document, today=lambda zone: pytest.fail("no clock")
    )
    environment = Environment(situation.as_of, situation.parameters)
    derivations = matcher(matcher_name)(pack.program).run(situation.facts, environment)
    report = Advisor(pack.pack).advise(situation, derivations).to_dict()
    titles = {kind.name: kind.title for kind in pack.pack.vocabulary.actions.values()}
    lines = [short(a, "caution", titles) for a in report["cautions"]] + [
        short(a, a["status"], titles) for a in report["actions"]
    ]
    lines += [
        f"concluded: {c['fact']} {c['loan'] or ''} {fields(c['fields'])}" for c in report["conclusions"]
    ]
    return "".join(" ".join(line.split()) + "\n" for line in lines + report["warnings"]) or "nothing to do\n"


def short(action: dict[str, Any], status: str, titles: Mapping[str, str]) -> str:
    parts = [f"{status}: {action['action']}", action["loan"] or ""]
    parts += [
        f"{key} {action[key]}" for key in ("to", "about", "open", "due", "close", "until") if action[key]
    ]
    parts += [f"{key}: {'; '.join(action[key])}" for key in ("do", "avoid") if action[key]]
    return " ".join(parts)


def fields(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())


def test_page_has_examples() -> None:
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize("name", MATCHERS)
@pytest.mark.parametrize(
    ("number", "block", "texts"), EXAMPLES, ids=[f"line{b.line}" for _, b, _ in EXAMPLES]
)
def test_example(
    number: int, block: Block, texts: dict[str, Any], name: str, request: pytest.FixtureRequest
) -> None:
    try:
        got = answer(texts, name)
    except MatcherUnavailable as error:
        pytest.skip(str(error))
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, {number: got})
    else:
        assert got == block.text


MEMBERS = """\
rules:
  seen-by-two:
    title: Ask the other one
    when:
      - damaged: {seen_by: $reader and not $other}
      - reader: {id: $other, name: Bob}
    recommend: {action: phone, to: $reader}
  seen-by-nobody:
    title: Look at it
    when:
      - damaged: {seen_by: absent}
    recommend: {action: count_books}
"""
DAMAGED = """\
as_of: 2026-03-20
loans:
  emma:
    book: Emma
    readers: {a: {name: Ann}, b: {name: Bob}, c: {name: Cid}}
    events:
      - {date: 2026-02-20, event: damaged, seen_by: [a, b]}
  dune:
    book: Dune
    events:
      - {date: 2026-02-20, event: damaged}
"""


@pytest.mark.parametrize("name", ["reference", "compiled"])
def test_two_demands_on_a_list_speak_of_one_member(name: str) -> None:
    texts = {"vocabulary": EXAMPLES[0][2]["vocabulary"], "rules": MEMBERS, "situation": DAMAGED}
    assert answer(texts, name) == "due: count_books dune\ndue: phone emma to a\n"


LATE = """\
rules:
  lent-again-after-the-last-reminder:
    title: Ask for the book anew
    when:
      - max reminded.date as $last
      - lent: {date: after $last and before $last + 10 days, to: $reader}
    recommend: {action: remind, to: $reader}
"""
LENT = """\
as_of: 2026-03-20
loans:
  emma:
    book: Emma
    readers: {a: {name: Ann}, b: {name: Bob}, c: {name: Cid}}
    events:
      - {date: 2026-02-20, event: lent, to: a}
      - {date: 2026-02-21, event: reminded, to: a}
      - {date: 2026-02-22, event: lent, to: b}
      - {date: 2026-03-22, event: lent, to: c}
"""


@pytest.mark.parametrize("name", MATCHERS)
def test_a_plain_condition_may_compare_with_what_is_computed(name: str) -> None:
    texts = {"vocabulary": EXAMPLES[0][2]["vocabulary"], "rules": LATE, "situation": LENT}
    try:
        got = answer(texts, name)
    except MatcherUnavailable as error:
        pytest.skip(str(error))
    assert "due: remind emma to b\n" in got
    assert "to a" not in got
