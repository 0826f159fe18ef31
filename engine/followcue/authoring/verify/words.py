"""What two matchers disagree about, in words."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.authoring.verify.agreement import Difference, Firing
from followcue.base.rows import ColumnType, Row, Value
from followcue.base.values import format_date, format_duration
from followcue.evaluation.situation.situation import MOMENTS_A_DAY
from followcue.language.model.pack import ClauseInfo, Pack

MOST_SHOWN = 5
"""How many firings are shown; of the others only the number is told."""


class Words:
    """Says what the firings of one pack are."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def difference(self, found: Difference) -> Iterator[str]:
        """What one matcher derives and the other does not, line by line."""
        yield from self._some(f"only `{found.matcher}` derives", found.extra)
        yield from self._some(f"only `{found.other}` derives", found.lacking)
        if found.lines is not None:
            yield "the first line of the reports that differs:"
            yield f"  {found.other}: {found.lines[0]}"
            yield f"  {found.matcher}: {found.lines[1]}"

    def _some(self, title: str, firings: tuple[Firing, ...]) -> Iterator[str]:
        if not firings:
            return
        yield f"{title}:"
        yield from (f"  {self.firing(firing)}" for firing in firings[:MOST_SHOWN])
        if len(firings) > MOST_SHOWN:
            yield f"  and {len(firings) - MOST_SHOWN} more"

    def firing(self, firing: Firing) -> str:
        """`remind-of-late-book: !recommendation {loan: emma, open: 2026-03-13} from out {loan: emma}`."""
        number, row, body, grouped = firing
        clause: ClauseInfo = self._pack.clauses[number]
        rests = [self._fact(relation, one) for relation, one in zip(clause.body, body, strict=True)]
        for relation, rows in zip(clause.grouped, grouped, strict=True):
            rests += [self._fact(relation, one) for one in sorted(rows, key=repr)]
        told = f"{clause.rule}: {self._fact(clause.head, row)}"
        return f"{told} from {', '.join(rests)}" if rests else told

    def _fact(self, relation: str, row: Row) -> str:
        columns = self._pack.vocabulary.relations[relation].columns
        values = [
            f"{column.name}: {_written(value, column.type)}"
            for column, value in zip(columns, row, strict=True)
            if value is not None
        ]
        return f"{relation} {{{', '.join(values)}}}"


def _written(value: Value, kind: ColumnType) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        match kind:
            case "date":
                return format_date(value)
            case "duration":
                return format_duration(value)
            case "moment":
                day, place = divmod(value, MOMENTS_A_DAY)
                return f"{format_date(day)} #{place}"
            case _:
                pass
    return str(value)
