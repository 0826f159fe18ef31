"""A situation -> a sheet as text: one row an event, from which `followcue import` makes the same facts again.

The head of each column is the name by which a mapping calls what it holds, so that nothing has to be guessed.
What no event carries has rows of its own, before the events: records without events, and the records in them.

    date        event      application.id  application.company  contact.id  contact.name  event.with
                contact    acme            Acme                 dana        Dana Ruiz
    2026-11-20  interview  acme            Acme                                           dana
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from followcue.assistant.sheets.cell_text import written
from followcue.assistant.sheets.targets import DAY, EVENT, KEY, NOTE, inner_records
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options
from followcue.explain.wanted import known_name
from followcue.language.documents.document import Document
from followcue.language.model.vocabulary import Kind, Vocabulary

Cells = dict[str, object]


def export_csv(
    loaded: LoadedPack, document: Document, options: Options = USUALLY, *, scope: str | None = None
) -> str:
    """The events and records of a situation, or of one record of its scope, as comma-separated text.

    Raises `InvalidInput` with every mistake in it, and `Unknown` for a record that is not there.
    """
    loaded.read(document, options)
    vocabulary = loaded.pack.vocabulary
    assert isinstance(document.data, dict)
    if scope is not None:
        of = vocabulary.shape.scope
        known_name(of or "scope", scope, _records(vocabulary.kinds[of], document.data) if of else ())
    rows = [*_records_first(vocabulary, document.data, scope), *_events(vocabulary, document.data, scope)]
    return _text(rows, [name for name in _heads(vocabulary) if any(name in row for row in rows)])


def _text(rows: list[Cells], heads: list[str]) -> str:
    """Rows as text, each cell in quotes, so that no cell is taken for two where other signs part them."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([written(row[name]) if name in row else "" for name in heads])
    return stream.getvalue()


def _heads(vocabulary: Vocabulary) -> Iterator[str]:
    """All columns that there may be, in the order in which they stand."""
    yield from (DAY, EVENT)
    for name in vocabulary.shape.records:
        kind = vocabulary.kinds[name]
        yield from () if kind.single else (f"{name}.{KEY}",)
        yield from (f"{name}.{field.name}" for field in kind.fields)
    yield f"{EVENT}.{KEY}"
    yield from dict.fromkeys(f"{EVENT}.{field.name}" for kind in vocabulary.events for field in kind.fields)
    yield NOTE


def _records_first(vocabulary: Vocabulary, data: Mapping[str, Any], only: str | None) -> Iterator[Cells]:
    """The rows of records: those of the scope that no other row names, and all others."""
    scope = vocabulary.shape.scope
    for name in vocabulary.shape.records:
        kind = vocabulary.kinds[name]
        if len(kind.path) > 1 or (only is not None and name != scope):
            continue
        if kind.single:
            found = data.get(kind.path[0])
            if found:
                yield {EVENT: name, **_fields(kind, found)}
            continue
        for key, record in _records(kind, data).items():
            own: Cells = {f"{name}.{KEY}": key, **_fields(kind, record)}
            if name != scope:
                yield {EVENT: name, **own}
            elif only in (None, key):
                inner = [
                    {EVENT: of.name, **own, f"{of.name}.{KEY}": inner_key, **_fields(of, one or {})}
                    for of in inner_records(vocabulary)
                    for inner_key, one in _records(of, record).items()
                ]
                yield from inner or ([] if _lists_in(vocabulary, record) else [{EVENT: name, **own}])


def _events(vocabulary: Vocabulary, data: Mapping[str, Any], only: str | None) -> Iterator[Cells]:
    """The rows of events, oldest first; those of a day stay in the order of the file."""
    found: list[Cells] = []
    scope = vocabulary.shape.scope
    for key, record in _records(vocabulary.kinds[scope], data).items() if scope else ():
        if only in (None, key):
            own = {f"{scope}.{KEY}": key, **_fields(vocabulary.kinds[scope or ""], record)}
            found += [_event(entry, own) for entry in _lists_in(vocabulary, record)]
    if only is None:
        paths = [path for path in vocabulary.shape.events if len(path) == 1]
        found += [_event(entry, {}) for path in paths for entry in data.get(path[0]) or ()]
    yield from sorted(found, key=lambda row: str(row[DAY]))


def _event(entry: Mapping[str, Any], own: Cells) -> Cells:
    said = {name if name in (DAY, EVENT, NOTE) else f"{EVENT}.{name}": value for name, value in entry.items()}
    return {**own, **said}


def _fields(kind: Kind, record: Mapping[str, Any]) -> Cells:
    return {f"{kind.name}.{field.name}": record[field.name] for field in kind.fields if field.name in record}


def _records(kind: Kind, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The records of a kind, in the situation or in the record around them."""
    return data.get(kind.path[-1]) or {}


def _lists_in(vocabulary: Vocabulary, record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The events of a record of the scope."""
    around = vocabulary.kinds[vocabulary.shape.scope or ""].path
    return [e for path in vocabulary.shape.events if path[:-1] == around for e in record.get(path[-1]) or ()]
