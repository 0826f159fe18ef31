"""Every example in docs/checking.md does what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from fenced import answers, blocks, rewrite, run_python, write_files

PAGE = Path(__file__).parent.parent / "docs" / "checking.md"


@pytest.mark.slow
def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(PAGE, "yaml", tmp_path)
    texts: dict[int, str] = {}
    printed = ""
    for number, block in enumerate(blocks(PAGE)):
        if block.label == "console":
            texts[number] = answers(block)
        elif block.label == "python":
            printed = run_python(block, PAGE, {})
        elif block.label == "text output":
            texts[number] = printed
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, texts)
    else:
        for number, block in enumerate(blocks(PAGE)):
            assert texts.get(number, block.text) == block.text
    assert len(texts) == 4
