"""One record that cannot be read is set aside alone, whatever it holds, wherever it stands, in every form.

Each test puts a broken record in the place of a good one of the situation `zz`. All other situations must
give the same bytes as with the good one, and what is set aside must be of that record, with its line.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followcue.base.limits import Limits
from followcue.batch.forms import as_lines, as_rejects
from followcue.batch.run_batch import BatchRequest, Rejected, run_batch
from followcue.batch.settings import Settings
from followcue.batch.sorting import SortedRecords, sort_records
from followcue.batch.source import Source
from followcue.batch.work import Worker

duckdb = pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="the extra `tables` is not installed")

SIZE = 20_000
SETTINGS = Settings(today=date(2026, 11, 21), limits=Limits(size=SIZE))
COLUMNS = ("situation", "event", "application", "id", "company", "date")
ZZ = {"situation": "zz", "event": "application", "id": "acme", "company": "Acme"}
OTHERS = ("a", "b é", "zy", "zzz")
Cells = dict[str, Any]


def good() -> list[Cells]:
    """The records of four situations, mixed; no two of `zz`."""
    told: list[Cells] = []
    for name in OTHERS:
        told.append({"situation": name, "event": "application", "id": "acme", "company": 'Acmé, "Ltd"'})
    for name in ("zzz", "a", "zy", "b é"):
        told.append({"situation": name, "event": "applied", "application": "acme", "date": "2026-11-02"})
        told.append({"situation": name, "event": "interview", "application": "acme", "date": "2026-11-16"})
    return told


PLACES = {"beginning": 0, "middle": 6, "end": len(good())}


class Found(NamedTuple):
    """What a run answered, but for `zz`, and what it set aside."""

    others: bytes
    rejects: tuple[Cells, ...]
    answered: bool


@cache
def worker(form: str, name: str) -> Worker:
    return Worker(SETTINGS, Source(name, form))


def judged(name: Path | str, form: str, folder: Path, table: str | None = None) -> Found:
    """What `batch` makes of a file or a table, without its starting."""
    target = folder / "records.duckdb"
    target.unlink(missing_ok=True)
    sort_records(Source(str(name), form, table), target, "1GB", SIZE)
    with SortedRecords(target) as records:
        answers = list(worker(form, "in").answers(records.chunk(0)))
    others = [answer for answer in answers if answer.name in OTHERS]
    assert not as_rejects(others)
    aside = [json.loads(line) for line in as_rejects(answers).splitlines()]
    answered = any(answer.name not in OTHERS and answer.report for answer in answers)
    return Found(as_lines(others), tuple(aside), answered)


def check(found: Found, whole: Found, line: int, must_fail: bool = True) -> None:
    assert found.others == whole.others
    assert found.others.count(b"\n") == 4
    assert {reject["line"] for reject in found.rejects} <= {line}
    assert all(reject["situation"] not in OTHERS and reject["reason"] for reject in found.rejects)
    assert all(reject["code"].startswith("FC") for reject in found.rejects)
    if must_fail:
        assert found.rejects
    assert bool(found.rejects) != found.answered


# --- text
def line_of(cells: Cells) -> bytes:
    return json.dumps(cells, ensure_ascii=False).encode()


def row_of(cells: Cells) -> bytes:
    quoted = ('"' + cells.get(name, "").replace('"', '""') + '"' for name in COLUMNS)
    return ",".join(quoted).encode()


def text_file(folder: Path, form: str, broken: bytes | None, place: int) -> Path:
    """The good records with those bytes among them, or a good record of `zz`."""
    write = line_of if form == "jsonl" else row_of
    lines = [write(cells) for cells in good()]
    lines.insert(place, write(ZZ) if broken is None else broken)
    head = [] if form == "jsonl" else [",".join(COLUMNS).encode()]
    path = folder / f"in.{form}"
    path.write_bytes(b"".join(line + b"\n" for line in (*head, *lines)))
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Found]:
    """What comes of the good record in that place."""

    @cache
    def found(form: str, place: int) -> Found:
        folder = tmp_path_factory.mktemp("whole")
        return judged(WRITERS[form](folder, None, place), form, folder)

    return found


BROKEN_LINES: dict[str, bytes] = {
    "byte in a value": b'{"situation": "zz", "event": "application", "id": "acme", "company": "Acm\xe9"}',
    "byte in a name": b'{"situation": "zz", "event": "application", "id": "acme", "compan\xff": "Acme"}',
    "byte in the situation": b'{"situation": "z\xe9z", "event": "application", "id": "acme"}',
    "surrogate in bytes": b'{"situation": "zz", "event": "application", "id": "\xed\xa0\x80"}',
    "UTF-16": '{"situation": "zz", "event": "application"}'.encode("utf-16-le").replace(b"\n", b""),
    "half a character": b'{"situation": "zz", "event": "application", "id": "a", "company": "\\ud800"}',
    "half in a name": b'{"situation": "zz", "event": "application", "id": "a", "\\udfff": "A"}',
    "half in the situation": b'{"situation": "z\\ud800", "event": "application", "id": "a", "company": "A"}',
    "name twice": b'{"situation": "zz", "event": "application", "id": "a", "company": "A", "company": "B"}',
    "event twice": b'{"situation": "zz", "event": "applied", "event": "application", "id": "a"}',
    "situation twice": b'{"situation": "zz", "event": "application", "id": "a", "situation": "a"}',
    "the same twice": b'{"situation": "zz", "situation": "zz", "event": "application", "id": "a"}',
    "twice inside": b'{"situation": "zz", "event": "search", "params": {"patience": 1, "patience": 2}}',
    "NUL": b'{"situation": "zz", "event": "application", "id": "a\x00", "company": "A"}',
    "NUL escaped": b'{"situation": "zz", "event": "application", "id": "a\\u0000", "company": "A"}',
    "NUL in the situation": b'{"situation": "zz\\u0000", "event": "application", "id": "a", "company": "A"}',
    "escape sequence": b'{"situation": "zz", "event": "application", "id": "a", "company": "\\u001b[31mA"}',
    "cut short": b'{"situation": "zz", "event": "applica',
    "no braces": b'"situation": "zz", "event": "application"',
    "two on a line": b'{"situation": "zz", "event": "search"}{"situation": "a", "event": "search"}',
    "a list": b'[{"situation": "zz", "event": "application"}]',
    "a number": b"17",
    "a text": b'"zz"',
    "nothing": b"{}",
    "null": b"null",
    "YAML": b"{situation: zz, event: application, id: a, company: A}",
    "single quotes": b"{'situation': 'zz', 'event': 'application'}",
    "a comment": b'{"situation": "zz"} // application',
    "a mark of order": b'\xef\xbb\xbf\xef\xbb\xbf{"situation": "zz", "event": "application"}',
    "deep": b'{"situation": "zz", "event": "search", "params": ' + b"[" * 900 + b"]" * 900 + b"}",
    "deep without end": b'{"situation": "zz", "event": "search", "params": ' + b"[" * 5_000,
    "deep mappings": b'{"situation": "zz", "event": "search", "params": '
    + b'{"a":' * 900
    + b"1"
    + b"}" * 901,
    "long value": b'{"situation": "zz", "event": "application", "id": "a", "company": "'
    + b"x" * 30_000
    + b'"}',
    "long without end": b'{"situation": "zz", "event": "application", "id": "' + b"x" * 90_000,
    "long and nameless": b"\xff" * 90_000,
    "long number": b'{"situation": "zz", "event": "application", "id": "a", "company": '
    + b"9" * 5_000
    + b"}",
    "large number": b'{"situation": "zz", "event": "application", "id": "a", "company": 1e400}',
    "a number for a text": b'{"situation": "zz", "event": "application", "id": "a", "company": 5}',
    "a list for a text": b'{"situation": "zz", "event": "application", "id": "a", "company": ["A"]}',
    "a mapping for a day": b'{"situation": "zz", "event": "applied", "application": "a", "date": {"y": 26}}',
    "no day": b'{"situation": "zz", "event": "applied", "application": "acme", "date": "2026-02-30"}',
    "true for the event": b'{"situation": "zz", "event": true, "application": "acme"}',
    "a mapping for the event": b'{"situation": "zz", "event": {}, "application": "acme"}',
    "true for the situation": b'{"situation": true, "event": "application", "id": "a", "company": "A"}',
    "a list for the situation": b'{"situation": ["zz"], "event": "application", "id": "a", "company": "A"}',
    "a fraction for the situation": b'{"situation": 1.0, "event": "application", "id": "a", "company": "A"}',
    "no situation": b'{"event": "application", "id": "a", "company": "A"}',
    "an empty situation": b'{"situation": "", "event": "application", "id": "a", "company": "A"}',
    "no event": b'{"situation": "zz", "id": "a", "company": "A"}',
    "unknown event": b'{"situation": "zz", "event": "interviw", "application": "acme"}',
    "unknown field": b'{"situation": "zz", "event": "application", "id": "a", "company": "A", "#": "A"}',
    "whole and broken": b'{"situation": "zz", "applications": {"a": {"company": "A", "company": "B"}}}',
}

BROKEN_ROWS: dict[str, bytes] = {
    "byte in a cell": b"zz,application,,acme,Acm\xe9,",
    "byte in the situation": b"z\xe9z,application,,acme,Acme,",
    "surrogate in bytes": b"zz,application,,acme,\xed\xa0\x80,",
    "NUL": b"zz,application,,ac\x00me,Acme,",
    "NUL in the situation": b"zz\x00,application,,acme,Acme,",
    "escape sequence": b"zz,application,,acme,\x1b[31mAcme,",
    "too few cells": b"zz,application,,acme",
    "one cell": b"zz",
    "too many cells": b"zz,application,,acme,Acme,,,",
    "other delimiters": b"zz;application;;acme;Acme;",
    "never closed": b'zz,application,,acme,"Acme,',
    "never closed at first": b'"zz,application,,acme,Acme,',
    "text behind a quote": b'zz,application,,acme,"Acme"x,',
    "a line within": b'zz,application,,"acme"\rx,Acme,',
    "a long cell": b"zz,application,,acme," + b"x" * 30_000 + b",",
    "a long quoted cell": b'zz,application,,acme,"' + b"x" * 90_000,
    "no day": b"zz,applied,acme,,,2026-02-30",
    "a deep cell": b'zz,search,,,,"' + b"[" * 5_000 + b'"',
    "no situation": b",application,,acme,Acme,",
    "no event": b"zz,,,acme,Acme,",
    "unknown event": b"zz,interviw,acme,,,",
}

BROKEN_TEXT = {"jsonl": BROKEN_LINES, "csv": BROKEN_ROWS}
CASES = [(form, kind) for form, kinds in BROKEN_TEXT.items() for kind in kinds]


@pytest.mark.slow
@pytest.mark.parametrize(("form", "kind"), CASES, ids=[f"{form}-{kind}" for form, kind in CASES])
def test_a_broken_record_of_text_is_set_aside_alone(
    form: str, kind: str, tmp_path: Path, whole: Callable[[str, int], Found]
) -> None:
    for place in PLACES.values():
        path = text_file(tmp_path, form, BROKEN_TEXT[form][kind], place)
        check(judged(path, form, tmp_path), whole(form, place), place + 1)


class Night(NamedTuple):
    """Nights of one state, each with what is new."""

    folder: Path
    form: str

    def tell(self, lines: Sequence[bytes], delta: bool = True) -> tuple[bytes, list[Cells]]:
        """The output but for `zz`, and what was set aside."""
        head = [] if self.form == "jsonl" else [",".join(COLUMNS).encode()]
        path, output = self.folder / f"in.{self.form}", self.folder / "out"
        path.write_bytes(b"".join(line + b"\n" for line in (*head, *lines)))
        request = BatchRequest(Source.of(str(path)), output, self.folder / "aside", "jsonl", SETTINGS)
        run_batch(request._replace(state=self.folder / "state", keep_records=not delta, delta=delta))
        told = [line for line in output.read_bytes().splitlines() if json.loads(line)["situation"] in OTHERS]
        aside = self.folder / "aside"
        rejects = aside.read_bytes().splitlines() if aside.exists() else []
        return b"\n".join(told), [json.loads(reject) for reject in rejects]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("every", [25, pytest.param(1, marks=pytest.mark.large)], ids=["some", "all"])
def test_a_broken_record_of_a_delta_is_set_aside_alone(form: str, every: int, tmp_path: Path) -> None:
    """That night, and the next one without anything new."""
    write = line_of if form == "jsonl" else row_of
    (tmp_path / "first").mkdir()
    Night(tmp_path / "first", form).tell([write(cells) for cells in good()], delta=False)
    new = [
        write({"situation": name, "event": "rejected", "application": "acme", "date": "2026-11-20"})
        for name in ("a", "zy")
    ]

    def nights(news: Sequence[bytes]) -> Iterator[tuple[bytes, list[Cells]]]:
        shutil.copytree(tmp_path / "first", tmp_path / "copy")
        night = Night(tmp_path / "copy", form)
        yield night.tell(news)
        yield night.tell([])
        shutil.rmtree(tmp_path / "copy")

    for place in range(3):

        def told(line: bytes, place: int = place) -> list[tuple[bytes, list[Cells]]]:
            return list(nights([*new[:place], line, *new[place:]]))

        without = told(write(ZZ))
        assert not any(rejects for _, rejects in without)
        for kind in list(BROKEN_TEXT[form])[::every]:
            found = told(BROKEN_TEXT[form][kind])
            assert [others for others, _ in found] == [others for others, _ in without], (kind, place)
            assert {reject["line"] for reject in found[0][1]} == {len(good()) + place + 1}, kind
            aside = [reject for _, rejects in found for reject in rejects]
            assert all(reject["situation"] not in OTHERS and reject["reason"] for reject in aside), kind


SPOILT = st.sampled_from(
    [b"\xff", b"\xc3", b"\x00", b"\\ud800", b'"', b"\\", b"{", b"]", b",", b"\r", b"\x1b["]
)


@st.composite
def spoilt_lines(draw: st.DrawFn, form: str) -> bytes:
    """A record of `zz` with something put somewhere behind its name, or taken out there, or cut off."""
    write = line_of if form == "jsonl" else row_of
    line = write(ZZ)
    begin = line.index(b"zz") + 3
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(begin, len(line)))
        until = draw(st.integers(at, min(len(line), at + 6)))
        line = (
            line[:at]
            + draw(SPOILT | st.binary(max_size=4).filter(lambda raw: b"\n" not in raw))
            + line[until:]
        )
    return line


def some(number: int) -> Any:
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_spoilt_records_are_set_aside_alone(
    form: str, tmp_path: Path, whole: Callable[[str, int], Found]
) -> None:
    some(25)(
        given(spoilt_lines(form), st.sampled_from(list(PLACES.values())))(spoiling(form, tmp_path, whole))
    )()


@pytest.mark.large
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_many_spoilt_records_are_set_aside_alone(
    form: str, tmp_path: Path, whole: Callable[[str, int], Found]
) -> None:
    some(400)(given(spoilt_lines(form), st.integers(0, len(good())))(spoiling(form, tmp_path, whole)))()


def spoiling(form: str, folder: Path, whole: Callable[[str, int], Found]) -> Callable[[bytes, int], None]:
    def tried(line: bytes, place: int) -> None:
        found = judged(text_file(folder, form, line, place), form, folder)
        check(found, whole(form, place), place + 1, must_fail=False)

    return tried


# --- tables
def table(broken: Cells | None, place: int) -> list[Cells]:
    rows = good()
    rows.insert(place, ZZ if broken is None else broken)
    return rows


def as_sqlite(folder: Path, broken: Cells | None, place: int) -> Path:
    path = folder / "in.sqlite"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE events ({', '.join(COLUMNS)})")
    for row in table(broken, place):
        cells = [row.get(name) for name in COLUMNS]
        # Bytes in a list are to be a text that is no UTF-8.
        marks = ", ".join("CAST(? AS TEXT)" if isinstance(cell, list) else "?" for cell in cells)
        plain = [cell[0] if isinstance(cell, list) else cell for cell in cells]
        connection.execute(f"INSERT INTO events VALUES ({marks})", plain)
    connection.commit()
    connection.close()
    return path


def as_duckdb(folder: Path, broken: Cells | None, place: int) -> Path:
    path = folder / "in.duckdb"
    path.unlink(missing_ok=True)
    rows = table(broken, place)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE events ({', '.join(f'{name} VARCHAR' for name in COLUMNS)})")
        for row in rows:
            connection.execute(
                f"INSERT INTO events VALUES ({', '.join('?' * 6)})", [row.get(c) for c in COLUMNS]
            )
    return path


def as_parquet(folder: Path, broken: Cells | None, place: int) -> Path:
    import pyarrow.parquet

    path = folder / "in.parquet"
    rows = table(broken, place)
    columns = {}
    for name in COLUMNS:
        cells = [row.get(name) for row in rows]
        raw = [cell[0] if isinstance(cell, list) else cell for cell in cells]
        if any(isinstance(cell, list) for cell in cells):  # bytes that the file calls text
            in_bytes = pyarrow.array([c.encode() if isinstance(c, str) else c for c in raw], pyarrow.binary())
            columns[name] = pyarrow.Array.from_buffers(pyarrow.string(), len(raw), in_bytes.buffers())
        else:
            columns[name] = pyarrow.array(raw, pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=5)
    return path


def as_jsonl(folder: Path, broken: Cells | None, place: int) -> Path:
    return text_file(folder, "jsonl", broken and line_of(broken), place)


def as_csv(folder: Path, broken: Cells | None, place: int) -> Path:
    return text_file(folder, "csv", broken and row_of(broken), place)


WRITERS: dict[str, Callable[[Path, Cells | None, int], Path]] = {
    "jsonl": as_jsonl,
    "csv": as_csv,
    "sqlite": as_sqlite,
    "duckdb": as_duckdb,
    "parquet": as_parquet,
}

ANY_TABLE: dict[str, Cells] = {
    "NUL": ZZ | {"id": "ac\x00me"},
    "NUL in the situation": ZZ | {"situation": "z\x00z"},
    "escape sequence": ZZ | {"company": "\x1b[31m"},
    "huge": ZZ | {"company": "x" * 30_000},
    "deep": {"situation": "zz", "event": "search", "company": "[" * 5_000},
    "no day": {"situation": "zz", "event": "applied", "application": "acme", "date": "2026-02-30"},
    "no situation": ZZ | {"situation": None},
    "an empty situation": ZZ | {"situation": ""},
    "no event": ZZ | {"event": None},
    "unknown event": ZZ | {"event": "interviw"},
}


def each_of_its_own(kinds: Mapping[str, Cells]) -> list[Cells]:
    """The broken rows, each in a situation of its own where it names one, to be tried all at once."""
    return [
        {**cells, "situation": f"{cells['situation']} {kind}"} if cells["situation"] else cells
        for kind, cells in kinds.items()
    ]


def whole_ones(number: int) -> list[Cells]:
    """As many good records, to stand where the broken ones do."""
    return [ZZ | {"situation": f"zz {n}"} for n in range(number)]


BROKEN_CELLS: dict[str, dict[str, Cells]] = {
    "sqlite": ANY_TABLE
    | {
        "no UTF-8": ZZ | {"company": [b"Acm\xe9"]},
        "no UTF-8 in the situation": ZZ | {"situation": [b"z\xe9"]},
        "bytes": ZZ | {"company": b"Acme"},
        "bytes in the situation": ZZ | {"situation": b"zz"},
        "a number": ZZ | {"company": 5},
        "a fraction": ZZ | {"id": 0.5},
        "infinite": ZZ | {"id": float("inf")},
        "a fraction for the situation": ZZ | {"situation": 1.5},
    },
    "duckdb": ANY_TABLE,
    "parquet": ANY_TABLE
    | {
        "no UTF-8": ZZ | {"company": [b"Acm\xe9"]},
        "no UTF-8 in the situation": ZZ | {"situation": [b"z\xe9"]},
        "surrogate in bytes": ZZ | {"id": [b"\xed\xa0\x80"]},
    },
}
CELLS = [(form, kind) for form, kinds in BROKEN_CELLS.items() for kind in kinds]


@pytest.mark.slow
@pytest.mark.parametrize(("form", "kind"), CELLS, ids=[f"{form}-{kind}" for form, kind in CELLS])
def test_a_broken_row_of_a_table_is_set_aside_alone(
    form: str, kind: str, tmp_path: Path, whole: Callable[[str, int], Found]
) -> None:
    for place in PLACES.values():
        path = WRITERS[form](tmp_path, BROKEN_CELLS[form][kind], place)
        check(judged(path, form, tmp_path), whole(form, place), place + 1)


# --- the run as a whole
def broken_files(folder: Path) -> Iterator[tuple[str, Path, int]]:
    yield "jsonl", text_file(folder, "jsonl", BROKEN_LINES["byte in a value"], 6), 7
    yield "csv", text_file(folder, "csv", BROKEN_ROWS["never closed"], 6), 7
    for form in ("sqlite", "parquet"):
        yield form, WRITERS[form](folder, BROKEN_CELLS[form]["no UTF-8"], 6), 7


def test_a_run_goes_on_and_a_strict_one_stops(tmp_path: Path) -> None:
    for form, path, line in broken_files(tmp_path):
        request = BatchRequest(
            Source.of(str(path)), tmp_path / f"{form}-out", tmp_path / "rejects", "jsonl", SETTINGS
        )
        assert run_batch(request)[:2] == (4, 1), form
        assert [json.loads(r)["line"] for r in request.rejects.read_bytes().splitlines()] == [line]
        before = request.output.read_bytes()
        with pytest.raises(Rejected, match=f'"line":{line},'):
            run_batch(request._replace(strict=True))
        assert request.output.read_bytes() == before


def test_a_broken_record_goes_with_all_of_its_situation(tmp_path: Path) -> None:
    """What cannot be read must not be left out of the facts that advice rests on."""
    for form, broken in (
        ("jsonl", b'{"situation": "a", "event": "rejected\xff'),
        ("csv", b"a,rejected,acme"),
    ):
        path = text_file(tmp_path, form, broken, 6)
        request = BatchRequest(
            Source.of(str(path)), tmp_path / "out", tmp_path / "rejects", "jsonl", SETTINGS
        )
        assert run_batch(request)[:2] == (3, 1)
        assert [json.loads(r)["situation"] for r in request.rejects.read_bytes().splitlines()] == ["a"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("situation,event,event", "the column `event` is there twice"),
        ("Situation,event", "there is no column `situation`"),
        ('situation,"event', "no column `situation`"),
        ("", "there is no column `situation`"),
    ],
)
def test_a_first_line_that_names_no_columns_is_told(columns: str, said: str, tmp_path: Path) -> None:
    from followcue.batch.source import UnreadableSource

    (tmp_path / "in.csv").write_text(f"{columns}\na,b,c\n")
    with pytest.raises(UnreadableSource, match=said):
        sort_records(Source.of(str(tmp_path / "in.csv")), tmp_path / "records", "1GB")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_parts_the_cells_is_what_parts_the_names(delimiter: str, tmp_path: Path) -> None:
    rows: Sequence[Sequence[str]] = [COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in good())]
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    (tmp_path / "in.csv").write_bytes(("\ufeff" + "\r\n".join(lines)).encode())
    found = judged(tmp_path / "in.csv", "csv", tmp_path)
    assert found.rejects == ()
    assert len(found.others.splitlines()) == 4


def test_a_file_that_breaks_off_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    import gzip

    from followcue.batch.source import UnreadableSource

    packed = gzip.compress(text_file(tmp_path, "jsonl", None, 0).read_bytes())
    path = tmp_path / "in.jsonl.gz"
    for content, said in (
        (packed[:-20], "ended before"),
        (packed[:-8] + bytes(8), "CRC"),
        (b"no", "Not a gzip"),
    ):
        path.write_bytes(content)
        with pytest.raises(UnreadableSource, match=said) as refused:
            sort_records(Source.of(str(path)), tmp_path / "records", "1GB")
        assert "Python exception" not in str(refused.value)


def test_a_database_with_a_log_is_read_as_it_is_and_left_alone(tmp_path: Path) -> None:
    path = as_sqlite(tmp_path, None, 0)
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = wal")
    writer.close()
    before = {name.name: name.read_bytes() for name in tmp_path.iterdir()}
    target = tmp_path.with_name("records")
    sort_records(Source.of(str(path)), target, "1GB")
    assert {name.name: name.read_bytes() for name in tmp_path.iterdir()} == before
    target.unlink()
    writer = sqlite3.connect(path)  # whose last record is in the log alone
    writer.execute("INSERT INTO events (situation, event) VALUES ('new', 'search')")
    writer.commit()
    sort_records(Source.of(str(path)), target, "1GB")
    with SortedRecords(target) as records:
        assert "new" in [group.name for group in records.chunk(0)]
    target.unlink()
    writer.close()
