"""Changing files that people wrote: the change is made, and nothing else changes."""

from __future__ import annotations

import copy
import errno
import json
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followcue.base import atomic
from followcue.base.diagnostic import InvalidInput
from followcue.language.documents.edit import Edit, save
from followcue.language.documents.read import read_document
from hand_written import Author

BY_HAND = """\
# My search. Do not lose this comment.
as_of: 2026-11-21     # today

applications:
  acme:
    company: 'Acme'   # quoted

    contacts:
      dana: {name: Dana Ruiz,   role: recruiter}  # odd spaces
    events:
      # how it began
      - {date: 2026-11-01, event: applied}
      - date: 2026-11-03
        event: interview     # went well
        note: |
          two
          lines

  # the other one
  globex:
    company: "Globex"
    events: []            # none yet
"""


def edited(text: str, *changes: tuple[Any, ...], name: str = "search.yaml") -> str:
    edit = Edit(text, name)
    for method, *arguments in changes:
        getattr(edit, method)(*arguments)
    assert not edit.laid_out_anew
    return edit.text


def changed_lines(before: str, after: str) -> list[str]:
    edit = Edit(before, "x.yaml")
    edit._text = after
    return [line for line in edit.diff().splitlines()[2:] if line[0] in "+-"]


ACME = ("applications", "acme")


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            ("append", (*ACME, "events"), {"date": "2026-11-04", "event": "applied"}),
            ["+      - date: 2026-11-04", "+        event: applied"],
        ),
        (
            ("insert", (*ACME, "events"), 1, {"date": "2026-11-02", "event": "applied"}),
            ["+      - date: 2026-11-02", "+        event: applied"],
        ),
        (
            ("insert", (*ACME, "events"), 0, {"event": "lead_found"}),
            ["+      - event: lead_found"],
        ),
        (
            ("append", ("applications", "globex", "events"), {"note": "it's: #1, [no]", "with": ["a", "b"]}),
            [
                "-    events: []            # none yet",
                "+    events:            # none yet",
                '+      - {note: "it\'s: #1, [no]", with: [a, b]}',
            ],
        ),
        (("append", ("events",), {"event": "x"}), ["+", "+events:", "+  - {event: x}"]),
        (
            ("set", (*ACME, "contacts", "lee"), {"name": "Lee", "phone": "+1 555"}),
            ['+      lee: {name: Lee, phone: "+1 555"}'],
        ),
        (
            ("set", ("applications", "new"), {"company": "New", "events": [{"event": "x"}]}),
            ["+", "+  new:", "+    company: New", "+    events:", "+      - {event: x}"],
        ),
        (
            ("set", (*ACME, "company"), "It's"),
            ["-    company: 'Acme'   # quoted", "+    company: 'It''s'   # quoted"],
        ),
        (("set", ("as_of",), 7), ["-as_of: 2026-11-21     # today", "+as_of: 7     # today"]),
        (
            ("set", (*ACME, "events", 1, "note"), "one"),
            ["-        note: |", "-          two", "-          lines", "+        note: one"],
        ),
        (
            ("set", (*ACME, "contacts", "dana", "role"), "other, too"),
            [
                "-      dana: {name: Dana Ruiz,   role: recruiter}  # odd spaces",
                '+      dana: {name: Dana Ruiz,   role: "other, too"}  # odd spaces',
            ],
        ),
        (
            ("rename", (*ACME, "events", 1, "event"), "evnt"),
            ["-        event: interview     # went well", "+        evnt: interview     # went well"],
        ),
        (("remove", (*ACME, "events", 0)), ["-      - {date: 2026-11-01, event: applied}"]),
        (
            ("remove", (*ACME, "events", 1, "date")),
            [
                "-      - date: 2026-11-03",
                "-        event: interview     # went well",
                "+      - event: interview     # went well",
            ],
        ),
        (
            ("remove", (*ACME, "contacts", "dana", "name")),
            [
                "-      dana: {name: Dana Ruiz,   role: recruiter}  # odd spaces",
                "+      dana: {role: recruiter}  # odd spaces",
            ],
        ),
        (("remove", (*ACME, "company")), ["-    company: 'Acme'   # quoted"]),
    ],
)
def test_only_the_lines_in_question_change(change: tuple[Any, ...], lines: list[str]) -> None:
    assert changed_lines(BY_HAND, edited(BY_HAND, change)) == lines


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\n# end", "\n# end\n"])
def test_line_ends_marks_and_the_end_stay(newline: str, bom: str, end: str) -> None:
    text = bom + ("a:\n  - 1\n  - {x: 2}" + end).replace("\n", newline)
    after = bom + ("a:\n  - 1\n  - {x: 2}\n  - {x: 3}" + end).replace("\n", newline)
    assert edited(text, ("append", ("a",), {"x": 3})) == after


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("a: [1, 2]\n", ("append", ("a",), 3), "a: [1, 2, 3]\n"),
        ("a: [ 1 ]\n", ("append", ("a",), 3), "a: [ 1, 3 ]\n"),
        ("a: [1, 2,]\n", ("append", ("a",), 3), "a: [1, 2, 3,]\n"),
        ("a: [\n  1,\n  2  # two\n]\n", ("append", ("a",), 3), "a: [\n  1,\n  2,  # two\n  3\n]\n"),
        ("a: [\n  1,\n  2,  # two\n]\n", ("append", ("a",), 3), "a: [\n  1,\n  2,  # two\n  3,\n]\n"),
        ("a: [1]\n", ("insert", ("a",), 0, 3), "a: [3, 1]\n"),
        ("a:\n- 1\n- 2\nb: 3\n", ("append", ("a",), 3), "a:\n- 1\n- 2\n- 3\nb: 3\n"),
        ("a:\n    - 1\n", ("append", ("a",), "no"), 'a:\n    - 1\n    - "no"\n'),
        ("a: 'x'\nb:\n", ("append", ("b",), "1:30"), "a: 'x'\nb: ['1:30']\n"),
        ("a:\n", ("set", ("a",), 1), "a: 1\n"),
        ("a:   # why\n", ("set", ("a",), 1), "a: 1   # why\n"),
        ("a: ~\n", ("set", ("a", "b"), 1), "a:\n  b: 1\n"),
        ("a: {}\n", ("set", ("a", "b"), 1), "a:\n  b: 1\n"),
        ("x: {a: {}}\n", ("set", ("x", "a", "b"), 1), "x: {a: {b: 1}}\n"),
        ("x: {a: }\n", ("set", ("x", "a"), 1), "x: {a: 1}\n"),
        ("x: {}\n", ("append", ("x", "a"), {"b": 1}), "x:\n  a:\n    - {b: 1}\n"),
        ("a: [1]\n", ("remove", ("a", 0)), "a: []\n"),
        ("a:\n  - 1\nb: 2\n", ("remove", ("a", 0)), "a: []\nb: 2\n"),
        ("a: [1, # one\n  2, 3]\n", ("remove", ("a", 1)), "a: [1, # one\n   3]\n"),
        ("{a: 1, b: 2}\n", ("remove", ("a",)), "{b: 2}\n"),
        ("a: 1\nb: 2", ("remove", ("b",)), "a: 1"),
        ("- 1\n- 2\n", ("append", (), 3), None),
        ("- a: 1\n  b: 2\n", ("set", (0, "c"), 3), "- a: 1\n  b: 2\n  c: 3\n"),
        ("- a: 1\n", ("set", (0,), {"b": [1]}), "- b: [1]\n"),
        ("a: {b: 1}\n", ("rename", ("a", "b"), "c: d"), 'a: {"c: d": 1}\n'),
        ('"a" : 1\n', ("rename", ("a",), "b"), '"b" : 1\n'),
    ],
)
def test_manners_are_kept(before: str, change: tuple[Any, ...], after: str | None) -> None:
    if after is None:
        with pytest.raises(InvalidInput, match="FC610"):
            edited(before, change)
    else:
        assert edited(before, change) == after


