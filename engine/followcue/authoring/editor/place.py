"""Where schemas are put beside a pack, and how its files say so to an editor."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from followcue.authoring.editor.schemas import SCHEMAS
from followcue.authoring.editor.words import Words
from followcue.base.atomic import replace_file
from followcue.language.folders import VOCABULARY
from followcue.testing.find import ENDING, TESTS

FOLDER = ".followcue"
"""The folder for schemas, beside the files that they are for."""

MARK = "# yaml-language-server: $schema="
"""The comment by which language servers for YAML find the schema of a file."""


class Placed(NamedTuple):
    """A file of a pack, or a pattern for some, and the schema for it; `path` is relative to the pack."""

    path: str
    kind: str

    @property
    def line(self) -> str:
        """The line with which the file is to begin."""
        up = "../" * self.path.count("/")
        return f"{MARK}{up}{FOLDER}/{self.kind}.schema.json"


PATTERNS = (
    Placed(f"*{ENDING}", "rules"),
    Placed(f"{VOCABULARY}{ENDING}", "vocabulary"),
    Placed(f"{VOCABULARY}/*{ENDING}", "vocabulary"),
    Placed(f"{TESTS}/*{ENDING}", "tests"),
)
"""Which files of a pack have which schema."""


def rendered(words: Words, kind: str) -> str:
    """The schema of one kind of files as text; the same words give the same text."""
    return json.dumps(SCHEMAS[kind](words), indent=1, ensure_ascii=False) + "\n"


def write_schemas(words: Words, folder: str) -> list[str]:
    """Write all schemas into the folder for them inside `folder`, and name the files; raises `OSError`."""
    inside = os.path.join(folder, FOLDER)
    os.makedirs(inside, exist_ok=True)
    paths = []
    for kind in SCHEMAS:
        path = os.path.join(inside, f"{kind}.schema.json")
        replace_file(path, rendered(words, kind).encode())
        os.chmod(path, 0o644)
        paths.append(path)
    return paths


def files_of(folder: str) -> Iterator[Placed]:
    """The files of the pack in `folder` for which there is a schema."""
    for inside in ("", f"{VOCABULARY}/", f"{TESTS}/"):
        path = os.path.join(folder, inside)
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            if name.endswith(ENDING) and not name.startswith("."):
                yield Placed(inside + name, _kind_of(inside, name))


def _kind_of(inside: str, name: str) -> str:
    if inside == f"{TESTS}/":
        return "tests"
    return "vocabulary" if inside or name == f"{VOCABULARY}{ENDING}" else "rules"


def without_line(folder: str, files: Sequence[Placed]) -> list[Placed]:
    """Those of the files that do not say yet which schema they have."""
    return [file for file in files if MARK.encode() not in _content(folder, file).split(b"\n\n", 1)[0]]


def add_line(folder: str, file: Placed) -> None:
    """Let a file begin with the line for its schema; all else in it stays, its mode too. Raises `OSError`."""
    path = os.path.join(folder, file.path)
    content = _content(folder, file)
    mode = os.stat(path).st_mode & 0o777
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    ending = "\r\n" if b"\r\n" in content else "\n"
    replace_file(path, mark + (file.line + ending).encode() + content.removeprefix(mark))
    os.chmod(path, mode)


def _content(folder: str, file: Placed) -> bytes:
    with open(os.path.join(folder, file.path), "rb") as stream:
        return stream.read()


def settings(folder: str) -> str:
    """The settings of an editor that say the same for all files of a pack at once."""
    place = folder if folder.endswith("/") else f"{folder}/"
    place = "" if place == "./" else place
    schemas: dict[str, list[str]] = {}
    for pattern in PATTERNS:
        schemas.setdefault(f"./{place}{FOLDER}/{pattern.kind}.schema.json", []).append(place + pattern.path)
    rules = schemas[f"./{place}{FOLDER}/rules.schema.json"]
    rules.append(f"!{place}{VOCABULARY}{ENDING}")  # it stands among the rules
    return json.dumps({"yaml.schemas": schemas}, indent=2)
