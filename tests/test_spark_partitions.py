"""What an executor does with a partition, without a Spark: bounded memory, the same rules, nothing left."""

from __future__ import annotations

import gc
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from followcue import spark
from followcue.base.limits import Limits
from followcue.batch.settings import Settings
from followcue.spark import OtherRules, _Shipped

pyarrow = pytest.importorskip("pyarrow", reason="the extra `tables` is not installed")

SCHEMA = pyarrow.schema(
    [("situation", pyarrow.string()), ("n", pyarrow.int64()), ("record", pyarrow.string())]
)
SETTINGS = Settings(today=date(2026, 11, 21))


@pytest.fixture
def shipped() -> _Shipped:
    return _Shipped.of([], SETTINGS)


def lines_of(name: str | None, first: int = 1, notes: int = 0) -> list[tuple[str | None, int, str]]:
    """The rows of a situation with an interview."""
    records: list[dict[str, Any]] = [
        {"event": "application", "id": "acme", "company": "Acme"},
        {"event": "contact", "application": "acme", "id": "dana", "name": "Dana Ruiz", "role": "recruiter"},
        {"event": "interview", "application": "acme", "date": "2026-11-20", "with": "dana"},
    ]
    records += [{"event": "note", "application": "acme", "date": "2026-11-20"} for _ in range(notes)]
    rows = [json.dumps({"situation": name, **record}) for record in records]
    return [(name, n, row) for n, row in enumerate(rows, first)]


def batches(rows: list[tuple[str | None, int, str]], size: int) -> Iterator[Any]:
    for start in range(0, len(rows), size):
        columns = [list(column) for column in zip(*rows[start : start + size], strict=True)]
        yield pyarrow.record_batch(columns, schema=SCHEMA)


def judged(shipped: _Shipped, rows: list[tuple[str | None, int, str]], size: int = 2) -> list[dict[str, Any]]:
    return [row for batch in shipped.judged(batches(rows, size)) for row in batch.to_pylist()]


def test_situations_may_span_batches(shipped: _Shipped) -> None:
    rows = [*lines_of("u1"), *lines_of("u2"), *lines_of("u3")]
    whole = judged(shipped, rows, len(rows))
    assert {row["situation"] for row in whole} == {"u1", "u2", "u3"}
    assert all(judged(shipped, rows, size) == whole for size in (1, 2, 4))


def test_no_more_is_read_than_is_judged_next(shipped: _Shipped, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came of the first situations is there before the last ones are read."""
    monkeypatch.setattr(spark, "_SITUATIONS", 3)
    read = 0

    def counted() -> Iterator[Any]:
        nonlocal read
        for batch in batches([row for n in range(30) for row in lines_of(f"u{n:02}")], 3):
            read += 1
            yield batch

    seen = [read for _ in shipped.judged(counted())]
    assert seen == [*range(4, 31, 3), 30]


def test_long_situations_are_judged_in_smaller_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "_BYTES", 1_000)
    rows = [row for n in range(20) for row in lines_of(f"u{n:02}")]
    blocks = list(spark._blocks(spark._groups(batches(rows, 7), 10_000)))
    assert {len(block) for block in blocks} == {4}
    assert [group.name for block in blocks for group in block] == [f"u{n:02}" for n in range(20)]


def test_a_situation_without_end_is_not_held_whole(shipped: _Shipped) -> None:
    """It is refused with the words with which it would be refused as a whole."""
    limited = _Shipped.of([], SETTINGS._replace(limits=Limits(size=2_000)))
    rows = [*lines_of("u1"), *lines_of("u2", notes=2_000), *lines_of("u3")]
    (held,) = (group for group in spark._groups(batches(rows, 50), 2_000) if group.name == "u2")
    assert len(held.records) < 30
    found = judged(limited, rows, 50)
    rejects = [row["reject"] for row in found if row["reject"]]
    assert [(reject["situation"], reject["code"], reject["line"]) for reject in rejects] == [
        ("u2", "FC106", 1)
    ]
    assert {row["situation"] for row in found if not row["reject"]} == {"u1", "u3"}


def test_records_without_a_situation_are_told_one_by_one(shipped: _Shipped) -> None:
    def many() -> Iterator[Any]:
        yield from batches(lines_of(None), 3)
        raise AssertionError("they are not collected first")

    groups = spark._groups(many(), 1_000)
    assert [next(groups).records[0].number for _ in range(3)] == [1, 2, 3]
    rejects = [row["reject"] for row in judged(shipped, lines_of(None, first=7))]
    assert [(reject["situation"], reject["line"]) for reject in rejects] == [(None, 7), (None, 8), (None, 9)]


def test_an_empty_partition_gives_nothing(shipped: _Shipped) -> None:
    assert judged(shipped, []) == []


def test_an_executor_with_other_rules_says_so(shipped: _Shipped) -> None:
    release, rules = shipped.version
    for version in (("9.9.9", rules), (release, "of another day")):
        other = replace(shipped, key="other " + " ".join(version), version=version)
        with pytest.raises(OtherRules, match="install the same release"):
            judged(other, lines_of("u1"))


def test_the_key_is_that_of_the_content(shipped: _Shipped, tmp_path: Path) -> None:
    text = (
        "rules:\n  mine:\n    title: Breathe\n    for: search\n    cites: [own default]\n"
        "    when: [where: today is today]\n    recommend: {action: keep_searching, do: [Breathe]}\n"
    )
    for place in ("a", "b"):
        (tmp_path / place / "mine").mkdir(parents=True)
        (tmp_path / place / "mine" / "mine.yaml").write_text(text)
    first, second = (_Shipped.of([tmp_path / place / "mine"], SETTINGS) for place in ("a", "b"))
    assert first == second
    assert hash(first) == hash(second)
    assert len({first, shipped, _Shipped.of([], SETTINGS._replace(missed=True))}) == 3
    (tmp_path / "b" / "mine" / "mine.yaml").write_text(text.replace("Breathe", "Rest"))
    assert _Shipped.of([tmp_path / "b" / "mine"], SETTINGS) != first
    assert first.version != shipped.version


def test_no_files_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, scratch = tmp_path / "mine", tmp_path / "scratch"
    rules.mkdir()
    scratch.mkdir()
    (rules / "mine.yaml").write_text(
        "rules:\n  mine:\n    title: Walk\n    for: search\n    cites: [own default]\n"
        "    when: [where: today is today]\n    recommend: {action: keep_searching, do: [Walk]}\n"
    )
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    found = judged(_Shipped.of([rules], SETTINGS), lines_of("u1"))
    assert any("Walk" in row["do"] for row in found if row["do"])
    assert list(scratch.iterdir()) == []


def test_garbage_is_searched_for_again_between_blocks(shipped: _Shipped) -> None:
    """What runs in the same process besides is not meant."""
    on = [gc.isenabled() for _ in shipped.judged(batches(lines_of("u1"), 2))]
    assert on == [True]
    assert gc.isenabled()
