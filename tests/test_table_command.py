"""`followcue table`: a sheet becomes a table that loads, or every cell that makes none is told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from followcue import cli
from followcue.authoring.table_sheet.cell_phrases import Unread, asked
from followcue.language.model.vocabulary import BOOLEAN, DATE, DURATION, NUMBER, TEXT, Type, decimal_type
from planted_tables import VOCABULARY

MONEY = decimal_type(2)
PERIOD = Type("period", "period")
COLOUR = Type("colour", "text", choices=("dark_red", "green"))


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    return tmp_path / "pack"


def table(*arguments: str, sheet: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["table", *arguments, "--rules", "pack"], input=sheet)


def written(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return yaml.safe_load(result.stdout)["tables"]


@pytest.mark.parametrize(
    ("text", "type", "phrase"),
    [
        ("", NUMBER, "any"),
        ("-", NUMBER, "any"),
        ("Else", TEXT, "any"),
        ("18", NUMBER, 18),
        ("-3", NUMBER, -3),
        ("1,250", NUMBER, 1250),
        ("1'250'000", NUMBER, 1250000),
        ("18-25", NUMBER, "at least 18 and at most 25"),
        ("18 – 25", NUMBER, "at least 18 and at most 25"),
        ("from 18 to 25", NUMBER, "at least 18 and at most 25"),
        ("between 18 and 25", NUMBER, "at least 18 and at most 25"),
        ("[18..25)", NUMBER, "at least 18 and less than 25"),
        ("]18..25]", NUMBER, "more than 18 and at most 25"),
        (">18, <=25", NUMBER, "more than 18 and at most 25"),
        ("≥ 18 and < 25", NUMBER, "at least 18 and less than 25"),
        ("25+", NUMBER, "at least 25"),
        ("25 or more", NUMBER, "at least 25"),
        ("up to 1,250", NUMBER, "at most 1250"),
        ("under 18", NUMBER, "less than 18"),
        ("at least 3 and at most 5", NUMBER, "at least 3 and at most 5"),
        ("1, 2; 3", NUMBER, [1, 2, 3]),
        ("<> 3", NUMBER, "not 3"),
        ("small", NUMBER, "small"),
        ("Dark red", COLOUR, "dark_red"),
        ("green, dark-red", COLOUR, ["green", "dark_red"]),
        ("not(green, dark red)", COLOUR, "not green and not dark_red"),
        ("yes", BOOLEAN, True),
        ("2026-11-05", DATE, "2026-11-05"),
        ("25.12.2026", DATE, "2026-12-25"),
        ("since 25.12.2026", DATE, "on or after 2026-12-25"),
        ("before today - 5 days", DATE, "before today - 5 days"),
        ("7d", DURATION, "7 days"),
        ("3-5 days", DURATION, "at least 3 days and at most 5 days"),
        ("over 2w", DURATION, "more than 2 weeks"),
        ("10.0.0.1", TEXT, "10.0.0.1"),
        ("6.49", MONEY, "6.49"),
        ("12", MONEY, "12"),
        ("-3.5", MONEY, "-3.5"),
        ("1,250.50", MONEY, "1250.50"),
        ("1'250.5", MONEY, "1250.5"),
        ("35 %", MONEY, "35%"),
        ("12.5-20", MONEY, "at least 12.5 and at most 20"),
        ("5%-7.5%", MONEY, "at least 5% and at most 7.5%"),
        ("[0.5..1)", MONEY, "at least 0.5 and less than 1"),
        ("over 1,250.50", MONEY, "more than 1250.50"),
        ("99.99+", MONEY, "at least 99.99"),
        ("1.5; 2.5", MONEY, ["1.5", "2.5"]),
        ("6 months", PERIOD, "6 months"),
        ("6mo", PERIOD, "6 months"),
        ("1 yr", PERIOD, "1 year"),
        ("2-3 years", PERIOD, "at least 2 years and at most 3 years"),
        ("under 18 y", PERIOD, "less than 18 years"),
        ("12 months or more", PERIOD, "at least 12 months"),
        ("before today - 18 years", DATE, "before today - 18 years"),
    ],
)
def test_a_cell_as_people_write_it_is_a_phrase(text: str, type: Type, phrase: object) -> None:
    assert asked(text, type) == phrase


@pytest.mark.parametrize(
    ("text", "type"), [("5/10/2026", DATE), ("1,5", NUMBER), ("1,5", MONEY), ("1.250,50", MONEY)]
)
def test_a_cell_that_can_mean_two_things_is_refused(text: str, type: Type) -> None:
    with pytest.raises(Unread):
        asked(text, type)


def test_a_day_of_a_workbook_is_a_day() -> None:
    assert asked(date(2026, 11, 5), DATE) == "2026-11-05"


def test_a_sheet_becomes_a_table_that_loads(pack: Path) -> None:
    Path("by-size.csv").write_text("Size;Colour of the thing;Of\n<3;;little\n3-5;red, blue;some\n", "utf-8")
    result = table("by-size.csv", "--hit", "first", "-o", "pack/by-size.yaml")
    assert result.exit_code == 0, result.stderr
    assert "column A `Size` asks for `size` of `thing`" in result.stderr
    assert yaml.safe_load(Path("pack/by-size.yaml").read_text("utf-8"))["tables"] == {
        "by-size": {
            "title": "By size",
            "cites": ["own default"],
            "hit": "first",
            "when": [{"thing": {"size": "$size", "colour": "$colour"}}],
            "columns": ["$size", "$colour", "of"],
            "conclude": "sort",
            "rows": [
                ["less than 3", "any", "little"],
                ["at least 3 and at most 5", ["red", "blue"], "some"],
            ],
        }
    }
    shown = CliRunner().invoke(cli.main, ["check", "pack"])
    assert "no row of `by-size` fits where `$size` is 3 and `$colour` is green" in shown.stdout


def test_standard_input_is_read_and_values_alone_are_a_table_of_values(pack: Path) -> None:
    text = (pack / "vocabulary.yaml").read_text("utf-8")
    (pack / "vocabulary.yaml").write_text(text.replace("of: text}}", "of: text}, of: house}"), "utf-8")
    made = written(table("-", "--name", "kinds", "--conclude", "sort", sheet="Of,\nlittle\nmuch\n"))
    assert made["kinds"]["rows"] == [["little"], ["much"]]
    assert "hit" not in made["kinds"]


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (
            "Sise,Of\n1,a\n",
            "<stdin>:A1: FC359: no field of the pack is called `Sise`\n  hint: did you mean `size`?",
        ),
        ("Size,Off\n1,a\n", "<stdin>:B1: FC359: nothing that rows could give is called `Off`"),
        ("Size,Of\nabout 3,a\n", "<stdin>:A2: FC359: this must be a number, not text"),
        ("Colour,Of\nred,a\nyelow,b\n", "<stdin>:A3: FC359: `yelow` is no colour"),
        ("Made,Of\n5/10/2026,a\n", "<stdin>:A2: FC359: `5/10/2026` can mean two days"),
        ("Size,Of\n1,a,b\n", "<stdin>:C1: FC359: this column has no head"),
        ("Size,Of\n", "<stdin>: FC540: this sheet has no rows below a head"),
    ],
)
def test_what_is_not_understood_is_told_at_its_cell(pack: Path, sheet: str, said: str) -> None:
    result = table("-", "--name", "t", "-o", "pack/t.yaml", sheet=sheet)
    assert result.exit_code == 3
    assert said in result.stderr
    assert not (pack / "t.yaml").exists()


def test_all_that_is_wrong_is_told_at_once(pack: Path) -> None:
    result = table("-", "--name", "t", sheet="Size,Colour,Made,Of\nabout 3,yelow,5/10/2026,a\n")
    assert [line.split(": FC")[0] for line in result.stderr.splitlines() if "FC359" in line] == [
        "<stdin>:A2",
        "<stdin>:B2",
        "<stdin>:C2",
    ]


def test_no_file_is_replaced_and_a_name_must_be_one(pack: Path) -> None:
    (pack / "t.yaml").write_text("rules: {}\n", "utf-8")
    refused = table("-", "--name", "t", "-o", "pack/t.yaml", sheet="Size,Of\n1,a\n")
    assert refused.exit_code == 3
    assert (pack / "t.yaml").read_text("utf-8") == "rules: {}\n"
    assert table("-", "--name", "Not so", sheet="Size,Of\n1,a\n").exit_code == 2
    assert table("-", "--conclude", "sorts", sheet="Size,Of\n1,a\n").exit_code == 2


LOANS = """\
pack: {name: loans}
situation:
  scope: loan
  whole: bank
  records: {loan: {in: loans, fields: {amount: money, runs: period}, require: [amount, runs]}}
