"""On a real local Spark: the same rows as on one machine, from records in any order and number of pieces."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

import pytest
from click.testing import CliRunner

from followcue import InvalidInput, cli
from followcue.base.limits import Limits, limits_of
from test_batch import BAD, all_records, write_lines
from test_broken_records import (
    ANY_TABLE,
    COLUMNS,
    OTHERS,
    PLACES,
    SIZE,
    Cells,
    each_of_its_own,
    good,
    whole_ones,
)
from test_decimals_of_tables import AMOUNTS
from test_decimals_of_tables import WORDS as BANK
from test_decimals_of_tables import rows as bank_rows

pytestmark = pytest.mark.spark
pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from pyspark.errors import AnalysisException  # noqa: E402
from pyspark.sql import DataFrame, SparkSession  # noqa: E402

from followcue.spark import judge, judge_daily  # noqa: E402

DAY = date(2026, 11, 21)
LOOK = """\
rules:
  seen:
    title: Look at what is paid
    cites: [own default]
    when: [loan: {fee: $fee}, paid: {date: $day, amount: $amount, rate: $rate}]
    recommend: {action: look, open: $day, why: "{amount} at {rate}, {fee} of it fee."}
"""


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


def frame(spark: SparkSession, records: list[dict[str, Any]]) -> DataFrame:
    """The records as a DataFrame of texts, but for the numbers; lists are written as JSON."""
    names = columns_of(records)
    rows = [[r.get(n) if n == "n" else _cell(r.get(n)) for n in names] for r in records]
    kinds = ", ".join(f"`{name}` {'bigint' if name == 'n' else 'string'}" for name in names)
    return spark.createDataFrame(rows, kinds)


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


class OneMachine(NamedTuple):
    """What `batch` makes of records: rows of actions, and rejects without their text."""

    actions: list[dict[str, Any]]
    rejects: list[dict[str, Any]]


def on_one_machine(records: list[dict[str, Any]], folder: Path, *options: str) -> OneMachine:
    """What comes of the same records as lines of JSON; lines are the numbers of the records."""
    given = write_lines(folder / "in.jsonl", [{k: v for k, v in r.items() if k != "n"} for r in records])
    found = by_batch(given, folder, *options)
    for reason in (reason for row in found.actions for reason in (*row["because"], *row["grounds"])):
        if reason["line"] is not None:  # a conclusion has none
            reason["line"] = records[reason["line"] - 1]["n"]
    for reject in found.rejects:
        reject["line"] = records[reject["line"] - 1]["n"]
    return found


def by_batch(given: str, folder: Path, *options: str) -> OneMachine:
    """What comes of a file."""
    import pyarrow.parquet as parquet

    output = folder / "out.parquet"
    arguments = ["batch", given, "-o", str(output), "--as-of", DAY.isoformat(), "--workers", "1", *options]
    CliRunner().invoke(cli.main, arguments, catch_exceptions=False)
    rejects = folder / "out.parquet.rejects"
    lines = rejects.read_text("utf-8").splitlines() if rejects.exists() else []
    return OneMachine(parquet.read_table(output).to_pylist(), [json.loads(line) for line in lines])


def sorted_rows(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


def collected(rows: DataFrame) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in rows.collect()]


def assert_same(actions: DataFrame, rejects: DataFrame, expected: OneMachine) -> None:
    """The same rows, and the same rejects; the texts of records write the same in other ways."""
    assert sorted_rows(collected(actions)) == sorted_rows(expected.actions)
    found = collected(rejects)
    for reject in found:
        assert json.loads(reject.pop("record"))["situation"] == reject["situation"]
    for reject in expected.rejects:
        del reject["record"]
    assert sorted_rows(found) == sorted_rows(expected.rejects)


@pytest.mark.parametrize("partitions", [1, 5, None])
def test_the_rows_are_those_of_one_machine(
    spark: SparkSession, partitions: int | None, tmp_path: Path
) -> None:
    records = numbered()
    judged = judge(frame(spark, records[::-1]), order="n", as_of=DAY, partitions=partitions)
    expected = on_one_machine(records, tmp_path)
    assert_same(judged.actions, judged.rejects, expected)
    assert {(r["situation"], r["line"], r["code"]) for r in expected.rejects} == {
        ("zz", len(records) - 1, "FC504"),
        ("zz", len(records), "FC507"),
    }


def test_situations_are_whole_however_they_are_handed_over(spark: SparkSession, tmp_path: Path) -> None:
    """Two rows at a time from Spark, which situations and blocks of them go across."""
    size = "spark.sql.execution.arrow.maxRecordsPerBatch"
    usual = spark.conf.get(size)
    spark.conf.set(size, "2")
    try:
        records = numbered()
        judged = judge(frame(spark, records), order="n", as_of=DAY, partitions=1)
        assert_same(judged.actions, judged.rejects, on_one_machine(records, tmp_path))
    finally:
        spark.conf.set(size, usual)


@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
def test_broken_records_are_set_aside_alone(spark: SparkSession, place: int) -> None:
    """All kinds at once, each in a situation of its own where it names one."""

    def found(broken: list[Cells]) -> tuple[list[str], list[dict[str, Any]]]:
        rows = [*good()[:place], *broken, *good()[place:]]
        cells = [(number, *map(row.get, COLUMNS)) for number, row in enumerate(rows, 1)]
        records = spark.createDataFrame(cells, "n bigint, " + ", ".join(f"{name} string" for name in COLUMNS))
        judged = judge(records, order="n", as_of=DAY, limits=Limits(size=SIZE))
        kept = [row for row in collected(judged.actions) if row["situation"] in OTHERS]
        return sorted_rows(kept), collected(judged.rejects)

    broken = each_of_its_own(ANY_TABLE)
    whole, none = found(whole_ones(len(broken)))
    assert not none
    assert {json.loads(row)["situation"] for row in whole} == {*OTHERS}
    kept, rejects = found(broken)
    assert kept == whole
    assert {row["line"] for row in rejects} == {place + number for number, _ in enumerate(broken, 1)}
    assert all(row["reason"] and row["code"].startswith("FC") for row in rejects)


def test_without_an_order_the_order_of_records_does_not_matter(spark: SparkSession) -> None:
    records = [{k: v for k, v in record.items() if k != "n"} for record in numbered()]
    first, second = (judge(frame(spark, given), as_of=DAY) for given in (records, records[::-1]))
    assert sorted_rows(collected(first.actions)) == sorted_rows(collected(second.actions))
    assert sorted_rows(collected(first.rejects)) == sorted_rows(collected(second.rejects))


def test_columns_may_have_types(spark: SparkSession, tmp_path: Path) -> None:
    """A Parquet file of days, moments, lists, truth and numbers: read by Spark, and by `batch`."""
    moment = datetime(2026, 11, 2, 9, 30)
    rows = [
        (1, 5, "application", "acme", None, "Acme", None, None, None, None),
        (2, 5, "contact", "dana", "acme", None, "Dana Ruiz", None, None, None),
        (3, 5, "applied", None, "acme", None, None, datetime(2026, 10, 30), None, None),
        (4, 5, "interview", None, "acme", None, None, datetime(2026, 11, 10), ["dana"], None),
        (5, 5, "offer_received", None, "acme", None, None, datetime(2026, 11, 19), None, True),
        (6, 7, "application", "birch", None, "Birch", None, None, None, None),
        (7, 7, "applied", None, "birch", None, None, moment, None, None),
    ]
    kinds = (
        "n bigint, situation int, event string, id string, application string, company string, name string, "
        "date timestamp, with array<string>, written boolean"
    )
    given = tmp_path / "given"
    records = spark.createDataFrame(rows, kinds)
    records.drop("n").coalesce(1).write.parquet(str(given))  # a file has lines
    (file,) = given.glob("*.parquet")
    judged = judge(records, order="n", as_of=DAY)
    expected = by_batch(str(file), tmp_path)
    assert sorted_rows(collected(judged.actions)) == sorted_rows(expected.actions)
    assert {row["situation"] for row in expected.actions} == {"5"}
    (reject,), (found,) = expected.rejects, collected(judged.rejects)
    for each in (reject, found):
        record = json.loads(each.pop("record"))
        assert str(record.pop("situation")) == "7"
        assert record == {"event": "applied", "application": "birch", "date": "2026-11-02 09:30:00"}
    assert found == reject


LIMITS = [
    ("derivations", 200, "FC901"),
    ("steps", 5, "FC901"),
    ("entries", 20, "FC901"),
    ("size", 3_000, "FC106"),
    ("seconds", 0.000001, "FC901"),
]


@pytest.mark.parametrize(("name", "value", "code"), LIMITS, ids=[name for name, *_ in LIMITS])
def test_limits_set_situations_aside(
    spark: SparkSession, name: str, value: float, code: str, tmp_path: Path
) -> None:
    records = [record for record in numbered() if record["situation"] != "zz"]
    judged = judge(frame(spark, records), order="n", as_of=DAY, limits=limits_of([(name, value)]))
    expected = on_one_machine(records, tmp_path, "--limit", f"{name}={value:.6f}".rstrip("0").rstrip("."))
    assert {reject["code"] for reject in expected.rejects} == {code}
    assert_same(judged.actions, judged.rejects, expected)


def test_limits_are_checked_before_anything_runs(spark: SparkSession) -> None:
    with pytest.raises(ValueError, match="depth"):
        judge(frame(spark, numbered()), limits=Limits(depth=1000))


def test_parameters_are_those_of_a_batch(spark: SparkSession, tmp_path: Path) -> None:
    records = numbered()
    parameters = {"count": "working_days", "holidays": "DE-BY"}
    judged = judge(frame(spark, records), order="n", as_of=DAY, parameters=parameters)
    options = [part for name, value in parameters.items() for part in ("--set", f"{name}={value}")]
    assert_same(judged.actions, judged.rejects, on_one_machine(records, tmp_path, *options))


def test_a_parameter_of_the_wrong_kind_is_told_of_every_situation(spark: SparkSession) -> None:
    records = numbered()
    judged = judge(frame(spark, records), as_of=DAY, parameters={"max_attempts": ["2"]})
    assert judged.actions.count() == 0
    rejected = {reject["situation"] for reject in collected(judged.rejects)}
    assert rejected == {record["situation"] for record in records}


def test_rules_of_ones_own_travel_along(spark: SparkSession, tmp_path: Path) -> None:
    rules = tmp_path / "mine"
    rules.mkdir()
    (rules / "mine.yaml").write_text(
        "rules:\n  mine:\n    title: Breathe\n    for: search\n    cites: [own default]\n"
        "    when: [where: today is today]\n    recommend: {action: keep_searching, do: [Breathe]}\n"
    )
    records = numbered()
    judged = judge(frame(spark, records), order="n", as_of=DAY, rules=[rules], profile="patient")
    expected = on_one_machine(records, tmp_path, "--rules", str(rules), "--profile", "patient")
    shutil.rmtree(rules)  # what runs later has them with it
    assert_same(judged.actions, judged.rejects, expected)
    assert any("Breathe" in row["do"] for row in expected.actions)


def test_mistakes_in_rules_are_told_before_anything_runs(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("rules: {a: {when: [nothing], recommend: {action: none}}}\n")
    with pytest.raises(InvalidInput, match=r"bad\.yaml"):
        judge(frame(spark, numbered()), rules=[tmp_path])


def test_both_are_written_from_one_judging(spark: SparkSession, tmp_path: Path) -> None:
    records = numbered()
    judged = judge(frame(spark, records), order="n", as_of=DAY)
    places = [str(tmp_path / name) for name in ("actions", "rejects")]
    judged.write(*places)
    assert len(list((tmp_path / "actions").glob("*.parquet"))) == 1  # and not three, one for each piece
    assert_same(*map(spark.read.parquet, places), on_one_machine(records, tmp_path))
    assert not judged.both.is_cached
    with pytest.raises(AnalysisException, match="ALREADY_EXISTS"):
        judged.write(*places)
    judged.both.persist()
    try:
        for rows in (judged.actions, judged.rejects):
            plan = rows._jdf.queryExecution().executedPlan().toString()
            assert "InMemoryTableScan" in plan
    finally:
        judged.both.unpersist()


# --- daily files
class Days:
    """A folder of daily files, and what is made of them."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark = spark
        self.daily = folder / "daily"
        self.places = {name: str(folder / name) for name in ("store", "output", "checkpoint")}

    def come(self, records: list[dict[str, Any]]) -> None:
        """A file of records comes."""
        frame(self.spark, records).coalesce(1).write.mode("append").parquet(str(self.daily))

    def judge(self, columns: list[str], **options: Any) -> None:
        """All that has come is judged."""
        kinds = ", ".join(f"`{name}` {'bigint' if name == 'n' else 'string'}" for name in columns)
        stream = self.spark.readStream.schema(kinds).parquet(str(self.daily))
        judge_daily(stream, **self.places, **{"order": "n", "as_of": DAY, **options}).awaitTermination()

    def found(self, number: int) -> tuple[DataFrame, DataFrame]:
        """The actions and the rejects after a batch."""
        output = self.places["output"]
        return tuple(  # type: ignore[return-value]
            self.spark.read.options(__globPaths__="false").parquet(f"{place}/batch={number}")
            for place in (output, f"{output}.rejects")
        )


