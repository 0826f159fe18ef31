"""What an author asks of a desk: the questions of `author`, with files by their ids on the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import PurePath
from typing import Any, NamedTuple, TypeAlias

from followcue.assistant.journal.find_record import person_said, scope_said
from followcue.base.clock import Clock
from followcue.evaluation.pipeline import Options
from followcue.explain.wanted import Wanted
from followcue.language.documents.read import read_document
from followcue.session import author
from followcue.session.desk_files import DeskFile
from followcue.session.pack_bench import GiveUp, PackBench
from followcue.session.params import Params, misasked

Answer: TypeAlias = dict[str, Any]

MOST_LINES = 10**9


class AuthorDesk(NamedTuple):
    """The bench of the texts of now and of those that are saved, and the files of both by id.

    `as_of` is the day that somebody looks at, and `situation` what it is judged on.
    """

    bench: PackBench
    saved: PackBench
    files: Mapping[str, DeskFile]
    situation: DeskFile
    as_of: date | None
    today: Clock
    give_up: GiveUp

    def name(self, asked: Params, param: str = "file") -> str:
        """What messages call the file that is asked about; raises `InvalidInput`."""
        id = asked.text(param)
        if id not in self.files:
            raise misasked(f"there is no file `{id}`")
        return self.files[id].name

    def name_or_none(self, asked: Params, param: str = "file") -> str | None:
        """The same; None where none is asked about."""
        return self.name(asked, param) if param in asked else None

    def shown(self, data: Any) -> Any:
        """An answer with the ids of its files in the place of their names, None for files elsewhere."""
        ids = {file.name: file.id for file in self.files.values()}
        return _with_ids(data, ids)


def _with_ids(data: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(data, dict):
        return {
            key: ids.get(value) if key == "file" and isinstance(value, str) else _with_ids(value, ids)
            for key, value in data.items()
        }
    return [_with_ids(one, ids) for one in data] if isinstance(data, list) else data


def _place(desk: AuthorDesk, asked: Params) -> tuple[str, int, int]:
    line = asked.number("line", least=1, most=MOST_LINES)
    return desk.name(asked), line, asked.number("column", least=1, most=MOST_LINES)


def check(desk: AuthorDesk, asked: Params) -> Answer:
    """All mistakes; `deep`: findings, too."""
    return author.check(desk.bench, desk.today, deep=asked.flag("deep"), give_up=desk.give_up)


def complete(desk: AuthorDesk, asked: Params) -> Answer:
    """What may be written at a place."""
    return author.complete(desk.bench, *_place(desk, asked))


def hover(desk: AuthorDesk, asked: Params) -> Answer:
    """What the name at a place is."""
    return author.hover(desk.bench, *_place(desk, asked))


def definition(desk: AuthorDesk, asked: Params) -> Answer:
    """Where the name at a place is declared."""
    return author.definition(desk.bench, *_place(desk, asked))


def references(desk: AuthorDesk, asked: Params) -> Answer:
    """Where the name at a place stands."""
    return author.references(desk.bench, *_place(desk, asked))


def rename(desk: AuthorDesk, asked: Params) -> Answer:
    """The name at a place called otherwise, where nothing but the name changes with it."""
    return author.rename(desk.bench, *_place(desk, asked), asked.text("to"), desk.give_up)


def make_test(desk: AuthorDesk, asked: Params) -> Answer:
    """A test of the advice that is shown, or of why an action is not (`of`: what `why_not` takes).

    Where there is no file for it yet, `new_file` says what to ask for one.
    """
    document = read_document(desk.situation.text, desk.situation.name)
    options = Options(desk.as_of, asked.text_or_none("profile"), today=desk.today)
    name, file, wanted = asked.text("name"), desk.name_or_none(asked), None
    if asked.is_mapping("of"):
        of, vocabulary = Params(asked.mapping("of")), desk.bench.loaded.pack.vocabulary
        scope = scope_said(of.text_or_none("application"), document.data, vocabulary)
        to = person_said(of.text_or_none("to"), scope, document.data, vocabulary)
        wanted = Wanted.of(of.text("action"), scope, to, of.text_or_none("about"))
    found = author.make_test(desk.bench, name, file, document, options, wanted)
    stem = PurePath(found["file"]).stem
    is_there = found["file"] in [one.name for one in desk.files.values()]
    return {**found, "new_file": None if is_there else {"kind": "tests", "name": stem}}


def new_file(desk: AuthorDesk, asked: Params) -> Answer:
    """The text of a new file, which is still to be made: `kind` is `rules` or `tests`."""
    return author.new_file(desk.bench, asked.text("kind"), asked.text("name"))


def rules(desk: AuthorDesk, asked: Params) -> Answer:
    """The catalogue of rules; `counts`: with the number of tests of each."""
    return author.rules(desk.bench, counts=asked.flag("counts"), give_up=desk.give_up)


def rule_at(desk: AuthorDesk, asked: Params) -> Answer:
    """The rule on a line."""
    line = asked.number("line", least=1, most=MOST_LINES)
    return author.rule_at(desk.bench, desk.name(asked), line, desk.give_up)


def firing(desk: AuthorDesk, asked: Params) -> Answer:
    """Whether a rule fires in the situation on the day that is looked at, and if not, what it lacks."""
    options = Options(desk.as_of, asked.text_or_none("profile"), today=desk.today)
    return author.firing(desk.bench, asked.text("rule"), desk.situation.name, options)


def run_tests(desk: AuthorDesk, asked: Params) -> Iterator[Answer]:
    """The tests, those that the edited rules touch first."""
    changed = author.changed_rules(desk.saved, desk.bench)
    return author.run_tests(desk.bench, asked.text_or_none("rule"), desk.name_or_none(asked), changed)


def coverage(desk: AuthorDesk, asked: Params) -> Answer:
    """What of a rule the tests have seen."""
    return author.coverage(desk.bench, asked.text("rule"), desk.give_up)


def mutants(desk: AuthorDesk, asked: Params) -> Iterator[Answer]:
    """The small changes of a rule that tests notice, or do not."""
    return author.mutants(desk.bench, asked.text("rule"), desk.give_up)


def diff(desk: AuthorDesk, asked: Params) -> Answer:
    """What the texts of now advise otherwise than the saved ones."""
    return author.diff(desk.saved, desk.bench, desk.as_of, desk.give_up)


QUESTIONS: Mapping[str, Callable[[AuthorDesk, Params], Answer]] = {
    "check": check,
    "complete": complete,
    "hover": hover,
    "definition": definition,
    "references": references,
    "rename": rename,
    "make_test": make_test,
    "rules": rules,
    "rule_at": rule_at,
    "firing": firing,
    "coverage": coverage,
    "diff": diff,
}
"""The questions that have one answer."""

STREAMED: Mapping[str, Callable[[AuthorDesk, Params], Iterator[Answer]]] = {
    "tests": run_tests,
    "mutants": mutants,
}
"""The questions that are answered line by line."""
