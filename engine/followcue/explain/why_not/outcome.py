"""Outcomes: what became of everything that rules recommended, be it in the report or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from followcue.evaluation.advice.finding import Finding, WorkingDay, read_findings
from followcue.evaluation.advice.merge import Merged, keep_latest, merge
from followcue.evaluation.advice.overrides import overriding_rules, withdraws
from followcue.evaluation.advice.support import RowDerivations
from followcue.explain.asked import Wanted
from followcue.language.model.pack import RECOMMENDATION, Pack

Fate: TypeAlias = Literal["due", "upcoming", "missed", "withdrawn", "kept"]
"""What became of a finding: `kept` if another of its kind was kept instead, `withdrawn` by an exception."""


class Outcome(NamedTuple):
    """A finding, what became of it, and by which other finding."""

    finding: Finding
    fate: Fate
    by: Finding | None = None


def outcomes(
    pack: Pack, rows: Mapping[str, RowDerivations], today: int, working_day: WorkingDay | None
) -> list[Outcome]:
    """What became of each finding of a situation, by the steps by which a report is made."""
    read = read_findings(pack, rows.get(RECOMMENDATION, {}), today, working_day)
    standing = sorted(read, key=_order)  # matchers give their derivations in no particular order
    found: list[Outcome] = []
    for rule in overriding_rules(pack.rules):
        winners = [f for f in standing if f.rule.id == rule.id and f.is_open]
        for finding in list(standing):
            winner = next((w for w in winners if withdraws(w, finding)), None)
            if winner is not None:
                standing.remove(finding)
                found.append(Outcome(finding, "withdrawn", winner))
    found += [Outcome(f, "missed") for f in standing if f.status == "missed"]
    standing = [f for f in standing if f.status != "missed"]
    found += [Outcome(f, _fate(f)) for f in standing if f.is_caution]
    merged = merge((f for f in standing if not f.is_caution), today)
    kept = keep_latest(merged)
    for one in merged:
        rival = None if one in kept else _rival(one, kept)
        found += [Outcome(f, "kept", rival) if rival else Outcome(f, _fate(f)) for f in one.findings]
    return found


def meant(wanted: Wanted, found: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes that a question is about."""
    for outcome in found:
        action, scope, to, about = outcome.finding.subject
        if all(
            asked in (None, given) for asked, given in zip(wanted, (action, scope, to, about), strict=True)
        ):
            yield outcome


def _order(finding: Finding) -> tuple[str, str]:
    return finding.rule.id, repr((finding.subject, finding.window, finding.until, finding.channel))


def _fate(finding: Finding) -> Fate:
    return "upcoming" if finding.status == "upcoming" else "due"


def _rival(one: Merged, kept: Sequence[Merged]) -> Finding | None:
    """The one of the same action that was kept."""
    for other in kept:
        if (other.action.name, other.scope) == (one.action.name, one.scope):
            return other.findings[-1]
    return None
