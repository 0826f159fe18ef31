"""Explaining a report: evaluate the situation, then read each derivation beside its clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from followcue.base.working_days import working_day_of
from followcue.evaluation.advice.guidance import is_on
from followcue.evaluation.advice.merge import Merged
from followcue.evaluation.advice.report import Action, Status
from followcue.evaluation.advice.sentences import Sentences, Told, has_values
from followcue.evaluation.advice.support import RowDerivations, by_row
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.pipeline import (
    USUALLY,
    Evaluation,
    LoadedPack,
    Options,
    environment_of,
    evaluate_facts,
)
from followcue.evaluation.situation.situation import Situation
from followcue.explain.evidence import Evidence
from followcue.explain.explanation import Explanation, ParameterUse, RuleReference, RuleWhy, Why
from followcue.explain.facts import FactReader
from followcue.explain.meant import ReportLine, chosen
from followcue.explain.parameter_origins import ParameterOrigins
from followcue.explain.placement import Placements
from followcue.explain.sentence import sentence
from followcue.explain.tree import DEEPEST, Tree, TreeContext
from followcue.explain.wanted import Wanted
from followcue.language.documents.document import Document
from followcue.language.model.pack import STEP, TIP

CALENDAR = ("count", "holidays")
"""The parameters by which days are counted."""


def why(
    loaded: LoadedPack,
    document: Document,
    wanted: Wanted | None = None,
    options: Options = USUALLY,
    *,
    depth: int = DEEPEST,
) -> Explanation:
    """Why the wanted actions and cautions of a report are there; see `followcue.why` for the arguments."""
    situation = loaded.read(document, options)
    judgement = evaluate_facts(loaded, situation, options)
    report = judgement.report
    lines = chosen(wanted or Wanted(), report, loaded.pack.vocabulary, situation)
    explainer = _Explainer(loaded, situation, document, judgement)
    made_of = explainer.made_of(options.missed)
    explainer.place(made_of)
    origins = ParameterOrigins(loaded.pack.vocabulary, situation, document, options.parameters)
    return Explanation(
        report, tuple(explainer.why(line, made_of[_key(line)], origins, depth) for line in lines)
    )


_Key: TypeAlias = tuple[bool, str, str | None, str | None, str | None, Status]
"""What tells the lines of a report apart."""


def _key(line: ReportLine) -> _Key:
    action = line.action
    return line.is_caution, action.action, action.scope, action.to, action.about, action.status


class _Explainer:
    """One judgement, with what it takes to look beneath its lines."""

    def __init__(
        self, loaded: LoadedPack, situation: Situation, document: Document, judgement: Evaluation
    ) -> None:
        pack = self._pack = loaded.pack
        self._advisor = loaded.advisor
        self._situation = situation
        self._report = judgement.report
        self._derivations = judgement.derivations
        self._rows: Mapping[str, RowDerivations] = by_row(pack.clauses, judgement.derivations)
        self._working_day = working_day_of(situation.parameters)
        evidence = Evidence(loaded.program, environment_of(situation), situation.facts, self._rows)
        facts = FactReader(pack.vocabulary, situation, document, judgement.report)
        self._context = TreeContext(pack, evidence, facts, judgement.report, self._working_day)
        self._sentences = Sentences(pack.clauses)

    def made_of(self, missed: bool) -> Mapping[_Key, Merged]:
        """The findings behind each line of the report."""
        cautions, actions = self._advisor.merged(
            self._situation.as_of, self._rows, missed=missed, working_day=self._working_day
        )
        found: dict[_Key, Merged] = {}
        for merged in (*cautions, *actions):
            subject = merged.recommendations[0].is_caution, *merged.recommendations[0].subject
            found[*subject, merged.status] = found[*subject, "skipped"] = merged
        return found

    def place(self, made_of: Mapping[_Key, Merged]) -> None:
        """Find out how each action is done among the steps."""
        actions = self._report.actions
        advised = [(action, made_of[_key(ReportLine(action, False))]) for action in actions]
        pieces = self._advisor.pieces(self._situation, advised, self._derivations)
        self._placements = Placements(self._situation, self._pack.vocabulary, self._report, pieces)

    def _step_rules(self, action: Action) -> Iterator[Derivation]:
        """The derivations of `step` rules that hold for an action."""
        for row, derivations in self._rows.get(STEP, {}).items():
            if is_on(row, action.scope, action.to, action.about):
                for derivation in derivations:
                    rule = self._pack.rules[self._pack.clauses[derivation.clause].rule]
                    if action.action in rule.actions:
                        yield derivation

    def why(self, line: ReportLine, merged: Merged, origins: ParameterOrigins, depth: int) -> Why:
        """The explanation of one line."""
        action = line.action
        tree = Tree(self._context, merged.derivations, depth)
        tips = [rule for rule in action.rules if rule not in merged.rules]
        return Why(
            action=action,
            is_caution=line.is_caution,
            sentence=sentence(action, tree.rules, self._report),
            rules=tuple(
                rule._replace(source=self._told(rule.source, action, [way.derivation for way in rule.ways]))
                for rule in tree.rules
            ),
            tips=tuple(
                self._told(self._context.source(tip, adding=True), action, list(self._tips(tip, action)))
                for tip in tips
            ),
            parameters=tuple(self._parameters(tree.parameters, origins)),
            placement=None if line.is_caution else self._placements.of(action, self._changing(action)),
        )

    def _told(
        self, source: RuleReference, action: Action, derivations: Sequence[Derivation]
    ) -> RuleReference:
        """The rule with its texts as it says them of an action."""
        if not any(map(has_values, (*source.do, *source.avoid))):
            return source
        told = Told.of(self._situation, action.scope)

        def said(texts: Sequence[str]) -> tuple[str, ...]:
            lines = (line for text in texts for line in self._sentences.each(text, derivations, told))
            return tuple(dict.fromkeys(filter(None, lines)))

        return source._replace(do=said(source.do), avoid=said(source.avoid))

    def _tips(self, tip: str, action: Action) -> Iterator[Derivation]:
        """How a tip was derived for an action."""
        for row, derivations in self._rows.get(TIP, {}).items():
            if is_on(row, action.scope, action.to, action.about):
                yield from (d for d in derivations if self._pack.clauses[d.clause].rule == tip)

    def _changing(self, action: Action) -> Sequence[RuleWhy]:
        """The `step` rules that hold for an action, with the facts that they found."""
        return Tree(self._context, self._step_rules(action), 0).rules

    def _parameters(self, names: Mapping[str, None], origins: ParameterOrigins) -> Iterator[ParameterUse]:
        calendar = CALENDAR if self._working_day else ()
        for name in dict.fromkeys((*sorted(names), *calendar)):
            use = origins.use(name)
            if use is not None and use.value is not None:
                yield use
