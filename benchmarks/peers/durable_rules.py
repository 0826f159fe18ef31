"""durable-rules through its Python layer, within the subset of its language that gives right answers.

Rules are written with `durable.lang` and run by `durable.engine.Ruleset`: its `Host` may not be used together
with `delete_state`, without which it keeps every situation. A negation stands after a first condition on a
control fact, which opens one stratum after the other. The first equation between two facts is repeated at
the end of its condition: otherwise some values count as equal that are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from durable.engine import Ruleset
from durable.lang import c, distinct, m, none, ruleset, when_all
from generator import TODAY, Facts

from peers import Answer, Judge, one_by_one

CONTROL = "control"
LEVELS = 2
SLOTS = 8


class Situation:
    """What the rules conclude of the situation at hand."""

    def __init__(self) -> None:
        self.answers: set[Answer] = set()
        self.known: set[str] = set()

    def say(self, action, to=None, about=None, opens=None, due=None, until=None):
        self.answers.add((action, to, about, opens, due, until))

    def conclude(self, closure: Any, kind: str, **fields: Any) -> None:
        """Assert it once; a fact with the same id would be refused."""
        if kind not in self.known:
            self.known.add(kind)
            closure.assert_fact({"kind": kind, "id": kind, **fields})


def prepare() -> Judge:
    """The ruleset, and a situation for its rules to fill."""
    now = Situation()
    with (rules := ruleset("workload")):
        _rules(now)
    name, definition = rules.define()
    _unregister(name)
    return one_by_one(_host(Ruleset(name, None, definition), now))


def _unregister(name: str) -> None:
    """The language keeps every ruleset for a host, which is not used here."""
    import durable.lang

    durable.lang._rulesets.pop(name, None)


def _level(number: int) -> Any:
    return c.level << (m.kind == CONTROL) & (m.level == number)


def _rules(now: Situation) -> None:
    once = distinct(False)

    @when_all(once, c.begin << (m.kind == CONTROL) & (m.begin == 1))
    def begin(_c):
        pass

    @when_all(once, c.r << (m.kind == "rejection"))
    def rejected(c):
        now.conclude(c, "closed")

    @when_all(once, c.s << (m.kind == "signed"))
    def signed(c):
        now.conclude(c, "closed")

    @when_all(once, c.p << (m.kind == "promised") & (m.left < 0))
    def promise_passed(c):
        now.conclude(c, "elapsed")

    @when_all(
        once,
        _level(0),
        c.i << (m.kind == "interviewed") & (m.age > 7),
        none((m.kind == "interviewed") & (m.age <= 7)),
        none(m.kind == "promised"),
    )
    def week_without_promise(c):
        now.conclude(c, "elapsed")

    @when_all(
        once,
        _level(0),
        c.a << (m.kind == "attempt") & +m.n & +m.age,
        none((m.kind == "attempt") & (m.n != c.a.n) & (m.n != c.a.n)),
    )
    def one_attempt(c):
        now.conclude(c, "attempted_once", age=c.a.age)

    @when_all(
        once,
        _level(1),
        c.a << (m.kind == "attempt") & (m.age > 5) & +m.n,
        c.b << (m.kind == "attempt") & (m.age > 5) & (m.n != c.a.n) & (m.n != c.a.n),
        none((m.kind == "attempt") & (m.age <= 5)),
        none(m.kind == "closed"),
    )
    def no_response(c):
        now.conclude(c, "no_response")

    @when_all(once, c.n << (m.kind == "no_response"))
    def move_on(c):
        now.say("move_on")

    @when_all(
        once,
        _level(0),
        c.i << (m.kind == "interviewed") & +m.iv & +m.person,
        none((m.kind == "thanked") & (m.iv == c.i.iv) & (m.person == c.i.person) & (m.iv == c.i.iv)),
    )
    def thank_each(c):
        now.say("thank", c.i.person, c.i.iv, due=c.i.day + 1)

    @when_all(
        once,
        _level(1),
        c.i << (m.kind == "interviewed"),
        none(m.kind == "promised"),
        none(m.kind == "closed"),
    )
    def ask_timeline(c):
        now.say("ask_timeline")

    @when_all(once, _level(1), c.p << (m.kind == "promised") & (m.left >= 0), none(m.kind == "closed"))
    def wait_for_promise(c):
        now.say("wait_promise", until=c.p.by)

    @when_all(
        once, _level(1), c.e << (m.kind == "elapsed"), none(m.kind == "closed"), none(m.kind == "attempt")
    )
    def call_recruiter(c):
        now.say("call_recruiter")

    @when_all(
        once,
        _level(1),
        c.e << (m.kind == "elapsed"),
        c.a << (m.kind == "attempted_once") & (m.age >= 4),
        none(m.kind == "closed"),
    )
    def second_contact(c):
        last = TODAY - c.a.age
        now.say("second_contact", opens=last + 4, due=last + 5)

    @when_all(
        once,
        _level(1),
        c.e << (m.kind == "elapsed"),
        c.a << (m.kind == "attempted_once") & (m.age < 4),
        none(m.kind == "closed"),
    )
    def wait_before_retry(c):
        now.say("wait_retry", until=TODAY - c.a.age + 4)

    @when_all(
        once,
        _level(1),
        c.o << (m.kind == "offer") & +m.company,
        none((m.kind == "told") & (m.company == c.o.company) & (m.company == c.o.company)),
        none(m.kind == "closed"),
    )
    def tell_company(c):
        now.say("tell_company", about=c.o.company)

    @when_all(once, c.o << (m.kind == "offer") & -m.answer_by)
    def ask_deadline(c):
        now.say("ask_deadline", about=c.o.company)

    @when_all(once, _level(0), c.r << (m.kind == "rejection"), none(m.kind == "thanked_rejection"))
    def thank_for_rejection(c):
        now.say("thank_rejection")

    @when_all(once, _level(0), c.r << (m.kind == "rejection"), none(m.kind == "asked_feedback"))
    def ask_feedback(c):
        now.say("ask_feedback")

    @when_all(once, _level(0), none(m.kind == "signed"))
    def keep_searching(c):
        now.say("keep_searching")


def _host(rules: Ruleset, now: Situation) -> Callable[[Facts], set[Answer]]:
    def done(error: Any, _state: Any) -> None:
        if error:
            raise RuntimeError(error)

    def begin(sid: str) -> int:
        handle: int = rules.assert_fact({"kind": CONTROL, "begin": 1, "sid": sid, "id": "begin"})
        rules.do_actions(handle, done)
        return handle

    # Places for situations must have been used once before they can be given back.
    for slot in range(SLOTS):
        begin(str(slot))
    for slot in range(SLOTS):
        rules.delete_state(str(slot))

    def judge(facts: Facts) -> set[Answer]:
        now.__init__()  # type: ignore[misc]
        handle = begin("0")
        if tested := [_fact(number, fact) for number, fact in enumerate(facts) if fact["kind"] != "remark"]:
            rules.assert_facts(tested)
            rules.do_actions(handle, done)
        for level in range(LEVELS):
            rules.assert_fact({"kind": CONTROL, "level": level, "sid": "0", "id": f"level{level}"})
            rules.do_actions(handle, done)
        rules.delete_state("0")
        return now.answers

    return judge


def _fact(number: int, fact: dict[str, Any]) -> dict[str, Any]:
    """The fact with how long ago it was: rules cannot ask for the day."""
    told = {**fact, "sid": "0", "id": str(number), "age": TODAY - fact["day"]}
    if "by" in fact:
        told["left"] = fact["by"] - TODAY
    return told
