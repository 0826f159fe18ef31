"""A tableau: facts that clauses need, with unknown values, and all that is demanded of these values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Final, NamedTuple

from followcue.base.civil import FUNCTIONS, WEEKDAYS, CivilOp
from followcue.base.rows import ColumnType, Value, places_of
from followcue.language.logic import program as ir
from followcue.language.logic.text_parts import part_of
from followcue.language.logic.types import type_of
from followcue.language.model.pack import RECOMMENDATION, TIP, WARNING
from followcue.language.model.syntax import TURNED
from followcue.language.model.vocabulary import Field, Kind, Vocabulary
from followcue.synthesis.solver.civil_uses import CivilUse, as_moves, bound
from followcue.synthesis.solver.differences import ZERO, Node, Store
from followcue.synthesis.solver.linear import Choice, LinearDemand, Sum, Unclear, apply, difference, fixed


class _Absent:
    """The mark of a field that must be left out."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
Cell = Node | _Absent


class Entity:
    """A record or an event of the situation: its fields as far as something is demanded of them."""

    __slots__ = ("cells", "kind", "members", "number")

    def __init__(self, kind: Kind, number: int) -> None:
        self.kind = kind
        self.number = number
        self.cells: dict[str, Cell] = {}
        self.members: dict[str, list[Node]] = {}

    def copy(self) -> Entity:
        """The same, to go on with in another direction."""
        other = Entity(self.kind, self.number)
        other.cells = self.cells.copy()
        other.members = {name: nodes.copy() for name, nodes in self.members.items()}
        return other


class Derived(NamedTuple):
    """A conclusion that the tableau rests on, by its relation."""

    relation: str
    cells: dict[str, Cell]


class Frame(NamedTuple):
    """One use of a clause: what its variables stand for."""

    clause: ir.Clause
    nodes: Mapping[str, Node]
    types: Mapping[str, ColumnType]


