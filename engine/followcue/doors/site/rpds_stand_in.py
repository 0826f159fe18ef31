"""What `referencing` needs of `rpds`, a library in Rust that no browser has: values that stay as they are.

There it is called `rpds`. Each change copies the whole; what jsonschema keeps in them is a few dozen entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class HashTrieMap(dict[Any, Any]):
    """A mapping whose changes are new mappings."""

    @classmethod
    def convert(cls, value: Any) -> HashTrieMap:
        """The mapping itself, or one of the same entries."""
        return value if isinstance(value, cls) else cls(value)

    def insert(self, key: Any, value: Any) -> HashTrieMap:
        """The mapping with one more entry."""
        return HashTrieMap({**self, key: value})

    def remove(self, key: Any) -> HashTrieMap:
        """The mapping without an entry; raises `KeyError`."""
        rest = dict(self)
        del rest[key]
        return HashTrieMap(rest)

    def update(self, *others: Any, **named: Any) -> HashTrieMap:  # type: ignore[override]
        """The mapping with the entries of others."""
        merged = dict(self)
        for other in others:
            merged.update(other)
        return HashTrieMap({**merged, **named})


class HashTrieSet(frozenset[Any]):
    """A set whose changes are new sets."""

    def insert(self, value: Any) -> HashTrieSet:
        """The set with one more member."""
        return HashTrieSet({*self, value})

    def discard(self, value: Any) -> HashTrieSet:
        """The set without a member, if it was one."""
        return HashTrieSet(self - {value})

    def update(self, *others: Iterable[Any]) -> HashTrieSet:
        """The set with the members of others."""
        return HashTrieSet(self.union(*others))


class List(tuple[Any, ...]):
    """A list whose changes are new lists."""

    def __new__(cls, values: Iterable[Any] = ()) -> List:
        """A list of the values."""
        return super().__new__(cls, values)

    @property
    def first(self) -> Any:
        """The first member; raises `IndexError`."""
        return self[0]

    def push_front(self, value: Any) -> List:
        """The list with a member before all others."""
        return List((value, *self))

    def drop_first(self) -> List:
        """The list without its first member; raises `IndexError`."""
        if not self:
            raise IndexError("this list is empty")
        return List(self[1:])
