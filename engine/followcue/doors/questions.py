"""The questions that can be asked, each as a function of the rules and the request: the answer as plain data.

Most are answered where the request came in, within a few milliseconds; the others, which try many changes or
days, in another process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from followcue.assistant.plan.course import undated
from followcue.base.limits import Limits
from followcue.base.timeout import in_time
from followcue.doors.request import (
    AskedQuestion,
    BadRequest,
    Reader,
    a_day,
    number_up_to,
    one_of,
    read_request,
    text,
)
from followcue.evaluation.pipeline import LoadedPack, evaluate
from followcue.explain.wanted import NotRecommended, Unknown, Wanted

MOST_DAYS = 366
DEEPEST_ASKED = 20
FURTHEST_PLANNED = 36_525


class ServedQuestion(NamedTuple):
    """A question: what it takes besides what all take, how it is answered, and whether that may take long."""

    says: str
    accepts: Mapping[str, Reader]
    answer: Callable[[LoadedPack, AskedQuestion], dict[str, Any]]
    is_long: bool = False


def answered(
    loaded: LoadedPack, name: str, body: bytes, *, is_yaml: bool, limits: Limits
) -> tuple[AskedQuestion, dict[str, Any]]:
    """The question of that name as it was read, and the answer to it.

    Raises `InvalidInput`, `LimitExceeded`, and what has a name that nothing has or is not recommended as
    `BadRequest`.
    """
    question = QUESTIONS[name]
    with in_time(limits):
        asked = read_request(body, is_yaml=is_yaml, accepts=question.accepts, limits=limits)
    with in_time(asked.options.limits):
        return asked, _answer(question, loaded, asked)


def _answer(question: ServedQuestion, loaded: LoadedPack, asked: AskedQuestion) -> dict[str, Any]:
    try:
        return question.answer(loaded, asked)
    except (Unknown, NotRecommended) as problem:
        path = ("action",) if isinstance(problem, NotRecommended) else ()
        raise BadRequest([asked.document.problem("FC911", str(problem), path)]) from None


def _evaluate(loaded: LoadedPack, asked: AskedQuestion) -> dict[str, Any]:
    return evaluate(loaded, asked.document, asked.options).to_dict()


def _why(loaded: LoadedPack, asked: AskedQuestion) -> dict[str, Any]:
    from followcue.explain.tree import DEEPEST
    from followcue.explain.why import why

    depth = min(asked.rest.get("depth", DEEPEST), DEEPEST)
    return why(loaded, asked.document, _wanted(asked), asked.options, depth=depth).to_dict()


def _why_not(loaded: LoadedPack, asked: AskedQuestion) -> dict[str, Any]:
    from followcue.explain.why_not.why_not import DEPTH, why_not

    if "action" not in asked.rest:
        message = "`action` says what it is that is not recommended"
        raise BadRequest([asked.document.problem("FC910", message, ())])
    depth = asked.rest.get("depth", DEPTH)
    return why_not(loaded, asked.document, _wanted(asked), asked.options, depth=depth).to_dict()


def _plan(loaded: LoadedPack, asked: AskedQuestion) -> dict[str, Any]:
    from followcue.assistant.plan.plan import plan

    rest = asked.rest
    if "until" in rest and "days" in rest:
        message = "`until` and `days` both say where the plan ends: give one of them"
        raise BadRequest([asked.document.problem("FC910", message, ())])
    found = plan(
        loaded,
        asked.document,
        asked.options,
        until=rest.get("until"),
        days=rest.get("days"),
        assume=rest.get("assume", "arranged"),
    )
    return found.plan.of(rest.get("application")).to_dict()


def _days(loaded: LoadedPack, asked: AskedQuestion) -> dict[str, Any]:
    """The reports of so many days, each once: the day from which it holds, and the report of that day."""
    day = date.fromordinal(loaded.read(asked.document, asked.options).as_of)
    first, last = day, day + timedelta(days=asked.rest.get("days", 90))
    found: list[dict[str, Any]] = []
    before = None
    while day <= last:
        report = evaluate(loaded, asked.document, asked.options._replace(as_of=day))
        now = undated(report)
        if now != before:
            found.append({"from": day.isoformat(), "report": report.to_dict()})
            before = now
        if report.next_change is None:
            break
        day = report.next_change
    return {"as_of": first.isoformat(), "until": last.isoformat(), "days": found}


def _wanted(asked: AskedQuestion) -> Wanted:
    return Wanted.of(*(asked.rest.get(name) for name in ("action", "application", "to", "about")))


_ABOUT: Mapping[str, Reader] = {
    "action": text,
    "application": text,
    "to": text,
    "about": text,
    "depth": number_up_to(DEEPEST_ASKED),
}

QUESTIONS: Mapping[str, ServedQuestion] = {
    "evaluate": ServedQuestion("What to do in a situation.", {}, _evaluate),
    "why": ServedQuestion("Why something is recommended.", _ABOUT, _why),
    "why-not": ServedQuestion(
        "Why something is not recommended, and what would change it.", _ABOUT, _why_not, is_long=True
    ),
    "plan": ServedQuestion(
        "What will come up, day by day.",
        {
            "until": a_day,
            "days": number_up_to(FURTHEST_PLANNED),
            "assume": one_of("silence", "arranged", "done"),
            "application": text,
        },
        _plan,
        is_long=True,
    ),
    "days": ServedQuestion(
        "The reports of the days to come, each once.", {"days": number_up_to(MOST_DAYS)}, _days, is_long=True
    ),
}