def test_json_stays_json() -> None:
    text = '{\n  "a": [\n    {"b": "no"}\n  ],\n  "c": "é"\n}\n'
    after = edited(text, ("append", ("a",), {"b": "2026-11-21"}), ("rename", ("c",), "d"), name="x.json")
    assert after == '{\n  "a": [\n    {"b": "no"},\n    {"b": "2026-11-21"}\n  ],\n  "d": "é"\n}\n'
    assert edited('{"a": []}', ("append", ("a",), {"b": None})) == '{"a": [{"b": null}]}'
    assert edited('{"a": {"b": 1}}', ("set", ("a", "c"), "yes")) == '{"a": {"b": 1, "c": "yes"}}'


def test_what_has_no_place_is_laid_out_anew_and_says_so() -> None:
    edit = Edit("? a\n: # odd\n  - 1\n", "x.yaml")
    edit.append(("b",), 2)
    edit.append(("a",), 2)
    assert edit.data == {"a": [1, 2], "b": [2]}
    odd = Edit("a: &x {b: 1}   # one\nc: *x\n", "x.yaml")
    with pytest.raises(InvalidInput, match="FC610") as refused:
        odd.set(("c", "b"), 2)
    assert refused.value.diagnostics[0].span is not None
    assert odd.text == "a: &x {b: 1}   # one\nc: *x\n"


