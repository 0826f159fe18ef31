"""Hints are followed to the letter, and lead to a text without the mistake that says what it said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_cases import AREAS, FOLDER, cases, files_of, read_situations
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.language.documents.read import read_document
from followcue.language.documents.yaml_text import resolve_plain


class Spot(NamedTuple):
    """What a diagnostic points at: the file, and where in its text."""

    text: str
    start: int
    end: int

    @property
    def pointed_at(self) -> str:
        return self.text[self.start : self.end]

    def replaced(self, by: str) -> str:
        return self.text[: self.start] + by + self.text[self.end :]


def follow(hint: str, spot: Spot) -> str | None:
    """The text after following the hint; None for advice that leaves open what to write."""
    for pattern, change in FOLLOWED.items():
        if match := re.fullmatch(pattern, hint):
            return change(spot, match)
    return None


def _in_place(spot: Spot, match: re.Match[str]) -> str:
    quotes = spot.pointed_at[:1] if spot.pointed_at[:1] in ('"', "'") else ""
    return spot.replaced(f"{quotes}{match['new']}{quotes}")


def _quoted(spot: Spot, match: re.Match[str]) -> str:
    return spot.replaced(f'"{spot.pointed_at}"')


def _quoted_as_said(spot: Spot, match: re.Match[str]) -> str:
    assert match["new"] == f'"{_without_anchor(spot.pointed_at)}"'
    return spot.replaced(match["new"])


def _unquoted(spot: Spot, match: re.Match[str]) -> str:
    assert spot.pointed_at[:1] in ('"', "'")
    return spot.replaced(match["new"] or spot.pointed_at[1:-1])


def _added(spot: Spot, match: re.Match[str]) -> str:
    """With another field before the brace that ends the entry."""
    at = spot.text.index("}", spot.end)
    return f"{spot.text[:at]}, {match['new']}{spot.text[at:]}"


def _without_anchor(written: str) -> str:
    return re.sub(r"^&\S+ ", "", written)


FOLLOWED: dict[str, Callable[[Spot, re.Match[str]], str]] = {
    r"(?:.*; if it is meant as text, )?put it into? quotes: (?P<new>\".*\")": _quoted_as_said,
    r"(?:if it is meant as text, )?put it in quotes": _quoted,
    r"leave out the quotes(?:, and write `(?P<new>.*)`)?": _unquoted,
    r"did you mean `?(?P<new>[^`:]*?)`?\?": _in_place,
    r"that month ends on (?P<new>[0-9-]+)": _in_place,
    r"the longest duration is (?P<new>36525 days)": _in_place,
    r"known here: `(?P<new>[^`]*)`.*": _in_place,
    r"add `(?P<new>\w+: [^`…]+)`.*": _added,
    r"write `(?P<new>(?!any of: |name: )[^`…]+)`": _in_place,
    r"remove it": lambda spot, match: spot.replaced(""),
    r"indent with spaces": lambda spot, match: spot.text.replace("\t", "  "),
}


def _diagnostics(area: str, files: dict[str, bytes]) -> tuple[Diagnostic, ...]:
    try:
        AREAS[area](files)
    except InvalidInput as error:
        return error.diagnostics
    return ()


def _spot(problem: Diagnostic, files: dict[str, bytes]) -> Spot | None:
    if problem.span is None or problem.span.file not in files:
        return None
    try:
        text = files[problem.span.file].decode()
    except UnicodeDecodeError:
        return None
    start = sum(map(len, text.splitlines(keepends=True)[: problem.span.line - 1])) + problem.span.column - 1
    return Spot(text, start, start + problem.span.length)


def _followed(case: str) -> Iterator[tuple[Diagnostic, dict[str, bytes]]]:
    """Each mistake of a case whose hint can be followed, with the files after that."""
    path = FOLDER / case
    files = dict(files_of(path))
    for problem in _diagnostics(path.parent.name, files):
        spot = _spot(problem, files)
        if problem.hint and spot and (text := follow(problem.hint, spot)) is not None:
            assert problem.span
            yield problem, files | {problem.span.file: text.encode()}


WITH_HINTS = [
    case for case in cases() if "hint: " in (FOLDER / Path(case).with_suffix(".expected")).read_text("utf-8")
]


@pytest.mark.slow
@pytest.mark.parametrize("case", WITH_HINTS)
def test_a_hint_that_is_followed_mends_the_mistake(case: str) -> None:
    area = Path(case).parent.name
    before = [(p.code, p.message) for p in _diagnostics(area, dict(files_of(FOLDER / case)))]
    for problem, files in _followed(case):
        left = _diagnostics(area, files)
        same = [p for p in left if (p.code, p.message) == (problem.code, problem.message)]
        assert len(same) < before.count((problem.code, problem.message)), left
        unread = [p for p in left if p.code in ("FC102", "FC105")]
        assert problem.code in ("FC102", "FC105") or not unread, unread


def test_most_hints_can_be_followed_to_the_letter() -> None:
    followed = [problem for case in WITH_HINTS for problem, _ in _followed(case)]
    assert len(followed) > 100


LEFT_OPEN = FOLDER.parent / "hints_left_open.txt"
"""The hints that are not followed, with the reasons."""


def test_every_hint_is_followed_or_left_open_for_a_reason() -> None:
    told = {
        hint
        for case in WITH_HINTS
        for hint in re.findall(
            r"^ *hint: (.*)$", (FOLDER / Path(case).with_suffix(".expected")).read_text("utf-8"), re.M
        )
    }
    lines = LEFT_OPEN.read_text("utf-8").splitlines()
    left_open = [line for line in lines if line and not line.startswith("# ")]
    assert len(left_open) == len(set(left_open))
    assert {hint for hint in told if not any(re.fullmatch(form, hint) for form in FOLLOWED)} == {*left_open}


# --- whatever is written
DIGITS = st.text("0123456789", min_size=1, max_size=12)
NO_TEXT = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["", "+", "-", "0", "00", "+0"]), DIGITS),
    st.builds("{}.{}0".format, DIGITS, st.sampled_from(["", "1", "00"])),
    st.builds("{}e{}".format, DIGITS, st.integers(-20, 2)),
    st.builds("0x{:X}".format, st.integers(0, 2**40)),
    st.builds("0o{:o}".format, st.integers(0, 2**40)),
    st.sampled_from(["true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL"]),
)
"""What YAML reads as something else than text."""
TEXT_FIELDS = {
    "company": "applications: {{a: {{company: {}}}}}",
    "role": "applications:\n  a:\n    company: A\n    role: {}\n",
    "holidays": "params: {{holidays: &x {}}}\napplications: {{}}",
    "note": "applications: {{}}\nevents:\n- {{date: 2026-11-01, event: network_told, note: {} }}",
    "because": "applications: {{}}\nskips:\n- {{action: tell_network, because: {}}}",
}


def _mistakes(text: str, name: str = "s.yaml") -> tuple[Diagnostic, ...]:
    try:
        read_situations({name: text.encode()})
    except InvalidInput as error:
        return error.diagnostics
    return ()


def _all(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _all(item)
    elif isinstance(value, list):
        for item in value:
            yield from _all(item)
    else:
        yield value


@given(st.sampled_from(sorted(TEXT_FIELDS)), NO_TEXT)
def test_what_goes_into_quotes_is_what_was_written(field: str, written: str) -> None:
    text = TEXT_FIELDS[field].format(written)
    problem = next((p for p in _mistakes(text) if p.message.startswith(f"`{field}`")), None)
    if problem is None:  # nothing, where nothing may stand
        assert resolve_plain(written) is None
        return
    spot = _spot(problem, {"s.yaml": text.encode()})
    assert problem.hint
    assert spot
    mended = follow(problem.hint, spot)
    assert mended is not None, problem.hint
    assert written in list(_all(read_document(mended, "s.yaml").data))
    assert not [p for p in _mistakes(mended) if (p.code, p.message) == (problem.code, problem.message)]


@given(
    st.sampled_from(["s.yaml", "s.json"]), st.integers(-999, 10**9), st.sampled_from(["{}", "+{}", "00{}"])
)
def test_a_number_in_quotes_is_told_to_leave_them_out(name: str, number: int, form: str) -> None:
    written = form.format(abs(number)) if form != "{}" else str(number)
    text = json.dumps({"params": {"max_attempts": written}, "applications": {}})
    (problem,) = _mistakes(text, name)
    spot = _spot(problem, {name: text.encode()})
    assert problem.hint
    assert spot
    mended = follow(problem.hint, spot)
    assert mended is not None, problem.hint
    assert json.loads(mended)["params"]["max_attempts"] == int(written)
    assert not _mistakes(mended, name)


@given(st.sampled_from(["s.yaml", "s.json"]), st.sampled_from(["true", "True", "yes", "no", "FALSE", "off"]))
def test_a_truth_value_in_quotes_is_told_to_leave_them_out(name: str, word: str) -> None:
    event = {"date": "2026-11-01", "event": "offer_received", "written": word}
    text = json.dumps({"applications": {"a": {"company": "A", "events": [event]}}})
    (problem,) = _mistakes(text, name)
    spot = _spot(problem, {name: text.encode()})
    assert problem.hint
    assert spot
    mended = follow(problem.hint, spot)
    assert mended is not None
    assert not _mistakes(mended, name)
    assert (word.lower() in ("true", "yes")) in list(_all(json.loads(mended)))


@pytest.mark.slow
@given(st.sampled_from(["s.yaml", "s.json"]), st.dates().filter(lambda day: 1900 <= day.year <= 2200))
def test_days_and_durations_as_numbers_are_told_how_to_write_them(name: str, day: Any) -> None:
    event = {"date": int(f"{day:%Y%m%d}"), "event": "timeline_promised", "within": day.day}
    text = json.dumps({"as_of": "2200-12-31", "applications": {"a": {"company": "A", "events": [event]}}})
    for problem in reversed(_mistakes(text, name)):
        spot = _spot(problem, {name: text.encode()})
        assert problem.hint
        assert spot
        text = follow(problem.hint, spot) or text
    assert not _mistakes(text, name), text
    assert day.isoformat() in list(_all(read_document(text, name).data))
