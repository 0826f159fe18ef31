"""Columns: reports as an Arrow table, one row for each action and caution.

Columns are filled one by one: rows of nested values take ten times as long. Texts to follow, rules and
sources come again and again, so each list of them is made once a table.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

from followcue.base.extras import pyarrow
from followcue.batch.json_lines import as_line
from followcue.batch.work import Answer, JsonObject

_DAYS = ("open", "due", "close", "until")
_TEXTS = ("action", "to", "about", "status", "priority", "channel", "title")
_LISTS = ("do", "avoid", "rules")
_OF_STEPS = ("id", "step", "when")


def table_schema() -> Any:
    """The columns, which docs/batch.md describes."""
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
            *((name, arrow.list_(text)) for name in _LISTS),
            ("sources", arrow.list_(source)),
            ("because", arrow.list_(reason)),
            *((name, text) for name in _OF_STEPS),
            ("rank", arrow.int32()),
            ("next_change", day),
        ]
    )


def as_table(answers: Iterable[Answer], scope_key: str) -> Any:
    """The actions and cautions of all reports; `fields` of a reason are JSON text."""
    arrow, schema = pyarrow(), table_schema()
    reports = [answer.report for answer in answers if answer.report is not None]
    rows = [
        (report, caution, action)
        for report in reports
        for caution, key in ((True, "cautions"), (False, "actions"))
        for action in report[key]
    ]
    actions = [action for _, _, action in rows]
    placed = [step for report in reports for step in _steps(report)]
    columns = {
        "situation": arrow.array([report["situation"] for report, _, _ in rows], arrow.string()),
        "as_of": _days([report["as_of"] for report, _, _ in rows]),
        "rules_version": arrow.array([report["rules_version"] for report, _, _ in rows], arrow.string()),
        "caution": arrow.array([caution for _, caution, _ in rows], arrow.bool_()),
        "scope": arrow.array([action[scope_key] for action in actions], arrow.string()),
        **{name: arrow.array([action[name] for action in actions], arrow.string()) for name in _TEXTS},
        **{name: _days([action[name] for action in actions]) for name in _DAYS},
        **{name: _repeated([a[name] for a in actions], schema.field(name).type, tuple) for name in _LISTS},
        "sources": _repeated([a["sources"] for a in actions], schema.field("sources").type, _citations),
        "because": _reasons([action["because"] for action in actions], scope_key),
        "id": arrow.array([action["id"] for action in actions], arrow.string()),
        "step": arrow.array([step for step, _, _ in placed], arrow.string()),
        "when": arrow.array([when for _, when, _ in placed], arrow.string()),
        "rank": arrow.array([rank for _, _, rank in placed], arrow.int32()),
        "next_change": _days([report["next_change"] for report, _, _ in rows]),
    }
    return arrow.table(columns, schema=schema)


def _steps(report: JsonObject) -> Iterator[tuple[str | None, str | None, int | None]]:
    """Of each caution and action: the step that it stands in, when that is, and its place from 1."""
    places = {
        action: (step["id"], step["when"], rank)
        for rank, step in enumerate(report["steps"], 1)
        for action in step["actions"]
    }
    yield from ((None, None, None) for _ in report["cautions"])
    yield from (places.get(action["id"], (None, None, None)) for action in report["actions"])


def _days(texts: Sequence[str | None]) -> Any:
    """Days from ISO texts."""
    arrow = pyarrow()
    return arrow.array(texts, arrow.string()).cast(arrow.date32())


def _repeated(values: Sequence[Any], kind: Any, key_of: Callable[[Any], Hashable]) -> Any:
    """Values of which most are equal to others, each made once; `key_of` tells them apart."""
    arrow = pyarrow()
    places: dict[Hashable, int] = {}
    taken = [places.setdefault(key_of(value), len(places)) for value in values]
    unlike = dict(zip(taken, values, strict=True))
    return arrow.array([unlike[place] for place in range(len(places))], kind).take(
        arrow.array(taken, arrow.int32())
    )


def _citations(sources: Iterable[JsonObject]) -> Hashable:
    return tuple([(source["source"], source["item"], source["basis"]) for source in sources])


def _reasons(lists: Sequence[Sequence[JsonObject]], scope_key: str) -> Any:
    """The reasons of each row: those of all of them in columns, and where each row's end."""
    arrow = pyarrow()
    ends = [0]
    for reasons in lists:
        ends.append(ends[-1] + len(reasons))
    flat = [reason for reasons in lists for reason in reasons]
    columns = {
        "fact": arrow.array([reason["fact"] for reason in flat], arrow.string()),
        "scope": arrow.array([reason[scope_key] for reason in flat], arrow.string()),
        "date": _days([reason["date"] for reason in flat]),
        "fields": arrow.array([as_line(reason["fields"])[:-1] for reason in flat], arrow.string()),
        "line": arrow.array([reason["line"] for reason in flat], arrow.int64()),
    }
    reasons = arrow.StructArray.from_arrays(list(columns.values()), list(columns))
    return arrow.ListArray.from_arrays(arrow.array(ends, arrow.int32()), reasons)
