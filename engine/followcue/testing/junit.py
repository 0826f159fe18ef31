"""The results of scenario tests in the XML of JUnit, which build servers read."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from followcue.testing.failures import said_of
from followcue.testing.reasons import Reasons, no_reasons
from followcue.testing.run import Result


def render(results: Sequence[Result], reasons: Reasons = no_reasons) -> str:
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
