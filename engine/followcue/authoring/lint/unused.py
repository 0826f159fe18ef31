"""Unused names: parameters, conclusions, actions and types that no rule uses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.base.diagnostic import nearest
from followcue.language.documents.document import Document
from followcue.language.logic.walk import atoms_of, expressions_of, parameters_in
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import CALENDAR, STEPS

_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def unused_names(
    context: LintContext, vocabulary: Iterable[Document], texts: Iterable[str] = ()
) -> Iterator[LintFinding]:
    """One finding for each name that no rule uses; `texts` are drafts, which may use any of them."""
    drafted = {word for text in texts for word in _WORD.findall(text)}
    used = _Used(context)
    documents = list(vocabulary)
    own = {parameter.name for parameter in (*CALENDAR, *STEPS)}
    for place, name in _declared(documents, "parameters"):
        if name not in used.parameters | drafted | own:
            yield _unused(place, "FC330", f"no rule uses the parameter `{name}`", "use it, or leave it out")
    for place, name in _declared(documents, "conclusions"):
        kind = context.vocabulary.kinds.get(name)
        if kind is None or name in used.matched | drafted:
            continue
        if name not in context.concluding:
            message = f"nobody concludes or uses `{name}`"
            near = nearest(
                name, (k for k in context.concluding if k != name and k in context.vocabulary.kinds)
            )
            hint = "write a rule that concludes it, or leave it out"
            yield _unused(place, "FC331", message, f"did you mean `{near}`? If not, {hint}" if near else hint)
        elif kind.internal:
            message = f"no rule uses the conclusion `{name}`, and reports do not show it"
            yield _unused(place, "FC331", message, "use it, leave out `internal`, or leave it out")
    for place, name in _declared(documents, "actions"):
        if name not in used.actions:
            hint = "write a rule that recommends it, or leave it out"
            yield _unused(place, "FC332", f"no rule recommends `{name}`", hint)
    for place, name in _declared(documents, "types"):
        declared = context.vocabulary.types.get(name)
        if (declared.name if declared else name) not in used.types:
            yield _unused(place, "FC333", f"no field is of the type `{name}`", "use it, or leave it out")
    actions = context.vocabulary.actions.values()
    for section, names in (
        ("messages", {action.message for action in actions}),
        ("sittings", {action.sitting for action in actions}),
    ):
        for place, name in _declared(documents, section):
            if name not in names:
                hint = f"give an action `{section[:-1]}: {name}`, or leave it out"
                yield _unused(place, "FC334", f"no action is of the {section[:-1]} `{name}`", hint)


def tips_on_nothing(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each tip on an action that no rule recommends, so that nobody ever reads it."""
    used = _Used(context)
    for rule in context.rules.values():
        head = rule.head
        if head is not None and head.kind == "tip" and head.target not in used.actions:
            message = f"nobody ever reads this tip: no rule recommends `{head.target}`"
            hint = "write a rule that recommends it, or leave the tip out"
            yield LintFinding(head.where.problem("FC437", message, hint=hint), "warning", rule.id)
        changed = context.loaded.pack.rules[rule.id].actions if head is not None and head.step else ()
        if head is not None and head.step and not used.actions.intersection(changed):
            message = "this changes the steps of nothing: no rule recommends what it names"
            hint = "write a rule that recommends it, or leave this one out"
            yield LintFinding(head.where.problem("FC437", message, hint=hint), "warning", rule.id)


class _Used:
    """The names that the rules of a pack use."""

    def __init__(self, context: LintContext) -> None:
        self.parameters: set[str] = set()
        self.matched: set[str] = set()
        for clause in context.clauses:
            for atom in atoms_of(clause):
                self.matched.add(atom.relation.partition(".")[0])
            for expr in expressions_of(clause):
                self.parameters |= set(parameters_in(expr))
        rules = (context.loaded.pack.rules[name] for name in context.rules)
        self.actions = {r.action for r in rules if r.head in ("recommend", "caution")}
        kinds = context.vocabulary.kinds.values()
        self.types = {field.type.name for kind in kinds for field in kind.fields}
        self.types |= {parameter.type.name for parameter in context.vocabulary.parameters.values()}


def _declared(documents: Iterable[Document], section: str) -> Iterator[tuple[Where, str]]:
    """The names that a section of a vocabulary declares, at their first place."""
    seen: set[str] = set()
    for document in documents:
        entries = document.data.get(section) if isinstance(document.data, dict) else None
        for name in entries if isinstance(entries, dict) else ():
            if name not in seen:
                seen.add(name)
                yield Where(document, (section, name), key=True), name


def _unused(place: Where, code: str, message: str, hint: str) -> LintFinding:
    return LintFinding(place.problem(code, message, hint=hint), "warning")


def uncited_rules(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each rule that cites nothing, in a pack that has sources."""
    if not context.vocabulary.sources:
        return
    for rule in context.rules.values():
        if not rule.cites:
            message = f"`{rule.id}` does not say who says so"
            hint = "write `cites: [own default]`, or a source and its item as the vocabulary has them"
            yield LintFinding(rule.where.problem("FC360", message, hint=hint), "warning", rule.id)


def untested_rules(context: LintContext, exercised: Collection[str]) -> Iterator[LintFinding]:
    """One finding for each rule that no test of the pack exercises."""
    for rule in context.rules.values():
        if rule.id not in exercised:
            message = f"no test exercises `{rule.id}`"
            hint = "write one that expects what it says; `followcue test --coverage` shows what is missing"
            yield LintFinding(rule.where.problem("FC361", message, hint=hint), "warning", rule.id)
