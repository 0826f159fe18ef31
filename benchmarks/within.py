"""Rules that compare each event of a record with the others: what one evaluation takes, by their number.

    python benchmarks/within.py                    # with the default matcher, from 1,000 to 16,000 events
    python benchmarks/within.py relational 1000    # with another, up to so many

Each figure is what matching takes for one event, in µs of processor time: a level line is the best there can
be.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from measure import seconds

EVENTS = (1_000, 2_000, 4_000, 8_000, 16_000)
VOCABULARY = """\
pack: {name: visits}
situation:
  whole: book
  scope: case
  records:
    case: {in: cases, says: A case.}
  events: [cases.events]
events:
  visit: {says: It was visited., fields: {n: number, by: text}}
conclusions:
  found: {says: What came out., fields: {day: date, n: number}, internal: true}
"""
EACH = "{visit: {date: $day, n: $k}}"
WEEK = "date: on or after $day - 7 days and on or before $day"
RULES = {
    "no later one": "{no visit: {date: after $day}}",
    "no other one within 7 days": f"{{no visit: {{{WEEK} + 7 days, n: not $k}}}}",
    "none of another number": "{no visit: {n: not $k}}",
    "how many since": "{count visit as $n: {date: on or after $day - 7 days}}",
    "how many in the 7 days before": f"{{count visit as $n: {{{WEEK}}}}}",
    "the sum of the 7 days before": f"{{sum visit.n as $n: {{{WEEK}}}}}",
    "the latest day before": "{max visit.date as $last: {date: before $day}}",
    "the one before": "{newest visit: {date: before $day, n: $n}}",
    "how many in all": "{count visit as $n}",
}


def prepared(condition: str, matcher: str) -> tuple[Any, Any]:
    """A rule of two conditions, made ready."""
    import followcue

    number = "$n" if "$n" in condition else "$k"
    written = (
        f"rules:\n  r:\n    cites: [own default]\n    when: [{EACH}, {condition}]\n"
        f"    conclude: {{found: {{day: $day, n: {number}}}}}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
        (Path(folder) / "rules.yaml").write_text(written, "utf-8")
        pack = followcue.load_pack(folder, cache=False)
    return pack, pack.matcher(matcher) if matcher else pack.matcher()


def facts_of(pack: Any, events: int) -> Any:
    """So many visits of one case, on 4,000 days, from the oldest on."""
    from followcue.base.limits import MOST
    from followcue.evaluation.pipeline import environment_of
    from followcue.language.documents.document import Document

    first = date(2015, 1, 1)
    visits = [
        {"event": "visit", "date": (first + timedelta(i * 4000 // events)).isoformat(), "n": i}
        for i in range(events)
    ]
    written = {"as_of": "2026-01-01", "cases": {"c": {"events": visits}}}
    situation = pack.reader.read(Document("x", written, None), today=None)
    return situation.facts, environment_of(situation, MOST)


def main() -> None:
    matcher = sys.argv[1] if len(sys.argv) > 1 else ""
    most = int(sys.argv[2]) if len(sys.argv) > 2 else EVENTS[-1]
    sizes = [size for size in EVENTS if size <= most]
    print("µs for each event |", " | ".join(f"{size:,}" for size in sizes))
    for name, condition in RULES.items():
        pack, runner = prepared(condition, matcher)
        runner.run(*facts_of(pack, 10))
        row = []
        for size in sizes:
            facts = facts_of(pack, size)
            row.append(1e6 * seconds(lambda: runner.run(*facts)) / size)  # noqa: B023
        print(name, "|", " | ".join(f"{each:.1f}" for each in row), flush=True)


if __name__ == "__main__":
    main()