def two_days() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Records of a situation may be spread over days: the first file has all records that are no events."""
    records = numbered()
    early = [
        r
        for r in records
        if r["n"] <= len(records) // 2 or r["event"] in ("search", "application", "contact")
    ]
    return early, [r for r in records if r not in early]


def columns_of(records: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for record in records for name in record))


def test_daily_files_are_judged_as_they_come(spark: SparkSession, tmp_path: Path) -> None:
    """Also where the records of the second day have fields that those of the first do not know."""
    days, (early, late) = Days(spark, tmp_path), two_days()
    everything = sorted([*early, *late], key=lambda record: record["n"])
    assert set(columns_of(everything)) > set(columns_of(early))
    for number, (part, known) in enumerate(((early, early), (late, everything))):
        days.come(part)
        days.judge(columns_of(known))
        assert_same(*days.found(number), on_one_machine(known, tmp_path))


def test_a_day_that_is_repeated_after_a_failure_is_judged_once(spark: SparkSession, tmp_path: Path) -> None:
    days, (early, late) = Days(spark, tmp_path), two_days()
    everything = sorted([*early, *late], key=lambda record: record["n"])
    for part in (early, late):
        days.come(part)
        days.judge(columns_of(everything))
    commits = tmp_path / "checkpoint" / "commits"
    for number in (0, 1):  # as if the power had gone before Spark noted that these were done
        for note in (commits / f"{number}", commits / f".{number}.crc"):
            note.unlink()
        (tmp_path / "output" / f"batch={number}" / "_SUCCESS").unlink()
    days.judge(columns_of(everything))
    assert (tmp_path / "output" / "batch=1" / "_SUCCESS").exists()
    assert_same(*days.found(0), on_one_machine(early, tmp_path))
    assert_same(*days.found(1), on_one_machine(everything, tmp_path))


@pytest.mark.parametrize("name", ["a[1]", "a*", "a?", "{a,b}", "a#b%25 c", "a\\b"])
def test_names_of_folders_are_taken_as_they_are(spark: SparkSession, tmp_path: Path, name: str) -> None:
    """Beside each lies what it would be taken for as a pattern."""
    folder = tmp_path / name
    folder.mkdir()
    for other in ("a1", "ab", "a", "b"):
        (tmp_path / other / "store" / "batch=0").mkdir(parents=True)
        (tmp_path / other / "store" / "batch=0" / "x.parquet").write_bytes(b"no Parquet")
    days, (early, _) = Days(spark, folder), two_days()
    days.daily = tmp_path / "daily"  # what is streamed is up to Spark
    days.come(early)
    days.judge(columns_of(early))
    assert_same(*days.found(0), on_one_machine(early, tmp_path))


def test_composed_and_decomposed_names_are_one_situation(spark: SparkSession, tmp_path: Path) -> None:
    records = [record for record in numbered() if record.get("situation") == "patience"] or numbered()[:8]
    for record in records:
        record["situation"] = normalize("NFD" if record["n"] % 2 else "NFC", "pâtiencé")
    judged = judge(frame(spark, records), order="n", as_of=DAY)
    assert_same(judged.actions, judged.rejects, on_one_machine(records, tmp_path))
    assert {row["situation"] for row in collected(judged.actions)} == {"pâtiencé"}


def test_a_column_that_the_store_has_for_itself_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    records = frame(spark, [{"n": 1, "situation": "a", "Batch": "x"}])
    with pytest.raises(ValueError, match="give the column `batch` another name"):
        judge_daily(records, *map(str, (tmp_path / "s", tmp_path / "o", tmp_path / "c")))


# --- only what can have changed
class Nights(Days):
    """Daily files that are judged with a state; as of which day, and how many situations, is told."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        super().__init__(spark, folder)
        self.state = folder / "state"
        self.number = -1

    def night(self, records: list[dict[str, Any]], day: date, **options: Any) -> int:
        """Records come and are judged; gives how many situations that took, the others being as kept."""
        if records:
            self.come(records)
        else:
            nothing = self.spark.createDataFrame([], "n bigint, situation string")
            nothing.coalesce(1).write.mode("append").parquet(str(self.daily))
        self.number += 1
        self.judge(columns_of(numbered()), state=str(self.state), as_of=day, **options)
        [kept] = self.state.glob(f"*/batch={self.number}")
        rows = self.spark.read.parquet(str(kept))
        return rows.where((rows.day == day) | rows.day.isNull()).count()

    def is_as_without_a_state(self, day: date, **options: Any) -> None:
        """The last night gave what judging all that is in the store gives."""
        stored = self.spark.read.parquet(self.places["store"]).where(f"batch <= {self.number}").drop("batch")
        expected = judge(stored, order="n", as_of=day, **options)
        for found, wanted in zip(self.found(self.number), (expected.actions, expected.rejects), strict=True):
            assert sorted_rows(collected(found)) == sorted_rows(collected(wanted))
            assert found.columns == wanted.columns


