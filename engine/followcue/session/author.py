"""The questions of an author, each answered as plain data that goes to a page or a program as it is.

Files are called as messages call them, lines and columns count from 1, in characters. Every question is a
function of a `PackBench`; mistakes that stand in its way are raised as `InvalidInput`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeAlias

from followcue.authoring.editor.schemas import SCHEMAS
from followcue.authoring.versions.change_text import ChangeDescriber
from followcue.authoring.versions.compare import ChangedSituation, Compared, Unjudged
from followcue.base.clock import Clock
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.evaluation.pipeline import Options
from followcue.evaluation.report.wording import on_one_line
from followcue.explain.forms import Branch
from followcue.explain.wanted import Wanted
from followcue.explain.why_not.rule_here import rule_here
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.session.bench_coverage import rule_coverage, rule_mutants
from followcue.session.bench_diff import compared, edits_between
from followcue.session.bench_mistakes import Fix, FoundProblem, lint_findings, mistakes
from followcue.session.bench_rules import exercising, last_line_of, listed_rules
from followcue.session.bench_rules import rule_at as listed_at
from followcue.session.bench_tests import TestedScenario, verdicts
from followcue.session.completion import Offer, completions
from followcue.session.name_card import name_card
from followcue.session.name_index import NamePlace
from followcue.session.new_text import new_text
from followcue.session.pack_bench import GiveUp, PackBench, go_on
from followcue.session.pack_state import PackState
from followcue.session.rename import renamed
from followcue.session.scenario_writing import scenario_of_absence, scenario_of_advice
from followcue.session.text_change import TextChange
from followcue.session.text_kind import TextKind
from followcue.testing.coverage.coverage import Item, Point
from followcue.testing.scenario import Scenario

Data: TypeAlias = dict[str, Any]


# --- mistakes
def check(bench: PackBench, today: Clock, *, deep: bool = False, give_up: GiveUp = go_on) -> Data:
    """Every mistake in rules, tests and situations; `deep`: without mistakes, what the lints find as well."""
    found = list(mistakes(bench, today))
    give_up()
    if deep and not found:
        found += lint_findings(bench, give_up)
    return {"diagnostics": [problem_data(one) for one in found]}


def problem_data(found: FoundProblem) -> Data:
    """A mistake or a finding; one without a place in a text has no file."""
    return {
        **diagnostic_data(found.problem),
        "severity": found.severity,
        "fix": _fix(found.fix) if found.fix else None,
    }


def diagnostic_data(problem: Diagnostic) -> Data:
    """A mistake that nothing is known of but itself."""
    return {
        "code": problem.code,
        "message": problem.message,
        "hint": str(problem.hint) if problem.hint else None,
        "note": "\n".join(f"{note} ({span})" for note, span in problem.related) or None,
        "where": problem.where,
        **(_span(problem.span) if problem.span else dict.fromkeys(_PLACE)),
        "fix": None,
        "severity": "mistake",
    }


_PLACE = ("file", "line", "column", "end_line", "end_column")


def _span(span: Span) -> Data:
    return dict(zip(_PLACE, (*span[:3], span.line, span.column + span.length), strict=True))


def _fix(fix: Fix) -> Data:
    return {"title": fix.title, "edits": edits_data(fix.changes)}


def edits_data(changes: Iterable[TextChange]) -> list[Data]:
    """Changes of texts."""
    return [
        {**dict(zip(_PLACE, (*one.span[:3], *one.ending), strict=True)), "text": one.text} for one in changes
    ]


# --- names
def complete(bench: PackBench, file: str, line: int, column: int) -> Data:
    """What may be written at a place, to stand in the place of what is typed from `from` on."""
    found = offers_at(bench, file, line, column)
    start = min((offer.start for offer in found), default=column)
    typed = _line(bench, file, line)[start - 1 : column - 1]
    return {
        "from": {"line": line, "column": start},
        "offers": [
            {
                "label": offer.text,
                "detail": "key" if offer.is_key else "value",
                "says": offer.says,
                "insert": typed[: offer.start - start] + offer.written,
            }
            for offer in found
        ],
    }


def offers_at(bench: PackBench, file: str, line: int, column: int) -> tuple[Offer, ...]:
    """What may be written at a place of a file."""
    kind = bench.kind(file)
    return offers_in(bench.state, kind, bench.text(file), file, line, column) if kind else ()


def offers_in(
    state: PackState, kind: TextKind, text: str, name: str, line: int, column: int
) -> tuple[Offer, ...]:
    """What may be written at a place of a text of that kind."""
    if state.names is None:
        return ()
    parameters = state.names.vocabulary.parameters.values()
    reckoned = {one.name: one.says for one in parameters if one.type.base in ("duration", "number")}
    schema = SCHEMAS[kind](state.names)
    return completions(text, line, column, name, schema, reckoned if kind == "rules" else {})


def hover(bench: PackBench, file: str, line: int, column: int) -> Data:
    """What the name at a place is, as Markdown, and from which column to which it stands."""
    place = bench.index.at(file, line, column)
    says = name_card(place, bench.state.names) if place and bench.state.names else None
    if place is None or says is None:
        return {"says": None, "from": None, "to": None}
    start, end = place.span.column, place.span.column + place.span.length
    return {"says": says, "from": {"line": line, "column": start}, "to": {"line": line, "column": end}}


def definition(bench: PackBench, file: str, line: int, column: int) -> Data:
    """Where the name at a place is declared, lowest layer first."""
    place = bench.index.at(file, line, column)
    return {"places": _places(bench, bench.index.declared(place.sort, place.name) if place else ())}


def references(bench: PackBench, file: str, line: int, column: int) -> Data:
    """Where the name at a place stands, its declarations among it."""
    place = bench.index.at(file, line, column)
    return {"places": _places(bench, bench.index.all(place.sort, place.name) if place else ())}


def _places(bench: PackBench, places: Iterable[NamePlace]) -> list[Data]:
    return [
        {
            **_span(one.span),
            "text": _line(bench, one.span.file, one.span.line).strip(),
            "declares": one.declares,
        }
        for one in places
    ]


def _line(bench: PackBench, file: str, number: int) -> str:
    lines = bench.lines(file)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def rename(bench: PackBench, file: str, line: int, column: int, to: str, give_up: GiveUp = go_on) -> Data:
    """The edits that call the name at a place otherwise, and what is left to do by hand.

    Raises `InvalidInput` where something else would be advised then, with the first of what that is.
    """
    found = renamed(bench, file, line, column, to, give_up)
    return {"edits": edits_data(found.changes), "by_hand": list(found.by_hand)}


# --- rules
def rules(bench: PackBench, *, counts: bool = False, give_up: GiveUp = go_on) -> Data:
    """Every rule; with `counts` how many tests exercise it, which runs them all."""
    tests = bench.exercised(give_up) if counts else None
    found = [
        {
            "id": one.id,
            "title": one.title,
            "file": one.span.file,
            "line": one.span.line,
            "sentence": one.sentence,
            "sources": list(one.sources),
            "tests": None if tests is None else len(tests.get(one.id, ())),
            "pack": one.pack,
        }
        for one in listed_rules(bench)
    ]
    return {"rules": found}


def rule_at(bench: PackBench, file: str, line: int, give_up: GiveUp = go_on) -> Data:
    """The rule on a line and the tests that exercise it; nothing where there is none.

    While there are mistakes, nobody knows which tests these are: then `tests` is null.
    """
    found = listed_at(bench, file, line)
    if found is None:
        return {}
    return {
        "id": found.id,
        "title": found.title,
        "sentence": found.sentence,
        "file": found.span.file,
        "line": found.span.line,
        "end_line": last_line_of(bench, found),
        "tests": None if bench.mistaken else [_test(one) for one in exercising(bench, found.id, give_up)],
    }


def _test(scenario: Scenario) -> Data:
    span = scenario.where.as_key().span
    return {"file": scenario.file, "name": scenario.id, "line": span.line if span else None}


def firing(bench: PackBench, rule: str, situation: str, options: Options) -> Data:
    """Whether a rule fires in a situation: how often, in a sentence, and nested lines beneath it.

    Raises `InvalidInput` for a rule that is not there, and while there are mistakes.
    """
    bench.refuse_unknown_rule(rule)
    found = rule_here(bench.loaded, read_document(bench.text(situation), situation), rule, options)
    return {"times": found.times, "sentence": found.sentence, "outline": branches_data(found.branches)}


def branches_data(branches: Iterable[Branch]) -> list[Data]:
    """Nested lines."""
    return [{"text": on_one_line(one.text), "branches": branches_data(one.branches)} for one in branches]


# --- tests
def run_tests(
    bench: PackBench, rule: str | None = None, file: str | None = None, changed: Iterable[str] = ()
) -> Iterator[Data]:
    """One test after the other, first those that one of the `changed` rules touches; at last the numbers."""
    passed = failed = 0
    started = time.perf_counter()
    for verdict in verdicts(bench, rule, file, changed):
        passed, failed = passed + verdict.passed, failed + (not verdict.passed)
        now = time.perf_counter()
        yield {**_verdict(verdict), "ms": round((now - started) * 1000, 1)}
        started = now
    yield {"done": True, "passed": passed, "failed": failed}


def _verdict(verdict: TestedScenario) -> Data:
    return {
        **_test(verdict.scenario),
        "passed": verdict.passed,
        "checks": verdict.checks,
        "failures": [
            {"message": one.message, "place": _span(one.span) if one.span else None}
            for one in verdict.failures
        ],
    }


def coverage(bench: PackBench, rule: str, give_up: GiveUp = go_on) -> Data:
    """What of a rule the tests have seen: every condition, bound and edge, each with its place."""
    found = rule_coverage(bench, rule, give_up)
    share = found.share()
    edges = [
        {
            **(_span(item.where.span) if item.where.span else dict.fromkeys(_PLACE)),
            "sort": item.sort,
            "sentence": _sentence(item, point),
            "covered": point.seen,
            "excused": point.excused,
        }
        for item in found.items
        for point in item.points
    ]
    return {"edges": edges, "covered": share.seen, "all": share.of}


def _sentence(item: Item, point: Point) -> str:
    """What is seen or is still to be seen, as the report of coverage says it."""
    if point.seen or point.excused:
        return f"{item.says}: {point.name}"
    return f"{item.says}: never {point.name}" + (f" ({item.remark})" if item.remark else "")


def mutants(bench: PackBench, rule: str, give_up: GiveUp = go_on) -> Iterator[Data]:
    """The small changes of a rule, each once a test notices it, then the others; at last the numbers.

    Changes that mean the `same`, as is proved or said, count for neither side.
    """
    killed = same = every = 0
    for one in rule_mutants(bench, rule, give_up):
        every += 1
        killed += one.by is not None
        same += one.same is not None
        span = one.mutant.where.span
        yield {
            **(_span(span) if span else dict.fromkeys(_PLACE)),
            "sentence": one.mutant.says,
            "killed": one.by is not None,
            "by": _test(one.by) if one.by else None,
            "same": one.same,
        }
    yield {"done": True, "killed": killed, "all": every - same, "same": same}


def make_test(
    bench: PackBench,
    name: str,
    file: str | None,
    situation: Document,
    options: Options,
    of: Wanted | None = None,
) -> Data:
    """A file of tests with a new one: of what is advised in a situation, or of why something is not (`of`).

    Raises `InvalidInput`, and as `why_not` does.
    """
    found = (
        scenario_of_advice(bench, name, file, situation, options)
        if of is None
        else scenario_of_absence(bench, name, file, situation, options, of)
    )
    heads = bench.loaded.pack.rules
    advising = [rule for rule in found.rules if heads[rule].head in ("recommend", "caution")]
    return {
        "file": found.file,
        "text": found.text,
        "name": found.name,
        "line": found.line,
        "rules": list(found.rules),
        "sentence": f"The test `{found.name}` passes{_resting_on(advising)}.",
    }


def _resting_on(names: Sequence[str]) -> str:
    """What is said of the rules that a test fails without."""
    said = [f"`{name}`" for name in names]
    listed = " or ".join(filter(None, [", ".join(said[:-1]), *said[-1:]]))
    return f", and fails without {listed}" if listed else "; no rule advises anything in it"


def new_file(bench: PackBench, kind: str, name: str) -> Data:
    """The name and the first text of a new file of rules or of tests in the last folder.

    Raises `InvalidInput` for a name that no file can have, or one that is there.
    """
    found = new_text(bench, kind, name)
    return {"file": found.file, "name": found.file.rpartition("/")[2], "kind": kind, "text": found.text}


# --- the edit
def changed_rules(before: PackBench, now: PackBench) -> tuple[str, ...]:
    """The rules that an edit changes; none while there are mistakes."""
    try:
        edits = edits_between(before, now)
    except InvalidInput:
        return ()
    return tuple(dict.fromkeys(edit.name for edit in edits if edit.section == "rules"))


def diff(before: PackBench, now: PackBench, as_of: date | None = None, give_up: GiveUp = go_on) -> Data:
    """What is advised otherwise than before, in the situations of the tests and the open ones."""
    found = compared(before, now, as_of, give_up)
    scope = now.loaded.pack.vocabulary.shape.scope or "scope"
    words = ChangeDescriber(found.edits, scope)
    return {
        "changed": found.changed + found.lone,
        "of": found.asked,
        "edits": [_edit(found, number) for number in range(len(found.edits))],
        "situations": [
            *(_changed(one, words) for one in found.kept),
            *(_lone(one) for one in found.unjudged),
        ],
    }


def _edit(found: Compared, number: int) -> Data:
    edit = found.edits[number]
    return {
        "number": number + 1,
        "rule": edit.name if edit.section == "rules" else None,
        "edit": str(edit),
        "old": edit.old,
        "new": edit.new,
        "situations": found.blamed[edit],
    }


_SIGNS = {"gains": "+", "loses": "-", "changes": "~"}


def _changed(one: ChangedSituation, words: ChangeDescriber) -> Data:
    changes = []
    for change, blame in one.changes:
        told = words.told(change, blame)
        fields = f" ({'; '.join(told.fields)})" if told.fields else ""
        changes.append(f"{_SIGNS[told.kind]} {told.what}{fields}")
    blamed = dict.fromkeys(edit for each in one.changes for edit in each.blame.edits)
    return {
        "name": one.name,
        "changes": changes,
        "blame": [
            {"rule": edit.name if edit.section == "rules" else None, "edit": str(edit)} for edit in blamed
        ],
    }


def _lone(one: Unjudged) -> Data:
    side = "saved" if one.by_old else "edited"
    return {"name": one.name, "changes": [f"! only the {side} rules can judge it: {one.reason}"], "blame": []}
