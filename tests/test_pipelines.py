"""What others put into their pipelines: the hooks, the action and the image run commands that are there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
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


def test_what_the_service_page_installs_first_can_look_at_rules_that_change() -> None:
    page = (ROOT / "docs/service.md").read_text("utf-8")
    assert page.index("pip install 'followcue[serve]'\nfollowcue serve --rules my-rules") > 0
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert "followcue[watch]" in extras["serve"]


@pytest.mark.programs
@pytest.mark.slow
def test_the_steps_of_the_image_install_a_service_that_answers_its_health_check(tmp_path: Path) -> None:
    """As `docker build` and `docker run` take them; without root rights where others may run this Python."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    made = tmp_path / "followcue"
    for step in re.findall(r"^RUN (python .*)$", text, re.MULTILINE):
        # The tests may run on another Python than the image, for which some versions are not there.
        step = step.replace("/opt/followcue", str(made)).replace(
            "python -m venv", f"{sys.executable} -m venv"
        )
        subprocess.run(["sh", "-ec", step], cwd=ROOT, check=True, timeout=400, capture_output=True)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    tokens, port = tmp_path / "tokens", free_port()
    tokens.write_text("monitor a-token-of-sixteen\n")
    tokens.chmod(0o644)

    def as_it_is_there(said: str, name: str) -> list[str]:
        found = re.search(rf"^{said} (\[.*\])$", text, re.MULTILINE)
        assert found is not None, name
        words = [word.replace("8080", str(port)) for word in yaml.safe_load(found[1])]
        return [
            str(made / "bin" / words[0]),
            *(str(tokens) if word == "/run/tokens" else word for word in words[1:]),
        ]

    is_for_all = all(folder.stat().st_mode & 0o001 for folder in Path(sys.base_prefix).resolve().parents)
    user: dict[str, Any] = {"user": 65534} if os.geteuid() == 0 and is_for_all else {}
    home = tmp_path / "home"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    env = {"PATH": f"{made}/bin:/usr/bin:/bin", "HOME": str(home), "PYTHONUNBUFFERED": "1"}
    check = as_it_is_there(r"HEALTHCHECK [^\[]* CMD", "the health check")
    with subprocess.Popen(
        as_it_is_there("ENTRYPOINT", "the entry point"),
        cwd="/",
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        **user,
    ) as service:
        try:
            assert service.stderr is not None
            assert f":{port}" in service.stderr.readline()
            assert subprocess.run(check, env=env, cwd="/", timeout=20, check=False, **user).returncode == 0
        finally:
            service.terminate()
        assert service.wait(20) in (0, -signal.SIGTERM)
    gone = subprocess.run(check, env=env, cwd="/", timeout=20, check=False, stderr=subprocess.DEVNULL, **user)
    assert gone.returncode == 1


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
