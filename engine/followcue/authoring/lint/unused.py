"""Names that nobody uses: parameters, conclusions, actions and types that are declared in vain."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from followcue.authoring.lint.context import Book
from followcue.authoring.lint.finding import Finding
from followcue.language.documents.document import Document
from followcue.language.logic import program as ir
from followcue.language.logic.variables import parameters_in
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import STEPS

_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def unused_names(book: Book, vocabulary: Iterable[Document], texts: Iterable[str] = ()) -> Iterator[Finding]:
    """One finding for each name that no rule uses; `texts` are drafts, which may use any of them."""
    drafted = {word for text in texts for word in _WORD.findall(text)}
    used = _Used(book)
    documents = list(vocabulary)
    own = {parameter.name for parameter in STEPS}
    for place, name in _declared(documents, "parameters"):
        if name not in used.parameters | drafted | own:
            yield _unused(place, "FC330", f"no rule uses the parameter `{name}`", "use it, or leave it out")
    for place, name in _declared(documents, "conclusions"):
        kind = book.vocabulary.kinds.get(name)
        if kind is None or name in used.matched | drafted:
            continue
        if name not in book.concluding:
            message = f"nobody concludes or uses `{name}`"
            yield _unused(place, "FC331", message, "write a rule that concludes it, or leave it out")
        elif kind.internal:
            message = f"no rule uses the conclusion `{name}`, and reports do not show it"
            yield _unused(place, "FC331", message, "use it, leave out `internal`, or leave it out")
    for place, name in _declared(documents, "actions"):
        if name not in used.actions:
            hint = "write a rule that recommends it, or leave it out"
            yield _unused(place, "FC332", f"no rule recommends `{name}`", hint)
    for place, name in _declared(documents, "types"):
        if name not in used.types:
            yield _unused(place, "FC333", f"no field is of the type `{name}`", "use it, or leave it out")
    actions = book.vocabulary.actions.values()
    for section, names in (
        ("messages", {action.message for action in actions}),
        ("sittings", {action.sitting for action in actions}),
    ):
        for place, name in _declared(documents, section):
            if name not in names:
                hint = f"give an action `{section[:-1]}: {name}`, or leave it out"
                yield _unused(place, "FC334", f"no action is of the {section[:-1]} `{name}`", hint)


def tips_on_nothing(book: Book) -> Iterator[Finding]:
    """One finding for each tip on an action that no rule recommends, so that nobody ever reads it."""
    used = _Used(book)
    for rule in book.rules.values():
        head = rule.head
        if head is not None and head.kind == "tip" and head.target not in used.actions:
            message = f"nobody ever reads this tip: no rule recommends `{head.target}`"
            hint = "write a rule that recommends it, or leave the tip out"
            yield Finding(head.where.problem("FC437", message, hint=hint), "warning", rule.id)
        changed = book.loaded.pack.rules[rule.id].actions if head is not None and head.step else ()
        if head is not None and head.step and not used.actions.intersection(changed):
            message = "this changes the steps of nothing: no rule recommends what it names"
            hint = "write a rule that recommends it, or leave this one out"
            yield Finding(head.where.problem("FC437", message, hint=hint), "warning", rule.id)


class _Used:
    """The names that the rules of a pack use."""

    def __init__(self, book: Book) -> None:
        self.parameters: set[str] = set()
        self.matched: set[str] = set()
        for clause in book.clauses:
            for atom in _atoms(clause):
                self.matched.add(atom.relation.partition(".")[0])
            for expr in _expressions(clause):
                self.parameters |= set(parameters_in(expr))
        rules = (book.loaded.pack.rules[name] for name in book.rules)
        self.actions = {r.action for r in rules if r.head in ("recommend", "caution")}
        kinds = book.vocabulary.kinds.values()
        self.types = {field.type.name for kind in kinds for field in kind.fields}
        self.types |= {parameter.type.name for parameter in book.vocabulary.parameters.values()}


def _atoms(clause: ir.Clause) -> Iterator[ir.Atom]:
    yield from clause.body
    yield from clause.negated
    for aggregate in clause.aggregates:
        yield aggregate.atom


def _expressions(clause: ir.Clause) -> Iterator[ir.Expr]:
    yield from clause.guards
    yield from clause.head.values
    for atom in _atoms(clause):
        for test in atom.tests:
            if test.value is not None and not isinstance(test.value, tuple):
                yield test.value


def _declared(documents: Iterable[Document], section: str) -> Iterator[tuple[Where, str]]:
    """The names that a section of a vocabulary declares, at their first place."""
    seen: set[str] = set()
    for document in documents:
        entries = document.data.get(section) if isinstance(document.data, dict) else None
        for name in entries if isinstance(entries, dict) else ():
            if name not in seen:
                seen.add(name)
                yield Where(document, (section, name), key=True), name


def _unused(place: Where, code: str, message: str, hint: str) -> Finding:
    return Finding(place.problem(code, message, hint=hint), "warning")


def uncited_rules(book: Book) -> Iterator[Finding]:
    """One finding for each rule that cites nothing, in a pack that has sources."""
    if not book.vocabulary.sources:
        return
    for rule in book.rules.values():
        if not rule.cites:
            message = f"`{rule.id}` does not say who says so"
            hint = "add `cites:` with a source and item, or `own default`"
            yield Finding(rule.where.problem("FC360", message, hint=hint), "warning", rule.id)


def untested_rules(book: Book, exercised: Collection[str]) -> Iterator[Finding]:
    """One finding for each rule that no test of the pack exercises."""
    for rule in book.rules.values():
        if rule.id not in exercised:
            message = f"no test exercises `{rule.id}`"
            hint = "write one that expects what it says; `followcue test --figures` shows what is missing"
            yield Finding(rule.where.problem("FC361", message, hint=hint), "warning", rule.id)
