"""`followcue export --format csv`: one row an event, no formula, and the same facts when it is back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from followcue import cli
from followcue.assistant.journal.init import blank
from followcue.assistant.sheets.bring_along import bring_along
from followcue.assistant.sheets.cell_text import guarded, members_of, text_of, unguarded, written
from followcue.assistant.sheets.guess import guess
from followcue.assistant.sheets.mapping import SheetMapping
from followcue.assistant.sheets.read_sheet import read_sheet
from followcue.assistant.sheets.targets import Lexicon
from followcue.assistant.sheets.write_sheet import export_csv
from followcue.evaluation.pipeline import LoadedPack, Options, load_pack
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_file

ROOT = Path(__file__).parents[1]
AS_OF = date(2030, 1, 1)
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell must not begin with, by the advice of OWASP."""


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@cache
def shipped() -> LoadedPack:
    return load_pack()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["export", *arguments, "--format", "csv"])


def facts(document: Document, loaded: LoadedPack) -> dict[str, list[tuple[Any, ...]]]:
    """All facts, without the moments, which are places in lists."""
    relations = loaded.pack.vocabulary.relations
    read = loaded.read(document, Options(as_of=AS_OF))
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, rows in read.facts.items():
        kept = [n for n, column in enumerate(relations[name].columns) if column.name != "at"]
        found[name] = sorted((tuple(row[n] for n in kept) for row in rows), key=repr)
    return found


def brought_back(text: str, folder: Path, loaded: LoadedPack) -> Document:
    path = folder / "exported.csv"
    path.write_bytes(text.encode())
    sheet = read_sheet(str(path))
    mapping = guess(sheet, Lexicon(loaded.pack.vocabulary), SheetMapping())
    begun = blank(loaded.pack.vocabulary, "back.yaml", None)
    brought = bring_along(sheet, mapping, begun, loaded, Options(as_of=AS_OF))
    assert not brought.questions
    assert not brought.refused, brought.refused
    assert not brought.notes, brought.notes
    assert brought.text is not None
    return brought.text.document


# --- back and forth
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_comes_back(example: Path, tmp_path: Path) -> None:
    document = read_file(example)
    again = brought_back(export_csv(shipped(), document), tmp_path, shipped())
    assert facts(again, shipped()) == facts(document, shipped())


PACKS = sorted(path.parent for path in (ROOT / "examples" / "packs").glob("*/vocabulary.yaml"))


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.name)
def test_situations_of_other_packs_come_back(pack: Path, tmp_path: Path) -> None:
    loaded = load_pack(pack)
    for example in sorted((pack / "examples").glob("*.yaml")):
        document = read_file(example)
        again = brought_back(export_csv(loaded, document), tmp_path, loaded)
        assert facts(again, loaded) == facts(document, loaded)


TEXTS = st.one_of(
    st.text(st.sampled_from("a b=+-@\t\n\r;,\"'[]{}:#|é漢＝0"), max_size=8),
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12),
    st.sampled_from(
        ["=1+1", "'=1", "''-x", "true", "2026-11-05", "[a, b]", '["a"]', '"', '""', "null", "1.0", "a;b"]
    ),
)
KEYS = st.sampled_from(["dana", "lee", "kim"])
DAYS = st.dates(date(2026, 9, 1), date(2026, 12, 31)).map(date.isoformat)


