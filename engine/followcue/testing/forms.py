"""The results of scenario tests as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from followcue.testing.failures import said_of
from followcue.testing.reasons import Reasons, no_reasons
from followcue.testing.run import Result


def render(results: Sequence[Result], reasons: Reasons = no_reasons) -> str:
    """What failed and why, and a line that sums up."""
    return "\n".join(_lines(results, reasons)) + "\n"


def _lines(results: Sequence[Result], reasons: Reasons) -> Iterator[str]:
    failed = [result for result in results if not result.passed]
    for result in failed:
        yield from said_of(result, reasons)
        yield ""
    checks = sum(len(result.outcomes) for result in results)
    looked = f"{_count(checks, 'check')} in {_count(len(results), 'test')}"
    yield f"{_count(len(failed), 'test')} failed of {looked}" if failed else f"{looked}: all as expected"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
