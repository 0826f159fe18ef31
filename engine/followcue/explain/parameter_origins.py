"""Parameters: which of them a clause asks for, and where the values in force came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.situation.situation import Situation
from followcue.explain.explanation import ParameterUse
from followcue.language.documents.document import Document, dotted
from followcue.language.logic import program as ir
from followcue.language.logic.walk import expressions_of, parameters_in
from followcue.language.model.vocabulary import CALENDAR, Parameter, Vocabulary


def parameters_of(clause: ir.Clause) -> Iterator[str]:
    """The names of the parameters in a clause, as often as they occur."""
    return (name for expr in expressions_of(clause) for name in parameters_in(expr))


class ParameterOrigins:
    """Where the parameters of one situation have their values from."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        situation: Situation,
        document: Document,
        options: Mapping[str, object] | None,
    ) -> None:
        self._known = {p.name: p for p in CALENDAR} | dict(vocabulary.parameters)
        self._situation = situation
        self._document = document
        self._options = options or {}

    def use(self, name: str) -> ParameterUse | None:
        """The parameter's value and its origin; None for the profile, which is no parameter."""
        parameter = self._known.get(name)
        if parameter is None:
            return None
        value = as_written(self._situation.parameters.get(name), parameter.type.base)
        if name in self._options:
            return ParameterUse(name, value, "option", "", parameter.says)
        data = self._document.data
        written = data.get("params") if isinstance(data, dict) else None
        if isinstance(written, dict) and name in written:
            return ParameterUse(name, value, "situation", self._place(name), parameter.says)
        return self._shipped(parameter, value)

    def _shipped(self, parameter: Parameter, value: object) -> ParameterUse:
        layer = "profile" if self._situation.profile in parameter.profiles else "pack"
        origin, cites = parameter.origin, parameter.cites
        return ParameterUse(parameter.name, value, layer, origin, parameter.says, cites)  # type: ignore[arg-type]

    def _place(self, name: str) -> str:
        path = ("params", name)
        span = self._document.span(path, key=True)
        return f"{span.file}:{span.line}" if span else dotted(path)
