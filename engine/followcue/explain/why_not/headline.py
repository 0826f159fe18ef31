"""The headline: in one or two sentences, whether and why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.words import addressee, deadline, name_of, relative, weekday
from followcue.explain.asked import Wanted
from followcue.explain.why_not.answer import Lack, NearMiss, Verdict
from followcue.explain.why_not.telling_misses import OVER


def headline(
    title: str,
    wanted: Wanted,
    verdict: Verdict,
    rules: Sequence[NearMiss],
    lines: Sequence[Action],
    report: Report,
    later: date | None = None,
    unfit: str = "",
) -> str:
    """What a person should read first."""
    what = f"{title}{_for_whom(wanted, report)}"
    first = rules[0] if rules else None
    match verdict:
        case "recommended":
            line = next(line for line in lines if line.status in ("due", "overdue"))
            who, when = addressee(line, report), deadline(line, report.as_of)
            said = ", ".join(filter(None, [f"{line.title}: {who}" if who else line.title, when]))
            return f"It is recommended: {said}."
        case "upcoming":
            line = next(line for line in lines if line.status == "upcoming" and line.open)
            assert line.open is not None
            opens = f"{weekday(line.open)}, {relative(line.open, report.as_of)}"
            who = addressee(line, report)
            return f"Not yet: {line.title}{f' ({who})' if who else ''} opens on {opens}."
        case "later":
            assert later is not None
            day = f"{weekday(later)}, {relative(later, report.as_of)}"
            return f"Not yet: {what} comes up on {day}, if nothing else happens."
        case "none":
            return f"No: {title}. {unfit or 'No rule recommends it for what was asked'}."
        case "done":
            return f"Done: {what}. {_sentence(first.text if first else '')}"
        case "missed":
            return f"Too late: {what}. {_sentence(first.text if first else '')}"
        case "withdrawn" | "kept" | "profile":
            return f"No: {what}. {_sentence(first.text if first else '')}"
        case _:
            return f"No: {what}. {_root(first)}"


def _for_whom(wanted: Wanted, report: Report) -> str:
    names = [_name(wanted.to, wanted.scope, report)]
    names += [report.names.get(wanted.scope, wanted.scope) if wanted.scope else None]
    names += [_name(wanted.about, wanted.scope, report)]
    said = ", ".join(name for name in names if name)
    return f" ({said})" if said else ""


def _name(key: str | None, scope: str | None, report: Report) -> str | None:
    """The name behind a key; where no scope is named, that of the only one who has the key."""
    if key is None or scope is not None:
        return name_of(key, scope, report)
    found = {shown for place, shown in report.names.items() if place[1:] == (key,)}
    return found.pop() if len(found) == 1 else name_of(key, None, report)


def _root(miss: NearMiss | None) -> str:
    """What lies at the bottom: the first thing that is missing, or in the way."""
    if miss is None or not miss.lacks:
        return "Its conditions do not hold."
    lack = _deepest(miss.lacks[0])
    if lack.text.startswith(OVER):
        return _sentence(lack.text)
    if lack.kind == "fails":
        return f"It would take: {lack.text}."
    if lack.kind == "missing":
        asked = f" ({lack.text})" if lack.is_particular else ""
        return (
            f"Nothing says: “{in_short(lack.says)}”{asked}." if lack.says else f"It would take: {lack.text}."
        )
    fact = lack.facts[0] if lack.facts else None
    if fact and fact.place:
        return f"In the way: {fact.text} ({fact.place})."
    return f"In the way: “{in_short(lack.says)}”." if lack.says else f"In the way: {lack.text}."


def _deepest(lack: Lack) -> Lack:
    while lack.kind == "missing" and lack.rules and lack.rules[0].lacks:
        lack = lack.rules[0].lacks[0]
    return lack


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def in_short(says: str) -> str:
    """What a vocabulary says of a kind, without what it adds to that."""
    return says.partition(";")[0].partition(" (")[0].rstrip(".")