class World:
    """What all tableaus of one pack share: its vocabulary, and how days and parameters are taken.

    `plain`: every day counts, so that a day plus a duration is known exactly. `parameters` are values; those
    that are missing may have any value. `exact`: an example is looked for, so that a duration may be fixed
    where no difference can tell what is demanded of it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        plain: bool = False,
        exact: bool = False,
        parameters: Mapping[str, Value] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.plain = plain or exact
        self.exact = exact
        self.parameters = dict(parameters or {})
        self.types: dict[str, ColumnType] = {p.name: p.type.base for p in vocabulary.parameters.values()}
        self.types["profile"] = "text"
        self.scope = vocabulary.shape.scope
        depth = len(vocabulary.kinds[self.scope].path) if self.scope else 0
        self.one_list = all(len(path) in (1, depth + 1) for path in vocabulary.shape.events)
        """Whether the events of a record stand in one place, so that each has a moment of its own."""
        self.columns = {
            name: tuple(column.name for column in relation.columns)
            for name, relation in vocabulary.relations.items()
        }
        self.bases = {
            name: tuple(column.type for column in relation.columns)
            for name, relation in vocabulary.relations.items()
        }

    def with_parameters(self, parameters: Mapping[str, Value]) -> World:
        """The same world with these values of parameters; those that are missing may have any."""
        other = copy(self)
        other.parameters = dict(parameters)
        return other

    def kind(self, relation: str) -> Kind:
        """The kind whose facts a relation holds, also that of one of its lists."""
        return self.vocabulary.kind_of(relation)

    def field(self, kind: Kind, name: str) -> Field | None:
        """A declared field of a kind."""
        return next((field for field in kind.fields if field.name == name), None)


class Tableau:
    """Facts and conclusions with unknown values; `copy` it before going in one of several directions."""

    __slots__ = ("civil", "derived", "entities", "frames", "parameters", "shifts", "store", "today", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = Store(fixes=world.exact)
        self.today = self.store.new("date")
        self.entities: list[Entity] = []
        self.derived: list[Derived] = []
        self.frames: list[Frame] = []
        self.parameters: dict[str, Node] = {}
        self.shifts: list[tuple[Sum, int | Sum, int, Node]] = []
        self.civil: list[CivilUse] = []

    def copy(self) -> Tableau:
        """The same, to go on with in another direction."""
        other = object.__new__(Tableau)
        other.world = self.world
        other.store = self.store.copy()
        other.today = self.today
        other.entities = [entity.copy() for entity in self.entities]
        other.derived = [Derived(d.relation, d.cells.copy()) for d in self.derived]
        other.frames = self.frames.copy()
        other.parameters = self.parameters.copy()
        other.shifts = self.shifts.copy()
        other.civil = self.civil.copy()
        return other

    @property
    def bad(self) -> bool:
        """Whether no values can meet all demands."""
        return self.store.bad

    # --- frames
    def frame(self, clause: ir.Clause) -> Frame:
        """A new use of a clause, each of its variables an unknown value."""
        types = variable_types(clause, self.world)
        frame = Frame(clause, {name: self.store.new(base) for name, base in types.items()}, types)
        self.frames.append(frame)
        return frame

    # --- facts
    def entity(self, kind: Kind) -> Entity:
        """A new record or event of which nothing is demanded yet."""
        entity = Entity(kind, len(self.entities))
        self.entities.append(entity)
        if kind.is_event:
            at = self.store.new("moment")
            entity.cells["at"] = at
            day = entity.cells["date"] = self.store.day_of(at)
            # Events of days to come are not counted yet.
            self.store.at_most(day, self.today, 0)
        for name in self._keys(kind):
            entity.cells[name] = self.store.new("text")
        return entity

    def _keys(self, kind: Kind) -> Iterable[str]:
        """The columns that a record always has."""
        if kind.role != "record":
            return ()
        scope = [self.world.scope] if self.world.scope and kind.scoped else []
        return scope if kind.name == self.world.scope or kind.single else [*scope, "id"]

    def cell(self, entity: Entity, name: str) -> Node:
        """The value of a field, which thereby must be there."""
        kind = entity.kind
        cell = entity.cells.get(name)
        if isinstance(cell, _Absent):
            self.store.bad = True
            return self.store.new(self.base_of(kind, name))
        if cell is None:
            cell = entity.cells[name] = self.new_value(kind, name)
        return cell

    def new_value(self, kind: Kind, name: str) -> Node:
        """An unknown value of a field, within what its type allows."""
        node = self.store.new(self.base_of(kind, name))
        field = self.world.field(kind, name)
        if field is not None and field.type.choices:
            self.store.one_of(node, field.type.choices)
        elif self.store.bases[node] in ("duration", "period", "time") and kind.role != "conclusion":
            self.store.at_most(ZERO, node, 0)
        if self.store.bases[node] == "time":
            self.store.at_most(node, ZERO, LAST_MINUTE)
        return node

    def base_of(self, kind: Kind, name: str) -> ColumnType:
        """The base type of a field."""
        field = self.world.field(kind, name)
        if field is not None:
            return field.type.base
        return {"date": "date", "at": "moment"}.get(name, "text")  # type: ignore[return-value]

    def leave_out(self, cells: dict[str, Cell], name: str) -> None:
        """Demand that a field is absent."""
        if isinstance(cells.get(name), int):
            self.store.bad = True
        else:
            cells[name] = ABSENT

    def without_field(self, entity: Entity, name: str) -> None:
        """Demand that a record or an event lacks a field; one with a default is never without it."""
        field = self.world.field(entity.kind, name)
        if field is not None and field.default is not None:
            self.store.bad = True
        self.leave_out(entity.cells, name)

    def same_entities(self) -> None:
        """Let entities become one that the same key or the same moment makes one."""
        again = True
        while again and not self.bad:
            again = False
            seen: dict[object, Entity] = {}
            for entity in self.entities:
                for key in self._keys_of(entity):
                    other = seen.setdefault(key, entity)
                    if other is entity:
                        continue
                    if other.kind.name != entity.kind.name:
                        self.store.bad = self.store.bad or self.world.one_list
                        continue
                    self.merge(other, entity)
                    again = True
                    break
                if again or self.bad:
                    break

    def _keys_of(self, entity: Entity) -> list[object]:
        """What no two facts have in common: the moment of an event of one record, or a key among its kind."""
        scope = self.world.scope
        holder = self._known(entity.cells.get(scope)) if scope and entity.kind.scoped else "whole"
        if holder is None:
            return []
        if entity.kind.role == "record" and entity.kind.name == scope:
            return [(entity.kind.name, holder)]
        keys: list[object] = []
        moment, name = self._known(entity.cells.get("at")), self._known(entity.cells.get("id"))
        if moment is not None:
            same_kind = None if self.world.one_list else entity.kind.name
            keys.append(("at", holder, moment, same_kind))
        if name is not None and entity.cells.get("id") is not ABSENT:
            keys.append((entity.kind.name, holder, name))
        return keys

    def _known(self, cell: Cell | None) -> object:
        """What tells a value from others: its constant, or the node that stands for its equals."""
        if not isinstance(cell, int):
            return cell
        value = self.store.constant(cell) if self.store.is_symbol(cell) else None
        return self.store.find(cell) if value is None else ("word", value)

    def merge(self, kept: Entity, gone: Entity) -> None:
        """Let two entities be one."""
        for name, cell in gone.cells.items():
            if isinstance(cell, _Absent):
                self.without_field(kept, name)
            else:
                self.store.equal(self.cell(kept, name), cell)
        for name, nodes in gone.members.items():
            kept.members.setdefault(name, []).extend(nodes)
        self.entities = [entity for entity in self.entities if entity is not gone]

    # --- atoms
    def match(self, entity: Entity, atom: ir.Atom, frame: Frame) -> list[Choice]:
        """Let an entity be the fact of an atom; gives the choices that are left to make."""
        columns = self.world.columns[atom.relation]
        member: Node | None = None
        if "." in atom.relation:
            field = columns[-1]
            member = self.new_value(entity.kind, field)
            entity.members.setdefault(field, []).append(member)

        def value(column: int) -> Node:
            if member is not None and column == len(columns) - 1:
                return member
            return self.cell(entity, columns[column])

        for column, variable in atom.joins:
            self.store.equal(value(column), frame.nodes[variable])
        left: list[Choice] = []
        for test in atom.tests:
            if test.op == "absent":
                self.without_field(entity, columns[test.column])
            else:
                left += self.tested(value(test.column), test, frame)
        return left

    def match_derived(self, derived: Derived, atom: ir.Atom, frame: Frame) -> list[Choice]:
        """Let a conclusion be the fact of an atom; gives the choices that are left to make."""
        kind = self.world.kind(atom.relation)
        columns = self.world.columns[atom.relation]
        left: list[Choice] = []
        for column, variable in atom.joins:
            self.store.equal(self.derived_cell(derived, kind, columns[column]), frame.nodes[variable])
        for test in atom.tests:
            if test.op == "absent":
                self.leave_out(derived.cells, columns[test.column])
            else:
                left += self.tested(self.derived_cell(derived, kind, columns[test.column]), test, frame)
        return left

    def derived_cell(self, derived: Derived, kind: Kind, name: str) -> Node:
        """The value of a field of a conclusion, which thereby must be there."""
        cell = derived.cells.get(name)
        if isinstance(cell, _Absent):
            self.store.bad = True
            return self.new_value(kind, name)
        if cell is None:
            cell = derived.cells[name] = self.new_value(kind, name)
        return cell

    def conclude(self, derived: Derived, frame: Frame) -> list[Choice]:
        """Let the head of a clause be a conclusion."""
        kind = self.world.kind(derived.relation)
        left: list[Choice] = []
        for name, expr in zip(self.world.columns[derived.relation], frame.clause.head.values, strict=True):
            if expr == ir.Const(None):
                self.leave_out(derived.cells, name)
            else:
                node = self.derived_cell(derived, kind, name)
                left += self.compared("==", node, expr, frame, self.store.bases[node])
        return left

    # --- demands
    def tested(self, node: Node, test: ir.Test, frame: Frame) -> list[Choice]:
        """What a test demands of a value that is there."""
        if test.op == "present":
            return []
        if isinstance(test.value, tuple):
            return self._listed(node, test.value)
        assert test.value is not None
        return self.compared(test.op, node, test.value, frame, self.store.bases[node])

    def _listed(self, node: Node, values: tuple[Value, ...]) -> list[Choice]:
        if self.store.is_symbol(node):
            self.store.one_of(node, values)
            return []
        own = Sum(((node, 1),))
        return [tuple((LinearDemand("equal", own.plus(Sum((), int(v or 0)), -1)),) for v in values)]

    def compared(self, op: str, node: Node, expr: ir.Expr, frame: Frame, base: ColumnType) -> list[Choice]:
        """What the comparison of a value with an expression demands."""
        if self.store.is_symbol(node):
            return self._compared_words(op, node, expr, frame)
        try:
            return self._compared_sums(op, Sum(((node, 1),)), expr, frame)
        except Unclear:
            return []

    def guard(self, expr: ir.Expr, frame: Frame) -> list[Choice]:
        """What a guard demands; its choices must all be met."""
        match expr:
            case ir.Junction("and", items):
                return [choice for item in items for choice in self.guard(item, frame)]
            case ir.Junction(_, items):
                return self._either(items, frame)
            case ir.Compare() if (moves := as_moves(expr)) != expr:
                return self.guard(moves, frame)
            case ir.Compare(op, left, right):
                if type_of(left, frame.types, self.world.types) in ("text", "bool"):
                    word = self.word(left, frame)
                    return [] if word is None else self._compared_words(op, word, right, frame)
                try:
                    total, choices = self.sum(left, frame)
                    return choices + self._compared_sums(op, total, right, frame)
                except Unclear:
                    return []
            case _:
                return []

    def _either(self, items: tuple[ir.Expr, ...], frame: Frame) -> list[Choice]:
        """One of several guards; each is tried on a copy first, so that only demands are left to choose."""
        ways: list[tuple[LinearDemand, ...]] = []
        for item in items:
            found = self._demands(item, frame)
            if found is None:
                return []
            ways += found
        return [tuple(ways)]

    def _demands(self, expr: ir.Expr, frame: Frame) -> list[tuple[LinearDemand, ...]] | None:
        """The ways to meet a guard as demands alone; None if they cannot be told."""
        match expr:
            case ir.Junction("and", items):
                ways: list[tuple[LinearDemand, ...]] = [()]
                for item in items:
                    found = self._demands(item, frame)
                    if found is None:
                        return None
                    ways = [(*way, *more) for way in ways for more in found]
                return ways
            case ir.Junction(_, items):
                each = [self._demands(item, frame) for item in items]
                return None if None in each else [way for found in each for way in found or []]
            case ir.Compare() if (moves := as_moves(expr)) != expr:
                return self._demands(moves, frame)
            case ir.Compare(op, left, right):
                try:
                    return self._comparison(op, left, right, frame)
                except Unclear:
                    return None
            case _:
                return None

    def _comparison(
        self, op: str, left: ir.Expr, right: ir.Expr, frame: Frame
    ) -> list[tuple[LinearDemand, ...]]:
        if type_of(left, frame.types, self.world.types) in ("text", "bool"):
            one, other = self.word(left, frame), self.word(right, frame)
            part = part_of(op, right, self.world.parameters)
            if one is not None and part is not None:
                return [(LinearDemand("part", one, part),)]
            if one is None or other is None or op in TURNED:
                raise Unclear
            return [(LinearDemand("same" if op == "==" else "differ", one, other),)]
        (first, some), (second, more) = self.sum(left, frame), self.sum(right, frame)
        if some or more:
            raise Unclear
        return list(order_demands(op, first.plus(second, -1)))

    def _compared_words(self, op: str, node: Node, expr: ir.Expr, frame: Frame) -> list[Choice]:
        if op in TURNED:
            part = part_of(op, expr, self.world.parameters)
            if part is not None:
                self.store.has_part(node, part)
            return []
        if isinstance(expr, ir.Const):
            (self.store.one_of if op == "==" else self.store.none_of)(node, [expr.value])
            return []
        other = self.word(expr, frame)
        if other is not None:
            (self.store.equal if op == "==" else self.store.differ)(node, other)
        return []

    def _compared_sums(self, op: str, total: Sum, expr: ir.Expr, frame: Frame) -> list[Choice]:
        other, choices = self.sum(expr, frame)
        ways = order_demands(op, total.plus(other, -1))
        if len(ways) > 1 or (self.store.fixes and not all(self._is_difference(way) for way in ways[0])):
            return [*choices, ways]  # the last ones, for which numbers are fixed, when all else is known
        for demand in ways[0]:
            apply(self.store, demand)
        return choices

    def _is_difference(self, demand: LinearDemand) -> bool:
        return isinstance(demand.left, Sum) and difference(self.store, demand.left) is not None

    def _quotient(self, expr: ir.Quotient, frame: Frame) -> tuple[Sum, list[Choice]]:
        """A quotient of numbers above nought as a number of its own, its divisor fixed.

        That it is q of L by r, rounded down, says that `r q <= L <= r q + r - 1`; the other ways are alike.
        """
        if expr.how == "remainder" or not self.store.fixes:
            raise Unclear
        (left, some), (right, more) = self.sum(expr.left, frame), self.sum(expr.right, frame)
        for node, times in right.parts:
            one = 10 ** (places_of(self.store.bases[node]) or 0)
            low, high = self.store.distance(node, ZERO), self.store.distance(ZERO, node)
            value = max(one, -low if low is not None else 1)
            value = value if high is None else min(value, high)
            apply(self.store, LinearDemand("equal", Sum(((node, 1),), -value)))
            right = right.plus(Sum(((node, times),)), -1).plus(Sum((), times * value))
        by = right.constant
        if right.parts or by <= 0:
            raise Unclear
        node = self.store.new(expr.kind)
        total, twice = Sum(((node, by),)), 1
        if expr.how in ("half up", "half even"):
            total, left, twice = total.times(2), left.times(2).plus(Sum((), by)), 2
        if expr.how == "up":
            left = left.plus(Sum((), by - 1))
        below, above = total.plus(left, -1), left.plus(total, -1).plus(Sum((), 1 - twice * by))
        ways = ((LinearDemand("at most", below), LinearDemand("at most", above)),)
        return Sum(((node, 1),)), [*some, *more, ways]

    def word(self, expr: ir.Expr, frame: Frame) -> Node | None:
        """The node of a word or a truth value."""
        match expr:
            case ir.Var(name):
                return frame.nodes[name]
            case ir.Const(value):
                node = self.store.new("bool" if isinstance(value, bool) else "text")
                self.store.one_of(node, [value])
                return node
            case ir.Param(name):
                return self.parameter(name)
            case ir.Civil("weekday_of", (day,)):
                return self._weekday(day, frame)
            case _:
                return None

    def _weekday(self, day: ir.Expr, frame: Frame) -> Node | None:
        try:
            total, choices = self.sum(day, frame)
        except Unclear:
            return None
        if choices:
            return None
        node = self._used("weekday_of", (total,), "text")
        self.store.one_of(node, WEEKDAYS)
        return node

    def parameter(self, name: str) -> Node:
        """The node of a parameter: its value where it is given, else any that its type allows."""
        node = self.parameters.get(name)
        if node is not None:
            return node
        base = self.world.types.get(name, "text")
        node = self.parameters[name] = self.store.new(base)
        declared = self.world.vocabulary.parameters.get(name)
        value = self.world.parameters.get(name)
        if value is not None and self.store.is_symbol(node):
            self.store.one_of(node, [value])
        elif value is not None:
            apply(self.store, LinearDemand("equal", Sum(((node, 1),), -int(value))))
        elif base in ("duration", "period", "time"):
            self.store.at_most(ZERO, node, 0)
            if base == "time":
                self.store.at_most(node, ZERO, LAST_MINUTE)
        elif name == "profile":
            profiles = {*self.world.vocabulary.profiles, self.world.vocabulary.default_profile}
            self.store.one_of(node, profiles)
        elif declared is not None and declared.type.choices:
            self.store.one_of(node, declared.type.choices)
        return node

    # --- sums
    def sum(self, expr: ir.Expr, frame: Frame) -> tuple[Sum, list[Choice]]:
        """An expression as a sum, and the choices on which that rests; raises `Unclear`."""
        match expr:
            case ir.Const(value) if isinstance(value, int):
                return Sum((), int(value)), []
            case ir.Var(name):
                return Sum(((frame.nodes[name], 1),)), []
            case ir.Today():
                return Sum(((self.today, 1),)), []
            case ir.Param(name):
                value = self.world.parameters.get(name)
                if isinstance(value, int):
                    return Sum((), value), []
                return Sum(((self.parameter(name), 1),)), []
            case ir.Length(item):
                word = self.word(item, frame)
                if word is None:
                    raise Unclear
                return Sum(((self.store.length(word), 1),)), []
            case ir.Rescale(item, places):
                total, choices = self.sum(item, frame)
                return total.times(10**places), choices
            case ir.Quotient():
                return self._quotient(expr, frame)
            case ir.Arith(op, left, right):
                return self._arithmetic(op, left, right, frame)
            case ir.Shift(day, by, sign):
                (start, some), (days, more) = self.sum(day, frame), self.sum(by, frame)
                return self._shifted(start, days.times(sign)), some + more
            case ir.Civil(op, items):
                return self._civil(op, items, frame)
            case ir.Extreme(op, items):
                return self._extreme(op, items, frame)
            case _:
                raise Unclear

    # --- the civil calendar
    def _civil(self, op: CivilOp, items: Sequence[ir.Expr], frame: Frame) -> tuple[Sum, list[Choice]]:
        """A function of the calendar as a value of its own, within what is certain of it."""
        sums, choices = [], []
        for item in items:
            total, more = self.sum(item, frame)
            sums.append(total)
            choices += more
        if op in ("months_after", "months_before"):
            months = sums[1].times(1 if op == "months_after" else -1)
            if self.store.fixes:
                months = fixed(self.store, months)
            op, sums = "months_after", [sums[0], months]
        if not any(total.parts for total in sums):
            return Sum((), FUNCTIONS[op](*(total.constant for total in sums))), choices
        if op == "months_after" and sums[1] == Sum(()):
            return sums[0], choices
        node = self._used(op, tuple(sums), "number" if op in ("months_between", "years_between") else "date")
        return Sum(((node, 1),)), choices

    def _used(self, op: CivilOp, items: tuple[Sum, ...], base: ColumnType) -> Node:
        """The node of what a function of the calendar gives; of the same items it is the same."""
        items = tuple(self._with_representatives(total) for total in items)
        for known in self.civil:
            if (known.op, tuple(map(self._with_representatives, known.items))) == (op, items):
                return known.node
        use = CivilUse(op, items, self.store.new(base))
        bound(self.store, use, self.civil)
        self.civil.append(use)
        return use.node

    def _arithmetic(self, op: str, left: ir.Expr, right: ir.Expr, frame: Frame) -> tuple[Sum, list[Choice]]:
        (first, some), (second, more) = self.sum(left, frame), self.sum(right, frame)
        choices = some + more
        if op == "+":
            return first.plus(second), choices
        if op == "-":
            return first.plus(second, -1), choices
        if not first.parts:
            return second.times(first.constant), choices
        if second.parts and self.store.fixes:
            second = fixed(self.store, second)
        if not second.parts:
            return first.times(second.constant), choices
        raise Unclear

    def _shifted(self, start: Sum, days: Sum) -> Sum:
        """A day moved by some days: exactly where every day counts, else at least or at most so far."""
        if self.world.exact:
            days = self._fixed(days)
        if self.world.plain or (not days.parts and not days.constant):
            return start.plus(days)
        start, days = self._with_representatives(start), self._with_representatives(days)
        for known_start, known_days, _, node in self.shifts:
            if (known_start, known_days) == (start, days):
                return Sum(((node, 1),))
        node = self.store.new("date")
        moved = Sum(((node, 1),))
        signs = self._signs(days)
        if days.constant > 0 and not days.parts:
            apply(self.store, LinearDemand("at most", start.plus(days).plus(moved, -1)))
        elif days.constant < 0 and not days.parts:
            apply(self.store, LinearDemand("at most", moved.plus(start.plus(days), -1)))
        elif signs > 0:
            apply(self.store, LinearDemand("at most", start.plus(moved, -1)))
        elif signs < 0:
            apply(self.store, LinearDemand("at most", moved.plus(start, -1)))
        self._beside_others(start, days, node)
        self.shifts.append((start, days, signs, node))
        return moved

    def _fixed(self, days: Sum) -> Sum:
        """A number of days with each unknown duration in it chosen."""
        for node, times in days.parts:
            least = self.store.distance(node, ZERO)
            value = max(EXAMPLE_DURATION, -(least or 0))
            apply(self.store, LinearDemand("equal", Sum(((node, 1),), -value)))
            days = days.plus(Sum(((node, times),)), -1).plus(Sum((), times * value))
        return days

    def _beside_others(self, start: Sum, days: Sum, node: Node) -> None:
        """Of two moves of one day, the longer leads further, by at least as many days as it is longer."""
        for known_start, known_days, _, other in self.shifts:
            if known_start != start or not isinstance(known_days, Sum):
                continue
            more = days.plus(known_days, -1)
            if more.parts:
                continue
            later, earlier = (node, other) if more.constant > 0 else (other, node)
            gap = Sum(((earlier, 1),)).plus(Sum(((later, 1),)), -1).plus(Sum((), abs(more.constant)))
            apply(self.store, LinearDemand("at most", gap))

    def _signs(self, days: Sum) -> int:
        """1 if a number of days is surely not negative, -1 if it is surely not positive, else 0."""
        for sign in (1, -1):
            total = days.times(sign)
            if total.constant >= 0 and all(times > 0 and self._not_negative(n) for n, times in total.parts):
                return sign
        return 0

    def _not_negative(self, node: Node) -> bool:
        least = self.store.distance(node, ZERO)
        return least is not None and least <= 0

    def _with_representatives(self, total: Sum) -> Sum:
        return Sum((), total.constant).plus(
            Sum(tuple((self.store.find(node), times) for node, times in total.parts))
        )

    def _extreme(self, op: str, items: tuple[ir.Expr, ...], frame: Frame) -> tuple[Sum, list[Choice]]:
        base = type_of(ir.Extreme("max", items), frame.types, self.world.types) or "number"
        node = self.store.new(base)
        own = Sum(((node, 1),))
        choices: list[Choice] = []
        ways: list[tuple[LinearDemand, ...]] = []
        for item in items:
            total, more = self.sum(item, frame)
            choices += more
            sign = 1 if op == "max" else -1
            apply(self.store, LinearDemand("at most", total.plus(own, -1).times(sign)))
            ways.append((LinearDemand("equal", total.plus(own, -1)),))
        return own, [*choices, tuple(ways)]


def order_demands(op: str, total: Sum) -> Choice:
    """The ways in which `total` can stand to nought as `op` says."""
    below, above = total, total.times(-1)
    one = Sum((), 1)
    match op:
        case "==":
            return ((LinearDemand("equal", total),),)
        case "<=":
            return ((LinearDemand("at most", below),),)
        case "<":
            return ((LinearDemand("at most", below.plus(one)),),)
        case ">=":
            return ((LinearDemand("at most", above),),)
        case ">":
            return ((LinearDemand("at most", above.plus(one)),),)
        case _:
            return ((LinearDemand("at most", below.plus(one)),), (LinearDemand("at most", above.plus(one)),))


def variable_types(clause: ir.Clause, world: World) -> dict[str, ColumnType]:
    """The type of each variable of a clause."""
    types: dict[str, ColumnType] = {}
    for atom in clause.body:
        for column, variable in atom.joins:
            types.setdefault(variable, world.bases[atom.relation][column])
    for place, aggregate in enumerate(clause.aggregates):
        bases = world.bases[aggregate.atom.relation]
        if aggregate.op in ("newest", "oldest") and aggregate.column is not None:
            types.setdefault(extreme_of(place), bases[aggregate.column])
        for column, variable in aggregate.outputs:
            types.setdefault(variable, bases[column])
        if aggregate.result is not None:
            base = "number" if aggregate.column is None else bases[aggregate.column]
            types.setdefault(aggregate.result, base)
    return types


def extreme_of(place: int) -> str:
    """A variable for the value by which an aggregate chooses, which no author can write."""
    return f"#chosen{place}"


LAST_MINUTE: Final = 24 * 60 - 1
"""The last minute of a day."""

EXAMPLE_DURATION: Final = 5
"""How many days an example takes where any number would do."""

ADVICE: Final = (RECOMMENDATION, TIP, WARNING)
"""The relations that no condition can speak of."""
