"""All scenarios of some files, read and run together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.evaluation.match.registry import COMPILED
from followcue.evaluation.pipeline import LoadedPack, environment_of, with_rule
from followcue.language.documents.document import Document
from followcue.testing.read_scenarios import read_scenarios
from followcue.testing.run import Result, exercised_rules, run_check, run_scenario
from followcue.testing.scenario import Check, Scenario


def read_suite(documents: Iterable[Document], loaded: LoadedPack) -> tuple[Scenario, ...]:
    """The scenarios of all files; raises `InvalidInput` with every mistake in any of them."""
    scenarios: list[Scenario] = []
    problems: list[Diagnostic] = []
    for document in documents:
        try:
            scenarios += read_scenarios(document, loaded)
        except InvalidInput as error:
            problems += error.diagnostics
    if problems:
        raise InvalidInput(problems)
    return tuple(scenarios)


def chosen(scenarios: Iterable[Scenario], patterns: Sequence[str]) -> tuple[Scenario, ...]:
    """Those whose name is like one of the patterns (`late-*`), or has it in it; all without patterns."""
    return tuple(s for s in scenarios if not patterns or any(_is_like(s.id, pattern) for pattern in patterns))


def _is_like(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or pattern in name


def run_suite(
    scenarios: Sequence[Scenario], loaded: LoadedPack, matcher: str = COMPILED
) -> tuple[Result, ...]:
    """The results in the order of the scenarios; raises `MatcherUnavailable` where the matcher cannot run."""
    return tuple(run_scenario(scenario, loaded, matcher) for scenario in scenarios)


def exercised_of(
    wanted: Collection[str], scenarios: Sequence[Scenario], loaded: LoadedPack
) -> frozenset[str]:
    """Those of the wanted rules that some scenario exercises; no more is run than it takes to know.

    First what says that it is about a rule which is still missing, then the rest. What a check exercises has
    derived something in it or is always a tip, so where no rule that is missing has, no report is made.
    """
    missing = set(wanted)
    later: list[Check] = []
    for scenario in scenarios:
        for check in scenario.checks:
            if missing.isdisjoint((*scenario.rules, *_named_in(check))):
                later.append(check)
            else:
                missing -= exercised_rules([run_check(check, loaded)])
    always = {rule for rule, info in loaded.pack.rules.items() if info.always}
    for check in later:
        if not missing:
            break
        if not missing.isdisjoint(always | _derived_something(check, loaded)):
            missing -= exercised_rules([run_check(check, loaded)])
    return frozenset(wanted) - missing


def _named_in(check: Check) -> Iterator[str]:
    """The rules that the expectations of a check name."""
    for expectation in check.expect:
        named = expectation.wanted.get("rules")
        if isinstance(named, list):
            yield from (name for name in named if isinstance(name, str))


def _derived_something(check: Check, loaded: LoadedPack) -> set[str]:
    situation = check.situation
    try:
        derivations = loaded.matcher().run(situation.facts, environment_of(situation))
    except LimitExceeded as problem:
        raise with_rule(problem, loaded.pack) from None
    return {loaded.pack.clauses[derivation.clause].rule for derivation in derivations}
