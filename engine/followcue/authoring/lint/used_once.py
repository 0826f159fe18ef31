"""Variables that stand only once in their rule: they join and compare nothing, as a misspelt one does.

    when: [applied: {date: $day}, missed_payment: {date: $dya}]

Here any missed payment will do, on whatever day. The variable of the scope joins without being written, so
once is enough for it; and a sentence uses the variables that stand in its braces. Where a word is called like
the variable, it is the `$` of the word that is missing, of which another lint tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.base.diagnostic import nearest
from followcue.language.logic.told_values import names_in
from followcue.language.model.decision_table import as_one_rule
from followcue.language.model.leaves import Leaf, leaves_of
from followcue.language.model.rules import Rule
from followcue.language.model.syntax import Variable, Word


def variables_used_once(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each variable that stands only once in its rule."""
    of_tables = {table.rule_id(row): table for table in context.loaded.tables for row in table.rows}
    rules = [context.rules[name] for name in sorted(context.about) if name not in of_tables]
    tables = {of_tables[name].id: of_tables[name] for name in sorted(context.about) if name in of_tables}
    for rule in (*rules, *map(as_one_rule, tables.values())):
        scope = None if rule.whole else context.vocabulary.shape.scope
        found: defaultdict[str, list[Leaf]] = defaultdict(list)
        for leaf in leaves_of(rule):
            if isinstance(leaf.value, Variable):
                found[leaf.value.name].append(leaf)
        forgotten = {leaf.value.text for leaf in leaves_of(rule) if isinstance(leaf.value, Word)}
        told = {*names_in(rule.head), scope, *forgotten}
        for variable, leaves in found.items():
            if len(leaves) == 1 and variable not in told:
                yield _finding(rule, variable, leaves[0], [other for other in found if other != variable])


def _finding(rule: Rule, variable: str, leaf: Leaf, others: list[str]) -> LintFinding:
    message = f"`${variable}` stands only once in `{rule.id}`, so nothing is compared with it"
    near = nearest(variable, others)
    if leaf.names_result:
        hint = f"compare it, as in `where: ${variable} at least 2`, or leave this condition out"
    else:
        hint = "leave it out, or write `present` if it has to be there"
    if near is not None:
        hint = f"did you mean `${near}`? If not, {hint}"
    return LintFinding(leaf.where.problem("FC439", message, leaf.at, hint), "warning", rule.id)
