"""Conclusions that leave a field empty which other rules ask for, so that these never see them.

    when: [watered]                    conclude: had_water           leaves `day` empty
    when: [had_water: {day: $day}]     recommend: …                  a row without `day` is none of its rows

A field that some rule asks to be absent may be left empty, for that is what it waits for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.language.logic import program as ir
from followcue.language.model.decision_table import table_of
from followcue.language.model.rules import RuleHead, Where

Field = tuple[str, int]
"""A relation and the number of one of its columns."""


def fields_left_empty(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each field that a rule leaves empty in what it concludes, and another one needs."""
    needs = _needs(context)
    for name in sorted(context.about):
        head = context.rules[name].head
        if head is not None and head.kind == "conclude":
            for one in head.each:
                yield from _left_empty(context, name, one, needs)


def _left_empty(
    context: LintContext, rule: str, head: RuleHead, needs: Mapping[Field, str]
) -> Iterator[LintFinding]:
    columns = [column.name for column in context.vocabulary.relations[head.target].columns]
    for field in context.vocabulary.kinds[head.target].fields:
        readers = needs.get((head.target, columns.index(field.name)))
        if readers and field.name not in head.values:
            cell = _cell(context, rule, field.name)
            if cell is not None:
                message = f"this row gives no `{field.name}`, which `{readers}` takes"
                hint = f"write the value of `{field.name}`, or leave the row out"
                problem = cell.problem("FC442", message, hint=hint)
                yield LintFinding(problem, "warning", rule, starves=readers)
                continue
            message = (
                f"`{head.target}` has `{field.name}`, which `{readers}` takes and this rule leaves empty"
            )
            hint = f"write `{head.target}: {{{field.name}: …}}` with its value"
            problem = head.where.problem("FC442", message, hint=hint)
            yield LintFinding(problem, "warning", rule, starves=readers)


def _cell(context: LintContext, rule: str, field: str) -> Where | None:
    """The cell of a row that would give the field; None where the table has no such column."""
    name = table_of(rule)
    if name is None:
        return None
    where = context.rules[rule].where
    listed = where.document.data["tables"][name]["columns"]  # type: ignore[index]  # it was read
    return where / listed.index(field) if field in listed else None


def _needs(context: LintContext) -> Mapping[Field, str]:
    """The fields that a rule asks for, with one such rule; without those that some rule asks to be absent."""
    found: defaultdict[Field, set[str]] = defaultdict(set)
    absent: set[Field] = set()
    for clause in context.clauses:
        for relation, column, op in _asked(clause):
            if op == "absent":
                absent.add((relation, column))
            else:
                found[relation, column].add(clause.rule)
    return {field: min(rules) for field, rules in found.items() if field not in absent}


def _asked(clause: ir.Clause) -> Iterator[tuple[str, int, str]]:
    """Relation, column and operator of each demand on a fact that must be there."""
    for atom in (*clause.body, *(aggregate.atom for aggregate in clause.aggregates)):
        for column, _ in atom.joins:
            yield atom.relation, column, "=="
        for test in atom.tests:
            yield atom.relation, test.column, test.op
    for aggregate in clause.aggregates:
        for column, _ in aggregate.outputs:
            yield aggregate.atom.relation, column, "=="
    for atom in clause.negated:
        for test in atom.tests:
            if test.op == "present":
                yield atom.relation, test.column, "absent"
