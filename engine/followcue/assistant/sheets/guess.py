"""What the columns of a sheet hold, guessed from their heads, or from their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from followcue.assistant.sheets.cell_text import field_value
from followcue.assistant.sheets.column_days import NoDay, looks_like_day
from followcue.assistant.sheets.mapping import SheetMapping
from followcue.assistant.sheets.sheet import Sheet, SheetColumn, Value, shown
from followcue.assistant.sheets.targets import DAY, EVENT, Lexicon, Target
from followcue.language.model.known_as import normal
from followcue.language.model.vocabulary import Field

SAMPLE = 500
"""How many cells of a column are looked at."""

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_AT_LEAST = 0.5
"""The share of the cells that must look like what a column is taken to hold."""


def guess(sheet: Sheet, lexicon: Lexicon, known: SheetMapping) -> SheetMapping:
    """The mapping with a guess for every column of which it says nothing; None is a guess, too."""
    columns: dict[str, Target | None] = {
        column.name: known.columns[column.name] for column in sheet.columns if column.name in known.columns
    }
    taken = {target for target in columns.values() if target}
    guesser = _Guesser(sheet, lexicon, known)
    for find in (guesser.by_exact_name, guesser.by_head, guesser.by_part_of_head, guesser.by_values):
        for column in sheet.columns:
            if columns.get(column.name) is None and column.name not in known.columns:
                found = next((one for one in find(column) if one not in taken), None)
                if found:
                    columns[column.name] = found
                    taken.add(found)
    if Target(EVENT, EVENT) not in taken:  # a day alone says nothing
        columns = {n: t for n, t in columns.items() if t != Target(EVENT, DAY) or n in known.columns}
    every = {column.name: columns.get(column.name) for column in sheet.columns}
    return known._replace(columns=every)


class _Guesser:
    """Guesses what one column holds; the best guess comes first."""

    def __init__(self, sheet: Sheet, lexicon: Lexicon, known: SheetMapping) -> None:
        self._lexicon = lexicon
        self._known = known
        self._values: Mapping[int, list[Value]] = {
            column.number: [value for _, value in sheet.values(column.number)][:SAMPLE]
            for column in sheet.columns
        }

    def by_exact_name(self, column: SheetColumn) -> Iterator[Target]:
        """What a column holds whose head is a name of the vocabulary, as `followcue export` writes it."""
        if found := self._lexicon.targets.get(column.name):
            yield found

    def by_head(self, column: SheetColumn) -> Iterator[Target]:
        """What is known by this head, as far as the values may be that."""
        found = self._lexicon.heads.get(normal(column.name), [])
        return (target for target in found if self._fits(column, target))

    def by_part_of_head(self, column: SheetColumn) -> Iterator[Target]:
        """What is known by some words of the head, the longest first: `email` in `Whose email`."""
        words = normal(column.name).split()
        for length in range(len(words) - 1, 0, -1):
            parts = (" ".join(words[start : start + length]) for start in range(len(words) - length + 1))
            found = {target for part in parts for target in self._lexicon.heads.get(part, [])}
            yield from (t for t in self._lexicon.targets.values() if t in found and self._fits(column, t))

    def by_values(self, column: SheetColumn) -> Iterator[Target]:
        """What the values alone show: e-mail addresses, words for events, words of a choice."""
        values = self._values[column.number]
        if not values:
            return
        if self._share(column, lambda value: _MAIL.fullmatch(shown(value).strip()) is not None) > _AT_LEAST:
            yield from self._lexicon.heads.get("email", [])
        if self._share(column, self._names_an_event) > _AT_LEAST:
            yield Target(EVENT, EVENT)
        if self._share(column, looks_like_day) > _AT_LEAST:
            yield Target(EVENT, DAY)
        for target in self._lexicon.targets.values():
            field = self._lexicon.field(target)
            of_record = target.kind in self._lexicon.vocabulary.shape.records
            if of_record and field.type.choices and all(self._may_be(value, field) for value in values):
                yield target

    def _fits(self, column: SheetColumn, target: Target) -> bool:
        """Whether the values of a column may be what the target takes; without any they may be everything."""
        if not self._values[column.number]:
            return True
        if target == Target(EVENT, EVENT):
            return self._share(column, looks_like_day) <= _AT_LEAST
        field = self._lexicon.field(target)
        if field.type.base == "text" and not field.type.choices:
            return True
        return self._share(column, lambda value: self._may_be(value, field)) >= _AT_LEAST

    def _may_be(self, value: Value, field: Field) -> bool:
        """Whether a cell may be a value of a field, days in whatever order."""
        if field.type.base == "date":
            return looks_like_day(value) or _is_bare_day(value)
        try:
            field_value(value, field, None, self._choose)
        except NoDay:
            return False
        return True

    def _choose(self, type_name: str, word: str) -> str | None:
        return self._known.choice(type_name, word, self._lexicon)

    def _share(self, column: SheetColumn, holds: Callable[[Value], bool]) -> float:
        values = self._values[column.number]
        return sum(map(holds, values)) / len(values)

    def _names_an_event(self, value: Value) -> bool:
        return isinstance(value, str) and self._known.meaning(value, self._lexicon) is not None


def _is_bare_day(value: Value) -> bool:
    """Whether it may be the number of a day, as spreadsheet programs count them."""
    return not isinstance(value, bool) and shown(value).isdigit() and len(shown(value)) == 5
