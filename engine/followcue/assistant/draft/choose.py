"""What a draft is wanted of: a step of the report, or actions of it, by any name that they have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from followcue.evaluation.advice.report import Action, Report, Step
from followcue.evaluation.report.listing import STEP, is_number, listing
from followcue.evaluation.report.wording import addressee, deadline, weekday
from followcue.explain.meant import meant_by
from followcue.explain.wanted import NotRecommended, Unknown
from followcue.language.model.vocabulary import ActionKind


class WantedMessage(NamedTuple):
    """What is asked for; `scope` and `to` narrow it down, by their keys.

    `what` is a step by its id, its number in the list of steps or its title, or actions by an id, by their
    name or by their title; None for the steps to do first.
    """

    what: str | None = None
    scope: str | None = None
    to: str | None = None


class ChosenMessages(NamedTuple):
    """The steps that are meant, each to be told as a whole, or single actions of the report."""

    steps: tuple[Step, ...] = ()
    actions: tuple[Action, ...] = ()


def chosen(
    wanted: WantedMessage, report: Report, known: Mapping[str, ActionKind], written: Collection[str]
) -> ChosenMessages:
    """What is meant, in the order of the report; `known` are the actions of the pack, `written` its messages.

    Raises `Unknown` for a name that nothing has, and `NotRecommended` if the report has no such message.
    """
    found = _found(wanted, report, known, written)
    told = {action.id for action in report.actions if action.action in written}
    if not (found.steps or found.actions):
        raise NotRecommended(_instead(_not_recommended(wanted, report), report, written))
    for one in found.steps:
        if not told.intersection(one.actions):
            raise NotRecommended(_instead(f"`{one.title}` is no message", report, written))
    return found


def _found(
    wanted: WantedMessage, report: Report, known: Mapping[str, ActionKind], written: Collection[str]
) -> ChosenMessages:
    what = wanted.what
    if what is None:
        return ChosenMessages(tuple(_first_steps(wanted, report, written)))
    if what.startswith(STEP) and listing(report).step(what) is None:  # one of another day
        return ChosenMessages()
    found = meant_by(what, report, known)
    if found.step:
        narrowed = is_number(what) or what.startswith(STEP) or _fits(found.step.step, wanted)
        return ChosenMessages((found.step.step,) if narrowed else ())
    name = found.wanted.action if found.wanted else None
    if name is None or ":" in what:
        actions = tuple(a for a in found.actions if a.action in written and _fits(a, wanted))
        return ChosenMessages(actions=actions)
    if name not in written:
        raise Unknown(f"`{name}` has no message; {_others(report, written)}")
    return ChosenMessages(actions=tuple(a for a in report.actions if a.action == name and _fits(a, wanted)))


def _others(report: Report, written: Collection[str]) -> str:
    """Which actions have messages: those of the day, else some of them all."""
    if not written:
        return "no action of these rules has one"
    today = sorted({action.action for action in report.actions}.intersection(written))
    if today:
        return f"of those recommended now these have: {', '.join(today)}"
    some = ", ".join(sorted(written)[:MOST_NAMED])
    return f"these have: {some}{' and others' if len(written) > MOST_NAMED else ''}"


MOST_NAMED = 12
"""So many names are listed where nobody can tell which one was meant."""


def _first_steps(wanted: WantedMessage, report: Report, written: Collection[str]) -> Iterable[Step]:
    """The messages among the steps to do first; of one record or person, all that are to be sent now."""
    narrowed = (wanted.scope, wanted.to) != (None, None)
    listed = listing(report)
    for one in listed.now if narrowed else listed.focus:
        if _fits(one.step, wanted) and any(action.action in written for action in one.actions):
            yield one.step


def _fits(one: Step | Action, wanted: WantedMessage) -> bool:
    return wanted.scope in (None, one.scope) and wanted.to in (None, one.to)


def _not_recommended(wanted: WantedMessage, report: Report) -> str:
    where = "".join(
        f"{word}`{key}`" for word, key in ((" for ", wanted.scope), (" to ", wanted.to)) if key is not None
    )
    day = weekday(report.as_of)
    if wanted.what is None:
        return f"no message{where} is to be sent first on {day}"
    return f"`{wanted.what}`{where} is not recommended on {day}"


def _instead(said: str, report: Report, written: Collection[str]) -> str:
    others = [_line(action, report) for action in report.actions if action.action in written]
    if not others:
        return f"{said}, nor is any other message"
    return "\n".join([f"{said}; these messages are:", *others])


def _line(action: Action, report: Report) -> str:
    who, when = addressee(action, report), deadline(action, report.as_of)
    return f"  {action.action}" + (f" ({who})" if who else "") + (f", {when}" if when else "")
