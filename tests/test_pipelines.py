"""What others put into their pipelines: the hooks, the action and the image run commands that are there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from followcue import cli

ROOT = Path(__file__).parents[1]
PACK = ROOT / "examples/packs/animal-identification"


def test_hooks_name_commands() -> None:
    hooks: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["followcue-check", "followcue-test"]
    for hook in hooks:
        program, command = hook["entry"].split()
        assert program == "followcue"
        assert command in cli.COMMANDS
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)


@pytest.mark.slow
def test_the_steps_of_the_action_check_and_test(tmp_path: Path) -> None:
    """As a workflow runs them, with the program at hand in place of the one that the first step installs."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    program = tmp_path / "followcue/bin/followcue"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "cli.py"}" "$@"\n')
    program.chmod(0o755)
    shutil.copytree(PACK, tmp_path / "a-pack")
    env = os.environ | {"RUNNER_TEMP": str(tmp_path), "RULES": "a-pack"}
    install, *steps = action["runs"]["steps"]
    assert "pip" in install["run"]
    for step in steps:
        assert step["env"] == {"RULES": "${{ inputs.rules }}"}
        ended = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, (step["name"], ended.stdout, ended.stderr)
    rules = next(path for path in (tmp_path / "a-pack").glob("*.yaml") if path.name != "vocabulary.yaml")
    rules.write_text(rules.read_text("utf-8").replace("when:", "wen:", 1), "utf-8")
    broken = subprocess.run(
        ["bash", "-e", "-c", steps[0]["run"]],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert broken.returncode == 3
    assert "::error file=" in broken.stdout


def test_the_image_runs_the_service_with_options_that_there_are() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    entry = re.search(r"^ENTRYPOINT (\[.*\])$", text, re.MULTILINE)
    assert entry is not None
    program, command, *options = yaml.safe_load(entry[1])
    assert (program, command) == ("followcue", "serve")
    told = CliRunner().invoke(cli.main, ["serve", "--help"]).output
    assert all(option in told for option in options if option.startswith("--"))
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
