"""Whether a rule fires in one situation: on what it does there, or how near it comes and what it lacks.

rule grace-is-over, on 10 March
fires        by `lent(emma, due 1 March)`: the facts that it rests on, and what became of its action
never fires  the nearest it comes, for noah: 2 of 3 conditions hold, `returned(noah)` is in the way
"""

from __future__ import annotations

from typing import NamedTuple

from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.support import by_row
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options, environment_of, evaluate_facts
from followcue.explain.facts import FactReader
from followcue.explain.forms import Branch, fact_branch
from followcue.explain.tree import TreeContext
from followcue.explain.why_not.forms import miss_branch
from followcue.explain.why_not.goals import Goal
from followcue.explain.why_not.near_miss_text import MissDescriber, distinct
from followcue.explain.why_not.near_misses import FactBase
from followcue.explain.why_not.outcome import outcomes
from followcue.language.documents.document import Document

DEPTH = 3
"""How many missing conclusions are followed down."""
MOST_TOLD = 3
"""So many rows that a rule derived are told of."""


class RuleHere(NamedTuple):
    """How often a rule fires in a situation, in a sentence, and what lies beneath it."""

    times: int
    sentence: str
    branches: tuple[Branch, ...]


def rule_here(loaded: LoadedPack, document: Document, rule: str, options: Options = USUALLY) -> RuleHere:
    """Whether the rule of that id fires; raises `InvalidInput` for a situation that cannot be read."""
    situation = loaded.read(document, options)
    judgement = evaluate_facts(loaded, situation, options._replace(missed=True))
    rows = by_row(loaded.pack.clauses, judgement.derivations)
    fact_base = FactBase(loaded.program, environment_of(situation, options.limits), situation.facts, rows)
    working_day = working_day_of(situation.parameters)
    facts = FactReader(loaded.pack.vocabulary, situation, document, judgement.report)
    context = TreeContext(loaded.pack, fact_base, facts, judgement.report, working_day)
    misses = MissDescriber(context, fact_base, DEPTH)
    clauses = loaded.program.clauses
    own = [number for number, one in enumerate(clauses) if one.rule == rule and one.helper is None]

    fired = [
        firing
        for relation in dict.fromkeys(clauses[number].head.relation for number in own)
        for row in fact_base.rows(relation)
        for firing in fact_base.firings(d for d in rows[relation][row] if d.clause in own)
    ]
    if fired:
        became = [
            misses.outcome(one)
            for one in outcomes(loaded.pack, rows, situation.as_of, working_day)
            if one.finding.rule.id == rule
        ]
        fates = [
            Branch(f"{one.scope or 'here'}: {one.text}") for one in became if one.verdict != "recommended"
        ]
        found = [
            Branch("found", tuple(map(fact_branch, distinct(facts.fact(*node) for node in nodes))))
            for firing in fired[:MOST_TOLD]
            if (nodes := list(fact_base.beneath_helpers(firing.premises)))
        ]
        more = [Branch(f"and {len(fired) - MOST_TOLD} more")] if len(fired) > MOST_TOLD else []
        times = "once" if len(fired) == 1 else f"{len(fired)} times"
        return RuleHere(len(fired), f"It fires here {times}.", (*fates, *found, *more))

    tries = [
        attempt for number in own for attempt in fact_base.tries(number, Goal(clauses[number].head.relation))
    ]
    if not tries:
        if loaded.pack.rules[rule].always:
            return RuleHere(
                0, "It has no conditions: it is told with its action, wherever that is advised.", ()
            )
        return RuleHere(0, "It does not fire here.", ())
    nearest = misses.miss(min(tries, key=lambda one: one.score))
    where = judgement.report.names.get(nearest.scope, nearest.scope) if nearest.scope else None
    held = f"{nearest.met} of {nearest.conditions} conditions hold"
    said = f"It does not fire here. The nearest it comes{f' is for {where}' if where else ''}: {held}."
    return RuleHere(0, said, miss_branch(nearest).branches)
