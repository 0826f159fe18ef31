"""Patterns -> atoms: the relation that holds the facts, its columns, and what is demanded of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from followcue.base.diagnostic import did_you_mean
from followcue.base.rows import Relation
from followcue.language.documents.borrowed import hint_for
from followcue.language.logic import program as ir
from followcue.language.logic.alternatives import Single
from followcue.language.logic.expressions import ABSENT, TypingContext
from followcue.language.logic.types import field_types
from followcue.language.model import syntax
from followcue.language.model.rules import Demand
from followcue.language.model.vocabulary import Kind, Type, Vocabulary


@dataclass(frozen=True, slots=True)
class KindShape:
    """The facts of one kind: its field types, its list fields, and the field that names its scope."""

    kind: Kind
    types: dict[str, Type]
    many: frozenset[str]
    scope: str | None

    @classmethod
    def of(cls, kind: Kind, vocabulary: Vocabulary) -> KindShape:
        """The shape of `kind`."""
        many = frozenset(field.name for field in kind.fields if field.many)
        scope = vocabulary.shape.scope if kind.scoped else None
        return cls(kind, field_types(kind, vocabulary), many, scope)

    def column(self, relation: Relation, field: str) -> int:
        """The column of a field; the `id` of a record of the scope is its scope column."""
        name = self.scope if field == "id" and self.kind.name == self.scope and self.scope else field
        return relation.column(name)

    def identity(self) -> tuple[str, ...]:
        """The fields that tell one fact of the kind from another."""
        scope = (self.scope,) if self.scope else ()
        keyless = self.kind.name == self.scope or self.kind.single
        own = {"event": ("at",), "record": () if keyless else ("id",), "conclusion": ()}
        return (*scope, *own[self.kind.role])


class AtomBuilder:
    """Builds the atoms of one clause; mistakes go to the context's problems."""

    def __init__(self, vocabulary: Vocabulary, context: TypingContext, implied: str | None) -> None:
        self.vocabulary = vocabulary
        self.context = context
        self.implied = implied
        """The variable that patterns of scoped kinds share without saying so; None in rules of the whole."""

    def shape(self, single: Single) -> KindShape | None:
        """The shape of a pattern's kind, None if there is no such kind."""
        kind = self.vocabulary.kinds.get(single.kind.text)
        if kind is None:
            near = did_you_mean(single.kind.text, self.vocabulary.kinds)
            hint = hint_for("a kind", single.kind.text) or self._of_another_sort(single.kind.text) or near
            message = f"there is no event, record or conclusion `{single.kind.text}`"
            self.context.problems.append(single.where.problem("FC302", message, single.kind.at, hint))
            return None
        return KindShape.of(kind, self.vocabulary)

    def _of_another_sort(self, name: str) -> str | None:
        """What to write instead of a name that stands for something else than facts."""
        if name in self.vocabulary.parameters:
            return f"`{name}` is a parameter: compare it under `where:`, as in `where: $n at least {name}`"
        if name in self.vocabulary.profiles:
            return f"`{name}` is a profile: write `profiles: [{name}]` in the rule, beside `when:`"
        return None

    def known(self, single: Single, shape: KindShape) -> list[Demand]:
        """The demands on fields that the kind has; others are mistakes."""
        known = []
        for demand in single.demands:
            if demand.field in shape.types:
                known.append(demand)
            else:
                hint = did_you_mean(demand.field, shape.types)
                message = f"`{single.kind.text}` has no field `{demand.field}`"
                self.context.problems.append(demand.where.as_key().problem("FC302", message, None, hint))
        return known

    def implied_join(self, shape: KindShape, demands: Iterable[Demand]) -> list[tuple[str, str]]:
        """The pair of scope field and variable that a pattern implies unless it names the scope itself."""
        if not shape.scope or self.implied is None:
            return []
        names_scope = any(_is_scope(demand.field, shape) for demand in demands)
        return [] if names_scope else [(shape.scope, self.implied)]

    def relation(self, shape: KindShape, lists: Iterable[str]) -> Relation:
        """The relation of a kind, or of the members of one of its list fields."""
        name = ".".join([shape.kind.name, *lists])
        return self.vocabulary.relations[name]

    def joins(
        self,
        shape: KindShape,
        relation: Relation,
        demands: Iterable[Demand],
        implied: Iterable[tuple[str, str]],
    ) -> list[tuple[int, str]]:
        """The joins of implied pairs of field and variable, and of bare variables."""
        pairs = [(shape.column(relation, field), variable) for field, variable in implied]
        for demand in demands:
            variable = bare_variable(demand)
            if variable is not None:
                pairs.append((shape.column(relation, demand.field), variable.name))
        return pairs

    def single_relation(self, single: Single, shape: KindShape) -> tuple[Relation, list[Demand]] | None:
        """The relation and demands of a pattern that may speak of the members of one list field only."""
        known = self.known(single, shape)
        lists = [d for d in known if d.field in shape.many and d.constraint.op != "any"]
        names = list(dict.fromkeys(d.field for d in lists))
        if len(names) > 1 or any(d.constraint.op == "absent" for d in lists):
            hint = f"conclude from `{single.kind.text}` what is meant, and write this condition of that"
            message = "this condition can look into one list only"
            self.context.problems.append(lists[-1].where.as_key().problem("FC411", message, None, hint))
            return None
        return self.relation(shape, names), known

    def tests(self, shape: KindShape, relation: Relation, demands: Iterable[Demand]) -> list[ir.Test] | None:
        """The tests for demands that are not bare variables; None if one can never be met."""
        tests: list[ir.Test] = []
        possible = True
        for demand in demands:
            column = shape.column(relation, demand.field)
            test = self._test(demand, column, shape.types[demand.field])
            if test is None:
                possible = False
            elif test != "any":
                tests.append(test)  # type: ignore[arg-type]
        return tests if possible else None

    def _test(self, demand: Demand, column: int, type: Type) -> ir.Test | str | None:
        constraint = demand.constraint
        if constraint.op == "any":
            return "any"
        if constraint.op in ("present", "absent"):
            return ir.Test(column, constraint.op)
        if constraint.op == "in":
            return self._one_of(demand, column, type)
        if not self.context.has_parts(constraint.op, type, constraint, demand.where):
            return "any"
        typed = self.context.typed(constraint.values[0], demand.where, type)
        if typed is None or not self.context.ordered(constraint.op, type, constraint, demand.where):
            return "any"
        return None if typed.expr == ABSENT else ir.Test(column, constraint.op, typed.expr)

    def _one_of(self, demand: Demand, column: int, type: Type) -> ir.Test | str:
        values = []
        for i, value in enumerate(demand.constraint.values):
            typed = self.context.typed(value, demand.where / i, type)
            if typed is not None and not isinstance(typed.expr, ir.Const):
                message = "a list holds fixed values"
                hint = "use `any of` for choices between variables"
                self.context.problems.append((demand.where / i).problem("FC301", message, None, hint))
            elif typed is not None and isinstance(typed.expr, ir.Const):
                values.append(typed.expr.value)
        return ir.Test(column, "in", tuple(values))


def _is_scope(field: str, shape: KindShape) -> bool:
    return field == shape.scope or (field == "id" and shape.kind.name == shape.scope)


def bare_variable(demand: Demand) -> syntax.Variable | None:
    """The variable of a demand that is nothing but a variable."""
    constraint = demand.constraint
    if constraint.op == "==" and isinstance(constraint.values[0], syntax.Variable) and not constraint.says_is:
        return constraint.values[0]
    return None


def split(demands: Iterable[Demand], wanted: Callable[[Demand], bool]) -> tuple[list[Demand], list[Demand]]:
    """The demands for which `wanted` holds, and the others."""
    yes: list[Demand] = []
    no: list[Demand] = []
    for demand in demands:
        (yes if wanted(demand) else no).append(demand)
    return yes, no


def tested(demands: Iterable[Demand]) -> list[Demand]:
    """The demands that are more than a bare variable."""
    return [demand for demand in demands if bare_variable(demand) is None]


def variable_name(demand: Demand) -> str:
    """The name of a demand's bare variable."""
    variable = bare_variable(demand)
    return variable.name if variable else ""
