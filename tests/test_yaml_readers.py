"""One text, one answer: the same nodes, places and mistakes with libyaml and without it.

Where the installed PyYAML has no libyaml, both sides are the reference reader, and the tables still hold.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

import followcue
from followcue.authoring.lint.as_test import as_yaml as lint_as_yaml
from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import USUAL
from followcue.base.terminal import unseen_in_names
from followcue.language.documents import yaml_nodes
from followcue.language.documents.decode import decode
from followcue.language.documents.document import Document
from followcue.language.documents.json_text import open_places
from followcue.language.documents.plain import UNPRINTABLE
from followcue.language.documents.read import read_document
from followcue.language.documents.yaml_nodes import compose, compose_by_reference
from followcue.language.documents.yaml_reference import ReferenceReader
from followcue.language.documents.yaml_text import MAX_COPIES
from followcue.synthesis.situation_yaml import as_yaml as generated_as_yaml

ROOT = Path(__file__).parent.parent

# --- kinds of text, and what they are. `→` stands for a tab, `␍` for a carriage return.
READ: dict[str, tuple[str, object]] = {
    # lists and mappings in lines
    "list": ("- tea\n- milk\n", ["tea", "milk"]),
    "mapping": ("tea: hot\nmilk: cold\n", {"tea": "hot", "milk": "cold"}),
    "list of mappings": (
        "- tea: hot\n  milk: cold\n-\n  ice: 1\n",
        [{"tea": "hot", "milk": "cold"}, {"ice": 1}],
    ),
    "list at the margin of its name": (
        "drinks:\n- tea\n- milk\nfood: []\n",
        {"drinks": ["tea", "milk"], "food": []},
    ),
    "list in a list": ("- - a\n  - b\n-\n  - c\n", [["a", "b"], ["c"]]),
    "list in a list in a list": ("- - - a\n", [[["a"]]]),
    "mapping in a list in a mapping": ("a:\n  - b: 1\n    c: 2\n  - d\n", {"a": [{"b": 1, "c": 2}, "d"]}),
    "nothing given": ("a:\nb: ~\nc:\n  d:\n", {"a": None, "b": None, "c": {"d": None}}),
    "nothing in a list": ("-\n- a\n-\n", [None, "a", None]),
    "nothing in a list at the end of the text": ("- a\n-", ["a", None]),
    "indented by one": ("a:\n b:\n  c: 1\n", {"a": {"b": {"c": 1}}}),
    "indented as a whole": ("  a: 1\n  b: 2\n", {"a": 1, "b": 2}),
    "no break at the end": ("a: 1\nb: x", {"a": 1, "b": "x"}),
    "spaces at the end": ("a: 1  \nb:   \n  ", {"a": 1, "b": None}),
    "empty lines": ("\n\na: 1\n\n\nb: 2\n\n", {"a": 1, "b": 2}),
    "carriage returns": ("a: 1␍\nb:␍\n  - x␍\n", {"a": 1, "b": ["x"]}),
    "carriage returns alone": ("a: 1␍b:␍ - x␍", {"a": 1, "b": ["x"]}),
    "space before the colon": ("a  : 1\n'b' : 2\n", {"a": 1, "b": 2}),
    "key of a line of its own": ("? a\n: 1\n? b\n", {"a": 1, "b": None}),
    "key of a line of its own, with a block": ("? |-\n  two\n: 1\n", {"two": 1}),
    # brackets
    "flow list": ("[a, b , c,]", ["a", "b", "c"]),
    "flow mapping": ("{a: 1, b : 2, c: , d, e: }", {"a": 1, "b": 2, "c": None, "d": None, "e": None}),
    "flow without spaces": ('{"a":1,"b":[2,3],c: 4}', {"a": 1, "b": [2, 3], "c": 4}),
    "flow over lines": ("a: [\n  b,\n\n  c\n]\n", {"a": ["b", "c"]}),
    "flow over lines at the margin": ("a: {\nb: 1,\nc: [\n2]\n}\n", {"a": {"b": 1, "c": [2]}}),
    "flow with comments": ("[ # one\n  a, # two\n  # three\n  b ]", ["a", "b"]),
    "empty flow": ("- []\n- {}\n- [ ]\n- { }\n", [[], {}, [], {}]),
    "flow in flow": ("{a: [b, {c: [d]}]}", {"a": ["b", {"c": ["d"]}]}),
    "pair in a flow list": ("[a: 1, b: [c: 2]]", [{"a": 1}, {"b": [{"c": 2}]}]),
    "pair without a value in a flow list": ("[a: , b:]", [{"a": None}, {"b": None}]),
    "key with a question mark in flow": ("{? a: 1, ? b, c: 2}", {"a": 1, "b": None, "c": 2}),
    "missing value before a break": ("{a:\n, b:\n}", {"a": None, "b": None}),
    "plain text over lines in flow": ("[one\n two, three\n\n four]", ["one two", "three\nfour"]),
    "question marks in flow": ("[why?, ?x, a?b, {c?: d}]", ["why?", "?x", "a?b", {"c?": "d"}]),
    "colons in flow": ("[a:b, http://x.org/y, 12:30]", ["a:b", "http://x.org/y", "12:30"]),
    "name without a value before a comma": (
        "{http://x.org, a:, b: 1}",
        {"http://x.org": None, "a": None, "b": 1},
    ),
    "minus in flow": ("[-1, -a, a-b]", [-1, "-a", "a-b"]),
    # plain text
    "colons inside words": ("a: b:c\nhttp://x.org: d\n", {"a": "b:c", "http://x.org": "d"}),
    "hash inside a word": ("a: b#c\nd#: e#\n", {"a": "b#c", "d#": "e#"}),
    "signs at the beginning of a word": (
        "- -a\n- ?b\n- :c\n- .d\n- =\n- <<\n",
        ["-a", "?b", ":c", ".d", "=", "<<"],
    ),
    "signs inside": ("a: x & y, [z] {!} *% @ ` \"q\" 'r'\n", {"a": "x & y, [z] {!} *% @ ` \"q\" 'r'"}),
    "plain text over lines": (
        "a: one\n  two\n\n  three\n   four\nb: 1\n",
        {"a": "one two\nthree four", "b": 1},
    ),
    "plain text over lines begins below its name": ("a:\n  one\n  two\n", {"a": "one two"}),
    "plain text that goes on with signs": (
        "a: one\n  - two\n  & three\n  ! four\n",
        {"a": "one - two & three ! four"},
    ),
    "plain text that is the whole": ("one\ntwo\n\nthree\n", "one two\nthree"),
    "comment ends plain text": ("a: one # two\n  # three\nb: 1\n", {"a": "one", "b": 1}),
    "letters of other scripts": ("é: 日本 😀\n\xa0x: y\n", {"é": "日本 😀", "\xa0x": "y"}),
    # quotes
    "quotes": ("'a': \"b\"\n\"c\": 'd'\n", {"a": "b", "c": "d"}),
    "empty quotes": ("- ''\n- \"\"\n- ' '\n", ["", "", " "]),
    "quotes inside quotes": (
        "- 'it''s \"so\"'\n- \"it's \\\"so\\\"\"\n- ''''\n",
        ['it\'s "so"', 'it\'s "so"', "'"],
    ),
    "signs inside quotes": (
        "- ': # - [ { & * ! % @ | >'\n- \"? -, a: b\"\n",
        [": # - [ { & * ! % @ | >", "? -, a: b"],
    ),
    "escapes": (r'- "\t\n\\\/\x41\u00e9\U0001F600\N\_\L\P"', ["\t\n\\/Aé😀\x85\xa0\u2028\u2029"]),
    "backslash in single quotes": (r"- 'C:\new'", [r"C:\new"]),
    "quotes over lines": (
        "a: 'one\n  two\n\n  three '\nb: \"x\n  y\"\n",
        {"a": "one two\nthree ", "b": "x y"},
    ),
    "escaped break": ('a: "one \\\n   two\\\n   \\ three"\n', {"a": "one two three"}),
    "escaped carriage return and break": ('a: "one\\␍\n  two"\n', {"a": "onetwo"}),
    "spaces before a break in quotes": ("a: 'one   \n   two'\n", {"a": "one two"}),
    # blocks
    "literal": ("a: |\n  one\n    two\n\n  three\nb: 1\n", {"a": "one\n  two\n\nthree\n", "b": 1}),
    "folded": ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", {"a": "one two\nthree\n  four\nfive\n"}),
    "stripped and kept": ("a: |-\n  x\n\nb: |+\n  y\n\nc: >-\n  z\n", {"a": "x", "b": "y\n\n", "c": "z"}),
    "indentation given": ("a: |2\n    x\n  y\nb: >1-\n  z\n", {"a": "  x\ny\n", "b": " z"}),
    "block with a comment in its first line": ("a: | # why\n  x\n", {"a": "x\n"}),
    "block that begins with empty lines": ("a: |\n\n\n  x\n", {"a": "\n\nx\n"}),
    "block of hashes and signs": ("a: |\n  # x\n  - y: [\n  %z\n", {"a": "# x\n- y: [\n%z\n"}),
    "empty block": ("a: |\nb: >\nc: 1\n", {"a": "", "b": "", "c": 1}),
    "block in a list": ("- |\n x\n- >\n y\n z\n", ["x\n", "y z\n"]),
    "block without a break at the end": ("a: |\n  x", {"a": "x"}),
    "block with carriage returns": ("a: |␍\n  x␍\n  y␍\n", {"a": "x\ny\n"}),
    "comment after a block": ("a: |\n  x\n# y\nb: 1\n", {"a": "x\n", "b": 1}),
    # comments, documents
    "comments": ("# a\na: # b\n  # c\n  - d # e\n#f\n", {"a": ["d"]}),
    "only a comment": ("# nothing\n", None),
    "document": ("---\na: 1\n...\n", {"a": 1}),
    "document with text beside its mark": ("--- a\n", "a"),
    "document with a version": ("%YAML 1.2 # of 2009\n---\na: 1\n", {"a": 1}),
    "version of the future": ("%YAML 1.12\n---\na: 1\n", {"a": 1}),
    "mark of a document inside": ("a: ---\nb: x ...\n", {"a": "---", "b": "x ..."}),
    # anchors, tags
    "alias": ("a: &x [1, 2]\nb: *x\n", {"a": [1, 2], "b": [1, 2]}),
    "alias of text, as a key and in flow": ("a: &x-1 b\n*x-1 : [*x-1, *x-1]\n", {"a": "b", "b": ["b", "b"]}),
    "anchor of nothing and of blocks": (
        "a: &x\nb: &y |\n  z\nc: &z\n  d: 1\n",
        {"a": None, "b": "z\n", "c": {"d": 1}},
    ),
    "text by its tag": (
        "- !!str 12\n- !!str\n- !<tag:yaml.org,2002:str> ~\n- &a !!str 1\n",
        ["12", "", "~", "1"],
    ),
    "text by its tag in flow": ("[!!str 1, !!str, {!!str : !!str 2}]", ["1", "", {"": "2"}]),
    # tabs that do not indent
    "tab after the colon": ("a:→1\nb:→→x\n", {"a": 1, "b": "x"}),
    "tab before the colon": ("a→: 1\n'b'→: 2\n", {"a": 1, "b": 2}),
    "tab after the dash": ("-→a\n- →[b]\n-→→'c'\n-→|\n  d\n-→-1\n", ["a", ["b"], "c", "d\n", -1]),
    "tab in text": ("a: b→c\nd: 'e→f'\ng: |\n  h→i\n", {"a": "b\tc", "d": "e\tf", "g": "h\ti\n"}),
    "tab at the end": ("a: b→\nc:→\n  d→\n", {"a": "b", "c": "d"}),
    "tab before a comment": ("a: b→# c\n→# d\ne: 1\n", {"a": "b", "e": 1}),
    "line of nothing but a tab": (
        "a: 1\n→\nb:\n  c: 2\n  →\n  d: 3\n →  →\n",
        {"a": 1, "b": {"c": 2, "d": 3}},
    ),
    "text that is nothing but tabs": ("→\n →", None),
    "tabs in brackets": ("a: [→b,→\n→→c→]\n", {"a": ["b", "c"]}),
    "tabs indent brackets": ("{\n→a: [\n→→1\n→]\n}\n", {"a": [1]}),
    "tab after spaces that indent": ("a:\n →b\nc: d\n  →e\n", {"a": "b", "c": "d e"}),
    "tab in lines of quotes": ("a: 'b\n  →c'\n", {"a": "b c"}),
    "tab after the head of a block": ("a: |→\n  b\nc: >-→# d\n  e\n", {"a": "b\n", "c": "e"}),
    "tab begins a line of a block": ("a: |\n  →b\n  c\n", {"a": "\tb\nc\n"}),
    "block of a tab": ("a: |\n →\nb: 1\n", {"a": "\t\n", "b": 1}),
    "tab after the mark of a document": ("---→a\n", "a"),
    "tab after a version": ("%YAML→1.2→# x\n---\na: 1\n", {"a": 1}),
    "tab after a tag and an anchor": ("a: !!str→1\nb: &x→2\n", {"a": "1", "b": 2}),
}

REFUSED: dict[str, tuple[str, str]] = {
    # what libyaml reads in silence
    "tag of nothing special": ("a: ! 12\n", "FC107 1:4"),
    "tag of nothing special before nothing": ("- !\n- 1\n", "FC107 1:3"),
    "tag of a number": ("a: !!int '12'\n", "FC107 1:4"),
    "tag that ends with a bracket": ("[!a, !b]", "FC107 1:2 1:6"),
    "name with a colon": ("a: &an:chor b\n", "FC102 1:7"),
    "alias before its colon": ("- &a x\n- *a: 1\n", "FC102 2:5"),
    "anchor before its colon": ("&a: 1\n", "FC102 1:3"),
    "name with another sign": ("a: &b%c d\n", "FC102 1:4"),
    "comment right after quotes": ('a: "b"#c\n', "FC102 1:7"),
    "comment right after brackets": ("[a, b]#c\n", "FC102 1:7"),
    "comment right after a comma": ("[a,#b\nc]\n", "FC102 1:4"),
    "comment right after the head of a block": ("a: |#b\n  c\n", "FC102 1:5"),
    "comment right after more of that head": ("a: >2-#b\n  c\n", "FC102 1:7"),
    "minus alone in flow": ("[-]", "FC102 1:2"),
    "minus alone as a value in flow": ("{a: -, b: 1}", "FC102 1:5"),
    "question mark alone in flow": ("[a, ?]", "FC102 1:5"),
    "end of a line of YAML 1.1": ("a: b\x85c\n", "FC105 1:5"),
    "separator of lines": ("a: 'b\u2028c'\n", "FC105 1:6"),
    "separator of paragraphs": ("# a\u2029b: 1\n", "FC105 1:4"),
    "mark of the encoding inside": ("a: 1\n\ufeffb: 2\n", "FC105 2:1"),
    "version and more": ("%YAML 1.1#x\n---\n", "FC102 1:1"),
    # tabs that indent
    "tab indents": ("→a: 1\n", "FC102 1:1"),
    "tab indents below": ("a:\n→b: 1\n", "FC102 2:1"),
    "tab indents text": ("a:\n→b\n", "FC102 2:1"),
    "tab indents an item": ("- a\n→- b\n", "FC102 2:1"),
    "tab after spaces indents": ("a:\n  b: 1\n →c: 2\n", "FC102 3:2"),
    "tab places a key": ("-→a: 1\n", "FC102 1:2"),
    "tab places a key behind a space": ("- →a: 1\n", "FC102 1:3"),
    "tab places an item": ("-→- a\n", "FC102 1:2"),
    "tab places a key with a question mark": ("?→? a\n", "FC102 1:2"),
    "tab places a value": ("? a\n:→b: 1\n", "FC102 2:2"),
    "tab in the indentation of a block": ("a: |\n  b\n→c\n", "FC102 3:1"),
    "tab in a block that has not begun": ("a: |\n→b\n", "FC102 2:1"),
    # each reader has its own words and places
    "unknown escape": ('a: "b\\qc"\n', "FC102 1:6"),
    "escape without its digits": ('a: "\\u12x"\n', "FC102 1:5"),
    "escape of no character": ('a: "\\U00110000"\n', "FC102 1:5"),
    "escape of half a character": ('a: "\\ud83d"\n', "FC102 1:5"),
    "unknown directive": ("%FOO bar\n---\na: 1\n", "FC102 1:1"),
    "names for tags": ("%TAG !e! tag:x.org:\n---\na: 1\n", "FC102 1:1"),
    "no directive at all": ("%***\n---\n", "FC102 1:1"),
    "version of long numbers": (f"%YAML {'9' * 5000}.1\n---\n", "FC102 1:1"),
    "colon alone in flow": ("{a: ::}", "FC102 1:5"),
    "mark of a document in flow": ("[\n--- ,\n]\n", "FC102 2:1"),
    "tag with more": ("a: !b{c} d\n", "FC102 1:4"),
    "key without a value in flow": ("{\n? a: 1,\n?\n}\n", "FC201 3:2"),
    # and what is wrong to all
    "second document": ("a: 1\n---\nb: 2\n", "FC102 2:1"),
    "bracket never closed": ("a: [b,\nc: d\n", "FC102 1:4"),
    "quote never closed": ("a: 'b\n", "FC102 1:4"),
    "colon twice": ("a: b: c\n", "FC102 1:5"),
    "alias of nothing": ("a: *b\n", "FC102 1:4"),
    "anchor twice": ("a: &b 1\nc: &b 2\n", "FC102 2:4"),
    "question mark begins a value": ("a: ? b\n", "FC102 1:4"),
    "name that is a list": ("[a]: b\n", "FC201 1:1"),
    "name that is nothing": ("- : b\n", "FC102 1:3"),
    "name over lines": ("--- {a\n: b}\n", "FC102 1:5"),
    "name too long for a line": (f"{'a' * 1100}: b\n", "FC102 1:1101"),
    "name given twice": ("a: 1\na: 2\n", "FC103 2:1"),
    "alias of itself": ("&a [*a]\n", "FC104 1:1"),
    "aliases without end": (
        "\n".join(["- &a0 [x]", *(f"- &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9))]),
        "FC104 1:3",
    ),
    "brackets without end": ("a: " + "[" * 5_000, "FC106 1:67"),
    "braces without end": ("{a: " * 5_000, "FC106 1:257"),
    "lists without end": ("- " * 5_000, "FC106 1:129"),
    "keys without end": ("? " * 5_000, "FC106 1:129"),
    "names without end": ("\n".join(" " * i + "a:" for i in range(2_000)), "FC106 65:65"),
}


def _written(text: str) -> str:
    return text.replace("→", "\t").replace("␍", "\r")


# --- both readers
@contextmanager
def without_libyaml() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_nodes, "LibyamlReader", None)
        yield


def as_value(node: Node | None, seen: dict[int, int] | None = None) -> object:
    """All of a node that anybody may look at: values, tags, styles, marks, what is repeated."""
    seen = {} if seen is None else seen
    if node is None:
        return None
    if id(node) in seen:
        return seen[id(node)]
    seen[id(node)] = len(seen)
    start, end = node.start_mark, node.end_mark
    marks = (start.index, start.line, start.column, end.index, end.line, end.column)
    if isinstance(node, ScalarNode):
        return (node.tag, marks, node.style or "", node.value)
    values = [value for pair in node.value for value in pair] if isinstance(node, MappingNode) else node.value
    assert isinstance(node, (MappingNode, SequenceNode))
    return (node.tag, marks, node.flow_style, [as_value(value, seen) for value in values])


def answer(text: str | bytes) -> object:
    """Everything that comes of a text: its nodes and its data, or its mistakes as they are told."""
    try:
        nodes = as_value(compose(decode(text, "x.yaml"), "x.yaml"))
        return nodes, repr(read_document(text, "x.yaml").data)
    except InvalidInput as error:
        return [(problem.code, problem.span, str(problem)) for problem in error.diagnostics]


def assert_read_alike(text: str | bytes) -> None:
    with_libyaml = answer(text)
    with without_libyaml():
        assert with_libyaml == answer(text)
    assert "this cannot be read as YAML" not in str(with_libyaml)


@pytest.fixture(params=["as installed", "without libyaml"])
def reader(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "as installed":
        yield
    else:
        with without_libyaml():
            yield


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("kind", READ)
def test_what_is_read(kind: str) -> None:
    text, meant = READ[kind]
    assert read_document(_written(text), "x.yaml").data == meant


@pytest.mark.slow
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused(kind: str) -> None:
    text, expected = REFUSED[kind]
    with pytest.raises(InvalidInput) as refused:
        read_document(_written(text), "x.yaml")
    spans = [problem.span for problem in refused.value.diagnostics]
    codes = {problem.code for problem in refused.value.diagnostics}
    assert " ".join([*codes, *(f"{span.line}:{span.column}" for span in spans if span)]) == expected


@pytest.mark.parametrize("kind", [*READ, *REFUSED])
def test_kinds_are_read_alike(kind: str) -> None:
    assert_read_alike(_written((READ | REFUSED)[kind][0]))


def _files() -> list[Path]:
    return sorted(path for folder in ("rules", "examples") for path in (ROOT / folder).rglob("*.yaml"))


@pytest.mark.slow
def test_all_files_here_are_composed_alike() -> None:
    files = _files()
    assert len(files) > 100
    for path in files:
        text = decode(path.read_bytes(), "x.yaml")
        assert as_value(compose(text, "x.yaml")) == as_value(compose_by_reference(text, "x.yaml"))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/cases/bad/source").glob("*.yaml")), ids=lambda path: path.stem
)
def test_mistakes_are_told_alike(path: Path) -> None:
    assert_read_alike(path.read_bytes())


def test_ordinary_texts_are_left_to_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    if not yaml_nodes.LibyamlReader:
        pytest.skip("this PyYAML has no libyaml")
    monkeypatch.setattr(
        yaml_nodes, "compose_by_reference", lambda *_: pytest.fail("read in ten times the time")
    )
    files = _files()
    for path in files:
        read_document(path.read_bytes(), "x.yaml")
    assert len(files) > 30


# --- any text at all
# fmt: off
FRAGMENTS = [
    "a", "b", "key", "12", "~", "null", "é", "😀", "\xa0", "a b", "a: b", "a#b", "a:b", "a?b", "k: v\n",
    "key:\n", "- ", "-\t", "-", "? ", "?", ": ", ":", ", ", ",", "[", "]", "{", "}", "#", " # c", "'",
    '"', "''", '""',
    "\n", "\n", "\n", "\n  ", "\n ", "\n    ", "\n\t", "\r\n", "\r", "\t", " ", "  ", "\n\n",
    "&a ", "&a", "*a", "*a ", "!", "!!str ", "!t ", "|", "|\n", ">", "|-", ">+", "|2", "%", "%YAML 1.2\n",
    "<<: ", "---", "\n---\n", "...", "\n...\n", "@", "`", "\\", "\\n", "\\x41", "\\\n", "\u2028",
    "\ufeff", "\x85",
    "{a: b}", "[a, b]", "'x'", '"x"', "? a\n: b", "key: |\n  x\n  y\n", "key: >\n  x\n\n  y\n",
]
VALUES = [
    "a", "b c", "'q'", '"d e"', "12", "-1", '""', "~", "a:b", "x#y", "w\tx", "' '", '"\\t"', "a?", "?a", ":a",
    "-a", "", "-", "- not", "!!str x", "&n v", "*n", "? x", "'a\n    b'", '"a\\\n    b"', "a\n    b",
]
# fmt: on


@st.composite
def flow(draw: st.DrawFn, levels: int = 3) -> str:
    """A value on one line or in brackets, most of them valid."""
    kind = draw(st.integers(0, 5)) if levels else 0
    if kind < 3:
        return draw(st.sampled_from(VALUES))
    gap = st.sampled_from(["", " ", " ", "\t", " # c\n    ", "\n    ", "\n\t"])
    inner = flow(levels - 1)
    if kind == 3:
        items = [draw(inner) for _ in range(draw(st.integers(0, 3)))]
        return f"[{draw(gap)}{f'{draw(gap)},{draw(gap)}'.join(items)}{draw(gap)}]"
    pairs = [
        f"{draw(flow(0))}{draw(st.sampled_from([': ', ':', ' : ']))}{draw(inner)}"
        for _ in range(draw(st.integers(0, 3)))
    ]
    return f"{{{draw(gap)}{f'{draw(gap)},{draw(gap)}'.join(pairs)}{draw(gap)}}}"


@st.composite
def block(draw: st.DrawFn, indent: int = 0, levels: int = 3) -> str:
    """A value in lines, most of them valid."""
    kind = draw(st.integers(0, 4)) if levels else 0
    pad = "\n" + " " * indent
    if kind == 0:
        return draw(flow())
    if kind == 1:
        head = draw(st.sampled_from(["|", ">", "|-", ">+", "|2", "> # c", "|\t"]))
        lines = draw(
            st.lists(st.sampled_from(["x", " y", "# z", "- a: [", "", "\tt", "%"]), min_size=1, max_size=4)
        )
        return head + "".join(f"{pad}  {line}" if line else "\n" for line in lines)
    between = st.sampled_from(["", "", "", " # c", "\t", "\n", "\n\t", "\n# c", "\r"])
    step = draw(st.sampled_from([2, 2, 2, 1, 4, 0]))
    said = ""
    for _ in range(draw(st.integers(1, 3))):
        sign = draw(
            st.sampled_from(["- ", "- ", "-", "-\t"] if kind == 2 else [": ", ": ", ":", ":\t", " : "])
        )
        name = "" if kind == 2 else draw(flow(0))
        said += draw(between) + pad + name + sign + draw(block(indent + step, levels - 1))
    return said


@st.composite
def slipped(draw: st.DrawFn, good: st.SearchStrategy[str]) -> str:
    """A good text after a few slips of the keyboard."""
    text = draw(good)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        stop = start + draw(st.integers(0, 6))
        text = (
            text[:start] + draw(st.sampled_from(FRAGMENTS)) + text[stop if draw(st.booleans()) else start :]
        )
    return text


GIVEN = st.sampled_from(
    [_written(text) for text, _ in (*READ.values(), *REFUSED.values()) if len(text) < 500]
)
MADE = block().map(lambda text: text.lstrip("\n\r"))
TEXTS = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join),
    st.text("[]{}:,-\"'&*!|> \n\ta1#?%@\r", max_size=25),
    MADE,
    slipped(MADE),
    slipped(GIVEN),
)


@settings(max_examples=250, deadline=None)
@given(TEXTS)
def test_any_text_is_read_alike(text: str) -> None:
    assert_read_alike(text)


@pytest.mark.large
@settings(max_examples=20_000, deadline=None)
@given(TEXTS)
def test_a_large_number_of_texts_is_read_alike(text: str) -> None:
    assert_read_alike(text)


# --- JSON
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["?", "#", "-,", "! a", "&a:", "\ufeff"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_places_in_json_are_found_alike(data: object, indent: Any, ascii_only: bool) -> None:
    text = json.dumps({"top": data}, indent=indent, ensure_ascii=ascii_only)
    assume(not UNPRINTABLE.search(text))
    with_libyaml = as_value(open_places(text, "x.json").root)
    with without_libyaml():
        assert with_libyaml == as_value(open_places(text, "x.json").root)


# --- bounds, and what PyYAML may do
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("depth", [1, USUAL.depth, 100])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ("{a: ", "}")])
def test_depth_is_bounded_alike(depth: int, opened: str, closed: str) -> None:
    text = f"{opened * depth}1{closed * depth}"
    limits = USUAL._replace(depth=depth)
    assert read_document(f"# no JSON\n{text}", "x.yaml", limits).data
    with pytest.raises(InvalidInput, match=f"FC106: this is nested more than {depth} levels deep"):
        read_document(f"# no JSON\n[{text}]", "x.yaml", limits)


@pytest.mark.usefixtures("reader")
def test_aliases_are_bounded_alike() -> None:
    text = "a: &a [" + "x, " * 999 + "x]\nb: [" + "*a, " * 98 + "*a]\n"
    assert len(read_document(text, "x.yaml").data["b"]) * 1001 < MAX_COPIES
    with pytest.raises(InvalidInput, match=r"x.yaml:1:4: FC104"):
        read_document(text.replace("b: [", "b: [*a, "), "x.yaml")


@pytest.mark.usefixtures("reader")
def test_size_is_bounded_alike() -> None:
    limits = USUAL._replace(size=100)
    assert read_document("a: 1" + " " * 96, "x.yaml", limits).data == {"a": 1}
    with pytest.raises(InvalidInput, match="FC106: this is larger than 100 bytes"):
        read_document("a: !" + " " * 97, "x.yaml", limits)


@pytest.mark.parametrize(
    ("error", "code"), [(ValueError("x"), "FC102"), (IndexError(), "FC102"), (RecursionError(), "FC106")]
)
def test_no_exception_of_pyyaml_escapes(error: Exception, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(ReferenceReader, "scan_tag", fail)
    with pytest.raises(InvalidInput, match=rf"x.yaml:1:1: {code}"):
        read_document("a: 1\nb: !x 2\n", "x.yaml")


def test_numbers_of_any_length_end_in_mistakes() -> None:
    for number in ("9" * 10_000, "0x" + "f" * 10_000, "1e" + "9" * 10_000, "." + "9" * 10_000):
        assert_read_alike(f"a: {number}\n")
        assert_read_alike(f"{number}: a\n")


# --- which libyaml there is
def test_a_pyyaml_without_libyaml() -> None:
    code = "import sys; sys.modules['yaml._yaml'] = None\n"
    code += "from followcue.language.documents import read, yaml_nodes\n"
    code += "print(yaml_nodes.LibyamlReader, read.read_document('a: [1, b]', 'x.yaml').data)\n"
    path = str(Path(followcue.__file__).parents[1])
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert told.stdout == "None {'a': [1, 'b']}\n"


def test_an_old_libyaml_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    module = pytest.importorskip("yaml._yaml")
    for version, used in (((0, 2, 2), False), ((0, 2, 5), True), ((0, 3, 0), True)):
        monkeypatch.setattr(module, "get_version", lambda version=version: version)
        assert bool(yaml_nodes._libyaml_reader()) == used


def test_documents_of_programs_may_hold_what_texts_may_not() -> None:
    assert Document.of({"a": "b\u2028c"}).data == {"a": "b\u2028c"}
    assert read_document('{"a": "b\u2028c"}', "x.json").data == {"a": "b\u2028c"}


# --- what is written for people to keep
WRITTEN = st.text(max_size=10).filter(lambda text: not UNPRINTABLE.search(text)) | st.sampled_from(
    ["-", "? x", "! x", "&a:b", "*a:", "#x", "a,#b", "\u2028", "a\x85 b", "\ufeff", "\t- a", "%x", "a\n\tb\n"]
)


@settings(max_examples=150, deadline=None)
@given(WRITTEN, st.sampled_from([generated_as_yaml, lint_as_yaml]))
def test_what_is_written_is_read_back(text: str, as_yaml: Callable[[dict[str, Any]], str]) -> None:
    text = normalize("NFC", text)  # as every text is that is read
    name = "a" if unseen_in_names().search(text) else text
    data = {"a": text, "b": [text, {name: text}], "c": {"d": [{"e": text}]}}
    assert read_document(as_yaml(data), "x.yaml").data == data