def test_what_is_not_there_cannot_be_renamed_moved_or_removed() -> None:
    edit = Edit(BY_HAND, "x.yaml")
    for method, *arguments in (
        ("rename", ("nothing",), "x"),
        ("rename", ("as_of",), "applications"),
        ("rename", ("applications", 0), "x"),
        ("remove", ("nothing", "x")),
        ("remove", (*ACME, "events", 9)),
        ("move", (*ACME, "events", 9), 0),
        ("move", ("as_of",), 0),
        ("append", ("as_of",), 1),
        ("set", ("as_of", "x"), 1),
    ):
        with pytest.raises(InvalidInput, match="FC610"):
            getattr(edit, method)(*arguments)
    assert not edit.changed


def test_the_new_lines_are_told() -> None:
    edit = Edit(BY_HAND, "x.yaml")
    assert (edit.new_lines(), edit.diff()) == ([], "")
    edit.set((*ACME, "contacts", "lee"), {"name": "Lee"})
    assert edit.new_lines() == [(10, "      lee: {name: Lee}")]
    assert edit.diff().splitlines()[:2] == ["--- x.yaml", "+++ x.yaml"]


# --- properties
WORDS = st.sampled_from(
    ["acme", "no", "1", "2026-11-21", "two words", "it's", 'say "hi"', "é", "", "a: b", "- x", "true"]
)
SCALARS = st.one_of(WORDS, st.integers(-5, 5), st.booleans(), st.none(), st.just("two\nlines"))
KEYS = st.sampled_from(["a", "b", "c", "date", "on", "long key"])
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
TOP = st.dictionaries(KEYS, DATA, min_size=1, max_size=4)


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return found + [inner for key, value in pairs for inner in paths(value, (*path, key))]


def value_at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


@settings(max_examples=150, deadline=None)
@given(TOP, st.integers(0, 10_000), st.data())
def test_a_change_changes_the_data_as_meant_and_no_other_line(
    data: dict[str, Any], seed: int, draw: st.DataObject
) -> None:
    text = Author(seed).write(data)
    assert read_document(text, "x.yaml").data == data, text
    path = draw.draw(st.sampled_from(paths(data)))
    value = draw.draw(DATA)
    edit, expected = Edit(text, "x.yaml"), copy.deepcopy(data)
    old = value_at(expected, path)
    holder = value_at(expected, path[:-1])
    removed = 0
    if isinstance(old, list):
        old.append(value)
        edit.append(path, value)
    elif isinstance(old, dict):
        old["new key"] = value
        edit.set((*path, "new key"), value)
    elif draw.draw(st.booleans()):
        holder[path[-1]] = value
        edit.set(path, value)
        removed = str(old).count("\n") + 2  # text in lines has its `|` in another one
    else:
        del holder[path[-1]]
        edit.remove(path)
        removed = 99
    assert edit.data == expected
    assert read_document(edit.text, "x.yaml").data == expected
    if edit.laid_out_anew:
        return
    before, after = text.splitlines(), edit.text.splitlines()
    gone = [line for line in before if line not in after]
    assert len(gone) <= max(1, removed), edit.diff()
    if removed < 99:  # what is removed takes the remarks within it along
        assert [line for line in before if line.lstrip().startswith("#") and line not in after] == []
    assert edit.text.startswith("\ufeff") == text.startswith("\ufeff")
    assert ("\r" in edit.text) <= ("\r" in text)


@settings(max_examples=100, deadline=None)
@given(st.lists(DATA, min_size=2, max_size=4), TOP, st.integers(0, 10_000), st.data())
def test_an_item_that_moves_takes_its_lines_along_and_loses_none(
    items: list[Any], around: dict[str, Any], seed: int, draw: st.DataObject
) -> None:
    data = {**around, "list": items, "after": 1}
    text = Author(seed).write(data)
    here, there = (draw.draw(st.integers(0, len(items) - 1)) for _ in range(2))
    edit = Edit(text, "x.yaml")
    moved = edit.move(("list", here), there)
    if moved:
        items.insert(there, items.pop(here))
    assert read_document(edit.text, "x.yaml").data == edit.data == data
    assert not edit.laid_out_anew
    assert edit.changed <= moved
    assert sorted(edit.text.splitlines()) == sorted(text.splitlines())


@settings(max_examples=60, deadline=None)
@given(TOP, st.sampled_from([None, 1, 2, 4]), st.data())
def test_json_files_stay_json(data: dict[str, Any], indent: int | None, draw: st.DataObject) -> None:
    text = json.dumps(data, indent=indent)
    path = draw.draw(st.sampled_from(paths(data)))
    value = draw.draw(DATA)
    edit = Edit(text, "x.json")
    old = value_at(data, path)
    if isinstance(old, list):
        edit.append(path, value)
        old.append(value)
    else:
        edit.set(path, value)
        value_at(data, path[:-1])[path[-1]] = value
    assert json.loads(edit.text) == data


