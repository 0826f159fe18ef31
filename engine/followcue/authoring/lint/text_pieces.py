"""The texts that nothing in a column tells apart, where its cells ask for words and for parts of texts.

Idea: all that is asked (`is visa`, `starts with XR-`, `contains -old`) is read off a text letter by letter by
one automaton, whose state says how far each part has come. Two texts on which the same holds are alike; so a
text for each combination that can be reached stands for all of them. The shortest ones are found first.
Letters that stand in no part are all alike, and one stands for them.

Example: of `starts with ab` and `contains b` there are three pieces: a text with neither, such as the empty
one; `b`; and `ab`. There is none that starts with `ab` and does not contain `b`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from followcue.language.model.syntax import TURNED

TextAsked: TypeAlias = tuple[Literal["==", "contains", "starts with", "ends with"], str]

MOST_STATES: Final = 4_000
"""How many states are looked at; more make a column unclear."""

_DEAD: Final = -1
_LETTERS: Final = "xyzwqjk"


def texts_apart(asked: Sequence[TextAsked]) -> Mapping[tuple[bool, ...], str] | None:
    """A shortest text for each combination of what holds, in the order of `asked`; None if it takes long."""
    letters = sorted({letter for _, text in asked for letter in text})
    other = next((letter for letter in _LETTERS if letter not in letters), "\N{WHITE SQUARE}")
    alphabet = [*letters, other]
    start = tuple(0 for _ in asked)
    found: dict[tuple[bool, ...], str] = {}
    known = {start}
    waiting = [(start, "")]
    for state, text in waiting:
        found.setdefault(tuple(map(_holds, asked, state)), text)
        for letter in alphabet:
            then = tuple(_step(one, place, letter) for one, place in zip(asked, state, strict=True))
            if then not in known:
                if len(known) >= MOST_STATES:
                    return None
                known.add(then)
                waiting.append((then, text + letter))
    return found


def holds(op: str, text: str, part: str) -> bool:
    """Whether a test of a text holds: `contains`, `does not start with`, …"""
    if "not" in op:
        return not holds(TURNED[op], text, part)
    if op == "contains":
        return part in text
    return text.startswith(part) if op == "starts with" else text.endswith(part)


def _holds(one: TextAsked, place: int) -> bool:
    return place == len(one[1])


def _step(one: TextAsked, place: int, letter: str) -> int:
    """How many letters of what is asked are read with one more; `_DEAD` where they never all can be."""
    op, part = one
    if op in ("contains", "starts with") and place == len(part):
        return place
    if op in ("==", "starts with"):
        return place + 1 if 0 <= place < len(part) and part[place] == letter else _DEAD
    read = part[:place] + letter
    return next(n for n in range(min(len(part), len(read)), -1, -1) if read.endswith(part[:n]))
