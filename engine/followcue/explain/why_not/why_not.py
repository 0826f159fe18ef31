"""Explaining why an action is not recommended: the rules that could, what they lack, what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from followcue.base import clock
from followcue.base.calendar import working_day_of
from followcue.base.limits import USUAL, Limits
from followcue.evaluation.advice.report import Action
from followcue.evaluation.advice.support import by_row
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.registry import COMPILED
from followcue.evaluation.pipeline import LoadedPack, judge
from followcue.evaluation.report.words import plain
from followcue.evaluation.situation.read import Today
from followcue.evaluation.situation.situation import Situation
from followcue.explain.asked import Wanted, known_names
from followcue.explain.facts import FactReader
from followcue.explain.tree import Teller
from followcue.explain.why_not.answer import Change, NearMiss, Verdict, WhyNot
from followcue.explain.why_not.headline import headline
from followcue.explain.why_not.near_misses import Attempt
from followcue.explain.why_not.outcome import Outcome, meant, outcomes
from followcue.explain.why_not.search import MOST_EDITS, Base, Searcher
from followcue.explain.why_not.telling_changes import ChangeTeller
from followcue.explain.why_not.telling_misses import MissTeller
from followcue.language.documents.document import Document
from followcue.language.logic.program import Const
from followcue.language.model.pack import RECOMMENDATION, RECOMMENDATION_COLUMNS

DEPTH = 3
"""How many conclusions are followed down by default."""

_RANK: Mapping[Verdict, int] = {
    "recommended": 0,
    "upcoming": 1,
    "later": 1,
    "kept": 2,
    "withdrawn": 3,
    "done": 4,
    "missed": 5,
    "unmet": 6,
    "profile": 7,
    "none": 8,
}
"""Which rule tells most about why an action is not there."""


def why_not(
    loaded: LoadedPack,
    document: Document,
    wanted: Wanted,
    *,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    depth: int = DEPTH,
    changes: bool = True,
    limits: Limits = USUAL,
    today: Today = clock.today,
) -> WhyNot:
    """Why the wanted action is not in a report; see `followcue.why_not` for the arguments."""
    situation = loaded.reader.read(
        document,
        as_of=as_of,
        profile=profile,
        parameters=parameters,
        today=today,
        max_entries=limits.entries,
    )
    asking = _Asking(loaded, document, situation, wanted, parameters or {}, matcher, depth, limits)
    return asking.answer(changes)


def why_not_lines(
    loaded: LoadedPack,
    document: Document,
    wanted: Wanted,
    *,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    changes: bool = True,
) -> tuple[str, ...]:
    """The same in a line or two: the headline, and the first thing that would change it."""
    answer = why_not(
        loaded,
        document,
        wanted,
        as_of=as_of,
        profile=profile,
        parameters=parameters,
        matcher=matcher,
        changes=changes,
    )
    return (answer.headline, *(f"{change.text}" for change in answer.changes[:1]))


class _Asking:
    """One question about one situation."""

    def __init__(
        self,
        loaded: LoadedPack,
        document: Document,
        situation: Situation,
        wanted: Wanted,
        parameters: Mapping[str, object],
        matcher: str,
        depth: int,
        limits: Limits,
    ) -> None:
        self._loaded = loaded
        self._situation = situation
        self._wanted = wanted
        known_names(wanted, loaded.pack.vocabulary, situation)
        data = document.data
        assert isinstance(data, dict), "what has been read is a mapping"
        self._base = Base(data, calendar_day(situation.as_of), situation.profile, parameters, limits)
        self._matcher = matcher
        judgement = judge(loaded, situation, matcher=matcher, missed=True, limits=limits)
        self._report = judgement.report
        self._rows = by_row(loaded.pack.clauses, judgement.derivations)
        self._working_day = working_day_of(situation.parameters)
        searcher = Searcher(loaded, self._base, wanted, matcher)
        trial = searcher.trial(())
        assert trial is not None, "the situation as it is can be read"
        scene = searcher.scene(trial)
        facts = FactReader(loaded.pack.vocabulary, situation, document, self._report)
        teller = Teller(loaded.pack, scene.evidence, facts, self._report, self._working_day)
        self._attempts = searcher.attempts(scene)
        self._misses = MissTeller(teller, scene, depth)
        self._changes = ChangeTeller(loaded.pack.vocabulary, situation, document, self._report)

    def answer(self, changes: bool) -> WhyNot:
        """The whole answer."""
        wanted, report = self._wanted, self._report
        rules = self._rules()
        verdict: Verdict = rules[0].verdict if rules else "none"
        elsewhere = tuple(
            line
            for line in (*report.cautions, *report.actions)
            if line.action == wanted.action and line.status != "missed" and not _fits(wanted, line)
        )
        title = self._loaded.pack.vocabulary.actions[wanted.action or ""].title
        lines = [line for line in (*report.cautions, *report.actions) if _fits(wanted, line)]
        searcher = Searcher(self._loaded, self._base, wanted, self._matcher, open_now=verdict == "upcoming")
        found: list[Change] = []
        if changes and verdict not in ("recommended", "none"):
            found = [self._changes.change(solution) for solution in searcher.solutions()]
        later = _waited_for(found[0]) if found and verdict == "unmet" else None
        if later:
            verdict = "later"
        return WhyNot(
            report=report,
            action=wanted.action or "",
            scope=wanted.scope,
            to=wanted.to,
            about=wanted.about,
            title=title,
            verdict=verdict,
            headline=headline(title, wanted, verdict, rules, lines, report, later, self._unfit()),
            rules=rules,
            changes=tuple(found),
            elsewhere=elsewhere,
            tried=searcher.trials,
            most_steps=MOST_EDITS,
        )

    def _unfit(self) -> str:
        """Why no rule could ever recommend it for what was asked."""
        heads = [
            clause.head
            for clause in self._loaded.program.clauses
            if clause.head.relation == RECOMMENDATION
            and self._loaded.pack.rules[clause.rule].action == self._wanted.action
        ]
        if not heads:
            return "No rule recommends it at all"
        shape = self._loaded.pack.vocabulary.shape
        nothing = Const(None)
        for name, said in (
            ("scope", f"It is for the whole {plain(shape.whole)}, not for one {plain(shape.scope or '')}"),
            ("to", "It goes to nobody in particular"),
            ("about", "It is about nothing in particular"),
        ):
            column = RECOMMENDATION_COLUMNS.index(name)
            if getattr(self._wanted, name) is not None and all(h.values[column] == nothing for h in heads):
                return said
        return ""

    def _rules(self) -> tuple[NearMiss, ...]:
        """Every rule that could give it: what became of what it recommends, or how far it came."""
        found = meant(
            self._wanted,
            outcomes(self._loaded.pack, self._rows, self._situation.as_of, self._working_day),
        )
        by_rule: dict[str, Outcome] = {}
        for outcome in sorted(found, key=_outcome_key):
            by_rule.setdefault(outcome.finding.rule.id, outcome)
        misses = [self._misses.outcome(outcome) for outcome in by_rule.values()]
        best: dict[str, Attempt] = {}
        for attempt in self._attempts:
            if attempt.clause.rule not in by_rule:
                best.setdefault(attempt.clause.rule, attempt)
        misses += [self._misses.miss(attempt) for attempt in best.values()]
        return tuple(sorted(misses, key=_miss_key))


def _waited_for(change: Change) -> date | None:
    """The day from which on it comes by itself, if that is all there is to the change."""
    return change.as_of if [step.do for step in change.steps] == ["wait"] else None


def _outcome_key(outcome: Outcome) -> tuple[object, ...]:
    finding = outcome.finding
    order = ("due", "upcoming", "kept", "withdrawn", "missed")
    return order.index(outcome.fate), finding.window.open or 0, repr(finding.subject)


def _miss_key(miss: NearMiss) -> tuple[object, ...]:
    lacking = miss.conditions - miss.met
    return _RANK[miss.verdict], lacking, -miss.met, miss.source.rule


def _fits(wanted: Wanted, line: Action) -> bool:
    return (
        line.action == wanted.action
        and wanted.scope in (None, line.scope)
        and wanted.to in (None, line.to)
        and wanted.about in (None, line.about)
    )
