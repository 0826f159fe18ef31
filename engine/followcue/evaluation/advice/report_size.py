"""How much a report holds: the characters of its text, about as they are written as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NoReturn, TypeAlias

from followcue.base.limits import LimitExceeded
from followcue.evaluation.advice.report import Conclusion
from followcue.language.model.pack import RuleInfo

BESIDE = 100
"""What a reason or a conclusion takes besides its own words: keys, quotes, a day, a line."""

AROUND = 400
"""The same of an action."""


SizedConclusion: TypeAlias = tuple[Conclusion, int]
"""A conclusion, and how many characters it takes."""


class ReportSize:
    """Adds up what goes into one report, by rule, as it is made; refuses what passes the limit."""

    def __init__(self, most: int, rules: Mapping[str, RuleInfo]) -> None:
        self._most = most
        self._rules = rules
        self._held = 0
        self._of: Counter[str] = Counter()

    def add(self, characters: int, rule: str) -> None:
        """Count what a rule puts into the report; raises `LimitExceeded`."""
        self._held += characters
        self._of[rule] += characters
        if self._held > self._most:
            self._refuse()

    def counted(self, sized: SizedConclusion) -> SizedConclusion:
        """The same conclusion, counted as `add` does."""
        conclusion, characters = sized
        self.add(characters, conclusion.rules[0])
        return sized

    def _refuse(self) -> NoReturn:
        rule = max(self._of, key=lambda name: (self._of[name], name))
        raise LimitExceeded(
            f"the report holds more than {self._most} characters (limit: report = {self._most}); look for a "
            "rule that pairs everything with everything, or that rests on many facts for each of many, "
            f"first at `{rule}` ({self._rules[rule].origin})"
        )


def length_of(values: Iterable[object]) -> int:
    """How long values are, written one after another."""
    return sum([len(str(value)) for value in values])