def test_nights_with_a_state_give_what_judging_all_gives(spark: SparkSession, tmp_path: Path) -> None:
    """News of few situations, days that come, a clock that goes backwards, other parameters."""
    nights, (early, late) = Nights(spark, tmp_path), two_days()
    names = {record["situation"] for record in early}
    new = [record for record in late if record["situation"] in sorted(names)[:3]]
    assert nights.night(early, DAY) == len(names)

    day = DAY + timedelta(1)
    assert len({record["situation"] for record in new}) <= nights.night(new, day) < len(names)
    nights.is_as_without_a_state(day)

    nights.night([], DAY)
    nights.is_as_without_a_state(DAY)

    focus = {"parameters": {"focus_steps": 1}}
    assert nights.night([], DAY, **focus) == len(names)
    nights.is_as_without_a_state(DAY, **focus)


def test_what_is_no_more_in_the_store_leaves_the_state(spark: SparkSession, tmp_path: Path) -> None:
    nights, records = Nights(spark, tmp_path), numbered()
    gone = sorted({record["situation"] for record in records})[:4]
    nights.night([record for record in records if record["situation"] in gone], DAY)
    shutil.rmtree(tmp_path / "store" / "batch=0")
    nights.night([record for record in records if record["situation"] not in gone], DAY)
    nights.is_as_without_a_state(DAY)
    [kept] = nights.state.glob("*/batch=1")
    assert {row.situation for row in spark.read.parquet(str(kept)).collect()}.isdisjoint(gone)


