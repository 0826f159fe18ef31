"""docs/from-any-language.md: curl, a client made from the OpenAPI document, and the app in another one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenced import blocks, rewrite, run_python
from followcue.evaluation.pipeline import load_pack
from npm_packages import PATIENCE, installed
from served import Client, served

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/from-any-language.md"
HERE = Path(__file__).parent / "typescript"
SITUATION = ROOT / "examples/first-interview.yaml"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served(load_pack()) as client:
        yield client


@pytest.mark.slow
def test_the_app_is_mounted_in_another(request: pytest.FixtureRequest) -> None:
    found = blocks(PAGE)
    (number,) = (number for number, block in enumerate(found) if block.label == "python")
    printed = run_python(found[number], PAGE, {"__name__": "page"})
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, {number + 1: printed})
    else:
        assert found[number + 1].text == printed


@pytest.mark.programs
def test_curl_is_answered(client: Client, tmp_path: Path) -> None:
    shutil.copy(SITUATION, tmp_path / "search.yaml")
    commands = [block.text for block in blocks(PAGE) if block.label == "sh curl"]
    answers = [_run(command.replace("8080", str(client.port)), tmp_path) for command in commands]
    assert '"steps":[{' in answers[0]
    assert '"action":"move_on"' in answers[1]


@pytest.mark.programs
def test_a_client_is_made_and_used(client: Client, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """With the page's own commands but for npm's, whose packages are those of the lock beside the tests."""
    found = blocks(PAGE)
    by_label = {block.label: number for number, block in enumerate(found)}
    (tmp_path / "node_modules").symlink_to(installed("typescript") / "node_modules")
    shutil.copy(HERE / "package.json", tmp_path)
    generate = found[by_label["sh client"]].text.splitlines()[-1]
    program = found[by_label["ts next.ts"]].text
    _run(generate.replace("8080", str(client.port)), tmp_path)
    compile_it = "npx tsc --strict --target es2022 --module esnext --moduleResolution bundler next.ts"
    (tmp_path / "next.ts").write_text(program.replace("8080", str(client.port)), "utf-8")
    _run(compile_it, tmp_path)
    printed = _run("node next.js", tmp_path)
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, {by_label["text shown"]: printed})
    else:
        assert found[by_label["text shown"]].text == printed
    (tmp_path / "next.ts").write_text(program.replace('event: "interview"', 'event: "intervue"'), "utf-8")
    assert "intervue" in _run(compile_it, tmp_path, fails=True)


def _run(command: str, folder: Path, *, fails: bool = False) -> str:
    ended = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert bool(ended.returncode) == fails, (command, ended.stdout, ended.stderr)
    return ended.stdout
