"""Views: all that a template can see of records, events and actions. Their names come from the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from followcue.base.diagnostic import did_you_mean


class Missing(NamedTuple):
    """A value that nobody gave: what it is, in the words of whoever could give it, and how.

    `name` is what templates call it: `application.role`.
    """

    message: str
    hint: str
    name: str = ""


class UnknownName(Exception):
    """A template asks for what the pack does not speak of; `name` is what it asked for."""

    def __init__(self, name: str, message: str, hint: str | None) -> None:
        super().__init__(message)
        self.name = name
        self.hint = hint


class View:
    """One thing as templates see it: names and their values, and no attribute of any Python object.

    `path` is what templates call it, `said` what a sentence calls it, and `shown` stands for it where a
    template writes it out. `known` are the names that it may have; `find` gives the value of one, `missing`
    says what to do where there is none. `place` counts it among its like, from 0.
    """

    __slots__ = ("_find", "_found", "_known", "_missing", "path", "place", "said", "shown")

    def __init__(
        self,
        path: str,
        said: str,
        shown: str,
        known: Collection[str],
        find: Callable[[str], object],
        missing: Callable[[str], Missing],
        place: int = 0,
    ) -> None:
        self.path = path
        self.said = said
        self.shown = shown
        self.place = place
        self._known = known
        self._find = find
        self._missing = missing
        self._found: dict[str, object] = {}

    def get(self, name: str) -> object:
        """The value of that name, None where there is none or can be none."""
        return self._find(name) if name in self._known else None

    def look_up(self, name: str) -> object:
        """The value of that name, or what is `Missing`; raises `UnknownName` for what it cannot have."""
        if name not in self._known:
            raise UnknownName(name, f"there is no `{name}` in {self.said}", did_you_mean(name, self._known))
        if name not in self._found:
            self._found[name] = self._find(name)
        value = self._found[name]
        return self._missing(name)._replace(name=f"{self.path}.{name}") if value is None else value
