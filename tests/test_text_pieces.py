"""Texts that the cells of a column do not tell apart: one for each combination that there is."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from followcue.authoring.lint.text_pieces import TextAsked, texts_apart

HOLDS = {
    "==": str.__eq__,
    "contains": str.__contains__,
    "starts with": str.startswith,
    "ends with": str.endswith,
}


@pytest.mark.parametrize("seed", range(60))
def test_the_combinations_are_those_of_all_short_texts(seed: int) -> None:
    chance = Random(seed)
    asked: list[TextAsked] = []
    for _ in range(chance.randint(1, 3)):
        part = "".join(chance.choice("ab") for _ in range(chance.randint(1, 2)))
        asked.append((chance.choice(["==", "contains", "starts with", "ends with"]), part))
    found = texts_apart(asked)
    assert found is not None
    texts = ["".join(letters) for length in range(8) for letters in product("abx", repeat=length)]
    every = {tuple(bool(HOLDS[op](text, part)) for op, part in asked) for text in texts}
    assert set(found) == every
    for combination, text in found.items():
        assert tuple(bool(HOLDS[op](text, part)) for op, part in asked) == combination


def test_what_takes_too_long_is_not_told() -> None:
    asked: list[TextAsked] = [("contains", f"{n:05d}{n * 7919:07d}") for n in range(12)]
    assert texts_apart(asked) is None
