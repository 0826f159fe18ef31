"""How a sheet is read: which column holds what, what its words mean, and the file in which that is kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple, cast

from followcue.assistant.sheets.column_days import ORDERS, Order
from followcue.assistant.sheets.sheet import Sheet
from followcue.assistant.sheets.targets import LEAVE_OUT, Lexicon, Meaning, Target
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.base.terminal import visible_line
from followcue.base.values import parse_date
from followcue.language.documents.document import Document
from followcue.language.model.known_as import normal

NEWEST = "newest day of the row"
Undated = str
"""What to do where a sheet says that something happened, and not when: NEWEST, LEAVE_OUT, or a day."""

_KEYS = ("sheet", "columns", "words", "dates", "undated")

_ABOUT = """\
# How `followcue import` reads {name}. It is yours to edit, and is used the next time.
# A column holds a field of a record (application.company), the days of an event (applied), or what belongs to
# the event that the row itself names: event (its word), date, note, event.FIELD. `leave out`: nothing of it.
"""


class SheetMapping(NamedTuple):
    """What each column holds, None for one that is left out, by the name of the column.

    `words` are those of the cells, as `normal` has them, each with what it means: an event with its fields,
    or a word of the vocabulary. `page` is the sheet of a workbook.
    """

    columns: Mapping[str, Target | None] = {}
    words: Mapping[str, str] = {}
    dates: Order | None = None
    undated: Undated | None = None
    page: str | None = None

    def with_column(self, name: str, target: Target | None) -> SheetMapping:
        """The same with another meaning of a column."""
        return self._replace(columns={**self.columns, name: target})

    def with_word(self, word: str, means: str) -> SheetMapping:
        """The same with the meaning of one more word."""
        return self._replace(words={**self.words, normal(word): means})

    def meaning(self, word: str, lexicon: Lexicon) -> Meaning | None:
        """The event that a word of a cell means; None for one that nobody has explained so."""
        if (said := self.words.get(normal(word))) is not None:
            try:
                return lexicon.meaning(said)
            except ValueError:  # it is explained as a word of the vocabulary
                return None
        kind = lexicon.events.get(normal(word))
        return None if kind is None else Meaning(kind)

    def choice(self, type_name: str, word: str, lexicon: Lexicon) -> str | None:
        """The word of a type that a word of a cell means."""
        return lexicon.choice(type_name, self.words.get(normal(word), word))


def read_mapping(document: Document, lexicon: Lexicon) -> SheetMapping:
    """The mapping in a file; raises `InvalidInput` (FC541) with everything in it that means nothing."""
    data, problems = document.data, list[Diagnostic]()
    if not isinstance(data, dict):
        message = "a mapping has `columns`, and each column what it holds"
        example = "as in `columns: {Company: application.company}`"
        problem = document.problem("FC541", message, (), hint=example)
        raise InvalidInput([problem])
    for key in data:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS)
            problems.append(
                document.problem("FC541", f"there is no `{key}` in a mapping", (key,), key=True, hint=hint)
            )
    columns: dict[str, Target | None] = {}
    for name, said in _entries(document, "columns", problems):
        try:
            columns[name] = None if said == LEAVE_OUT else lexicon.target(said)
        except ValueError as problem:
            problems.append(document.problem("FC541", str(problem), ("columns", name)))
    words: dict[str, str] = {}
    for name, said in _entries(document, "words", problems):
        if unknown := _unknown_word(said, lexicon):
            problems.append(document.problem("FC541", unknown, ("words", name)))
        words[normal(name)] = said
    dates, undated, page = (data.get(key) for key in ("dates", "undated", "sheet"))
    if dates is not None and dates not in ORDERS:
        message = f"`dates` is `{ORDERS[0]}` or `{ORDERS[1]}`"
        problems.append(document.problem("FC541", message, ("dates",)))
    if undated is not None and not is_undated(undated):
        message = f"`undated` is `{NEWEST}`, `{LEAVE_OUT}` or a day"
        problems.append(document.problem("FC541", message, ("undated",)))
    if page is not None and not isinstance(page, str):
        problems.append(document.problem("FC541", "`sheet` is the name of a sheet", ("sheet",)))
    if problems:
        raise InvalidInput(problems)
    return SheetMapping(columns, words, cast("Order | None", dates), undated, page)


def is_undated(said: object) -> bool:
    """Whether it says what to do with what has no day."""
    return isinstance(said, str) and (said in (NEWEST, LEAVE_OUT) or parse_date(said) is not None)


def day_said(undated: Undated | None) -> date | None:
    """The day that is to be taken, if one is named."""
    return parse_date(undated) if undated else None


def _entries(document: Document, key: str, problems: list[Diagnostic]) -> Iterable[tuple[str, str]]:
    found = document.data.get(key) if isinstance(document.data, dict) else None
    if found is None:
        return
    if not isinstance(found, dict):
        message, hint = f"`{key}` names each with what it means", f"as in `{key}: {{Company: …}}`"
        problems.append(document.problem("FC541", message, (key,), hint=hint))
        return
    for name, said in found.items():
        if isinstance(said, str):
            yield name, said
        else:
            message = f"what `{name}` means is said in words"
            hint = "put it in quotes, if it is meant as text"
            problems.append(document.problem("FC541", message, (key, name), hint=hint))


def _unknown_word(said: str, lexicon: Lexicon) -> str | None:
    """What is wrong with the meaning of a word: it is neither an event nor a word of the vocabulary."""
    if any(lexicon.choice(name, said) for name, type_ in lexicon.vocabulary.types.items() if type_.choices):
        return None
    try:
        lexicon.meaning(said)
    except ValueError as problem:
        return str(problem)
    return None


def mapping_text(mapping: SheetMapping, sheet: Sheet, path: str) -> str:
    """A mapping as the file at `path` has it."""
    from followcue.language.documents.edit import Edit

    data: dict[str, object] = {}
    if mapping.page is not None:
        data["sheet"] = mapping.page
    data["columns"] = {
        column.name: LEAVE_OUT if (target := mapping.columns.get(column.name)) is None else str(target)
        for column in sheet.columns
    }
    if mapping.words:
        data["words"] = dict(mapping.words)
    if mapping.dates:
        data["dates"] = mapping.dates
    if mapping.undated:
        data["undated"] = mapping.undated
    first, *rest = data
    edit = Edit(f"{_ABOUT.format(name=visible_line(os.path.basename(sheet.name)))}{first}: x\n", path)
    for key in (first, *rest):
        edit.set((key,), data[key])
    return edit.text
