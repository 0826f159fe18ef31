"""The forms of the results of scenario tests: text for a person, JUnit's XML for a build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from followcue.testing.failures import said_of
from followcue.testing.reasons import Reasons, no_reasons
from followcue.testing.run import Result


def as_text(results: Sequence[Result], reasons: Reasons = no_reasons) -> str:
    """What failed and why, and a line that sums up."""
    return "\n".join(_lines(results, reasons)) + "\n"


def _lines(results: Sequence[Result], reasons: Reasons) -> Iterator[str]:
    failed = [result for result in results if not result.passed]
    for result in failed:
        yield from said_of(result, reasons)
        yield ""
    checks = sum(len(result.outcomes) for result in results)
    looked = f"{_count(checks, 'check')} in {_count(len(results), 'test')}"
    yield f"{_count(len(failed), 'test')} failed of {looked}" if failed else f"{looked}: all as expected"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def as_junit(results: Sequence[Result], reasons: Reasons = no_reasons) -> str:
    """One suite a file, one case a test, what was missed as the text of a failure."""
    root = Element("testsuites")
    for file in dict.fromkeys(result.scenario.file for result in results):
        _add_suite(root, file, [result for result in results if result.scenario.file == file], reasons)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_suite(root: Element, file: str, results: Sequence[Result], reasons: Reasons) -> None:
    failed = sum(not result.passed for result in results)
    suite = SubElement(root, "testsuite", name=file, tests=str(len(results)), failures=str(failed))
    for result in results:
        case = SubElement(suite, "testcase", classname=file, name=result.scenario.id)
        if not result.passed:
            said = list(said_of(result, reasons))
            SubElement(case, "failure", message=said[0]).text = "\n".join(said)
