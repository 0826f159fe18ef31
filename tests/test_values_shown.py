"""Whatever a value holds, it is told as a value: on a terminal, and on a page."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import followcue
from followcue.base.terminal import steering
from followcue.evaluation.report import table
from test_html_report import page_on, shipped

PARTS = ["\\n", "</p>", "<b>", "&lt;", "]]>", *"\n\r\t\x1b\x07\x85\u2028\u202e<>&\"'\\{}$[]#;,="]
VALUES = st.lists(
    st.sampled_from(PARTS) | st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8
).map("".join)
SOME = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def situation(company: str) -> dict[str, Any]:
    """A situation in which that text is the name of a company and of a person."""
    event = {"date": "2026-11-10", "event": "interview", "id": "iv", "with": ["dana"]}
    contacts = {"dana": {"name": company, "role": "recruiter"}}
    return {
        "as_of": "2026-11-11",
        "applications": {"acme": {"company": company, "contacts": contacts, "events": [event]}},
    }


class Tags(HTMLParser):
    """The elements of a page and their attributes' names, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


@cache
def plain_tags() -> list[tuple[str, tuple[str, ...]]]:
    return Tags(page_on(situation("Acme"))).found


@SOME
@given(VALUES)
def test_a_terminal_is_never_steered_by_a_value(company: str) -> None:
    with suppress(followcue.InvalidInput):  # a text that no situation may hold
        shown = table.render(followcue.evaluate(situation(company), shipped()))
        assert not steering().search(shown.replace("\n", ""))


@pytest.mark.slow
@SOME
@given(VALUES)
def test_a_value_is_no_element_of_a_page(company: str) -> None:
    with suppress(followcue.InvalidInput):
        page = page_on(situation(company))
        assert not steering().search(re.sub(r"[\n\t\r]", "", page))
        assert Tags(page).found == plain_tags()
