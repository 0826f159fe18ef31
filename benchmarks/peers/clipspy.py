"""CLIPS through clipspy: templates, rules in its own language, a function of ours that takes the answers."""

from __future__ import annotations

from typing import Any

import clips
from generator import TODAY, Facts

from peers import Answer, Judge, grown_rule, one_by_one

SITUATIONS_AN_ENVIRONMENT = 300
"""Renewing it costs something, and an old one becomes ever slower: this was the best of several numbers."""
TEMPLATES = """
(deftemplate interviewed (slot iv) (slot person) (slot day))
(deftemplate thanked (slot iv) (slot person) (slot day))
(deftemplate promised (slot by) (slot day))
(deftemplate attempt (slot n) (slot channel) (slot day))
(deftemplate offer (slot company) (slot answer_by (default nil)) (slot day))
(deftemplate told (slot company) (slot day))
(deftemplate rejection (slot day))
(deftemplate thanked_rejection (slot day))
(deftemplate asked_feedback (slot day))
(deftemplate signed (slot day))
(deftemplate remark (slot text) (slot day))
(deftemplate last-interview (slot day))
(deftemplate attempts (slot n) (slot last))
(deftemplate closed (slot yes))
(deftemplate elapsed (slot yes))
(deftemplate no-response (slot yes))
"""
# What other rules deny is concluded first: salience stands in for strata.
RULES = f"""
(defglobal ?*today* = {TODAY})
(defrule closed (declare (salience 10)) (or (rejection) (signed)) => (assert (closed (yes 1))))
(defrule last-interview (declare (salience 10))
  (exists (interviewed))
  => (bind ?d 0) (do-for-all-facts ((?i interviewed)) TRUE (bind ?d (max ?d ?i:day)))
  (assert (last-interview (day ?d))))
(defrule attempts (declare (salience 10))
  (exists (attempt))
  => (bind ?d 0) (bind ?n 0)
  (do-for-all-facts ((?a attempt)) TRUE (bind ?n (+ ?n 1)) (bind ?d (max ?d ?a:day)))
  (assert (attempts (n ?n) (last ?d))))
(defrule promise-passed (declare (salience 10))
  (promised (by ?by&:(< ?by ?*today*))) => (assert (elapsed (yes 1))))
(defrule week-without-promise (declare (salience 9))
  (last-interview (day ?d&:(> ?*today* (+ ?d 7)))) (not (promised)) => (assert (elapsed (yes 1))))
(defrule no-response (declare (salience 9))
  (attempts (n ?n&:(>= ?n 2)) (last ?l&:(> ?*today* (+ ?l 5)))) (not (closed))
  => (assert (no-response (yes 1))))
(defrule thank-each
  (interviewed (iv ?iv) (person ?p) (day ?d)) (not (thanked (iv ?iv) (person ?p)))
  => (say thank ?p ?iv nil (+ ?d 1) nil))
(defrule ask-timeline
  (last-interview) (not (promised)) (not (closed)) => (say ask_timeline nil nil nil nil nil))
(defrule wait-for-promise
  (promised (by ?by&:(<= ?*today* ?by))) (not (closed)) => (say wait_promise nil nil nil nil ?by))
(defrule call-recruiter
  (elapsed) (not (closed)) (not (attempts)) => (say call_recruiter nil nil nil nil nil))
(defrule second-contact
  (elapsed) (not (closed)) (attempts (n 1) (last ?l&:(>= ?*today* (+ ?l 4))))
  => (say second_contact nil nil (+ ?l 4) (+ ?l 5) nil))
(defrule wait-before-retry
  (elapsed) (not (closed)) (attempts (n 1) (last ?l&:(< ?*today* (+ ?l 4))))
  => (say wait_retry nil nil nil nil (+ ?l 4)))
(defrule move-on (no-response) => (say move_on nil nil nil nil nil))
(defrule tell-company
  (offer (company ?c)) (not (told (company ?c))) (not (closed)) => (say tell_company nil ?c nil nil nil))
(defrule ask-deadline (offer (company ?c) (answer_by nil)) => (say ask_deadline nil ?c nil nil nil))
(defrule thank-for-rejection
  (rejection) (not (thanked_rejection)) => (say thank_rejection nil nil nil nil nil))
(defrule ask-feedback (rejection) (not (asked_feedback)) => (say ask_feedback nil nil nil nil nil))
(defrule keep-searching (not (signed)) => (say keep_searching nil nil nil nil nil))
"""


class Clips:
    """An environment, and the answers that its rules gave."""

    def __init__(self, constructs: str) -> None:
        self._constructs = constructs
        self._judged = 0
        self._renew()

    def _renew(self) -> None:
        self._answers: set[Answer] = set()
        self._environment = clips.Environment()
        self._environment.define_function(self._say, "say")
        for part in self._constructs.split("\n(def"):
            if part.strip():
                self._environment.build(part if part.lstrip().startswith("(") else f"(def{part}")
        self._templates = {template.name: template for template in self._environment.templates()}

    def _say(self, action: str, *values: Any) -> None:
        plain = (None if value == "nil" else value for value in values)
        self._answers.add((str(action), *plain))

    def judge(self, facts: Facts) -> set[Answer]:
        """What the rules say of one situation."""
        if self._judged == SITUATIONS_AN_ENVIRONMENT:
            self._judged = 0
            self._renew()
        self._judged += 1
        self._environment.reset()
        for fact in facts:
            slots = dict(fact)
            self._templates[slots.pop("kind")].assert_fact(**slots)
        self._environment.run()
        found, self._answers = self._answers, set()
        return found


def prepare() -> Judge:
    """The rules in an environment."""
    return one_by_one(Clips(TEMPLATES + RULES).judge)


def prepare_grown(rules: int, occurring: bool) -> Judge:
    """So many rules: see `growth.py`."""
    kinds = range(10 if occurring else rules)
    constructs = "".join(f"(deftemplate kind_{i} (slot n) (slot day))\n" for i in kinds)
    for i in range(rules):
        kind, least = grown_rule(i, occurring)
        constructs += (
            f"(defrule rule_{i} ({kind} (n ?n&:(>= ?n {least})) (day ?d))"
            f" => (say action_{i} nil nil nil (+ ?d 3) nil))\n"
        )
    return one_by_one(Clips(constructs).judge)
