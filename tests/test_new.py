"""`followcue new`: what it makes works at once, and it makes all or nothing."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator

from followcue import cli
from followcue.authoring.editor import new_pack
from followcue.authoring.editor.new_pack import name_from
from followcue.authoring.editor.write_schemas import FOLDER, files_of, without_line
from followcue.language.documents.read import read_file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments), prog_name="followcue")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "folder"), [("pack", "my-rules"), ("layer", "deep down/my rules")])
def test_what_is_made_works_at_once(kind: str, folder: str) -> None:
    made = run("new", folder, "--kind", kind)
    assert made.exit_code == 0, made.output
    commands = [shlex.split(line)[1:] for line in made.output.splitlines() if line.startswith("  followcue ")]
    assert [words[0] for words in commands] == ["evaluate", "check", "test"]
    for words in commands:
        done = run(*words)
        assert done.exit_code == 0, f"{words}: {done.output}"
    written = {line.removeprefix(f"wrote {folder}/") for line in made.output.splitlines() if "wrote" in line}
    assert written == {str(p.relative_to(folder)) for p in Path(folder).rglob("*.yaml")}


def test_the_tests_of_a_new_pack_see_all_of_it() -> None:
    run("new", "my-pack")
    done = run("test", "my-pack", "--coverage", "--min-coverage", "100")
    assert done.exit_code == 0, done.output


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pack", "layer"])
def test_every_file_has_its_schema_and_keeps_to_it(kind: str) -> None:
    run("new", "my-rules", "--kind", kind)
    assert without_line("my-rules", list(files_of("my-rules"))) == []
    for path in Path("my-rules").rglob("*.yaml"):
        first = path.read_text("utf-8").splitlines()[0]
        schema = path.parent / first.partition("$schema=")[2]
        assert schema.parent.name == FOLDER
        document: Any = read_file(schema).data
        assert list(Draft7Validator(document).iter_errors(read_file(path).data)) == []


def test_it_is_called_as_asked_or_like_its_folder() -> None:
    run("new", "deep/down/My Plants 2")
    run("new", "other", "--name", "weeds")
    assert (
        "pack: {name: my-plants-2, title: My plants 2}"
        in Path("deep/down/My Plants 2/vocabulary.yaml").read_text()
    )
    assert "pack: {name: weeds, title: Weeds}" in Path("other/vocabulary.yaml").read_text()
    assert [name_from(text) for text in ("3 Trees", "été", "42", "-a-")] == ["trees", "t", None, "a"]


def test_an_empty_folder_is_filled() -> None:
    Path("empty").mkdir()
    assert run("new", "empty").exit_code == 0
    assert Path("empty/rules.yaml").exists()
    assert stat.S_IMODE(os.stat("empty").st_mode) == 0o777 & ~new_pack._mask()


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_nothing_is_overwritten(there: str) -> None:
    if there == "folder":
        Path("mine").mkdir()
        Path("mine/notes.txt").write_text("precious")
    elif there == "file":
        Path("mine").write_text("precious")
    else:
        Path("mine").symlink_to("nowhere")
    before = sorted(Path().rglob("*"))
    refused = run("new", "mine")
    assert refused.exit_code == 2
    assert "is there already, and nothing is overwritten" in refused.output
    assert sorted(Path().rglob("*")) == before


def test_nothing_half_made_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(folder: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new_pack, "_write_schemas", fails)
    refused = run("new", "mine")
    assert refused.exit_code == 2
    assert "cannot make mine: No space left on device" in refused.output
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("42",),
        ("mine", "--name", "Mine"),
        ("mine", "--name", ""),
        ("mine", "--name", "true"),
        ("",),
        ("mine", "--kind", "pile"),
        (),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run("new", *arguments).exit_code == 2
    assert list(Path().iterdir()) == []
