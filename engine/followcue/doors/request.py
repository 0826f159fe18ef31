"""A request as it was sent: the situation with the places of its values, and what is asked of it.

A body of JSON is a mapping that holds the `situation`, and the options beside it; a body of YAML is the
situation alone. Both are read as files are, with the same limits and the same mistakes: a line is one of the
body, a path one of the situation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.base.limits import Limits
from followcue.base.values import parse_date
from followcue.evaluation.pipeline import Options
from followcue.language.documents.document import Document, Path
from followcue.language.documents.read import read_document

BAD_REQUEST = "FC910"
SITUATION = "situation"

Reader: TypeAlias = Callable[[object, Limits], object]
"""Reads the value of an option; raises `Unfit`. The limits are those of the service."""


class Unfit(Exception):
    """A value that is not what its option takes; `path` leads to what is wrong within it."""

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.path = path


class BadRequest(InvalidInput):
    """A body that asks for what there is not: a mistake of the caller's program, not of the situation."""


class AskedQuestion(NamedTuple):
    """A question: the situation, how it is judged, and what else was said by its name."""

    document: Document
    options: Options
    rest: Mapping[str, Any]


def read_request(
    body: bytes, *, is_yaml: bool, accepts: Mapping[str, Reader], limits: Limits
) -> AskedQuestion:
    """The question in a body; `accepts` are the options of this one beside those that all have.

    `limits` are the highest that a caller may ask for. Raises `InvalidInput` for a body that cannot be read,
    and `BadRequest` for one that asks for what there is not.
    """
    document = read_document(body, "request.yaml" if is_yaml else "request.json", limits)
    if is_yaml:
        return AskedQuestion(document, Options(limits=limits), {})
    return asked_in(document, accepts, limits)


def asked_in(document: Document, accepts: Mapping[str, Reader], limits: Limits) -> AskedQuestion:
    """The question in a document that was read already."""
    data = document.data
    if not isinstance(data, dict) or SITUATION not in data:
        hint = 'send {"situation": {…}}, or the situation itself as application/yaml'
        raise BadRequest([document.problem(BAD_REQUEST, "this holds no `situation`", (), hint=hint)])
    readers = {**COMMON, **accepts}
    problems: list[Diagnostic] = []
    read: dict[str, Any] = {}
    for key, value in data.items():
        if key == SITUATION or (key in readers and value is None):
            continue
        if key not in readers:
            meant = did_you_mean(key, [SITUATION, *readers])
            message = f"`{key}` is not taken here"
            problems.append(document.problem(BAD_REQUEST, message, (key,), key=True, hint=meant))
            continue
        try:
            read[key] = readers[key](value, limits)
        except Unfit as unfit:
            problems.append(document.problem(BAD_REQUEST, f"`{key}` {unfit}", (key, *unfit.path)))
    if problems:
        raise BadRequest(problems)
    options = Options(
        read.pop("as_of", None),
        read.pop("profile", None),
        read.pop("params", None),
        missed=read.pop("missed", False),
        limits=read.pop("limits", limits),
    )
    return AskedQuestion(document.within(SITUATION), options, read)


def a_day(value: object, limits: Limits) -> date:
    """A date as it is written in a situation."""
    found = parse_date(value) if isinstance(value, str) else None
    if found is None:
        raise Unfit("must be a day such as 2026-11-21")
    return found


def text(value: object, limits: Limits) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise Unfit("must be text")
    return value


def flag(value: object, limits: Limits) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Unfit("must be true or false")
    return value


def number_up_to(most: int) -> Reader:
    """A whole number from 0."""

    def read(value: object, limits: Limits) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise Unfit(f"must be a whole number from 0 to {most}")
        return value

    return read


def one_of(*words: str) -> Reader:
    """One of some words."""

    def read(value: object, limits: Limits) -> str:
        if not isinstance(value, str) or value not in words:
            raise Unfit(f"must be one of {', '.join(words)}")
        return value

    return read


def _parameters(value: object, limits: Limits) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Unfit("must be a mapping of parameters to values")
    return value


def _lowered(value: object, limits: Limits) -> Limits:
    """The limits of the service, of which some are lowered; nobody may raise them."""
    if not isinstance(value, dict):
        raise Unfit("must be a mapping of limits to numbers")
    found: dict[str, Any] = {}
    for name, given in value.items():
        if name not in Limits._fields:
            raise Unfit(f"has no `{name}`: there are {', '.join(Limits._fields)}", (name,))
        most = getattr(limits, name)
        is_number = type(given) is int or (name == "seconds" and isinstance(given, float))
        if not is_number or given <= 0 or (most and given > most):
            raise Unfit(f"can only lower `{name}`, to a number above 0 and up to {most}", (name,))
        found[name] = float(given) if isinstance(given, float) else given
    return limits._replace(**found)


COMMON: Final[Mapping[str, Reader]] = {
    "as_of": a_day,
    "profile": text,
    "params": _parameters,
    "limits": _lowered,
    "missed": flag,
}
"""What every question takes besides the situation."""


def as_data(problem: Diagnostic) -> dict[str, Any]:
    """A mistake as JSON data."""
    span = problem.span
    return {
        "code": problem.code,
        "message": problem.message,
        "path": problem.place,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "hint": problem.hint and str(problem.hint),
    }
