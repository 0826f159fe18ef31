"""The forms of an explanation: an outline, nested lines of text, drawn as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from followcue.evaluation.report.markdown import escaped
from followcue.evaluation.report.wording import addressee, on_one_line, plain, short_day, sources, weekday
from followcue.explain.explanation import (
    Chosen,
    Explanation,
    FactMention,
    ParameterUse,
    Placement,
    RuleReference,
    RuleWhy,
    Way,
    Why,
)


class Branch(NamedTuple):
    """A line of text and what belongs beneath it."""

    text: str
    branches: tuple[Branch, ...] = ()


def outline(why: Why) -> tuple[Branch, ...]:
    """The rules with what they rest on, the tips, the step it is part of, and the parameters."""
    rules = [_rule(rule) for rule in why.rules]
    tips = [Branch(f"tip {named(tip)}", tuple(_advice(tip))) for tip in why.tips]
    values = tuple(Branch(_parameter(parameter)) for parameter in why.parameters)
    placed = [_placement(why.placement)] if why.placement else []
    return (*rules, *tips, *placed, *([Branch("parameters", values)] if values else []))


def _placement(placed: Placement) -> Branch:
    """The step, or that it is in none; what was declared, the rules that changed it, and what came of it."""
    step = placed.step
    if step is None:
        first, *notes = placed.notes
    else:
        ahead = f", from {short_day(step.open)}" if step.when == "ahead" else ""
        first, *notes = f"step {placed.number}: {step.title} ({step.urgency}{ahead})", *placed.notes
    declared = f"declared: {placed.declared}" + (f" ({placed.origin})" if placed.origin else "")
    return Branch(first, (Branch(declared), *map(_rule, placed.rules), *map(Branch, notes)))


def _rule(rule: RuleWhy) -> Branch:
    own = tuple(_advice(rule.source))
    if len(rule.ways) == 1:
        return Branch(f"rule {named(rule.source)}", (*_way(rule.ways[0]), *own))
    ways = [
        Branch(f"way {number} of {len(rule.ways)}", tuple(_way(way)))
        for number, way in enumerate(rule.ways, 1)
    ]
    return Branch(f"rule {named(rule.source)}", (*ways, *own))


def named(source: RuleReference) -> str:
    """`id: title (sources; file:line)`."""
    title = f": {source.title}" if source.title else ""
    return f"{source.rule}{title} ({'; '.join(filter(None, [sources(source.cites), source.origin]))})"


def _advice(source: RuleReference) -> Iterator[Branch]:
    yield from (Branch(f"do: {text}") for text in source.do)
    yield from (Branch(f"avoid: {text}") for text in source.avoid)


def _way(way: Way) -> Iterator[Branch]:
    yield from map(fact_branch, way.facts)
    yield from map(_chosen, way.chosen)
    yield from (Branch(f"and {text}") for text in way.absent)
    yield from (Branch(f"and {text}") for text in way.holds)
    yield from (Branch(computed.text) for computed in way.computed)


def _chosen(chosen: Chosen) -> Branch:
    """What was chosen, with how; several facts stand beneath."""
    if len(chosen.facts) == 1:
        return fact_branch(chosen.facts[0], f", {chosen.text}")
    return Branch(f"{chosen.among}, {chosen.text}", tuple(map(fact_branch, chosen.facts)))


def fact_branch(fact: FactMention, how: str = "") -> Branch:
    """A fact, how it was chosen, and where it is from; a conclusion on one line with its only rule."""
    if fact.role != "conclusion":
        return Branch(f"{fact.text} ({fact.place}){how}" if fact.place else f"{fact.text}{how}")
    if fact.told == "elsewhere":
        return Branch(f"{fact.text}{how}: see [{fact.number}]")
    said = f"{fact.text}{how}" + (f" [{fact.number}]" if fact.number is not None else "")
    if fact.told == "deeper":
        return Branch(f"{said} ...")
    rules = [_rule(rule) for rule in fact.rules]
    if not rules:
        return Branch(said)
    if len(rules) == 1:
        return Branch(f"{said}, by {rules[0].text}", rules[0].branches)
    return Branch(f"{said}, by {len(rules)} rules", tuple(rules))


def _parameter(use: ParameterUse) -> str:
    """`name = value: what it says (sources; file:line; profile patient)`."""
    value = ("yes" if use.value else "no") if isinstance(use.value, bool) else plain(str(use.value))
    said = f": {use.says.rstrip('.')}" if use.says else ""
    origin = "; ".join(filter(None, [sources(use.cites), use.place, _LAYERS[use.layer]]))
    return f"{use.name} = {value}{said}" + (f" ({origin})" if origin else "")


_LAYERS = {"option": "given by --set", "situation": "", "profile": "this profile's own value", "pack": ""}


def as_json(explanation: Explanation) -> str:
    """The explanation as indented JSON, its keys always in the same order."""
    return json.dumps(explanation.to_dict(), indent=2, ensure_ascii=False) + "\n"


NARROWEST, WIDEST = 60, 110


def as_text(explanation: Explanation, *, width: int = WIDEST) -> str:
    """The explanation in lines of `width` columns (60 to 110); deep trees and long paths may need more."""
    return "\n".join(_text_lines(explanation, min(max(width, NARROWEST), WIDEST))) + "\n"


def _text_lines(explanation: Explanation, width: int) -> Iterator[str]:
    if not explanation.whys:
        yield f"{weekday(explanation.report.as_of)}: nothing to do, and nothing to wait for."
    for number, why in enumerate(explanation.whys):
        yield from [""] if number else []
        yield from wrapped(why.sentence, width)
        yield from drawn(outline(why), "", width)


def drawn(branches: Sequence[Branch], before: str, width: int) -> Iterator[str]:
    """The branches, each behind its twig; `before` stands in front of all of them."""
    for number, branch in enumerate(branches, 1):
        is_last = number == len(branches)
        twig, trunk = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
        first, *more = wrapped(branch.text, width - len(before) - len(twig))
        yield before + twig + first
        stem = "│  " if branch.branches else "   "
        yield from (before + trunk + stem + line for line in more)
        yield from drawn(branch.branches, before + trunk, width)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of that width; signs that could steer a terminal are shown as `�`."""
    width = max(width - 3, NARROWEST // 2)
    return wrap(on_one_line(text), width, break_on_hyphens=False, break_long_words=False) or [""]


def as_markdown(explanation: Explanation) -> str:
    """A section for each action: the sentence, then a nested list."""
    return "\n".join(_markdown_lines(explanation)) + "\n"


def _markdown_lines(explanation: Explanation) -> Iterator[str]:
    yield f"# Why, on {weekday(explanation.report.as_of)}"
    if not explanation.whys:
        yield from ("", "Nothing to do, and nothing to wait for.")
    for why in explanation.whys:
        who = addressee(why.action, explanation.report)
        heading = f"{why.action.title}: {who}" if who else why.action.title
        yield from ("", f"## {escaped(heading)}", "", escaped(why.sentence), "")
        yield from listed(outline(why), "")


def listed(branches: Sequence[Branch], indent: str) -> Iterator[str]:
    """The branches as a nested list."""
    for branch in branches:
        yield f"{indent}- {escaped(branch.text)}"
        yield from listed(branch.branches, indent + "  ")
