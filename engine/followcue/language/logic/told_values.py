"""Where the values of the variables stand that a rule's sentences name, in the derivations of its clauses.

A derivation keeps the rows that it used, not the values of its variables. Each of these stands in one of the
rows: `{day}` of the condition `- interview: {date: $day}` is the column `date` of the row of that condition.
A variable that a clause does not bind (of a `maybe` that found nothing) has no value there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.language.logic.computed import computed_in
from followcue.language.logic.program import Aggregate, Clause
from followcue.language.model.pack import ValueAt
from followcue.language.model.rules import Rule, RuleHead
from followcue.language.model.text_template import parse_sentence
from followcue.language.model.vocabulary import Vocabulary


def names_in(head: RuleHead | None) -> tuple[str, ...]:
    """The variables that the sentences of a head name; none of a sentence that cannot be read."""
    names: list[str] = []
    for text in (head.say, head.why) if head else ():
        try:
            names += [name for part in parse_sentence(text) for name in part.fields]
        except ValueError:
            continue
    return tuple(dict.fromkeys(names))


def values_of(clause: Clause, names: Iterable[str], vocabulary: Vocabulary) -> tuple[ValueAt, ...]:
    """Where the named variables stand in the derivations of a clause; without those that it does not bind."""
    places = {value.name: value for value in _places(clause, vocabulary)}
    return tuple(places[name] for name in names if name in places)


def sentence_problems(rule: Rule, clauses: Sequence[Clause], vocabulary: Vocabulary) -> list[Diagnostic]:
    """What is wrong with the sentences of a rule: braces, or names that no condition binds."""
    head = rule.head
    problems: list[Diagnostic] = []
    for key, text in (("say", head.say), ("why", head.why)) if head else ():
        where = (rule.where / "recommend" / key) if text else rule.where
        try:
            parts = parse_sentence(text)
        except ValueError as problem:
            problems.append(where.problem("FC614", str(problem)))
            continue
        if not clauses:
            continue
        known = sorted({value.name for clause in clauses for value in _places(clause, vocabulary)})
        for name in dict.fromkeys(name for part in parts for name in part.fields):
            if name not in known:
                hint = did_you_mean(name, known) or "bind it in a condition, as in `date: $day`"
                message = f"nothing binds `${name}`, so it cannot be told here"
                if name in computed_in(rule):
                    hint = "conclude it in a rule of its own, and take it from there"
                    message = f"`${name}` is reckoned in this rule, and a sentence tells what a fact holds"
                problems.append(where.problem("FC402", message, None, hint))
    return problems


def _places(clause: Clause, vocabulary: Vocabulary) -> Iterator[ValueAt]:
    """Every variable that an author can name; a later place of the same name holds the same value."""
    for place, atom in enumerate(clause.body):
        for column, name in atom.joins:
            yield _value(name, "body", place, atom.relation, column, vocabulary)
    for place, aggregate in enumerate(clause.aggregates):
        relation = aggregate.atom.relation
        for column, name in aggregate.outputs:
            yield _value(name, "grouped", place, relation, column, vocabulary)
        if aggregate.result is not None:
            yield _result(aggregate, aggregate.result, place, vocabulary)


def _result(aggregate: Aggregate, name: str, place: int, vocabulary: Vocabulary) -> ValueAt:
    if aggregate.op == "count" or aggregate.column is None:
        return ValueAt(name, "count", place, 0, "number")
    part = "sum" if aggregate.op == "sum" else "grouped"
    return _value(name, part, place, aggregate.atom.relation, aggregate.column, vocabulary)


def _value(name: str, part: str, place: int, relation: str, column: int, vocabulary: Vocabulary) -> ValueAt:
    found = vocabulary.relations[relation].columns[column]
    kind = vocabulary.kinds.get(relation.partition(".")[0])
    refers_to: tuple[str, ...] = ()
    if found.name == vocabulary.shape.scope:
        refers_to = (found.name,)
    elif kind is not None and kind.role == "record" and found.name == "id":
        refers_to = (kind.name,)
    elif kind is not None:
        refers_to = next((f.type.refers_to for f in kind.fields if f.name == found.name), ())
    return ValueAt(name, part, place, column, found.type, refers_to)  # type: ignore[arg-type]  # one of the four
