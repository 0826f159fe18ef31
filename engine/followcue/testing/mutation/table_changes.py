"""Small changes of a decision table, which tests should notice: cell by cell, and of what all rows share.

A change of one row of a `hit: first` table changes the rows below it too, which count where it does not fit.
So the table itself is changed and laid out again, and the rules that came out otherwise change together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from followcue.language.model.decision_table import Given, Table, TableRow, rules_of, without_row
from followcue.language.model.rules import Assigned, Mention, Rule, Where
from followcue.language.model.unparse import spoken_condition, spoken_given
from followcue.language.model.vocabulary import Vocabulary
from followcue.testing.mutation.declared_equivalent import IN_ALL_ROWS
from followcue.testing.mutation.operators import ChangedRule, PartEdit, PartEdits, Sort


class RowChange(NamedTuple):
    """A change of the rule that a row is, by the name of the rule."""

    rule: str
    change: ChangedRule


def changes_of_table(table: Table, vocabulary: Vocabulary) -> Iterator[RowChange]:
    """Every change of the table; some of them make no rules that could be compiled."""
    shared = Rule(table.id, table.where, whole=table.whole, when=table.when, head=table.head)
    edits = PartEdits(shared, vocabulary)
    laid_out = _LaidOut(table)
    for number, row in enumerate(table.rows):
        name = table.rule_id(row)
        says = f"the row `{name}` is left out"
        yield laid_out.change(PartEdit(without_row(table, row.name), "rule", says, row.where), name)
        for edit in (*_cells(row, edits), *_given(table, number, edits)):
            rows = (*table.rows[:number], edit.value, *table.rows[number + 1 :])
            yield laid_out.change(edit.holding(replace(table, rows=rows)), name)
    if table.rows:
        for change in _shared(table, edits):
            in_all = change._replace(says=change.says + IN_ALL_ROWS)
            yield laid_out.change(in_all, table.rule_id(table.rows[0]))


class _LaidOut:
    """The rules of a table as it is."""

    def __init__(self, table: Table) -> None:
        self._rules: Mapping[str, Rule] = {rule.id: rule for rule in rules_of(table)}

    def change(self, edit: PartEdit[Table], name: str) -> RowChange:
        """The change of one rule, with those that change together with it."""
        after = {rule.id: rule for rule in rules_of(edit.value)}
        others = tuple(rule for rule in after.values() if rule.id != name and rule != self._rules[rule.id])
        return RowChange(name, ChangedRule(after.get(name), edit.sort, edit.says, edit.where, others))


def _shared(table: Table, edits: PartEdits) -> Iterator[PartEdit[Table]]:
    """Changes of what all rows share."""
    for when in edits.conditions(table.when):
        yield when.holding(replace(table, when=when.value))
    if table.profiles:
        where = table.profiles[0].where
        yield PartEdit(replace(table, profiles=()), "condition", "`profiles` is left out", where)
    for head in edits.head(table.head):
        yield head.holding(replace(table, head=head.value))


# --- one row
def _cells(row: TableRow, edits: PartEdits) -> Iterator[PartEdit[TableRow]]:
    """A cell that asks nothing, or something else by one."""
    for number, cell in enumerate(row.cells):
        before, after = row.cells[:number], row.cells[number + 1 :]
        says = f"`{spoken_condition(cell)}` is left out"
        yield PartEdit(replace(row, cells=before + after), "condition", says, cell.where)
        for edit in edits.cell(cell):
            yield edit.holding(replace(row, cells=(*before, edit.value, *after)))


def _given(table: Table, number: int, edits: PartEdits) -> Iterator[PartEdit[TableRow]]:
    """What a row gives left out, changed by one, or what another row gives in its place."""
    row = table.rows[number]
    for name, given in row.gives.items():
        where = given.where if isinstance(given, Assigned | Mention) else row.where
        if not isinstance(given, Mention):
            was = f"{name}: {spoken_given(given)}"
            rest = {key: value for key, value in row.gives.items() if key != name}
            yield PartEdit(replace(row, gives=rest), "edge", f"`{was}` is left out", where)
        if isinstance(given, Assigned):
            for value, sort in edits.given(table.head, name, given.expression):
                yield _becomes(row, name, Assigned(value, given.where), sort, where)
        other = _another(table, number, name)
        if other is not None:
            yield _becomes(row, name, other, "swap", where)


def _becomes(row: TableRow, name: str, new: Given, sort: Sort, where: Where) -> PartEdit[TableRow]:
    says = f"`{name}: {spoken_given(row.gives[name])}` becomes `{name}: {spoken_given(new)}`"
    return PartEdit(replace(row, gives={**row.gives, name: new}), sort, says, where)


def _another(table: Table, number: int, name: str) -> Given | None:
    """What the next row that gives something else gives."""
    own = spoken_given(table.rows[number].gives[name])
    for row in (*table.rows[number + 1 :], *table.rows[:number]):
        if name in row.gives and spoken_given(row.gives[name]) != own:
            return row.gives[name]
    return None
