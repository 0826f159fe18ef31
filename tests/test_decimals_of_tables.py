"""Decimals are read digit by digit, whatever table they come from: none is rounded, none is guessed at."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner, Result

from followcue import cli
from followcue.language.documents.plain import digits_of, without_power

WORDS = """\
pack: {name: bank}
situation:
  scope: loan
  whole: bank
  records: {loan: {in: loans, fields: {name: text, fee: money}, require: [fee]}}
  events: [loans.events]
types: {money: {decimal: 2}, rate: {decimal: 4}}
events: {paid: {says: Paid., fields: {amount: money, rate: rate, runs: period}}}
conclusions: {seen: {says: Seen., fields: {amount: money, rate: rate, fee: money}}}
"""
RULES = """\
rules:
  seen:
    when: [loan: {fee: $fee}, paid: {amount: $amount, rate: $rate}]
    conclude: {seen: {amount: $amount, rate: $rate, fee: $fee}}
"""

AMOUNTS = ["12.50", "0.07", "6.49", "-3.10", "7", "1250.5", "9999999999999.99", "0.30", "4503599627370.49"]
RATES = ["0.0625", "1", "0.1", "0.0001", "0.3", "2.5", "0", "99.9999", "0.0700"]


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "vocabulary.yaml").write_text(WORDS, "utf-8")
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    return folder


def rows(number: Callable[[str], Any]) -> list[dict[str, Any]]:
    """A loan and a payment for each amount, in one situation each; `number` makes the value of a cell."""
    found: list[dict[str, Any]] = [
        {"situation": f"s{n}", "event": "bank", "as_of": "2026-03-04"} for n in range(len(AMOUNTS))
    ]
    for n, (amount, rate) in enumerate(zip(AMOUNTS, RATES, strict=True)):
        found.append({"situation": f"s{n}", "event": "loan", "id": "x", "fee": number("0.10")})
        found.append(
            {
                "situation": f"s{n}",
                "loan": "x",
                "event": "paid",
                "date": "2026-03-01",
                "amount": number(amount),
                "rate": number(rate),
            }
        )
    return found


def columns(records: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for record in records for key in record))


def digits(text: str) -> Decimal:
    return Decimal(text)


def judged(path: str) -> tuple[Result, dict[str, Any]]:
    out = Path("out.jsonl")
    done = CliRunner().invoke(cli.main, ["batch", path, "-o", str(out), "--rules", "bank", "--workers", "1"])
    found = {}
    for line in out.read_text("utf-8").splitlines():
        report = json.loads(line)
        fields = [c["fields"] for c in report["conclusions"] if c["fact"] == "seen"]
        found[report["situation"]] = fields
    return done, found


def expected() -> dict[str, Any]:
    def told(text: str, places: int) -> str:
        return f"{Decimal(text):.{places}f}"

    return {
        f"s{n}": [{"amount": told(amount, 2), "rate": told(rate, 4), "fee": "0.10"}]
        for n, (amount, rate) in enumerate(zip(AMOUNTS, RATES, strict=True))
    }


def check(path: str) -> None:
    done, found = judged(path)
    rejects = Path("out.jsonl.rejects")
    assert done.exit_code == 0, done.output + (rejects.read_text("utf-8") if rejects.exists() else "")
    assert found == expected()


def test_of_csv(pack: Path) -> None:
    found = rows(str)
    names = columns(found)
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in found)]
    Path("in.csv").write_text("\n".join(lines) + "\n", "utf-8")
    check("in.csv")


@pytest.mark.parametrize("bare", [True, False], ids=["numbers", "texts"])
def test_of_lines(pack: Path, bare: bool) -> None:
    def line(row: Mapping[str, Any]) -> str:
        members = (
            f"{json.dumps(k)}: {v if bare and k in ('amount', 'rate', 'fee') else json.dumps(v)}"
            for k, v in row.items()
        )
        return "{" + ", ".join(members) + "}"

    Path("in.jsonl").write_text("".join(line(row) + "\n" for row in rows(str)), "utf-8")
    check("in.jsonl")


PARQUET: dict[str, tuple[Callable[[str], Any], Any, Any]] = {
    "decimals": (digits, pyarrow.decimal128(15, 2), pyarrow.decimal128(10, 4)),
    "doubles": (float, pyarrow.float64(), pyarrow.float64()),
    "texts": (str, pyarrow.string(), pyarrow.string()),
}


@pytest.mark.parametrize("kind", PARQUET)
def test_of_parquet(pack: Path, kind: str) -> None:
    number, money, rate = PARQUET[kind]
    found = rows(number)
    types = {"amount": money, "fee": money, "rate": rate}
    table = pyarrow.table(
        {
            name: pyarrow.array([row.get(name) for row in found], types.get(name, pyarrow.string()))
            for name in columns(found)
        }
    )
    parquet.write_table(table, "in.parquet")
    check("in.parquet")


def test_of_single_precision(pack: Path) -> None:
    kept = [n for n, amount in enumerate(AMOUNTS) if len(amount.strip("-").replace(".", "")) < 7]
    names = {f"s{n}" for n in kept}
    found = [row for row in rows(float) if row["situation"] in names]
    types = dict.fromkeys(("amount", "fee", "rate"), pyarrow.float32())
    table = pyarrow.table(
        {
            name: pyarrow.array([row.get(name) for row in found], types.get(name, pyarrow.string()))
            for name in columns(found)
        }
    )
    parquet.write_table(table, "in.parquet")
    done, seen = judged("in.parquet")
    assert done.exit_code == 0, done.output
    assert seen == {name: said for name, said in expected().items() if name in names}


DUCKDB = {"decimals": ("DECIMAL(15, 2)", "DECIMAL(10, 4)"), "doubles": ("DOUBLE", "DOUBLE")}


@pytest.mark.parametrize("kind", DUCKDB)
def test_of_duckdb(pack: Path, kind: str) -> None:
    money, rate = DUCKDB[kind]
    found = rows(str)
    names = columns(found)
    kinds = {"amount": money, "fee": money, "rate": rate}
    with duckdb.connect("in.duckdb") as connection:
        declared = ", ".join(f'"{name}" {kinds.get(name, "VARCHAR")}' for name in names)
        connection.execute(f"CREATE TABLE events ({declared})")
        connection.executemany(
            f"INSERT INTO events VALUES ({', '.join('?' * len(names))})",
            [[row.get(name) for name in names] for row in found],
        )
    check("in.duckdb")


@pytest.mark.parametrize("kind", ["NUMERIC", "REAL", "TEXT"])
def test_of_sqlite(pack: Path, kind: str) -> None:
    found = rows(str)
    names = columns(found)
    connection = sqlite3.connect("in.sqlite")
    declared = ", ".join(
        f'"{name}" {kind if name in ("amount", "rate", "fee") else "TEXT"}' for name in names
    )
    connection.execute(f"CREATE TABLE events ({declared})")
    connection.executemany(
        f"INSERT INTO events VALUES ({', '.join('?' * len(names))})",
        [[row.get(name) for name in names] for row in found],
    )
    connection.commit()
    connection.close()
    check("in.sqlite")


@pytest.mark.parametrize("wrong", ["12.505", "1e3", "1,250.50", "12,50", "abc", "1234567890123456.00"])
def test_what_is_no_such_number_is_set_aside(pack: Path, wrong: str) -> None:
    Path("in.csv").write_text(
        "situation,event,as_of,id,fee,loan,date,amount,rate\n"
        "s,bank,2026-03-04,,,,,,\n"
        "s,loan,,x,0.10,,,,\n"
        f's,paid,,,,x,2026-03-01,"{wrong}",1\n',
        "utf-8",
    )
    _, found = judged("in.csv")
    assert found == {}
    said = Path("out.jsonl.rejects").read_text("utf-8")
    assert "amount" in said
    assert wrong in said


def test_of_a_workbook(pack: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Name", "Fee"])
    for amount in AMOUNTS:
        sheet.append([f"loan {amount}", float(amount)])
    book.save("loans.xlsx")
    done = CliRunner().invoke(
        cli.main,
        ["import", "loans.xlsx", "--yes", "-o", "out.yaml", "--as-of", "2026-03-04", "--rules", "bank"],
    )
    assert done.exit_code == 0, done.output
    from followcue.evaluation.pipeline import evaluate, load_pack
    from followcue.language.documents.read import read_file

    read = read_file(Path("out.yaml"))
    evaluate(load_pack(pack), read)
    fees = [Decimal(str(loan["fee"])) for loan in read.data["loans"].values()]
    assert sorted(fees) == sorted(map(Decimal, AMOUNTS))


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("1.0E-4", "0.0001"),
        ("1E-4", "0.0001"),
        ("9.99999999999999E12", "9999999999999.99"),
        ("-5e-1", "-0.5"),
    ],
)
def test_a_power_of_ten_is_no_place_more(written: str, digits: str) -> None:
    assert digits_of(float(written)) == without_power(written) == digits


@pytest.mark.parametrize("written", ["1e400", "1E-999999999999", "1e-100"])
def test_a_power_that_fits_nowhere_stays_as_it_is_written(written: str) -> None:
    assert without_power(written) == written
