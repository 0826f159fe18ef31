"""From derivations to the report: windows, exceptions, merging, reasons, order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from operator import itemgetter
from typing import TypeAlias

from followcue.base.limits import USUAL
from followcue.evaluation.advice.conclusions import conclusions, listed_facts
from followcue.evaluation.advice.grounds import GroundNaming, ListedPremises
from followcue.evaluation.advice.guidance import (
    FilledGuidance,
    Guidance,
    Tips,
    always_tips,
    derived_tips,
    guidance_of,
)
from followcue.evaluation.advice.merge import Merged, keep_latest, merge
from followcue.evaluation.advice.order import OrderKey, order_key
from followcue.evaluation.advice.overrides import overriding_rules, withdraw_overridden
from followcue.evaluation.advice.recommendation import Recommendation, WorkingDay, read_recommendations
from followcue.evaluation.advice.report import Action, Conclusion, Reason, Report
from followcue.evaluation.advice.report_size import AROUND, BESIDE, ReportSize, SizedConclusion, length_of
from followcue.evaluation.advice.sentences import Sentences, Told
from followcue.evaluation.advice.step_days import StepDays
from followcue.evaluation.advice.steps import Advised, Piece, StepMaker
from followcue.evaluation.advice.support import (
    ClauseSupports,
    RowDerivations,
    Support,
    bits_of,
    by_relation,
    rows_of,
)
from followcue.evaluation.advice.value_text import parameter_writers, written_by
from followcue.evaluation.advice.warnings import contradictions, noticed
from followcue.evaluation.advice.window import LAST_DAY, NEVER, calendar_day, turning_days
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Event, Situation
from followcue.evaluation.situation.skips import Skip
from followcue.language.model.pack import RECOMMENDATION, STEP, TIP, WARNING, Pack

Guide: TypeAlias = Callable[[str, tuple[str, ...], tuple[str, ...]], tuple[Guidance, int]]
"""`guidance_of` for one pack, and how many characters that is."""

MOST_GUIDANCE = 4096
"""How much guidance is remembered: the same few rules lead to most actions of most situations."""


class Advisor:
    """Turns derivations into reports; works out once what depends on the pack. Safe between threads."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.heads = [clause.head for clause in pack.clauses]
        self.supports = ClauseSupports(pack.clauses, pack.vocabulary)
        self._overriding = overriding_rules(pack.rules)
        self.always_tips = always_tips(pack)
        self.listed = listed_facts(pack.vocabulary)
        self.premises = ListedPremises(pack.clauses, self.listed)
        self.parameters = parameter_writers(pack.vocabulary)
        self.sentences = Sentences(pack.clauses)
        self.filled = FilledGuidance(pack, self.sentences)
        self.steps = StepMaker(pack, self.sentences)
        self.step_days = StepDays(pack.vocabulary)
        self._recommended = frozenset(rule.action for rule in pack.rules.values() if rule.head in _ADVISE)
        self.guide: Guide = lru_cache(MOST_GUIDANCE)(partial(_guidance_of, pack))

    def advise(
        self,
        situation: Situation,
        derivations: Sequence[Derivation],
        *,
        missed: bool = False,
        working_day: WorkingDay | None = None,
        most: int = USUAL.report,
        until: int | None = None,
    ) -> Report:
        """The report; with `missed`, also of what can no longer be done.

        Where a `working_day` is given, nothing opens on any other day. `until` is the day up to which the
        derivations are the same, for a report that says when it changes next. Raises `LimitExceeded` where
        the report would hold more than `most` characters.
        """
        return self.days(situation, derivations, working_day).report(
            situation, missed=missed, most=most, until=until
        )

    def days(
        self, situation: Situation, derivations: Sequence[Derivation], working_day: WorkingDay | None = None
    ) -> AdviceOfDays:
        """The reports of the days on which the rules derive the same of a situation."""
        return AdviceOfDays(self, situation, derivations, working_day)

    def pieces(
        self, situation: Situation, advised: Sequence[Advised], derivations: Sequence[Derivation]
    ) -> list[Piece]:
        """What the steps of a report are made of: each action in its place."""
        changes = by_relation(self.heads, derivations).get(STEP, ())
        return self.steps.pieces(situation, advised, changes)

    def never_advised(self, skip: Skip) -> str | None:
        """What to say of a skip of something that no rule recommends."""
        if skip.action in self._recommended:
            return None
        return f"{skip.place}: no rule advises `{skip.action}`, so there is nothing to skip"

    def merged(
        self,
        today: int,
        rows: Mapping[str, RowDerivations],
        *,
        missed: bool = False,
        working_day: WorkingDay | None = None,
    ) -> tuple[list[Merged], list[Merged]]:
        """The cautions and the actions of a report, each with the recommendations that it is made of."""
        recommendations = read_recommendations(self.pack, rows.get(RECOMMENDATION, {}), today, working_day)
        return self.merge(recommendations, today, missed)

    def merge(
        self, recommendations: Sequence[Recommendation], today: int, missed: bool
    ) -> tuple[list[Merged], list[Merged]]:
        """What of these is in a report of the day: the cautions and the actions."""
        recommendations = withdraw_overridden(recommendations, self._overriding)
        cautions: list[Recommendation] = []
        actions: list[Recommendation] = []
        for recommendation in recommendations:
            if missed or recommendation.status != "missed":
                (cautions if recommendation.is_caution else actions).append(recommendation)
        return merge(cautions, today), keep_latest(merge(actions, today))


