"""Named tuples that cost little to declare behave as those of the standard library."""

from __future__ import annotations

import copy
import pickle
import sys
import typing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from followcue.base.named_tuple import NamedTuple


class Ours(NamedTuple):
    """A value."""

    first: str
    second: int | None
    third: tuple[str, ...] = ()
    fourth: bool = False

    @property
    def both(self) -> str:
        """Two of them."""
        return f"{self.first}{self.second}"


class Theirs(typing.NamedTuple):
    """A value."""

    first: str
    second: int | None
    third: tuple[str, ...] = ()
    fourth: bool = False

    @property
    def both(self) -> str:
        """Two of them."""
        return f"{self.first}{self.second}"


DONE: list[Callable[[Any], object]] = [
    lambda kind: kind("a", 1),
    lambda kind: kind("a", second=None, fourth=True),
    lambda kind: kind._make(["a", 1, (), False]),
    lambda kind: kind("a", 1)._replace(third=("b",)),
    lambda kind: list(kind("a", 1)._asdict().items()),
    lambda kind: kind("a", 1).both,
    lambda kind: kind("a", 1)[1:],
    lambda kind: hash(kind("a", 1)),
    lambda kind: kind("a", 1) == ("a", 1, (), False),
    lambda kind: kind("a", 1) < kind("b", 0),
    lambda kind: copy.deepcopy(kind("a", 1)),
    lambda kind: pickle.loads(pickle.dumps(kind("a", 1))),
    lambda kind: repr(kind("a", 1)).partition("(")[2],
    lambda kind: kind.__mro__[1:],
    lambda kind: (kind._fields, kind._field_defaults, kind.__match_args__, kind.__doc__, type(kind)),
    lambda kind: [*kind.__annotations__],
    lambda kind: hasattr(kind("a", 1), "__dict__"),
]
REFUSED: list[Callable[[Any], object]] = [
    lambda kind: kind(),
    lambda kind: kind("a"),
    lambda kind: kind("a", 1, (), False, 5),
    lambda kind: kind("a", 1, fifth=5),
    lambda kind: kind("a", 1)._replace(fifth=5),
    lambda kind: kind._make(["a"]),
    lambda kind: setattr(kind("a", 1), "first", "b"),
    lambda kind: setattr(kind("a", 1), "fifth", 5),
]


@pytest.mark.parametrize("done", DONE)
def test_what_is_done_with_one_is_as_with_the_other(done: Callable[[Any], object]) -> None:
    ours, theirs = done(Ours), done(Theirs)
    assert ours == theirs
    assert type(ours) in (type(theirs), Ours)


@pytest.mark.parametrize("refused", REFUSED)
def test_what_one_refuses_the_other_refuses(refused: Callable[[Any], object]) -> None:
    told = []
    for kind in (Ours, Theirs):
        with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
            refused(kind)
        told.append((type(caught.value), str(caught.value).replace("Theirs", "Ours")))
    assert told[0] == told[1]


def test_the_first_values_are_as_all_that_follow() -> None:
    class Fresh(NamedTuple):
        first: int
        second: str = "b"
        third: str = "c"

    for number in range(200):
        assert Fresh(number) == (number, "b", "c")
        assert Fresh(number, "d") == (number, "d", "c")
        with pytest.raises(
            TypeError, match=r"Fresh\.__new__\(\) missing 1 required positional argument: 'first'"
        ):
            Fresh()  # type: ignore[call-arg]
    assert Fresh(1, third="d") == (1, "b", "d")


def test_a_pattern_finds_its_fields() -> None:
    match Ours("a", 1):
        case Ours(first, second=number):
            assert (first, number) == ("a", 1)


def test_a_field_without_a_default_comes_first() -> None:
    with pytest.raises(TypeError, match="default"):

        class _Wrong(NamedTuple):
            first: str = ""
            second: str  # type: ignore[misc]  # that is the point


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the standard library's own there")
def test_the_first_values_may_be_made_at_once() -> None:
    for _ in range(50):

        class Fresh(NamedTuple):
            first: int

        with ThreadPoolExecutor(4) as pool:
            assert [*pool.map(Fresh, range(8))] == [(number,) for number in range(8)]
        assert type(Fresh(1)) is Fresh
