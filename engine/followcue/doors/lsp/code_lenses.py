"""Lines above tests and rules: run this test, how it came out; how well a rule is tested."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from lsprotocol import types as lsp

from followcue.base.clock import Clock
from followcue.base.diagnostic import InvalidInput
from followcue.doors.lsp.client_ranges import ClientText
from followcue.doors.lsp.open_packs import OpenText
from followcue.evaluation.pipeline import Options
from followcue.explain.forms import WIDEST, drawn
from followcue.explain.why_not.rule_here import rule_here
from followcue.language.documents.read import read_document
from followcue.session.author import coverage, mutants
from followcue.session.bench_rules import exercising
from followcue.session.bench_tests import verdict_in_words
from followcue.session.outline import outline
from followcue.session.pack_bench import GiveUp, PackBench
from followcue.testing.failures import said_of
from followcue.testing.reasons import reasons_of
from followcue.testing.run import Result

RUN_TEST = "followcue.runTest"
RULE_FIGURES = "followcue.ruleFigures"
RULE_HERE = "followcue.ruleHere"


class RuleFigures(NamedTuple):
    """How well a rule is tested."""

    tests: int
    covered: int
    edges: int
    killed: int
    mutants: int

    def __str__(self) -> str:
        tests = "1 test" if self.tests == 1 else f"{self.tests} tests"
        return f"{tests} · edges {self.covered}/{self.edges} · mutants {self.killed}/{self.mutants}"


class KeptFigures:
    """The figures that were asked for, as long as nothing has changed since."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[PackBench, RuleFigures]] = {}

    def keep(self, bench: PackBench, rule: str, found: RuleFigures) -> None:
        """Keep what was found of a rule."""
        self._kept[rule] = (bench, found)

    def of(self, bench: PackBench | None, rule: str) -> RuleFigures | None:
        """What was found of a rule of this very bench."""
        of, found = self._kept.get(rule, (None, None))
        return found if bench is not None and of is bench else None


def lenses(
    opened: OpenText, bench: PackBench | None, text: ClientText, uri: str, figures: KeptFigures
) -> Iterator[lsp.CodeLens]:
    """The lines of a file; how a test came out is worked out when its line is shown."""
    document = opened.document()
    if document is None or opened.kind not in ("tests", "rules"):
        return
    for entry in outline(document, opened.kind, text.count):
        place = text.range(entry.span)
        if opened.kind == "tests":
            yield lsp.CodeLens(place, lsp.Command("Run", RUN_TEST, arguments=[uri, entry.name]))
            yield lsp.CodeLens(place, data={"uri": uri, "test": entry.name})
        elif entry.section == "rules":
            found = figures.of(bench, entry.name)
            title = str(found) if found else "How well tested?"
            yield lsp.CodeLens(place, lsp.Command(title, RULE_FIGURES, arguments=[uri, entry.name]))
            if bench is not None and bench.situations:
                yield lsp.CodeLens(
                    place, lsp.Command("Does it fire here?", RULE_HERE, arguments=[uri, entry.name])
                )


class ToldTest(NamedTuple):
    """How a test came out, in words."""

    passed: bool
    text: str


def verdict_on(bench: PackBench, opened: OpenText | None, name: object) -> str:
    """How a test of an open file came out, in few words; empty where there are mistakes."""
    result = _result(bench, opened, name)
    return verdict_in_words(result) if result else ""


def told_of_test(bench: PackBench, opened: OpenText, name: object) -> ToldTest | None:
    """The same with all that it misses; None where there are mistakes."""
    result = _result(bench, opened, name)
    if result is None:
        return None
    if result.passed:
        return ToldTest(passed=True, text=f"{result.scenario.id}: {verdict_in_words(result)}")
    return ToldTest(passed=False, text="\n".join(said_of(result, reasons_of(bench.loaded))))


def _result(bench: PackBench, opened: OpenText | None, name: object) -> Result | None:
    try:
        scenarios = bench.scenarios_in(opened.path) if opened else ()
    except InvalidInput:
        return None
    return next((bench.result(one) for one in scenarios if one.id == name), None)


def told_of_rule(bench: PackBench, rule: str, today: Clock) -> str:
    """Whether a rule fires in each open situation, and if not, why; raises `InvalidInput`."""
    bench.refuse_unknown_rule(rule)
    said: list[str] = []
    for name, text in bench.situations.items():
        found = rule_here(bench.loaded, read_document(text, name), rule, Options(today=today))
        said += [f"{rule}, in {PurePath(name).name}: {found.sentence}", *drawn(found.branches, "", WIDEST)]
    return "\n".join(said)


def figures_of_rule(bench: PackBench, rule: str, give_up: GiveUp) -> RuleFigures:
    """How well a rule is tested; raises `InvalidInput` while there are mistakes."""
    seen = coverage(bench, rule, give_up)
    *_, tried = mutants(bench, rule, give_up)
    tests = len(exercising(bench, rule, give_up))
    return RuleFigures(tests, seen["covered"], seen["all"], tried["killed"], tried["all"])
