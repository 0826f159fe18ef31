"""What every matcher takes and gives: rows and an environment in, derivations out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from followcue.base.extras import Unavailable
from followcue.base.limits import USUAL, Limits
from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import NOTHING, Row, Value

if TYPE_CHECKING:
    from followcue.language.logic.program import Program

__all__ = [
    "Derivation",
    "Environment",
    "Facts",
    "Limits",
    "Matcher",
    "MatcherUnavailable",
    "Posed",
    "PreparedMatcher",
]

Facts: TypeAlias = Mapping[str, Sequence[Row]]
"""The rows of each base relation; a relation without rows may be missing."""


class Environment(NamedTuple):
    """All that an evaluation depends on besides the facts.

    `today` is a day number; `parameters` hold values by name, durations in days. `shift` moves a day number
    by a signed number of days and decides which days count; None means that all do.
    """

    today: int
    parameters: Mapping[str, Value] = NOTHING
    shift: Callable[[int, int], int] | None = None
    limits: Limits = USUAL


class Posed(NamedTuple):
    """One situation of several to match: its rows, and what else matching depends on."""

    facts: Facts
    environment: Environment


class Derivation(NamedTuple):
    """One firing: the clause's number, the row derived and the rows it rests on.

    `body` holds one row for each body atom, in the clause's order; `grouped` one tuple of rows for each
    aggregate: all rows counted or summed, the rows that attain the minimum or maximum, or the one row chosen
    by newest or oldest. The rows inside one such tuple are in no particular order.
    """

    clause: int
    row: Row
    body: tuple[Row, ...]
    grouped: tuple[tuple[Row, ...], ...]


class PreparedMatcher(Protocol):
    """A program made ready to run; safe to use from several threads at once."""

    def run(self, facts: Facts, environment: Environment) -> Sequence[Derivation]:
        """Every derivation of the program's model of `facts`, each once, in no particular order.

        Raises `LimitExceeded` when the environment's limits do not suffice.
        """
        ...


class Matcher(Protocol):
    """A way to run programs."""

    def __call__(self, program: Program) -> PreparedMatcher:
        """Make `program` ready; raises `MatcherUnavailable` where this matcher cannot run."""
        ...


class MatcherUnavailable(Unavailable):
    """This matcher cannot run here or cannot express this program; the message says why and what to do."""
