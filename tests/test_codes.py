"""Every code has a page, and the examples of the pages give their codes and no longer do so once mended."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from code_pages import FOLDER, PAGES, Page, codes_in, runs, said, write
from fenced import PROMPT, rewrite
from followcue import cli
from followcue.base.shipped import codes, title_of

ENGINE = Path(__file__).parent.parent / "engine" / "followcue"

RUN = [path.stem for path in PAGES if runs(path.stem) and "yaml bad" in path.read_text("utf-8")]
SHOWN = [code for code in RUN if "text shown" in Page.of(FOLDER / f"{code}.md").blocks]


def codes_in_source() -> set[str]:
    return {
        code
        for path in sorted(ENGINE.rglob("*"))
        if path.suffix in (".py", ".lark", ".j2")
        for code in re.findall(r"FC[0-9]{3}", path.read_text("utf-8"))
    }


@pytest.mark.parametrize("code", [page.stem for page in PAGES])
def test_page_has_its_form(code: str) -> None:
    text = (FOLDER / f"{code}.md").read_text("utf-8")
    assert text.startswith(f"# {code}: ")
    assert title_of(code) != code
    assert "bad" in text
    assert "good" in text


@pytest.mark.parametrize(
    "code", [code for code in RUN if "text shown" in Page.of(FOLDER / f"{code}.md").blocks]
)
def test_lint_shows_what_the_page_says(code: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = Page.of(FOLDER / f"{code}.md")
    bad, good = page.text("yaml bad"), page.text("yaml good")
    assert bad is not None
    assert good is not None
    got = said(bad, code, tmp_path / "bad")
    number, block = page.blocks["text shown"]
    if request.config.getoption("--rebaseline"):
        rewrite(FOLDER / f"{code}.md", {number: got})
    else:
        assert got == block.text
    assert got.strip()
    assert code not in codes_in(good, tmp_path / "good")


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(codes()) == codes_in_source()


@pytest.mark.parametrize("code", RUN)
def test_bad_example_gives_the_code_and_good_one_does_not(code: str, tmp_path: Path) -> None:
    page = Page.of(FOLDER / f"{code}.md")
    bad, good, below = page.text("yaml bad"), page.text("yaml good"), page.text("yaml below")
    assert bad is not None
    assert good is not None
    assert code in codes_in(bad, tmp_path / "bad", below=below)
    assert code not in codes_in(good, tmp_path / "good", below=below)


def test_a_bad_command_gives_the_code_and_a_good_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, search = Page.of(FOLDER / "FC101.md"), FOLDER.parent.parent / "examples" / "first-interview.yaml"
    shutil.copy(search, tmp_path / "search.yaml")
    monkeypatch.chdir(tmp_path)
    for label, is_bad in (("console bad", True), ("console good", False)):
        command = page.text(label)
        assert command is not None
        done = CliRunner().invoke(cli.main, shlex.split(command.removeprefix(PROMPT)))
        assert ("FC101" in done.stderr) == is_bad, done.stderr


@pytest.mark.parametrize(("label", "is_bad"), [("csv bad", True), ("csv good", False)])
def test_a_bad_sheet_gives_the_code_and_a_good_one_does_not(label: str, is_bad: bool, tmp_path: Path) -> None:
    sheet = Page.of(FOLDER / "FC359.md").text(label)
    pack = write("rules: {}\n", tmp_path)
    done = CliRunner().invoke(cli.main, ["table", "-", "--name", "t", "--rules", str(pack)], input=sheet)
    assert ("FC359" in done.stderr) == is_bad, done.stderr
    assert (done.exit_code == 0) != is_bad
