"""Re-baselining: what the tests expect becomes what is reported, in the files as their authors laid them out.

What is expected and is reported otherwise takes the values that are reported, in the keys that its author
wrote. What is expected and is not reported at all is rejected from now on, and the other way round. A window
takes the days that are reported. What a test says it is about is left alone: that is for its author to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.advice.report import Action
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.document import Path
from followcue.language.documents.edit import Edit
from followcue.testing.read_scenarios import read_scenarios
from followcue.testing.run import Missed, Outcome, Result, Unwanted, Warned
from followcue.testing.scenario import NAMING, PARTS, as_told

DAYS = ("open", "due", "close", "until")


class Updated(NamedTuple):
    """A test file as it would be, and the names of its tests that must be changed by hand."""

    edit: Edit
    left: tuple[str, ...]


def updated(results: Iterable[Result], loaded: LoadedPack) -> tuple[Updated, ...]:
    """Each test file with failed tests, changed; raises `InvalidInput` where a file cannot be."""
    failed: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        if not result.passed:
            failed[result.scenario.file].append(result)
    return tuple(_updated(name, failed[name], loaded) for name in sorted(failed))


def _updated(name: str, results: Sequence[Result], loaded: LoadedPack) -> Updated:
    edit = Edit.of(name)
    left = []
    for result in results:
        update = _TestUpdate(edit.document.data)
        for outcome in result.outcomes:
            update.outcome(outcome)
        update.apply(edit)
        if update.by_hand or result.unclaimed:
            left.append(result.scenario.id)
    if edit.changed:
        read_scenarios(edit.document, loaded)  # what cannot be read again is not to be written
    return Updated(edit, tuple(left))


class _TestUpdate:
    """The changes of one test, worked out on the file as it was."""

    def __init__(self, data: object) -> None:
        self._data = data
        self._values: dict[Path, object] = {}
        self._gone: dict[Path, None] = {}
        self._added: defaultdict[Path, list[object]] = defaultdict(list)
        self.by_hand = False

    def outcome(self, outcome: Outcome) -> None:
        """The changes that make one check pass."""
        for miss in outcome.misses:
            if isinstance(miss, Missed):
                self._missed(miss, outcome)
            elif isinstance(miss, Unwanted):
                self._unwanted(miss, outcome)
            else:
                self._warned(miss, outcome)

    def _missed(self, miss: Missed, outcome: Outcome) -> None:
        path = miss.expectation.where.path
        if _in_window(path):
            self._window(path, miss, outcome)
        elif miss.nearest and isinstance(self._at(path), dict):
            self._adopt(path, miss.expectation.wanted, miss.nearest[0], outcome)
        else:
            self._move(path, "reject", _named(miss.expectation.wanted))

    def _adopt(self, path: Path, wanted: Mapping[str, object], got: Action, outcome: Outcome) -> None:
        """The reported values under the keys that differ."""
        is_caution = got in outcome.report.cautions
        told = as_told(got, outcome.report)
        for key, value in wanted.items():
            if key in NAMING:
                if (key == "caution") != is_caution:
                    self.by_hand = True
            elif key in PARTS and isinstance(value, list) and isinstance(there := told[key], list):
                kept = [part for part in value if part in there]
                if kept != value:
                    self._values[(*path, key)] = kept or there
            elif told[key] != value:
                self._values[(*path, key)] = told[key]

    def _window(self, path: Path, miss: Missed, outcome: Outcome) -> None:
        """The reported days, where the window has days."""
        if miss.nearest:
            self._window_days(path, miss.nearest[0], outcome)
        else:
            self.by_hand = True

    def _window_days(self, path: Path, got: Action, outcome: Outcome) -> None:
        told = got.to_dict(outcome.report.scope_key)
        written: Any = self._at(path)
        for key in DAYS:
            if key in written and told[key] is not None and told[key] != written[key]:
                self._values[(*path, key)] = told[key]

    def _unwanted(self, miss: Unwanted, outcome: Outcome) -> None:
        if miss.rejected is not None:
            path = miss.rejected.where.path
            if _in_window(path):
                self._window_days(path, miss.action, outcome)
            else:
                self._move(path, "expect", self._at(path))
            return
        told = miss.action.to_dict(outcome.report.scope_key)
        name = "caution" if miss.action in outcome.report.cautions else "action"
        keys = (outcome.report.scope_key, "to", "about", "status")
        said = {name: told["action"], **{key: told[key] for key in keys if told[key] is not None}}
        self._added[(*outcome.check.where.path, "expect")].append(said)

    def _warned(self, miss: Warned, outcome: Outcome) -> None:
        phrases = [warning.partition(": ")[2] or warning for warning in miss.warnings]
        self._values[(*outcome.check.where.path, "warnings")] = phrases

    def _move(self, path: Path, to: str, value: object) -> None:
        """From one list of the check to the other."""
        self._gone[path] = None
        there = self._added[(*path[:-2], to)]
        if value not in there:
            there.append(value)

    def _at(self, path: Path) -> object:
        value: Any = self._data
        for step in path:
            value = value[step]
        return value

    def apply(self, edit: Edit) -> None:
        """Make the changes: values first, then what comes, then what goes, from the end."""
        for path, value in self._values.items():
            if path not in self._gone and path[:-1] not in self._gone:
                edit.set(path, value)
        for path, values in self._added.items():
            for value in values:
                edit.append(path, value)
        for path in sorted(self._gone, key=lambda path: (path[:-1], path[-1]), reverse=True):
            _remove(edit, path)


def _remove(edit: Edit, path: Path) -> None:
    """The item; with the last one also its list."""
    held: Any = edit.data
    for step in path[:-1]:
        held = held[step]
    edit.remove(path if len(held) > 1 else path[:-1])


def _in_window(path: Path) -> bool:
    return len(path) > 1 and path[-2] == "windows"


def _named(wanted: Mapping[str, object]) -> object:
    """Only what is rejected in general: the action, for whom and about what; no days, no status."""
    kept = {key: value for key, value in wanted.items() if key not in (*DAYS, *PARTS, *_SAID)}
    return next(iter(kept.values())) if kept.keys() == {"action"} else kept


_SAID = ("status", "priority", "channel", "title")


def shown(changes: Iterable[Updated]) -> Iterator[str]:
    """What would become another line, file by file, and what is left."""
    for change in changes:
        if change.edit.changed:
            yield change.edit.diff()
        for test in change.left:
            yield f"{change.edit.name}: `{test}` is to be changed by hand"


def save(changes: Iterable[Updated]) -> int:
    """Write the files; how many these were. Raises `InvalidInput` with every one that cannot be."""
    problems: list[Diagnostic] = []
    written = 0
    for change in changes:
        if change.edit.changed:
            try:
                change.edit.save()
                written += 1
            except InvalidInput as error:
                problems += error.diagnostics
    if problems:
        raise InvalidInput(problems)
    return written
