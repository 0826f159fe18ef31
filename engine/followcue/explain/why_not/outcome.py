"""Outcomes: what became of everything that rules recommended, be it in the report or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from followcue.evaluation.advice.merge import Merged, keep_latest, merge
from followcue.evaluation.advice.overrides import overriding_rules, withdraws
from followcue.evaluation.advice.recommendation import Recommendation, WorkingDay, read_recommendations
from followcue.evaluation.advice.support import RowDerivations
from followcue.explain.wanted import Wanted
from followcue.language.model.pack import RECOMMENDATION, Pack

Fate: TypeAlias = Literal["due", "upcoming", "missed", "withdrawn", "kept"]
"""What became of a finding: `kept` if another of its kind was kept instead, `withdrawn` by an exception."""


class FindingOutcome(NamedTuple):
    """A finding, what became of it, and by which other finding."""

    finding: Recommendation
    fate: Fate
    by: Recommendation | None = None


def outcomes(
    pack: Pack, rows: Mapping[str, RowDerivations], today: int, working_day: WorkingDay | None
) -> list[FindingOutcome]:
    """What became of each finding of a situation, by the steps by which a report is made."""
    read = read_recommendations(pack, rows.get(RECOMMENDATION, {}), today, working_day)
    standing = sorted(read, key=_order)  # matchers give their derivations in no particular order
    found: list[FindingOutcome] = []
    for rule in overriding_rules(pack.rules):
        winners = [f for f in standing if f.rule.id == rule.id and f.is_open]
        for finding in list(standing):
            winner = next((w for w in winners if withdraws(w, finding)), None)
            if winner is not None:
                standing.remove(finding)
                found.append(FindingOutcome(finding, "withdrawn", winner))
    found += [FindingOutcome(f, "missed") for f in standing if f.status == "missed"]
    standing = [f for f in standing if f.status != "missed"]
    found += [FindingOutcome(f, _fate(f)) for f in standing if f.is_caution]
    merged = merge((f for f in standing if not f.is_caution), today)
    kept = keep_latest(merged)
    for one in merged:
        rival = None if one in kept else _rival(one, kept)
        found += [
            FindingOutcome(f, "kept", rival) if rival else FindingOutcome(f, _fate(f))
            for f in one.recommendations
        ]
    return found


def meant(wanted: Wanted, found: Iterable[FindingOutcome]) -> Iterator[FindingOutcome]:
    """The outcomes that a question is about."""
    return (outcome for outcome in found if wanted.fits(outcome.finding.subject))


def _order(finding: Recommendation) -> tuple[str, str]:
    return finding.rule.id, repr((finding.subject, finding.window, finding.until, finding.channel))


def _fate(finding: Recommendation) -> Fate:
    return "upcoming" if finding.status == "upcoming" else "due"


def _rival(one: Merged, kept: Sequence[Merged]) -> Recommendation | None:
    """The one of the same action that was kept."""
    for other in kept:
        if (other.action.name, other.scope) == (one.action.name, one.scope):
            return other.recommendations[-1]
    return None
