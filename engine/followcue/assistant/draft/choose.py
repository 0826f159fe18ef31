"""Which of the recommended actions a draft is wanted for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from followcue.base.diagnostic import did_you_mean
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.words import addressee, deadline, weekday


class Wanted(NamedTuple):
    """What is asked for: an action, and if given, the record of the scope and the person by their keys."""

    action: str
    scope: str | None = None
    to: str | None = None


class Unknown(Exception):
    """What is asked for has a name that nothing has."""


class NotRecommended(Exception):
    """What is asked for is not recommended; the text names what is."""


def chosen(wanted: Wanted, report: Report, written: Collection[str]) -> list[Action]:
    """The recommended actions that are meant, in the order of the report; raises `NotRecommended` if none is.

    `written` are the actions that have a message.
    """
    found = [action for action in report.actions if _is_meant(action, wanted)]
    if not found:
        raise NotRecommended(_instead(wanted, report, written))
    return found


def known_name(kind: str, name: str | None, known: Iterable[str]) -> None:
    """Raises `Unknown` for a name that is not among those known."""
    names = list(known)
    if name is not None and name not in names:
        hint = did_you_mean(name, names)
        raise Unknown(f"there is no {kind} `{name}`" + (f"; {hint}" if hint else ""))


def _is_meant(action: Action, wanted: Wanted) -> bool:
    return (
        action.action == wanted.action
        and wanted.scope in (None, action.scope)
        and wanted.to in (None, action.to)
    )


def _instead(wanted: Wanted, report: Report, written: Collection[str]) -> str:
    where = "".join(
        f"{word}`{key}`" for word, key in ((" for ", wanted.scope), (" to ", wanted.to)) if key is not None
    )
    said = f"`{wanted.action}`{where} is not recommended on {weekday(report.as_of)}"
    others = [_line(action, report) for action in report.actions if action.action in written]
    if not others:
        return f"{said}, nor is any other message"
    return "\n".join([f"{said}; these messages are:", *others])


def _line(action: Action, report: Report) -> str:
    who, when = addressee(action, report), deadline(action, report.as_of)
    return f"  {action.action}" + (f" ({who})" if who else "") + (f", {when}" if when else "")
