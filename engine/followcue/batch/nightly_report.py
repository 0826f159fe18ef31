"""A report that is kept from night to night, and what it is on a later day without being judged again.

Idea: a report names the first day on which it can be another one. Before that day only these go with time:
the day itself, how late a step is, and the opening of a step that can be done at any time, which is always
today. They stand at its head, which is written anew; the long rest is kept as the bytes that it is.

    judged on 20 November    next_change 26 November    one step, 2 days late
    the night of 23 November    the same report of that day, its step 5 days late
    the night of 26 November    judged again

Invariant: `line` gives the bytes that judging the same records on that day would give.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple
from zlib import crc32

from followcue.batch.json_lines import as_line, plain_line
from followcue.batch.sorting import RecordsSaid

_PLACE = re.compile(r".*?:(\d+): ")
"""What a warning begins with that is of one record."""

_HEAD = ("situation", "as_of", "next_change", "profile", "rules_version", "steps")
"""What a report begins with, up to the last that goes with the day."""


class RecordsSeen(NamedTuple):
    """What was judged: a hash of what the records of a situation say, and their places as a JSON list."""

    digest: bytes
    lines: str

    @classmethod
    def of(cls, said: RecordsSaid) -> RecordsSeen:
        """Those of a situation; the sizes say where one text ends and the next begins."""
        digest = blake2b(said.content, digest_size=16)
        digest.update(repr(said.sizes).encode())
        return cls(digest.digest(), repr(said.numbers).replace(" ", ""))


class KeptTerms(NamedTuple):
    """On which records a report is, and how long it holds: from `day` to before `until`, None being for good.

    Days are day numbers. `own_day`: the records say the day themselves. `at_any_time` is a JSON list of the
    places of steps that open today, whenever that is. `warns`: it has warnings, which name lines.
    """

    digest: bytes
    lines: str
    day: int
    own_day: bool
    until: int | None
    at_any_time: str
    warns: bool

    def checksum(self, name: str) -> int:
        """A checksum against damage of these and the name of their situation."""
        return crc32(repr((name, *self)).encode())

    def hold(self, seen: RecordsSeen, day: int, *, same_input: bool) -> bool:
        """Whether the report is that on these records on that day, but for what `line` writes anew.

        `same_input`: the input has the name that it had when this was judged.
        """
        if self.digest != seen.digest:
            return False
        if self.warns and not (same_input and self.lines == seen.lines):
            return False
        return self.own_day or (self.day <= day and (self.until is None or day < self.until))


class KeptReport(NamedTuple):
    """A report as it was judged: its terms, and its line of JSON in two parts."""

    terms: KeptTerms
    head: bytes
    body: bytes

    @classmethod
    def of(cls, seen: RecordsSeen, report: dict[str, Any], *, own_day: bool) -> KeptReport:
        """The report on records, as JSON data that begins with the name of the situation."""
        until = report["next_change"]
        opened = {action["id"] for action in report["actions"] if action["open"] is not None}
        at_any_time = [
            place
            for place, step in enumerate(report["steps"])
            if step["when"] == "now" and opened.isdisjoint(step["actions"])
        ]
        terms = KeptTerms(
            *seen,
            date.fromisoformat(report["as_of"]).toordinal(),
            own_day,
            date.fromisoformat(until).toordinal() if until else None,
            json.dumps(at_any_time),
            bool(report["warnings"]),
        )
        return cls(
            terms,
            as_line({name: report[name] for name in _HEAD}),
            as_line({name: value for name, value in report.items() if name not in _HEAD}),
        )

    def checksum(self, name: str) -> int:
        """A checksum against damage of all of it and the name of its situation."""
        return crc32(self.body, crc32(self.head, self.terms.checksum(name)))

    def line(self, lines: str, day: int) -> bytes:
        """The report on that day as a line of JSON, its records standing at `lines`."""
        return joined(self._head_on(day), self._body_at(lines))

    def moved(self, lines: str) -> KeptReport:
        """The same with its records standing at `lines`."""
        return self._replace(terms=self.terms._replace(lines=lines), body=self._body_at(lines))

    def is_other(self, before: KeptReport) -> bool:
        """Whether this says other things than the one before, which was judged no later."""
        own, other = self.terms, before.terms
        if other.day > own.day or other.lines.count(",") != own.lines.count(","):
            return True
        head, plain = plain_line(before._head_on(own.day)), plain_line(self.head)
        if head | {"next_change": None} != plain | {"next_change": None}:
            return True
        body = before._body_at(own.lines)
        return body != self.body and _said(body, _moved(other.lines, own.lines)) != _said(self.body, {})

    def _head_on(self, day: int) -> bytes:
        passed = 0 if self.terms.own_day else day - self.terms.day
        if not passed:
            return self.head
        head = plain_line(self.head)
        head["as_of"] = today = date.fromordinal(day).isoformat()
        steps = head["steps"]
        for step in steps:
            if step["late"]:
                step["late"] += passed
        for place in json.loads(self.terms.at_any_time):
            steps[place]["open"] = today
        return as_line(head)

    def _body_at(self, lines: str) -> bytes:
        if lines == self.terms.lines:
            return self.body
        places = _moved(self.terms.lines, lines)
        body = json.loads(self.body)
        for reason in _reasons((*body["actions"], *body["cautions"])):
            if reason["line"] is not None:
                reason["line"] = places[reason["line"]]
        return as_line(body)


def _moved(before: str, now: str) -> dict[int, int]:
    """Where each record stands now, by where it stood."""
    return dict(zip(json.loads(before), json.loads(now), strict=True))


def _said(body: bytes, moved: Mapping[int, int]) -> dict[str, Any]:
    """What the rest of a report says, its warnings being of the records that have `moved`, of any input."""
    data: dict[str, Any] = json.loads(body)
    warned = [(_PLACE.match(warning), warning) for warning in data["warnings"]]
    said = [(moved.get(int(at[1]), int(at[1])), text[at.end() :]) if at else (0, text) for at, text in warned]
    return data | {"warnings": sorted(said)}


def _reasons(actions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [reason for action in actions for reason in action["because"]]


def joined(head: bytes, body: bytes) -> bytes:
    """Both parts of a report as its line of JSON."""
    return head[:-2] + b"," + body[1:]
