"""Aggregates: `newest`, `count`, `sum` and their like -> what a matcher computes of all facts that fit."""

from __future__ import annotations

from followcue.base.diagnostic import did_you_mean
from followcue.base.rows import Relation, places_of
from followcue.language.logic import program as ir
from followcue.language.logic.alternatives import Fold, Pick
from followcue.language.logic.atoms import AtomBuilder, KindShape, bare_variable, split, variable_name
from followcue.language.logic.binding import Binder
from followcue.language.logic.types import ORDERED, describe, is_named
from followcue.language.logic.walk import aggregate_variables, atom_variables
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import Type


class AggregateBuilder:
    """Builds the aggregates of one clause; mistakes go to the context's problems."""

    def __init__(self, atoms: AtomBuilder, binder: Binder) -> None:
        self.atoms = atoms
        self.binder = binder
        self.problems = atoms.context.problems

    def build(self, single: Pick | Fold, shape: KindShape) -> ir.Aggregate | None:
        """The aggregate of one condition; None after a mistake."""
        placed = self.atoms.single_relation(single, shape)
        if placed is None:
            return None
        relation, demands = placed
        bound = self.binder.plain if isinstance(single, Pick) else self.atoms.context.types
        joined, others = split(demands, lambda d: (v := bare_variable(d)) is not None and v.name in bound)
        outputs, tested = split(others, lambda d: bare_variable(d) is not None)
        if isinstance(single, Fold):
            for demand in joined:
                self.binder.check_type(demand, shape)
            for demand in outputs:
                self.binder.unbound(demand, variable_name(demand))
        joins = self.atoms.joins(shape, relation, joined, self.atoms.implied_join(shape, single.demands))
        tests = self.atoms.tests(shape, relation, tested)
        atom = ir.Atom(
            relation.name, tuple(joins), (ir.Test(0, "in", ()),) if tests is None else tuple(tests)
        )
        column = self._measured(single, shape, relation)
        if isinstance(single, Fold):
            return ir.Aggregate(single.op, atom, column, single.variable.name)
        pairs = tuple((shape.column(relation, d.field), variable_name(d)) for d in outputs)
        return ir.Aggregate(single.op, atom, column, None, pairs)

    def _measured(self, single: Pick | Fold, shape: KindShape, relation: Relation) -> int | None:
        """The column that an aggregate compares or adds."""
        if isinstance(single, Fold) and single.op == "count":
            return None
        field = single.field.text if single.field else "at"
        at = single.field.at if single.field else single.kind.at
        type = shape.types.get(field)
        kind = single.kind.text
        if type is None and single.field is None:
            hint = f"write `latest {kind}.FIELD` with one of its dates or numbers"
            message = f"a `{kind}` is no event, so none of them is the {single.op}"
            self.problems.append(single.where.problem("FC303", message, at, hint))
        elif type is None:
            message = f"`{kind}` has no field `{field}`"
            near = did_you_mean(field, shape.types)
            self.problems.append(single.where.problem("FC302", message, at, near))
        elif not _measurable(single, type):
            message = f"`{field}` is {describe(type)}, which cannot be {_doing(single)}"
            self.problems.append(single.where.problem("FC303", message, at, unmeasurable(single.op, type)))
        elif field in shape.many and relation.name == shape.kind.name:
            relation = self.atoms.relation(shape, [field])
            message = f"`{field}` is a list: name it among the fields as well, as in `{field}: present`"
            self.problems.append(single.where.problem("FC411", message, at))
        else:
            return shape.column(relation, field)
        return None

    def in_order(self, aggregates: list[ir.Aggregate], where: Where) -> tuple[ir.Aggregate, ...]:
        """Aggregates such that each uses only variables of earlier ones; a circle is a mistake."""
        done: list[ir.Aggregate] = []
        waiting = list(aggregates)
        while waiting:
            pending = {name for aggregate in waiting for name in aggregate_variables(aggregate)}
            ready = [a for a in waiting if not pending & atom_variables(a.atom)]
            if not ready:
                names = ", ".join(f"`${name}`" for name in sorted(pending))
                message = (
                    f"{names} wait for each other: each is compared in the condition that chooses another"
                )
                hint = "compare them under `where:`, with a variable of its own for each"
                self.problems.append(where.problem("FC403", message, None, hint))
                return ()
            done += ready
            waiting = [a for a in waiting if a not in ready]
        return tuple(done)


def _measurable(single: Pick | Fold, type: Type) -> bool:
    if isinstance(single, Fold) and single.op == "sum":
        return type.base in ("duration", "period") or places_of(type.base) is not None
    if isinstance(single, Fold) and type.refers_to:
        return True  # by the keys of the records: to settle on one of several, whichever it is
    return type.base in ORDERED and not is_named(type)


def unmeasurable(op: str, type: Type) -> str:
    """What to do with values that cannot be added up, or have no order."""
    if op == "sum" and type.base in ORDERED and not is_named(type):
        return "take the greatest or the least: write `max` or `min` instead of `sum`"
    return "count them, or name the ones that are meant in the field"


def _doing(single: Pick | Fold) -> str:
    return {"sum": "added up"}.get(single.op, "put in order")
