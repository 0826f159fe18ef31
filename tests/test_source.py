"""Texts become documents that know their places, or mistakes with a place, whatever the text."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.base.shipped import data_folder
from followcue.base.terminal import unseen_in_names
from followcue.language.documents.decode import MAX_SIZE
from followcue.language.documents.document import Document, dotted
from followcue.language.documents.plain import MAX_DEPTH, UNPRINTABLE, WrittenNumber
from followcue.language.documents.read import read_document, read_file
from followcue.language.documents.schema_check import check_schema
from followcue.language.documents.yaml_text import resolve_plain
from followcue.language.model.read_vocabulary import read_vocabulary

SCHEMAS = ("rules", "vocabulary", "situation", "tests", "report")

SITUATION = """\
# A search
as_of: 2026-11-21
applications:
  acme:
    company: "Acme & Söhne"
    contacts:
      dana: {name: Dana Ruiz, phone: '+1 555 0100'}
    note: |
      Two lines
      of text
    events:
      - {date: 2026-11-10, event: interview, with: [dana, lee]}
      - date: 2026-11-12
        event: closed
"""


# --- what plain words mean
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("", None),
        ("~", None),
        ("null", None),
        ("nULL", "nULL"),
        ("12", 12),
        ("-12", -12),
        ("+12", 12),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        (".", "."),
        ("-", "-"),
        ("..", ".."),
        ("2026-11-05", "2026-11-05"),
        ("<<", "<<"),
        ("=", "="),
        ("+1 555 0100", "+1 555 0100"),
    ],
)
def test_plain_words_mean_what_yaml_1_2_says(written: str, meant: object) -> None:
    resolved = resolve_plain(written)
    kind = WrittenNumber if isinstance(meant, float) else type(meant)
    assert (resolved, type(resolved)) == (meant, kind)


def test_quoted_words_are_text() -> None:
    text = "a: '12'\nb: \"true\"\nc: !!str 7\nd: 'null'\n'5': x\n"
    assert read_document(text, "x.yaml").data == {"a": "12", "b": "true", "c": "7", "d": "null", "5": "x"}


def test_names_that_other_readers_take_for_truth_values() -> None:
    text = "on: 1\nno: 2\ny: 3\n2026-11-05: 4\n<<: {a: 5}\n"
    assert read_document(text, "x.yaml").data == {"on": 1, "no": 2, "y": 3, "2026-11-05": 4, "<<": {"a": 5}}


def test_an_alias_repeats_its_value() -> None:
    assert read_document("a: &x [1, 2]\nb: *x\n", "x.yaml").data == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_yaml_text_holds_nothing(text: str) -> None:
    assert read_document(text, "x.yaml").data is None


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    document = read_document(b"\xef\xbb\xbfa: 1\n", "x.yaml")
    assert document.data == {"a": 1}
    assert document.span(("a",), key=True) == Span("x.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "name"),
    [('{"a": [1]}', "<stdin>"), ("{a: [1]}", "<stdin>"), ("a: [1]", "<stdin>"), ('\n {"a": [1]}', "x.JSON")],
)
def test_json_and_yaml_are_told_apart(text: str, name: str) -> None:
    assert read_document(text, name).data == {"a": [1]}


# --- places
@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        (("as_of",), False, Span("s.yaml", 2, 8, 10)),
        (("as_of",), True, Span("s.yaml", 2, 1, 5)),
        (("applications", "acme"), True, Span("s.yaml", 4, 3, 4)),
        (("applications", "acme", "company"), False, Span("s.yaml", 5, 14, 14)),
        (("applications", "acme", "contacts", "dana", "phone"), False, Span("s.yaml", 7, 38, 13)),
        (("applications", "acme", "note"), False, Span("s.yaml", 8, 11, 1)),
        (("applications", "acme", "events", 0), False, Span("s.yaml", 12, 9, 55)),
        (("applications", "acme", "events", 0, "with", 1), False, Span("s.yaml", 12, 59, 3)),
        (("applications", "acme", "events", 1), False, Span("s.yaml", 13, 9, 16)),
        (("applications", "acme", "events", 9, "date"), False, Span("s.yaml", 12, 7, 57)),
        (("applications", "zenith", "company"), True, Span("s.yaml", 3, 1, 12)),
        (("nothing",), False, Span("s.yaml", 2, 1, 17)),
    ],
)
def test_places_of_values_and_keys(path: tuple[str | int, ...], key: bool, place: Span) -> None:
    assert read_document(SITUATION, "s.yaml").span(path, key=key) == place


def test_a_problem_shows_a_part_of_a_text() -> None:
    document = read_document(SITUATION, "s.yaml")
    quoted = document.problem("FC0", "here", ("applications", "acme", "company"), within=(7, 5))
    assert (
        str(quoted)
        == 's.yaml:5:22: FC0: here\n        company: "Acme & Söhne"\n                         ^^^^^'
    )
    block = document.problem("FC0", "here", ("applications", "acme", "note"), within=(4, 5))
    assert block.span == Span("s.yaml", 8, 11, 1)


def test_json_has_places_too() -> None:
    text = '{"caf\\u00e9": "a",\n "\\ud83d\\ude00": [1, {"b\\/c": "\\\\u0041"}]}'
    document = read_document(text, "s.json")
    assert document.data == {"café": "a", "😀": [1, {"b/c": "\\u0041"}]}
    assert document.span(("café",), key=True) == Span("s.json", 1, 2, 11)
    assert document.span(("😀", 1, "b/c")) == Span("s.json", 2, 31, 9)


def test_data_without_text_has_paths_for_places() -> None:
    document = Document.of({"applications": {"acme": {"events": [{"date": "soon"}]}}})
    path = ("applications", "acme", "events", 0, "date")
    assert document.span(path) is None
    assert str(document.problem("FC0", "no date", path)) == "applications.acme.events[0].date: FC0: no date"
    assert str(document.problem("FC0", "empty", ())) == "situation: FC0: empty"


def test_data_of_a_program_is_made_plain() -> None:
    document = Document.of({"as_of": date(2026, 11, 21), "events": ({"by": True},)})
    assert document.data == {"as_of": "2026-11-21", "events": [{"by": True}]}


def test_data_that_is_not_plain_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InvalidInput) as raised:
        Document.of({1: "a", "set": {1}, "loop": loop, "nan": float("nan"), "big": 10**18, "bell": "\a"})
    found = raised.value.diagnostics
    assert sorted(d.code for d in found) == ["FC105", "FC106", "FC201", "FC201", "FC201", "FC201"]


# --- files
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path, Path("nul\0.yaml")):
        with pytest.raises(InvalidInput) as raised:
            read_file(path)
        assert [d.code for d in raised.value.diagnostics] == ["FC101"]


def test_a_text_that_is_too_large() -> None:
    with pytest.raises(InvalidInput, match="FC106: this is larger than 16 MiB"):
        read_document(b" " * (MAX_SIZE + 1), "x.yaml")


@pytest.mark.parametrize("name", ["x.yaml", "x.json"])
def test_depth_is_limited(name: str) -> None:
    allowed = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read_document(allowed, name).data
    with pytest.raises(InvalidInput, match="FC106"):
        read_document(f"[{allowed}]", name)


# --- any text at all
def _good_texts() -> list[tuple[str, str]]:
    folder = data_folder("rules") / "interview-follow-up"
    vocabulary = (folder / "vocabulary" / "situation.yaml").read_text(encoding="utf-8")
    parameters = (folder / "vocabulary" / "parameters.yaml").read_text(encoding="utf-8")
    rules = (folder / "terms.yaml").read_text(encoding="utf-8")
    as_json = json.dumps(read_document(SITUATION, "s.yaml").data, indent=1)
    return [
        (SITUATION, "s.yaml"),
        (as_json, "s.json"),
        (as_json, "<stdin>"),
        (vocabulary, "vocabulary.yaml"),
        (parameters, "vocabulary.yaml"),
        (rules[:3000], "rules.yaml"),
    ]


GOOD_TEXTS = _good_texts()
NASTY = ("\t", "{{", "[", "]", "{", "}", ": ", "- ", "'", '"', "*a", "&a ", "!x ", "|", ">", "#", "\n", "\r")
NASTY += (
    "\\u",
    "\x00",
    "\x85",
    "\u2028",
    "\ufeff",
    "\ud800",
    "😀",
    "1e999",
    ".nan",
    "null",
    "---\n",
    "%",
    "<<",
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """A good text after a few slips of the keyboard."""
    text, name = draw(st.sampled_from(GOOD_TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 40)))
        put = draw(st.one_of(st.sampled_from(NASTY), st.just(text[start:stop] * 2), st.text(max_size=4)))
        text = text[:start] + put + text[stop if draw(st.booleans()) else start :]
    return text, name


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(mutated())
def test_a_mutated_text_is_read_or_refused_with_places(case: tuple[str, str]) -> None:
    text, name = case
    _assert_lie_inside(text, _all_problems(text, name))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["x.yaml", "x.json", "<stdin>"]))
def test_any_bytes_are_read_or_refused_with_places(raw: bytes, name: str) -> None:
    _assert_lie_inside(raw.decode("utf-8", "replace"), _all_problems(raw, name))


@settings(max_examples=300, deadline=None)
@given(st.text("[]{}:,-\"'&*!|> \n\ta1#?%@", max_size=60), st.sampled_from(["x.yaml", "x.json"]))
def test_any_punctuation_is_read_or_refused_with_places(text: str, name: str) -> None:
    _assert_lie_inside(text, _all_problems(text, name))


def _all_problems(text: str | bytes, name: str) -> list[Diagnostic]:
    try:
        document = read_document(text, name)
    except InvalidInput as error:
        return list(error.diagnostics)
    problems = [problem for schema in SCHEMAS for problem in check_schema(document, schema)]
    read, found = read_vocabulary([[document]])
    assert bool(read) != bool(found)
    return problems + found


def _assert_lie_inside(text: str, diagnostics: list[Diagnostic]) -> None:
    text = text.removeprefix("\ufeff")
    as_yaml, as_json = re.split("\r\n|[\n\r\x85\u2028\u2029]", text), re.split("\r\n|[\n\r]", text)
    for diagnostic in diagnostics:
        spans = [span for _, span in diagnostic.related] + ([diagnostic.span] if diagnostic.span else [])
        assert spans
        assert str(diagnostic).encode("utf-8")
        for span in spans:
            assert _is_inside(span, as_yaml) or _is_inside(span, as_json)
            assert span.length >= 1


def _is_inside(span: Span, lines: list[str]) -> bool:
    return 1 <= span.line <= len(lines) and 1 <= span.column <= len(lines[span.line - 1]) + 1


# --- the same data in every form
PRINTABLE = st.text(max_size=8).filter(lambda text: not UNPRINTABLE.search(text))
NAMES = PRINTABLE.filter(lambda text: not unseen_in_names().search(text))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(PLAIN, st.booleans())
def test_json_is_read_back_with_the_place_of_every_value(data: object, ascii_only: bool) -> None:
    text = json.dumps({"top": data}, ensure_ascii=ascii_only)
    document = read_document(text, "x.json")
    assert document.data == Document.of({"top": data}).data
    if len(text) < 1000:  # libyaml gives up on longer names, and with them on places
        for path, value in _scalars(document.data, ()):
            span = document.span(path)
            assert span is not None
            written = text[span.column - 1 : span.column - 1 + span.length]
            said = json.loads(written)
            assert (normalize("NFC", said) if isinstance(said, str) else said) == value, dotted(path)


def _scalars(data: object, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], object]]:
    if isinstance(data, dict):
        return [found for key, value in data.items() for found in _scalars(value, (*path, key))]
    if isinstance(data, list):
        return [found for index, value in enumerate(data) for found in _scalars(value, (*path, index))]
    return [(path, data)]


def test_what_ends_a_line_in_yaml_alone_ends_none_in_json() -> None:
    for text, column in (('{"a": "\x85", "a": 2}', 12), ('{"a": "\u2028", "b" 2}', 16)):
        with pytest.raises(InvalidInput) as refused:
            read_document(text, "x.json")
        (found,) = refused.value.diagnostics
        assert found.span is not None
        assert (found.span.line, found.span.column) == (1, column)


def test_what_ends_with_the_mark_of_a_document_is_empty_on_its_line() -> None:
    for text in ("---", "# nothing yet\n---"):
        diagnostics = _all_problems(text, "x.yaml")
        _assert_lie_inside(text, diagnostics)
        assert "is empty" in diagnostics[0].message
