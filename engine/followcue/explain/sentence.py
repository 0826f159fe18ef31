"""The sentence: the reason for one action, said before the tree that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.wording import addressee, deadline, reason, sources
from followcue.explain.explanation import RuleWhy, Way

MOST_CLAUSES = 2
"""So many absent facts, and no more, fit into one sentence."""
MOST_RECORDS = 2
"""So many records, and no more, fit into it where there is no event to name."""


def sentence(action: Action, rules: Sequence[RuleWhy], report: Report) -> str:
    """What to do and with whom, by when, the latest event behind it, what was absent, and who says so."""
    who, when = addressee(action, report), deadline(action, report.as_of)
    said = ", ".join([f"{action.title}: {who}" if who else action.title, *filter(None, [when])])
    because = _because(action, rules, report)
    says = sources(action.sources)
    return said + (f", because {because}" if because else "") + (f" ({says})." if says else ".")


def _because(action: Action, rules: Sequence[RuleWhy], report: Report) -> str:
    way = _latest(action, rules)
    event = f"of {reason(action.since, report)}" if action.since else ""
    if way is None:
        return event
    event = event or _of_records(way)
    # `done_when` stands last among what must be absent, and says most about why it is still to do.
    first, *others = way.absent[-MOST_CLAUSES:] or ("",)
    absent = " and ".join([first, *(other.removeprefix("there is ") for other in others)])
    return ", and ".join(filter(None, [event, absent])) or " and ".join(way.holds[:MOST_CLAUSES])


def _of_records(way: Way) -> str:
    """The records that a rule found where no event is behind it: `of contact Dana Ruiz`."""
    found = list(dict.fromkeys(fact.text for fact in way.all_facts if fact.role == "record"))[:MOST_RECORDS]
    return f"of {' and '.join(found)}" if found else ""


def _latest(action: Action, rules: Iterable[RuleWhy]) -> Way | None:
    """The way that the event named first belongs to, or else the first."""
    ways = [way for rule in rules for way in rule.ways]
    since = action.since
    for way in ways:
        if since and any(
            (f.fact, f.date, f.line) == (since.fact, since.date, since.line) for f in way.all_facts
        ):
            return way
    return ways[0] if ways else None
