"""A journal: a situation file into which events and records are written, each step checked as a whole."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from followcue.assistant.done_event import events_path
from followcue.assistant.journal.parse_entry import ordered
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options, evaluate
from followcue.evaluation.situation.fields import in_words
from followcue.evaluation.situation.skips import SKIPS
from followcue.explain.wanted import subject_of
from followcue.language.documents.document import Path
from followcue.language.documents.edit import Edit
from followcue.language.model.vocabulary import Kind


class JournalOutcome(NamedTuple):
    """What came of a change: the advice before and after it.

    `new` is advised now and was not, `moved` has other days now, `gone` is no longer advised; `cautions` are
    those that are new.
    """

    before: Report
    after: Report
    new: tuple[Action, ...]
    moved: tuple[Action, ...]
    gone: tuple[Action, ...]
    cautions: tuple[Action, ...]

    @classmethod
    def of(cls, before: Report, after: Report) -> JournalOutcome:
        """What is different between two reports."""
        was, now = ({subject_of(a): a for a in report.actions} for report in (before, after))
        warned = {subject_of(caution) for caution in before.cautions}
        return cls(
            before,
            after,
            new=tuple(action for subject, action in now.items() if subject not in was),
            moved=tuple(
                a for subject, a in now.items() if subject in was and _days(was[subject]) != _days(a)
            ),
            gone=tuple(action for subject, action in was.items() if subject not in now),
            cautions=tuple(c for c in after.cautions if subject_of(c) not in warned),
        )


class Journal:
    """The situation in an edit. Raises `InvalidInput`, with its places, where it is wrong already."""

    def __init__(self, edit: Edit, loaded: LoadedPack, options: Options = USUALLY) -> None:
        self.edit = edit
        self.loaded = loaded
        self.options = options
        self.before = self.report()

    @property
    def today(self) -> date:
        """The day by which the situation is judged."""
        return self.before.as_of

    def report(self) -> Report:
        """The advice on the situation as it is now."""
        return evaluate(self.loaded, self.edit.document, self.options)

    def events(self, scope: str | None) -> list[Any]:
        """The events of a record of the scope, or of the whole, as the file has them."""
        found = self._at(events_path(self.loaded.pack.vocabulary, scope))
        return list(found) if isinstance(found, list) else []

    def add_event(self, kind: Kind, scope: str | None, day: date, fields: Mapping[str, object]) -> None:
        """Write an event: in the order of the dates if the list keeps it, else at its end.

        Raises `InvalidInput` with all that would be wrong then; the edit is not to be saved in that case.
        """
        path = events_path(self.loaded.pack.vocabulary, scope)
        if not path:
            message = f"a situation has no place for `{kind.name}`" + ("" if scope else " as a whole")
            raise InvalidInput([Diagnostic("FC522", message, place=kind.name)])
        written = day.isoformat()
        entry = {"date": written, "event": kind.name, **ordered(kind, fields)}
        self.edit.insert(path, self._place(path, written), entry)
        self._check(kind.name)

    def add_record(self, kind: Kind, key: str, scope: str | None, fields: Mapping[str, object]) -> None:
        """Write a record under a new key, a single one without; raises `InvalidInput` as `add_event` does."""
        path = self._path_of(kind, scope)
        place = path if kind.single else (*path, key)
        if self._at(place) is not None:
            message = f"there is a {in_words(kind.name)}{'' if kind.single else f' `{key}`'} already"
            where = self.edit.document.span(place, key=True)
            related = (("it stands here", where),) if where else ()
            called, hint = key or kind.name, "change it in the file"
            raise InvalidInput([Diagnostic("FC523", message, hint=hint, place=called, related=related)])
        self.edit.set(place, dict(fields))
        self._check(kind.name)

    def change(self, path: Path, fields: Mapping[str, object], name: str) -> None:
        """Give fields of the entry at `path` other values, and take away those that are None.

        What says the same already is left as it is written. Raises `InvalidInput` as `add_event` does; `name`
        is what the entry is called.
        """
        for field, value in fields.items():
            place = (*path, field)
            now = self._at(place)
            if value is None and self._has(place):
                self.edit.remove(place)
            elif value is not None and now != value:
                self.edit.set(place, value)
        self._check(name)

    def reorder(self, path: Path) -> None:
        """Move the event at `path` to its day, where the others of its list keep the order of the dates.

        Among those of its day it comes last if it comes from before them, and first if from behind. Where it
        has no lines of its own it stays.
        """
        entries, at = self._at(path[:-1]), path[-1]
        if not isinstance(entries, list) or not isinstance(at, int):
            return
        day = str(entries[at]["date"])
        days = [str(entry["date"]) for place, entry in enumerate(entries) if place != at]
        if days == sorted(days):
            index = min(max(at, bisect_left(days, day)), bisect_right(days, day))
            if index != at:
                self.edit.move(path, index)

    def remove(self, path: Path, name: str) -> None:
        """Take out the entry at `path`; raises `InvalidInput` where others need it."""
        self.edit.remove(path)
        self._check(name, hint="it needs what is to be removed: change or remove this first")

    def add_skip(self, fields: Mapping[str, object]) -> None:
        """Write what is not to be advised, without the fields that are None; raises `InvalidInput`."""
        self.edit.append((SKIPS,), {name: value for name, value in fields.items() if value is not None})
        self._check(SKIPS)

    def remove_skips(self, places: Iterable[int]) -> None:
        """Take out the skips at these places of their list, and the list with the last of them."""
        for place in sorted(places, reverse=True):
            self.edit.remove((SKIPS, place))
        if self._at((SKIPS,)) == []:
            self.edit.remove((SKIPS,))

    def outcome(self) -> JournalOutcome:
        """What has changed in the advice."""
        return JournalOutcome.of(self.before, self.report())

    # --- within
    def _path_of(self, kind: Kind, scope: str | None) -> Path:
        """Where the records of a kind stand, in the one record of the scope if they stand inside it."""
        vocabulary = self.loaded.pack.vocabulary
        around = vocabulary.kinds[vocabulary.shape.scope].path if vocabulary.shape.scope else ()
        if len(kind.path) == 1:
            return kind.path
        if scope is not None and kind.path[:-1] == around:
            return (*around, scope, kind.path[-1])
        message = f"a {in_words(kind.name)} stands too deep inside others to be added here"
        raise InvalidInput([Diagnostic("FC522", message, hint="write it into the file", place=kind.name)])

    def _place(self, path: Path, day: str) -> int:
        """Behind the last event that is not later, as far as the dates are in order; else at the end."""
        return place_of(self._at(path), day)

    def _at(self, path: Path) -> object:
        found: Any = self.edit.data
        for step in path:
            try:
                found = found[step]
            except (LookupError, TypeError):
                return None
        return found

    def _has(self, path: Path) -> bool:
        holder = self._at(path[:-1])
        return isinstance(holder, dict) and path[-1] in holder

    def _check(self, name: str, hint: str | None = None) -> None:
        """Raises `InvalidInput` if the situation is wrong now; what is new has no place in the file yet.

        `hint` takes the place of those of mistakes in the lines that were there before.
        """
        try:
            self.loaded.read(self.edit.document, self.options)
        except InvalidInput as problem:
            raise InvalidInput([self._about(found, name, hint) for found in problem.diagnostics]) from None

    def _about(self, problem: Diagnostic, name: str, hint: str | None) -> Diagnostic:
        """A mistake in a new line is one of the command; the others are told by their line of before."""
        line = self.edit.line_before(problem.span.line) if problem.span else None
        if problem.span is None or line is None:
            hint = _as_typed(problem.hint)
            return Diagnostic(problem.code, problem.message, hint=hint, place=name, related=problem.related)
        return problem._replace(span=problem.span._replace(line=line), hint=hint or problem.hint)


def place_of(entries: object, day: str) -> int:
    """Where an event of a day belongs in a list: behind the last that is not later, if they are in order."""
    if not isinstance(entries, list):
        return 0
    days = [str(entry["date"]) for entry in entries]
    if days != sorted(days):
        return len(days)
    return next((place for place, other in enumerate(days) if other > day), len(days))


def _days(action: Action) -> tuple[date | None, ...]:
    return action.open, action.due, action.close, action.until


def _as_typed(hint: str | None) -> str | None:
    """A hint that shows fields as a file has them, in the words of the command line: `by=2026-11-05`."""
    if not hint or not hint.startswith("add `"):
        return hint
    return re.sub(r"`(\w+): ([^`]*)`", r"`\1=\2`", hint)
