"""Batches: every form of input gives the reports of single evaluations, whatever happens on the way."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

import followcue
from followcue import cli
from followcue.batch import run_batch as batch_run
from followcue.batch import sorting
from followcue.batch.source import Source, UnreadableSource

duckdb = pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="the extra `tables` is not installed")

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
Record = dict[str, Any]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several chunks of few situations."""
    monkeypatch.setattr(sorting, "SITUATIONS_A_CHUNK", 4)


def situations() -> dict[str, Record]:
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in EXAMPLES}


def records_of(name: str, data: Record) -> Iterator[Record]:
    """The situation as a stream of flat records."""
    top = {key: value for key, value in data.items() if key not in ("applications", "events", "params")}
    yield {
        "situation": name,
        "event": "search",
        **top,
        **({"params": data["params"]} if "params" in data else {}),
    }
    for key, application in data["applications"].items():
        inner = ("contacts", "events")
        fields = {k: v for k, v in application.items() if k not in inner}
        yield {"situation": name, "event": "application", "id": key, **fields}
        for contact, said in (application.get("contacts") or {}).items():
            yield {"situation": name, "event": "contact", "application": key, "id": contact, **said}
        for event in application.get("events") or []:
            yield {"situation": name, "application": key, **event}
    for event in data.get("events") or []:
        yield {"situation": name, **event}


def all_records() -> list[Record]:
    """The records of every example, as JSON data, mixed but for the order within a situation."""
    waiting = [list(records_of(name, data)) for name, data in situations().items()]
    mixed: list[Record] = []
    rng = random.Random(5)
    while waiting:
        chosen = rng.choice(waiting)
        mixed.append(chosen.pop(0))
        waiting = [records for records in waiting if records]
    plain: list[Record] = json.loads(json.dumps(mixed, default=str))
    return plain


def expected() -> dict[str, Any]:
    """The report on every example; the lines are those of the records, which differ."""
    return {name: without_lines(followcue.evaluate(data).to_dict()) for name, data in situations().items()}


def without_lines(report: Any) -> Any:
    """All but lines; reasons in an order of their own, as events of one day stand in that of their lines."""
    if isinstance(report, list):
        return [without_lines(value) for value in report]
    if not isinstance(report, dict):
        return report
    plain = {key: without_lines(value) for key, value in report.items() if key not in ("line", "situation")}
    if "because" in plain:
        plain["because"].sort(key=json.dumps)
    return plain


def write_lines(path: Path, records: list[Any]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return str(path)


def batch(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["batch", *arguments], catch_exceptions=False)


def reports(path: Path) -> dict[str, Any]:
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len({report["situation"] for report in found}) == len(found)
    return {report["situation"]: without_lines(report) for report in found}


# --- forms of input
def columns_of(records: list[Record]) -> list[str]:
    return list(dict.fromkeys(key for record in records for key in record))


def as_jsonl(folder: Path, records: list[Record]) -> str:
    return write_lines(folder / "in.jsonl", records)


def as_parquet(folder: Path, records: list[Record]) -> str:
    return through_duckdb(folder, records, "COPY t TO '{}' (FORMAT parquet)", "in.parquet")


def as_csv(folder: Path, records: list[Record]) -> str:
    path = folder / "in.csv"
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns_of(records))
        writer.writeheader()
        for record in records:
            writer.writerow({key: cell(value) for key, value in record.items()})
    return str(path)


def cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else value


def as_duckdb(folder: Path, records: list[Record]) -> str:
    return through_duckdb(folder, records, "ATTACH '{}' AS o; CREATE TABLE o.events AS FROM t", "in.duckdb")


def through_duckdb(folder: Path, records: list[Record], statement: str, name: str) -> str:
    lines, path = as_jsonl(folder, records), folder / name
    with duckdb.connect() as connection:
        kinds = dict.fromkeys(columns_of(records), "VARCHAR") | {"date": "DATE", "with": "JSON"}
        kinds |= {"helped_by": "VARCHAR[]", "concerns": "VARCHAR[]", "params": "JSON", "written": "BOOLEAN"}
        spelled = ", ".join(f"'{column}': '{kind}'" for column, kind in kinds.items() if column in kinds)
        connection.execute(
            f"CREATE TABLE t AS FROM read_json('{lines}', format = 'newline_delimited', "
            f"columns = {{{spelled}}})"
        )
        connection.execute(statement.format(path))
    return str(path)


