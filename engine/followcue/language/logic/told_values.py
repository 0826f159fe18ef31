"""Where the values of the variables stand that a rule's sentences name, in the derivations of its clauses.

A derivation keeps the rows that it used, not the values of its variables. Each of these stands in one of the
rows: `{day}` of the condition `- interview: {date: $day}` is the column `date` of the row of that condition.
One that a computation binds is reckoned again from those, `{late}` of `- where: $late is today - $day`.
A variable that a clause does not bind (of a `maybe` that found nothing) has no value there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from followcue.base.diagnostic import Diagnostic
from followcue.language.logic.expressions import nearest_or_given
from followcue.language.logic.program import Aggregate, Clause
from followcue.language.logic.walk import variables
from followcue.language.model.pack import ValueAt
from followcue.language.model.rules import Rule, RuleHead, Where
from followcue.language.model.syntax import At
from followcue.language.model.text_template import SentencePart, UnreadSentence, parse_sentence
from followcue.language.model.vocabulary import Vocabulary

SENTENCES = ("say", "why")
"""The texts in which brackets count even where there is nothing to fill."""


def names_in(head: RuleHead | None) -> tuple[str, ...]:
    """The variables that the sentences of a head name; none of a sentence that cannot be read."""
    names: list[str] = []
    for _, text in head.texts() if head else ():
        try:
            names += [name for part in parse_sentence(text) for name in part.fields]
        except ValueError:
            continue
    return tuple(dict.fromkeys(names))


def all_values(clause: Clause, vocabulary: Vocabulary) -> tuple[ValueAt, ...]:
    """Where the variables of a clause that an author can name stand in its derivations."""
    places = {value.name: value for value in _places(clause, vocabulary)}
    return tuple(value for name, value in places.items() if name.isidentifier())


def values_of(clause: Clause, names: Iterable[str], vocabulary: Vocabulary) -> tuple[ValueAt, ...]:
    """Where the named variables stand in the derivations of a clause; without those that it does not bind."""
    places = {value.name: value for value in _places(clause, vocabulary)}
    return tuple(places[name] for name in names if name in places)


def parameters_told(
    clauses: Iterable[Clause], names: Iterable[str], vocabulary: Vocabulary
) -> tuple[ValueAt, ...]:
    """The parameters among the names that no clause of a rule binds."""
    bound = {value.name for clause in clauses for value in _places(clause, vocabulary)}
    found = (vocabulary.parameters[n] for n in names if n not in bound and n in vocabulary.parameters)
    return tuple(ValueAt(p.name, "parameter", 0, 0, p.type.base, is_word=bool(p.type.choices)) for p in found)


def sentence_problems(rule: Rule, clauses: Sequence[Clause], vocabulary: Vocabulary) -> list[Diagnostic]:
    """What is wrong with the sentences of a rule: braces, or names that no condition binds."""
    head = rule.head
    problems: list[Diagnostic] = []
    for path, text in head.texts() if head else ():
        if "{" not in text and "}" not in text and (not path or path[0] not in SENTENCES):
            continue
        where = rule.where / head.kind  # type: ignore[union-attr]  # the texts are those of a head
        for step in path:
            where /= step
        try:
            parts = parse_sentence(text)
        except UnreadSentence as problem:
            problems.append(where.problem("FC614", str(problem), hint=_braces_hint(text) or problem.hint))
            continue
        if not clauses and not rule.is_always_a_tip:
            continue  # nobody knows what it would bind
        bound = [{value.name for value in _places(clause, vocabulary)} for clause in clauses]
        known = sorted(set[str]().union(*bound, vocabulary.parameters))
        for part in parts:
            for name in part.fields:
                if name not in known:
                    hint = nearest_or_given(name, known, f"date: ${name}")
                    message = f"nothing gives `${name}` a value, so it cannot be told here"
                    problems.append(where.problem("FC402", message, _at(name, text), hint))
        if not path:
            problems += _may_be_absent(parts, bound, where, text)
    return list(dict.fromkeys(problems))


def _braces_hint(text: str) -> str | None:
    """How a rule writes what stands in braces that hold more than a name."""
    if found := re.search(r"\{ *\$?([a-z]\w*)\.([a-z]\w*) *\}", text):
        kind, name = found[1], found[2]
        condition = f"`{kind}: {{{name}: ${name}}}`"
        return f"give the field a variable in a condition, {condition}, and write `{{{name}}}`"
    if text.count("{") != text.count("}"):
        return "close each `{` by a `}`"
    if re.search(r"\{[^}]*[-+*/][^}]*\}", text):
        return "reckon it in a condition, as in `where: $x is $n + 1`, and write `{x}`"
    return None


def _may_be_absent(
    parts: Iterable[SentencePart], bound: Sequence[Collection[str]], where: Where, text: str
) -> Iterator[Diagnostic]:
    """What a warning cannot be without and may lack: there is nothing else to say in its place."""
    everywhere = set(bound[0]).intersection(*bound[1:])
    somewhere = set[str]().union(*bound) - everywhere
    for name in dict.fromkeys(name for part in parts if not part.optional for name in part.fields):
        if name in somewhere:
            message = f"`${name}` may be absent, and then nobody can read this warning"
            hint = f"put it into square brackets with the words around it: `[, on {{{name}}}]`"
            yield where.problem("FC326", message, _at(name, text), hint)


def _at(name: str, text: str) -> At:
    """Where a name stands in a text, with its braces."""
    return text.index(f"{{{name}}}"), len(name) + 2


def _places(clause: Clause, vocabulary: Vocabulary) -> Iterator[ValueAt]:
    """Every variable that an author can name; a later place of the same name holds the same value."""
    bound = {value.name: value for value in _in_rows(clause, vocabulary)}
    yield from bound.values()
    yield from _reckoned(clause, bound)


def _in_rows(clause: Clause, vocabulary: Vocabulary) -> Iterator[ValueAt]:
    """Every variable that stands in a row that a derivation keeps."""
    for place, atom in enumerate(clause.body):
        for column, name in atom.joins:
            yield _value(name, "body", place, atom.relation, column, vocabulary)
    for place, aggregate in enumerate(clause.aggregates):
        relation = aggregate.atom.relation
        for column, name in aggregate.outputs:
            yield _value(name, "grouped", place, relation, column, vocabulary)
        if aggregate.result is not None:
            yield _result(aggregate, aggregate.result, place, vocabulary)


def _reckoned(clause: Clause, bound: Mapping[str, ValueAt]) -> Iterator[ValueAt]:
    """The same of every variable that a computation binds."""
    for one in clause.computed:
        of = tuple(bound[name] for name in sorted(variables(one.expr)))
        yield ValueAt(one.name, "reckoned", 0, 0, one.base, one.refers_to, one.is_word, one.expr, of)


def _result(aggregate: Aggregate, name: str, place: int, vocabulary: Vocabulary) -> ValueAt:
    if aggregate.op == "count" or aggregate.column is None:
        return ValueAt(name, "count", place, 0, "number")
    part = "sum" if aggregate.op == "sum" else "grouped"
    return _value(name, part, place, aggregate.atom.relation, aggregate.column, vocabulary)


def _value(name: str, part: str, place: int, relation: str, column: int, vocabulary: Vocabulary) -> ValueAt:
    found = vocabulary.relations[relation].columns[column]
    kind = vocabulary.kinds.get(relation.partition(".")[0])
    refers_to: tuple[str, ...] = ()
    is_word = False
    if found.name == vocabulary.shape.scope:
        refers_to = (found.name,)
    elif kind is not None and kind.role == "record" and found.name == "id":
        refers_to = (kind.name,)
    elif kind is not None:
        types = {field.name: field.type for field in kind.fields}
        if found.name in types:
            refers_to, is_word = types[found.name].refers_to, bool(types[found.name].choices)
    return ValueAt(name, part, place, column, found.type, refers_to, is_word)  # type: ignore[arg-type]  # one of the four
