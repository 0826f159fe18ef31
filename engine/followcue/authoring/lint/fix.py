"""Mending what can be mended for certain: misspelt names, where only one name can be meant.

Only the name is replaced; everything else of the file stays as it was written. Changes are kept only if the
mistakes are gone with them.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import unified_diff
from typing import NamedTuple

from followcue.authoring.lint.check import Checked, LintTarget, check, targets
from followcue.base.diagnostic import Diagnostic, InvalidInput, Suggestion
from followcue.base.terminal import visible_line
from followcue.language.folders import RuleFolder, read_folder, shipped_folder, shipped_layers
from followcue.language.logic.compile_pack import compile_pack
from followcue.language.stacking import layers_of

MOST_ROUNDS = 8
"""How often it is looked again: a mistake that is mended may have hidden others."""

Texts = Mapping[str, str]
"""Files by the name that messages show."""


class Fixed(NamedTuple):
    """What was changed, as a diff and in words, and what is left to mend."""

    checked: Checked
    diff: str
    told: str


class NameFix(NamedTuple):
    """A name to put in the place of another."""

    file: str
    line: int
    column: int
    wrong: str
    meant: str


def fix_all(
    paths: Sequence[str], *, rules: Sequence[str] = (), packs: Sequence[str] = (), dry_run: bool = False
) -> Fixed:
    """Mends the packs, layers and files at `paths`, or else `rules`, and checks them; see `check`.

    With `dry_run`, nothing is written, and the check tells of the files as they are.
    """
    diffs: list[str] = []
    told: list[str] = []
    if paths or rules:
        for target in targets(paths, rules, packs):
            before = _texts(target)
            after, edits = _mended(target, before)
            for name in sorted(name for name in after if after[name] != before[name]):
                diffs += _diff(name, before[name], after[name])
                if not dry_run:
                    _save(name, before[name], after[name])
            told += [f"{e.file}:{e.line}:{e.column}: `{e.wrong}` is now `{e.meant}`\n" for e in edits]
    return Fixed(check(paths, rules=rules, packs=packs), "".join(diffs), "".join(told))


def _diff(name: str, before: str, after: str) -> list[str]:
    shown = visible_line(name)
    lines = unified_diff(before.splitlines(True), after.splitlines(True), shown, shown)
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]


def _save(name: str, before: str, after: str) -> None:
    from followcue.language.documents.edit.save import save

    save(name, before.encode(), after.encode())


# --- what is changed
def _texts(target: LintTarget) -> Texts:
    """The files that may be changed, but for those that are no text."""
    texts = {}
    for folder in target.own:
        for name, content in folder.files.items():
            shown = folder.origin + name
            if (not target.files or shown in target.files) and os.path.isfile(shown):
                try:
                    texts[shown] = content.decode()
                except UnicodeDecodeError:
                    continue
    return texts


def _mended(target: LintTarget, texts: Texts) -> tuple[Texts, list[NameFix]]:
    """The files with all names put right that can be, and what was changed, by the places of before."""
    done: list[NameFix] = []
    problems = _mistakes(target, texts)
    for _ in range(MOST_ROUNDS):
        edits = [edit for problem in problems if (edit := name_fix(problem, texts)) is not None]
        changed = with_names_fixed(texts, edits)
        left = _mistakes(target, changed) if edits else problems
        if not edits or not is_better(problems, left, edits):
            break
        texts, problems = changed, left
        done += edits
    return texts, done


def is_better(before: Iterable[Diagnostic], after: Iterable[Diagnostic], edits: Sequence[NameFix]) -> bool:
    """Whether none of the mistakes that were to be mended is left."""
    wrong = {edit.wrong for edit in edits}
    kinds = Counter(_wrong(problem) for problem in before)
    left = Counter(_wrong(problem) for problem in after)
    return all(left[name] < kinds[name] for name in wrong)


def _wrong(problem: Diagnostic) -> str | None:
    return problem.hint.wrong if isinstance(problem.hint, Suggestion) else None


def name_fix(problem: Diagnostic, texts: Texts) -> NameFix | None:
    """The change that mends a mistake, if it is certain and its place is known."""
    hint, span = problem.hint, problem.span
    if not isinstance(hint, Suggestion) or hint.meant is None or span is None or span.file not in texts:
        return None
    lines = texts[span.file].splitlines(True)
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    marked = line[span.column - 1 : span.column - 1 + span.length]
    if marked.count(hint.wrong) != 1:
        return None
    column = span.column + marked.index(hint.wrong)
    return NameFix(span.file, span.line, column, hint.wrong, hint.meant)


def with_names_fixed(texts: Texts, edits: Iterable[NameFix]) -> Texts:
    """The files with names replaced, from the end, so that all places stay right."""
    by_file: defaultdict[str, set[NameFix]] = defaultdict(set)
    for edit in edits:
        by_file[edit.file].add(edit)
    changed = dict(texts)
    for name, mine in by_file.items():
        lines = texts[name].splitlines(True)
        for edit in sorted(mine, key=lambda e: (e.line, e.column), reverse=True):
            line, start = lines[edit.line - 1], edit.column - 1
            lines[edit.line - 1] = line[:start] + edit.meant + line[start + len(edit.wrong) :]
        changed[name] = "".join(lines)
    return changed


# --- what is wrong with a text that is not written yet
def _mistakes(target: LintTarget, texts: Texts) -> tuple[Diagnostic, ...]:
    own = {folder.origin: folder for folder in target.own}
    folders: list[RuleFolder] = []
    for path in target.rules:
        folder = read_folder(path)
        folder = own.get(folder.origin, folder)
        files = {
            n: texts[folder.origin + n].encode() if folder.origin + n in texts else c
            for n, c in folder.files.items()
        }
        folders.append(folder._replace(files=files))
    try:
        compile_pack(layers_of(shipped_folder(), folders, shipped_layers(target.packs)))
    except InvalidInput as error:
        return error.diagnostics
    return ()
