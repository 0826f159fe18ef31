"""Words: days, people, reasons and sources of a report, as people say them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from followcue.base.civil import MONTHS
from followcue.base.terminal import visible
from followcue.base.values import looks_like_date
from followcue.evaluation.advice.report import Action, Conclusion, Ground, Reason, Report
from followcue.evaluation.report.listing import Listed, Listing
from followcue.language.model.vocabulary import Citation

HALF_A_YEAR = 183
"""So many days off, a day without its year could be one of another year."""


def weekday(day: date) -> str:
    """A date with its day of the week: `Sat 2026-11-21`."""
    return f"{_SHORT_WEEKDAYS[day.weekday()]} {day.isoformat()}"


def short_day(day: date, today: date | None = None) -> str:
    """A day of about now: `Mon 23 Nov`; with its year if it is more than half a year from `today`."""
    said = f"{_SHORT_WEEKDAYS[day.weekday()]} {day.day} {_SHORT_MONTHS[day.month - 1]}"
    return f"{said} {day.year}" if today and abs((day - today).days) > HALF_A_YEAR else said


def full_day(day: date) -> str:
    """A date in words: `Saturday 21 November 2026`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def relative(day: date, today: date) -> str:
    """How far off a day is: `today`, `tomorrow`, `in 3 days`, `2 days ago`."""
    days = (day - today).days
    if days in _NEAR:
        return _NEAR[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def standing_until(report: Report) -> str:
    """Until when all this stays so, in a sentence; empty where no day is known."""
    day = report.next_change
    if day is None:
        return ""
    if (day - report.as_of).days == 1:
        return "This can change tomorrow."
    return f"Nothing changes before {short_day(day, report.as_of)} unless something happens."


def nothing_presses(listed: Listing) -> str:
    """That nothing is to be done, or that nothing presses; empty where something does."""
    if not any(listed):
        return "Nothing to do, and nothing to wait for."
    if not listed.now:
        return "Nothing to do today."
    return "Nothing presses today." if listed.now[0].step.urgency == "low" else ""


def deadline(action: Action, today: date) -> str:
    """By when it should be done, or from when it can be; empty where no day is set."""
    if action.status == "missed" and action.close:
        return f"possible until {weekday(action.close)}"
    if action.until:
        return f"until {weekday(action.until)}, {relative(action.until, today)}"
    if action.status == "upcoming" and action.open:
        return f"from {weekday(action.open)}, {relative(action.open, today)}"
    if action.due is None:
        return ""
    return f"by {weekday(action.due)}, {relative(action.due, today)}"


def by_when(one: Listed, today: date) -> str:
    """By when a step of now is done, in few words; empty where no day is set, or where it is past."""
    lost, day = one.lost_on(today), one.next_day(today)
    if lost == day and lost is not None:
        return f"last day {relative(lost, today)}"
    if day is None or day == today:
        return "today" if day else ""
    return "by tomorrow" if (day - today).days == 1 else f"by {short_day(day, today)}"


def folded(steps: Sequence[Listed], today: date) -> str:
    """How many more steps there are, and whether they can wait: `6 more can wait`."""
    pressing = sum(one.step.urgency == "urgent" or one.lost_on(today) is not None for one in steps)
    if not pressing:
        return f"{len(steps)} more can wait"
    others = f", {len(steps) - pressing} can" if pressing < len(steps) else ""
    return f"{pressing} more should not wait{others}"


def lasting(actions: Iterable[Action], report: Report) -> Iterator[str]:
    """What goes on all the time: `Give them time: Acme until Mon 23 Nov, Brook until Wed 2 Dec`."""
    found: dict[str, list[str]] = {}
    for action in actions:
        day = f"until {short_day(action.until, report.as_of)}" if action.until else ""
        found.setdefault(action.title, []).append(" ".join(filter(None, [addressee(action, report), day])))
    for title, said in found.items():
        told = ", ".join(filter(None, said))
        yield f"{title}: {told}" if told else title


def named(action: Action, report: Report) -> str:
    """An action with whom and what it is about: `Ask where things stand: Dana Ruiz, Acme`."""
    who = addressee(action, report)
    return f"{action.title}: {who}" if who else action.title


def addressee(action: Action, report: Report) -> str:
    """The person and where they are: `Dana Ruiz, Acme`; the subject too, if there is one."""
    scope = None if action.scope is None else report.names.get(action.scope, action.scope)
    parts = [name_of(action.to, action.scope, report), scope]
    said = ", ".join(part for part in parts if part)
    subject = name_of(action.about, action.scope, report)
    return f"{said} ({subject})" if said and subject else said or subject or ""


def name_of(key: str | None, scope: str | None, report: Report) -> str | None:
    """The name to show for the key of a record: of the scope's own first; the key itself if it has none."""
    if key is None:
        return None
    inside = report.names.get((scope, key)) if scope is not None else None
    return inside or report.names.get(key, key)


def rests_on(action: Action, report: Report) -> list[str]:
    """The events that an action rests on, then the records and the conclusions, each in half a sentence."""
    events = [reason(because, report) for because in action.because]
    return events + [ground(found, report) for found in action.grounds]


def reason(because: Reason, report: Report) -> str:
    """An event in half a sentence: `timeline promised 2026-09-01, by 2026-09-08, from Ada (line 14)`."""
    said = [f"{plain(because.fact)} {because.date.isoformat()}"]
    said += [
        f"{plain(name)} {_shown(value, because, report)}"
        for name, value in because.fields.items()
        if name not in _UNSAID and not isinstance(value, bool)
    ]
    line = f" (line {because.line})" if because.line is not None else ""
    return ", ".join(said) + line


def ground(because: Ground, report: Report) -> str:
    """A record or a conclusion in half a sentence: `applicant Dee: debts 200000 (line 4)`."""
    own = because.id or (because.scope if because.kind == "record" else None)
    said = " ".join(filter(None, [plain(because.fact), name_of(own, because.scope, report)]))
    told = ", ".join(
        f"{plain(name)} {_members(value, because.scope, report)}" for name, value in because.fields.items()
    )
    line = f" (line {because.line})" if because.line is not None else ""
    return (f"{said}: {told}" if told else said) + line


def _members(value: object, scope: str | None, report: Report) -> str:
    return " and ".join(_named(one, scope, report) for one in (value if isinstance(value, list) else [value]))


def short_reason(because: Reason) -> str:
    """An event in few words, with its days alone: `timeline promised 2026-09-01, by 2026-09-08 (line 14)`."""
    said = [f"{plain(because.fact)} {because.date.isoformat()}"]
    said += [f"{plain(name)} {value}" for name, value in because.fields.items() if _is_day(value)]
    return ", ".join(said) + (f" (line {because.line})" if because.line is not None else "")


def concluded(report: Report, scope: str | None = None) -> Iterator[tuple[str, str]]:
    """What was concluded: of which record, empty for the whole, and `risk: class a, rate 150`.

    With `scope`, of that record alone.
    """
    for conclusion in report.conclusions:
        if scope is None or conclusion.scope == scope:
            told = fields_of(conclusion, report)
            fact = plain(conclusion.fact)
            yield name_of(conclusion.scope, None, report) or "", f"{fact}: {told}" if told else fact


def fields_of(conclusion: Conclusion, report: Report) -> str:
    """The fields of a conclusion in words: `class a, rate 150`."""
    return ", ".join(
        f"{plain(name)} {_named(value, conclusion.scope, report)}"
        for name, value in conclusion.fields.items()
    )


def _named(value: object, scope: str | None, report: Report) -> str:
    if isinstance(value, str) and not looks_like_date(value):
        return name_of(value, scope, report) or value
    return value_in_words(value)


def value_in_words(value: object) -> str:
    """A value as people say it: `yes`, `none`, words without their `_`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else plain(str(value))


def sources(citations: Iterable[Citation]) -> str:
    """Sources in short: `recruiter-mindset G18, G19; own default`."""
    items: dict[str, list[str]] = {}
    for citation in citations:
        who = (
            citation.source
            if citation.basis == "text" or citation.source == citation.basis
            else (f"{citation.basis} of {citation.source}")
        )
        found = items.setdefault(who, [])
        if citation.item:
            found.append(citation.item)
    return "; ".join(" ".join([who, ", ".join(dict.fromkeys(found))]).strip() for who, found in items.items())


def on_one_line(text: str) -> str:
    """The text on one line; signs that could steer a terminal are shown by their codes."""
    return visible(" ".join(text.split()))


def plain(name: str) -> str:
    """A name of the vocabulary as words: `timeline_promised` is `timeline promised`."""
    return name.replace("_", " ")


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT_WEEKDAYS, _SHORT_MONTHS = ([name[:3] for name in names] for names in (WEEKDAYS, MONTHS))
_NEAR = {0: "today", 1: "tomorrow", -1: "yesterday"}

_UNSAID = ("id", "note", "text")
"""Fields that say nothing in half a sentence, or far too much."""


def _is_day(value: object) -> bool:
    return isinstance(value, str) and looks_like_date(value)


def _shown(value: object, because: Reason, report: Report) -> str:
    if isinstance(value, list):
        return " and ".join(_shown(member, because, report) for member in value)
    return name_of(value, because.scope, report) if isinstance(value, str) else str(value)  # type: ignore[return-value]
