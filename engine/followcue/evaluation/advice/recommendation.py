"""Findings: what each rule recommends about one person and subject, before they are merged into actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, cast

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Row
from followcue.evaluation.advice.report import Status
from followcue.evaluation.advice.support import RowDerivations
from followcue.evaluation.advice.window import ALWAYS, Window
from followcue.evaluation.match.protocol import Derivation
from followcue.language.model.pack import Pack, RuleInfo
from followcue.language.model.vocabulary import ActionKind

Subject: TypeAlias = tuple[str, str | None, str | None, str | None]
"""What an action is about: the action, the scope's id, the person and the subject; one line of a report."""

WorkingDay: TypeAlias = Callable[[int], int]
"""The day itself, or the next one on which work is done."""


class Recommendation(NamedTuple):
    """One recommended row of one rule, where it stands today, and every derivation of it."""

    rule: RuleInfo
    action: ActionKind
    subject: Subject
    window: Window
    until: int | None
    channel: str | None
    status: Status
    derivations: Sequence[Derivation]

    @property
    def scope(self) -> str | None:
        """The record that it belongs to."""
        return self.subject[1]

    @property
    def to(self) -> str | None:
        """The person."""
        return self.subject[2]

    @property
    def about(self) -> str | None:
        """The subject that it is about."""
        return self.subject[3]

    @property
    def is_open(self) -> bool:
        """Whether it can be done today."""
        return self.status in ("due", "overdue")

    def on(self, today: int) -> Recommendation:
        """The same where it stands on another day."""
        status = self.window.status(today)
        return self if status == self.status else self._replace(status=status)

    @property
    def is_caution(self) -> bool:
        """Whether it says what to be careful about."""
        return self.rule.head == "caution"


def read_recommendations(
    pack: Pack, rows: RowDerivations, today: int, working_day: WorkingDay | None = None
) -> list[Recommendation]:
    """One recommendation for each rule and each row of the recommendation relation that it derives.

    Where a `working_day` is given, nothing opens on any other day.
    """
    rules, actions = pack.rules, pack.vocabulary.actions
    recommendations = []
    for row, derivations in rows.items():
        for rule_id, ways in _by_rule(pack, derivations):
            rule = rules[rule_id]
            action = actions[rule.action or ""]
            recommendations.append(_recommendation(rule, action, row, ways, today, working_day))
    return recommendations


def _by_rule(pack: Pack, derivations: Sequence[Derivation]) -> Iterable[tuple[str, Sequence[Derivation]]]:
    """The derivations of a row by the rule that they belong to."""
    if len(derivations) == 1:  # as nearly always
        return ((pack.clauses[derivations[0].clause].rule, derivations),)
    ways: dict[str, list[Derivation]] = {}
    for derivation in derivations:
        ways.setdefault(pack.clauses[derivation.clause].rule, []).append(derivation)
    return ways.items()


_RecommendationRow: TypeAlias = tuple[
    str | None, str | None, str | None, int | None, int | None, int | None, int | None, str | None
]


def _recommendation(
    rule: RuleInfo,
    action: ActionKind,
    row: Row,
    derivations: Sequence[Derivation],
    today: int,
    working_day: WorkingDay | None,
) -> Recommendation:
    """Reads the columns of a recommendation; cautions and standing actions have no window."""
    scope, to, about, opens, due, close, until, channel = cast(_RecommendationRow, row)
    window = ALWAYS if action.standing or rule.head == "caution" else Window(opens, due, close)
    if working_day:
        window = window.opening_on(working_day)
        until = None if until is None else working_day(until)
    subject = action.name, scope, to, about
    return Recommendation(rule, action, subject, window, until, channel, window.status(today), derivations)
