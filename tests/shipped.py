"""The shipped vocabulary, read once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from followcue.language.documents.read import read_file
from followcue.language.model.read_vocabulary import read_vocabulary
from followcue.language.model.vocabulary import Vocabulary

ROOT = Path(__file__).parents[1]


@cache
def shipped_vocabulary() -> Vocabulary:
    folder = ROOT / "rules" / "interview-follow-up" / "vocabulary"
    read, problems = read_vocabulary([[read_file(path) for path in sorted(folder.glob("*.yaml"))]])
    assert read is not None, "\n".join(map(str, problems))
    return read
