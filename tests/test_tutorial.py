"""docs/tutorial.md, done step by step: files are written and commands run in the order of the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from fenced import PROMPT, answers, blocks, rewrite
from followcue import load_pack

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial.md"


def test_every_step_answers_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    shown = {}
    found = blocks(PAGE)
    for number, block in enumerate(found):
        language, _, name = block.label.partition(" ")
        if language == "yaml":
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(block.text, "utf-8")
        elif language == "console":
            shown[number] = answers(block)
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, shown)
    else:
        assert {number: found[number].text for number in shown} == shown
    assert sum(text.count(PROMPT) for text in shown.values()) >= 8


def test_the_layer_does_all_that_layers_can(tmp_path: Path) -> None:
    last = {}
    for block in blocks(PAGE):
        name = block.label.removeprefix("yaml ")
        if name.startswith("my-rules/") and "serching" not in block.text:
            last[name] = block.text
    for name, text in last.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    below, above = load_pack().pack, load_pack(tmp_path / "my-rules").pack
    assert set(above.vocabulary.kinds) - set(below.vocabulary.kinds) == {"trial_day", "impressions_sent"}
    assert set(above.vocabulary.actions) - set(below.vocabulary.actions) == {"send_impressions"}
    assert set(above.vocabulary.parameters) - set(below.vocabulary.parameters) == {"impressions_within"}
    assert set(above.rules) - set(below.rules) == {"tell-your-impressions"}
    assert set(below.rules) - set(above.rules) == {"keep-searching"}
    assert len(above.rules["add-a-paper-note"].cites) == len(below.rules["add-a-paper-note"].cites) + 1
