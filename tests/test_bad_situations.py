"""Every mistake that a situation can hold, one a file, with the exact words that its author reads."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from shipped import shipped_vocabulary

from followcue.diagnostic import InvalidInput
from followcue.situation.read import SituationReader
from followcue.source.read import read_document

FOLDER = Path(__file__).parent / "cases" / "bad" / "situation"
CASES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".yaml", ".json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_bad_situation(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.with_suffix(".expected")
    said = mistakes_of(path)
    if request.config.getoption("--rebaseline", default=False):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def mistakes_of(path: Path) -> str:
    reader = SituationReader(shipped_vocabulary())
    document = read_document(path.read_bytes(), path.name)
    with pytest.raises(InvalidInput) as raised:
        reader.read(document, today=lambda zone: date(2026, 11, 21))
    return f"{raised.value}\n"
