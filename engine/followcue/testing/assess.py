"""What else is asked of tests than to pass: what of the rules they see, and what changes they notice."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from followcue.evaluation.pipeline import LoadedPack
from followcue.language.documents.document import Document
from followcue.testing.coverage import text as coverage_text
from followcue.testing.coverage.coverage import Coverage, Share, coverage_of, excusable, percent
from followcue.testing.coverage.marked_source import File, marked_files
from followcue.testing.mutate import Mutation, MutationPlan, run_mutation
from followcue.testing.mutation import proposed_tests
from followcue.testing.mutation.declared_equivalent import Claim, claims_in, reasons, refuse_unknown
from followcue.testing.mutation.mutants import mutants_of
from followcue.testing.mutation.mutation import grounded
from followcue.testing.mutation.proposed_tests import proposed_file
from followcue.testing.run import Result


class Wishes(NamedTuple):
    """What was asked for."""

    patterns: tuple[str, ...] = ()
    coverage: bool = False
    coverage_html: str | None = None
    min_coverage: Fraction | None = None
    mutate: bool = False
    min_score: Fraction | None = None
    only: tuple[str, ...] = ()
    sample: int | None = None
    seed: int = 0
    tries: int | None = None
    jobs: int = 1
    write_tests: str | None = None

    @property
    def mutation(self) -> bool:
        """Whether the rules are to be changed."""
        return self.mutate or self.min_score is not None or self.write_tests is not None

    @property
    def cover(self) -> bool:
        """Whether it is to be found out what was seen."""
        return self.coverage or self.coverage_html is not None or self.min_coverage is not None

    @property
    def anything(self) -> bool:
        """Whether anything is asked for besides the results."""
        return self.cover or self.mutation

    def plan_for(self, own: tuple[str, ...] | None) -> MutationPlan:
        """How to change the rules: those that are named, or else those that the tests are about."""
        return MutationPlan(self.only or own, self.sample, self.seed, self.jobs, self.tries)


class Assessment(NamedTuple):
    """What was found, and where it is less than was asked for."""

    coverage: Coverage | None
    files: tuple[File, ...]
    mutation: Mutation | None
    shortfalls: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Whether as much was seen and noticed as was asked for."""
        return not self.shortfalls

    def text(self, *, color: bool) -> str:
        """For a terminal."""
        parts = []
        if self.coverage is not None:
            parts.append(coverage_text.render(self.coverage, self.files, color=color))
        if self.mutation is not None:
            parts.append(proposed_tests.render(self.mutation))
        return "\n".join(parts)

    def html(self) -> str:
        """The rule files coloured by what was seen, as one page."""
        from followcue.testing.coverage.html import render

        assert self.coverage is not None, "asked for with the page"
        return render(self.coverage, self.files)

    def proposed(self) -> str:
        """Tests for what survived, as a file; empty if there are none."""
        return proposed_file(self.mutation.survivors) if self.mutation else ""


def rules_in(loaded: LoadedPack, places: Sequence[str]) -> tuple[str, ...] | None:
    """The rules that stand in files below one of these folders; None, which is all, if none does."""
    inside = tuple(os.path.join(place, "") for place in places)
    found = tuple(rule.id for rule in loaded.rules if rule.where.document.name.startswith(inside))
    return found or None


def assess(
    loaded: LoadedPack,
    results: Sequence[Result],
    documents: Sequence[Document],
    wishes: Wishes,
    told: Callable[[str], None],
    places: Sequence[str] = (),
) -> Assessment:
    """Find out what was asked for; raises `InvalidInput` where the test files claim what is not so.

    Tests that fail notice nothing: only those that pass count. Only the rules in the `places` do, if there
    are any: the tests of a layer are not about what it lies on.
    """
    own = rules_in(loaded, places)
    claims = claims_in(documents, loaded.pack.rules)
    tests = [grounded(loaded, result.scenario) for result in results if result.passed]
    coverage = mutation = None
    files: tuple[File, ...] = ()
    if wishes.cover:
        told("looking at what the tests see")
        _refuse(loaded, claims)
        coverage = coverage_of(loaded, tests, reasons(claims), own)
        files = marked_files(coverage, (r for r in loaded.rules if own is None or r.id in own))
    if wishes.mutation:
        mutation = run_mutation(loaded, tests, claims, wishes.plan_for(own), told)
    told("")
    shortfalls = [
        *_shortfall("coverage", coverage and coverage.share(), wishes.min_coverage),
        *_shortfall("the mutation score", mutation and mutation.score, wishes.min_score),
    ]
    return Assessment(coverage, files, mutation, tuple(shortfalls))


def _refuse(loaded: LoadedPack, claims: Sequence[Claim]) -> None:
    if claims:
        rules = {rule for claim in claims for rule, _ in claim.names}
        known = {mutant.name for mutant in mutants_of(loaded, rules)} | excusable(loaded)
        refuse_unknown(claims, known)


def _shortfall(what: str, share: Share | None, least: Fraction | None) -> list[str]:
    """One line if there is less than the least that was asked for; compared exactly, never rounded."""
    if share is None or least is None or share.fraction >= least:
        return []
    return [f"{what} is {percent(share.fraction)}, less than the {float(least * 100):g}% asked for"]