# --- saving
@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "search.yaml"
    path.write_bytes(BY_HAND.encode())
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_saving_keeps_the_text_of_before(file: Path) -> None:
    file.chmod(0o640)
    edit = Edit.of(file)
    edit.set(("as_of",), "2026-11-22")
    edit.save()
    assert file.read_text() == edit.text
    assert Path(save.backup_of(str(file))).read_text() == BY_HAND
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    edit.set(("as_of",), "2026-11-23")
    edit.save()
    assert "2026-11-22" in Path(save.backup_of(str(file))).read_text()
    assert left(file.parent) == ["search.yaml", "search.yaml~"]


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.parent / "link.yaml"
    link.symlink_to(file)
    edit = Edit.of(link)
    edit.set(("as_of",), "2026-11-22")
    edit.save()
    assert link.is_symlink()
    assert file.read_text() == edit.text


def test_what_changed_meanwhile_is_not_written_over(file: Path) -> None:
    edit = Edit.of(file)
    edit.set(("as_of",), "2026-11-22")
    file.write_text(BY_HAND + "# mine\n")
    with pytest.raises(InvalidInput, match="FC611"):
        edit.save()
    assert file.read_text() == BY_HAND + "# mine\n"


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "link"])
def test_a_full_disk_loses_nothing(file: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = Edit.of(file)
    edit.set(("as_of",), "2026-11-22")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "write":
        real = open

        def no_room(target: Any, mode: str = "r", **options: Any) -> Any:
            stream = real(target, mode, **options)
            if "w" in mode:
                stream.raw.truncate(0)
                full_stream = type(
                    "Full",
                    (),
                    {"__enter__": lambda s: s, "__exit__": lambda *a: stream.close(), "write": full},
                )
                return full_stream()
            return stream

        monkeypatch.setattr("builtins.open", no_room)
    elif call == "link":
        monkeypatch.setattr(atomic.os, "link", full)
        monkeypatch.setattr(atomic, "_write_through", _after(1, full))
    else:
        monkeypatch.setattr(atomic.os, call, full)
    with pytest.raises(InvalidInput, match=r"FC612.*No space left"):
        edit.save()
    monkeypatch.undo()
    assert file.read_text() == BY_HAND
    assert left(file.parent) == ["search.yaml"]


def _after(times: int, then: Any) -> Any:
    """The real writing so many times, and then something else."""
    real, count = atomic._write_through, iter(range(times))
    return lambda *arguments: real(*arguments) if next(count, None) is not None else then()


def test_without_links_the_old_text_is_copied(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(atomic.os, "link", none)
    edit = Edit.of(file)
    edit.set(("as_of",), "2026-11-22")
    edit.save()
    assert Path(save.backup_of(str(file))).read_text() == BY_HAND
    assert left(file.parent) == ["search.yaml", "search.yaml~"]


def test_a_read_only_file_is_left(file: Path) -> None:
    edit = Edit.of(file)
    edit.set(("as_of",), "2026-11-22")
    file.chmod(0o444)
    with pytest.raises(InvalidInput, match=r"FC612.*read-only"):
        edit.save()
    assert file.read_text() == BY_HAND


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder of somebody who is not root, as whom the test runs."""
    with TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            os.chmod(folder, 0o755)
            if os.getuid() == 0:
                os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="folders are protected otherwise there")
def test_a_read_only_folder_is_told(nobody: Path) -> None:
    path = nobody / "search.yaml"
    path.write_text(BY_HAND)
    nobody.chmod(0o555)
    with pytest.raises(InvalidInput, match=r"FC612.*Permission denied"), Edit.alone(path):
        pass
    edit = Edit.of(path)
    edit.set(("as_of",), "2026-11-22")
    with pytest.raises(InvalidInput, match=r"FC612.*Permission denied"):
        edit.save()
    assert (path.read_text(), left(nobody)) == (BY_HAND, ["search.yaml"])


def test_what_no_file_can_hold_is_refused(file: Path) -> None:
    edit = Edit.of(file)
    for value, code in (
        ("\x01", "FC105"),
        ({"a": float("inf")}, "FC201"),
        ([10**30], "FC201"),
        ({1}, "FC201"),
    ):
        with pytest.raises(InvalidInput, match=code):
            edit.set(("as_of",), value)
    assert not edit.changed


def test_what_a_killed_program_left_is_cleared_away(file: Path) -> None:
    for word in ("new", "old"):
        (file.parent / f".search.yaml.{word}").write_text("half")
    edit = Edit.of(file)
    edit.set(("as_of",), "2026-11-22")
    edit.save()
    assert left(file.parent) == ["search.yaml", "search.yaml~"]
    assert file.read_text() == edit.text


def test_who_waits_too_long_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save, "PATIENCE", 0.05)
    said: list[str] = []

    def other() -> None:
        try:
            with save.locked(str(file)):
                said.append("got in")
        except InvalidInput as problem:
            said.append(problem.diagnostics[0].code)

    with save.locked(str(file)):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert said == ["FC611"]
