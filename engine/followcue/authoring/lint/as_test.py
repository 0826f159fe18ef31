"""A witness as a scenario test, ready to be put into a file of tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from followcue.authoring.lint.lint_finding import LintFinding, Witness
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.read import read_document
from followcue.synthesis.situation_yaml import represent_text
from followcue.synthesis.solver.witness import Seen
from followcue.testing.suite import read_suite, run_suite

WIDTH = 100


def test_of(finding: LintFinding, seen: Seen | None) -> dict[str, Any] | None:
    """The witness of a finding as the data of a file of tests, which says what is so today."""
    witness = finding.witness
    if witness is None or seen is None:
        return None
    name = "-".join(part for part in (finding.diagnostic.code.lower(), finding.rule) if part)
    name = name.replace("/", "-")  # of a row of a table
    demands: dict[str, Any] = {}
    if witness.expect:
        demands["expect"] = list(witness.expect)
    if witness.reject:
        demands["reject"] = list(witness.reject)
    if not demands:
        demands = _demands(witness, seen)
    return {"tests": {name: {"title": _capital(witness.shows), "situation": witness.situation, **demands}}}


def _demands(witness: Witness, seen: Seen) -> dict[str, Any]:
    """What the situation leads to, where nothing else can be said of it."""
    report = seen.judgement.report
    actions = dict.fromkeys(found.action for found in (*report.cautions, *report.actions))
    if actions:
        return {"expect": list(actions)[:1]}
    return {"warnings": [warning.split(": ", 1)[-1] for warning in report.warnings]}


def passes(data: Mapping[str, Any], loaded: LoadedPack) -> bool:
    """Whether a file of tests does what it says."""
    try:
        scenarios = read_suite([read_document(as_yaml(data), "witness")], loaded)
    except InvalidInput:
        return False
    return all(result.passed for result in run_suite(scenarios, loaded))


class _Dumper(yaml.SafeDumper):
    """Writes dates as they are read: as plain words."""


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


_Dumper.add_representer(str, represent_text)


def as_yaml(data: Mapping[str, Any]) -> str:
    """Data as YAML, small things on one line."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=WIDTH, allow_unicode=True
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
