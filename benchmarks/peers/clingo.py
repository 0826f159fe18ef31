"""clingo: the rules as an answer set program, grounded anew with the facts of each situation."""

from __future__ import annotations

from typing import Any

import clingo
from generator import TODAY, Facts

from peers import Answer, Judge, one_by_one

RULES = f"""
#const today = {TODAY}.
interviewed(x, x, 0) :- never. thanked(x, x, 0) :- never. promised(0, 0) :- never. attempt(0, 0, 0) :- never.
offer(x, none, 0) :- never. told(x, 0) :- never. rejection(0) :- never. thanked_rejection(0) :- never.
asked_feedback(0) :- never. signed(0) :- never. never :- 1 = 2.

thanked(IV, P) :- thanked(IV, P, _).
last_interview(M) :- M = #max {{ D : interviewed(_, _, D) }}, interviewed(_, _, _).
promised :- promised(_, _).
closed :- rejection(_).
closed :- signed(_).
elapsed :- promised(B, _), B < today.
elapsed :- last_interview(D), not promised, today > D + 7.
attempts(N, L) :- N = #count {{ I : attempt(I, _, _) }}, L = #max {{ D : attempt(_, _, D) }}, N > 0.
attempted :- attempts(_, _).
told(C) :- told(C, _).

say(thank, P, IV, none, D + 1, none) :- interviewed(IV, P, D), not thanked(IV, P).
say(ask_timeline, none, none, none, none, none) :- last_interview(_), not promised, not closed.
say(wait_promise, none, none, none, none, B) :- promised(B, _), today <= B, not closed.
say(call_recruiter, none, none, none, none, none) :- elapsed, not closed, not attempted.
say(second_contact, none, none, L + 4, L + 5, none) :- elapsed, not closed, attempts(1, L), today >= L + 4.
say(wait_retry, none, none, none, none, L + 4) :- elapsed, not closed, attempts(1, L), today < L + 4.
no_response :- attempts(N, L), N >= 2, not closed, today > L + 5.
say(move_on, none, none, none, none, none) :- no_response.
say(tell_company, none, C, none, none, none) :- offer(C, _, _), not told(C), not closed.
say(ask_deadline, none, C, none, none, none) :- offer(C, none, _).
answered :- thanked_rejection(_).
asked :- asked_feedback(_).
rejected :- rejection(_).
say(thank_rejection, none, none, none, none, none) :- rejected, not answered.
say(ask_feedback, none, none, none, none, none) :- rejected, not asked.
signed :- signed(_).
say(keep_searching, none, none, none, none, none) :- not signed.
#show say/6.
"""
ARGUMENTS = {
    "interviewed": ("iv", "person", "day"),
    "thanked": ("iv", "person", "day"),
    "promised": ("by", "day"),
    "attempt": ("n", "channel", "day"),
    "offer": ("company", "answer_by", "day"),
    "told": ("company", "day"),
    "rejection": ("day",),
    "thanked_rejection": ("day",),
    "asked_feedback": ("day",),
    "signed": ("day",),
    "remark": ("text", "day"),
}


def prepare() -> Judge:
    """There is nothing to make ready: a program is grounded with its facts."""
    return one_by_one(_judge)


def _judge(facts: Facts) -> set[Answer]:
    control = clingo.Control(["--warn=none"])
    control.add("base", [], RULES + "".join(map(_written, facts)))
    control.ground([("base", [])])
    found: set[Answer] = set()
    with control.solve(yield_=True) as handle:
        for symbol in next(iter(handle)).symbols(shown=True):
            action, *values = symbol.arguments
            found.add((action.name, *map(_value, values)))
    return found


def _written(fact: dict[str, Any]) -> str:
    values = (fact.get(name) for name in ARGUMENTS[fact["kind"]])
    return f"{fact['kind']}({','.join(map(_term, values))}).\n"


def _term(value: str | int | None) -> str:
    if value is None:
        return "none"
    return str(clingo.String(value)) if isinstance(value, str) else str(value)


def _value(symbol: clingo.Symbol) -> str | int | None:
    if symbol.type is clingo.SymbolType.Number:
        return symbol.number
    return symbol.string if symbol.type is clingo.SymbolType.String else None
