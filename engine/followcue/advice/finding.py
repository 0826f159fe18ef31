"""Findings: what each rule recommends about one person and subject, before they are merged into actions."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias, cast

from followcue.advice.report import Status
from followcue.advice.support import RowDerivations
from followcue.advice.window import ALWAYS, Window
from followcue.match.protocol import Derivation
from followcue.model.pack import Pack, RuleInfo
from followcue.model.vocabulary import ActionKind
from followcue.rows import Row

Subject: TypeAlias = tuple[str, str | None, str | None, str | None]
"""What an action is about: the action, the scope's id, the person and the subject; one line of a report."""

WorkingDay: TypeAlias = Callable[[int], int]
"""The day itself, or the next one on which work is done."""


class Finding(NamedTuple):
    """One recommended row of one rule, where it stands today, and every derivation of it."""

    rule: RuleInfo
    action: ActionKind
    scope: str | None
    to: str | None
    about: str | None
    window: Window
    until: int | None
    channel: str | None
    status: Status
    derivations: Sequence[Derivation]

    @property
    def subject(self) -> Subject:
        """What the finding is about."""
        return self.action.name, self.scope, self.to, self.about

    @property
    def is_open(self) -> bool:
        """Whether it can be done today."""
        return self.status in ("due", "overdue")

    @property
    def is_caution(self) -> bool:
        """Whether it says what to be careful about."""
        return self.rule.head == "caution"


def read_findings(
    pack: Pack, rows: RowDerivations, today: int, working_day: WorkingDay | None = None
) -> list[Finding]:
    """One finding for each rule and each row of the recommendation relation that it derives.

    Where a `working_day` is given, nothing opens on any other day.
    """
    findings = []
    for row, derivations in rows.items():
        if len(derivations) == 1:  # as nearly always
            rule = pack.rules[pack.clauses[derivations[0].clause].rule]
            findings.append(_finding(rule, _action(pack, rule), row, derivations, today, working_day))
            continue
        ways: dict[str, list[Derivation]] = {}
        for derivation in derivations:
            ways.setdefault(pack.clauses[derivation.clause].rule, []).append(derivation)
        for rule_id, found in ways.items():
            rule = pack.rules[rule_id]
            findings.append(_finding(rule, _action(pack, rule), row, found, today, working_day))
    return findings


_RecommendationRow: TypeAlias = tuple[
    str | None, str | None, str | None, int | None, int | None, int | None, int | None, str | None
]


def _finding(
    rule: RuleInfo,
    action: ActionKind,
    row: Row,
    derivations: Sequence[Derivation],
    today: int,
    working_day: WorkingDay | None,
) -> Finding:
    """Reads the columns of a recommendation; cautions and standing actions have no window."""
    scope, to, about, opens, due, close, until, channel = cast(_RecommendationRow, row)
    window = ALWAYS if action.standing or rule.head == "caution" else Window(opens, due, close)
    if working_day:
        window = window.opening_on(working_day)
        until = None if until is None else working_day(until)
    return Finding(rule, action, scope, to, about, window, until, channel, window.status(today), derivations)


def _action(pack: Pack, rule: RuleInfo) -> ActionKind:
    return pack.vocabulary.actions[rule.action or ""]
