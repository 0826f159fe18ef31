"""What is wrong with a bench, with the changes that mend it: mistakes at once, findings on demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from followcue.authoring.lint.check import LintSubject, ReportedFinding, findings
from followcue.base.clock import Clock
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span, sort_by_place
from followcue.language.documents.edit.edit import Edit
from followcue.language.folders import RuleFolder
from followcue.session.pack_bench import GiveUp, PackBench, go_on, rules_of
from followcue.session.pack_state import PackState
from followcue.session.text_change import TextChange, changes_between

Severity: TypeAlias = Literal["mistake", "finding"]


class Fix(NamedTuple):
    """What mends a problem: what to call it, and the changes of texts."""

    title: str
    changes: tuple[TextChange, ...]


class FoundProblem(NamedTuple):
    """A mistake, or something that a lint found, and what mends it if anything does for certain."""

    problem: Diagnostic
    severity: Severity = "mistake"
    fix: Fix | None = None


def mistakes(bench: PackBench, today: Clock) -> tuple[FoundProblem, ...]:
    """Every mistake in rules, tests and situations, by place.

    While rules have mistakes, tests and situations are judged by the last ones that had none.
    """
    state = bench.state
    found = [*state.problems, *_in_tests(bench)]
    for name, text in bench.situations.items():
        found += state.problems_in_situation(text, name, today)
    return tuple(FoundProblem(problem, fix=name_fix_of(state, problem)) for problem in sort_by_place(found))


def _in_tests(bench: PackBench) -> Iterator[Diagnostic]:
    if not bench.state.problems:
        try:
            _ = bench.scenarios
        except InvalidInput as error:
            yield from error.diagnostics
        return
    for name, text in bench.tests.items():
        yield from bench.state.problems_in_tests(text, name)


def name_fix_of(state: PackState, problem: Diagnostic) -> Fix | None:
    """The name that is meant, where a mistake of rules is a misspelt one for certain."""
    found = state.fix(problem)
    if found is None:
        return None
    span = Span(found.file, found.line, found.column, len(found.wrong))
    title = f"Write `{found.meant}` instead of `{found.wrong}`"
    return Fix(title, (TextChange(span, found.meant),))


def lint_findings(
    bench: PackBench, give_up: GiveUp = go_on, *, last_only: bool = False
) -> tuple[FoundProblem, ...]:
    """What the lints of `check` find in the folders, or in the last one alone, by place.

    Raises `InvalidInput` while there are mistakes.
    """
    folders = bench.state.texts.folders
    own = (folders[-1:] if last_only else folders) or (bench.state.texts.shipped,)
    ran = bench.all_ran(give_up)
    exercised = frozenset[str]().union(*map(rules_of, ran)) if ran else None
    subject = LintSubject(
        bench.loaded, own, lambda problem: _stands_in(problem, own), exercised, bench.beside
    )
    told = {one.finding.diagnostic: one for one in findings(subject, give_up)}
    order = sort_by_place(told)
    return tuple(FoundProblem(one, "finding", _allowing(bench, told[one])) for one in order)


def _stands_in(problem: Diagnostic, folders: tuple[RuleFolder, ...]) -> bool:
    place = problem.span.file if problem.span else problem.place or ""
    return any(folder.holds(place) for folder in folders)


def _allowing(bench: PackBench, told: ReportedFinding) -> Fix | None:
    """That the rule is meant so: the code under its `allow`, where it is a rule of its own."""
    problem, rule = told.finding.diagnostic, told.finding.rule
    if rule is None or problem.span is None:
        return None
    name = problem.span.file
    text = bench.text(name)
    try:
        edit = Edit(text, name)
        if not isinstance(edit.data, dict) or rule not in edit.data.get("rules", {}):
            return None
        edit.append(("rules", rule, "allow"), problem.code)
    except InvalidInput:
        return None
    if edit.laid_out_anew:
        return None
    return Fix(f"Say in `{rule}` that {problem.code} is meant", changes_between(name, text, edit.text))
