"""Rule files of several layers -> one set of rules: disabled, replaced and refined by later layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from followcue.base.diagnostic import Diagnostic, Span, did_you_mean
from followcue.language.model.rules import Mention, Rule, RuleFile


def merge_layers(layers: Sequence[Sequence[RuleFile]]) -> tuple[tuple[Rule, ...], list[Diagnostic]]:
    """The rules in force after all layers, ordered by id, and every layer entry that hits nothing."""
    merger = _Merger()
    for files in layers:
        merger.add_layer(files)
    merger.check_overrides()
    return tuple(merger.rules[name] for name in sorted(merger.rules)), merger.problems


class _Merger:
    """The rules so far; each layer changes only what earlier layers gave."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.broken: set[str] = set()
        self.gone: dict[str, Mention | Rule] = {}
        self.problems: list[Diagnostic] = []

    def add_layer(self, files: Sequence[RuleFile]) -> None:
        below = dict(self.rules)
        self.broken |= {name for file in files for name in file.broken}
        for mention in (mention for file in files for mention in file.disabled):
            if self._hits(mention, below, "disable"):
                self.rules.pop(mention.name, None)
                self.gone[mention.name] = mention
        rules = [rule for file in files for rule in file.rules]
        for rule in rules:
            if rule.refines is None:
                self._add(rule, below)
        for rule in rules:
            if rule.refines is not None:
                self._refine(rule, rule.refines, below)

    def _add(self, rule: Rule, below: dict[str, Rule]) -> None:
        if rule.replaces is not None and self._hits(rule.replaces, below, "replace"):
            self.rules.pop(rule.replaces.name, None)
            self.gone[rule.replaces.name] = rule
        known = self.rules.get(rule.id)
        if known is not None:
            self._declared_twice(rule, known)
        else:
            self.rules[rule.id] = rule

    def _refine(self, rule: Rule, mention: Mention, below: dict[str, Rule]) -> None:
        if rule.head is not None:
            message = "a rule that refines another one only adds conditions to it"
            hint = "leave its own head out, or write `replaces` instead of `refines`"
            self.problems.append(rule.where.problem("FC421", message, None, hint))
        elif mention.name in self.gone:
            message = f"this layer takes `{mention.name}` away, so nothing is left to refine"
            self.problems.append(mention.where.problem("FC420", message))
        elif self._hits(mention, below, "refine") and mention.name in self.rules:
            refined = self.rules[mention.name]
            self.rules[mention.name] = replace(
                refined, when=(*refined.when, *rule.when), cites=(*refined.cites, *rule.cites)
            )

    def _hits(self, mention: Mention, below: Iterable[str], verb: str) -> bool:
        if mention.name in below or mention.name in self.broken:
            return True
        hint = (
            did_you_mean(mention.name, below) if below else "only a layer on top of another pack can do this"
        )
        message = f"there is no rule `{mention.name}` below this layer to {verb}"
        self.problems.append(mention.where.problem("FC420", message, None, hint))
        return False

    def _declared_twice(self, rule: Rule, known: Rule) -> None:
        problem = rule.where.problem(
            "FC308", f"there is a rule `{rule.id}` already", None, "give it another name, or write `replaces`"
        )
        self.problems.append(problem._replace(related=_related(known.where.span, "the other one")))

    # --- overrides
    def check_overrides(self) -> None:
        """Every overridden rule exists, and no rule overrides itself, be it through others."""
        for rule in self.rules.values():
            for mention in rule.overrides:
                if mention.name not in self.rules and mention.name not in self.broken | set(self.gone):
                    hint = did_you_mean(mention.name, self.rules)
                    message = f"there is no rule `{mention.name}` to override"
                    self.problems.append(mention.where.problem("FC420", message, None, hint))
        for name in sorted(self.rules):
            circle = self._circle_from(name)
            if circle and name == min(circle):
                self._overrides_in_circle(circle)

    def _circle_from(self, start: str) -> list[str] | None:
        """The shortest way from a rule back to itself along `overrides`."""
        ways: dict[str, list[str]] = {start: [start]}
        waiting = [start]
        for name in waiting:
            for mention in self.rules[name].overrides:
                if mention.name == start:
                    return ways[name]
                if mention.name in self.rules and mention.name not in ways:
                    ways[mention.name] = [*ways[name], mention.name]
                    waiting.append(mention.name)
        return None

    def _overrides_in_circle(self, circle: list[str]) -> None:
        first = self.rules[circle[0]]
        way = " -> ".join(f"`{name}`" for name in [*circle, circle[0]])
        problem = first.where.problem("FC422", f"these rules override each other in a circle: {way}")
        notes = [_related(self.rules[name].where.span, f"`{name}`") for name in circle[1:]]
        self.problems.append(problem._replace(related=tuple(n for note in notes for n in note)))


def _related(span: Span | None, note: str) -> tuple[tuple[str, Span], ...]:
    return ((note, span),) if span else ()
