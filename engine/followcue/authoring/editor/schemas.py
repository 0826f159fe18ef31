"""The schema of each kind of file that people write for a pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from followcue.authoring.editor.parts import DRAFT, Schema
from followcue.authoring.editor.rules import rules_schema
from followcue.authoring.editor.tests import tests_schema
from followcue.authoring.editor.vocabulary import vocabulary_schema
from followcue.authoring.editor.words import Words
from followcue.evaluation.situation.schema import situation_schema


def _situation(words: Words) -> Schema:
    return {**situation_schema(words.vocabulary), "$schema": DRAFT}


SCHEMAS: Mapping[str, Callable[[Words], Schema]] = {
    "rules": rules_schema,
    "tests": tests_schema,
    "situation": _situation,
    "vocabulary": vocabulary_schema,
}
"""What makes the schema of each kind of file; `FILES` of `commands/schema.py` lists the same names."""
