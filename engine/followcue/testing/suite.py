"""All scenarios of some files, read and run together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.match.registry import COMPILED
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.document import Document
from followcue.testing.read_scenarios import read_scenarios
from followcue.testing.run import Result, run_scenario
from followcue.testing.scenario import Scenario


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
