"""What is said where a library that an extra brings is not installed."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from followcue import cli
from followcue.base.extras import LibraryMissing
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.relational import RelationalMatcher
from followcue.language.logic.program import Program

HOW = "pip install 'followcue[tables]'"


@pytest.mark.parametrize("library", ["duckdb", "pyarrow"])
def test_a_matcher_that_cannot_run_says_so(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MatcherUnavailable) as refused:
        RelationalMatcher(Program({}, (), ()))
    assert str(refused.value) == f"the relational matcher needs {library}: {HOW}"


def test_a_batch_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    given = tmp_path / "in.jsonl"
    given.write_text("{}\n")
    result = CliRunner().invoke(
        cli.main, ["batch", str(given), "-o", str(tmp_path / "out"), "--workers", "1"]
    )
    assert result.exit_code == 2
    assert f"this needs duckdb: {HOW}" in result.stderr


def test_it_goes_from_process_to_process() -> None:
    missing = LibraryMissing("duckdb", "tables")
    assert str(pickle.loads(pickle.dumps(missing))) == str(missing) == f"this needs duckdb: {HOW}"
