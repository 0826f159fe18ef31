"""What a worker does with situations: read and evaluate each, and give its report or its rejects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.base.timeout import within
from followcue.batch.documents import DocumentMaker
from followcue.batch.settings import Settings
from followcue.batch.sorting import Record, SituationRecords
from followcue.batch.source import Source
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate_facts_of_many, load_pack
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.vocabulary import Vocabulary

JsonObject = dict[str, Any]


class Answer(NamedTuple):
    """What came of one situation: its report as JSON data, or why there is none.

    `own_day`: its records say the day themselves. `line` is the report as a line of JSON, if it is at hand.
    """

    name: str | None
    report: JsonObject | None
    rejects: tuple[JsonObject, ...] = ()
    own_day: bool = False
    line: bytes | None = None


class Worker:
    """Judges situations with the rules of a run, made ready once."""

    def __init__(self, settings: Settings, source: Source) -> None:
        self._settings = settings
        self._source = source.name
        self._loaded: LoadedPack = load_pack(*settings.rules, packs=settings.packs, cache=settings.cache)
        self._documents = DocumentMaker(source, self._loaded.pack.vocabulary, settings.limits)
        self._options = Options(
            settings.as_of,
            settings.profile,
            dict(settings.parameters),
            settings.matcher,
            settings.missed,
            settings.limits,
            self._today,
        )
        self._asked = False

    def _today(self, zone: str | None) -> date:
        """The day of the run, which is asked where records do not say theirs."""
        self._asked = True
        return self._settings.today

    @property
    def scope_key(self) -> str:
        """What reports call the scope."""
        return self._loaded.pack.vocabulary.shape.scope or "scope"

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the rules."""
        return self._loaded.pack.vocabulary

    def answers(self, groups: Iterable[SituationRecords]) -> Iterator[Answer]:
        """One answer a situation, in their order."""
        if self._settings.limits.seconds:
            return map(self._in_time, groups)
        return self._together(groups)

    def _in_time(self, group: SituationRecords) -> Answer:
        """The answer on one situation, which may take so many seconds."""
        try:
            with within(self._settings.limits.seconds):
                return next(self._together([group]))
        except LimitExceeded as problem:
            return _rejected(group, [Diagnostic("FC901", str(problem))])

    def _together(self, groups: Iterable[SituationRecords]) -> Iterator[Answer]:
        """The answers on several; all are read before the first is judged."""
        taken = list(groups)
        read = [self._read(group) for group in taken]
        judged = evaluate_facts_of_many(
            self._loaded,
            [situation for situation, _ in read if isinstance(situation, Situation)],
            self._options,
        )
        for group, (found, own_day) in zip(taken, read, strict=True):
            if not isinstance(found, Situation):
                yield _rejected(group, found)
                continue
            outcome = next(judged)
            if isinstance(outcome, LimitExceeded):
                yield _rejected(group, [Diagnostic("FC901", str(outcome))])
            else:
                report = {"situation": group.name, **outcome.report.to_dict()}
                yield Answer(group.name, report, own_day=own_day)

    def _read(self, group: SituationRecords) -> tuple[Situation | Sequence[Diagnostic], bool]:
        """The situation or what is wrong with it, and whether it says its day itself."""
        self._asked = False
        try:
            found = self._loaded.read(self._documents.document(group), self._options)
        except InvalidInput as problem:
            return problem.diagnostics, False
        return found, not self._asked and self._settings.as_of is None


def _rejected(group: SituationRecords, problems: Iterable[Diagnostic]) -> Answer:
    return Answer(group.name, None, tuple(_reject(group, found, group.records[0]) for found in problems))


def _reject(group: SituationRecords, found: Diagnostic, first: Record) -> JsonObject:
    """A mistake as one line of the rejects."""
    number = found.span.line if found.span else _number_in(found.place, first.number)
    rejected: JsonObject = {
        "line": number,
        "situation": group.name,
        "code": found.code,
        "reason": found.message,
        "hint": found.hint,
        "record": next((record.text for record in group.records if record.number == number), first.text),
    }
    return rejected


def _number_in(place: str | None, otherwise: int) -> int:
    number = (place or "").rpartition(":")[2]
    return int(number) if number.isdecimal() else otherwise
