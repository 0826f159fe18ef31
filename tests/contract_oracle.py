"""Waiting, asking, asking again and moving on, once more and in plain Python.

Nothing here knows the rules or the engine. It is a second telling of what a situation asks for: who was heard
from and when, the day on which word is expected, which checks count as attempts, whether the application is
closed. Where the terms leave a case open, `Unclear` is raised and the situation is left out.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Event = Mapping[str, Any]


class Unclear(Exception):
    """The terms can be read in two ways here."""


BALANCED = {
    "grace": 1,
    "within": 5,
    "unpromised": 7,
    "gap_min": 4,
    "gap_max": 5,
    "attempts": 2,
    "applied": 7,
    "recheck": 21,
}
PARAMETERS: dict[str, dict[str, int]] = {
    "balanced": BALANCED,
    "prompt": {**BALANCED, "within": 2, "applied": 5, "recheck": 14},
    "patient": {
        **BALANCED,
        "grace": 6,
        "unpromised": 10,
        "gap_min": 5,
        "gap_max": 7,
        "applied": 10,
        "recheck": 28,
    },
}
NAMES = {
    "promised_grace": "grace",
    "check_within": "within",
    "unpromised_wait": "unpromised",
    "retry_gap_min": "gap_min",
    "retry_gap_max": "gap_max",
    "max_attempts": "attempts",
    "application_wait": "applied",
}
ALWAYS_HEARD = {
    "interview",
    "interview_scheduled",
    "application_acknowledged",
    "timeline_promised",
    "out_of_office",
    "high_volume",
    "hiring_freeze",
    "told_backup",
    "offer_received",
    "offer_deadline_changed",
    "offer_rescinded",
    "rejected",
    "feedback_received",
    "positive_signal",
    "door_open",
}
CLOSING = {"rejected", "withdrew", "moved_on", "offer_declined", "offer_rescinded", "contract_signed"}
REOPENING = {"interview_scheduled", "interview", "timeline_promised", "reply_received", "offer_received"}


@dataclass(frozen=True)
class Step:
    """One line of the answer."""

    action: str
    open: date | None = None
    due: date | None = None
    until: date | None = None
    to: str | None = None
    channel: str | None = None


class Application:
    def __init__(self, record: Mapping[str, Any], numbers: Mapping[str, int]) -> None:
        self.via = record.get("via", "direct")
        self.roles = {key: contact.get("role") for key, contact in record.get("contacts", {}).items()}
        self.numbers = numbers
        # A stable sort: among events of one day the file's order says which came later.
        self.events: list[Event] = sorted(record.get("events", []), key=lambda event: event["date"])

    def days(self, name: str) -> timedelta:
        return timedelta(days=self.numbers[name])

    def of_agency(self, person: str | None) -> bool:
        return self.roles.get(person) == "agency_recruiter" if person else False

    def heard(self, event: Event) -> bool:
        kind = event["event"]
        if kind == "reply_received":
            return not self.of_agency(event.get("from"))
        if kind == "status_checked":
            return event.get("outcome") == "spoke" and not self.of_agency(event.get("to"))
        if kind in {"interview_cancelled", "interview_rescheduled", "interview_missed"}:
            return bool(event["by"] == "employer")
        return kind in ALWAYS_HEARD

    def closed(self, events: Sequence[Event]) -> bool:
        state = signed = False
        for event in events:
            if event["event"] in CLOSING:
                state = True
                if event["event"] in {"contract_signed", "offer_rescinded"}:
                    signed = event["event"] == "contract_signed"
            elif event["event"] in REOPENING:
                state = False
        if signed and not state:
            raise Unclear("they write, and the contract is signed")
        return state

    def offer_open_or_accepted(self, events: Sequence[Event]) -> bool:
        state = False
        for event in events:
            if event["event"] in {"offer_received", "offer_accepted"}:
                state = True
            elif event["event"] in {"offer_declined", "offer_rescinded", "contract_signed"}:
                state = False
        return state

    def only_a_lead(self, events: Sequence[Event], today: date) -> bool:
        """Whether it was found and never applied for: nothing about it waits for anybody."""
        kinds = {event["event"] for event in events}
        running = {"applied", "application_acknowledged", "interview", "offer_received"}
        ahead = any(day >= today for day in self.interviews(events)[0])
        return "lead_found" in kinds and not kinds & running and not ahead

    def calls_refused(self) -> bool:
        """Whether the last word about calling was that they want none."""
        said = [event["call_ok"] for event in self.events if event.get("call_ok")]
        return said[-1:] == ["refused"]

    def interviews(self, events: Sequence[Event]) -> tuple[list[date], bool]:
        """The days for which interviews stand; whether one that they cancelled or moved has no new day."""
        day: dict[str, date | None] = {}
        undated: dict[str, bool] = {}
        for event in events:
            kind = event["event"]
            if kind == "interview_scheduled":
                day[event["id"]], undated[event["id"]] = event["for"], False
                if any(undated.values()):
                    raise Unclear("another interview was arranged than the one without a day")
            elif kind == "interview":
                day[event["id"]], undated[event["id"]] = None, False
                if any(undated.values()):
                    raise Unclear("another interview was held than the one without a day")
            elif kind == "interview_rescheduled" and event.get("to"):
                day[event["interview"]], undated[event["interview"]] = event["to"], False
            elif kind in {"interview_rescheduled", "interview_cancelled"}:
                day[event["interview"]], undated[event["interview"]] = None, event["by"] == "employer"
            elif kind == "interview_missed":
                day[event["interview"]] = None
        return [each for each in day.values() if each], any(undated.values())

    def expected(self, events: Sequence[Event], today: date) -> date | None:
        if not any(event["event"] in {"interview", "timeline_promised"} for event in events):
            return None
        if self.closed(events) or self.offer_open_or_accepted(events) or self.only_a_lead(events, today):
            return None
        standing, undated = self.interviews(events)
        if undated or any(day >= today for day in standing):
            return None
        for place, event in enumerate(events):
            if event["event"] in {"hiring_freeze", "told_backup"}:
                if any(self.heard(later) for later in events[place + 1 :]):
                    raise Unclear("how long this lasts once they were heard from again")
                return None
        heard: date = max(event["date"] for event in events if self.heard(event))
        promises = [event for event in events if event["event"] == "timeline_promised"]
        day: date | None = None
        if promises:
            newest = promises[-1]
            promised = newest["by"] if "by" in newest else newest["date"] + timedelta(days=newest["within"])
            last = [event for event in events if self.heard(event)][-1]
            if promised > heard or (promised == heard and last is newest):
                day = promised + self.days("grace")
        if day is None:
            day = heard + self.days("unpromised")
        for back in self.away(events).values():
            if back:
                day = max(day, back + self.days("grace"))
        return day

    def away(self, events: Sequence[Event]) -> dict[str, date | None]:
        away: dict[str, date | None] = {}
        for event in events:
            if event["event"] == "out_of_office":
                away[event["person"]] = event.get("until")
            elif set(event.get("with", ())) & set(away) and event["event"] == "interview":
                raise Unclear("somebody was met who was said to be away")
            elif event.get("outcome") == "spoke" and event.get("to") in away:
                raise Unclear("somebody was spoken to who was said to be away")
        return away

    def other_question(self, events: Sequence[Event], today: date) -> Step | None:
        """What is asked where no word is expected: after a freeze, a cancellation, an application."""
        kinds = {event["event"] for event in events}
        standing, undated = self.interviews(events)
        if self.closed(events) or self.offer_open_or_accepted(events) or self.only_a_lead(events, today):
            return None
        if "told_backup" in kinds:
            told = [event["event"] for event in events]
            if any(self.heard(later) for later in events[told.index("told_backup") + 1 :]):
                raise Unclear("how long this lasts once they were heard from again")
            return None
        if any(day >= today for day in standing):
            return None
        if "hiring_freeze" in kinds:
            place = max(at for at, event in enumerate(events) if event["event"] == "hiring_freeze")
            if any(self.heard(later) for later in events[place + 1 :]):
                raise Unclear("how long this lasts once they were heard from again")
            freeze = events[place]
            return Step("reengage", open=freeze.get("until") or freeze["date"] + self.days("recheck"))
        if undated:
            last = [e for e in events if e["event"] in {"interview_cancelled", "interview_rescheduled"}][-1]
            if last["event"] == "interview_rescheduled" or last["by"] == "me":
                if last["by"] == "me" or "interview_cancelled" in kinds:
                    raise Unclear("several interviews were cancelled or moved")
                return None
            day = last["date"] + timedelta(days=1)
            return Step("ask_why_cancelled", open=day, due=day)
        if kinds & {"interview", "timeline_promised"}:
            return None
        if not kinds & {"applied", "application_acknowledged"}:
            return None
        sent = [e["date"] for e in events if e["event"] == "applied" or self.heard(e)]
        return Step("follow_up_application", open=max(sent) + self.days("applied"))

    def checks(self) -> tuple[list[Event], bool]:
        """The attempts that stand unanswered, and whether a check came too early."""
        attempts: list[Event] = []
        early = False
        last: date | None = None
        doubt: Unclear | None = None  # whatever it is, the next word from them ends it
        for place, event in enumerate(self.events):
            if self.heard(event):
                attempts, early, last, doubt = [], False, None, None
            elif event["event"] == "status_checked":
                if event.get("outcome") == "spoke":
                    doubt = Unclear("a talk with the agency is neither an attempt nor word from the employer")
                    continue
                expected = self.expected(self.events[:place], event["date"])
                if expected is None:
                    other = self.other_question(self.events[:place], event["date"])
                    if (
                        other is None
                        or not other.open
                        or event["date"] < other.open
                        or other.action == "ask_why_cancelled"
                    ):
                        doubt = Unclear("a check where there was no day to wait for")
                        continue
                    expected = other.open
                if event["date"] >= expected:
                    attempts.append(event)
                if event["date"] < expected or (last and event["date"] < last + self.days("gap_min")):
                    early = True
                last = event["date"]
        if early and self.offer_open_or_accepted(self.events):
            doubt = Unclear("a check that came too early where there is nothing more to ask")
        if doubt:
            raise doubt
        return attempts, early

    def whom(self, today: date, *, agency: bool) -> str | None:
        """Whoever gave the newest promise; the agency; the first of those met or heard from, then of all."""
        away = self.away(self.events)
        known: set[str] = set()
        for event in self.events:
            if event["event"] == "interview":
                known |= set(event.get("with", ()))
            elif self.heard(event):
                known.add(event.get("to" if event["event"] == "status_checked" else "from") or "")
        for back in away.values():
            if back is None or back == today:
                raise Unclear("whether this person is back")
        absent = {person for person, back in away.items() if back and back > today}
        promises = [event for event in self.events if event["event"] == "timeline_promised"]
        order = [promises[-1].get("from")] if promises else []
        if agency and self.via == "agency":
            order += [key for key, role in self.roles.items() if role == "agency_recruiter"]
        for among in (known, set(self.roles)):
            for role in ("recruiter", "hiring_manager", "interviewer"):
                order += [key for key, has in self.roles.items() if has == role and key in among]
        named = [person for person in order if person]
        return next((person for person in named if person not in absent), named[0] if named else None)

    def steps(self, today: date) -> set[Step]:
        expected = self.expected(self.events, today)
        attempts, early = self.checks()
        answer: set[Step] = set()
        if early and not self.closed(self.events):
            answer.add(Step("contacted_too_early"))
        other = self.other_question(self.events, today) if expected is None else None
        opens = expected or (other.open if other else None)
        if opens is None:
            return answer
        asked = [place for place, event in enumerate(self.events) if event["event"] == "status_checked"]
        if other and asked and any(e["event"] == "applied" for e in self.events[asked[0] :]):
            raise Unclear("applied after asking")
        if not attempts and other:
            answer.add(other)
        elif not attempts:
            promises = [event for event in self.events if event["event"] == "timeline_promised"]
            call = bool(promises) and promises[-1].get("call_ok") in {"explicit", "implied"}
            answer.add(
                Step(
                    "check_status",
                    open=opens,
                    due=opens + self.days("within"),
                    to=self.whom(today, agency=True),
                    channel="phone" if call else "email",
                )
            )
        elif len(attempts) < self.numbers["attempts"]:
            last = attempts[-1]
            opens = last["date"] + self.days("gap_min")
            answer.add(
                Step(
                    "try_once_more",
                    open=opens,
                    due=last["date"] + self.days("gap_max"),
                    to=self.whom(today, agency=True),
                    channel="email"
                    if last["channel"] in {"phone", "voicemail"} or self.calls_refused()
                    else "phone",
                )
            )
        else:
            opens = attempts[-1]["date"] + self.days("gap_max")
            answer.add(Step("move_on", open=opens))
        if today < opens:
            answer.add(Step("wait", until=opens))
        return answer


def steps(situation: Mapping[str, Any]) -> dict[str, set[Step]]:
    today = situation["as_of"]
    numbers = dict(PARAMETERS[situation.get("profile", "balanced")])
    for name, value in situation.get("params", {}).items():
        numbers[NAMES[name]] = int(str(value).split()[0])
    answer = {}
    for key, record in situation["applications"].items():
        known = {**record, "events": [event for event in record["events"] if event["date"] <= today]}
        answer[key] = Application(known, numbers).steps(today)
    return answer


# Situations at random: what happens is likely enough that most of it matters, and odd enough to hurt.


def random_situation(chance: random.Random) -> dict[str, Any]:
    start = date(2026, 3, 2)
    people = {
        "rhea": {"name": "Rhea", "role": "recruiter"},
        "hal": {"name": "Hal", "role": "hiring_manager"},
        "ivo": {"name": "Ivo", "role": "interviewer"},
        "tess": {"name": "Tess", "role": "helper"},
        "agnes": {"name": "Agnes", "role": "agency_recruiter"},
    }
    names = [name for name in people if chance.random() < 0.6] or ["ivo"]
    staff = [name for name in names if name not in {"agnes", "tess"}] or [names[0]]
    events: list[dict[str, Any]] = []
    day = start
    arranged: list[str] = []
    held = 0

    def somebody(among: Sequence[str], likely: float = 0.7) -> str | None:
        return chance.choice(among) if chance.random() < likely else None

    def add(kind: str, **fields: Any) -> None:
        events.append({"date": day, "event": kind, **{k: v for k, v in fields.items() if v is not None}})

    for turn in range(chance.randint(2, 9)):
        day += timedelta(days=chance.choice([0, 0, 1, 1, 2, 3, 4, 5, 7, 8, 9]))
        kind = "interview" if turn == 0 and chance.random() < 0.6 else chance.choice(KINDS)
        if kind == "interview":
            held += 1
            among = chance.sample(staff, chance.randint(1, len(staff)))
            add(kind, id=f"round{held}", **{"with": among})
        elif kind == "interview_scheduled":
            arranged.append(f"talk{len(arranged)}")
            add(kind, id=arranged[-1], **{"for": day + timedelta(days=chance.randint(0, 12))})
        elif kind in {"interview_cancelled", "interview_rescheduled", "interview_missed"}:
            if arranged:
                to = day + timedelta(days=chance.randint(1, 9)) if chance.random() < 0.6 else None
                add(
                    kind,
                    interview=arranged[-1],
                    by=chance.choice(["employer", "me"]),
                    to=to if kind == "interview_rescheduled" else None,
                )
        elif kind == "timeline_promised":
            call = chance.choice([None, "explicit", "implied", "refused"])
            if chance.random() < 0.7:
                by = day + timedelta(days=chance.randint(0, 12))
                add(kind, by=by, call_ok=call, **{"from": somebody(staff)})
            else:
                add(kind, within=chance.randint(1, 12), call_ok=call, **{"from": somebody(staff)})
        elif kind == "status_checked":
            channel = chance.choice(["phone", "voicemail", "email", "letter", "message"])
            outcome = chance.choice(["no_answer", "no_answer", "sent", "sent", "spoke", None])
            add(kind, to=somebody(names), channel=channel, outcome=outcome)
        elif kind in {"reply_received", "high_volume", "feedback_received", "positive_signal", "rejected"}:
            add(kind, **{"from": somebody(names if kind == "reply_received" else staff)})
        elif kind == "out_of_office":
            add(kind, person=chance.choice(staff), until=day + timedelta(days=chance.randint(0, 20)))
        elif kind == "hiring_freeze":
            add(kind, until=day + timedelta(days=chance.randint(5, 30)) if chance.random() < 0.6 else None)
        elif kind == "thank_you_sent":
            if held:
                add(kind, to=chance.choice(staff), interview=f"round{held}")
        elif kind == "agency_updated":
            if "agnes" in names:
                add(kind, to="agnes")
        elif kind == "offer_deadline_changed":
            add(kind, answer_by=day + timedelta(days=5))
        else:
            add(kind)
    as_of = day + timedelta(days=chance.choice([-3, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20]))
    situation: dict[str, Any] = {
        "as_of": as_of,
        "applications": {
            "kiln": {
                "company": "Kiln",
                "contacts": {name: people[name] for name in names},
                "events": events,
            }
        },
    }
    if "agnes" in names and chance.random() < 0.7:
        situation["applications"]["kiln"]["via"] = "agency"
    if chance.random() < 0.5:
        situation["profile"] = chance.choice(["prompt", "patient"])
    if chance.random() < 0.2:
        situation["params"] = {"max_attempts": chance.randint(1, 3)}
    if chance.random() < 0.2:
        situation.setdefault("params", {})["promised_grace"] = f"{chance.randint(0, 4)} days"
    return situation


KINDS = [
    *["status_checked"] * 10,
    *["interview"] * 4,
    *["timeline_promised"] * 5,
    *["reply_received"] * 4,
    *["out_of_office"] * 2,
    *["thank_you_sent"] * 2,
    *["interview_scheduled"] * 2,
    *["interview_cancelled", "interview_rescheduled", "interview_missed"],
    *["high_volume", "hiring_freeze", "told_backup", "feedback_received", "agency_updated", "kept_warm"],
    *["positive_signal", "door_open"],
    *["rejected", "withdrew", "moved_on"],
    *["offer_received", "offer_declined", "offer_rescinded", "offer_accepted", "offer_deadline_changed"],
    *[
        "contract_signed",
        "lead_found",
        "applied",
        "applied",
        "applied",
        "application_acknowledged",
        "reply_sent",
        "timeline_asked",
    ],
]
