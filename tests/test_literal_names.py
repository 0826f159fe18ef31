"""A name is a name: no file, table, column or situation is taken for a pattern, an address or a statement.

Beside each file lie those that a reader would take who read its name as something else. What comes out must
be of the named one; and no file but the output is made, changed or taken away.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from followcue import cli
from followcue.batch.checkpoint import OtherRun
from followcue.batch.run_batch import BatchRequest, run_batch
from followcue.batch.settings import Settings
from followcue.batch.sorting import SortedRecords, sort_records
from followcue.batch.source import Source, UnreadableSource
from followcue.batch.work import Worker

duckdb = pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="the extra `tables` is not installed")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="most of these names cannot be given there")

NAMES = (
    "a#b",
    "a?b",
    "a%25b",
    "a%2Fb",
    "ev[1]",
    "ev[!1]",
    "*",
    "**",
    "{a,b}",
    "a b",
    " a ",
    "a\nb",
    "a\tb",
    "a\x1b[31mb",
    "a\u202eb",
    "a\u200bb",
    "a'b",
    'a"b',
    "a`b",
    "a\\b",
    "a;DROP TABLE events",
    "a--b",
    "a&mode=rwc",
    "a?mode=memory",
    "a=b",
    "$HOME",
    "~",
    "~root",
    "%TEMP%",
    ":memory:",
    "md:a",
    "s3:a",
    "file:a",
    "http:a",
    "sqlite:a",
    "-rf",
    "--",
    "CON",
    "NULL",
    "select",
    "main.events",
    "\u00e9",
    "e\u0301",
    "\U0001f600",
    "x" * 200,
    "...",
)
FEW = ("a#b", "a?b", "a%25b", "ev[1]", "*", "a\nb", "a'b", 'a"b', "a=b", ":memory:", "e\u0301")
FEW_OR_ALL = pytest.mark.parametrize(
    "names", [FEW, pytest.param(NAMES, marks=pytest.mark.large)], ids=["few", "all"]
)
PIECES = st.sampled_from(
    [*"#?%[]*{}!'\"`\\;&=~$: .-_a1", "%25", "\n", "\t", "\x1b[", "\u202e", "\u0301", "é", "//"]
)
ANY_NAME = st.lists(
    PIECES | st.characters(codec="utf-8", exclude_characters="/\x00"), min_size=1, max_size=12
).map(lambda pieces: "".join(pieces).replace("/", ":"))

COLUMNS = ("situation", "event", "id", "company")
FORMS = ("jsonl", "csv", "parquet", "duckdb", "sqlite")
TODAY = date(2026, 11, 21)


def record(situation: str) -> dict[str, str]:
    return {"situation": situation, "event": "application", "id": "acme", "company": "Acme"}


@cache
def content(form: str, situation: str) -> bytes:
    """A file of that form with one situation."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain"
        write(path, form, situation)
        return path.read_bytes()