def event(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {key: value for key, value in fields.items() if not key.startswith("_")} | {"note": TEXTS}
    required = {key[1:]: value for key, value in fields.items() if key.startswith("_")}
    return st.fixed_dictionaries({"date": DAYS, "event": st.just(name), **required}, optional=optional)


EVENTS = st.one_of(
    event("applied", channel=TEXTS),
    event("interview", stage=TEXTS, **{"with": st.lists(KEYS, unique=True, min_size=1)}),
    event("interview", concerns=st.lists(TEXTS, min_size=1, max_size=3)),
    event("status_checked", _channel=st.sampled_from(["phone", "email"]), to=KEYS),
    event("timeline_promised", _within=st.sampled_from(["5 days", "2 weeks", "1 day"]), **{"from": KEYS}),
    event("offer_received", written=st.booleans(), answer_by=DAYS),
)


@st.composite
def situations(draw: st.DrawFn) -> dict[str, Any]:
    applications: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from(["acme", "zeta", "x-1"]), unique=True, min_size=1)):
        record: dict[str, Any] = {"company": draw(TEXTS)}
        if draw(st.booleans()):
            record["role"] = draw(TEXTS)
        contact = st.fixed_dictionaries(
            {}, optional={"name": TEXTS, "email": TEXTS, "role": st.just("recruiter")}
        )
        record["contacts"] = {name: draw(contact) for name in ("dana", "lee", "kim")}
        found = draw(st.lists(EVENTS, max_size=6, unique_by=lambda one: repr(sorted(one.items(), key=str))))
        record["events"] = sorted(found, key=lambda one: one["date"])
        applications[key] = record
    told = st.lists(event("network_told"), max_size=2, unique_by=lambda one: repr(sorted(one.items())))
    return {"applications": applications, "events": draw(told), "person": {"name": draw(TEXTS)}}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(situations())
def test_whatever_is_exported_comes_back_as_the_same_facts(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]
) -> None:
    document = Document.of(data)
    text = export_csv(shipped(), document)
    again = brought_back(text, tmp_path_factory.getbasetemp(), shipped())
    assert facts(again, shipped()) == facts(document, shipped())
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(DANGEROUS) for cell in row)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(TEXTS))
def test_a_cell_comes_back_as_it_was(text: str, members: list[str]) -> None:
    assert unguarded(guarded(text)) == text
    assert text_of(written(text)) == text
    assert members_of(written(members)) == members


# --- the text
SEARCH = """\
applications:
  acme:
    company: =cmd|' /C calc'!A0
    contacts: {dana: {name: "@SUM(1)", phone: "+49 30 1"}}
    events:
      - {date: 2026-11-02, event: applied, note: "-2+3, \\"ok\\"; =1"}
"""


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH)
    assert run(str(path)).stdout.splitlines() == [
        '"date","event","application.id","application.company","contact.id","contact.name","contact.phone","note"',
        '"","contact","acme","\'=cmd|\' /C calc\'!A0","dana","\'@SUM(1)","\'+49 30 1",""',
        '"2026-11-02","applied","acme","\'=cmd|\' /C calc\'!A0","","","","\'-2+3, ""ok""; =1"',
    ]


def test_a_file_is_known_for_utf_8_and_a_pipe_has_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH)
    assert run(str(path), "-o", str(tmp_path / "out.csv")).exit_code == 0
    assert (tmp_path / "out.csv").read_bytes().startswith(b'\xef\xbb\xbf"date"')
    assert run(str(path)).stdout.startswith('"date"')


def test_a_cell_of_several_lines_hides_no_separator(tmp_path: Path) -> None:
    data = {"applications": {"acme": {"company": "Acme", "role": "0\r;\n;;"}}, "person": {"name": ";"}}
    again = brought_back(export_csv(shipped(), Document.of(data)), tmp_path, shipped())
    assert again.data == data


def test_one_application_alone(tmp_path: Path) -> None:
    whole = ROOT / "examples" / "whole-search.yaml"
    rows = list(csv.DictReader(io.StringIO(run(str(whole), "--application", "alder").stdout)))
    assert {row["application.id"] for row in rows} == {"alder"}
    wrong = run(str(whole), "--application", "aldr")
    assert (wrong.exit_code, "did you mean `alder`?" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    "option", [("--days", "3"), ("--alarm", "none"), ("--previous", "x"), ("--as", "todos")]
)
def test_what_is_for_calendars_does_not_go_with_a_sheet(option: tuple[str, ...]) -> None:
    refused = run(str(EXAMPLES[0]), *option)
    assert refused.exit_code == 2
    assert re.search(f"{option[0]} goes with a calendar", refused.stderr)


def test_what_is_wrong_is_not_exported(tmp_path: Path) -> None:
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH.replace("applied,", "aplied,"))
    refused = run(str(path))
    assert (refused.exit_code, refused.stdout) == (3, "")