def as_sqlite(folder: Path, records: list[Record]) -> str:
    path, columns = folder / "in.sqlite", columns_of(records)
    names = ", ".join(f'"{column}"' for column in columns)
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE events ({names})")
        rows = [tuple(cell(record.get(column)) for column in columns) for record in records]
        connection.executemany(f"INSERT INTO events VALUES ({', '.join('?' * len(columns))})", rows)
    connection.close()
    return str(path)


FORMS: dict[str, Callable[[Path, list[Record]], str]] = {
    "jsonl": as_jsonl,
    "csv": as_csv,
    "parquet": as_parquet,
    "duckdb": as_duckdb,
    "sqlite": as_sqlite,
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_reports_of_single_evaluations(form: str, tmp_path: Path) -> None:
    given = FORMS[form](tmp_path, all_records())
    output = tmp_path / "out.jsonl"
    result = batch(given, "-o", str(output), "--workers", "1")
    assert result.exit_code == 0, result.output + (tmp_path / "out.jsonl.rejects").read_text()
    assert reports(output) == expected()
    assert result.stderr == f"{len(EXAMPLES)} situations judged, written to {output}\n"
    assert not (tmp_path / "out.jsonl.rejects").exists()
    assert not (tmp_path / "out.jsonl.unfinished").exists()


def test_a_line_may_be_a_whole_situation(tmp_path: Path) -> None:
    lines = [
        {"situation": name, **data}
        for name, data in json.loads(json.dumps(situations(), default=str)).items()
    ]
    given = write_lines(tmp_path / "in.jsonl", lines)
    assert batch(given, "-o", str(tmp_path / "out.jsonl"), "--workers", "1").exit_code == 0
    assert reports(tmp_path / "out.jsonl") == expected()


def test_situations_come_out_by_name_and_reasons_name_the_line(tmp_path: Path) -> None:
    given = as_jsonl(tmp_path, all_records())
    batch(given, "-o", str(tmp_path / "out.jsonl"), "--workers", "1")
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [report["situation"] for report in found] == sorted(situations())
    records = all_records()
    for report in found:
        for action in report["actions"]:
            for reason in action["because"]:
                record = records[reason["line"] - 1]
                assert (record["situation"], record["event"]) == (report["situation"], reason["fact"])


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte(tmp_path: Path) -> None:
    given = as_jsonl(tmp_path, all_records())
    for workers in ("1", "3"):
        assert batch(given, "-o", str(tmp_path / f"out{workers}"), "--workers", workers).exit_code == 0
    assert (tmp_path / "out1").read_bytes() == (tmp_path / "out3").read_bytes()


# --- forms of output
def test_parquet_has_a_row_an_action_with_types(tmp_path: Path) -> None:
    given = as_jsonl(tmp_path, all_records())
    assert batch(given, "-o", str(tmp_path / "out.parquet"), "--workers", "1").exit_code == 0
    batch(given, "-o", str(tmp_path / "out.jsonl"), "--workers", "1")
    with duckdb.connect() as connection:
        read = connection.execute(f"FROM '{tmp_path / 'out.parquet'}'")
        columns = [column[0] for column in read.description]
        rows = [dict(zip(columns, row, strict=True)) for row in read.fetchall()]
        kinds = connection.execute(f"DESCRIBE FROM '{tmp_path / 'out.parquet'}'").fetchall()
    assert {name: kind for name, kind, *_ in kinds if name in ("open", "rules")} == {
        "open": "DATE",
        "rules": "VARCHAR[]",
    }
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    actions = [
        (report["situation"], caution, action)
        for report in told
        for caution in (True, False)
        for action in report["cautions" if caution else "actions"]
    ]
    assert len(rows) == len(actions)
    for row, (name, caution, action) in zip(rows, actions, strict=True):
        assert (row["situation"], row["caution"], row["scope"]) == (name, caution, action["application"])
        for key in (
            "action",
            "to",
            "about",
            "status",
            "priority",
            "channel",
            "title",
            "id",
            "do",
            "avoid",
            "rules",
        ):
            assert row[key] == action[key]
        for key in ("open", "due", "close", "until"):
            assert (row[key].isoformat() if row[key] else None) == action[key]
        steps = next(report["steps"] for report in told if report["situation"] == name)
        held = [(n, s["id"], s["when"]) for n, s in enumerate(steps, 1) if action["id"] in s["actions"]]
        where = (row["rank"], row["step"], row["when"])
        assert where == (held[0] if held and not caution else (None, None, None))
        assert row["sources"] == action["sources"]
        assert [json.loads(r["fields"]) for r in row["because"]] == [r["fields"] for r in action["because"]]


# --- what cannot be judged
BAD: list[Record] = [
    {"situation": "zz", "event": "application", "id": "a", "company": "A"},
    {"situation": "zz", "application": "a", "event": "interviw", "date": "2026-01-05"},
    {"situation": "zz", "application": "a", "event": "interview", "date": "2026-13-05"},
]


def test_bad_records_are_set_aside_with_line_and_reason(tmp_path: Path) -> None:
    good = all_records()
    given = as_jsonl(tmp_path, [*good, *BAD])
    with open(given, "a", encoding="utf-8") as stream:
        stream.write('{"broken\n[1]\n\n{"event": "applied"}\n')
    output = tmp_path / "out.jsonl"
    result = batch(given, "-o", str(output), "--workers", "1")
    assert result.exit_code == 1
    assert "4 set aside" in result.stderr
    assert reports(output) == expected()
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects").read_text().splitlines()]
    end = len(good)
    assert {(r["line"], r["situation"], r["code"]) for r in rejects} == {
        (end + 2, "zz", "FC504"),
        (end + 3, "zz", "FC507"),
        (end + 4, None, "FC102"),
        (end + 5, None, "FC501"),
        (end + 7, None, "FC501"),
    }
    typo = next(r for r in rejects if r["code"] == "FC504")
    assert typo["hint"] == "did you mean `interview`?"
    assert json.loads(typo["record"]) == BAD[1]


def test_a_strict_run_stops_and_leaves_no_output(tmp_path: Path) -> None:
    given = as_jsonl(tmp_path, [*all_records(), *BAD])
    result = batch(given, "-o", str(tmp_path / "out.jsonl"), "--workers", "1", "--strict")
    assert result.exit_code == 1
    assert "interviw" in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(("limit", "said"), [("derivations=5", "derivations = 5"), ("steps=5", "steps = 5")])
def test_limits_set_situations_aside(limit: str, said: str, tmp_path: Path) -> None:
    given = as_jsonl(tmp_path, all_records())
    assert batch(given, "-o", str(tmp_path / "out.jsonl"), "--workers", "1", "--limit", limit).exit_code == 1
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects").read_text().splitlines()]
    assert {reject["code"] for reject in rejects} == {"FC901"}
    assert all(said in reject["reason"] for reject in rejects)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.jsonl", None, "there is no file"),
        ("what.xyz", "", "say --from"),
        ("in.parquet", "no parquet", "cannot read"),
        ("in.csv", "a,b\n1,2\n", "no column `situation`"),
        ("in.db", "no database at all, but long enough to be taken for one" * 9, "cannot read"),
    ],
)
def test_an_input_that_cannot_be_read_is_wrong_usage(
    name: str, content: str | None, said: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    result = batch(str(tmp_path / name), "-o", str(tmp_path / "out.jsonl"), "--workers", "1")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_an_empty_input_gives_an_empty_output(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").touch()
    assert (
        batch(str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out.jsonl"), "--workers", "1").exit_code == 0
    )
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_a_database_of_several_tables_asks_which(tmp_path: Path) -> None:
    path = tmp_path / "in.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE a (situation TEXT); CREATE TABLE b (situation TEXT)")
    with (
        duckdb.connect() as connection,
        pytest.raises(UnreadableSource, match="--table which one is meant: a, b"),
    ):
        Source.of(str(path)).open(connection)
    with (
        duckdb.connect() as connection,
        pytest.raises(UnreadableSource, match="no table `c`; there are a, b"),
    ):
        Source.of(str(path), table="c").open(connection)


# --- going on
def test_a_stopped_run_goes_on_with_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = as_jsonl(tmp_path, all_records())
    output = tmp_path / "out.jsonl"
    judged: list[int] = []

    class Stopped(Exception):
        pass

    def stopping(stage: str, done: int, of: int) -> None:
        judged.append(done)
        if stage == "judging" and done == 1:
            raise Stopped

    request = request_for(given, output)
    with pytest.raises(Stopped):
        batch_run.run_batch(request, stopping)
    assert not output.exists()
    judged.clear()
    done = batch_run.run_batch(request, lambda stage, done, of: judged.append(done))
    assert judged[0] == 1, "the first chunk is not judged again"
    assert done == (len(EXAMPLES), 0)
    assert reports(output) == expected()


def request_for(given: str, output: Path) -> batch_run.BatchRequest:
    from datetime import date

    from followcue.batch.settings import Settings

    rejects = output.with_name("rejects")
    return batch_run.BatchRequest(Source.of(given), output, rejects, "jsonl", Settings(date(2026, 11, 21)))


def test_an_unfinished_run_with_other_options_is_not_mixed_in(tmp_path: Path) -> None:
    given, output = as_jsonl(tmp_path, [*all_records(), *BAD]), str(tmp_path / "out.jsonl")
    assert batch(given, "-o", output, "--workers", "1", "--strict").exit_code == 1
    other = batch(given, "-o", output, "--workers", "1", "--profile", "patient")
    assert other.exit_code == 2
    assert "--restart" in other.stderr
    assert batch(given, "-o", output, "--workers", "1", "--profile", "patient", "--restart").exit_code == 1
    assert {report["profile"] for report in reports(Path(output)).values()} == {"patient"}


def start(given: str, output: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "cli.py"), "batch", given, "-o", str(output), "--workers", "2"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.mark.large
def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    data = json.loads(json.dumps(situations(), default=str))
    lines = [
        {"situation": f"{name}-{number:04}", **each} for number in range(700) for name, each in data.items()
    ]
    given = write_lines(tmp_path / "in.jsonl", lines)
    assert start(given, tmp_path / "whole").wait() == 0
    rng = random.Random(3)
    kills = 0
    output = tmp_path / "killed"
    while not output.exists():
        process = start(given, output)
        time.sleep(rng.uniform(0.3, 3))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills > 1
    assert output.read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("matcher", ["relational", "reference"])
def test_every_matcher_gives_the_same_bytes(matcher: str, tmp_path: Path) -> None:
    given = as_jsonl(tmp_path, [*all_records(), *BAD])
    for name, options in (("default", []), (matcher, ["--matcher", matcher])):
        assert batch(given, "-o", str(tmp_path / name), "--workers", "1", *options).exit_code == 1
        assert (tmp_path / f"{name}.rejects").read_bytes().count(b"\n") == 2
    assert (tmp_path / "default").read_bytes() == (tmp_path / matcher).read_bytes()


@pytest.mark.slow
def test_situations_matched_together_are_set_aside_singly(tmp_path: Path) -> None:
    few = ("first-interview", "rejected", "whole-search")
    given = as_jsonl(tmp_path, [record for record in all_records() if record["situation"] in few])
    for name, options in (("default", []), ("sql", ["--matcher", "relational"])):
        limited = ["--limit", "derivations=200", "--workers", "1", *options]
        assert batch(given, "-o", str(tmp_path / name), *limited).exit_code == 1
    assert (tmp_path / "default").read_bytes() == (tmp_path / "sql").read_bytes() != b""
    assert (tmp_path / "default.rejects").read_bytes() == (tmp_path / "sql.rejects").read_bytes()


@pytest.mark.parametrize("quick", [True, False])
def test_lines_are_the_same_bytes_with_and_without_the_quick_library(
    quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from followcue.batch import forms, json_lines
    from followcue.batch.work import Answer

    if quick:
        pytest.importorskip("orjson")
    else:
        monkeypatch.setattr(json_lines, "orjson", lambda: None)
    text = "".join(map(chr, [*range(0x20), 0x22, 0x5C, 0x7F, 0x85, 0xE9, 0x2028, 0xFFFD, 0x1F600]))
    assert (
        forms.as_lines([Answer("a", {text: [text, 2**53, -1, True, None, {}, []]})])
        == (
            json.dumps(
                {text: [text, 2**53, -1, True, None, {}, []]}, ensure_ascii=False, separators=(",", ":")
            )
            + "\n"
        ).encode()
    )
    assert forms.as_lines([Answer("a", {"n": 2**4096})]) == b'{"n":%d}\n' % (2**4096)
    assert forms.as_lines([Answer("a", {"half": "\ud83d"})]) == b'{"half":"\\ud83d"}\n'


def test_the_examples_give_the_same_lines_without_the_quick_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from followcue.batch import json_lines

    given = as_jsonl(tmp_path, all_records())
    assert batch(given, "-o", str(tmp_path / "quick"), "--workers", "1").exit_code == 0
    monkeypatch.setattr(json_lines, "orjson", lambda: None)
    assert batch(given, "-o", str(tmp_path / "plain"), "--workers", "1").exit_code == 0
    assert (tmp_path / "quick").read_bytes() == (tmp_path / "plain").read_bytes() != b""


# --- pipes
@pytest.mark.slow
def test_lines_in_a_pipe_give_lines_in_a_pipe(tmp_path: Path) -> None:
    given = as_jsonl(tmp_path, all_records())
    assert batch(given, "-o", str(tmp_path / "out.jsonl")).exit_code == 0
    piped = CliRunner().invoke(cli.main, ["batch", "-", "-o", "-"], input=Path(given).read_bytes())
    assert piped.exit_code == 0
    assert piped.stdout_bytes == (tmp_path / "out.jsonl").read_bytes() != b""
    assert piped.stderr == f"{len(EXAMPLES)} situations judged\n"


@pytest.mark.slow
def test_a_pipe_may_hold_a_table_and_end_in_a_file(tmp_path: Path) -> None:
    given = Path(as_csv(tmp_path, all_records())).read_bytes()
    arguments = ["batch", "-", "--from", "csv", "-o", str(tmp_path / "out.jsonl")]
    for _ in range(2):  # what an earlier run left does not matter: a pipe cannot be read again
        (tmp_path / "out.jsonl.unfinished").mkdir(exist_ok=True)
        (tmp_path / "out.jsonl.unfinished" / "run.json").write_text('{"request": {}}')
        assert CliRunner().invoke(cli.main, arguments, input=given).exit_code == 0
    assert reports(tmp_path / "out.jsonl") == expected()


@pytest.mark.slow
def test_rejects_of_a_pipe_are_told_on_standard_error(tmp_path: Path) -> None:
    lines = [json.dumps(record) for record in all_records()]
    given = "\n".join([*lines, '{"situation": "wrong", "event": "nothing"}', "{"])
    piped = CliRunner().invoke(cli.main, ["batch", "-", "-o", "-"], input=given)
    assert piped.exit_code == 1
    assert len(piped.stdout.splitlines()) == len(EXAMPLES)
    *rejects, last = piped.stderr.splitlines()
    assert {json.loads(line)["line"] for line in rejects} == {len(lines) + 1, len(lines) + 2}
    assert last == f"{len(EXAMPLES)} situations judged; 2 set aside"
    kept = ["batch", "-", "-o", "-", "--rejects", str(tmp_path / "rejects")]
    assert CliRunner().invoke(cli.main, kept, input=given).stderr.splitlines() == [f"{last} in {kept[-1]}"]
    assert len((tmp_path / "rejects").read_text().splitlines()) == len(rejects)


# --- what was mistyped
def test_an_input_that_cannot_be_read_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    assert batch(str(tmp_path / "mistyped.jsonl"), "-o", str(output)).exit_code == 2
    assert list(tmp_path.iterdir()) == []
    given = as_jsonl(tmp_path, all_records())
    assert batch(given, "-o", str(output)).exit_code == 0


@pytest.mark.slow
def test_a_run_that_was_stopped_while_it_read_gives_way_to_another(tmp_path: Path) -> None:
    given, output = as_jsonl(tmp_path, all_records()), tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.unfinished").mkdir()
    (tmp_path / "out.jsonl.unfinished" / "run.json").write_text('{"request": {"source": "another"}}')
    assert batch(given, "-o", str(output)).exit_code == 0
    assert reports(output) == expected()


def test_no_folder_is_made_for_the_output(tmp_path: Path) -> None:
    output = tmp_path / "mistyped" / "out.jsonl"
    refused = batch(as_jsonl(tmp_path, all_records()), "-o", str(output))
    assert refused.exit_code == 2
    assert f"cannot write {output}: No such file or directory" in refused.output
    assert not output.parent.exists()


def test_an_input_that_does_not_fit_into_the_memory_to_sort_in_says_what_to_do(tmp_path: Path) -> None:
    given = write_lines(tmp_path / "in.jsonl", [{"situation": "a", "note": "x" * 4_000_000}] * 8)
    refused = batch(given, "-o", str(tmp_path / "out.jsonl"), "--memory", "30MB")
    assert refused.exit_code == 2
    assert f"{given} cannot be sorted in 30MB: say --memory with more" in refused.output


def test_chunks_are_read_by_one_connection_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "_READ_AT_ONCE", 1)
    given = as_jsonl(tmp_path, all_records())
    assert batch(given, "-o", str(tmp_path / "out.jsonl"), "--workers", "1").exit_code == 0
    assert reports(tmp_path / "out.jsonl") == expected()
