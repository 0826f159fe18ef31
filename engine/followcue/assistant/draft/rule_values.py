"""The values that rules bind to their variables, `$day`, for the messages of what they recommend.

An action may rest on several rules, and a rule may hold in several ways. A message is one text, so that a
name has one value there: that of the first rule, in the order of the pack, that gives it one; of several ways
the least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from followcue.base.rows import Value
from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.report import Action
from followcue.evaluation.advice.sentences import Told, reader_of
from followcue.evaluation.advice.support import by_row
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.situation.situation import Situation
from followcue.language.logic.told_values import all_values
from followcue.language.model.pack import ValueAt


class RuleValue(NamedTuple):
    """The value of a variable, and of what type it is."""

    value: Value
    type: ValueAt


class RuleValues:
    """The values behind the actions of one report; `derivations` are asked for where a message wants one."""

    def __init__(
        self, loaded: LoadedPack, situation: Situation, derivations: Callable[[], Sequence[Derivation]]
    ) -> None:
        self._loaded = loaded
        self._situation = situation
        self._derivations = derivations

    def names(self, action: Action) -> tuple[str, ...]:
        """The variables of all rules that may recommend an action."""
        pack = self._loaded.pack
        rules = {rule.id for rule in pack.rules.values() if rule.action == action.action and not rule.always}
        return tuple(sorted({value.name for values in self._of_rules(rules) for value in values}))

    def find(self, action: Action, name: str) -> RuleValue | None:
        """The value of a variable in the rules behind an action; None where they give it none."""
        told = Told.of(self._situation, action.scope)
        ways = [way for merged in self._merged if _is_of(merged, action) for way in merged.derivations]
        for clause in sorted({way.clause for way in ways}):
            place = next((value for value in self._values(clause) if value.name == name), None)
            if place is not None:
                read = reader_of(place)
                found: list[Any] = [read(way, told) for way in ways if way.clause == clause]
                present = [value for value in found if value is not None]
                if present:
                    return RuleValue(min(present), place)
        return None

    def _of_rules(self, rules: Iterable[str]) -> Iterable[Sequence[ValueAt]]:
        wanted = frozenset(rules)
        infos = self._loaded.pack.clauses
        return (self._values(number) for number, info in enumerate(infos) if info.rule in wanted)

    def _values(self, clause: int) -> Sequence[ValueAt]:
        return all_values(self._loaded.program.clauses[clause], self._loaded.pack.vocabulary)

    @cached_property
    def _merged(self) -> Sequence[Merged]:
        rows = by_row(self._loaded.pack.clauses, self._derivations())
        calendar = working_day_of(self._situation.parameters)
        cautions, actions = self._loaded.advisor.merged(
            self._situation.as_of, rows, missed=True, working_day=calendar
        )
        return [*cautions, *actions]


def _is_of(merged: Merged, action: Action) -> bool:
    """Whether an action of a report was made of these recommendations."""
    subject = action.action, action.scope, action.to, action.about
    return merged.subject == subject and action.status in (merged.status, "skipped")
