"""The first text of a new file of rules or tests, with the line by which editors find its schema."""

from __future__ import annotations

import re
from typing import NamedTuple

from followcue.authoring.editor.write_schemas import FOLDER, MARK
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.session.pack_bench import PackBench
from followcue.testing.find import TESTS

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_ENDING = ".yaml"


class NewText(NamedTuple):
    """The name that messages show of a file that is not there yet, and its text."""

    file: str
    text: str


def new_text(bench: PackBench, kind: str, name: str) -> NewText:
    """A file of `rules` or `tests` in the last folder of a bench; raises `InvalidInput`."""
    stem = name.removesuffix(_ENDING)
    if kind not in ("rules", "tests"):
        raise _refusal(f"a new file holds `rules` or `tests`, not `{kind}`")
    if not _NAME.fullmatch(stem):
        raise _refusal(f"no file can be called `{name}` here", "small letters, digits and `-`: `late-books`")
    if not bench.state.texts.folders:
        raise _refusal("there is no folder to put it into", "give one with `--rules`")
    folder = bench.state.texts.folders[-1]
    inside = f"{TESTS}/" if kind == "tests" else ""
    file = f"{folder.origin}{inside}{stem}{_ENDING}"
    if bench.kind(file) is not None:
        raise _refusal(f"{file} is there already")
    schemas = f"{'../' if inside else ''}{FOLDER}/{kind}.schema.json"
    return NewText(file, f"{MARK}{schemas}\n{kind}:\n")


def _refusal(message: str, hint: str | None = None) -> InvalidInput:
    return InvalidInput([Diagnostic("FC101", message, hint=hint)])
