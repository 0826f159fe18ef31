"""What a planned program is made of: rules for the network, and how the host handles their activations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from followcue.evaluation.match.durable.codes import HIGHEST, LOWEST
from followcue.evaluation.match.durable.condition import Condition
from followcue.evaluation.match.durable.fields import Source
from followcue.evaluation.match.durable.order import JoinOrder
from followcue.language.logic.program import Clause, CompareOp, Expr, Test


@dataclass(frozen=True, slots=True)
class Operand:
    """A field of an auxiliary fact that holds the code of a value."""

    field: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Bound:
    """A field of a candidate that holds a number, with which the negated atom `atom` compares by `op`."""

    field: str
    value: Expr
    atom: int
    op: CompareOp

    @property
    def unmeetable(self) -> int:
        """A bound that no clamped number meets."""
        return LOWEST if self.op in ("<", "<=") else HIGHEST


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """A kind of fact by which the host hands a match back to the network.

    It holds the match of a part of the body, with what later atoms refer to, or it is a *candidate*: a match
    of all the body, with what negated atoms compare with.
    """

    kind: str
    operands: tuple[Operand, ...]
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One durable rule and what its activations mean.

    It joins the `matched` facts, those that its conditions of these names match, to the match that its
    auxiliary fact hands on, if it `continues` one; or it `filters` candidates by negated atoms. What comes of
    it is handed on as `next`; without that the body, or of candidates the whole clause, holds. Rules of a
    stratum other than 0 begin with the control condition.
    """

    clause: int
    conditions: tuple[Condition, ...]
    matched: tuple[str, ...] = ()
    stratum: int = 0
    continues: bool = False
    filters: bool = False
    next: Auxiliary | None = None


@dataclass(frozen=True, slots=True)
class ClausePlan:
    """How the host completes matches of one clause's body, joined in `order`.

    It waits until `stratum` is open, checks the `late` tests (with the place of their atom in `order`),
    computes aggregates and guards, then derives the head, or asserts a `candidate`, which the network
    compares with all rows of the relations `scanned`.
    """

    number: int
    clause: Clause
    order: JoinOrder
    stratum: int
    late: tuple[tuple[int, Test], ...]
    candidate: Auxiliary | None
    scanned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A program planned: its clauses by number, the rules by name, the number of strata.

    `kinds` holds the kind of each relation's facts, `sources` what their fields hold, `codes` the codes that
    the rules mention.
    """

    clauses: tuple[ClausePlan, ...]
    rules: Mapping[str, Rule]
    strata: int
    kinds: Mapping[str, str]
    sources: Mapping[str, Mapping[str, Source]]
    codes: Mapping[str | int, int]