types: {money: {decimal: 2}}
conclusions: {price: {says: What it costs., fields: {rate: money, grace: period}}}
"""


def test_decimals_and_periods_of_a_sheet_are_read_as_they_stand(pack: Path) -> None:
    (pack / "vocabulary.yaml").write_text(LOANS, "utf-8")
    sheet = (
        "Amount;Runs;Rate;Grace\n"
        "up to 1,250.50;up to 36 mo;6.49;1 yr\n"
        "up to 1,250.50;over 3 years;7;2 months\n"
        "> 1250.50;;0.10;-\n"
    )
    Path("prices.csv").write_text(sheet, "utf-8")
    result = table("prices.csv", "-o", "pack/prices.yaml", "--hit", "only")
    assert result.exit_code == 0, result.stderr
    text = Path("pack/prices.yaml").read_text("utf-8")
    rows = [line.split("[", 1)[1].replace(" ", "") for line in text.splitlines() if "[at most" in line]
    assert rows == ["atmost1250.50,atmost36months,6.49,1year]", "atmost1250.50,morethan3years,7,2months]"]
    assert "0.10," in text
    loans = "{a: {amount: 1250.50, runs: 36 months}, b: {amount: 1250.51, runs: 1 year}}"
    Path("s.yaml").write_text(f"as_of: 2026-03-04\nloans: {loans}\n", "utf-8")
    said = CliRunner().invoke(cli.main, ["evaluate", "s.yaml", "--rules", "pack", "--format", "json"])
    found = {c["loan"]: c["fields"] for c in json.loads(said.stdout)["conclusions"]}
    assert (found["a"]["rate"], found["a"]["grace"], found["b"]["rate"]) == ("6.49", "1 year", "0.10")


def test_a_comma_before_the_places_is_told_with_how_to_write_it(pack: Path) -> None:
    (pack / "vocabulary.yaml").write_text(LOANS, "utf-8")
    result = table("-", "--name", "t", sheet="Amount;Rate\n1.250,50;5\n")
    assert "`1.250,50` has a comma before its places" in result.stderr
    assert "write `1250.50`" in result.stderr
