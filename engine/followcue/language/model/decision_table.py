"""Decision tables -> rules: each row is a rule of its own, so that whatever knows rules knows tables.

Idea: a table says once what all of its rows share (`when`), asks the same values in each row, and lets each
row say what they must be. The row is the rule that asks for all of it:

    tables:                                       risk/row-1:
      risk:                                         when:
        hit: first                                    - applicant: {age: $age}
        when: [applicant: {age: $age}]      ->        - $age less than 25
        columns: [$age, class]                      conclude: {risk: {class: b}}
        conclude: risk                            risk/row-2:
        rows:                                       when: [applicant: {age: $age}, no row above fits: row-1]
          - [less than 25, b]                       conclude: {risk: {class: a}}
          - [any, a]

With `hit: first` a row also asks that none above it fits. Rows that can never fit together with it say
nothing about that and are passed over, which keeps tables with bands as short as they are written.

Invariant: a row is told by its table and its name; no other rule can have such a name (`risk/row-1`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from followcue.language.model.rules import (
    AnyCondition,
    Assigned,
    Mention,
    NoRowAbove,
    Rule,
    RuleHead,
    TableCell,
    Where,
)
from followcue.language.model.syntax import Constant, Constraint, Expression, Word
from followcue.language.model.vocabulary import Citation

Hit: TypeAlias = Literal["first", "only", "all"]

MOST_COMPARED: Final = 20_000
"""How many pairs of rows of a `hit: first` table may have to be told apart."""


def _where() -> Where:
    place: Where = field(compare=False, repr=False)
    return place


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A value that a table asks in each row, as its author wrote it.

    `choices` are those of its type where that is known; `is_text` if it is a field of text, `of_days` whether
    it is a day, None where that is not known.
    """

    said: str
    value: Expression
    where: Where = _where()
    choices: tuple[str, ...] = ()
    is_text: bool = False
    of_days: bool | None = None


