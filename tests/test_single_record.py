"""A record of which there is at most one: read, told as a stream, written, described to editors."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from followcue import cli
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.situation.read_situation import SituationReader
from followcue.evaluation.situation.records import situations_from_records
from followcue.evaluation.situation.situation import Situation
from followcue.evaluation.situation.situation_schema import situation_schema
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.model.read_vocabulary import read_vocabulary
from followcue.language.model.vocabulary import Vocabulary

WORDS = """\
situation:
  scope: loan
  whole: library
  records:
    loan: {in: loans, fields: {book: text, only: list of reader}}
    reader: {in: loans.readers, fields: {name: text}}
    librarian: {in: librarian, single: true, fields: {name: text, new: boolean}, require: [name]}
  events: [loans.events]
"""


def vocabulary() -> Vocabulary:
    made, problems = read_vocabulary([[read_document(WORDS, "words.yaml")]])
    assert made is not None, problems
    return made


def read(data: dict[str, Any]) -> Situation:
    reader = SituationReader(vocabulary())
    return reader.read(Document.of({"loans": {}, **data}), today=lambda zone: date(2026, 3, 1))


def mistakes(data: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        read(data)
    return [f"{d.where} {d.code}" for d in raised.value.diagnostics]


def test_it_is_a_row_without_a_key() -> None:
    assert read({"librarian": {"name": "Ada", "new": True}}).facts["librarian"] == [("Ada", True)]
    assert "librarian" not in read({}).facts
    assert "librarian" not in read({"librarian": None}).facts


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ada", "librarian FC501"),
        ({"name": "Ada", "old": True}, "librarian.old FC502"),
        ({"new": False}, "librarian FC503"),
        ({"name": "Ada", "new": "perhaps"}, "librarian.new FC501"),
    ],
)
def test_what_is_wrong_in_it_is_told_with_its_place(written: object, said: str) -> None:
    assert mistakes({"librarian": written}) == [said]


def test_the_fields_of_a_record_may_name_the_records_inside_it() -> None:
    loans = {"emma": {"only": ["ann"], "readers": {"ann": {"name": "Ann"}}}}
    assert read({"loans": loans}).facts["loan.only"] == [("emma", None, "ann")]
    assert mistakes({"loans": {"emma": {"only": ["ann"], "readers": {}}}}) == ["loans.emma.only[0] FC505"]
    assert mistakes({"loans": {"emma": {"only": ["ann"]}, "dune": {"readers": {"ann": {}}}}}) == [
        "loans.emma.only[0] FC505"
    ]


def test_in_a_stream_it_is_a_record_that_needs_no_key() -> None:
    record = {"situation": "s", "event": "librarian", "name": "Ada"}
    ((_, data),) = situations_from_records([record], vocabulary())
    assert data == {"loans": {}, "librarian": {"name": "Ada"}}
    with pytest.raises(InvalidInput, match="the librarian is declared twice"):
        situations_from_records([record, record], vocabulary())


def test_the_schema_says_the_same() -> None:
    validator = Draft202012Validator(situation_schema(vocabulary()))
    assert validator.is_valid({"loans": {}, "librarian": {"name": "Ada"}})
    assert not validator.is_valid({"loans": {}, "librarian": {"ada": {"name": "Ada"}}})


def test_it_is_no_type_and_its_field_is_no_name_to_show() -> None:
    assert "librarian" not in vocabulary().types
    assert read({"librarian": {"name": "Ada"}}).names == {}


def test_a_journal_takes_it_once(tmp_path: Path) -> None:
    search = tmp_path / "search.yaml"
    search.write_text("as_of: 2026-03-01\napplications: {}\n")
    command = ["add", str(search), "person", "name=Sam Lee", "confidential=true"]
    assert CliRunner().invoke(cli.main, command).exit_code == 0
    assert "person:\n  name: Sam Lee\n  confidential: true\n" in search.read_text()
    again = CliRunner().invoke(cli.main, command)
    assert again.exit_code == 3
    assert "there is a person already" in again.output