class AdviceOfDays:
    """The reports of one situation on days on which its rules derive the same.

    What does not look at the day is worked out once: what each rule recommends, the reasons and texts of each
    action, what was concluded. A day moves windows on: the status of actions, what is merged, and steps.
    """

    def __init__(
        self,
        advisor: Advisor,
        situation: Situation,
        derivations: Sequence[Derivation],
        working_day: WorkingDay | None,
    ) -> None:
        self._advisor = advisor
        self._day = situation.as_of
        pack = advisor.pack
        found = self._found = by_relation(advisor.heads, derivations)
        support = self._support = Support(advisor.supports, found)
        self._recommendations = read_recommendations(
            pack, rows_of(found.get(RECOMMENDATION, ())), situation.as_of, working_day
        )
        self._finisher = _Finisher(
            situation,
            support,
            Tips(advisor.always_tips, derived_tips(pack, found.get(TIP, ()))),
            advisor.guide,
            advisor.filled,
            GroundNaming(pack.vocabulary, advisor.premises, situation, support),
        )
        self._conclusions: tuple[SizedConclusion, ...] | None = None

    @property
    def turns(self) -> list[int]:
        """The days on which a window opens, is overdue or has closed, sorted."""
        return sorted(set(turning_days(each.window for each in self._recommendations)))

    def report(
        self,
        situation: Situation,
        *,
        missed: bool = False,
        most: int = USUAL.report,
        until: int | None = None,
    ) -> Report:
        """The report on the day of `situation`, the same on some day; see `Advisor.advise`."""
        advisor, found, today = self._advisor, self._found, situation.as_of
        pack = advisor.pack
        recommendations = self._recommendations
        if today != self._day:
            recommendations = [each.on(today) for each in recommendations]
        cautions, actions = advisor.merge(recommendations, today, missed)
        if situation.skips:
            cautions, actions = (_unskipped(each, situation, missed) for each in (cautions, actions))
        at_odds = contradictions(actions)
        never = [warning for skip in situation.skips if (warning := advisor.never_advised(skip))]
        warnings = noticed(pack, situation, self._support, advisor.sentences, found.get(WARNING, ()))
        size = ReportSize(most, pack.rules)
        advised = self._finisher.finish(actions, situation, size)
        steps, riding = advisor.steps.steps(situation, advised, found.get(STEP, ()))
        report = Report(
            as_of=calendar_day(today),
            profile=situation.profile,
            rules_version=pack.version,
            actions=_with_riders([action for action, _ in advised], riding),
            cautions=tuple([caution for caution, _ in self._finisher.finish(cautions, situation, size)]),
            conclusions=self._concluded(size),
            warnings=(*situation.warnings, *never, *warnings, *at_odds),
            parameters=written_by(advisor.parameters, situation.parameters),
            names=situation.names,
            scope_key=pack.vocabulary.shape.scope or "scope",
            steps=steps,
        )
        if until is None:
            return report
        turns = turning_days(recommendation.window for recommendation in recommendations)
        turn = min((day for day in turns if day > today), default=NEVER)
        day = min(until, turn, advisor.step_days.after(report, situation))
        return report._replace(next_change=calendar_day(day) if day <= LAST_DAY else None)

    def _concluded(self, size: ReportSize) -> tuple[Conclusion, ...]:
        """What was concluded, counted in `size`."""
        known = self._conclusions
        if known is None:
            advisor = self._advisor
            made = conclusions(advisor.listed, advisor.pack.clauses, self._found)
            known = self._conclusions = tuple([size.counted(each) for each in made])
        else:
            for each in known:
                size.counted(each)
        return tuple([conclusion for conclusion, _ in known])


_PlacedReason: TypeAlias = tuple[tuple[int, int, str, int], Reason, int]
"""A reason, after what it is sorted by; then its size."""


