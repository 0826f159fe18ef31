"""A delta: an input that holds only what is new, and adds to the records of the nights before.

    night 1   1  u1 application acme                       the whole
              2  u1 contact acme/dana, recruiter
              3  u2 application birch
    night 2   4  u1 interview                              an event: added
              5  u1 contact acme/dana, hiring manager      a record that is declared: line 2 is no more
    night 3   6  {"situation": "u2", "gone": true}         line 3 is no more

Invariant: the output is that of one input with all lines one after another, without those that are no more;
so lines are counted through all deltas. No more are, of the nights before,

    a record of a kind that is declared once (an application, a contact), where a delta declares the same;
    all of a situation that a delta gives as a whole, or says that it has gone, maybe to be told anew.

Within one delta the order of lines means what it means within any input. What stands at the top of a
situation (`search`) is added to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from followcue.batch.record_text import parsed
from followcue.batch.sorting import Record
from followcue.evaluation.situation.records import Grouping
from followcue.language.model.vocabulary import Vocabulary

_YES = (True, "true")


class Delta:
    """Puts what is new to what is known, by the kinds of records that a vocabulary declares."""

    def __init__(self, vocabulary: Vocabulary, before: int) -> None:
        """`before` is the last place of a record of the nights before."""
        self._grouping = Grouping(vocabulary)
        self._before = before

    def merged(self, records: Sequence[Record]) -> list[Record]:
        """The records of one situation without those that are no more; what cannot be read is kept."""
        known = [record for record in records if record.number <= self._before]
        new = [(record, _data(record)) for record in records if record.number > self._before]
        if any("event" not in data for _, data in new):
            known = []
        declared = {key for _, data in new if (key := self._grouping.declared(data)) is not None}
        if declared:
            known = [record for record in known if self._grouping.declared(_data(record)) not in declared]
        return known + [record for record, data in new if not _says_gone(data)]


def _says_gone(data: dict[str, Any]) -> bool:
    return data.keys() == {"situation", "gone"} and data["gone"] in _YES


def _data(record: Record) -> dict[str, Any]:
    """What a record says; an event of no kind where that cannot be read."""
    try:
        data = parsed(record.text) if record.problem is None else None
    except (ValueError, RecursionError):
        data = None
    return data if isinstance(data, dict) else {"event": None}
