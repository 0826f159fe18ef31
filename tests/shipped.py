"""The shipped vocabulary, read once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from followcue.model.read_vocabulary import read_vocabulary
from followcue.model.vocabulary import Vocabulary
from followcue.source.read import read_file

ROOT = Path(__file__).parents[1]


@cache
def shipped_vocabulary() -> Vocabulary:
    folder = ROOT / "rules" / "interview-follow-up" / "vocabulary"
    read, problems = read_vocabulary([[read_file(path) for path in sorted(folder.glob("*.yaml"))]])
    assert read is not None, "\n".join(map(str, problems))
    return read