class _Finisher:
    """Completes merged recommendations to actions: adds guidance, sources and reasons."""

    def __init__(
        self,
        situation: Situation,
        support: Support,
        tips: Tips,
        guide: Guide,
        filled: FilledGuidance,
        grounds: GroundNaming,
    ) -> None:
        self._situation = situation
        self._support = support
        self._tips = tips
        self._guide = guide
        self._filled = filled
        self._known: dict[int, _PlacedReason] = {}
        self._reasons: dict[int, tuple[tuple[Reason, ...], int]] = {}
        self._grounds = grounds
        self._finished: dict[tuple[int, ...], tuple[Action, int]] = {}

    def finish(self, merged: Iterable[Merged], situation: Situation, size: ReportSize) -> list[Advised]:
        """The actions on the day of `situation` in the order of a report, each with what it was made of."""
        return sorted([(self._action(each, situation, size), each) for each in merged], key=_advised_order)

    def _action(self, merged: Merged, situation: Situation, size: ReportSize) -> Action:
        """The action, of which only the status can be another than on the day before.

        Recommendations keep their derivations from day to day, so these tell what it was merged of.
        """
        of = tuple([id(each.derivations) for each in merged.recommendations])
        known = self._finished.get(of)
        if known is None:
            known = self._made(merged, situation)
            if not self._filled.concerns(known[0].rules):  # values are told as they are on the day
                self._finished[of] = known
        action, length = known
        size.add(length, merged.rules[0])
        return action if action.status == merged.status else action._replace(status=merged.status)

    def _made(self, merged: Merged, situation: Situation) -> tuple[Action, int]:
        """The action, and its size."""
        _, action, subject, window, until, status, rule_ids, priority, channel, derivations = merged
        name, scope, to, about = subject
        opens, due, close = window
        guidance, length = self._guide(name, rule_ids, self._tips.on(name, scope, to, about))
        do, avoid, rules, sources = guidance
        title = action.title
        if self._filled.concerns(rules):
            told = Told.of(situation, scope)
            title, (do, avoid, _, _) = self._filled.of(merged, self._tips, told)
            length += length_of((title, *do, *avoid))
        nearest, beneath, seen = self._support.of(derivations)
        events, size = self._reasons_of(beneath)
        grounds, more = self._grounds.of(derivations, seen)
        # By place, in the order of the fields: names would take twice as long.
        made = Action(
            name,
            scope,
            to,
            about,
            status,
            _day_or_none(opens),
            _day_or_none(due),
            _day_or_none(close),
            _day_or_none(until),
            priority,
            channel,
            title,
            do,
            avoid,
            rules,
            sources,
            events,
            self._reasons_of(nearest)[0][-1] if nearest else None,
            action_id(name, scope, to, about),
            grounds,
        )
        return made, AROUND + length + size + more + length_of(subject)

    def _reasons_of(self, mask: int) -> tuple[tuple[Reason, ...], int]:
        """The events as reasons, sorted by date and then by their place in the file; and their size."""
        reasons = self._reasons.get(mask)
        if reasons is None:
            placed = [self._known.get(bit) or self._placed(bit) for bit in bits_of(mask)]
            if len(placed) > 1:
                placed.sort(key=_PLACE)
            size = sum([size for _, _, size in placed])
            reasons = self._reasons[mask] = tuple([reason for _, reason, _ in placed]), size
        return reasons

    def _placed(self, bit: int) -> _PlacedReason:
        placed = self._known[bit] = _placed_reason(self._situation.events[self._support.key(bit)])
        return placed


def _placed_reason(event: Event) -> _PlacedReason:
    kind, scope, day, at, fields, line, _ = event
    size = BESIDE + len(kind) + len(scope or "") + length_of(fields.values())
    return (day, line or 0, scope or "", at), Reason(kind, scope, calendar_day(day), fields, line), size


def _guidance_of(
    pack: Pack, name: str, rules: tuple[str, ...], tips: tuple[str, ...]
) -> tuple[Guidance, int]:
    guidance = guidance_of(pack, name, rules, tips)
    return guidance, sum(map(length_of, guidance))


_PLACE = itemgetter(0)


def _advised_order(advised: Advised) -> OrderKey:
    return order_key(advised[0])


def action_id(action: str, scope: str | None, to: str | None, about: str | None) -> str:
    """What an action is called from day to day: its parts joined by `:`, trailing empty ones left off.

    >>> action_id("send_thank_you", "acme", None, "first")
    'send_thank_you:acme::first'
    """
    text = f"{action}:{scope or ''}:{to or ''}:{about or ''}"
    if text.count(":") > _COLONS or "%" in text:
        parts = [part or "" for part in (action, scope, to, about)]
        text = ":".join([part.replace("%", "%25").replace(":", "%3A") for part in parts])
    return text.rstrip(":")


_COLONS = 3
"""How many stand between the parts of an id."""


def _unskipped(merged: Iterable[Merged], situation: Situation, missed: bool) -> list[Merged]:
    """What is advised for all the skips; with `missed`, what is skipped too, and marked so."""
    kept = []
    for each in merged:
        name, scope, to, about = each.subject
        if not any(skip.covers(name, scope, to, about, situation.as_of) for skip in situation.skips):
            kept.append(each)
        elif missed:
            kept.append(each._replace(status="skipped"))
    return kept


def _with_riders(actions: list[Action], riding: Collection[str]) -> tuple[Action, ...]:
    """The actions in order; what rides on another's message is never pressing by itself."""
    pressing = [action for action in actions if action.priority in _PRESSING and action.id in riding]
    if not pressing:
        return tuple(actions)
    calm = [action for action in actions if action not in pressing]
    calm += [action._replace(priority="normal") for action in pressing]
    return tuple(sorted(calm, key=order_key))


_PRESSING = ("urgent", "high")
_ADVISE = ("recommend", "caution")


@lru_cache(1024)
def _day_or_none(day: int | None) -> date | None:
    return None if day is None else calendar_day(day)
