"""What a check found, in the forms that people and programs read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from followcue.authoring.lint.as_test import as_yaml
from followcue.authoring.lint.check import Checked, ReportedFinding
from followcue.base.diagnostic import Diagnostic, Span
from followcue.base.shipped import title_of
from followcue.base.terminal import visible
from followcue.base.version import __version__

SHOWN = ("FC430", "FC431", "FC432", "FC433", "FC434", "FC435", "FC436")
"""The codes of what a situation shows."""

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def human(checked: Checked) -> str:
    """Each problem with its place, and the situation that shows it; a summary at the end."""
    parts = [f"{mistake}\n" for mistake in checked.mistakes]
    parts += [_told(told) for told in checked.told]
    parts.append(f"{_count(checked.files, 'file')} checked. {_count(checked.problems, 'problem')} found.\n")
    return "".join(parts)


def _told(told: ReportedFinding) -> str:
    said = f"{told.finding.diagnostic}\n"
    witness = told.finding.witness
    if witness is not None and told.test is not None:
        said += f"  this test shows it: {witness.shows}\n"
        said += "".join(f"    {line}\n" for line in as_yaml(told.test).splitlines())
    elif told.finding.diagnostic.code in SHOWN:
        said += "  no situation was made that shows it\n"
    return said


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def as_json(checked: Checked) -> str:
    """The same as JSON: what, how grave, where, and the witness as plain data."""
    problems = [
        {
            "code": problem.code,
            "severity": severity,
            "message": problem.message,
            "hint": problem.hint,
            "rule": told.finding.rule if told else None,
            **_place(problem.span, problem.place),
            "related": [{"message": note, **_place(span, None)} for note, span in problem.related],
            "shows": told.finding.witness.shows if told and told.finding.witness else None,
            "test": told.test if told else None,
        }
        for problem, severity, told in _all(checked)
    ]
    data = {"files": checked.files, "problems": problems}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _place(span: Span | None, place: str | None) -> dict[str, Any]:
    if span is None:
        return {"file": place, "line": None, "column": None, "length": None}
    return {"file": span.file, "line": span.line, "column": span.column, "length": span.length}


def github(checked: Checked) -> str:
    """Workflow commands by which GitHub puts each problem beside its line."""
    lines = []
    for problem, severity, told in _all(checked):
        properties = {"file": problem.span.file if problem.span else problem.place or ""}
        if problem.span:
            start = problem.span
            properties |= {"line": str(start.line), "col": str(start.column)}
            properties |= {"endColumn": str(start.column + start.length)}
        properties["title"] = f"{problem.code}: {title_of(problem.code)}"
        said = problem.message + (f"\nhint: {problem.hint}" if problem.hint else "")
        if told and told.test and told.finding.witness:
            said += f"\nthis test shows it: {told.finding.witness.shows}\n{as_yaml(told.test)}".rstrip()
        shown = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
        lines.append(f"::{severity} {shown}::{_escaped(said)}\n")
    return "".join(lines)


def _escaped(text: str, also: str = "") -> str:
    text = visible(text)
    escapes = {"%": "%25", "\r": "%0D", "\n": "%0A"} | {c: f"%{ord(c):02X}" for c in also}
    return "".join(escapes.get(character, character) for character in text)


def sarif(checked: Checked) -> str:
    """The same as SARIF 2.1.0, which many code hosts and editors read."""
    codes = sorted({problem.code for problem, _, _ in _all(checked)})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": title_of(code)},
            "help": {"text": f"followcue explain-code {code}"},
        }
        for code in codes
    ]
    results = [_result(problem, severity, told, codes) for problem, severity, told in _all(checked)]
    driver = {"name": "followcue", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    data = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _result(
    problem: Diagnostic, severity: str, told: ReportedFinding | None, codes: list[str]
) -> dict[str, Any]:
    said = problem.message + (f" ({problem.hint})" if problem.hint else "")
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": severity,
        "message": {"text": said},
        "locations": [_location(problem.span, problem.place or "input")],
    }
    if problem.related:
        result["relatedLocations"] = [
            {**_location(span, span.file), "message": {"text": note}} for note, span in problem.related
        ]
    if told and told.test:
        result["properties"] = {"test": as_yaml(told.test)}
    return result


def _location(span: Span | None, place: str) -> dict[str, Any]:
    if span is None:
        return {"physicalLocation": {"artifactLocation": {"uri": _uri(place)}}}
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endColumn": span.column + span.length,
    }
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}}


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path.replace("\\", "/"))


def _all(checked: Checked) -> Iterator[tuple[Diagnostic, str, ReportedFinding | None]]:
    for mistake in checked.mistakes:
        yield mistake, "error", None
    for told in checked.told:
        yield told.finding.diagnostic, told.finding.severity, told


FORMS: Mapping[str, Callable[[Checked], str]] = {
    "human": human,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}
"""How to write what was found, by the name of the form."""
