"""Situations of 20 events that are made up of the shipped pack's own words, as many as one likes.

Some hundred are made by `followcue.synthesis.sampling`, always the same for the same seed; the others are
these with all events some days earlier.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import followcue
from followcue.synthesis.sampling.situations import Maker

EVENTS = 20
MADE = 200
"""So many situations are made up; each is then told `DAYS` times, its events a day earlier each time."""
DAYS = 30
TOGETHER = 500
Record = dict[str, Any]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def population(number: int, seed: int) -> Iterator[list[Record]]:
    """So many situations as records, `TOGETHER` at a time, the records of these in any order."""
    made = made_up(seed)
    random = Random(seed)
    for start in range(0, number, TOGETHER):
        block = [
            {"situation": f"u{i:08}", **record}
            for i in range(start, min(start + TOGETHER, number))
            for record in _earlier(made[i % len(made)], i // len(made) % DAYS)
        ]
        random.shuffle(block)
        yield block


def _earlier(records: list[Record], days: int) -> list[Record]:
    """The records with all days but that of the report earlier."""
    if not days:
        return records
    moved = _DAY.sub(
        lambda day: (date.fromisoformat(day[0]) - timedelta(days)).isoformat(), json.dumps(records[1:])
    )
    return [records[0], *json.loads(moved)]


@cache
def made_up(seed: int, count: int = MADE) -> list[list[Record]]:
    """Situations with exactly `EVENTS` events each, as records; the first record is that of the whole."""
    pack = followcue.load_pack()
    random = Random(seed)
    maker = Maker(pack, random)
    clauses = sorted(maker.clauses_by_rule.items())
    found: list[list[Record]] = []
    while len(found) < count:
        goals = [random.choice(numbers) for _, numbers in random.choices(clauses, k=3)]
        data = _trimmed(maker.make(goals, EVENTS), random)
        if data is not None and maker.is_valid(data):
            found.append(list(_records(data, pack.pack.vocabulary.shape.whole)))
    return found


def _trimmed(data: Record, random: Random) -> Record | None:
    """The situation with so many events that there are `EVENTS`; None where there are too few."""
    lists = [held["events"] for held in (data, *data.get("applications", {}).values()) if "events" in held]
    surplus = sum(map(len, lists)) - EVENTS
    for _ in range(surplus):
        chosen = random.choice([events for events in lists if events])
        chosen.pop(random.randrange(len(chosen)))
    return data if surplus >= 0 else None


def _records(data: Record, whole: str) -> Iterator[Record]:
    """A situation of the shipped pack as records."""
    apart = ("applications", "events", "person", "skips")
    yield {"event": whole, **{key: data[key] for key in data if key not in apart}}
    if "person" in data:
        yield {"event": "person", **(data["person"] or {})}
    for key, application in data.get("applications", {}).items():
        plain = {name: value for name, value in application.items() if name not in ("contacts", "events")}
        yield {"event": "application", "id": key, **plain}
        for contact, said in (application.get("contacts") or {}).items():
            yield {"event": "contact", "application": key, "id": contact, **(said or {})}
        for event in application.get("events", ()):
            yield {"application": key, **event}
    yield from data.get("events", ())
    yield from ({"event": "skip", **skip} for skip in data.get("skips", ()))


def write(number: int, seed: int, folder: Path) -> int:
    """Both files, a block at a time; gives how many records they have."""
    import pyarrow
    import pyarrow.parquet

    columns = list(dict.fromkeys(name for records in made_up(seed) for record in records for name in record))
    days = {"date", "as_of"}
    schema = pyarrow.schema(
        [(name, pyarrow.date32() if name in days else pyarrow.string()) for name in ("situation", *columns)]
    )
    count = 0
    with (
        open(folder / "events.jsonl", "w", encoding="utf-8") as lines,
        pyarrow.parquet.ParquetWriter(str(folder / "events.parquet"), schema) as table,
    ):
        for block in population(number, seed):
            count += len(block)
            lines.writelines(json.dumps(record, separators=(",", ":")) + "\n" for record in block)
            cells = [[_cell(name, record.get(name), days) for record in block] for name in schema.names]
            table.write_batch(pyarrow.record_batch(cells, schema=schema))
    return count


def write_whole(number: int, seed: int, folder: Path) -> Path:
    """The same situations, each as one line of JSON."""
    pack = followcue.load_pack()
    made = as_situations(made_up(seed), pack)
    path = folder / "whole.jsonl"
    with open(path, "w", encoding="utf-8") as lines:
        for i in range(number):
            data = made[i % len(made)]
            top = {"situation": f"u{i:08}", "as_of": data["as_of"]}
            (moved,) = _earlier([{}, data], i // len(made) % DAYS)[1:]
            lines.write(json.dumps(moved | top, separators=(",", ":")) + "\n")
    return path


def _cell(name: str, value: Any, days: set[str]) -> Any:
    if value is None:
        return None
    if name in days:
        return date.fromisoformat(value)
    return value if isinstance(value, str) else json.dumps(value)


def as_situations(made: Sequence[list[Record]], pack: followcue.LoadedPack) -> list[Record]:
    """The same in the form of situation files."""
    named = [{"situation": str(n), **record} for n, records in enumerate(made) for record in records]
    return [each.data for each in followcue.situations_from_records(named, pack.pack.vocabulary)]
