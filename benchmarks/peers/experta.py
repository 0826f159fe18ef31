"""experta: rules as decorated methods of a knowledge engine."""

from __future__ import annotations

import collections
import collections.abc

# experta 1.9.4 asks for a release of frozendict that still looks for these in their old place.
for _name in ("Mapping", "MutableMapping", "Hashable", "Iterable", "Callable", "Sequence"):
    if not hasattr(collections, _name):
        setattr(collections, _name, getattr(collections.abc, _name))

from experta import EXISTS, MATCH, NOT, OR, TEST, Fact, KnowledgeEngine, Rule  # noqa: E402
from generator import TODAY, Facts  # noqa: E402

from peers import Answer, Judge, one_by_one  # noqa: E402


class Event(Fact):
    """Something that happened."""


class Term(Fact):
    """Something concluded."""


class Workload(KnowledgeEngine):
    """The rules; what others deny is concluded first, by salience."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: set[Answer] = set()

    def say(self, action, to=None, about=None, opens=None, due=None, until=None):
        self.answers.add((action, to, about, opens, due, until))

    @Rule(OR(Event(kind="rejection"), Event(kind="signed")), salience=10)
    def closed(self):
        self.declare(Term(name="closed"))

    # It has no counting and no largest of several, nor a test inside of NOT: methods look for themselves.
    def days_of(self, kind):
        return [fact["day"] for fact in self.facts.values() if fact.get("kind") == kind]

    @Rule(EXISTS(Event(kind="interviewed")), salience=10)
    def last_interview(self):
        self.declare(Term(name="last_interview", day=max(self.days_of("interviewed"))))

    @Rule(EXISTS(Event(kind="attempt")), salience=10)
    def attempts(self):
        days = self.days_of("attempt")
        self.declare(Term(name="attempts", n=len(days), last=max(days)))

    @Rule(Event(kind="promised", by=MATCH.by), TEST(lambda by: by < TODAY), salience=10)
    def promise_passed(self):
        self.declare(Term(name="elapsed"))

    @Rule(
        Term(name="last_interview", day=MATCH.day),
        NOT(Event(kind="promised")),
        TEST(lambda day: day + 7 < TODAY),
        salience=9,
    )
    def week_without_promise(self):
        self.declare(Term(name="elapsed"))

    @Rule(
        Event(kind="interviewed", iv=MATCH.iv, person=MATCH.person, day=MATCH.day),
        NOT(Event(kind="thanked", iv=MATCH.iv, person=MATCH.person)),
    )
    def thank_each(self, iv, person, day):
        self.say("thank", person, iv, due=day + 1)

    @Rule(Term(name="last_interview"), NOT(Event(kind="promised")), NOT(Term(name="closed")))
    def ask_timeline(self):
        self.say("ask_timeline")

    @Rule(Event(kind="promised", by=MATCH.by), TEST(lambda by: by >= TODAY), NOT(Term(name="closed")))
    def wait_for_promise(self, by):
        self.say("wait_promise", until=by)

    @Rule(Term(name="elapsed"), NOT(Term(name="closed")), NOT(Term(name="attempts")))
    def call_recruiter(self):
        self.say("call_recruiter")

    @Rule(
        Term(name="elapsed"),
        NOT(Term(name="closed")),
        Term(name="attempts", n=1, last=MATCH.last),
        TEST(lambda last: last + 4 <= TODAY),
    )
    def second_contact(self, last):
        self.say("second_contact", opens=last + 4, due=last + 5)

    @Rule(
        Term(name="elapsed"),
        NOT(Term(name="closed")),
        Term(name="attempts", n=1, last=MATCH.last),
        TEST(lambda last: last + 4 > TODAY),
    )
    def wait_before_retry(self, last):
        self.say("wait_retry", until=last + 4)

    @Rule(
        Term(name="attempts", n=MATCH.n, last=MATCH.last),
        TEST(lambda n, last: n >= 2 and last + 5 < TODAY),
        NOT(Term(name="closed")),
        salience=9,
    )
    def no_response(self):
        self.declare(Term(name="no_response"))

    @Rule(Term(name="no_response"))
    def move_on(self):
        self.say("move_on")

    @Rule(
        Event(kind="offer", company=MATCH.company),
        NOT(Event(kind="told", company=MATCH.company)),
        NOT(Term(name="closed")),
    )
    def tell_company(self, company):
        self.say("tell_company", about=company)

    @Rule(Event(kind="offer", company=MATCH.company, answer_by=None))
    def ask_deadline(self, company):
        self.say("ask_deadline", about=company)

    @Rule(Event(kind="rejection"), NOT(Event(kind="thanked_rejection")))
    def thank_for_rejection(self):
        self.say("thank_rejection")

    @Rule(Event(kind="rejection"), NOT(Event(kind="asked_feedback")))
    def ask_feedback(self):
        self.say("ask_feedback")

    @Rule(NOT(Event(kind="signed")))
    def keep_searching(self):
        self.say("keep_searching")


def prepare() -> Judge:
    """One engine, reset for each situation."""
    engine = Workload()

    def judge(facts: Facts) -> set[Answer]:
        engine.answers = set()
        engine.reset()
        for fact in facts:
            engine.declare(Event(**({"answer_by": None} | fact if fact["kind"] == "offer" else fact)))
        engine.run()
        return engine.answers

    return one_by_one(judge)
