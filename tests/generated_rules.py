"""Hypothesis strategies for rules of the lending library, as authors write them, and for its situations.

The rules use what programs do not show: values that are reckoned, several conclusions, conditions within
conditions. Their conditions stand in any order. Some of them say what the loader refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

FIELDS = {
    "lent": {"to": "reader", "until": "date", "date": "date"},
    "extended": {"until": "date", "for": "duration"},
    "reminded": {"to": "reader", "date": "date"},
    "damaged": {"costs": "number", "seen_by": "reader", "date": "date"},
    "answered": {"from": "reader"},
    "returned": {"date": "date"},
    "loan": {"value": "number", "kind": "kind"},
    "reader": {"id": "reader"},
    "note": {"n": "number", "day": "date"},
}
NAMES = {"reader": "ab", "date": "xyz", "duration": "d", "number": "mn", "kind": "k"}
HEADS = {
    "due_back": ("day", "date"),
    "reminders": ("n", "number"),
    "not_reminded": ("reader", "reader"),
    "out": ("kind", "kind"),
}
NOTES = "conclusions:\n  note: {says: A note., fields: {n: number, day: date}}\n"
"""A conclusion whose fields may be absent, as words of the library."""
NOTED = """\
  first-note:
    when: [damaged: {costs: $n}]
    conclude: {note: {n: $n}}
  second-note:
    when: [maybe damaged: {costs: $n}, reminded: {date: $day}]
    conclude: {note: {n: $n, day: $day}}