def test_a_changed_record_is_judged_and_a_lost_state_judges_all(spark: SparkSession, tmp_path: Path) -> None:
    nights, records = Nights(spark, tmp_path), numbered()
    names = {record["situation"] for record in records}
    nights.night(records, DAY)
    event = next(r for r in records if r["event"] == "application" and r.get("company"))
    changed = [{**r, "company": "Another"} if r is event else r for r in records]
    frame(spark, changed).coalesce(1).write.mode("overwrite").parquet(str(tmp_path / "store" / "batch=0"))
    nights.night([], DAY)
    nights.is_as_without_a_state(DAY)
    shutil.rmtree(nights.state)
    assert nights.night([], DAY) == len(names)
    nights.is_as_without_a_state(DAY)


# --- numbers
@pytest.mark.parametrize("kind", ["decimals", "doubles", "texts"])
def test_decimals_are_those_of_one_machine_digit_by_digit(
    spark: SparkSession, kind: str, tmp_path: Path
) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "vocabulary.yaml").write_text(BANK + "actions: {look: {title: Have a look}}\n", "utf-8")
    (folder / "rules.yaml").write_text(LOOK, "utf-8")
    texts = [{"n": number, **row} for number, row in enumerate(bank_rows(str), 1)]
    expected = on_one_machine(texts, tmp_path, "--rules", str(folder))
    assert len(expected.actions) == len(AMOUNTS)
    assert all(amount in json.dumps(expected.actions, default=str) for amount in AMOUNTS)
    money, rate, of = {
        "decimals": ("decimal(15, 2)", "decimal(10, 4)", Decimal),
        "doubles": ("double", "double", float),
        "texts": ("string", "string", str),
    }[kind]
    records = [{"n": number, **row} for number, row in enumerate(bank_rows(of), 1)]
    types = {"n": "bigint", "amount": money, "fee": money, "rate": rate}
    names = columns_of(records)
    given = spark.createDataFrame(
        [[row.get(name) for name in names] for row in records],
        ", ".join(f"`{name}` {types.get(name, 'string')}" for name in names),
    )
    judged = judge(given, order="n", as_of=DAY, rules=[folder])
    assert collected(judged.rejects) == []

    def told(rows: list[dict[str, Any]]) -> list[str]:
        """The rows without the fields of records, which say what was given: a number, or a text."""
        return sorted_rows([{**row, "because": None, "grounds": None} for row in rows])

    assert told(collected(judged.actions)) == told(expected.actions)