def write(path: Path, form: str, situation: str, table: str = "events", extra: Sequence[str] = ()) -> None:
    """One situation at that path; `extra` are more columns, with a text in each."""
    cells = record(situation) | dict.fromkeys(extra, "x")
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in cells)
    quoted = '"' + table.replace('"', '""') + '"'
    marks = ", ".join("?" * len(cells))
    if form == "jsonl":
        path.write_text(json.dumps(cells) + "\n")
    elif form == "csv":
        import csv

        with open(path, "w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([list(cells), list(cells.values())])
    elif form == "parquet":
        import pyarrow.parquet

        with open(path, "wb") as sink:
            pyarrow.parquet.write_table(pyarrow.table({name: [cell] for name, cell in cells.items()}), sink)
    elif form == "sqlite":
        connection = sqlite3.connect(path)
        connection.execute(f"CREATE TABLE {quoted} ({names})")
        connection.execute(f"INSERT INTO {quoted} VALUES ({marks})", list(cells.values()))
        connection.commit()
        connection.close()
    else:
        with duckdb.connect(str(path)) as connection:
            kinds = ", ".join(f"{name} VARCHAR" for name in names.split(", ")) if not extra else None
            assert kinds or len(extra) == 1
            kinds = kinds or ", ".join(
                [*(f"{n} VARCHAR" for n in COLUMNS), f'"{extra[0].replace(chr(34), chr(34) * 2)}" VARCHAR']
            )
            connection.execute(f"CREATE TABLE {quoted} ({kinds})")
            connection.execute(f"INSERT INTO {quoted} VALUES ({marks})", list(cells.values()))


def others_of(name: str) -> set[str]:
    """What a name would be for who takes it for something else."""
    found = {
        name.partition("#")[0],
        name.partition("?")[0],
        unquote(name),
        re.sub(r"\[!?(.)[^\]]*\]", r"\1", name),
        re.sub(r"[*?]+", "x", name),
        re.sub(r"\{([^,}]*)[^}]*\}", r"\1", name),
        unicodedata.normalize("NFC", name),
        unicodedata.normalize("NFD", name),
        name.strip(),
        name.replace("\\", ""),
        name.partition(":")[2],
        name.partition("\n")[0],
        "".join(character for character in name if character.isprintable()),
        name.lower() + "x",
    }
    return {
        other
        for other in found
        if other not in ("", ".", "..", name) and "/" not in other and "\0" not in other
    }


def state(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def laid_out(folder: Path, name: str, suffix: str, write_one: Callable[[Path, str], None]) -> None:
    """The file of that name, with those beside it that it could be taken for."""
    folder.mkdir(parents=True)
    for other in others_of(name):
        write_one(folder / f"{other}{suffix}", "decoy")
    write_one(folder / f"{name}{suffix}", "right")


def situations(source: Source, target: Path) -> list[str]:
    target.unlink(missing_ok=True)
    sort_records(source, target, "1GB")
    with SortedRecords(target) as records:
        return [str(group.name) for group in records.chunk(0)]


counter = iter(range(10**9))


def try_file(root: Path, form: str, name: str) -> None:
    """The named file is read; without it nothing is; and nothing is made or changed beside it."""
    folder, target = root / str(next(counter)), root / "records"
    laid_out(folder, name, "", lambda path, situation: path.write_bytes(content(form, situation)) and None)
    before = state(folder)
    with inside(folder):
        for given_as in (name, str(folder / name)):
            if form == "duckdb" and "?" in given_as:
                with pytest.raises(UnreadableSource, match="DuckDB misreads"):
                    sort_records(Source(given_as, form), target, "1GB")
            else:
                assert situations(Source(given_as, form), target) == ["right"]
        assert state(folder) == before
        (folder / name).unlink()
        del before[name]
        with pytest.raises(UnreadableSource, match="there is no file"):
            sort_records(Source(name, form), target, "1GB")
        assert state(folder) == before


def some(number: int) -> Any:
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@FEW_OR_ALL
def test_the_file_that_is_named_is_read(form: str, names: Sequence[str], tmp_path: Path) -> None:
    for name in names:
        try_file(tmp_path, form, name)


def any_file(root: Path, number: int, form: str) -> None:
    def tried(name: str) -> None:
        assume(len(name.encode()) <= 200 and name not in (".", ".."))
        try_file(root, form, name)

    some(number)(given(ANY_NAME)(tried))()


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_any_file_that_is_named_is_read(form: str, tmp_path: Path) -> None:
    any_file(tmp_path, 10, form)


@pytest.mark.large
@pytest.mark.parametrize("form", FORMS)
def test_very_many_files_that_are_named_are_read(form: str, tmp_path: Path) -> None:
    any_file(tmp_path, 100, form)


# --- tables and columns
def try_table(root: Path, form: str, name: str) -> None:
    folder = root / str(next(counter))
    folder.mkdir()
    path = folder / "in"
    taken = {name.lower()}
    for other in sorted(others_of(name) | {"events"}):
        if other.lower() not in taken:
            write_table(path, form, "decoy", other)
            taken.add(other.lower())
    write_table(path, form, "right", name)
    before = state(folder)
    assert situations(Source(str(path), form, name), root / "records") == ["right"]
    assert state(folder) == before


def write_table(path: Path, form: str, situation: str, table: str) -> None:
    try:
        write(path, form, situation, table)
    except sqlite3.OperationalError as refused:  # `sqlite_…` are the database's own
        assume("reserved" not in str(refused))
        raise


@pytest.mark.slow
@pytest.mark.parametrize("form", ["duckdb", "sqlite"])
@FEW_OR_ALL
def test_the_table_that_is_named_is_read(form: str, names: Sequence[str], tmp_path: Path) -> None:
    for name in names:
        try_table(tmp_path, form, name)


@pytest.mark.large
@pytest.mark.parametrize("form", ["duckdb", "sqlite"])
def test_very_many_tables_that_are_named_are_read(form: str, tmp_path: Path) -> None:
    some(80)(given(ANY_NAME)(lambda name: try_table(tmp_path, form, name)))()


@pytest.fixture(scope="module")
def worker() -> Worker:
    return Worker(Settings(today=TODAY), Source("in", "table"))


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@FEW_OR_ALL
def test_a_column_of_any_name_is_told_as_it_is(
    form: str, names: Sequence[str], tmp_path: Path, worker: Worker
) -> None:
    for name in names:
        path = tmp_path / "in"
        path.unlink(missing_ok=True)
        write(path, form, "right", extra=[name])
        if form == "csv" and "\n" in name:
            with pytest.raises(UnreadableSource, match="in the first line"):
                sort_records(Source(str(path), form), tmp_path / "records", "1GB")
            (tmp_path / "records").unlink()
            continue
        sort_records(Source(str(path), form), tmp_path / "records", "1GB")
        with SortedRecords(tmp_path / "records") as records:
            (answer,) = worker.answers(records.chunk(0))
        (tmp_path / "records").unlink()
        (reject,) = answer.rejects
        assert reject["situation"] == "right"
        assert json.loads(reject["record"])[name] == "x"
        assert reject["code"] in ("FC502", "FC105"), reject
        normal = unicodedata.normalize("NFC", name)
        assert reject["code"] == "FC105" or f"has no `{normal}`" in reject["reason"]


# --- situations
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_situation_of_any_name_comes_out_under_it(form: str, tmp_path: Path) -> None:
    # What differs in the form of its letters alone is one name.
    names = sorted({unicodedata.normalize("NFC", name) for name in NAMES if "\x1b" not in name})
    given_in = tmp_path / "in.jsonl"
    given_in.write_text("".join(json.dumps(record(name)) + "\n" for name in names))
    request = BatchRequest(
        Source.of(str(given_in)), tmp_path / "out", tmp_path / "rejects", form, Settings(today=TODAY)
    )
    assert run_batch(request)[:2] == (len(names), 0)
    if form == "jsonl":
        lines = request.output.read_bytes().split(b"\n")[:-1]
        assert [json.loads(line)["situation"] for line in lines] == sorted(names, key=str.encode)
        return
    import pyarrow.parquet

    told = pyarrow.parquet.ParquetFile(request.output).read(["situation"])["situation"].to_pylist()
    assert set(told) <= set(names)


# --- what is written
@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@FEW_OR_ALL
def test_the_output_goes_to_the_file_that_is_named(form: str, names: Sequence[str], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(content("jsonl", "right") + b'{"situation": "zz"}\n')
    for name in names:
        folder = tmp_path / str(next(counter)) / name
        folder.mkdir(parents=True)
        for other in others_of(name):
            (folder / other).write_text("not ours")
        before = state(folder)
        with inside(folder):
            request = BatchRequest(
                Source(str(tmp_path / "in.jsonl"), "jsonl"),
                Path(name),
                Path(f"{name}.rejects"),
                form,
                Settings(today=TODAY),
            )
            if "?" in name:
                with pytest.raises(OtherRun, match="cannot hold"):
                    run_batch(request)
                assert state(folder) == before
                continue
            assert run_batch(request)[:2] == (1, 1)
        after = state(folder)
        assert after.keys() - before.keys() == {name, f"{name}.rejects"}
        assert {path: after[path] for path in before} == before


def test_what_is_written_takes_no_place_of_what_is_read_or_of_another(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(content("jsonl", "right"))
    (tmp_path / "link").symlink_to(path)
    os.link(path, tmp_path / "hard")
    (tmp_path / "folder").mkdir()
    before = state(tmp_path)
    for arguments in (
        ["-o", str(path)],
        ["-o", str(tmp_path / "link")],
        ["-o", str(tmp_path / "hard")],
        ["-o", str(tmp_path / "folder" / ".." / "in.jsonl")],
        ["-o", str(tmp_path / "out"), "--rejects", str(path)],
        ["-o", str(tmp_path / "out"), "--rejects", str(tmp_path / "out")],
        ["-o", str(tmp_path / "out"), "--rejects", os.devnull],
        ["-o", os.devnull],
    ):
        result = CliRunner().invoke(cli.main, ["batch", str(path), *arguments])
        assert result.exit_code == 2, arguments
        assert "take its place" in result.stderr or "in the way" in result.stderr
        assert state(tmp_path) == before
    os.rename(path, tmp_path / "out.rejects")
    again = ["batch", str(tmp_path / "out.rejects"), "--from", "jsonl", "-o", str(tmp_path / "out")]
    assert CliRunner().invoke(cli.main, again).exit_code == 2
    assert (tmp_path / "out.rejects").read_bytes() == content("jsonl", "right")


@pytest.mark.parametrize("restart", [False, True])
def test_what_no_run_has_made_is_left_alone(restart: bool, tmp_path: Path) -> None:
    path, mine = tmp_path / "in.jsonl", tmp_path / "out.unfinished"
    path.write_bytes(content("jsonl", "right"))
    arguments = ["batch", str(path), "-o", str(tmp_path / "out"), *(["--restart"] if restart else [])]

    def refused(said: str) -> None:
        before = state(tmp_path)
        result = CliRunner().invoke(cli.main, arguments)
        assert result.exit_code == 2
        assert f"{mine} is in the way: it {said}" in result.stderr
        assert state(tmp_path) == before

    mine.write_text("a file")
    refused("is no folder")
    mine.unlink()
    mine.symlink_to(tmp_path)
    refused("is no folder")
    mine.unlink()
    mine.mkdir()
    (mine / "diary.txt").write_text("mine")
    refused("holds `diary.txt`, which is no part of a run")
    (mine / "diary.txt").unlink()
    (mine / ".followcue-abc").write_text("what a killed run leaves")
    assert CliRunner().invoke(cli.main, arguments).exit_code == 0
    assert not mine.exists()


def test_a_disk_that_cannot_be_written_is_told_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from followcue.batch import checkpoint

    def full(path: str, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "in.jsonl").write_bytes(content("jsonl", "right"))
    arguments = ["batch", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out")]
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "replace_file", full)
        for _ in range(2):
            result = CliRunner().invoke(cli.main, arguments)
            assert result.exit_code == 2
            assert f"cannot write {tmp_path / 'out'}: No space left on device" in result.stderr
            assert sorted(os.listdir(tmp_path)) == ["in.jsonl"]
    assert CliRunner().invoke(cli.main, arguments).exit_code == 0


# --- the other commands
SITUATION = """\
applications:
  acme:
    company: {company}
    contacts:
      dana: {{name: Dana Ruiz, role: recruiter}}
    events:
      - {{event: applied, date: 2026-11-02}}
      - {{event: interview, id: first, date: 2026-11-20, with: [dana]}}
"""


def written(path: Path, situation: str) -> None:
    path.write_text(SITUATION.format(company=situation))


def run(folder: Path, *arguments: str) -> Any:
    with inside(folder):
        return CliRunner().invoke(cli.main, list(arguments))


READING = (
    ["evaluate", "--format", "json"],
    ["evaluate", "--format", "html"],
    ["plan"],
    ["export"],
    ["why", "send_thank_you"],
    ["log"],
)


@pytest.mark.slow
@pytest.mark.parametrize("command", READING, ids=" ".join)
@FEW_OR_ALL
def test_a_command_reads_the_file_that_is_named(
    command: list[str], names: Sequence[str], tmp_path: Path
) -> None:
    name_first, *options = command
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        laid_out(folder, name, ".yaml", written)
        before = state(folder)
        day = ["--as-of", "2026-11-21"] if name_first != "log" else []
        told = run(folder, name_first, f"./{name}.yaml", *options, *day)
        assert told.exit_code == 0, (name, told.output)
        assert "decoy" not in told.output
        assert state(folder) == before
        out = run(folder, name_first, f"./{name}.yaml", *options, *day, "-o", f"./{name}.yaml")
        assert out.exit_code == 2
        assert "name another file" in out.output
        assert state(folder) == before


@FEW_OR_ALL
def test_a_command_changes_the_file_that_is_named_alone(names: Sequence[str], tmp_path: Path) -> None:
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        laid_out(folder, name, ".yaml", written)
        before = state(folder)
        told = run(folder, "add", f"./{name}.yaml", "rejected", "acme", "date=2026-11-20", "--sure")
        assert told.exit_code == 0, (name, told.output)
        after = state(folder)
        assert "rejected" in (folder / f"{name}.yaml").read_text()
        changed = {path for path in after if after[path] != before.get(path)}
        assert changed <= {f"{name}.yaml", f"{name}.yaml~", f".{name}.yaml.lock"}
