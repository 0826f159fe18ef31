"""Forms of output: a line of JSON a situation, or Parquet with a row an action.

The columns of the Parquet form are those of an action in a report, with types. `situation` names the
situation, `scope` is what the report calls by the name of the pack's scope, `caution` tells cautions apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from followcue.batch.libraries import orjson, pyarrow
from followcue.batch.work import Answer, JsonObject

_DAYS = ("open", "due", "close", "until")
_TEXTS = ("action", "to", "about", "status", "priority", "channel", "title")


def as_lines(answers: Iterable[Answer]) -> bytes:
    """One line of JSON for each report."""
    return b"".join(_line(answer.report) for answer in answers if answer.report is not None)


def as_rejects(answers: Iterable[Answer]) -> bytes:
    """One line of JSON for each mistake."""
    return b"".join(_line(reject) for answer in answers for reject in answer.rejects)


def _line(data: JsonObject) -> bytes:
    """The same bytes with either library: reports have no fractions, which these write in two ways."""
    quick = orjson()
    if quick is not None:
        try:
            return bytes(quick.dumps(data, option=quick.OPT_APPEND_NEWLINE))
        except TypeError:
            pass  # a number of more than 64 bits, or half a character
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
    return text.encode(errors="backslashreplace")


def parquet_schema() -> Any:
    """The columns of the Parquet form."""
    arrow = pyarrow()
    text, day = arrow.string(), arrow.date32()
    source = arrow.struct([("source", text), ("item", text), ("basis", text)])
    reason = arrow.struct(
        [("fact", text), ("scope", text), ("date", day), ("fields", text), ("line", arrow.int64())]
    )
    return arrow.schema(
        [
            ("situation", text),
            ("as_of", day),
            ("rules_version", text),
            ("caution", arrow.bool_()),
            ("scope", text),
            *((name, text) for name in _TEXTS),
            *((name, day) for name in _DAYS),
            *((name, arrow.list_(text)) for name in ("do", "avoid", "rules")),
            ("sources", arrow.list_(source)),
            ("because", arrow.list_(reason)),
        ]
    )


def as_parquet(answers: Iterable[Answer], scope_key: str) -> bytes:
    """One row for each action and caution; `fields` of a reason are JSON text."""
    arrow = pyarrow()
    rows = [row for answer in answers for row in answer_rows(answer, scope_key)]
    table = arrow.Table.from_pylist(rows, schema=parquet_schema())
    stream = BytesIO()
    _parquet().write_table(table, stream, compression="zstd")
    return stream.getvalue()


def join_parquet(parts: Iterable[Path], target: Path) -> None:
    """All parts as one file, a row group each, there as a whole or not at all."""
    library = _parquet()
    beside = target.with_name(target.name + ".joining")
    with library.ParquetWriter(str(beside), parquet_schema(), compression="zstd") as writer:
        for part in parts:
            writer.write_table(library.read_table(str(part)))
    beside.replace(target)


def answer_rows(answer: Answer, scope_key: str) -> Iterator[JsonObject]:
    """The rows of one situation; none where it could not be judged."""
    report = answer.report
    if report is None:
        return
    head = {
        "situation": report["situation"],
        "as_of": _day(report["as_of"]),
        "rules_version": report["rules_version"],
    }
    for caution, key in ((True, "cautions"), (False, "actions")):
        for action in report[key]:
            yield {
                **head,
                "caution": caution,
                "scope": action[scope_key],
                **{name: action[name] for name in (*_TEXTS, "do", "avoid", "rules", "sources")},
                **{name: _day(action[name]) for name in _DAYS},
                "because": [_reason(reason, scope_key) for reason in action["because"]],
            }


def _reason(reason: JsonObject, scope_key: str) -> JsonObject:
    return {
        "fact": reason["fact"],
        "scope": reason[scope_key],
        "date": _day(reason["date"]),
        "fields": json.dumps(reason["fields"], ensure_ascii=False),
        "line": reason["line"],
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _parquet() -> Any:
    pyarrow()
    return import_module("pyarrow.parquet")
