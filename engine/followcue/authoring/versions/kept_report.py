"""A report that was kept: its JSON, checked, and the situation and the rules that it names."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.limits import USUAL, Limits
from followcue.evaluation.report.provenance import GivenOptions, Input, Provenance
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_content, read_document
from followcue.language.documents.schema_check import check_schema


class Kept(NamedTuple):
    """A report as it was written: the bytes, their data, and what they say they were made of."""

    name: str
    raw: bytes
    data: dict[str, Any]
    provenance: Provenance

    @property
    def as_of(self) -> date:
        """The day of the report."""
        return date.fromisoformat(self.data["as_of"])


class NamedBytes(Protocol):
    """The name and the bytes of a file."""

    @property
    def name(self) -> str:
        """The name, as it was given."""

    @property
    def raw(self) -> bytes:
        """The bytes."""


class Given(NamedTuple):
    """The situation to judge again: its name and bytes, and what a report says of them."""

    name: str
    raw: bytes
    input: Input


def read_kept(raw: bytes, name: str) -> Kept:
    """The report in these bytes; raises `InvalidInput` if it is none, or does not say what it was made of."""
    document = read_document(raw, name)
    if not isinstance(document.data, dict) or "actions" not in document.data:  # a situation, for one
        raise InvalidInput([document.problem("FC620", "this is no report", (), hint=_HOW)])
    problems = check_schema(document, "report")
    if not problems and "provenance" not in document.data:
        message = "this report does not say what it was made of"
        problems = [document.problem("FC620", message, (), hint=_HOW)]
    if problems:
        raise InvalidInput(problems)
    try:
        date.fromisoformat(document.data["as_of"])
    except ValueError:
        problem = document.problem("FC620", "there is no such day", ("as_of",))
        raise InvalidInput([problem]) from None
    return Kept(name, raw, document.data, _provenance(_as_written(raw, document)))


def given(kept: Kept, situation: NamedBytes | None = None, limits: Limits = USUAL) -> Given:
    """The situation that is named, or else the one that the report holds, or else the file that it names.

    A relative name is looked for in the current folder, and then beside the report. Raises `InvalidInput` if
    the situation is nowhere to be found.
    """
    recorded = kept.provenance.input
    if situation is not None:
        return _input(situation.name, situation.raw, recorded)
    if recorded.text is not None:
        return Given(recorded.name, recorded.text.encode(), recorded)
    for path in _candidates(recorded.name, kept.name):
        if os.path.isfile(path):
            return _input(recorded.name, read_content(path, limits.size), recorded)
    message = f"the situation `{recorded.name}` is not there any more"
    if recorded.name == "<stdin>":
        message = "the situation came from standard input, and is not in the report"
    hint = "name it with `--situation FILE`; `evaluate --embed` keeps it in the report"
    raise InvalidInput([Diagnostic("FC621", message, hint=hint, place=kept.name)])


def _input(name: str, raw: bytes, recorded: Input) -> Given:
    """The same input if the bytes are the same, whatever their file is called now."""
    if sha256(raw).hexdigest() == recorded.sha256:
        return Given(name, raw, recorded)
    text = None if recorded.text is None else raw.decode(errors="replace")
    return Given(name, raw, Input.of(name, raw, text))


def _candidates(name: str, report: str) -> Sequence[Path]:
    here = [] if name == "<stdin>" else [Path(name)]
    return here if report == "<stdin>" else [*here, *(Path(report).parent / path for path in here)]


def _as_written(raw: bytes, document: Document) -> Any:
    """The data with texts letter for letter: names of files, and what was in them, have no normal form."""
    try:
        return json.loads(raw)
    except ValueError:  # somebody has made YAML of it
        return document.data


def _provenance(data: Any) -> Provenance:
    made = data["provenance"]
    options = made["options"]
    return Provenance(
        Input(made["input"]["name"], made["input"]["sha256"], made["input"].get("text")),
        tuple(made["layers"]),
        GivenOptions(
            rules=tuple(options["rules"]),
            packs=tuple(options["pack"]),
            profile=options["profile"],
            parameters=options["set"],
            missed=options["all"],
        ),
        made["followcue"],
    )


_HOW = "`followcue evaluate SITUATION --format json` writes reports that can be replayed"
