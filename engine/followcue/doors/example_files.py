"""Situations to look at, which pages offer to open: those beside the rules that they show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

from followcue.base.shipped import data_folder
from followcue.testing.find import ENDING

EXAMPLES: Final = "examples"
"""The folder beside rules, and beside the program, that holds them."""


class ExampleFile(NamedTuple):
    """A situation by its name, which is that of its file without the ending."""

    name: str
    file: str
    content: bytes


def example_files(rules: Sequence[str]) -> Iterator[ExampleFile]:
    """The situations in the folders `examples` of these folders of rules; without any, the shipped ones."""
    places: list[Traversable] = [Path(folder, EXAMPLES) for folder in rules]
    for place in places or [data_folder(EXAMPLES)]:
        for file in sorted(place.iterdir(), key=lambda file: file.name) if place.is_dir() else ():
            if file.name.endswith(ENDING) and file.is_file():
                yield ExampleFile(file.name.removesuffix(ENDING), file.name, file.read_bytes())
