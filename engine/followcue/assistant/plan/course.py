"""Course: the reports of a situation from one day to another, each once, with the day from which it holds.

Idea: between two days on which something can change, nothing of a report changes but the day on it. These
days are found, not tried. A report depends on the events up to its day, on what the rules derive, and on
where the day stands in each window; so the next day is the first of: an event of the file that lies ahead, a
comparison with `today` that turns (`evaluation/next_change/`), the opening of a window, the day after it is
due or closes, a day that its steps look at (`step_days.py` there).

    in the file   lent on 1 March, due on 14 March; returned on 18 March
    1 March       nothing to do      until 14 March, when `due <= today` turns
    14 March      remind             until 18 March, when the file has an event
    18 March      nothing to do      until the end

Invariant: the report on any day is that of the period which the day is in, but for the day itself, how late
a step is, and what lies ahead of it in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from followcue.base.limits import LimitExceeded, Limits
from followcue.base.rows import Row
from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.report import Report, Step
from followcue.evaluation.advice.step_days import StepDays
from followcue.evaluation.match.protocol import Derivation, Environment, Facts
from followcue.evaluation.match.refusals import too_many_derivations
from followcue.evaluation.next_change.watching_program import DerivedUntil, ProgramWatcher, WatchingProgram
from followcue.evaluation.pipeline import environment_of, with_rule
from followcue.language.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack
    from followcue.evaluation.situation.situation import Situation


_DAY = timedelta(days=1)


class Period(NamedTuple):
    """The report that holds from its `as_of` on, until the next step or the end of the course.

    `later`: in the course of that day, which began with the report before. Its warnings are those of the
    rules; what a file says of days to come is nothing to be warned of.
    """

    report: Report
    later: bool = False

    @property
    def day(self) -> date:
        """The first day of the report."""
        return self.report.as_of

    def time_for(self, after: Period | None) -> Iterator[Step]:
        """The steps of now, but for those that are part of a larger one later on the same day."""
        is_same_day = after is not None and after.later and after.day == self.day
        larger = [one for one in after.report.steps if one.when == "now"] if after and is_same_day else []
        for one in self.report.steps:
            if one.when == "now" and not any(set(one.actions) <= set(other.actions) for other in larger):
                yield one


def last_day(after: Period | None, last: date) -> date:
    """The last day of a period before that one, or before none in a course to the day `last`."""
    if after is None:
        return last
    return after.day if after.later else after.day - _DAY


def course(
    loaded: LoadedPack, clockwork: WatchingProgram, first: Situation, whole: Situation, limits: Limits
) -> Iterator[Period]:
    """The steps from the day of `first` to the day of `whole`: the same situation as it is on both days.

    `limits` are those of every report. Raises `LimitExceeded`.
    """
    run = _WatchedRun(loaded, clockwork, environment_of(whole, limits), whole.as_of)
    facts = _Facts(whole, loaded.pack.vocabulary)
    working_day = working_day_of(whole.parameters)
    step_days = StepDays(loaded.pack.vocabulary)
    day, known = first.as_of, _NOTHING
    shown: Report | None = None
    while day <= whole.as_of:
        if day >= known.until:
            known = run.derive(facts, day)
            advice = loaded.advisor.days(whole, known.derivations, working_day)
            edges = advice.turns
        situation = whole._replace(as_of=day, facts=facts.rows, warnings=())
        report = advice.report(situation, most=limits.report)
        if shown is None or undated(report) != undated(shown):
            yield Period(report)
            shown = report
        edge = min((edge for edge in edges if edge > day), default=known.until)
        day = min(edge, known.until, step_days.after(report, situation))


def undated(report: Report) -> Report:
    """The report without what is another from day to day.

    That is the day itself, how late a step is, the opening of a step that can be done at any time, and when
    it changes next.
    """
    windows = {action.id for action in report.actions if action.open is not None}
    steps = (
        step if step.when == "ahead" or windows.intersection(step.actions) else step._replace(open=date.min)
        for step in report.steps
    )
    return report._replace(
        as_of=date.min, next_change=None, steps=tuple(step._replace(late=0) for step in steps)
    )


class _Known(NamedTuple):
    """What the rules derive on every day before the day `until`."""

    derivations: Sequence[Derivation]
    until: int


_NOTHING = _Known((), 0)


class _WatchedRun:
    """Runs a pack's watched program on one day after another."""

    def __init__(
        self, loaded: LoadedPack, clockwork: WatchingProgram, environment: Environment, last: int
    ) -> None:
        self._pack = loaded.pack
        self._rules = loaded.matcher()
        self._lookout = ProgramWatcher(clockwork, last)
        self._environment = environment

    def derive(self, facts: _Facts, day: int) -> _Known:
        """What the rules derive on `day`, and until when they will."""
        ahead = facts.advance(day)
        derivations, until = self._derived(facts.rows, self._environment._replace(today=day))
        return _Known(
            derivations,
            until if ahead is None else min(until, ahead),
        )

    def _derived(self, facts: Facts, environment: Environment) -> DerivedUntil:
        """What the rules derive within their limits, as they would without watches."""
        limits = environment.limits
        # The watches take their own share, which is no sign of a rule that runs away.
        twice = limits._replace(derivations=2 * limits.derivations, steps=2 * limits.steps)
        try:
            derived = self._lookout.derive(facts, environment._replace(limits=twice))
            if len(derived.derivations) > limits.derivations:
                too_many_derivations(limits.derivations, derived.derivations)
        except LimitExceeded as problem:
            try:
                self._rules.run(facts, environment)  # tells the limit as it was set
            except LimitExceeded as own:
                raise with_rule(own, self._pack) from None
            raise problem from None
        return derived


class _Facts:
    """The facts of a situation up to a day, which only goes forward."""

    def __init__(self, situation: Situation, vocabulary: Vocabulary) -> None:
        self.rows: dict[str, list[Row]] = {}
        ahead: list[tuple[int, str, Row]] = []
        for relation, rows in situation.facts.items():
            place = _date_column(relation, vocabulary)
            if place is None:
                self.rows[relation] = rows
            else:
                ahead += ((row[place], relation, row) for row in rows)  # type: ignore[misc]
        self._ahead = sorted(ahead, key=lambda event: event[0], reverse=True)

    def advance(self, day: int) -> int | None:
        """Take in the events up to `day`; gives the day of the next one."""
        self.rows = dict(self.rows)
        grown: set[str] = set()
        while self._ahead and self._ahead[-1][0] <= day:
            _, relation, row = self._ahead.pop()
            if relation not in grown:
                grown.add(relation)
                self.rows[relation] = list(self.rows.get(relation, ()))
            self.rows[relation].append(row)
        return self._ahead[-1][0] if self._ahead else None


def _date_column(relation: str, vocabulary: Vocabulary) -> int | None:
    """Where rows of events, or of the members of their lists, hold their day; None for records."""
    if not vocabulary.kind_of(relation).is_event:
        return None
    return vocabulary.relations[relation].column("date")
