"""Fenced blocks of a Markdown page: their labels, their texts, and a way to write one back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<label>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """One fenced block: `label` is what stands after the fence, `line` the line of its first text line."""

    label: str
    text: str
    line: int
    start: int
    end: int


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    content = page.read_text("utf-8")
    return [
        Block(
            match["label"],
            match["text"],
            content.count("\n", 0, match.start("text")) + 1,
            match.start("text"),
            match.end("text"),
        )
        for match in FENCE.finditer(content)
    ]


def rewrite(page: Path, texts: dict[int, str]) -> None:
    """Replaces the text of some blocks, by their number."""
    content = page.read_text("utf-8")
    found = blocks(page)
    for number in sorted(texts, reverse=True):
        block = found[number]
        content = content[: block.start] + texts[number] + content[block.end :]
    page.write_text(content, "utf-8")
