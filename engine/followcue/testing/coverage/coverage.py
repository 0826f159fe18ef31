"""Coverage: what of the rules the tests have seen, condition by condition, bound by bound, edge by edge.

Each item has points. A rule: that it led to something. A condition: that it held, and that it decided: the
rule would have said something else without it. A choice: that the rule needed it, in the same sense. A bound
of days or numbers: a value on it, one below, one above. An edge of a window: the day itself, the day before,
the day after.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal, NamedTuple, TypeAlias

from followcue.evaluation.match.compiled import CompiledMatcher
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic.atoms import bare_variable
from followcue.language.logic.from_model import clauses_of
from followcue.language.logic.program import Clause
from followcue.language.logic.told_values import sentence_problems
from followcue.language.model.decision_table import table_of
from followcue.language.model.pack import RECOMMENDATION_COLUMNS
from followcue.language.model.rules import (
    AnyCondition,
    AnyOf,
    Comparing,
    Condition,
    Demand,
    Every,
    Gathering,
    NoRowAbove,
    Rule,
    RuleHead,
    TableCell,
    Where,
    within,
)
from followcue.language.model.syntax import (
    CivilOf,
    CompoundTest,
    Constraint,
    Expression,
    ExtremeOf,
    LengthOf,
    Operation,
    RemainderOf,
    RoundedTo,
    Test,
    Variable,
)
from followcue.language.model.unparse import (
    spoken,
    spoken_condition,
    spoken_constraint,
    spoken_demand,
    spoken_pattern,
    spoken_test,
)
from followcue.testing.coverage.always_there import AlwaysThere
from followcue.testing.mutation.mutation import Grounded
from followcue.testing.mutation.operators import moved
from followcue.testing.mutation.trial import Derived, TrialGround, derived_rows, side_by_side
from followcue.testing.mutation.units import Steps, Units
from followcue.testing.run import exercised_rules

Sort: TypeAlias = Literal["rule", "condition", "choice", "bound", "edge"]

SORTS: Final[tuple[Sort, ...]] = ("rule", "condition", "choice", "bound", "edge")

ON_SIDES: Final = ("at", "just below", "just above")
DAYS: Final = ("on the day", "the day before", "the day after")
EDGES: Final = ("open", "due", "close", "until")


class Point(NamedTuple):
    """One thing to be seen; `excused` says why it never can be."""

    name: str
    seen: bool
    excused: str | None = None


class Item(NamedTuple):
    """A part of a rule, in its author's words, with its points and a remark on what was seen besides."""

    sort: Sort
    rule: str
    says: str
    where: Where
    points: tuple[Point, ...]
    remark: str = ""
    excuse: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The points that no test shows, but for those that none could."""
        return tuple(point.name for point in self.points if not point.seen and not point.excused)


class Share(NamedTuple):
    """How many points were seen, of how many that can be."""

    seen: int
    of: int

    @property
    def fraction(self) -> Fraction:
        """The exact share; all of nothing is everything."""
        return Fraction(self.seen, self.of) if self.of else Fraction(1)

    def __str__(self) -> str:
        return f"{self.seen} of {self.of} ({percent(self.fraction)})"


def percent(share: Fraction) -> str:
    """A share in percent, rounded down: only what is complete is 100.0%."""
    tenths = share * 1000
    whole = tenths.numerator // tenths.denominator
    return f"{whole // 10}.{whole % 10}%"


class Coverage(NamedTuple):
    """All items of a pack, in the order of its files."""

    items: tuple[Item, ...]

    def share(self, sort: Sort | None = None) -> Share:
        """The points of one sort of items, or of all."""
        points = [p for item in self.items if sort in (None, item.sort) for p in item.points if not p.excused]
        return Share(sum(point.seen for point in points), len(points))


Excuses: TypeAlias = Mapping[tuple[str, str], str]
"""Why something cannot be seen, by the rule and the words of what cannot."""


def coverage_of(
    loaded: LoadedPack,
    tests: Sequence[Grounded],
    excuses: Excuses | None = None,
    only: Collection[str] | None = None,
    step: Callable[[], None] = lambda: None,
) -> Coverage:
    """What the tests have seen of the rules of the pack, or only of some of them.

    `step` is called between two tests.
    """
    rules = [rule for rule in loaded.rules if only is None or rule.id in only]
    there = AlwaysThere(loaded)
    probes = [probe for rule in rules for probe in _probes(rule, loaded, there)]
    seen = _seen(loaded, tests, probes, step)
    days = _days_seen(loaded, tests)
    exercised = exercised_rules(outcome for test in tests for outcome in test.outcomes)
    by_rule: dict[str, list[tuple[_Probe, bool]]] = defaultdict(list)
    for number, probe in enumerate(probes):
        by_rule[probe.rule].append((probe, number in seen))
    items: list[Item] = []
    for rule in rules:
        points = (Point("led to something", rule.id in exercised),)
        items.append(Item("rule", rule.id, rule.id, rule.where.as_key(), points))
        items += _items(by_rule[rule.id])
        items += _edge_items(rule, loaded, days)
    return Coverage(tuple(_excused(item, excuses or {}) for item in _shared_once(items)))


def _shared_once(items: Iterable[Item]) -> Iterator[Item]:
    """The items, those that the rows of a table share once: seen where they are seen of any row.

    What one row cannot be without is needed by the table, though others could be without it.
    """
    kept: dict[object, Item] = {}
    items = list(items)
    rows = Counter(table_of(item.rule) for item in items if item.sort == "rule")
    shared = Counter(_place_in_table(item) for item in items)
    for number, item in enumerate(items):
        table = table_of(item.rule)
        place = _place_in_table(item)
        if table is not None and _is_shared(item) and shared[place] < rows[table]:
            continue
        key = number if table is None else place
        known = kept.get(key)
        if known is None:
            kept[key] = item
        else:
            seen = {point.name for one in (known, item) for point in one.points if point.seen}
            points = tuple(point._replace(seen=point.name in seen) for point in known.points)
            kept[key] = known._replace(points=points)
    yield from kept.values()


def _place_in_table(item: Item) -> tuple[object, ...]:
    return table_of(item.rule), item.sort, item.where.path, item.says


def _is_shared(item: Item) -> bool:
    """Whether an item of a table is a part of its conditions, not of a row or of what it brings about."""
    return item.sort in ("condition", "choice", "bound") and item.where.path[2:3] == ("when",)


def _excused(item: Item, excuses: Excuses) -> Item:
    points = tuple(
        point._replace(excused=point.excused or excuses.get((item.rule, excuse_name(item, point.name))))
        if not point.seen
        else point
        for point in item.points
    )
    return item._replace(points=points)


def excuse_name(item: Item, point: str) -> str:
    """By which words an author says that this can never be seen; of a condition those of its mutant."""
    if item.sort in ("condition", "choice"):
        return item.excuse
    return f"{item.excuse}: {point}"


# --- probes: rules changed so that what they derive says what was seen
Judged: TypeAlias = Literal["derives", "other", "none"]
"""When a probe was seen: it derives something; other rows than its rule; nothing for some record."""


class _Probe(NamedTuple):
    """A rule as changed, and the point of a part that is seen where it derives something, or does not."""

    rule: str
    part: _Part
    point: str
    judged: Judged
    clauses: tuple[Clause, ...]


CERTAIN: Final = "it is always there"
"""Why a condition need not be seen to fail."""

REMARKED: Final = "?"
"""A point that does not count, and is only remarked upon."""


def _probes(rule: Rule, loaded: LoadedPack, there: AlwaysThere) -> Iterator[_Probe]:
    if rule.head is None or rule.is_always_a_tip:
        return
    prober = _Prober(rule, loaded)
    for part in _parts(rule, rule.head, Units(rule, loaded.pack.vocabulary), there):
        yield from prober.of(part)


class _Part(NamedTuple):
    """A part of a rule, with the rules that probe it: without it, with it alone, with it on its bound.

    `excuse` are the words of the mutant that leaves it out; `turned` if it holds where it matches nothing;
    `certain` if it can never fail.
    """

    sort: Sort
    says: str
    where: Where
    excuse: str
    without: Rule | None = None
    alone: Rule | None = None
    sides: tuple[Rule, ...] = ()
    turned: bool = False
    certain: bool = False


class _Prober:
    """Compiles the probes of one rule."""

    def __init__(self, rule: Rule, loaded: LoadedPack) -> None:
        self._rule = rule
        self._vocabulary = loaded.pack.vocabulary
        self._own = self._compiled(rule) or ()

    def of(self, part: _Part) -> Iterator[_Probe]:
        """The probes of one part: what is to be seen of it."""
        if part.sort == "bound":
            yield from self._sides(part)
            return
        without = self._compiled(part.without)
        if part.sort == "choice":
            if without:
                yield _probe(part, self._rule, "needed", "other", without)
            return
        alone = self._compiled(part.alone)
        failing: Judged = "derives" if part.turned else "none"
        if without or alone:
            yield _probe(part, self._rule, "held", "derives", self._own)
        if without:
            yield _probe(part, self._rule, "decided", "other", without)
        if alone:
            yield _probe(part, self._rule, REMARKED if without else "failed", failing, alone)

    def _sides(self, part: _Part) -> Iterator[_Probe]:
        at, *others = map(self._compiled, part.sides)
        # Of days one unit fits, of numbers the other, of moments none: these have no "just below".
        fitting = [clauses for clauses in others if clauses]
        if at and len(fitting) == 2:
            for name, clauses in zip(ON_SIDES, (at, *fitting), strict=True):
                yield _probe(part, self._rule, name, "derives", clauses)

    def _compiled(self, rule: Rule | None) -> tuple[Clause, ...] | None:
        if rule is None:
            return None
        clauses, problems = clauses_of(rule, self._vocabulary)
        if not problems:  # nor is it a rule without what its texts tell
            problems = sentence_problems(rule, clauses, self._vocabulary)
        return None if problems or not clauses else tuple(replace(clause, settled=0) for clause in clauses)


def _probe(part: _Part, rule: Rule, point: str, judged: Judged, clauses: tuple[Clause, ...]) -> _Probe:
    return _Probe(rule.id, part, point, judged, clauses)


# --- the parts of a rule
Put: TypeAlias = Callable[[tuple[AnyCondition, ...]], Rule]
"""The rule with these conditions in the place of one."""


def _parts(rule: Rule, head: RuleHead, units: Units, there: AlwaysThere) -> Iterator[_Part]:
    """Every condition, demand, choice and bound of a rule."""
    for condition, put in _walk(rule.when, lambda when: replace(rule, when=when)):
        certain = there.holds(condition)
        for part in _parts_of(condition, put, rule, units):
            yield part._replace(certain=certain) if part.sort == "condition" and part.alone else part
    for number, pattern in enumerate(head.done_when):
        rest = head.done_when[:number] + head.done_when[number + 1 :]
        unsettled = replace(rule, head=replace(head, done_when=rest))

        def settle(new: tuple[AnyCondition, ...], base: Rule = unsettled) -> Rule:
            return replace(base, when=(*base.when, *new))

        said = spoken_pattern(pattern)
        for part in _parts_of(Condition("no", pattern), settle, rule, units):
            yield part._replace(
                says=part.says.replace("`no ", "`"),
                excuse=part.excuse.replace("`no ", "`")
                if part.excuse != f"`no {said}` is left out"
                else f"`{said}` no longer settles it",
            )


def _walk(conditions: tuple[AnyCondition, ...], build: Put) -> Iterator[tuple[AnyCondition, Put]]:
    """Each condition, also inside of choices, and how to put others in its place."""
    for number, condition in enumerate(conditions):

        def put(new: tuple[AnyCondition, ...], number: int = number) -> Rule:
            return build((*conditions[:number], *new, *conditions[number + 1 :]))

        yield condition, put
        if isinstance(condition, AnyOf):
            for place, option in enumerate(condition.alternatives):

                def inside(
                    new: tuple[AnyCondition, ...],
                    place: int = place,
                    any_of: AnyOf = condition,
                    put: Put = put,
                ) -> Rule:
                    options = any_of.alternatives
                    changed = (*options[:place], new, *options[place + 1 :])
                    return put((replace(any_of, alternatives=changed),))

                yield from _walk(option, inside)
        elif isinstance(condition, Gathering | Every):

            def gathered(
                new: tuple[AnyCondition, ...], holder: Gathering | Every = condition, put: Put = put
            ) -> Rule:
                return put((_holding(holder, new),) if new else ())

            yield from _walk(within(condition)[0], gathered)


def _holding(condition: Gathering | Every, inner: tuple[AnyCondition, ...]) -> AnyCondition:
    if isinstance(condition, Gathering):
        return replace(condition, conditions=inner)
    return replace(condition, has=inner)


def _parts_of(condition: AnyCondition, put: Put, rule: Rule, units: Units) -> Iterator[_Part]:
    if isinstance(condition, AnyOf):
        options = condition.alternatives
        for number, option in enumerate(options):
            said = ", ".join(map(spoken_condition, option))
            fewer = replace(condition, alternatives=options[:number] + options[number + 1 :])
            excuse = f"the choice `{said}` is left out"
            where = option[0].where if option else condition.where
            yield _Part("choice", f"the choice `{said}`", where, excuse, put((fewer,)))
        return
    says = f"`{spoken_condition(condition)}`"
    part = _Part("condition", says, condition.where, f"{says} is left out", put(()))
    if isinstance(condition, NoRowAbove):
        return  # the rows above say it themselves
    if isinstance(condition, TableCell):
        yield from _cell_bounds(condition, put, units)
        return
    if isinstance(condition, Comparing):
        yield part
        for said, sides in _test_sides(condition.test, condition.where, units):
            tests = tuple(put((Comparing(side, condition.where),)) for side in sides)
            yield _Part("bound", f"`{said}`", condition.where, f"`{said}`", sides=tests)
        return
    if isinstance(condition, Gathering):
        if condition.word not in ("count", "sum"):
            yield part
        return
    if isinstance(condition, Every):
        yield part
    elif condition.word not in ("count", "sum"):  # these always hold
        yield part._replace(alone=_alone(rule, condition), turned=condition.word == "no")
    yield from _pattern_parts(condition, put, units)


def _cell_bounds(cell: TableCell, put: Put, units: Units) -> Iterator[_Part]:
    """The bounds of a cell, whatever the rows above ask: beside a bound one of them may well fit."""
    for constraint in cell.constraints:
        if constraint.op in ORDERED:
            said = f"`{cell.column}: {spoken_constraint(constraint, cell.of_days)}`"
            sides = []
            for side in _equal_sides(constraint, units.of_value(cell.value, cell.where)):
                rule = put((replace(cell, constraints=(side,)),))
                when = tuple(one for one in rule.when if not isinstance(one, NoRowAbove))
                sides.append(replace(rule, when=when))
            yield _Part("bound", said, cell.where, said, sides=tuple(sides))


def _pattern_parts(condition: Condition | Every, put: Put, units: Units) -> Iterator[_Part]:
    """The choices among kinds, the demands, and their bounds."""
    pattern, word = condition.pattern, condition.word
    before = "" if word == "there is" else f"{word} "
    kinds = " or ".join(kind.text for kind in pattern.kinds)
    for number, kind in enumerate(pattern.kinds if len(pattern.kinds) > 1 else ()):
        fewer = replace(pattern, kinds=pattern.kinds[:number] + pattern.kinds[number + 1 :])
        whole = f"`{before}{spoken_pattern(pattern)}`"
        sort: Sort = "condition" if word == "no" else "choice"
        yield _Part(
            sort,
            f"`{kind.text}` of {whole}",
            pattern.where,
            f"`{kind.text}` is left out of {whole}",
            put((replace(condition, pattern=fewer),)),
        )
    for number, demand in enumerate(pattern.demands):
        rest = pattern.demands[:number] + pattern.demands[number + 1 :]
        freed = put((replace(condition, pattern=replace(pattern, demands=rest)),))
        says = f"`{spoken_demand(demand)}` of `{before}{kinds}`"
        sort = "condition" if word in ("there is", "maybe") else "choice"
        yield _Part(sort, says, demand.where, f"{says} is left out", freed)
        if demand.constraint.op in ORDERED:
            sides = tuple(
                put(_on_its_bound(condition, replace(demand, constraint=side), number))
                for side in _equal_sides(demand.constraint, units.of_field(pattern, demand.field))
            )
            yield _Part("bound", says, demand.where, says, sides=sides)


def _on_its_bound(condition: Condition | Every, demand: Demand, number: int) -> tuple[AnyCondition, ...]:
    """The condition with a demand on its bound; of one that counts or denies, there being such a fact.

    Beside `newest asked: {date: $day and after $last}` that is another fact than the newest: its date
    is no `$day`.
    """
    demands = condition.pattern.demands
    pattern = replace(condition.pattern, demands=(*demands[:number], demand, *demands[number + 1 :]))
    if condition.word in ("there is", "no"):
        return (Condition("there is", pattern),)
    others = tuple(one for one in pattern.demands if one.field != demand.field or not bare_variable(one))
    return (condition, Condition("there is", replace(pattern, demands=others)))


ORDERED: Final = ("<", "<=", ">", ">=")


def _equal_sides(constraint: Constraint, steps: Steps) -> Iterator[Constraint]:
    """Equal to the bound, one below it, one above it; in each unit."""
    value = constraint.values[0]
    yield Constraint("==", (value,), True)
    for by in (-1, 1):
        for moved_value in moved(value, by, steps):
            yield Constraint("==", (moved_value,), True)


def _test_sides(test: Test, where: Where, units: Units) -> Iterator[tuple[str, tuple[Test, ...]]]:
    """For each ordering comparison in a test: the test with it equal, one below, one above."""
    if isinstance(test, CompoundTest):
        for number, item in enumerate(test.items):
            for said, sides in _test_sides(item, where, units):
                items = test.items
                if test.op == "and":
                    changed: tuple[Test, ...] = tuple(
                        replace(test, items=(*items[:number], side, *items[number + 1 :])) for side in sides
                    )
                else:
                    changed = sides
                yield said, changed
    elif test.op in ORDERED:
        equal = replace(test, op="==")
        values = [value for by in (-1, 1) for value in moved(test.right, by, units.of_test(test, where))]
        yield spoken_test(test), (equal, *(replace(equal, right=value) for value in values))


def _alone(rule: Rule, condition: Condition) -> Rule | None:
    """A rule of this condition alone, with only those demands that need no other condition."""
    demands = tuple(
        d for d in condition.pattern.demands if bare_variable(d) or not _uses_variables(d.constraint)
    )
    there_is = Condition("there is", replace(condition.pattern, demands=demands))
    warn = RuleHead("warn", "?", {}, rule.where)
    return replace(rule, when=(there_is,), head=warn, profiles=(), overrides=())


def _uses_variables(constraint: Constraint) -> bool:
    return any(_has_variable(value) for value in constraint.values)


def _has_variable(value: Expression) -> bool:
    match value:
        case Variable():
            return True
        case RoundedTo(item):
            return _has_variable(item)
        case Operation(_, left, right) | RemainderOf(left, right):
            return _has_variable(left) or _has_variable(right)
        case CivilOf(_, items) | ExtremeOf(_, items):
            return any(map(_has_variable, items))
        case LengthOf(item):
            return _has_variable(item)
        case _:
            return False


# --- what was seen
def _seen(
    loaded: LoadedPack, tests: Iterable[Grounded], probes: Sequence[_Probe], step: Callable[[], None]
) -> frozenset[int]:
    """The numbers of the probes that some check shows."""
    clauses = [clause for probe in probes for clause in probe.clauses]
    numbers = [number for number, probe in enumerate(probes) for _ in probe.clauses]
    matcher = CompiledMatcher(side_by_side(loaded.program, clauses, numbers))
    scope = loaded.pack.vocabulary.shape.scope
    seen: set[int] = set()
    for test in tests:
        step()
        for ground in test.grounds:
            found: defaultdict[int, list[Derivation]] = defaultdict(list)
            for derivation in matcher.run(ground.rows, ground.environment):
                found[numbers[derivation.clause]].append(derivation)
            rows = {number: derived_rows(ones, clauses) for number, ones in found.items()}
            for number, probe in enumerate(probes):
                if number not in seen and _shows(probe, rows.get(number, frozenset()), ground, scope):
                    seen.add(number)
    return frozenset(seen)


def _shows(probe: _Probe, rows: frozenset[Derived], ground: TrialGround, scope: str | None) -> bool:
    if probe.judged == "derives":
        return bool(rows)
    if probe.judged == "none":
        records = len(ground.rows.get(scope, ())) if scope else 1
        return len(rows) < records
    return rows != ground.rows_of_rules.get(probe.rule, frozenset())


def _items(probes: Iterable[tuple[_Probe, bool]]) -> Iterator[Item]:
    """The probes of one rule, gathered by the part that they probe."""
    parts: dict[int, tuple[_Part, list[Point], bool]] = {}
    for probe, seen in probes:
        part, points, failed = parts.setdefault(id(probe.part), (probe.part, [], False))
        if probe.point == REMARKED:
            parts[id(probe.part)] = part, points, seen
        else:
            known = CERTAIN if part.certain and probe.point == "failed" and not seen else None
            points.append(Point(probe.point, seen, known))
    for part, points, failed in parts.values():
        remark = ""
        if part.sort == "condition" and failed and any(p.name == "decided" and not p.seen for p in points):
            remark = "it failed, but never alone"
        yield Item(part.sort, probe.rule, part.says, part.where, tuple(points), remark, part.excuse)


# --- windows
def _days_seen(loaded: LoadedPack, tests: Iterable[Grounded]) -> frozenset[tuple[str, str, int]]:
    """For each rule and edge of its windows, on which days beside the edge (-1, 0, 1) a test looks at it."""
    heads = {rule.id for rule in loaded.rules if rule.head and rule.head.kind == "recommend"}
    seen: set[tuple[str, str, int]] = set()
    for test in tests:
        days = {ground.situation.as_of for ground in test.grounds}
        for ground in test.grounds:
            for rule in heads & ground.rows_of_rules.keys():
                for _, row in ground.rows_of_rules[rule]:
                    for edge in EDGES:
                        day = row[RECOMMENDATION_COLUMNS.index(edge)]
                        if isinstance(day, int):
                            seen |= {(rule, edge, by) for by in (-1, 0, 1) if day + by in days}
    return frozenset(seen)


def _edge_items(rule: Rule, loaded: LoadedPack, days: frozenset[tuple[str, str, int]]) -> Iterator[Item]:
    head = rule.head
    if head is None or head.kind != "recommend":
        return
    standing = loaded.pack.vocabulary.actions[head.target].standing
    for edge in EDGES:
        if edge in head.values and (edge == "until" or not standing):
            assigned = head.values[edge]
            says = f"`{edge}: {spoken(assigned.expression)}`"
            sides = zip(DAYS, (0, -1, 1), strict=True)
            points = tuple(Point(name, (rule.id, edge, by) in days) for name, by in sides)
            yield Item("edge", rule.id, says, assigned.where, points, excuse=says)


def excusable(loaded: LoadedPack, only: Collection[str] | None = None) -> frozenset[tuple[str, str]]:
    """The rules (or only these) and words of everything that an author may say can never be seen."""
    found: set[tuple[str, str]] = set()
    there = AlwaysThere(loaded)
    for rule in (rule for rule in loaded.rules if only is None or rule.id in only):
        for probe in _probes(rule, loaded, there):
            item = Item(probe.part.sort, rule.id, "", probe.part.where, (), excuse=probe.part.excuse)
            found.add((rule.id, excuse_name(item, probe.point)))
        for item in _edge_items(rule, loaded, frozenset()):
            found |= {(rule.id, excuse_name(item, point.name)) for point in item.points}
    return frozenset(found)
