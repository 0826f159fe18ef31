"""The outline of a `why-not`: nested lines that each form draws in its own way."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.evaluation.report.words import addressee, deadline, weekday
from followcue.explain.forms import Branch, fact_branch, named
from followcue.explain.why_not.answer import Lack, NearMiss, WhyNot
from followcue.explain.why_not.telling_misses import OVER


def rule_branches(answer: WhyNot) -> tuple[Branch, ...]:
    """Every rule that could give it, the nearest first."""
    return tuple(_miss(rule) for rule in answer.rules)


def change_branches(answer: WhyNot) -> tuple[Branch, ...]:
    """What would change it, or that nothing was found."""
    if answer.changes:
        return tuple(Branch(change.text) for change in answer.changes)
    if answer.verdict in ("recommended", "none"):
        return ()
    return (
        Branch(
            f"Nothing found: {answer.tried} changes of up to {answer.most_steps} steps were tried, "
            "and none brings it about."
        ),
    )


def elsewhere_branches(answer: WhyNot) -> tuple[Branch, ...]:
    """For whom it is recommended instead."""
    return tuple(
        Branch(", ".join(filter(None, [addressee(line, answer.report), deadline(line, answer.report.as_of)])))
        for line in answer.elsewhere
    )


def _miss(miss: NearMiss) -> Branch:
    count = f" [{miss.met} of {miss.conditions} conditions hold]" if miss.verdict == "unmet" else ""
    text = "it is done" if miss.verdict == "done" else miss.text  # by what stands beneath
    said = f": {text}" if text else count
    found = [fact_branch(fact) for fact in miss.facts if fact.role != "conclusion"]
    branches = list(map(_lack, miss.lacks))
    if miss.by:
        branches.append(Branch(f"by rule {named(miss.by)}", tuple(map(fact_branch, miss.facts))))
    elif found:
        branches.append(Branch("found", tuple(found)))
    return Branch(f"rule {named(miss.source)}{said}", tuple(branches))


def _way(miss: NearMiss) -> Branch:
    """A rule that could draw a missing conclusion."""
    place = f" ({miss.source.origin})" if miss.source.origin else ""
    return Branch(f"could come by {miss.source.rule}{place}", tuple(map(_lack, miss.lacks)))


def _lack(lack: Lack) -> Branch:
    if lack.kind == "fails":
        if lack.holds_from:
            return Branch(f"not yet: {lack.text}; it will be from {weekday(lack.holds_from)} on")
        return Branch(lack.text if lack.text.startswith(OVER) else f"does not hold: {lack.text}")
    says = f" — {lack.says}" if lack.says else ""
    if lack.kind == "in the way":
        first = fact_branch(lack.facts[0]) if len(lack.facts) == 1 else None
        if first:
            return Branch(f"in the way: {first.text}{says}", first.branches)
        return Branch(f"in the way: {lack.text}{says}", tuple(map(fact_branch, lack.facts)))
    if lack.told == "elsewhere":
        return Branch(f"missing: {lack.text}, as above")
    return Branch(f"missing: {lack.text}{says}", tuple(_instead(lack)))


def _instead(lack: Lack) -> Iterator[Branch]:
    yield from (Branch(f"nearest: {branch.text}", branch.branches) for branch in map(fact_branch, lack.facts))
    yield from map(_way, lack.rules)
    if lack.more and lack.rules:
        yield Branch(f"or by {lack.more} more {'rule' if lack.more == 1 else 'rules'}")