Given: TypeAlias = Assigned | Mention | str | tuple[str, ...]
"""What a cell gives: a value, the name of an action, a word or sentence, or a list of phrases."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its name, what it asks of each column (nothing: anything), and what it gives, by column."""

    name: str
    cells: tuple[TableCell, ...]
    gives: Mapping[str, Given]
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table; without columns a reference table, all rows of which always hold.

    `head` is what all rows bring about, but for the columns `outputs`, which each row gives. `complete`: its
    author says that some row fits whatever the values are. `unread`: some of it could not be read.
    """

    id: str
    hit: Hit
    columns: tuple[TableColumn, ...]
    outputs: tuple[str, ...]
    head: RuleHead
    rows: tuple[TableRow, ...]
    where: Where = _where()
    complete: bool = False
    title: str = ""
    cites: tuple[tuple[Citation, Where], ...] = ()
    whole: bool = False
    profiles: tuple[Mention, ...] = ()
    when: tuple[AnyCondition, ...] = ()
    overrides: tuple[Mention, ...] = ()
    replaces: Mention | None = None
    allow: tuple[str, ...] = ()
    unread: bool = False

    @property
    def is_reference(self) -> bool:
        """Whether it only lists values."""
        return not self.columns

    def rule_id(self, row: TableRow) -> str:
        """The name of the rule that a row is."""
        return f"{self.id}/{row.name}"

    def above(self, number: int) -> tuple[TableRow, ...]:
        """The rows above a row that may fit together with it."""
        row = self.rows[number]
        return tuple(
            other for other in self.rows[:number] if not exclusive(other.cells, row.cells, self.columns)
        )


def table_of(rule: str) -> str | None:
    """The table whose row a rule is, by the name of the rule; None for any other rule."""
    table, parted, _ = rule.partition("/")
    return table if parted else None


def rules_of(table: Table) -> tuple[Rule, ...]:
    """The rules that the rows of a table are, in their order."""
    return tuple(_rule(table, number) for number in range(len(table.rows)))


def _rule(table: Table, number: int) -> Rule:
    row = table.rows[number]
    above = table.above(number) if table.hit == "first" else ()
    when: tuple[AnyCondition, ...] = (*table.when, *row.cells)
    if above:
        when = (*when, NoRowAbove(tuple(other.cells for other in above), row.where))
    return Rule(
        id=table.rule_id(row),
        where=row.where,
        title=table.title,
        cites=table.cites,
        whole=table.whole,
        profiles=table.profiles,
        when=when,
        head=head_of(table.head, row),
        overrides=table.overrides,
        allow=table.allow,
        unread=table.unread,
    )


def head_of(head: RuleHead, row: TableRow) -> RuleHead:
    """What a row brings about: what all rows do, and what it gives."""
    for name, given in row.gives.items():
        match given:
            case Assigned():
                head = replace(head, values={**head.values, name: given})
            case Mention(target, where):
                head = replace(head, target=target, where=where)
            case tuple():
                head = replace(head, do=given) if name == "do" else replace(head, avoid=given)
            case _:
                head = _saying(head, name, given)
    return head


def _saying(head: RuleHead, name: str, text: str) -> RuleHead:
    match name:
        case "priority":
            return replace(head, priority=text)
        case "say":
            return replace(head, say=text)
        case "title":
            return replace(head, title=text)
        case _:
            return replace(head, why=text)


def too_many_pairs(table: Table) -> bool:
    """Whether more rows of a `hit: first` table have to be told apart than is allowed."""
    if table.hit != "first":
        return False
    return sum(len(table.above(number)) for number in range(len(table.rows))) > MOST_COMPARED


def without_row(table: Table, name: str) -> Table:
    """The table without one of its rows."""
    return replace(table, rows=tuple(row for row in table.rows if row.name != name))


# --- rows that never fit together
def exclusive(one: Sequence[TableCell], other: Sequence[TableCell], columns: Sequence[TableColumn]) -> bool:
    """Whether two rows can never fit together, as far as values that are written out tell it."""
    mine = {cell.column: cell for cell in one}
    known = {column.said: column for column in columns}
    return any(
        cell.column in mine and _apart(mine[cell.column].constraints, cell.constraints, known[cell.column])
        for cell in other
    )


def _apart(one: Sequence[Constraint], other: Sequence[Constraint], column: TableColumn) -> bool:
    listed, also = _listed(one, column), _listed(other, column)
    if listed is not None and also is not None:
        return not listed & also
    low, high = _bounds((*one, *other), column)
    return (
        low is not None
        and high is not None
        and (low[0] > high[0] or (low[0] == high[0] and low[1] + high[1] > 0))
    )


def _listed(constraints: Sequence[Constraint], column: TableColumn) -> set[object] | None:
    """The only values that the constraints allow; None where they are not written out."""
    for constraint in constraints:
        if constraint.op in ("==", "in"):
            values = [_written(value, column) for value in constraint.values]
            if all(value is not None for value in values):
                return set(values)
    return None


Bound: TypeAlias = tuple[int, int]
"""A value, and 1 if it is itself left out."""


def _bounds(constraints: Sequence[Constraint], column: TableColumn) -> tuple[Bound | None, Bound | None]:
    """The highest lower bound and the lowest upper bound that are written out."""
    lows: list[Bound] = []
    highs: list[Bound] = []
    for constraint in constraints:
        value = _written(constraint.values[0], column) if len(constraint.values) == 1 else None
        if isinstance(value, tuple) and isinstance(value[1], int) and not isinstance(value[1], bool):
            if constraint.op in (">=", ">", "=="):
                lows.append((value[1], int(constraint.op == ">")))
            if constraint.op in ("<=", "<", "=="):
                highs.append((value[1], int(constraint.op == "<")))
    low = max(lows) if lows else None
    high = min(highs, key=lambda bound: (bound[0], -bound[1])) if highs else None
    return low, high


def _written(value: Expression, column: TableColumn) -> tuple[str, object] | None:
    """A value that means the same whatever the parameters are."""
    match value:
        case Constant("text", text):
            return "word", text
        case Constant(base, number):
            return base, number
        case Word(text) if column.is_text or text in column.choices:
            return "word", text
    return None


def row_names(rows: object) -> list[str]:
    """The names of rows as they are written: their own, or `row-1` and so on."""
    if isinstance(rows, dict):
        return [str(name) for name in rows]
    return [f"row-{number + 1}" for number in range(len(rows))] if isinstance(rows, list) else []


def names_of(tables: Mapping[str, Table]) -> Iterator[str]:
    """The names by which tables and their rows are known."""
    for table in tables.values():
        yield table.id
        yield from (table.rule_id(row) for row in table.rows)


def as_one_rule(table: Table) -> Rule:
    """All that a table says, as if it were one rule: its columns use what its conditions bind."""
    rows = rules_of(table)
    asked = (TableCell(column.said, column.value, (), column.where) for column in table.columns)
    cells = (cell for row in table.rows for cell in row.cells)
    given = {
        f"{rule.id}.{name}": assigned
        for rule in rows
        if rule.head is not None
        for name, assigned in rule.head.values.items()
    }
    told = [rule.head for rule in rows if rule.head is not None]
    head = replace(
        table.head, values=given, say=" ".join(h.say for h in told), why=" ".join(h.why for h in told)
    )
    return Rule(table.id, table.where, whole=table.whole, when=(*table.when, *asked, *cells), head=head)
