"""Explaining why an action is not recommended: the rules that could, what they lack, what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.support import by_row
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options, evaluate_facts
from followcue.evaluation.report.wording import plain
from followcue.evaluation.situation.situation import Situation
from followcue.explain.facts import FactReader
from followcue.explain.meant import one_action
from followcue.explain.tree import TreeContext
from followcue.explain.wanted import Wanted, subject_of
from followcue.explain.why_not.answer import Counterfactual, NearMiss, Verdict, WhyNot
from followcue.explain.why_not.change_search import MOST_EDITS, BaseSituation, ChangeSearch
from followcue.explain.why_not.edit_text import EditDescriber
from followcue.explain.why_not.headline import headline
from followcue.explain.why_not.near_miss_text import MissDescriber
from followcue.explain.why_not.near_misses import Attempt
from followcue.explain.why_not.outcome import FindingOutcome, meant, outcomes
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
    options: Options = USUALLY,
    *,
    depth: int = DEPTH,
    changes: bool = True,
) -> WhyNot:
    """Why the wanted action is not in a report; see `followcue.why_not` for the arguments."""
    return _Asking(loaded, document, loaded.read(document, options), wanted, options, depth).answer(changes)


def why_not_lines(
    loaded: LoadedPack,
    document: Document,
    wanted: Wanted,
    options: Options = USUALLY,
    *,
    changes: bool = True,
) -> tuple[str, ...]:
    """The same in a line or two: the headline, and the first thing that would change it."""
    answer = why_not(loaded, document, wanted, options, changes=changes)
    return (answer.headline, *(f"{change.text}" for change in answer.changes[:1]))


class _Asking:
    """One question about one situation."""

    def __init__(
        self,
        loaded: LoadedPack,
        document: Document,
        situation: Situation,
        wanted: Wanted,
        options: Options,
        depth: int,
    ) -> None:
        self._loaded = loaded
        self._situation = situation
        data = document.data
        assert isinstance(data, dict), "what has been read is a mapping"
        parameters, limits = options.parameters or {}, options.limits
        self._base = BaseSituation(data, calendar_day(situation.as_of), situation.profile, parameters, limits)
        self._matcher = options.matcher
        judgement = evaluate_facts(loaded, situation, options._replace(missed=True))
        self._report = judgement.report
        wanted = self._wanted = one_action(wanted, self._report, loaded.pack.vocabulary, situation)
        self._rows = by_row(loaded.pack.clauses, judgement.derivations)
        self._working_day = working_day_of(situation.parameters)
        search = ChangeSearch(loaded, self._base, wanted, options.matcher)
        trial = search.trial(())
        assert trial is not None, "the situation as it is can be read"
        fact_base = search.fact_base(trial)
        facts = FactReader(loaded.pack.vocabulary, situation, document, self._report)
        context = TreeContext(loaded.pack, fact_base, facts, self._report, self._working_day)
        self._attempts = search.attempts(fact_base)
        self._misses = MissDescriber(context, fact_base, depth)
        self._changes = EditDescriber(loaded.pack.vocabulary, situation, document, self._report)

    def answer(self, changes: bool) -> WhyNot:
        """The whole answer."""
        wanted, report = self._wanted, self._report
        rules = self._rules()
        verdict: Verdict = rules[0].verdict if rules else "none"
        elsewhere = tuple(
            line
            for line in (*report.cautions, *report.actions)
            if line.action == wanted.action and line.status != "missed" and not wanted.fits(subject_of(line))
        )
        title = self._loaded.pack.vocabulary.actions[wanted.action or ""].title
        lines = [line for line in (*report.cautions, *report.actions) if wanted.fits(subject_of(line))]
        search = ChangeSearch(self._loaded, self._base, wanted, self._matcher, open_now=verdict == "upcoming")
        found: list[Counterfactual] = []
        if changes and verdict not in ("recommended", "none"):
            found = [self._changes.change(solution) for solution in search.solutions()]
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
            tried=search.trials,
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
        by_rule: dict[str, FindingOutcome] = {}
        for outcome in sorted(found, key=_outcome_key):
            by_rule.setdefault(outcome.finding.rule.id, outcome)
        misses = [self._misses.outcome(outcome) for outcome in by_rule.values()]
        best: dict[str, Attempt] = {}
        for attempt in self._attempts:
            if attempt.clause.rule not in by_rule:
                best.setdefault(attempt.clause.rule, attempt)
        misses += [self._misses.miss(attempt) for attempt in best.values()]
        return tuple(sorted(misses, key=_miss_key))


def _waited_for(change: Counterfactual) -> date | None:
    """The day from which on it comes by itself, if that is all there is to the change."""
    return change.as_of if [step.do for step in change.steps] == ["wait"] else None


def _outcome_key(outcome: FindingOutcome) -> tuple[object, ...]:
    finding = outcome.finding
    order = ("due", "upcoming", "kept", "withdrawn", "missed")
    return order.index(outcome.fate), finding.window.open or 0, repr(finding.subject)


def _miss_key(miss: NearMiss) -> tuple[object, ...]:
    lacking = miss.conditions - miss.met
    return _RANK[miss.verdict], lacking, -miss.met, miss.source.rule
