"""A sheet, a mapping and a situation -> the situation with the sheet in it, or what stands in the way."""

from __future__ import annotations

from typing import NamedTuple

from followcue.assistant.sheets.mapping import SheetMapping
from followcue.assistant.sheets.open_questions import Question
from followcue.assistant.sheets.sheet import Sheet
from followcue.assistant.sheets.sheet_entries import SheetEntries
from followcue.assistant.sheets.targets import Lexicon
from followcue.assistant.sheets.to_entries import to_entries
from followcue.assistant.sheets.write_entries import check, write_entries
from followcue.base.diagnostic import Diagnostic, sort_by_place
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options
from followcue.evaluation.report.wording import plain
from followcue.language.documents.edit import Edit
from followcue.language.model.vocabulary import Vocabulary


class Brought(NamedTuple):
    """What came of a sheet: the `text` of the situation with it, None as long as something is asked.

    `refused` are the mistakes, in the rows `bad`, which are not in the text; `hopeless` if they are of the
    whole sheet, so that no text can be made.
    """

    text: Edit | None
    entries: SheetEntries
    questions: tuple[Question, ...]
    refused: tuple[Diagnostic, ...]
    notes: tuple[Diagnostic, ...]
    bad: frozenset[int]
    hopeless: bool


def bring_along(
    sheet: Sheet, mapping: SheetMapping, edit: Edit, loaded: LoadedPack, options: Options = USUALLY
) -> Brought:
    """Put a sheet into the text of `edit`, which stays as it is; rows that are wrong are left out of it.

    Raises `InvalidInput` where the situation is wrong already.
    """
    vocabulary = loaded.pack.vocabulary
    lexicon = Lexicon(vocabulary)
    loaded.read(edit.document, options)
    first = entries = to_entries(sheet, mapping, vocabulary, edit.data, lexicon)
    refused, bad = list(entries.problems), set(entries.bad)
    text: Edit | None = None
    hopeless = any(problem.code == "FC541" for problem in refused)
    while not first.questions and not hopeless:
        if bad:
            entries = to_entries(sheet, mapping, vocabulary, edit.data, lexicon, frozenset(bad))
            refused += entries.problems
        text = Edit(edit.text, edit.name)
        write_entries(text, entries, vocabulary)
        known = len(entries.problems)
        more = check(text, entries, sheet.name, loaded, options) | entries.bad
        refused += entries.problems[known:]
        if more <= bad:
            break
        bad |= more
    notes = sort_by_place([*sheet.notes, *first.notes])
    return Brought(
        text,
        entries,
        tuple(first.questions),
        sort_by_place(refused),
        notes,
        frozenset(bad),
        hopeless,
    )


def told(entries: SheetEntries, vocabulary: Vocabulary) -> str:
    """What there is, in one sentence: `12 applications, 8 contacts and 30 events`."""
    counts: dict[str, int] = {}
    for kind_name, records in entries.records.items():
        for record in records.values():
            counts[kind_name] = counts.get(kind_name, 0) + (record.there is None)
            for inner, members in record.inner.items():
                counts[inner] = counts.get(inner, 0) + sum(one.there is None for one in members.values())
    counts["event"] = sum(1 for _ in entries.events())
    said = [f"{n} {_several(name, n, vocabulary)}" for name, n in counts.items() if n]
    *before, last = said or ["nothing new"]
    there = (
        f"; {entries.already} {_several('event', entries.already, vocabulary)} of it there already"
        if entries.already
        else ""
    )
    return (f"{', '.join(before)} and {last}" if before else last) + there


def _several(name: str, count: int, vocabulary: Vocabulary) -> str:
    if count == 1:
        return plain(name)
    kind = vocabulary.kinds.get(name)
    return plain(kind.path[-1]) if kind and kind.path else f"{plain(name)}s"
