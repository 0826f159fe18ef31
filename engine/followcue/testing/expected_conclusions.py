"""Expected conclusions: `{conclusion: risk, applicant: ann, rate: 649}` among what a test expects or rejects.

A conclusion is told by its name, the record that it belongs to and its fields, of which an author writes as
many as matter. A field that is to be empty is written without a value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.evaluation.advice.report import Conclusion, Report
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.situation.fields import UNFIT, Days, converter, refuse
from followcue.language.model.declared import unknown
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import Kind, Type, Vocabulary

CONCLUSION = "conclusion"
"""The key of an expectation that names a conclusion."""


@dataclass(frozen=True, slots=True)
class ExpectedConclusion:
    """A conclusion as far as its author wrote it; `fields` as reports write them, None for an empty one.

    `of` is the record that it belongs to, where one is written: its key, or None for the whole.
    """

    fact: str
    of: tuple[str | None] | None
    fields: Mapping[str, object]
    where: Where = field(compare=False, repr=False)

    def fits(self, conclusion: Conclusion) -> bool:
        """Whether this is such a conclusion of a report."""
        return self.fact == conclusion.fact and not self.differing(conclusion)

    def differing(self, conclusion: Conclusion) -> tuple[str, ...]:
        """In which fields the conclusion is not what is expected; `""` for its record."""
        fields = tuple(n for n, value in self.fields.items() if value != conclusion.fields.get(n))
        return (*(("",) if self.of and self.of[0] != conclusion.scope else ()), *fields)

    def said(self, scope_key: str) -> str:
        """The expectation in words: `conclusion risk: applicant ann, rate 649`."""
        of = {scope_key: self.of[0]} if self.of else {}
        return conclusion_in_words(self.fact, {**of, **self.fields})


@dataclass(frozen=True, slots=True)
class MissedConclusion:
    """A conclusion that was expected and not drawn; `nearest` are those of its name, nearest first."""

    expectation: ExpectedConclusion
    nearest: tuple[Conclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class UnwantedConclusion:
    """A conclusion that was drawn and should not have been."""

    conclusion: Conclusion
    rejected: ExpectedConclusion


def is_of_conclusion(written: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether an entry of `expect` or `reject` speaks of a conclusion."""
    return isinstance(written, Mapping) and CONCLUSION in written


def misses_of(
    expected: Iterable[ExpectedConclusion], rejected: Iterable[ExpectedConclusion], report: Report
) -> Iterator[MissedConclusion | UnwantedConclusion]:
    """What is expected and not concluded, then what is concluded and rejected."""
    for wanted in expected:
        if not any(map(wanted.fits, report.conclusions)):
            named = [one for one in report.conclusions if one.fact == wanted.fact]
            named.sort(key=lambda one: len(wanted.differing(one)))
            yield MissedConclusion(wanted, tuple(named))
    for conclusion in report.conclusions:
        found = next((one for one in rejected if one.fits(conclusion)), None)
        if found is not None:
            yield UnwantedConclusion(conclusion, found)


def conclusion_in_words(fact: str, values: Mapping[str, object]) -> str:
    """`conclusion risk: applicant ann, rate 649`."""
    said = ", ".join(f"{name} {_in_words(value)}" for name, value in values.items())
    return f"conclusion {fact}: {said}" if said else f"conclusion {fact}"


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


class ConclusionReader:
    """Reads the expected conclusions of the tests of one pack."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._scope = vocabulary.shape.scope
        self._days = Days()

    def read(
        self, written: Mapping[str, Any], where: Where, known: Collection[str], problems: list[Diagnostic]
    ) -> ExpectedConclusion | None:
        """The expectation, or None after mistakes; `known` is whatever occurs in the situation."""
        kind = self._kind(written[CONCLUSION], where, problems)
        if kind is None:
            return None
        before = len(problems)
        types = {one.name: one.type for one in kind.fields}
        fields: dict[str, object] = {}
        of: tuple[str | None] | None = None
        for name, value in written.items():
            place = where / name
            if name == CONCLUSION:
                continue
            if name == self._scope and name not in types:
                of = (value,)
                if value is not None and value not in known:
                    problems.append(_nobody(value, known, place))
            elif name not in types:
                keys = [*types, *([self._scope] if self._scope and kind.scoped else [])]
                hint = did_you_mean(name, keys) or _listed(keys)
                message = f"the conclusion `{kind.name}` has no field `{name}`"
                problems.append(place.as_key().problem("FC302", message, hint=hint))
            elif value is None:
                fields[name] = None
            else:
                fields[name] = self._value(name, types[name], value, place, known, problems)
        return ExpectedConclusion(kind.name, of, fields, where) if len(problems) == before else None

    def _kind(self, name: object, where: Where, problems: list[Diagnostic]) -> Kind | None:
        kinds = self._vocabulary.kinds
        conclusions = {kind.name: kind for kind in kinds.values() if kind.role == "conclusion"}
        place = where / CONCLUSION
        kind = conclusions.get(str(name))
        if kind is None:
            if name in self._vocabulary.actions:
                hint = f"write `{{action: {name}}}`, or only `{name}`"
                problems.append(
                    place.problem("FC302", f"`{name}` is an action, and no conclusion", hint=hint)
                )
            else:
                problems.append(unknown("conclusion", str(name), conclusions, place))
        elif kind.internal:
            message = f"`{name}` is internal, so that no report shows it"
            hint = "expect what it leads to, or leave `internal` out in the vocabulary"
            problems.append(place.problem("FC302", message, hint=hint))
            return None
        return kind

    def _value(
        self,
        name: str,
        kind: Type,
        value: object,
        where: Where,
        known: Collection[str],
        problems: list[Diagnostic],
    ) -> object:
        """The value of a field as reports write it."""
        try:
            read = converter(kind, self._days)(value)
        except UNFIT:
            refusal = refuse(name, kind, value)
            problems.append(where.problem(refusal.code, refusal.message, hint=refusal.hint))
            return None
        if kind.refers_to and read not in known:
            problems.append(_nobody(value, known, where))
        return as_written(read, kind.base)


def _nobody(value: object, known: Collection[str], where: Where) -> Diagnostic:
    message = f"nothing in the situation is called `{value}`"
    return where.problem("FC302", message, hint=did_you_mean(str(value), known))


def _listed(names: Iterable[str]) -> str | None:
    found = ", ".join(f"`{name}`" for name in names)
    return f"known here: {found}" if found else None
