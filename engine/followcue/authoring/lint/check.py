"""Checking: all mistakes in packs and layers, or else all that their lints find."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from followcue.assistant.draft.message_files import MessageFile, message_files
from followcue.authoring.lint.always_true import conditions_that_always_hold
from followcue.authoring.lint.as_test import passes, test_of
from followcue.authoring.lint.dead import dead_rules
from followcue.authoring.lint.dollar import variables_in_texts, variables_in_words, words_for_variables
from followcue.authoring.lint.kept_findings import keep_findings, kept_findings, key_of_check
from followcue.authoring.lint.left_empty import fields_left_empty
from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.authoring.lint.messages import message_templates
from followcue.authoring.lint.months_twice import days_moved_by_months_twice
from followcue.authoring.lint.opposites import opposite_rules
from followcue.authoring.lint.reopening import windows_that_reopen
from followcue.authoring.lint.settled import never_settled
from followcue.authoring.lint.shadow import shadowed_rules
from followcue.authoring.lint.table_rows import decision_tables
from followcue.authoring.lint.unused import tips_on_nothing, uncited_rules, untested_rules, unused_names
from followcue.authoring.lint.used_once import variables_used_once
from followcue.authoring.lint.windows import windows_out_of_order, windows_that_never_open
from followcue.base.diagnostic import Diagnostic, InvalidInput, sort_by_place
from followcue.base.forked import begun_aside, each_forked
from followcue.base.gc_pause import gc_paused
from followcue.base.shipped import data_folder
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.folders import (
    SHIPPED_PACK,
    VOCABULARY,
    RuleFolder,
    read_folder,
    shipped_folder,
    shipped_layer_names,
)
from followcue.language.logic.compile_pack import is_vocabulary
from followcue.language.model.decision_table import table_of
from followcue.language.stacking import stacked, stands_alone
from followcue.testing.find import TESTS, find_tests
from followcue.testing.run import exercised_among
from followcue.testing.suite import read_suite

LOGIC: tuple[Callable[[LintContext], Iterator[LintFinding]], ...] = (
    dead_rules,
    windows_that_never_open,
    windows_out_of_order,
    shadowed_rules,
    opposite_rules,
    never_settled,
    windows_that_reopen,
    tips_on_nothing,
    uncited_rules,
    variables_used_once,
    days_moved_by_months_twice,
    words_for_variables,
    variables_in_texts,
    fields_left_empty,
    conditions_that_always_hold,
    decision_tables,
)
"""The lints that look at the rules alone."""

TABLE_CODES = ("FC355", "FC356", "FC357", "FC358")
"""The codes of what is found of the rows of a table as a whole."""

_INSIDE = (VOCABULARY, TESTS, "messages")


class ReportedFinding(NamedTuple):
    """A finding, and its witness as the data of a scenario test that passes."""

    finding: LintFinding
    test: dict[str, Any] | None = None


class Checked(NamedTuple):
    """What came of a check: mistakes because of which packs cannot be loaded, findings, files looked at."""

    mistakes: tuple[Diagnostic, ...]
    told: tuple[ReportedFinding, ...]
    files: int

    @property
    def problems(self) -> int:
        """How many there are in all."""
        return len(self.mistakes) + len(self.told)


class LintTarget(NamedTuple):
    """What is checked together: folders over others, and of which of them problems are reported.

    `own` are the folders that are checked, `files` the only files of theirs if they are named one by one.
    """

    rules: tuple[str, ...]
    packs: tuple[str, ...]
    own: tuple[RuleFolder, ...]
    tests: tuple[tuple[str, ...], tuple[str, ...]]
    files: tuple[str, ...] = ()

    def is_told(self, problem: Diagnostic) -> bool:
        """Whether a problem stands in what is checked."""
        place = problem.span.file if problem.span else problem.place or ""
        if self.files:
            return place in self.files
        return any(folder.holds(place) for folder in self.own)


def check(
    paths: Sequence[str] = (),
    *,
    rules: Sequence[str] = (),
    packs: Sequence[str] = (),
    cache: bool = False,
    jobs: int = 1,
) -> Checked:
    """Checks packs, layers and single files at `paths`; without any, the shipped packs.

    `rules` and `packs` lie below those of the paths that are layers, and layers among `rules` on a path that
    is a pack of its own. With `cache`, what was found before in the same texts is not looked for again. As
    many processes as `jobs` share the work, unless this one has other threads. Raises `UnknownPack`.
    """
    mistakes: list[Diagnostic] = []
    told: dict[Diagnostic, ReportedFinding] = {}
    files: set[str] = set()
    try:
        found_targets = list(targets(paths, rules, packs))
    except InvalidInput as error:
        return Checked(error.diagnostics, (), len(paths))
    checked = partial(_checked_whole, cache=cache, jobs=jobs)
    for found, names, wrong in each_forked(checked, found_targets, jobs):
        mistakes += wrong
        files |= names
        for one in found:
            told.setdefault(one.finding.diagnostic, one)
    order = sort_by_place(told)
    return Checked(sort_by_place(mistakes), tuple(told[problem] for problem in order), len(files))


# --- what is checked together
def targets(paths: Sequence[str], rules: Sequence[str], packs: Sequence[str]) -> Iterator[LintTarget]:
    """What is checked together: each pack with the layers after it. Raises `InvalidInput`, `UnknownPack`."""
    if not paths:
        yield from _without_paths(rules, packs)
        return
    found: list[LintTarget] = []
    pending: list[tuple[str, str | None]] = []
    for path in paths:
        folder, file = folder_of(path)
        if pending and folder != pending[-1][0] and stands_alone(read_folder(folder)):
            found.append(_target(pending, rules, packs))
            pending = []
        pending.append((folder, file))
    found.append(_target(pending, rules, packs))
    if not any(target.packs for target in found):  # a pack that nothing lies on is no slip to be silent of
        found = [target._replace(packs=tuple(packs)) for target in found]
    yield from found


def _target(
    pending: Sequence[tuple[str, str | None]], rules: Sequence[str], packs: Sequence[str]
) -> LintTarget:
    folders = list(dict.fromkeys(folder for folder, _ in pending))
    own = tuple(read_folder(folder) for folder in folders)
    alone = stands_alone(own[0])
    below = () if alone and rules and stands_alone(read_folder(rules[0])) else rules
    whole = any(file is None for _, file in pending)
    files = () if whole else tuple(file for _, file in pending if file)
    lower = () if alone else tuple(packs)
    return LintTarget(tuple(stacked(folders, below)), lower, own, (tuple(folders), ()), files)


def _without_paths(rules: Sequence[str], packs: Sequence[str]) -> Iterator[LintTarget]:
    if rules:
        own = tuple(read_folder(folder) for folder in rules)
        yield LintTarget(tuple(rules), tuple(packs), own, (tuple(rules), ()))
        return
    if not packs:
        yield LintTarget((), (), (shipped_folder(),), ((), ()))
    for name in packs or shipped_layer_names():
        yield LintTarget((), (name,), (shipped_folder(name),), ((), (name,)))


def folder_of(path: str) -> tuple[str, str | None]:
    """The folder of a pack, and the file of it as messages call it if `path` is one.

    A folder within a pack, such as that of its tests, stands for the whole pack.
    """
    if os.path.isdir(path):
        within = os.path.basename(os.path.abspath(path)) in _INSIDE
        return (os.path.normpath(os.path.join(path, os.pardir)) if within else path), None
    folder, name = os.path.split(path)
    if os.path.basename(folder) in _INSIDE:
        name = os.path.join(os.path.basename(folder), name)
        folder = os.path.dirname(folder)
    folder = folder or "."
    return folder, os.path.join(folder, name)


def _names(target: LintTarget) -> set[str]:
    if target.files:
        return set(target.files)
    return {folder.origin + name for folder in target.own for name in folder.files}


def _checked_whole(target: LintTarget, cache: bool, jobs: int) -> _TargetChecked:
    try:
        with gc_paused():
            return _TargetChecked(*_checked(target, cache, jobs), ())
    except InvalidInput as error:
        return _TargetChecked([], _names(target), error.diagnostics)


class _TargetChecked(NamedTuple):
    """What is found in a target, the files looked at, and the mistakes that keep it from being checked."""

    found: list[ReportedFinding]
    files: set[str]
    mistakes: tuple[Diagnostic, ...]


# --- one check
def _checked(target: LintTarget, cache: bool, jobs: int) -> tuple[list[ReportedFinding], set[str]]:
    """What is found in a target, and the files looked at; as it was kept, if nothing has changed."""
    more = (*target.files, "", *(folder.origin for folder in target.own))
    key = key_of_check(target.rules, target.packs, more) if cache else None
    kept: tuple[list[ReportedFinding], set[str]] | None = kept_findings(key) if key else None
    if kept is not None:
        return kept
    found = _check(target, jobs)
    if key:
        keep_findings(key, found)
    return found


def _check(target: LintTarget, jobs: int) -> tuple[list[ReportedFinding], set[str]]:
    loaded = load_pack(*target.rules, packs=target.packs, cache=False)
    with begun_aside(partial(_tested, target, loaded), jobs) as tested:
        beside = messages_beside(target.rules, target.packs)
        subject = LintSubject(loaded, target.own, target.is_told, None, beside)
        context = LintContext(loaded, _own_rules(loaded, target.is_told))
        found = list(_found(subject, context, lambda: None))
        exercised, names = tested()
    subject = subject._replace(exercised=exercised)
    return list(_told(found, subject, context, lambda: None)), _names(target) | names


def _tested(target: LintTarget, loaded: LoadedPack) -> tuple[frozenset[str] | None, set[str]]:
    """The rules that tests exercise, None without tests; and the files of these that count."""
    tests = _tests(target)
    scenarios = read_suite(tests, loaded)
    own = _own_rules(loaded, target.is_told)
    names = set[str]() if target.files else {document.name for document in tests}
    return exercised_among(own, scenarios, loaded) if scenarios else None, names


class MessagesBeside(NamedTuple):
    """The messages beside rules: by action, and the texts of all of them, whose words count as used."""

    files: Mapping[str, MessageFile]
    texts: tuple[str, ...]


def messages_beside(rules: Sequence[str], packs: Sequence[str]) -> MessagesBeside:
    """The messages of the pack that these folders and shipped packs make."""
    return MessagesBeside(message_files(rules, packs), tuple(_drafts(rules, packs)))


class LintSubject(NamedTuple):
    """What lints look at: rules, the folders of them that are checked, and which problems are told.

    `exercised` are the rules that tests exercise, None where there are no tests.
    """

    loaded: LoadedPack
    own: tuple[RuleFolder, ...]
    is_told: Callable[[Diagnostic], bool]
    exercised: frozenset[str] | None
    beside: MessagesBeside


def findings(subject: LintSubject, step: Callable[[], None] = lambda: None) -> Iterator[ReportedFinding]:
    """All that the lints find in rules without mistakes; `step` is called between two of them."""
    context = LintContext(subject.loaded, _own_rules(subject.loaded, subject.is_told))
    found = list(_found(subject, context, step))
    yield from _told(found, subject, context, step)


def _found(subject: LintSubject, context: LintContext, step: Callable[[], None]) -> Iterator[LintFinding]:
    """What lints find that need no tests."""
    for lint in LOGIC:
        step()
        yield from lint(context)
    yield from unused_names(context, _vocabulary(subject.own), subject.beside.texts)
    yield from variables_in_words(context, _vocabulary(subject.own))
    yield from message_templates(context, _vocabulary(subject.own), subject.beside.files)


def _told(
    found: list[LintFinding], subject: LintSubject, context: LintContext, step: Callable[[], None]
) -> Iterator[ReportedFinding]:
    """The findings that are told, also those of tests, each with its witness as a test."""
    if subject.exercised is not None:
        found = [*found, *untested_rules(context, subject.exercised)]
    found = [*found, *_allowed_in_vain(context, found, subject.exercised is not None)]
    kept = [one for one in found if subject.is_told(one.diagnostic) and not _allowed(one, context)]
    kept = list(_without_what_follows(kept))
    for finding in _once_a_table(kept):
        step()
        yield _with_test(finding, context)


def _own_rules(loaded: LoadedPack, is_told: Callable[[Diagnostic], bool]) -> list[str]:
    """The rules that stand in what is checked, and those that something there refines."""
    return [
        rule.id
        for rule in loaded.rules
        if any(is_told(part.where.problem("", "")) for part in (rule, *rule.when))
    ]


def _allowed_in_vain(
    context: LintContext, found: Sequence[LintFinding], with_tests: bool
) -> Iterator[LintFinding]:
    """One finding for each code that a rule or table allows and that is not found in it."""
    seen = {(table_of(one.rule or "") or one.rule, one.diagnostic.code) for one in found}
    if not with_tests:
        seen |= {(name, "FC361") for name in context.rules}
    tables = [table for table in context.loaded.tables if {*map(table.rule_id, table.rows)} & context.about]
    rules = [context.rules[name] for name in sorted(context.about) if table_of(name) is None]
    allowing = [(rule.id, rule.where, rule.allow) for rule in rules]
    allowing += [(table.id, table.where, table.allow) for table in tables]
    for name, where, codes in allowing:
        for place, code in enumerate(codes):
            if (name, code) not in seen:
                message = f"`{code}` is not found in `{name}`, so there is nothing to allow"
                problem = (where / "allow" / place).problem("FC445", message, hint="leave it out")
                yield LintFinding(problem, "warning", name)


def _without_what_follows(findings: Sequence[LintFinding]) -> Iterator[LintFinding]:
    """The findings without those that a field left empty (FC442) calls forth.

    The variable that was to fill it stands only once in its rule (FC439), and rules that take the field can
    never fire (FC430).
    """
    empty = [one for one in findings if one.diagnostic.code == "FC442"]
    makers, starved = {one.rule for one in empty}, {one.starves for one in empty}
    for one in findings:
        code = one.diagnostic.code
        if code == "FC439" and one.rule in makers:
            continue
        if code == "FC430" and one.rule in starved:
            continue
        yield one


def _once_a_table(findings: Iterable[LintFinding]) -> Iterator[LintFinding]:
    """The findings; what all rows of a table share is told of once."""
    told: set[object] = set()
    for finding in findings:
        problem, table = finding.diagnostic, table_of(finding.rule or "")
        key = (table, problem.code, problem.span)
        of_rows = table is not None and problem.code not in TABLE_CODES
        if not of_rows or key not in told:
            yield finding
        told.add(key)


def _allowed(finding: LintFinding, context: LintContext) -> bool:
    rule = context.rules.get(finding.rule or "")
    return rule is not None and finding.diagnostic.code in rule.allow


def _with_test(finding: LintFinding, context: LintContext) -> ReportedFinding:
    """The finding with its witness as a test, if that passes: nothing is shown that was not tried."""
    if finding.witness is None:
        return ReportedFinding(finding)
    data = test_of(finding, context.witnesses.judged(finding.witness.situation))
    if data is None or not passes(data, context.loaded):
        return ReportedFinding(finding._replace(witness=None))
    return ReportedFinding(finding, data)


def _tests(target: LintTarget) -> list[Document]:
    folders, packs = target.tests
    return find_tests((), folders, packs)


def _vocabulary(folders: Iterable[RuleFolder]) -> Iterator[Document]:
    for folder in folders:
        for name, content in sorted(folder.files.items()):
            if is_vocabulary(name):
                yield read_document(content, folder.origin + name)


def _drafts(rules: Sequence[str], packs: Sequence[str]) -> Iterator[str]:
    """The texts of the drafts of all packs concerned: names in them are used."""
    for name in (SHIPPED_PACK, *packs):
        folder = data_folder("rules") / name / "messages"
        for file in folder.iterdir() if folder.is_dir() else ():
            yield file.read_bytes().decode("utf-8", "replace")
    for path in rules:
        inside = os.path.join(path, "messages")
        for file_name in sorted(os.listdir(inside)) if os.path.isdir(inside) else ():
            with open(os.path.join(inside, file_name), encoding="utf-8", errors="replace") as text:
                yield text.read()
