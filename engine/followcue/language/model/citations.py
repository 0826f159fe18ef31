"""Citations as rules and parameters write them, such as `source/G11` or `own default for G11`."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from followcue.language.model.vocabulary import Citation

Basis: TypeAlias = Literal["text", "own reading", "own default"]

CITING = "write `source/G11`, `own reading of source/G11`, `own default for G11` or `own default`"
"""How to cite, for those who did not."""

UNWRITTEN = ("own default", "own reading")
"""What stands for a source where something is said that no source says."""

_OWN: tuple[tuple[str, Basis], ...] = (
    ("own reading of ", "own reading"),
    ("own default for ", "own default"),
)
_CITED = re.compile(r"(?P<source>[a-z][a-z0-9-]*)?(?:(?(source)/)(?P<item>[A-Z][A-Za-z0-9.-]*))?")


def parse_citation(text: str) -> Citation | None:
    """What `text` cites: a source, an item of it, or both with what is made of them; None if nothing."""
    if text == "own default":
        return Citation(text, None, "own default")
    basis: Basis = "text"
    for words, own in _OWN:
        if text.startswith(words):
            basis, text = own, text.removeprefix(words)
    match = _CITED.fullmatch(text)
    if not match or not text or (match["source"] is None and basis == "text"):
        return None
    return Citation(match["source"] or basis, match["item"], basis)
