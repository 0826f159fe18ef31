"""On a real local Spark: the same rows as on one machine, from records in any order and number of pieces."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from followcue import InvalidInput, cli
from test_batch import BAD, all_records, write_lines

pytestmark = pytest.mark.spark
pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from pyspark.sql import DataFrame, SparkSession  # noqa: E402

from followcue.spark import judge, judge_daily  # noqa: E402

DAY = date(2026, 11, 21)
LISTS = ("with", "helped_by", "concerns")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable  # workers run where followcue is installed
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "3").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def numbered() -> list[dict[str, Any]]:
    """The records of all examples, as columns have them: what may be a list is one."""
    records = [{"n": number, **record} for number, record in enumerate([*all_records(), *BAD], 1)]
    for record in records:
        record.pop("params", None)
    return records


def frame(spark: SparkSession, records: list[dict[str, Any]], folder: Path) -> DataFrame:
    """The records as a DataFrame of texts, but for the numbers; lists are written as JSON."""
    names = list(dict.fromkeys(name for record in records for name in record))
    rows = [[r.get(n) if n == "n" else _cell(r.get(n)) for n in names] for r in records]
    kinds = ", ".join(f"`{name}` {'bigint' if name == 'n' else 'string'}" for name in names)
    return spark.createDataFrame(rows, kinds)


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def on_one_machine(records: list[dict[str, Any]], folder: Path, *options: str) -> list[dict[str, Any]]:
    """The rows of the same records as lines, by `batch`."""
    import pyarrow.parquet as parquet

    given = write_lines(folder / "in.jsonl", [{k: v for k, v in r.items() if k != "n"} for r in records])
    output = str(folder / "out.parquet")
    arguments = ["batch", given, "-o", output, "--as-of", DAY.isoformat(), "--workers", "1", *options]
    CliRunner().invoke(cli.main, arguments, catch_exceptions=False)
    rows: list[dict[str, Any]] = parquet.read_table(output).to_pylist()
    return rows


def sorted_rows(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


def collected(actions: DataFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in actions.collect()]


@pytest.mark.parametrize("partitions", [1, 5])
def test_the_rows_are_those_of_one_machine(spark: SparkSession, partitions: int, tmp_path: Path) -> None:
    records = numbered()
    judged = judge(frame(spark, records[::-1], tmp_path), order="n", as_of=DAY, partitions=partitions)
    assert sorted_rows(collected(judged.actions)) == sorted_rows(on_one_machine(records, tmp_path))
    rejects = collected(judged.rejects)
    assert {(r["situation"], r["line"], r["code"]) for r in rejects} == {
        ("zz", len(records) - 1, "FC504"),
        ("zz", len(records), "FC507"),
    }


def test_rules_of_ones_own_travel_along(spark: SparkSession, tmp_path: Path) -> None:
    rules = tmp_path / "mine"
    rules.mkdir()
    (rules / "mine.yaml").write_text(
        "rules:\n  mine:\n    title: Breathe\n    for: search\n    cites: [own default]\n"
        "    when: [where: today is today]\n    recommend: {action: keep_searching, do: [Breathe]}\n"
    )
    records = numbered()
    judged = judge(frame(spark, records, tmp_path), order="n", as_of=DAY, rules=[rules], profile="patient")
    options = ("--rules", str(rules), "--profile", "patient")
    found = collected(judged.actions)
    assert sorted_rows(found) == sorted_rows(on_one_machine(records, tmp_path, *options))
    assert any("Breathe" in row["do"] for row in found)


def test_mistakes_in_rules_are_told_before_anything_runs(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("rules: {a: {when: [nothing], recommend: {action: none}}}\n")
    with pytest.raises(InvalidInput, match=r"bad\.yaml"):
        judge(frame(spark, numbered(), tmp_path), rules=[tmp_path])


def test_daily_files_are_judged_as_they_come(spark: SparkSession, tmp_path: Path) -> None:
    records = [record for record in numbered() if record["situation"] != "zz"]
    daily, half = tmp_path / "daily", len(records) // 2
    places = {name: str(tmp_path / name) for name in ("store", "output", "checkpoint")}
    # Records of a situation may be spread over days: the first file has all records that are no events.
    early = [r for r in records if r["n"] <= half or r["event"] in ("search", "application", "contact")]
    late = [r for r in records if r not in early]
    schema = frame(spark, records, tmp_path).schema
    for number, part in enumerate((early, late)):
        names = schema.names
        rows = [[r.get(n) if n == "n" else _cell(r.get(n)) for n in names] for r in part]
        spark.createDataFrame(rows, schema).coalesce(1).write.mode("append").parquet(str(daily))
        stream = spark.readStream.schema(schema).parquet(str(daily))
        judge_daily(stream, **places, order="n", as_of=DAY).awaitTermination()
        found = spark.read.parquet(f"{places['output']}/batch={number}")
        known = early if number == 0 else sorted([*early, *late], key=lambda r: r["n"])
        expected = on_one_machine(known, tmp_path)
        assert without_lines(collected(found)) == without_lines(expected)


def without_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The rows but for the lines of their reasons: the numbers of records and the lines of a file differ."""
    for row in rows:
        for reason in row["because"]:
            reason.pop("line", None)
        row["because"].sort(key=lambda reason: json.dumps(reason, default=str))
    return sorted_rows(rows)
