"""Appointments: what is arranged for a day ahead, and the event that it will be if it takes place.

Idea: rules conclude that something is arranged, also where it was moved; the vocabulary marks that conclusion
(`appointment`) and names the event that it becomes. To suppose that it takes place is to add this event on
its day, and to look again.

    concluded    viewing_ahead {viewing: first, day: 14 March, time: 14:30}
    marked       appointment: {on: day, time: time, becomes: viewing}
    supposed     {date: 14 March, event: viewing, id: first}

Invariant: nothing is made up. The event says what the conclusion says, no more, and where the situation with
it would be wrong, nothing is supposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import TYPE_CHECKING, NamedTuple

from followcue.assistant.done_event import DoneEvent, with_event
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.advice.report import Conclusion

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.language.documents.document import Document
    from followcue.language.model.vocabulary import Vocabulary

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


class Appointment(NamedTuple):
    """Something arranged for a day: what the rules conclude, its hour as it is written, what it becomes."""

    conclusion: Conclusion
    day: date
    time: str
    event: DoneEvent | None


def appointment_of(conclusion: Conclusion, vocabulary: Vocabulary) -> Appointment | None:
    """The appointment that a conclusion is, if it is one and says its day."""
    kind = vocabulary.kinds[conclusion.fact].appointment
    fields = conclusion.fields
    if kind is None or fields.get(kind.on) is None:
        return None
    day = date.fromisoformat(str(fields[kind.on]))
    hour = fields.get(kind.time) if kind.time else None
    return Appointment(
        conclusion,
        day,
        "" if hour is None else str(hour),
        _becoming(conclusion, day, kind.becomes, kind.values) if kind.becomes else None,
    )


def _becoming(conclusion: Conclusion, day: date, becomes: str, values: Mapping[str, str]) -> DoneEvent:
    said = {name: conclusion.fields.get(source) for name, source in values.items()}
    fields = {name: value for name, value in said.items() if value is not None}
    return DoneEvent(becomes, conclusion.scope, day, fields)


def arranged(conclusions: Iterable[Conclusion], vocabulary: Vocabulary) -> list[Appointment]:
    """All appointments among these conclusions."""
    found = (appointment_of(conclusion, vocabulary) for conclusion in conclusions)
    return [appointment for appointment in found if appointment is not None]


def hour_of(written: str) -> time | None:
    """The time of day that `14:30` or `9:05` says; None for anything else."""
    found = _TIME.fullmatch(written.strip())
    return time(int(found[1]), int(found[2])) if found else None


class Keeping:
    """Supposes appointments, each once, and knows which were."""

    def __init__(self, loaded: LoadedPack, options: Options, most: int) -> None:
        """`most` is how many are supposed at most."""
        self._loaded = loaded
        self._options = options
        self._most = most
        self._tried: set[tuple[object, ...]] = set()
        self.kept: list[Appointment] = []

    def ahead(self, conclusions: Iterable[Conclusion]) -> list[Appointment]:
        """What of these conclusions can still be supposed to take place."""
        if len(self.kept) >= self._most:
            return []
        found = arranged(conclusions, self._loaded.pack.vocabulary)
        return [one for one in found if one.event is not None and _key(one) not in self._tried]

    def keep(self, document: Document, appointments: Iterable[Appointment]) -> Document:
        """The situation in which these take place, but for those with which it would be wrong."""
        for one in appointments:
            assert one.event is not None
            self._tried.add(_key(one))
            after = with_event(document, self._loaded.pack.vocabulary, one.event)
            try:
                self._loaded.read(after, self._options._replace(as_of=one.day))
            except InvalidInput:
                continue
            document = after
            self.kept.append(one)
        return document


def _key(one: Appointment) -> tuple[object, ...]:
    assert one.event is not None
    return one.event.kind, one.event.scope, one.day, *sorted(map(str, one.event.fields.items()))
