"""A table of a PostgreSQL server gives the reports that its records give as lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import test_broken_records as broken
from followcue import cli

pytestmark = pytest.mark.programs
psycopg = pytest.importorskip("psycopg", reason="the extra `postgresql` is not installed")

RECORDS = [
    ("b", "application", "x", None, None, "Acme"),
    ("a", "application", "y", None, None, "Birch"),
    ("a", "interview", "iv", "y", "2026-11-10", None),
    ("b", "offer_received", None, "x", "2026-11-11", None),
]
COLUMNS = ("situation", "event", "id", "application", "date", "company")


def server_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    program = shutil.which("postgres")
    return Path(program).parent if program else None


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of its own, which listens on a socket in a temporary folder alone."""
    programs = server_programs()
    if programs is None:
        if os.environ.get("FOLLOWCUE_CI"):
            pytest.fail("there is no PostgreSQL server here")
        pytest.skip("there is no PostgreSQL server here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it does not run as root
        if as_user:
            shutil.chown(folder, "postgres")
        user = "postgres" if as_user else os.environ.get("USER", "postgres")

        def run(*command: str) -> None:
            subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

        run(str(programs / "initdb"), "-D", f"{folder}/data", "-A", "trust", "-U", user)
        options = f"-k {folder} -c listen_addresses="
        control = str(programs / "pg_ctl")
        run(control, "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql:///postgres?host={folder}&user={user}"
        finally:
            run(control, "-D", f"{folder}/data", "-m", "immediate", "stop")


def told(file: Path) -> list[object]:
    """The reports of a batch, without the warnings: these begin with the name of what was read."""
    reports = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [{key: value for key, value in report.items() if key != "warnings"} for report in reports]


def test_a_table_of_a_server_is_judged(server: str, tmp_path: Path) -> None:
    with psycopg.connect(server) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE events "
            "(situation text, event text, id text, application text, date date, company text)"
        )
        places = ", ".join(["%s"] * len(COLUMNS))
        cursor.executemany(f"INSERT INTO events VALUES ({places})", RECORDS)
    lines = tmp_path / "in.csv"
    written = [",".join(COLUMNS), *(",".join(cell or "" for cell in record) for record in RECORDS)]
    lines.write_text("\n".join(written) + "\n")
    for given, output in ((server, "table.jsonl"), (str(lines), "csv.jsonl")):
        options = ["-o", str(tmp_path / output), "--as-of", "2026-11-21", "--workers", "1"]
        result = CliRunner().invoke(cli.main, ["batch", given, *options], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    table, csv = (told(tmp_path / name) for name in ("table.jsonl", "csv.jsonl"))
    assert table == csv
    assert len(table) == 2


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = f"postgresql:///postgres?host={tmp_path}"
    result = CliRunner().invoke(cli.main, ["batch", missing, "-o", str(tmp_path / "out.jsonl")])
    assert result.exit_code == 2
    assert "cannot read the database" in result.output


def test_a_table_that_is_not_there_is_told(server: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli.main, ["batch", server, "--table", "no", "-o", str(tmp_path / "out.jsonl")]
    )
    assert result.exit_code == 2
    assert "there is no table `no`; there are events" in result.output


@pytest.mark.parametrize(
    "name", ["a#b", "%s", "a%25b", 'a"b', "a'b", "a;b", "a.b", "*", "a b", "select", "é"]
)
def test_a_table_and_a_column_of_any_name(name: str, server: str, tmp_path: Path) -> None:
    from psycopg import sql

    with psycopg.connect(server) as connection, connection.cursor() as cursor:
        parts = sql.Identifier(name), sql.Identifier(name)
        cursor.execute(
            sql.SQL("CREATE TABLE {} (situation text, event text, id text, {} text, company text)").format(
                *parts
            )
        )
        filled = sql.SQL(
            "INSERT INTO {} VALUES ('right', 'application', 'a', 'x', 'A'), ('b', 'search', NULL, NULL, NULL)"
        )
        cursor.execute(filled.format(sql.Identifier(name)))
    arguments = ["batch", server, "--table", name, "-o", str(tmp_path / "out.jsonl"), "--workers", "1"]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 1, result.output
    (reject,) = map(json.loads, (tmp_path / "out.jsonl.rejects").read_text("utf-8").splitlines())
    assert (reject["situation"], reject["code"]) == ("right", "FC502")
    assert f"has no `{name}`" in reject["reason"]
    assert [json.loads(line)["situation"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [
        "b"
    ]
    with psycopg.connect(server) as connection:
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))


BROKEN = {kind: cells for kind, cells in broken.ANY_TABLE.items() if not kind.startswith("NUL")}
"""The broken rows that a server takes; it has no NUL in its texts."""


@pytest.mark.parametrize("place", broken.PLACES.values(), ids=list(broken.PLACES))
def test_broken_rows_are_set_aside_alone(server: str, tmp_path: Path, place: int) -> None:
    def found(table: str, among: list[broken.Cells]) -> broken.Found:
        rows = [*broken.good()[:place], *among, *broken.good()[place:]]
        with psycopg.connect(server) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {table} ({', '.join(f'{name} text' for name in broken.COLUMNS)})")
            cursor.executemany(
                f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(broken.COLUMNS))})",
                [[row.get(name) for name in broken.COLUMNS] for row in rows],
            )
        return broken.judged(server, "postgresql", tmp_path, table)

    among = broken.each_of_its_own(BROKEN)
    spoilt = found(f"broken_{place}", among)
    assert spoilt.others == found(f"whole_{place}", broken.whole_ones(len(among))).others
    assert spoilt.others.count(b"\n") == len(broken.OTHERS)
    assert {reject["line"] for reject in spoilt.rejects} == {place + n for n, _ in enumerate(among, 1)}
    assert all(reject["reason"] and reject["code"].startswith("FC") for reject in spoilt.rejects)
    assert not spoilt.answered


def test_a_table_that_was_read_is_free_again(server: str, tmp_path: Path) -> None:
    with psycopg.connect(server) as connection:
        connection.execute("CREATE TABLE free (situation text, event text)")
        connection.execute("INSERT INTO free VALUES ('a', 'search')")
    broken.judged(server, "postgresql", tmp_path, "free")
    with psycopg.connect(server) as connection:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute("DROP TABLE free")
