"""A text read and checked against its schema, remembered: of many files few change between two loads.

Reading and checking depend on nothing but the text, its name and the schema, so what was found for a text
once holds for the same text again: after an edit of one file only that file is read. What is found is shared
between loads and never changed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.documents.schema_check import check_schema

MOST_TEXTS = 128
MOST_BYTES = 200_000
"""How many texts are remembered, and how long each may be: some tens of MB where all are as long as that."""


class CheckedDocument(NamedTuple):
    """A document, None where it cannot be read, and everything that is wrong with its text or its shape."""

    document: Document | None
    problems: tuple[Diagnostic, ...]


def checked_document(content: bytes, name: str, schema_name: str) -> CheckedDocument:
    """What a text holds, and in what it differs from the schema of that name (`rules`, `vocabulary`, …)."""
    return (_remembered if len(content) <= MOST_BYTES else _check)(content, name, schema_name)


def _check(content: bytes, name: str, schema_name: str) -> CheckedDocument:
    try:
        document = read_document(content, name)
    except InvalidInput as error:
        return CheckedDocument(None, tuple(error.diagnostics))
    return CheckedDocument(document, tuple(check_schema(document, schema_name)))


_remembered = lru_cache(MOST_TEXTS)(_check)
