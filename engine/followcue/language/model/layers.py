"""Rule files of several layers -> one set of rules: disabled, replaced and refined by later layers.

Idea: layers are laid on one after the other, and each says by name what it does to the rules below it.

    below:  remind  when: [lent]      layer:  disable: [wait]
            phone   when: [lent]              strict-phone: {replaces: phone, when: [lent], …}
            wait    when: [lent]              friendly: {refines: remind, when: [no returned]}

    in force:  remind  when: [lent, no returned]
               strict-phone  when: [lent]

A refinement only adds conditions, so a refined rule never fires where it did not before; it keeps its own
name. A table is named as a rule is, and one of its rows as `table/row`; once all layers lie, rows become
rules.

Invariant: a layer sees the rules as the layers below it left them (`below`), whatever else it does itself:
its entries may stand in any order and in any file. What was taken away is in `gone`, so that to refine it is
a mistake of its own kind; what could not be read is in `broken`, so that to name it is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from followcue.base.diagnostic import Diagnostic, Span, did_you_mean
from followcue.language.model.decision_table import (
    MOST_COMPARED,
    Table,
    names_of,
    rules_of,
    table_of,
    too_many_pairs,
    without_row,
)
from followcue.language.model.rules import Mention, Rule, RuleFile


class InForce(NamedTuple):
    """The rules in force after all layers, ordered by id, rows of tables among them, and the tables.

    `problems` are the layer entries that hit nothing, and what else is wrong between rules; `gone` names the
    rules, tables and rows that a layer took away.
    """

    rules: tuple[Rule, ...]
    tables: tuple[Table, ...]
    problems: list[Diagnostic]
    gone: frozenset[str]


def merge_layers(layers: Sequence[Sequence[RuleFile]]) -> InForce:
    """What is in force after all layers."""
    merger = _Merger()
    for files in layers:
        merger.add_layer(files)
    merger.lay_out_tables()
    merger.check_overrides()
    tables = tuple(merger.tables[name] for name in sorted(merger.tables))
    return InForce(tuple(merger.in_order()), tables, merger.problems, frozenset(merger.gone))


class _Merger:
    """The rules so far; each layer changes only what earlier layers gave."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.tables: dict[str, Table] = {}
        self.broken: set[str] = set()
        self.gone: dict[str, Mention | Rule | Table] = {}
        self.problems: list[Diagnostic] = []

    def add_layer(self, files: Sequence[RuleFile]) -> None:
        below = {**self.rules, **dict.fromkeys(names_of(self.tables))}
        self.broken |= {name for file in files for name in file.broken}
        for mention in (mention for file in files for mention in file.disabled):
            if self._hits(mention, below, "disable"):
                self._take_away(mention.name)
                self.gone[mention.name] = mention
        rules = [rule for file in files for rule in file.rules]
        for rule in rules:
            if rule.refines is None:
                self._add(rule, below)
        for table in (table for file in files for table in file.tables):
            self._add(table, below)
        for rule in rules:
            if rule.refines is not None:
                self._refine(rule, rule.refines, below)

    def _take_away(self, name: str) -> None:
        """Leave out a rule, a table, or one row of a table."""
        self.rules.pop(name, None)
        self.tables.pop(name, None)
        table, parted, row = name.partition("/")
        if parted and table in self.tables:
            self.tables[table] = without_row(self.tables[table], row)

    def _add(self, rule: Rule | Table, below: Iterable[str]) -> None:
        if rule.replaces is not None and self._hits(rule.replaces, below, "replace"):
            self._take_away(rule.replaces.name)
            self.gone[rule.replaces.name] = rule
        known = self.rules.get(rule.id) or self.tables.get(rule.id)
        if known is not None:
            self._declared_twice(rule, known)
        elif isinstance(rule, Table):
            self.tables[rule.id] = rule
        else:
            self.rules[rule.id] = rule

    def _refine(self, rule: Rule, mention: Mention, below: Iterable[str]) -> None:
        if rule.head is not None:
            message = "a rule that refines another one only adds conditions to it"
            hint = f"leave out `{rule.head.kind}`, or write `replaces` instead of `refines`"
            self.problems.append(rule.where.problem("FC421", message, None, hint))
        elif not rule.when and not rule.cites:
            message = "a rule that refines another one adds conditions to it, and this one has none"
            self.problems.append(rule.where.problem("FC421", message, None, "write them under `when:`"))
        elif mention.name in self.gone:
            message = f"this layer takes `{mention.name}` away, so nothing is left to refine"
            hint = "leave one of the two out"
            self.problems.append(mention.where.problem("FC420", message, None, hint))
        elif mention.name in self.tables and self._hits(mention, below, "refine"):
            table = self.tables[mention.name]
            self.tables[mention.name] = replace(
                table, when=(*table.when, *rule.when), cites=(*table.cites, *rule.cites)
            )
        elif table_of(mention.name) in self.tables:
            message = "a row of a table is not refined alone"
            hint = f"refine the table, `{table_of(mention.name)}`, or take the row away with `disable`"
            self.problems.append(mention.where.problem("FC421", message, None, hint))
        elif self._hits(mention, below, "refine") and mention.name in self.rules:
            refined = self.rules[mention.name]
            self.rules[mention.name] = replace(
                refined, when=(*refined.when, *rule.when), cites=(*refined.cites, *rule.cites)
            )

    def _hits(self, mention: Mention, below: Iterable[str], verb: str) -> bool:
        if mention.name in below or mention.name in self.broken:
            return True
        hint = (
            did_you_mean(mention.name, below) if below else "only a layer on top of another pack can do this"
        )
        message = f"there is no rule `{mention.name}` below this layer to {verb}"
        self.problems.append(mention.where.problem("FC420", message, None, hint))
        return False

    def _declared_twice(self, rule: Rule | Table, known: Rule | Table) -> None:
        what = "table" if isinstance(known, Table) else "rule"
        problem = rule.where.problem(
            "FC308",
            f"there is a {what} `{rule.id}` already",
            None,
            "give it another name, or write `replaces`",
        )
        self.problems.append(problem._replace(related=_related(known.where.span, "the other one")))

    # --- tables
    def lay_out_tables(self) -> None:
        """Make rules of the rows; whoever overrides a table overrides each of its rows."""
        for table in self.tables.values():
            if too_many_pairs(table):
                message = f"more than {MOST_COMPARED} pairs of rows of this table have to be told apart"
                hint = "let rows exclude each other and write `hit: only`, or make several tables of it"
                self.problems.append(table.where.problem("FC353", message, None, hint))
            else:
                self.rules |= {rule.id: rule for rule in rules_of(table)}
        for name, rule in self.rules.items():
            if any(mention.name in self.tables for mention in rule.overrides):
                spread = tuple(each for mention in rule.overrides for each in self._rows_of(mention))
                self.rules[name] = replace(rule, overrides=spread)

    def _rows_of(self, mention: Mention) -> tuple[Mention, ...]:
        table = self.tables.get(mention.name)
        if table is None:
            return (mention,)
        return tuple(replace(mention, name=table.rule_id(row)) for row in table.rows)

    def in_order(self) -> list[Rule]:
        """The rules by their names; rows where their table is, as they stand there."""
        places = {
            table.rule_id(row): (table.id, place)
            for table in self.tables.values()
            for place, row in enumerate(table.rows)
        }
        return sorted(self.rules.values(), key=lambda rule: places.get(rule.id, (rule.id, 0)))

    # --- overrides
    def check_overrides(self) -> None:
        """Every overridden rule exists, and no rule overrides itself, be it through others."""
        for rule in self.rules.values():
            for mention in rule.overrides:
                if mention.name not in self.rules and mention.name not in self.broken | set(self.gone):
                    hint = did_you_mean(mention.name, (*self.rules, *self.tables))
                    message = f"there is no rule `{mention.name}` to override"
                    self.problems.append(mention.where.problem("FC420", message, None, hint))
        for name in sorted(self.rules):
            circle = self._circle_from(name)
            if circle and name == min(circle):
                self._overrides_in_circle(circle)

    def _circle_from(self, start: str) -> list[str] | None:
        """The shortest way from a rule back to itself along `overrides`."""
        ways: dict[str, list[str]] = {start: [start]}
        waiting = [start]
        for name in waiting:
            for mention in self.rules[name].overrides:
                if mention.name == start:
                    return ways[name]
                if mention.name in self.rules and mention.name not in ways:
                    ways[mention.name] = [*ways[name], mention.name]
                    waiting.append(mention.name)
        return None

    def _overrides_in_circle(self, circle: list[str]) -> None:
        first = self.rules[circle[0]]
        way = " -> ".join(f"`{name}`" for name in [*circle, circle[0]])
        message = f"these rules override each other in a circle: {way}"
        hint = f"leave out one of these, such as `{circle[1 % len(circle)]}` under `overrides` here"
        problem = first.where.problem("FC422", message, None, hint)
        notes = [_related(self.rules[name].where.span, f"`{name}`") for name in circle[1:]]
        self.problems.append(problem._replace(related=tuple(n for note in notes for n in note)))


def _related(span: Span | None, note: str) -> tuple[tuple[str, Span], ...]:
    return ((note, span),) if span else ()
