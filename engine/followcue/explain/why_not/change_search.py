"""The search for the smallest change: proposals, tried one by one and combined, until the action is there.

Idea: a beam search. At first each proposal is tried on the situation as it is. If none brings the action
about, the few situations that came nearest (`BEAM`) are asked what else they lack, and so on.

    wanted: remind(emma)                    as it is: nothing lent to emma, and returned(emma)
    level 1   add lent(emma)                not there, one gap left
              remove returned(emma)         not there, one gap left
    level 2   add lent(emma), remove returned(emma)     there: a change of two edits

A proposal may be two edits at once, such as an event on a later day and the wait for it. Once a level has
found something, the next one is not tried: of what was found, the simplest of each sort is told.

Invariant: nothing is believed. Every change that is told was made to the situation, and the rules were asked
again. The trials are counted (`MOST_TRIALS`, and fewer where each takes long), so that an answer comes in any
case: that nothing was found is no proof that there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import NamedTuple

from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import USUAL, LimitExceeded, Limits
from followcue.base.rows import Value
from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.order import STATUSES
from followcue.evaluation.advice.support import RowDerivations, by_row
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.pipeline import LoadedPack, Options, environment_of
from followcue.evaluation.situation.situation import Situation
from followcue.explain.wanted import Wanted
from followcue.explain.why_not.goals import Goal
from followcue.explain.why_not.near_misses import Attempt, FactBase
from followcue.explain.why_not.outcome import meant, outcomes
from followcue.explain.why_not.proposals import EditProposer
from followcue.explain.why_not.situation_edits import (
    Add,
    Edits,
    Put,
    Remove,
    Setting,
    SituationEdit,
    Wait,
    value_at,
    with_edits,
)
from followcue.language.logic import program as ir
from followcue.language.model.pack import RECOMMENDATION, RECOMMENDATION_COLUMNS, Pack

MOST_EDITS = 3
"""So many edits make one change."""
MOST_TRIALS = (250, 200, 150)
"""So many changes of one, two and three edits are tried."""
MOST_WORK = 250_000
"""So many derivations all trials together may take, roughly."""
FEWEST_TRIALS = 20
"""So many are tried however large the situation."""
MOST_AFTER = 40
"""So many more are tried once one is found: likely ones come first."""
BEAM = (1, 10, 6)
"""So many situations are looked into for what else they would need."""
NEAR_DAYS = 62
"""A day up to here is soon: waiting for it is simpler than anything that could be done."""
MOST_PER_CLAUSE = 2
"""So many ways in which one clause comes near are followed."""
SIMPLE = 3
"""The last sort of a change that takes no event out and sets no parameter."""
MADE_UP = 6
"""The sort of a change for which there must be another record."""
MOST_TOLD = 3
"""So many changes of different sorts are told."""
HOPELESS = 5.0
"""How far off a conclusion is that no clause can draw."""


class BaseSituation(NamedTuple):
    """The situation without edits: its data, and the options that hold with edits too."""

    data: Mapping[str, object]
    as_of: date
    profile: str
    parameters: Mapping[str, object]
    limits: Limits = USUAL


class EditedSituation(NamedTuple):
    """A situation with edits, and what the rules derive from it."""

    edits: Edits
    situation: Situation
    rows: Mapping[str, RowDerivations]
    found: tuple[Merged, ...]
    data: object


class FoundChange(NamedTuple):
    """Edits with which the action is there, and the line that it then has."""

    edits: Edits
    line: Merged


class ChangeSearch:
    """Looks for changes of one situation after which an action is recommended.

    `open_now`: the action is in the report already, but not open yet.
    """

    def __init__(
        self, loaded: LoadedPack, base: BaseSituation, wanted: Wanted, matcher: str, open_now: bool = False
    ) -> None:
        self._loaded = loaded
        self._base = base
        self._wanted = wanted
        self._matcher = loaded.matcher(matcher)
        self._open_now = open_now
        self._rules = _rules_about(loaded.pack, wanted.action)
        self.trials = 0

    def trial(self, edits: Edits) -> EditedSituation | None:
        """The situation with these edits; None where it cannot be read so."""
        self.trials += 1
        base = self._base
        tried = with_edits(base.data, edits, base.parameters)
        as_of = tried.as_of or base.as_of
        try:
            told = Options(as_of, tried.profile or base.profile, tried.parameters, limits=base.limits)
            situation = self._loaded.read(tried.document, told)
            derivations = self._matcher.run(situation.facts, environment_of(situation, base.limits))
        except (InvalidInput, LimitExceeded):
            return None
        rows = by_row(self._loaded.pack.clauses, derivations)
        working_day = working_day_of(situation.parameters)
        cautions, actions = self._loaded.advisor.merged(
            situation.as_of, {RECOMMENDATION: self._of_wanted(rows)}, working_day=working_day
        )
        # Matchers give their derivations in no particular order.
        found = tuple(sorted((m for m in (*cautions, *actions) if self._is_meant(m)), key=_line_key))
        return EditedSituation(edits, situation, rows, found, tried.document.data)

    def _of_wanted(self, rows: Mapping[str, RowDerivations]) -> RowDerivations:
        """What is recommended by rules that have a say in the wanted action; the others change nothing."""
        clauses, rules = self._loaded.pack.clauses, self._rules
        return {
            row: ways
            for row, found in rows.get(RECOMMENDATION, {}).items()
            if (ways := [derivation for derivation in found if clauses[derivation.clause].rule in rules])
        }

    def solutions(self) -> list[FoundChange]:
        """The changes with the fewest edits that were found, the best first; none if none is in reach."""
        start = self.trial(())
        assert start is not None, "the situation as it is can be read"
        nodes, seen = [start], {_identity(())}
        for level in range(MOST_EDITS):
            found: list[FoundChange] = []
            tried: list[EditedSituation] = []
            left = self._allowed(start, MOST_TRIALS[level])
            for node, edits in _in_turn(nodes, [self._proposals(node) for node in nodes]):
                combined = tidied((*node.edits, *edits))
                if combined is None or len(combined) > MOST_EDITS or (key := _identity(combined)) in seen:
                    continue
                seen.add(key)
                left -= 1
                if left < 0:
                    break
                trial = self.trial(combined)
                if trial is None:
                    continue
                if trial.found:
                    found.append(FoundChange(combined, trial.found[0]))
                    left = min(left, MOST_AFTER)
                else:
                    tried.append(trial)
            if found:
                return self._best(found)
            if level + 1 < MOST_EDITS:
                ranked = sorted(enumerate(tried), key=lambda pair: (*self._distance(pair[1]), pair[0]))
                nodes = [trial for _, trial in ranked[: BEAM[level + 1]]]
        return []

    def _allowed(self, start: EditedSituation, most: int) -> int:
        """How many trials a situation of that size may have, so that an answer comes in any case."""
        size = sum(len(found) for rows in start.rows.values() for found in rows.values())
        return max(FEWEST_TRIALS, min(most, MOST_WORK // max(size, 1)))

    def fact_base(self, trial: EditedSituation) -> FactBase:
        """What the rules saw."""
        environment = environment_of(trial.situation, self._base.limits)
        return FactBase(self._loaded.program, environment, trial.situation.facts, trial.rows)

    def attempts(self, fact_base: FactBase) -> list[Attempt]:
        """The nearest misses of each clause that could recommend the action, the best first."""
        rules = self._loaded.pack.rules
        found = []
        for number in fact_base.heads.get(RECOMMENDATION, ()):
            if rules[self._loaded.program.clauses[number].rule].action == self._wanted.action:
                found += fact_base.tries(number, self.goal(number))[:MOST_PER_CLAUSE]
        return sorted(found, key=lambda attempt: attempt.score)

    def goal(self, number: int) -> Goal:
        """The goal of a clause: a recommendation about what is wanted, not yet closed."""
        head = self._loaded.program.clauses[number].head
        bound: list[tuple[int, Value]] = []
        for name in ("scope", "to", "about"):
            value = getattr(self._wanted, name)
            if value is not None:
                bound.append((RECOMMENDATION_COLUMNS.index(name), value))
        close = RECOMMENDATION_COLUMNS.index("close")
        is_open = ir.Compare(">=", ir.Var(f"@{close}"), ir.Today())
        demands = () if head.values[close] == ir.Const(None) else (is_open,)
        return Goal(RECOMMENDATION, tuple(bound), demands)

    # --- what to try
    def _proposals(self, trial: EditedSituation) -> Iterator[Edits]:
        fact_base = self.fact_base(trial)
        to = self._wanted.to
        vocabulary = self._loaded.pack.vocabulary
        proposer = EditProposer(vocabulary, fact_base, trial.situation, self._base.data, to)
        yield from self._for_outcomes(trial, fact_base, proposer)
        for attempt in self.attempts(fact_base):
            yield from proposer.of(attempt)
        yield from self._later(trial)

    def _for_outcomes(
        self, trial: EditedSituation, fact_base: FactBase, proposer: EditProposer
    ) -> Iterator[Edits]:
        """What is recommended, but for some reason not in the report."""
        today = trial.situation.as_of
        working_day = working_day_of(trial.situation.parameters)
        for outcome in meant(self._wanted, outcomes(self._loaded.pack, trial.rows, today, working_day)):
            window = outcome.finding.window
            if window.open is not None and window.open > today:
                yield (Wait(calendar_day(window.open)),)
            if outcome.by is not None:
                for edge in (outcome.by.window.open, outcome.by.window.close, outcome.by.until):
                    if edge is not None and edge >= today:
                        yield (Wait(calendar_day(edge + 1)),)
                for firing in fact_base.firings(outcome.by.derivations)[:2]:
                    yield from proposer.breaking_firing(firing)

    def _later(self, trial: EditedSituation) -> Iterator[Edits]:
        """The days that the conclusions about the record name, and the days after them."""
        today, scope = trial.situation.as_of, self._wanted.scope
        days: set[int] = set()
        for name, rows in trial.rows.items():
            columns = self._loaded.pack.vocabulary.relations[name].columns
            dated = [place for place, column in enumerate(columns) if column.type == "date"]
            for row in rows:
                if scope is None or not row or row[0] in (scope, None):
                    days.update(int(day) for place in dated if (day := row[place]) is not None)
        for day in islice(sorted(day for day in days if day >= today), 20):
            for edge in (day, day + 1):
                if edge > today:
                    yield (Wait(calendar_day(min(edge, _LAST))),)

    def _distance(self, trial: EditedSituation) -> tuple[float, float]:
        """How far off the action is, by its nearest miss, with a look at how far what it lacks is off."""
        fact_base = self.fact_base(trial)
        return min(
            (self._far(fact_base, attempt) for attempt in self.attempts(fact_base)[:4]), default=(99.0, 0.0)
        )

    def _far(self, fact_base: FactBase, attempt: Attempt) -> tuple[float, float]:
        score, distance = attempt.score
        return score + sum(_depth(fact_base, attempt, 4)), distance

    # --- what was found
    def _is_meant(self, merged: Merged) -> bool:
        return self._wanted.fits(merged.subject) and (merged.is_open or not self._open_now)

    def _best(self, found: Iterable[FoundChange]) -> list[FoundChange]:
        """The best solution of each sort, the simplest sort first."""
        best: dict[int, FoundChange] = {}
        for solution in sorted(found, key=self._order):
            best.setdefault(self._order(solution)[1], solution)
        if min(best) <= SIMPLE:  # nobody should undo the past where something can be done
            best = {sort: solution for sort, solution in best.items() if sort <= SIMPLE}
        elif len(best) > 1:
            best.pop(MADE_UP, None)
        earliest = {_identity(one.edits): one for one in map(self._earliest, best.values())}
        return sorted(earliest.values(), key=self._order)[:MOST_TOLD]

    def _order(self, solution: FoundChange) -> tuple[int, int, int, int]:
        """Fewest edits first; then by what has to be done, how near its days are, and how much it says."""
        edits, today = solution.edits, self._base.as_of
        sorts = [_sort(edit, today) for edit in edits]
        days = sum(_away(edit, today) for edit in edits)
        fields = sum(map(self._effort, edits))
        made = sum(not isinstance(edit, Wait) for edit in edits)
        return max(made, 1), max(sorts), days, fields

    def _effort(self, edit: SituationEdit) -> int:
        """How much there is to write; what is written already is changed last."""
        match edit:
            case Add(_, _, event):
                return len(event)
            case Put(path, _, _, value) if not isinstance(value, dict):
                return 1 if value_at(self._base.data, path) is None else 9
            case _:
                return 0

    def _earliest(self, solution: FoundChange) -> FoundChange:
        """The same with the first day on which it works, if the day is part of it."""
        waits = [edit for edit in solution.edits if isinstance(edit, Wait)]
        added = [dict(edit.event).get("date") for edit in solution.edits if isinstance(edit, Add)]
        if len(waits) != 1:
            return solution
        late = waits[0].day.toordinal()
        early = max([self._base.as_of.toordinal(), *(_ordinal(day) - 1 for day in added)])
        while late - early > 1:
            middle = (late + early) // 2
            edits = tuple(
                Wait(calendar_day(middle)) if isinstance(edit, Wait) else edit for edit in solution.edits
            )
            trial = self.trial(edits)
            if trial is not None and trial.found:
                late, solution = middle, FoundChange(edits, trial.found[0])
            else:
                early = middle
        return solution


_LAST = date(2200, 12, 31).toordinal()


def _rules_about(pack: Pack, action: str | None) -> frozenset[str]:
    """The rules that advise the action, and those that withdraw what another of these advises."""
    about = {rule.id for rule in pack.rules.values() if action in (None, rule.action)}
    size = 0
    while size < len(about):
        size = len(about)
        about.update(rule.id for rule in pack.rules.values() if not about.isdisjoint(rule.overrides))
    return frozenset(about)


def tidied(edits: Edits) -> Edits | None:
    """The edits with one day to wait for, the latest; None where two of them are about the same thing."""
    waits = [edit for edit in edits if isinstance(edit, Wait)]
    others = [edit for edit in edits if not isinstance(edit, Wait)]
    touched = [repr(edit if isinstance(edit, Add) else _target(edit)) for edit in others]
    if len(set(touched)) < len(touched):
        return None
    last = max(waits, key=lambda wait: wait.day, default=None)
    return (*others, last) if last else tuple(others)


def _identity(edits: Edits) -> tuple[str, ...]:
    """What makes edits the same; only events of one day depend on the order in which they are added."""
    added = [(edit.path, dict(edit.event)["date"]) for edit in edits if isinstance(edit, Add)]
    said = map(repr, edits)
    return tuple(sorted(said) if len({*map(repr, added)}) == len(added) else said)


def _line_key(merged: Merged) -> tuple[int, str]:
    return STATUSES.index(merged.status), repr(merged.recommendations[0].subject)


def _target(edit: SituationEdit) -> object:
    return edit.name if isinstance(edit, Setting) else getattr(edit, "path", None)


def _in_turn(
    nodes: list[EditedSituation], proposals: list[Iterator[Edits]]
) -> Iterator[tuple[EditedSituation, Edits]]:
    """Proposals for each node in turn, so that none of them uses up all trials."""
    waiting = list(zip(nodes, proposals, strict=True))
    while waiting:
        for pair in list(waiting):
            node, offered = pair
            edits = next(offered, None)
            if edits is None:
                waiting.remove(pair)
            else:
                yield node, edits


def _depth(fact_base: FactBase, attempt: Attempt, deepest: int) -> Iterator[float]:
    """For each missing conclusion, how much more than one fact it may take."""
    for lack in attempt.lacks:
        if lack.kind != "missing" or lack.atom is None or not deepest:
            continue
        atom = lack.atom
        if fact_base.program.relations[atom.relation].derived:
            known = attempt.bindings
            bound = tuple((column, known[name]) for column, name in atom.joins if name in known)
            nearest = fact_base.attempts(Goal(atom.relation, bound), 1)
            if not nearest:
                yield HOPELESS
            else:
                below = nearest[0].score[0] + sum(_depth(fact_base, nearest[0], deepest - 1))
                yield max(0.0, below - 1) + 0.25


def _sort(edit: SituationEdit, today: date) -> int:
    match edit:
        case Wait(day):
            return 0 if (day - today).days <= NEAR_DAYS else 3
        case Add():
            return 1
        case Put(path, scope, _, value):
            return MADE_UP if isinstance(value, dict) and path[-1] == scope else 2
        case Remove():
            return 4
        case Setting():
            return 5


def _away(edit: SituationEdit, today: date) -> int:
    match edit:
        case Wait(day):
            return abs((day - today).days)
        case Add(_, _, event):
            return abs(_ordinal(dict(event)["date"]) - today.toordinal())
        case _:
            return 0


def _ordinal(value: object) -> int:
    return date.fromisoformat(str(value)).toordinal()
