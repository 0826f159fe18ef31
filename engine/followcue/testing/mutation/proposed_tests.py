"""What mutation found, as text: the figures, and tests to paste that would kill what survives, as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from followcue.synthesis.situation_yaml import as_yaml
from followcue.testing.mutate import Mutation, Survivor, by_reason

HEADER = """\
# Tests proposed by `followcue test --mutate --write-tests`. They say what the rules do now: read each, keep
# it under a name that says what must hold, and mend the rule where it does not.
"""


def proposed_file(survivors: Iterable[Survivor]) -> str:
    """A test file with one test for each survivor that has a killing."""
    tests = dict(proposed_tests(survivors))
    return HEADER + as_yaml({"tests": tests}) if tests else ""


def proposed_tests(survivors: Iterable[Survivor]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tests by name; mutants of one rule that the same situation shows share one."""
    counted: dict[str, int] = {}
    known: list[Mapping[str, Any]] = []
    for survivor in survivors:
        test = proposed_test(survivor)
        if test is None or {**test, "title": ""} in known:
            continue
        known.append({**test, "title": ""})
        rule = survivor.mutant.rule
        counted[rule] = counted.get(rule, 0) + 1
        yield f"{rule.replace('/', '-')}-{counted[rule]}", test


def proposed_test(survivor: Survivor) -> dict[str, Any] | None:
    """The test that would notice one mutant."""
    killing = survivor.killing
    if killing is None:
        return None
    test: dict[str, Any] = {"title": f"It would matter if {_plain(survivor.mutant.says)}"}
    test["situation"] = _tidy(killing.data)
    if killing.expect:
        test["expect"] = [_short(wanted) for wanted in killing.expect]
    if killing.reject:
        test["reject"] = [_short(wanted) for wanted in killing.reject]
    if killing.warnings is not None:
        test["warnings"] = list(killing.warnings)
    return test


def _short(wanted: Mapping[str, Any]) -> Any:
    """An action alone by its name."""
    return wanted["action"] if wanted.keys() == {"action"} else dict(wanted)


def _plain(says: str) -> str:
    return re.sub(r"\s+", " ", says)


def _tidy(data: Mapping[str, Any]) -> dict[str, Any]:
    """The day first, then settings, then the rest; without empty lists and mappings that mean nothing."""
    first = [key for key in ("as_of", "profile", "params") if key in data]
    rest = [key for key in data if key not in first]
    return {key: data[key] for key in (*first, *rest) if data[key] not in ({}, []) or key in rest[:1]}


def render(mutation: Mutation) -> str:
    """The figures, then the survivors, each with a test to paste that would notice it."""
    return "\n".join(_lines(mutation)) + "\n"


def _lines(mutation: Mutation) -> Iterator[str]:
    tried = f"{mutation.tried} changes of the rules tried"
    yield tried if mutation.tried == mutation.of else f"{tried}, of {mutation.of}"
    yield f"mutation score: {mutation.score}"
    for what, same in (
        ("proved to mean the same", mutation.proved),
        ("said to mean the same", mutation.claimed),
    ):
        for reason, number in by_reason(same).items():
            yield f"  {what}: {number} ({reason})"
    if mutation.survivors:
        yield f"  noticed by no test: {len(mutation.survivors)}"
    for survivor in mutation.survivors:
        mutant = survivor.mutant
        yield ""
        yield f"{mutant.place}: {mutant.rule}: {mutant.says}"
        tests = dict(proposed_tests([survivor]))
        if tests:
            yield "  this test would notice it:"
            yield from (f"    {line}" for line in as_yaml(tests).splitlines())
        else:
            yield "  no situation was found that shows it: the rule may say too much, or it needs more tries"
