"""What is offered while one types: what a language server for YAML offers by the same schema, and more."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fenced import blocks
from followcue.authoring.editor.pack_names import PackNames, names_in_layers
from followcue.authoring.editor.schemas import SCHEMAS
from followcue.language.documents.lines import line_starts
from followcue.language.logic.compile_pack import Layer
from followcue.session.completion import completions

ROOT = Path(__file__).parents[1]
EXCHANGE = json.loads((ROOT / "tests" / "language_server" / "exchange.json").read_text("utf-8"))
QUESTIONS = [name for name, said in EXCHANGE["asked"].items() if "offers" in said["reply"]]
HERE = "▮"

SKELETONS = {"event-lent", "lent", "property"}
"""Whole mappings that the server for YAML offers beside their keys."""

LIBRARY = next(
    block.text for block in blocks(ROOT / "docs" / "language.md") if block.label == "yaml vocabulary"
)
RULES = """\
rules:
  remind-of-late-book: {title: Remind the reader, when: [lent], recommend: {action: remind}}
"""


@pytest.fixture(scope="module")
def names() -> PackNames:
    files = {"vocabulary.yaml": LIBRARY.encode(), "rules.yaml": RULES.encode()}
    return names_in_layers([Layer("library", files)])


def offered(marked: str, kind: str, names: PackNames) -> dict[str, str]:
    """The text after each offer is taken, on its line, and what the offer says."""
    before = marked[: marked.index(HERE)]
    line = len(line_starts(before)) - 1
    column = len(before) - line_starts(before)[-1] + 1
    reckoned = {"grace": "How long nobody is bothered."}
    text = marked.replace(HERE, "")
    found = completions(text, line + 1, column, "x.yaml", SCHEMAS[kind](names), reckoned)
    typed = before[line_starts(before)[-1] :]
    return {typed[: offer.start - 1] + offer.text: offer.says for offer in found}


@pytest.mark.parametrize("question", QUESTIONS)
def test_as_much_is_offered_as_by_a_server_for_yaml(question: str, names: PackNames) -> None:
    asked = EXCHANGE["asked"][question]
    lines, position = asked["request"]["text"], asked["request"]["position"]
    kind = re.search(r"/(\w+)\.schema", lines[0])
    assert kind
    found = completions(
        "\n".join(lines).replace(HERE, ""),
        position["line"] + 1,
        position["character"] + 1,
        "x.yaml",
        SCHEMAS[kind[1]](names),
        {},
    )
    offers = {offer.text: offer.says for offer in found}
    typed = re.split("- |: |^ +", lines[position["line"]][: position["character"]])[-1]
    wanted = {name: says for name, says in asked["reply"]["offers"].items() if name.startswith(typed)}
    assert wanted
    for name, says in wanted.items():
        if name not in SKELETONS:
            assert offers[name] == says


IN_A_RULE = "rules:\n  mine:\n    "


@pytest.mark.parametrize(
    ("marked", "kind", "line"),
    [
        # values that are phrases: the word that is being typed
        (IN_A_RULE + "recommend: {action: remind, open: $day + gr▮}", "rules", "open: $day + grace"),
        (IN_A_RULE + "recommend: {action: remind, open: ▮", "rules", "open: today"),
        # lists and mappings in brackets, closed or not
        (IN_A_RULE + "when: [no re▮]", "rules", "when: [no returned"),
        (IN_A_RULE + "when: [no re▮", "rules", "when: [no returned"),
        (IN_A_RULE + "when: [lent: {▮", "rules", "when: [lent: {until"),
        (IN_A_RULE + "recommend: {act▮", "rules", "recommend: {action"),
        # a key between others, and before lines that go wrong
        (IN_A_RULE + "title: A\n    wh▮\n    recommend: {action: remind}", "rules", "    when"),
        (IN_A_RULE + "re▮\n  other: [", "rules", "    recommend"),
        ("ru▮", "rules", "rules"),
        # in quotes
        (IN_A_RULE + 'when: ["no re▮"]', "rules", 'when: ["no returned'),
        ("loans:\n  a:\n    events:\n      - {date: 2026-01-01, event: le▮}", "situation", "event: lent"),
    ],
)
def test_the_word_under_the_cursor_is_completed(marked: str, kind: str, line: str, names: PackNames) -> None:
    found = offered(marked, kind, names)
    assert any(text.strip().endswith(line.strip()) for text in found), sorted(found)[:40]


@pytest.mark.parametrize("marked", ["# ru▮", "rules: [1, 2]: ▮", "rules: ]▮", "# a\u2028\nru▮"])
def test_nothing_is_offered_where_nothing_can_be_meant(marked: str, names: PackNames) -> None:
    assert offered(marked, "rules", names) == {}


def test_keys_that_are_there_are_not_offered_again(names: PackNames) -> None:
    found = offered(IN_A_RULE + "title: A\n    ▮", "rules", names)
    assert "    when" in found
    assert "    title" not in found


def test_half_written_texts_break_nothing(names: PackNames) -> None:
    text = (
        IN_A_RULE + 'when: [lent: {until: "$day"}, no returned]\n    recommend: {action: wait, open: $day}\n'
    )
    text = "# 🙂\u2028\n" + text
    for at in range(0, len(text), 9):
        for rest in ("", text[at:], "\t[\n- }"):
            offered(text[:at] + HERE + rest, "rules", names)
