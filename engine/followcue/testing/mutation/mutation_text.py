"""What came of mutation, for a terminal: the figures, and each change that no test notices."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.synthesis.as_yaml import as_yaml
from followcue.testing.mutate import Mutation, by_reason
from followcue.testing.mutation.proposed_tests import proposed_tests


def render(mutation: Mutation) -> str:
    """The figures, then the survivors, each with a test to paste that would notice it."""
    return "\n".join(_lines(mutation)) + "\n"


def _lines(mutation: Mutation) -> Iterator[str]:
    tried = f"{mutation.tried} changes of the rules tried"
    yield tried if mutation.tried == mutation.of else f"{tried}, of {mutation.of}"
    yield f"mutation score: {mutation.score}"
    for what, same in (
        ("proved to mean the same", mutation.proved),
        ("said to mean the same", mutation.claimed),
    ):
        for reason, number in by_reason(same).items():
            yield f"  {what}: {number} ({reason})"
    if mutation.survivors:
        yield f"  noticed by no test: {len(mutation.survivors)}"
    for survivor in mutation.survivors:
        mutant = survivor.mutant
        yield ""
        yield f"{mutant.place}: {mutant.rule}: {mutant.says}"
        tests = dict(proposed_tests([survivor]))
        if tests:
            yield "  this test would notice it:"
            yield from (f"    {line}" for line in as_yaml(tests).splitlines())
        else:
            yield "  no situation was found that shows it: the rule may say too much, or it needs more tries"
