"""Whatever is done to a pack's text, loading it ends in a pack or in located mistakes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fenced import blocks
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.match.compiled import CompiledMatcher
from followcue.evaluation.match.protocol import Environment
from followcue.language.logic.compile_pack import Layer, compile_pack

PAGE = Path(__file__).parents[1] / "docs" / "language.md"
VOCABULARY = next(block.text for block in blocks(PAGE) if block.label.endswith("vocabulary"))
RULES = [block.text for block in blocks(PAGE) if block.label.endswith("rules")]
SHARDS = [
    "$day",
    "no ",
    "newest ",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "\t",
    "\n",
    "  ",
    "9" * 30,
]
SHARDS += [
    "count lent as $n",
    "any of:",
    "where:",
    "later of (",
    "\x00",
    "é",
    "\U0001f600",
    "true",
    "null",
    "2026-02-30",
    "-",
]

Edit = tuple[float, int, str]
edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 25), st.sampled_from(SHARDS) | st.text(max_size=4)),
    min_size=1,
    max_size=4,
)


def mutated(text: str, changes: list[Edit]) -> bytes:
    """The text with some slices cut out and others put in."""
    for place, length, piece in changes:
        start = int(place * len(text))
        text = text[:start] + piece + text[start + length :]
    return text.encode("utf-8", "surrogatepass")


def load(vocabulary: bytes, rules: bytes) -> None:
    """Loads a pack and readies its matcher; mistakes must have a place, a code and words."""
    try:
        program = compile_pack([Layer("p", {"vocabulary.yaml": vocabulary, "rules.yaml": rules})]).program
    except InvalidInput as error:
        found = error.diagnostics
    else:
        CompiledMatcher(program).run({}, environment())
        return
    assert found
    for diagnostic in found:
        assert diagnostic.code.startswith("FC")
        assert diagnostic.message
        assert diagnostic.span or diagnostic.place


def environment() -> Environment:

    return Environment(740_000, {"profile": "friendly", "grace": 3, "max_reminders": 2})


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(RULES), edits)
def test_mutated_rules(rules: str, changes: list[Edit]) -> None:
    load(VOCABULARY.encode(), mutated(rules, changes))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits)
def test_mutated_vocabulary(changes: list[Edit]) -> None:
    load(mutated(VOCABULARY, changes), RULES[0].encode())
