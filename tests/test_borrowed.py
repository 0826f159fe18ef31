"""Words borrowed from other languages: each entry of the table is seen by a mistake that an author makes."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from followcue.language.documents.borrowed import ELSE, borrowed_in, hint_for

TABLE = tomllib.loads((files("followcue.language.documents") / "borrowed.toml").read_text("utf-8"))["section"]
CASES = Path(__file__).parent / "cases" / "bad"
IN_TESTS = {"a test", "a check", "an expectation", "a day"}  # which test_scenario_tests.py makes


class _Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "\0"


def _as_told(hint: str) -> str:
    """A regular expression for the line that tells a hint."""
    told = re.escape(hint.format_map(_Anything({"else": ELSE})))
    return rf"^  hint: {told.replace(re.escape(chr(0)), '.*')}(?:; .*)?$"


def test_every_entry_is_seen_by_a_mistake() -> None:
    told = "\n".join(path.read_text("utf-8") for path in sorted(CASES.glob("*/*.expected")))
    unseen = [
        (pattern, hint)
        for section in TABLE
        if not IN_TESTS.issuperset(section["places"])
        for pattern, hint in section["says"].items()
        if not re.search(_as_told(hint), told, re.MULTILINE)
    ]
    assert unseen == []


@pytest.mark.parametrize(
    ("text", "at", "hint"),
    [
        ("$n more than +5", 13, "leave out the `+`: `5`"),
        ("$n more than 5 xor $m is +2", 15, "write it with `and` and `or`"),
        ("$n more than +5", 0, None),
    ],
)
def test_only_what_reaches_the_place_is_meant(text: str, at: int, hint: str | None) -> None:
    found = borrowed_in("test", text, at)
    assert (found.hint if found else None) == hint


def test_the_place_is_what_was_written_in_other_words() -> None:
    found = borrowed_in("test", "$n is greater than 3", 14)
    assert found
    assert "$n is greater than 3"[found.start : found.end] == "is greater than"


def test_a_word_means_something_in_its_place_only() -> None:
    assert hint_for("a rule", "salience") != hint_for("`recommend`", "salience")
    assert hint_for("a situation", "salience") is None
