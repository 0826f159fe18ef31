"""Tests to paste: the situations that would show what no test notices yet, as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from followcue.synthesis.as_yaml import as_yaml
from followcue.testing.mutate import Survivor

HEADER = """\
# Tests proposed by `followcue test --mutate --write-tests`. They say what the rules do now: read each, keep
# it under a name that says what must hold, and mend the rule where it does not.
"""


def proposed_file(survivors: Iterable[Survivor]) -> str:
    """A test file with one test for each survivor that has a witness."""
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
        yield f"{rule}-{counted[rule]}", test


def proposed_test(survivor: Survivor) -> dict[str, Any] | None:
    """The test that would notice one mutant."""
    witness = survivor.witness
    if witness is None:
        return None
    test: dict[str, Any] = {"title": f"It would matter if {_plain(survivor.mutant.says)}"}
    test["situation"] = _tidy(witness.data)
    if witness.expect:
        test["expect"] = [_short(wanted) for wanted in witness.expect]
    if witness.reject:
        test["reject"] = [_short(wanted) for wanted in witness.reject]
    if witness.warnings is not None:
        test["warnings"] = list(witness.warnings)
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
