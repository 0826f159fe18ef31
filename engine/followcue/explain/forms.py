"""The outline: an explanation as nested lines of text, which each form then draws in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from followcue.evaluation.report.words import plain, sources
from followcue.explain.explanation import Chosen, Fact, ParameterUse, RuleWhy, Source, Way, Why


class Branch(NamedTuple):
    """A line of text and what belongs beneath it."""

    text: str
    branches: tuple[Branch, ...] = ()


def outline(why: Why) -> tuple[Branch, ...]:
    """The rules with what they rest on, the tips, and the parameters."""
    rules = [_rule(rule) for rule in why.rules]
    tips = [Branch(f"tip {named(tip)}", tuple(_advice(tip))) for tip in why.tips]
    values = tuple(Branch(_parameter(parameter)) for parameter in why.parameters)
    return (*rules, *tips, *([Branch("parameters", values)] if values else []))


def _rule(rule: RuleWhy) -> Branch:
    own = tuple(_advice(rule.source))
    if len(rule.ways) == 1:
        return Branch(f"rule {named(rule.source)}", (*_way(rule.ways[0]), *own))
    ways = [
        Branch(f"way {number} of {len(rule.ways)}", tuple(_way(way)))
        for number, way in enumerate(rule.ways, 1)
    ]
    return Branch(f"rule {named(rule.source)}", (*ways, *own))


def named(source: Source) -> str:
    """`id: title (sources; file:line)`."""
    title = f": {source.title}" if source.title else ""
    return f"{source.rule}{title} ({'; '.join(filter(None, [sources(source.cites), source.origin]))})"


def _advice(source: Source) -> Iterator[Branch]:
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


def fact_branch(fact: Fact, how: str = "") -> Branch:
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
