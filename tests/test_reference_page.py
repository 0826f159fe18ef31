"""docs/reference.md is what the schemas and the grammar make it, and the language page shows every form."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import pytest

import test_language_page as language
from fenced import blocks
from followcue import InvalidInput
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.documents.schema_check import load_schema
from followcue.language.model import phrase
from followcue.language.model.read_vocabulary import read_vocabulary
from reference_page import (
    GROUPS,
    REFERENCE,
    STARTS,
    TERMINALS,
    Alternative,
    Use,
    alternatives,
    examples_of,
    grammar_terminals,
    page,
    uses,
)


@cache
def phrases() -> Mapping[str, tuple[str, ...]]:
    """The phrases of the examples of the language page, those that are a mistake among them."""
    read: dict[str, dict[str, None]] = {start: {} for start in STARTS}
    original = phrase._parse

    def recording(start: str, text: str) -> Any:
        read[start][text] = None
        return original(start, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phrase, "_parse", recording)
        for _, _, texts in language.EXAMPLES:
            with suppress(InvalidInput):
                language.compiled(texts)
    return {start: tuple(texts) for start, texts in read.items()}


def test_the_page_is_what_schemas_and_grammar_make_it(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--rebaseline"):
        REFERENCE.write_text(page(phrases()), "utf-8")
    assert REFERENCE.read_text("utf-8") == page(phrases()), "pytest tests/test_reference_page.py --rebaseline"


@cache
def found() -> list[Use]:
    return uses(phrases())


@pytest.mark.parametrize("form", alternatives(), ids=lambda form: f"{form.rule}: {form.written}")
def test_the_language_page_shows_every_form(form: Alternative) -> None:
    assert examples_of(form, found()), "no example of docs/language.md that is run has a phrase of this form"
    shown = frozenset(token for use in found() if use.node == form.node for token in use.tokens)
    assert form.tokens <= shown, "no example has these words, which may be left out"


def test_every_part_of_the_grammar_has_its_place() -> None:
    assert {form.rule for form in alternatives()} == {rule for rules in GROUPS.values() for rule in rules}


def test_terminals_are_written_as_the_grammar_takes_them() -> None:
    patterns = grammar_terminals()
    assert patterns.keys() == TERMINALS.keys()
    for name, pattern in patterns.items():
        found = [re.match(pattern, TERMINALS[name] + after) for after in (" (", "1", " on or after $day")]
        assert TERMINALS[name] in [match[0] for match in found if match], name


# --- defaults
def _filled(data: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[None]:
    """Writes every default where its key was left out; one step for each."""
    schema = {**root["$defs"].get(str(schema.get("$ref", "")).rpartition("/")[2], {}), **schema}
    if not isinstance(data, dict):
        return
    for key, inner in schema.get("properties", {}).items():
        if key in data:
            yield from _filled(data[key], inner, root)
        elif "default" in inner:
            data[key] = inner["default"]
            yield
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        for key, value in data.items():
            if key not in schema.get("properties", {}):
                yield from _filled(value, others, root)


def test_a_default_means_what_leaving_it_out_means() -> None:
    text = next(block.text for block in blocks(language.PAGE) if block.label == "yaml vocabulary")
    plain = read_document(text, "vocabulary.yaml").data
    plain["messages"] = {"mail": {"says": "Write to {person}"}}
    for action in plain["actions"].values():
        action["message"] = "mail"  # only messages may be alone, ride or speak
    filled = copy.deepcopy(plain)
    root = load_schema("vocabulary")
    written = sum(1 for _ in _filled(filled, root, root))
    assert written >= 30
    kept, told = (read_vocabulary([[Document.of(data, "vocabulary.yaml")]]) for data in (plain, filled))
    assert kept == told, told[1]
    assert kept[0] is not None
