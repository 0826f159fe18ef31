"""rule-engine: expressions over a mapping. It does not chain: what rules conclude, the caller hands on."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import rule_engine
from generator import TODAY, Facts

from peers import Answer, Judge, one_by_one

KINDS = (
    "interviewed", "thanked", "promised", "attempt", "offer", "told",
    "rejection", "thanked_rejection", "asked_feedback", "signed",
)  # fmt: skip
# In this order: later ones use what earlier ones conclude.
CONCLUSIONS = {
    "pairs": "[[t['iv'], t['person']] for t in thanked]",
    "companies": "[t['company'] for t in told]",
    "closed": "not rejection.is_empty or not signed.is_empty",
    "last_interview": "interviewed.is_empty ? null : $max([i['day'] for i in interviewed])",
    "last_attempt": "attempt.is_empty ? null : $max([a['day'] for a in attempt])",
    "elapsed": "$any([p['by'] < today for p in promised]) or "
    "(promised.is_empty and last_interview != null and today > last_interview + 7)",
}
MANY = {
    "thank": "[i for i in interviewed if [i['iv'], i['person']] not in pairs]",
    "wait_promise": "[p for p in promised if today <= p['by'] and not closed]",
    "tell_company": "[o for o in offer if not closed and o['company'] not in companies]",
    "ask_deadline": "[o for o in offer if o['answer_by'] == null]",
}
ONE = {
    "ask_timeline": "not interviewed.is_empty and promised.is_empty and not closed",
    "call_recruiter": "elapsed and not closed and attempt.is_empty",
    "second_contact": "elapsed and not closed and attempt.length == 1 and today >= last_attempt + 4",
    "wait_retry": "elapsed and not closed and attempt.length == 1 and today < last_attempt + 4",
    "move_on": "attempt.length >= 2 and today > last_attempt + 5 and not closed",
    "thank_rejection": "not rejection.is_empty and thanked_rejection.is_empty",
    "ask_feedback": "not rejection.is_empty and asked_feedback.is_empty",
    "keep_searching": "signed.is_empty",
}


def prepare() -> Judge:
    """The expressions, parsed."""
    context = rule_engine.Context(default_value=None)

    def parsed(texts: dict[str, str]) -> dict[str, rule_engine.Rule]:
        return {name: rule_engine.Rule(text, context=context) for name, text in texts.items()}

    conclusions, many, one = parsed(CONCLUSIONS), parsed(MANY), parsed(ONE)

    def judge(facts: Facts) -> set[Answer]:
        known: dict[str, Any] = _by_kind(facts)
        for name, rule in conclusions.items():
            known[name] = rule.evaluate(known)
        found: set[Answer] = set()
        for name, rule in many.items():
            found.update(_answer(name, fact) for fact in rule.evaluate(known))
        for name, rule in one.items():
            if rule.matches(known):
                found.add(_answer(name, known))
        return found

    return one_by_one(judge)


def _by_kind(facts: Facts) -> dict[str, Any]:
    known: dict[str, Any] = defaultdict(list)
    for fact in facts:
        known[fact["kind"]].append({"answer_by": None, **fact} if fact["kind"] == "offer" else fact)
    return {"today": TODAY, **{kind: known[kind] for kind in KINDS}}


def _answer(action: str, about: Any) -> Answer:
    match action:
        case "thank":
            return (action, about["person"], about["iv"], None, int(about["day"]) + 1, None)
        case "wait_promise":
            return (action, None, None, None, None, int(about["by"]))
        case "tell_company" | "ask_deadline":
            return (action, None, about["company"], None, None, None)
        case "second_contact":
            last = int(about["last_attempt"])
            return (action, None, None, last + 4, last + 5, None)
        case "wait_retry":
            return (action, None, None, None, None, int(about["last_attempt"]) + 4)
    return (action, None, None, None, None, None)
