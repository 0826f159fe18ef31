"""Facts: rows of the working memory, as a reader finds them in the situation file."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.base.rows import Row
from followcue.evaluation.advice.report import Reason, Report
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.report.wording import name_of, plain, reason
from followcue.evaluation.situation.situation import Situation
from followcue.explain.explanation import FactMention
from followcue.language.documents.document import Document, Path, dotted
from followcue.language.model.vocabulary import Kind, Vocabulary


class FactReader:
    """Describes the rows of one situation as the facts that its author wrote, or that rules concluded."""

    def __init__(
        self, vocabulary: Vocabulary, situation: Situation, document: Document, report: Report
    ) -> None:
        self._vocabulary = vocabulary
        self._situation = situation
        self._document = document
        self._report = report

    def fact(self, relation: str, row: Row) -> FactMention:
        """The fact of a row; `k.f` holds the members of the list field `f` of the kind `k`."""
        kind = self._vocabulary.kind_of(relation)
        values = dict(
            zip((column.name for column in self._vocabulary.relations[relation].columns), row, strict=True)
        )
        scope = values.get(self._vocabulary.shape.scope or "")
        of_scope = scope if isinstance(scope, str) else None
        if kind.is_event:
            return self._event(of_scope, int(values["at"] or 0))
        if kind.role == "record":
            return self._record(kind, of_scope, values.get("id"), self._fields(relation, row))
        fields = self._fields(relation, row)
        return FactMention(
            "conclusion", kind.name, of_scope, fields, self._said(plain(kind.name), of_scope, fields)
        )

    def _event(self, scope: str | None, at: int) -> FactMention:
        event = self._situation.events[scope, at]
        day = calendar_day(event.date)
        said = reason(Reason(event.kind, scope, day, event.fields, None), self._report)
        return FactMention("event", event.kind, scope, event.fields, said, day, event.line, event.place)

    def _record(
        self, kind: Kind, scope: str | None, key: object, fields: Mapping[str, object]
    ) -> FactMention:
        own = fields.get("id", scope)
        name = name_of(str(own), scope, self._report)
        said = f"{plain(kind.name)} {name}"
        line, place = self._place(record_path(kind, scope, None if key is None else str(key)))
        return FactMention("record", kind.name, scope, fields, said, None, line, place)

    def _place(self, path: Path) -> tuple[int | None, str]:
        span = self._document.span(path, key=True)
        return (span.line, f"{span.file}:{span.line}") if span else (None, dotted(path))

    def _fields(self, relation: str, row: Row) -> dict[str, object]:
        """The fields that a person would write, those that are absent left out."""
        columns = self._vocabulary.relations[relation].columns
        return {
            column.name: as_written(value, column.type)
            for column, value in zip(columns, row, strict=True)
            if value is not None and column.type != "moment" and not self._vocabulary.is_scope(column.name)
        }

    def _said(self, name: str, scope: str | None, fields: Mapping[str, object]) -> str:
        shown = [f"{plain(field)} {self._shown(value, scope)}" for field, value in fields.items()]
        return f"{name}: {', '.join(shown)}" if shown else name

    def _shown(self, value: object, scope: str | None) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return name_of(value, scope, self._report) or value if isinstance(value, str) else str(value)


def record_path(kind: Kind, scope: str | None, key: str | None) -> Path:
    """The keys that lead to a record: its mapping's, each followed by the id of the record there."""
    return kind.place(part for part in (scope, key) if part is not None)
