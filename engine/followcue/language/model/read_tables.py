"""A rule file's document -> its rules and tables; every phrase is read, no name is looked up yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.language.documents.document import Document
from followcue.language.model.decision_table import Given, Hit, Table, TableColumn, TableRow, row_names
from followcue.language.model.phrase import parse_expression
from followcue.language.model.read_rules import WINDOW_FIELDS, RuleReader, broken_entries, read_rules
from followcue.language.model.rules import (
    AnyCondition,
    AnyOf,
    Assigned,
    Condition,
    Mention,
    RuleFile,
    RuleHead,
    TableCell,
    Where,
)
from followcue.language.model.syntax import Constraint, Variable
from followcue.language.model.vocabulary import DATE, NUMBER, TEXT, Type, Vocabulary

TableHead: TypeAlias = Literal["recommend", "caution", "conclude", "tip"]

TABLE_HEADS: Final[tuple[TableHead, ...]] = ("recommend", "caution", "conclude", "tip")

ANYTHING: Final = ("-", "any")
"""What stands in a cell of which nothing is asked, or which gives nothing."""

TEXTS: Final = ("say", "why")
OF_EVENTS: Final = {"date": DATE, "note": TEXT}
LISTS: Final = ("do", "avoid")
PRIORITIES: Final = ("urgent", "high", "normal", "low")


def read_rule_file(
    document: Document, vocabulary: Vocabulary, shape_problems: Sequence[Diagnostic] = ()
) -> tuple[RuleFile, list[Diagnostic]]:
    """The rules and tables of a schema-checked document, and the phrases in it that cannot be read.

    Rules and tables that contain a shape problem are left out and named in `broken`, so that mentions of them
    are no mistakes.
    """
    file, problems = read_rules(document, vocabulary, shape_problems)
    data = document.data if isinstance(document.data, dict) else {}
    entries = data.get("tables")
    entries = entries if isinstance(entries, dict) else {}
    if not entries:
        return file, problems
    misshapen = broken_entries(document, "tables", list(entries), shape_problems)
    reader = _TableReader(Where(document, ()), vocabulary)
    found = (reader.table(name, entry) for name, entry in entries.items() if name not in misshapen)
    tables = {table.id: table for table in found if table is not None}
    broken = tuple(name for name in entries if name not in tables)
    file = replace(file, tables=tuple(tables.values()), broken=(*file.broken, *broken))
    return file, [*problems, *reader.problems]


class _Made(NamedTuple):
    """What the rows of a table bring about: the word for it, and what is the same in all of them."""

    word: TableHead
    head: RuleHead


class _TableReader(RuleReader):
    """Reads the tables of one document and collects what is wrong with them."""

    def __init__(self, root: Where, vocabulary: Vocabulary) -> None:
        super().__init__(root, vocabulary)
        self._whole = vocabulary.shape.whole

    def table(self, name: str, entry: dict[str, Any]) -> Table | None:
        """One table of the file; None where its columns or what it brings about cannot be told."""
        where = self.root / "tables" / name
        before = len(self.problems)
        when = self.conditions(where / "when", entry.get("when"))
        listed = entry["columns"]
        columns = self._columns(where / "columns", listed, when)
        outputs = tuple(said for said in listed if _is_output(said))
        made = self._made(where, entry, outputs)
        if columns is None or made is None:
            return None
        table = Table(
            id=name,
            hit=self._hit(where, entry, columns),
            columns=tuple(columns.values()),
            outputs=outputs,
            head=made.head,
            rows=tuple(self._rows(where / "rows", entry["rows"], listed, columns, made)),
            where=where.as_key(),
            complete=bool(entry.get("complete")),
            title=entry.get("title", ""),
            cites=self.citations(where / "cites", entry.get("cites")),
            whole=self._speaks_of_whole(where, entry, columns, made),
            profiles=self.mentions(where / "profiles", entry.get("profiles")),
            when=when,
            overrides=self.mentions(where / "overrides", entry.get("overrides")),
            replaces=self.mention(where / "replaces", entry.get("replaces")),
            allow=tuple(entry.get("allow", ())),
        )
        return replace(table, unread=len(self.problems) > before)

    def _hit(self, where: Where, entry: Mapping[str, Any], columns: Mapping[str, TableColumn]) -> Hit:
        said = entry.get("hit")
        if columns and said is None:
            message = "this table does not say which of its rows count"
            hint = (
                "write `hit: only` where never more than one row fits, `hit: first` where the first one that "
                "fits counts, or `hit: all` where each does"
            )
            self.problems.append(where.as_key().problem("FC351", message, hint=hint))
        for key in ("hit", "complete"):
            if key in entry and not columns:
                message = f"`{key}` speaks of rows that fit, and no column of this table asks anything"
                hint = "leave it out, or name what is asked among `columns`, as in `$age`"
                self.problems.append((where / key).as_key().problem("FC351", message, hint=hint))
        return cast(Hit, said or "all")

    def _speaks_of_whole(
        self, where: Where, entry: Mapping[str, Any], columns: Mapping[str, TableColumn], made: _Made
    ) -> bool:
        """Whether it does, as it says or as a reference table: rows that only list values hold once."""
        if "for" in entry or columns or "when" in entry or made.word != "conclude":
            return self.speaks_of_whole(where / "for", entry.get("for"))
        kind, scope = self.kinds.get(made.head.target), self.shape.scope
        if kind is not None and kind.scoped and scope is not None:
            message = f"`{kind.name}` belongs to one {scope}, so that each would have all of these rows"
            hint = f"declare it in the vocabulary with `of: {self._whole}`" if self._whole else None
            self.problems.append(made.head.where.problem("FC354", message, hint=hint))
            return False
        return True

    # --- columns
    def _columns(
        self, where: Where, listed: Sequence[str], when: Sequence[AnyCondition]
    ) -> dict[str, TableColumn] | None:
        """The columns that ask, by how they are written; None after a mistake."""
        before = len(self.problems)
        asked: dict[str, TableColumn] = {}
        for place, said in enumerate(listed):
            here = where / place
            if said in listed[:place]:
                message = f"there is a column `{said}` already"
                self.problems.append(here.problem("FC350", message, hint="leave one of them out"))
            elif not _is_output(said):
                value = self.phrase(parse_expression, here, said)
                if value is None:
                    continue
                types = list(self._types_of(value, when)) if isinstance(value, Variable) else []
                is_text = bool(types) and all(type.base == "text" and not type.choices for type in types)
                choices = types[0].choices if len({type.name for type in types}) == 1 else ()
                days = {type.base in ("date", "moment") for type in types}
                of_days = days.pop() if len(days) == 1 else None
                asked[said] = TableColumn(said, value, here, choices, is_text, of_days)
        return asked if len(self.problems) == before else None

    def _types_of(self, variable: Variable, when: Sequence[AnyCondition]) -> Iterator[Type]:
        """The types of the fields of which the conditions take the value of a variable."""
        for condition in when:
            if isinstance(condition, AnyOf):
                for option in condition.alternatives:
                    yield from self._types_of(variable, option)
            elif isinstance(condition, Condition):
                names = {
                    demand.field
                    for demand in condition.pattern.demands
                    if _takes(demand.constraint, variable)
                }
                if condition.word == "count" and condition.variable == variable:
                    yield NUMBER
                for kind in condition.pattern.kinds:
                    known = self.kinds.get(kind.text)
                    if known is not None:
                        yield from (field.type for field in known.fields if field.name in names)
                        yield from (
                            type for name, type in OF_EVENTS.items() if known.is_event and name in names
                        )

    # --- what the rows bring about
    def _made(self, where: Where, entry: dict[str, Any], outputs: Sequence[str]) -> _Made | None:
        """What all rows bring about; None after a mistake."""
        written = [word for word in TABLE_HEADS if word in entry]
        if len(written) != 1:
            says = " and ".join(f"`{word}`" for word in written) or "none"
            hint = "give it exactly one of " + ", ".join(f"`{word}`" for word in TABLE_HEADS)
            message = f"the rows of a table bring about one kind of thing, and this one has {says}"
            self.problems.append(where.as_key().problem("FC351", message, hint=hint))
            return None
        word, before = written[0], len(self.problems)
        place = where / word
        if word == "conclude":
            head = self.conclusions(place, entry[word])
            if head is not None and head.also:
                message = f"the rows of a table conclude one thing, and this one has {len(head.each)}"
                hint = "let a rule that reads it conclude the others"
                self.problems.append(place.as_key().problem("FC351", message, hint=hint))
            if head is None or head.also:
                return None
            kind = self.kinds.get(head.target)
            known = [field.name for field in kind.fields] if kind else list(outputs)
            fixed = set(head.values)
        else:
            said = entry[word] or {}
            head = self.advice(word, place, {"action": "", **said})
            known, fixed = list(advice_fields(word)), set(said)
            self._check_advice(where, word, entry, {*fixed, *outputs})
        for name in outputs:
            here = where / "columns" / entry["columns"].index(name)
            if name not in known:
                near = did_you_mean(name, known)
                variable = f"a column that asks is a variable, `${name}`"
                message = (
                    f"`{head.target if word == 'conclude' else word}` has no `{name}` that a row could give"
                )
                hint = f"{near}; {variable}" if near else variable
                self.problems.append(here.problem("FC352", message, hint=hint))
            elif name in fixed:
                message = f"`{name}` is said for all rows already"
                self.problems.append(here.problem("FC352", message, hint=f"say it here, or under `{word}`"))
        return _Made(word, head) if len(self.problems) == before else None

    def _check_advice(self, where: Where, word: str, entry: Mapping[str, Any], given: set[str]) -> None:
        if word in ("recommend", "caution") and not entry.get("title"):
            hint = "add `title:` with one line that can be read aloud"
            self.problems.append(where.as_key().problem("FC313", "advice needs a title", hint=hint))
        if "action" not in given:
            hint = f"write it under `{word}`, or make `action` a column"
            message = "these rows name no action"
            self.problems.append((where / word).as_key().problem("FC352", message, hint=hint))
        if word == "tip" and not given & set(LISTS):
            hint = "say what to do under `do`, or what not to under `avoid`, there or in a column"
            self.problems.append(
                (where / word).as_key().problem("FC313", "these tips say nothing", hint=hint)
            )

    # --- rows
    def _rows(
        self,
        where: Where,
        entries: Any,
        listed: Sequence[str],
        columns: Mapping[str, TableColumn],
        made: _Made,
    ) -> Iterator[TableRow]:
        """The rows, numbered from 1 unless they have names, with as much of each as can be read."""
        steps = list(entries) if isinstance(entries, dict) else range(len(entries))
        for name, step in zip(row_names(entries), steps, strict=True):
            place, cells = where / step, entries[step]
            if len(cells) == len(listed):
                asked = [
                    self._cell(place / i, columns[said], cells[i])
                    for i, said in enumerate(listed)
                    if said in columns
                ]
                given = [
                    (said, self._given(place / i, said, cells[i], made))
                    for i, said in enumerate(listed)
                    if said not in columns
                ]
                gives = {said: value for said, value in given if value is not None}
                if "action" in gives or "action" not in listed:
                    yield TableRow(name, tuple(cell for cell in asked if cell is not None), gives, place)
            else:
                self._of_another_length(place, len(cells), listed)

    def _of_another_length(self, where: Where, count: int, listed: Sequence[str]) -> None:
        cells = f"{count} cell{'' if count == 1 else 's'}"
        message = f"this row has {cells}, and the table {len(listed)} columns"
        missing, names = listed[count:], ", ".join(f"`{name}`" for name in listed)
        hint = f"the columns are {names}"
        if missing:
            hint = "nothing stands for " + ", ".join(f"`{name}`" for name in missing) + "; `any` asks nothing"
        self.problems.append(where.problem("FC350", message, hint=hint))

    def _cell(self, where: Where, column: TableColumn, value: Any) -> TableCell | None:
        """What a row asks of a column; None if nothing."""
        if _is_anything(value) or self._is_empty(where, value):
            return None
        constraints = self.constraints(where, value, column.is_text)
        if not constraints:
            return None
        return TableCell(column.said, column.value, constraints, where, column.of_days, column.where)

    def _is_empty(self, where: Where, value: Any) -> bool:
        """Whether nothing stands in a cell, not even that it asks or gives nothing; then told."""
        empty = isinstance(value, str) and not value.strip()
        if empty:
            from followcue.language.documents.schema_errors import EMPTY_CELL, EMPTY_CELL_HINT

            self.problems.append(where.problem("FC362", EMPTY_CELL, hint=EMPTY_CELL_HINT))
        return empty

    def _given(self, where: Where, column: str, value: Any, made: _Made) -> Given | None:
        """What a cell gives; None if nothing, or after a mistake."""
        if _is_anything(value):
            if column == "action":
                hint = "leave the row out, or give it an action"
                self.problems.append(where.problem("FC352", "this row names no action", hint=hint))
            return None
        if self._is_empty(where, value):
            return None
        if made.word != "conclude" and column not in WINDOW_FIELDS:
            return self._said(where, column, value)
        if isinstance(value, list):
            message = f"a row gives one value for `{column}`, not a list"
            self.problems.append(where.problem("FC352", message, hint="write a row for each value"))
            return None
        is_text = made.word == "conclude" and column in self.text_fields([made.head.target])
        expression = self.expression(where, value, is_text)
        return None if expression is None else Assigned(expression, where)

    def _said(self, where: Where, column: str, value: Any) -> Given | None:
        """A name, a sentence or a list of phrases, which stand as they are."""
        if column in LISTS:
            return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        if not isinstance(value, str):
            what = "a list" if isinstance(value, list) else f"`{str(value).lower()}`"
            hint = (
                f"write one of {', '.join(f'`{each}`' for each in PRIORITIES)}"
                if column == "priority"
                else None
            )
            self.problems.append(where.problem("FC352", f"`{column}` takes words, not {what}", None, hint))
            return None
        if column == "priority" and value not in PRIORITIES:
            near = did_you_mean(value, PRIORITIES)
            self.problems.append(where.problem("FC305", f"`{value}` is no priority", hint=near))
            return None
        return Mention(value, where) if column == "action" else value


def _is_output(said: str) -> bool:
    """Whether a column is the name of what rows give, and no value of which they ask something."""
    return said.isidentifier() and said != "today"


def advice_fields(word: TableHead) -> Iterator[str]:
    """What the rows of a table may give of advice."""
    yield "action"
    yield from WINDOW_FIELDS if word == "recommend" else ("to", "about")
    yield from LISTS
    if word != "tip":
        yield from ("priority", "title")
    if word == "recommend":
        yield from TEXTS


def _takes(constraint: Constraint, variable: Variable) -> bool:
    return constraint.op == "==" and variable in constraint.values


def _is_anything(value: object) -> bool:
    return isinstance(value, str) and value.strip() in ANYTHING
