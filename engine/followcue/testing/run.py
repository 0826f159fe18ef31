"""Running scenarios: what was reported, and every expectation that it misses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from followcue.evaluation.advice.report import Action, Conclusion, Report
from followcue.evaluation.match.registry import COMPILED
from followcue.evaluation.pipeline import LoadedPack, Options, environment_of, evaluate_facts
from followcue.language.model.pack import Pack
from followcue.language.model.rules import RuleHead, Where
from followcue.testing.expected_conclusions import MissedConclusion, UnwantedConclusion, misses_of
from followcue.testing.scenario import Check, Expectation, Scenario


@dataclass(frozen=True, slots=True)
class Missed:
    """An expectation that was not met; `nearest` are reported actions of that name, nearest first."""

    expectation: Expectation
    nearest: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Unwanted:
    """An action that was reported and should not have been: `rejected`, or else one too many."""

    action: Action
    rejected: Expectation | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Warnings that are not as they should be: without one with the `phrase`, or some where none may be."""

    phrase: str | None
    warnings: tuple[str, ...]


Miss: TypeAlias = Missed | Unwanted | Warned | MissedConclusion | UnwantedConclusion
"""What a check demands and does not get."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check; `expected` and `concluded` are what is reported of that which it expects.

    `fired` are the rules that concluded something, or warned of it where the check asks, by id.
    """

    check: Check
    report: Report
    fired: frozenset[str]
    expected: tuple[Action, ...]
    misses: tuple[Miss, ...]
    concluded: tuple[Conclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one scenario; `unclaimed` are the rules and items it says it is about, and is not."""

    scenario: Scenario
    outcomes: tuple[Outcome, ...]
    unclaimed: tuple[tuple[str, Where], ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether all was as the author says."""
        return not self.unclaimed and not any(outcome.misses for outcome in self.outcomes)

    @property
    def exercised(self) -> frozenset[str]:
        """The rules that led to an action that the author expects, or that concluded something."""
        return exercised_rules(self.outcomes)


def run_scenario(scenario: Scenario, loaded: LoadedPack, matcher: str = COMPILED) -> Result:
    """Run one scenario; raises `MatcherUnavailable` where the matcher cannot run."""
    outcomes = tuple(_outcome(check, loaded, matcher) for check in scenario.checks)
    return result_of(scenario, outcomes, loaded.pack)


def result_of(scenario: Scenario, outcomes: tuple[Outcome, ...], pack: Pack) -> Result:
    """The result of a scenario whose checks came out like this."""
    return Result(scenario, outcomes, tuple(_unclaimed(scenario, outcomes, pack)))


def exercised_rules(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """The rules behind the actions that the checks expect, and all that concluded something."""
    found: set[str] = set()
    for outcome in outcomes:
        found |= outcome.fired
        for action in outcome.expected:
            found.update(action.rules)
    return frozenset(found)


def exercised_among(
    rules: Iterable[str], scenarios: Iterable[Scenario], loaded: LoadedPack
) -> frozenset[str]:
    """Those of `rules` that the scenarios exercise; a report is made only where it may show one more."""
    rules = frozenset(rules)
    left = set(rules)
    heads = {rule.id: rule.head for rule in loaded.rules}
    clauses, matcher = loaded.pack.clauses, loaded.matcher()
    always = {name for name, info in loaded.pack.rules.items() if info.always}  # they derive nothing
    for check in (check for scenario in scenarios for check in scenario.checks):
        if not left:
            break
        derivations = matcher.run(check.situation.facts, environment_of(check.situation))
        fired = left & (always | {clauses[derivation.clause].rule for derivation in derivations})
        if any(_may_be_exercised(heads[name], check) for name in fired):
            left -= exercised_rules([_outcome(check, loaded, COMPILED)])
    return rules - left


def _may_be_exercised(head: RuleHead | None, check: Check) -> bool:
    """Whether what fired may count for a check: of an action, the check must speak."""
    if head is None or head.kind in ("conclude", "step", "warn"):
        return head is not None and head.kind in _heads_that_count(check)
    named = [wanted.action for wanted in check.expect]
    return None in named or head.target in named


def _outcome(check: Check, loaded: LoadedPack, matcher: str) -> Outcome:
    report, derivations = evaluate_facts(loaded, check.situation, Options(matcher=matcher))
    clauses = loaded.pack.clauses
    return outcome_of(check, report, {clauses[d.clause].rule for d in derivations}, loaded.pack)


def _heads_that_count(check: Check) -> set[str]:
    """What rules must do to count by firing alone; warnings and steps only where the check speaks of any."""
    heads = {"conclude"}
    if check.warnings:
        heads.add("warn")
    if any(wanted.speaks_of_steps for wanted in (*check.expect, *check.reject)):
        heads.add("step")
    return heads


def outcome_of(check: Check, report: Report, fired: Iterable[str], pack: Pack) -> Outcome:
    """The report held against what the check demands; `fired` are the rules that derived something."""
    heads = _heads_that_count(check)
    reported = _Reported(report)
    return Outcome(
        check=check,
        report=report,
        fired=frozenset(rule for rule in fired if pack.rules[rule].head in heads),
        expected=tuple(reported.expected(check)),
        misses=(
            *reported.missed(check),
            *reported.unwanted(check),
            *misses_of(check.concluded, check.not_concluded, report),
            *_warned(check, report),
        ),
        concluded=tuple(one for one in report.conclusions if any(w.fits(one) for w in check.concluded)),
    )


def _warned(check: Check, report: Report) -> Iterator[Warned]:
    """What is wrong with the warnings; those about events that lie ahead are not meant."""
    if check.warnings is None:
        return
    found = tuple(warning for warning in report.warnings if warning not in check.situation.warnings)
    for phrase in check.warnings:
        if not any(phrase in warning for warning in found):
            yield Warned(phrase, found)
    if check.exact or not check.warnings:
        others = tuple(w for w in found if not any(phrase in w for phrase in check.warnings))
        if others:
            yield Warned(None, others)


class _Reported:
    """The actions and cautions of one report, held against what a check demands."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._all = [(action, True) for action in report.cautions]
        self._all += [(action, False) for action in report.actions]

    def expected(self, check: Check) -> Iterator[Action]:
        """The reported actions that the check expects."""
        return (action for action, _ in self._all if self._any_fits(check.expect, action))

    def missed(self, check: Check) -> Iterator[Missed]:
        """What is expected and was not reported."""
        for wanted in check.expect:
            if not any(self._fits(wanted, action, caution) for action, caution in self._all):
                yield Missed(wanted, self._nearest(wanted))

    def unwanted(self, check: Check) -> Iterator[Unwanted]:
        """What was reported and should not have been."""
        for action, caution in self._all:
            rejected = next((r for r in check.reject if self._fits(r, action, caution)), None)
            if rejected or (check.exact and not self._any_fits(check.expect, action)):
                yield Unwanted(action, rejected)

    def _nearest(self, wanted: Expectation) -> tuple[Action, ...]:
        """The reported actions of that name, those that differ least before the others."""
        found = [
            (len(wanted.differing(action, self._report, is_caution=caution)), place, action)
            for place, (action, caution) in enumerate(self._all)
            if action.action == wanted.action
        ]
        return tuple(action for _, _, action in sorted(found, key=lambda entry: entry[:2]))

    def _any_fits(self, expectations: Iterable[Expectation], action: Action) -> bool:
        caution = (action, True) in self._all
        return any(self._fits(wanted, action, caution) for wanted in expectations)

    def _fits(self, wanted: Expectation, action: Action, is_caution: bool) -> bool:
        return wanted.fits(action, self._report, is_caution=is_caution)


def _unclaimed(scenario: Scenario, outcomes: Iterable[Outcome], pack: Pack) -> Iterator[tuple[str, Where]]:
    """Each rule and item that the scenario says it is about, and that had no hand in what it expects."""
    exercised = exercised_rules(outcomes)
    cited = {citation.item for rule in exercised for citation in pack.rules[rule].cites}
    for key, claimed, found in (("rules", scenario.rules, exercised), ("items", scenario.items, cited)):
        for index, name in enumerate(claimed):
            if name not in found:
                yield name, scenario.where / key / index
