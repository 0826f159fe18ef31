"""Every item has its rules and every rule its tests; the page about it is up to date."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from followcue import cli
from followcue.testing.traceability import forms as sources
from followcue.testing.traceability import traced_pack as traceability
from followcue.testing.traceability.trace import trace
from followcue.testing.traceability.traced_pack import TracedPack, traced_pack

PAGE = Path(__file__).parents[1] / "docs" / "guidance.md"


@cache
def traced() -> TracedPack:
    return traced_pack(cache=False)


def test_nothing_is_missing() -> None:
    assert not traced().found.gaps


def test_every_item_is_listed_under_each_of_its_sources() -> None:
    found = {(source.source, item.item) for source in traced().found.sources for item in source.items}
    assert {f"G{number:02}" for number in range(1, 105)} == {item for _, item in found}
    assert ("career-doctor", "G11") in found
    assert ("three-plus", "G11") in found


def test_an_item_says_what_its_source_says() -> None:
    assert all(item.says for source in traced().found.sources for item in source.items)


def test_every_item_has_a_test_that_is_about_it() -> None:
    items = [item for source in traced().found.sources for item in source.items]
    assert not [item.item for item in items if item.rules and not item.about]


def test_only_remarks_have_no_rule() -> None:
    items = [item for source in traced().found.sources for item in source.items]
    assert [item.item for item in items if not item.rules] == ["G70", "G100"]


def test_all_rules_and_edges_are_exercised() -> None:
    figures = traced().figures
    assert not figures.rules.missing
    assert not figures.edges.missing


def test_a_rule_without_a_test_and_an_item_without_a_rule_are_gaps() -> None:
    from followcue.evaluation.pipeline import load_pack

    found = trace(load_pack(cache=False).pack, {}, [], {"G100": "elsewhere"})
    assert "no test exercises the rule `thank-each-interviewer`" in found.gaps
    assert "no rule carries recruiter-mindset/G70" in found.gaps
    assert "no rule carries recruiter-mindset/G100" not in found.gaps


def test_the_page_is_up_to_date(request: pytest.FixtureRequest) -> None:
    said = sources.as_markdown(traced().found)
    if request.config.getoption("--rebaseline"):
        PAGE.write_text(said, encoding="utf-8")
    assert said == PAGE.read_text(encoding="utf-8")


def run(*options: str) -> str:
    result = CliRunner().invoke(cli.main, ("sources", *options))
    assert result.exit_code == 0
    return result.stdout


def test_the_command_gives_all_forms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(traceability, "traced_pack", lambda *_, **__: traced())
    assert "G11   Every interviewer gets a message of their own" in run()
    assert run("--format", "markdown") == PAGE.read_text(encoding="utf-8")
    data: Any = json.loads(run("--format", "json"))
    assert [source["source"] for source in data["sources"]][:2] == ["career-doctor", "recruiter-mindset"]
    assert data["gaps"] == []
