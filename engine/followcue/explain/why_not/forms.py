"""The forms of a `why-not`: its outline, drawn as text, Markdown or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from followcue.evaluation.report.markdown import escaped
from followcue.evaluation.report.wording import addressee, deadline, weekday
from followcue.explain.forms import NARROWEST, WIDEST, Branch, drawn, fact_branch, listed, named, wrapped
from followcue.explain.why_not.answer import Lack, NearMiss, WhyNot
from followcue.explain.why_not.near_miss_text import OVER


def rule_branches(answer: WhyNot) -> tuple[Branch, ...]:
    """Every rule that could give it, the nearest first."""
    return tuple(miss_branch(rule) for rule in answer.rules)


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
    """The lines of the report with the same action for others."""
    return tuple(
        Branch(", ".join(filter(None, [addressee(line, answer.report), deadline(line, answer.report.as_of)])))
        for line in answer.elsewhere
    )


def miss_branch(miss: NearMiss) -> Branch:
    """A rule, what became of it or how many of its conditions hold, and what it found and lacks."""
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


def as_json(answer: WhyNot) -> str:
    """The answer as indented JSON: `schemas/why_not.schema.json` says its shape."""
    return json.dumps(answer.to_dict(), indent=2, ensure_ascii=False) + "\n"


def as_markdown(answer: WhyNot) -> str:
    """The headline, what would change it, and a nested list of the rules."""
    return "\n".join(_markdown_lines(answer)) + "\n"


def _markdown_lines(answer: WhyNot) -> Iterator[str]:
    yield f"# Why not: {escaped(answer.title)}, on {weekday(answer.report.as_of)}"
    yield from ("", escaped(answer.headline))
    if answer.is_recommended:
        yield from ("", "`followcue why` says why.")
        return
    changes = [_with_code(branch.text) for branch in change_branches(answer)]
    if changes:
        yield from ("", "## What would change it", "")
        yield from (f"- {change}" for change in changes)
    sections = (
        ("It is recommended for", elsewhere_branches(answer)),
        ("Rules that could recommend it", rule_branches(answer)),
    )
    for heading, branches in sections:
        if branches:
            yield from ("", f"## {heading}", "")
            yield from listed(branches, "")


def _with_code(text: str) -> str:
    """Text in which what stands between backticks stays as it is, to be copied."""
    said = " ".join(text.split())
    return re.sub(
        r"`[^`]*`|[\\`*_\[\]<>#|]", lambda found: found[0] if found[0][1:] else f"\\{found[0]}", said
    )


def as_text(answer: WhyNot, *, width: int = WIDEST) -> str:
    """The answer in lines of `width` columns (60 to 110); deep trees and long paths may need more."""
    return "\n".join(_text_lines(answer, min(max(width, NARROWEST), WIDEST))) + "\n"


def _text_lines(answer: WhyNot, width: int) -> Iterator[str]:
    yield from wrapped(answer.headline, width)
    if answer.is_recommended:
        yield "`followcue why` says why."
        return
    sections = (
        ("What would change it", change_branches(answer)),
        ("It is recommended for", elsewhere_branches(answer)),
        ("Rules that could recommend it", rule_branches(answer)),
    )
    for heading, branches in sections:
        if branches:
            yield from ("", heading)
            yield from drawn(branches, "", width)
