"""One situation evaluated by every matcher: what each answers, and where two of them differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import NamedTuple, TypeAlias

from followcue.base.limits import LimitExceeded
from followcue.base.rows import Row
from followcue.evaluation.match.protocol import Derivation, MatcherUnavailable, PreparedMatcher
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate_facts_by
from followcue.evaluation.report import as_json
from followcue.evaluation.situation.situation import Situation

ComparableFiring: TypeAlias = tuple[int, Row, tuple[Row, ...], tuple[frozenset[Row], ...]]
"""A derivation whose grouped rows are in no order: equal for two matchers if they derived the same."""


class MatcherAnswer(NamedTuple):
    """What one matcher made of a situation: its firings, each so many times, and the report as text."""

    firings: Mapping[ComparableFiring, int]
    report: str


class MatcherRefused(NamedTuple):
    """A matcher did not answer, and why; that is neither agreement nor its contrary."""

    reason: str


class MatcherDifference(NamedTuple):
    """What `matcher` derives too much and too little, held against `other`, and the first line that differs.

    `lines` are that line in the report of `other` and in that of `matcher`, None where both are the same.
    """

    matcher: str
    other: str
    extra: tuple[ComparableFiring, ...]
    lacking: tuple[ComparableFiring, ...]
    lines: tuple[str, str] | None


class Panel:
    """Several matchers made ready for one pack; the first is the one that the others are held against."""

    def __init__(self, loaded: LoadedPack, matchers: Mapping[str, PreparedMatcher]) -> None:
        self.loaded = loaded
        self.seconds = dict.fromkeys(matchers, 0.0)
        self._matchers = dict(matchers)

    @property
    def names(self) -> tuple[str, ...]:
        """The matchers, in their order."""
        return tuple(self._matchers)

    def only(self, *names: str) -> Panel:
        """These matchers alone, in this order."""
        return Panel(self.loaded, {name: self._matchers[name] for name in names})

    def answers(self, situation: Situation) -> dict[str, MatcherAnswer | MatcherRefused]:
        """What every matcher answers."""
        return {name: self._answer(name, situation) for name in self._matchers}

    def _answer(self, name: str, situation: Situation) -> MatcherAnswer | MatcherRefused:
        start = perf_counter()
        try:
            judgement = evaluate_facts_by(self.loaded, situation, self._matchers[name], Options(missed=True))
        except (LimitExceeded, MatcherUnavailable) as refusal:
            return MatcherRefused(str(refusal))
        finally:
            self.seconds[name] += perf_counter() - start
        return MatcherAnswer(Counter(map(_firing, judgement.derivations)), as_json.render(judgement.report))


def difference(answers: Mapping[str, MatcherAnswer | MatcherRefused]) -> MatcherDifference | None:
    """The first matcher that differs from the first that answered, and in what; None if all agree."""
    given = [(name, answer) for name, answer in answers.items() if isinstance(answer, MatcherAnswer)]
    for name, answer in given[1:]:
        other, expected = given[0]
        if answer != expected:
            return MatcherDifference(
                name,
                other,
                _more(answer.firings, expected.firings),
                _more(expected.firings, answer.firings),
                _first_line(expected.report, answer.report),
            )
    return None


def agreeing(answers: Mapping[str, MatcherAnswer | MatcherRefused]) -> Sequence[str]:
    """The matchers that answered: at least two are needed for any agreement."""
    given = [name for name, answer in answers.items() if isinstance(answer, MatcherAnswer)]
    return given if len(given) > 1 else []


def _firing(derivation: Derivation) -> ComparableFiring:
    return (derivation.clause, derivation.row, derivation.body, tuple(map(frozenset, derivation.grouped)))


def _more(
    these: Mapping[ComparableFiring, int], those: Mapping[ComparableFiring, int]
) -> tuple[ComparableFiring, ...]:
    """The firings that occur more often here than there."""
    found = (firing for firing, times in these.items() if times > those.get(firing, 0))
    return tuple(sorted(found, key=lambda firing: (firing[0], repr(firing[1:3]))))


def _first_line(expected: str, got: str) -> tuple[str, str] | None:
    for one, other in zip(expected.splitlines(), got.splitlines(), strict=False):
        if one != other:
            return one.strip(), other.strip()
    return None if expected == got else ("the end of the report", "more of it")
