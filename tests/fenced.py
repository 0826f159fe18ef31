"""Pages in Markdown: their fenced blocks, which tests run, compare and write back, and their links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from click.testing import CliRunner

from followcue import cli

PROMPT = "$ followcue "

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


def anchors(page: Path) -> set[str]:
    """What a link into the page may name after `#`: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Where the page's links lead."""
    return re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", page.read_text("utf-8")))


def run_python(block: Block, page: Path, names: dict[str, object]) -> str:
    """What the Python of a block prints; `names` are those that earlier blocks of the page made."""
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), names)
    return printed.getvalue()


def write_files(page: Path, language: str, folder: Path) -> None:
    """Write the files that a page shows: the blocks of that language whose label goes on with a name."""
    for block in blocks(page):
        kind, _, name = block.label.partition(" ")
        if kind == language and name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(block.text, "utf-8")


def answers(block: Block, typed: str = "", other: Callable[[str], None] | None = None) -> str:
    """The commands of a block, each followed by what `followcue` prints, errors included.

    `typed` is what each reads from the terminal; `other` runs the commands that are not of followcue.
    """
    shown = []
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            arguments = shlex.split(line.removeprefix(PROMPT))
            result = CliRunner().invoke(cli.main, arguments, input=typed, prog_name="followcue")
            shown.append(f"{line}\n{result.output}")
        elif line.startswith("$ ") and other is not None:
            other(line.removeprefix("$ "))
            shown.append(f"{line}\n")
    return "".join(shown)


def rewrite(page: Path, texts: dict[int, str]) -> None:
    """Replaces the text of some blocks, by their number."""
    content = page.read_text("utf-8")
    found = blocks(page)
    for number in sorted(texts, reverse=True):
        block = found[number]
        content = content[: block.start] + texts[number] + content[block.end :]
    page.write_text(content, "utf-8")
