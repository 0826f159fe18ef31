"""Random situations of the reference workload, and the hand-written function that says what is right.

Days are small whole numbers and today is `TODAY`; `as_situation` and `as_rows` give the same facts to the
engine and to its matchers alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

TODAY = 100
FIRST_DAY = date(2026, 1, 1).toordinal()
Facts = list[dict[str, Any]]
Rows = dict[str, list[tuple[Any, ...]]]


def random_facts(seed: int) -> Facts:
    """The events of one application, shuffled; the same ones for the same seed."""
    r = random.Random(seed)
    people = [f"p{i}" for i in range(r.randint(1, 4))]
    facts: Facts = []
    rounds, day = r.randint(0, 3), r.randint(60, 80)
    for i in range(rounds):
        for person in people:
            if r.random() < 0.8:
                facts.append({"kind": "interviewed", "iv": f"iv{i}", "person": person, "day": day})
                if r.random() < 0.5:
                    facts.append({"kind": "thanked", "iv": f"iv{i}", "person": person, "day": day + 1})
        day += r.randint(3, 10)
    if rounds and r.random() < 0.6:
        facts.append({"kind": "promised", "day": day, "by": day + r.randint(-3, 25)})
    facts += _attempts(r, day) + _offer(r) + _rejection(r)
    if r.random() < 0.1:
        facts.append({"kind": "signed", "day": TODAY})
    facts += [{"kind": "remark", "day": day, "text": f"note {i}"} for i in range(r.randint(0, 6))]
    for fact in facts:
        fact["day"] = min(fact["day"], TODAY)  # what lies ahead has not happened yet
    r.shuffle(facts)
    return facts


def _attempts(r: random.Random, day: int) -> Facts:
    return [
        {
            "kind": "attempt",
            "n": i,
            "day": min(TODAY, day + 5 * i + r.randint(0, 8)),
            "channel": r.choice(["voicemail", "email"]),
        }
        for i in range(r.choice([0, 0, 1, 1, 2, 3]))
    ]


def _offer(r: random.Random) -> Facts:
    if r.random() >= 0.3:
        return []
    company, day = f"other{r.randint(0, 9)}", TODAY - r.randint(0, 5)
    offer: dict[str, Any] = {"kind": "offer", "company": company, "day": day}
    if r.random() < 0.6:
        offer["answer_by"] = TODAY + r.randint(1, 9)
    told = [{"kind": "told", "company": company, "day": TODAY}] if r.random() < 0.4 else []
    return [offer, *told]


def _rejection(r: random.Random) -> Facts:
    if r.random() >= 0.25:
        return []
    facts: Facts = [{"kind": "rejection", "day": TODAY - r.randint(0, 9)}]
    answers = [kind for kind in ("thanked_rejection", "asked_feedback") if r.random() < 0.5]
    return facts + [{"kind": kind, "day": TODAY} for kind in answers]


def hand_written(facts: Facts) -> set[tuple[Any, ...]]:
    """What is right, written without an engine: tuples of action, to, about, open, due and until."""
    by_kind: dict[str, Facts] = defaultdict(list)
    for fact in facts:
        by_kind[fact["kind"]].append(fact)
    out: set[tuple[Any, ...]] = set()
    interviews, attempts, promises = by_kind["interviewed"], by_kind["attempt"], by_kind["promised"]
    closed = bool(by_kind["rejection"] or by_kind["signed"])
    thanked = {(t["iv"], t["person"]) for t in by_kind["thanked"]}
    for x in interviews:
        if (x["iv"], x["person"]) not in thanked:
            out.add(("thank", x["person"], x["iv"], None, x["day"] + 1, None))
    if interviews and not promises and not closed:
        out.add(("ask_timeline", None, None, None, None, None))
    elapsed = False
    for promise in promises:
        if promise["by"] >= TODAY:
            if not closed:
                out.add(("wait_promise", None, None, None, None, promise["by"]))
        else:
            elapsed = True
    if interviews and not promises and max(x["day"] for x in interviews) + 7 < TODAY:
        elapsed = True
    last = max((a["day"] for a in attempts), default=0)
    if elapsed and not closed:
        if not attempts:
            out.add(("call_recruiter", None, None, None, None, None))
        elif len(attempts) == 1 and last + 4 <= TODAY:
            out.add(("second_contact", None, None, last + 4, last + 5, None))
        elif len(attempts) == 1:
            out.add(("wait_retry", None, None, None, None, last + 4))
    if len(attempts) >= 2 and last + 5 < TODAY and not closed:
        out.add(("move_on", None, None, None, None, None))
    told = {t["company"] for t in by_kind["told"]}
    for offer in by_kind["offer"]:
        if offer["company"] not in told and not closed:
            out.add(("tell_company", None, offer["company"], None, None, None))
        if "answer_by" not in offer:
            out.add(("ask_deadline", None, offer["company"], None, None, None))
    if by_kind["rejection"]:
        if not by_kind["thanked_rejection"]:
            out.add(("thank_rejection", None, None, None, None, None))
        if not by_kind["asked_feedback"]:
            out.add(("ask_feedback", None, None, None, None, None))
    if not by_kind["signed"]:
        out.add(("keep_searching", None, None, None, None, None))
    return out


DATES = ("day", "by", "answer_by")


def as_situation(facts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The facts as a situation of the workload's vocabulary."""
    return {
        "as_of": _iso(TODAY),
        "events": [
            {
                "event": fact["kind"],
                "date": _iso(fact["day"]),
                **{k: _iso(v) if k in DATES else v for k, v in fact.items() if k not in ("kind", "day")},
            }
            for fact in facts
        ],
    }


def as_rows(facts: Iterable[dict[str, Any]], columns: Mapping[str, Sequence[str]]) -> Rows:
    """The facts as rows by kind, as matchers take them; `columns` names those of each kind."""
    rows: Rows = {}
    for place, fact in enumerate(facts):
        values = {k: FIRST_DAY + v if k in DATES else v for k, v in fact.items()} | {"at": place}
        values["date"] = values["day"]
        rows.setdefault(fact["kind"], []).append(tuple(values.get(name) for name in columns[fact["kind"]]))
    return rows


def _iso(day: int) -> str:
    return date.fromordinal(FIRST_DAY + day).isoformat()