"""


@dataclass
class _Writer:
    """Writes the conditions of one rule; `known` are the variables so far, by type."""

    draw: Any
    known: dict[str, list[str]] = field(default_factory=dict)
    made: int = 0
    defined: list[dict[str, Any]] = field(default_factory=list)

    def one(self, items: Any) -> Any:
        return self.draw(st.sampled_from(list(items)))

    def chance(self, percent: int) -> bool:
        return int(self.draw(st.integers(0, 99))) >= 100 - percent

    # --- variables
    def variable(self, kind: str, *, fresh: int = 50) -> str:
        """A variable of the type, one that is known or one that this may bind."""
        names = self.known.get(kind, [])
        if names and not self.chance(fresh):
            return f"${self.one(names)}"
        name = self.one(list(NAMES[kind]))
        self.known.setdefault(kind, [])
        if name not in self.known[kind]:
            self.known[kind].append(name)
        return f"${name}"

    def result(self) -> str:
        self.made += 1
        name = f"n{self.made}"
        self.known.setdefault("number", []).append(name)
        return f"${name}"

    def value(self, kind: str) -> str:
        """Something of the type that is reckoned of known variables, or written."""
        names = [f"${name}" for name in self.known.get(kind, [])]
        if kind == "number":
            base = self.one([*names, "2"])
            return self.one([base, f"{base} * 2 - 1", f"{base} + {self.one([*names, '1'])}"])
        if kind == "date":
            base = self.one([*names, "today"])
            return self.one([base, f"{base} + 2 days", f"{base} - 1 week"])
        return self.one([*names, *({"kind": ["novel"], "duration": ["3 days"]}.get(kind, []))])

    # --- conditions
    def pattern(self, *, fresh: int = 50) -> dict[str, Any]:
        kind = self.one(FIELDS)
        fields: dict[str, str] = {}
        for name, type in FIELDS[kind].items():
            if self.chance(55):
                fields[name] = self.variable(type, fresh=fresh)
            elif self.chance(10) and type in ("date", "number"):
                word = "on or after" if type == "date" else "at least"
                fields[name] = f"{word} {self.value(type)}"
        return {kind: fields}

    def inner(self) -> list[Any]:
        found: list[Any] = [self.pattern() for _ in range(self.one([1, 1, 2]))]
        if self.chance(30):
            found.append(self.prefixed("no", self.pattern(fresh=0)))
        if self.chance(20):
            found.append(self.comparison())
        if self.chance(15):
            found.append({"any of": [self.pattern(), self.pattern()]})
        if self.chance(10):
            found.append(self.prefixed("maybe", self.pattern()))
        return found

    def prefixed(self, word: str, pattern: dict[str, Any]) -> dict[str, Any]:
        ((kind, fields),) = pattern.items()
        return {f"{word} {kind}": fields}

    def comparison(self) -> dict[str, Any]:
        kind = self.one(["number", "date"])
        words = {"number": ["at least", "is not", "less than"], "date": ["before", "on or after"]}
        word = self.one(words[kind])
        return {"where": f"{self.value(kind)} {word} {self.value(kind)}"}

    def definition(self) -> dict[str, Any]:
        kind = self.one(["number", "date"])
        value = self.value(kind)
        self.made += 1
        name = f"v{self.made}"
        self.known.setdefault(kind, []).append(name)
        self.defined.append({"where": f"${name} is not {'99' if kind == 'number' else 'today'}"})
        return {"where": f"${name} is {value}"}

    def gathering(self) -> dict[str, Any]:
        inner = self.inner()
        word = self.one(["count", "sum", "max", "min"])
        of = "" if word == "count" else f" of {self.value('number')}"
        readers = self.known.get("reader", [])
        each = f" for each ${self.one(readers)}" if readers and self.chance(40) else ""
        return {f"{word}{of} as {self.result()}{each}": inner}

    def every(self) -> dict[str, Any]:
        ((kind, fields),) = self.pattern().items()
        return {f"every {kind}": fields, "has": self.inner()}

    def condition(self) -> Any:
        ways = [self.pattern, self.gathering, self.every, self.definition, self.comparison, self.pattern]
        return self.one(ways)()

    def heads(self, of: dict[str, str]) -> list[Any]:
        heads: list[Any] = [
            {name: {column: self.value(type), **of}}
            for name, (column, type) in HEADS.items()
            if self.chance(40) and (type != "reader" or self.known.get("reader"))
        ]
        return heads or [{"back": of}]


@st.composite
def rules(draw: Any) -> dict[str, Any]:
    """Two rules, the second of which may build on the first."""
    made = {}
    for name in ("one", "two"):
        writer = _Writer(draw)
        first = [writer.pattern() for _ in range(writer.one([1, 1, 2]))]
        when = [*first, *(writer.condition() for _ in range(writer.one([1, 2, 3])))]
        when += writer.defined
        whole = writer.chance(15) and name == "one"
        heads = writer.heads({"loan": "$l"} if whole else {})
        if name == "two":
            when.append("reminders" if writer.chance(50) else "no due_back")
            heads = ["long_overdue"]
        if whole:
            when.append({"loan": {"id": "$l"}})
        made[name] = {"when": draw(st.permutations(when)), "conclude": heads}
        made[name] |= {"for": "library"} if whole else {}
    return made


@st.composite
def situations(draw: Any) -> dict[str, Any]:
    """One or two loans with some readers and events."""
    days = [f"2026-03-{day:02}" for day in (1, 2, 3, 9, 10)]
    loans: dict[str, Any] = {}
    for name in draw(st.sampled_from([["emma"], ["emma", "dune"]])):
        readers = draw(st.sampled_from([["p"], ["p", "q"]]))
        events = []
        for _ in range(draw(st.integers(2, 7))):
            kind = draw(st.sampled_from(["lent", "extended", "reminded", "damaged", "answered", "returned"]))
            event: dict[str, Any] = {"date": draw(st.sampled_from(days)), "event": kind}
            who = draw(st.sampled_from(readers))
            match kind:
                case "lent":
                    event |= {"to": who, "until": draw(st.sampled_from(days))}
                case "extended":
                    event |= draw(st.sampled_from([{"until": days[4]}, {"for": "3 days"}]))
                case "reminded":
                    event |= {"to": who}
                case "damaged":
                    event |= draw(st.sampled_from([{}, {"costs": 2}, {"costs": 3, "seen_by": readers}]))
                case "answered":
                    event |= {"from": who}
            events.append(event)
        loan: dict[str, Any] = {"book": name, "readers": {r: {"name": r.upper()} for r in readers}}
        loan |= draw(st.sampled_from([{}, {"value": 3}, {"value": 8, "kind": "magazine"}]))
        loans[name] = loan | {"events": [_with_reminder(event, events) for event in events]}
    return {"as_of": "2026-03-10", "loans": loans}


def _with_reminder(event: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, Any]:
    """An answer says to which of several reminders; only the first has an id."""
    reminders = [other for other in events if other["event"] == "reminded"]
    if event["event"] == "answered" and len(reminders) > 1:
        reminders[0]["id"] = "first"
        return event | {"message": "first"}
    return event
