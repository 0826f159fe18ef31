"""Decision tables: gaps, rows that fit together, rows that are never reached, each with values that show it.

What is found among the boxes of a table is held against the rest of the rules before it is told: the values
must be such that what all rows share can hold with them (see `can_fire`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Final, NamedTuple

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding, Severity, Witness
from followcue.authoring.lint.table_boxes import (
    OTHER,
    Axis,
    Box,
    Boxes,
    Spot,
    TooLarge,
    UnclearColumn,
    ValuePiece,
    moved,
)
from followcue.base.rows import DECIMALS, Value, places_of
from followcue.language.logic import program as ir
from followcue.language.logic.expressions import ABSENT, FALSE, TRUE, junction
from followcue.language.logic.from_model import CellsInCase, cells_in_cases
from followcue.language.logic.types import ORDERED
from followcue.language.model.decision_table import Table, TableRow
from followcue.language.model.syntax import Constant
from followcue.language.model.unparse import OF_DAYS, OF_NUMBERS, spoken, spoken_given
from followcue.synthesis.solver.feasible import can_fire
from followcue.synthesis.solver.tableau import World

MOST_GAPS: Final = 10
"""How many gaps are looked for in one case of a table."""

MOST_TOLD: Final = 20
"""How many findings of one kind are told of one table."""

MOST_RUNS: Final = 12
"""Into how many plain rows a gap is taken apart."""

MOST_SHOWN: Final = 10
"""For how many findings of a table a situation is made."""


def decision_tables(context: LintContext) -> Iterator[LintFinding]:
    """What is wrong with the rows of each table as a whole."""
    for table in context.loaded.tables:
        if table.rows and table.columns and context.about & {table.rule_id(row) for row in table.rows}:
            yield from _Looking(context, table).findings()


class _Run(NamedTuple):
    """Pieces of a column that lie side by side: as a cell would ask for them, as a guard, and one value."""

    cell: str
    guard: ir.Expr
    value: Value


class _Looking:
    """Looks at one table, in each profile and each way to satisfy what its rows share."""

    def __init__(self, context: LintContext, table: Table) -> None:
        self._context = context
        self._table = table
        self._told: set[tuple[object, ...]] = set()
        self._shown = 0
        numbers = {column.said: place for place, column in enumerate(table.columns)}
        self._columns = [[numbers[cell.column] for cell in row.cells] for row in table.rows]

    def findings(self) -> Iterator[LintFinding]:
        """Each finding once, whatever the profiles and cases in which it shows."""
        unclear: LintFinding | None = None
        cases = cells_in_cases(self._table, self._context.vocabulary)
        for profile, known in self._profiles():
            for case in cases:
                try:
                    yield from self._in_case(case, profile, known)
                except UnclearColumn as column:
                    unclear = self._not_proven(self._table.columns[column.column].said)
                except TooLarge:
                    unclear = self._not_proven(None)
        yield from self._idle_columns()
        if unclear is not None:
            yield unclear

    def _profiles(self) -> Iterator[tuple[str | None, Mapping[str, Value]]]:
        """The values of the parameters, those of the default profile first."""
        vocabulary = self._context.vocabulary
        default = vocabulary.default_profile
        names = (default, *(name for name in vocabulary.profiles if name != default))
        wanted = {mention.name for mention in self._table.profiles}
        for name in names:
            if not wanted or name in wanted:
                values = {p.name: p.profiles.get(name or "", p.value) for p in vocabulary.parameters.values()}
                yield (None if name == default else name), values | {"profile": name or ""}

    def _in_case(
        self, case: CellsInCase, profile: str | None, known: Mapping[str, Value]
    ) -> Iterator[LintFinding]:
        world = self._context.world.with_parameters(known)
        pairs = zip(self._columns, case.guards, strict=True)
        rows = [dict(zip(places, guards, strict=True)) for places, guards in pairs]
        trial = _Trial(self._context, world, case)
        boxes = Boxes(case.columns, rows, known, trial.is_possible)
        found = _Found(self._table, boxes, trial)
        of = f" (profile `{profile}`)" if profile else ""
        if self._table.hit == "only":
            yield from self._overlaps(found, of)
        elif self._table.hit == "first":
            yield from self._taken(found, of)
        else:
            yield from self._repeated(found, of)
        if self._table.hit != "all" or self._table.complete:
            yield from self._gaps(found, of)

    # --- rows that fit together
    def _overlaps(self, found: _Found, of: str) -> Iterator[LintFinding]:
        rows = self._table.rows
        pairs = ((one, other, found.values(cell)) for one, other, cell in found.boxes.overlaps())
        possible = ((one, other, values) for one, other, values in pairs if values is not None)
        for one, other, values in islice(possible, MOST_TOLD):
            if self._is_new("overlap", one, other):
                first, second = (self._table.rule_id(rows[number]) for number in (one, other))
                same = self._gives(rows[one]) == self._gives(rows[other])
                message = f"two rows fit where {values.said}: `{first}` and `{second}`{of}"
                hint = "narrow one of them, or write `hit: first` if the upper one goes before the other"
                if same:
                    hint = "they give the same: make one row of them, or narrow one"
                shows = f"both `{first}` and `{second}` fit"
                yield self._finding("FC355", message, hint, rows[other], "error", values, shows, rows[one])

    # --- rows that are never reached
    def _taken(self, found: _Found, of: str) -> Iterator[LintFinding]:
        rows = self._table.rows
        for number, row in enumerate(rows):
            if found.boxes.is_empty(number):
                continue
            above = found.boxes.is_taken(number)
            if above is None:
                self._told.add(("reached", number))
            elif self._is_new("taken", number) and ("reached", number) not in self._told:
                names = " and ".join(f"`{self._table.rule_id(rows[other])}`" for other in above)
                values = found.values(found.boxes.cell_of(number))
                takes = "takes" if len(above) == 1 else "take"
                message = f"`{self._table.rule_id(row)}` never counts: {names} above it {takes} all of it{of}"
                if values is not None:
                    first = found.boxes.rows_at(found.boxes.cell_of(number))[0]
                    message += f"; where {values.said}, `{self._table.rule_id(rows[first])}` does"
                hint = "move it up, or leave it out"
                taker = rows[above[0]] if above else None
                shows = f"`{self._table.rule_id(row)}` would fit, and does not count"
                yield self._finding("FC357", message, hint, row, "warning", values, shows, taker)

    def _repeated(self, found: _Found, of: str) -> Iterator[LintFinding]:
        """Rows of which another one says as much, wherever they fit."""
        rows = self._table.rows
        gives = [self._gives(row) for row in rows]
        for number, row in enumerate(rows):
            for other in range(len(rows)):
                if other == number or gives[other] != gives[number] or found.boxes.is_empty(number):
                    continue
                wider = found.boxes.covers(other, number)
                if wider and (other < number or not found.boxes.covers(number, other)):
                    if self._is_new("taken", number):
                        names = [f"`{self._table.rule_id(one)}`" for one in (row, rows[other])]
                        message = f"{names[0]} adds nothing: {names[1]} gives the same wherever it fits{of}"
                        hint = "leave it out, or let it give something else"
                        values = found.values(found.boxes.cell_of(number))
                        shows = f"both {names[0]} and {names[1]} fit, and give the same"
                        yield self._finding(
                            "FC357", message, hint, row, "warning", values, shows, rows[other]
                        )
                    break

    # --- gaps
    def _gaps(self, found: _Found, of: str) -> Iterator[LintFinding]:
        gaps = (gap for box, cell in found.boxes.gaps(MOST_GAPS) for gap in found.runs(box, cell))
        for gap in gaps:
            if len([1 for told in self._told if told[0] == "gap"]) >= MOST_TOLD:
                return
            if self._is_new("gap", gap.row):
                message = f"no row of `{self._table.id}` fits where {gap.said}{of}"
                hint = f"a row for it begins with `[{gap.row}, …]`"
                if self._table.hit == "first":
                    hint += ", or a last row asks nothing"
                severity: Severity = "warning"
                if self._table.complete:
                    message += ", and it is said to be complete"
                    severity = "error"
                shows = f"no row of `{self._table.id}` fits"
                yield self._finding("FC356", message, hint, None, severity, gap, shows)

    # --- columns
    def _idle_columns(self) -> Iterator[LintFinding]:
        """Columns of which no row asks anything."""
        asked = {cell.column for row in self._table.rows for cell in row.cells}
        for column in self._table.columns:
            if column.said not in asked:
                message = f"no row of `{self._table.id}` asks anything of `{column.said}`"
                problem = column.where.problem("FC357", message, hint="leave the column out")
                yield LintFinding(problem, "warning", self._table.rule_id(self._table.rows[0]))

    def _not_proven(self, column: str | None) -> LintFinding:
        if column is None:
            message = f"`{self._table.id}` has too many cases to exclude gaps and overlaps"
            hint = "make several tables of it, each with fewer columns"
        else:
            message = (
                f"`{column}` is compared with what another condition gives, so that nobody can tell whether "
                f"`{self._table.id}` has gaps or overlaps"
            )
            hint = "compare it with numbers, days, texts, parameters, or `today` and some days or months"
        problem = self._table.where.problem("FC358", message, hint=hint)
        return LintFinding(problem, "warning", self._table.rule_id(self._table.rows[0]))

    # --- what is told
    def _is_new(self, *key: object) -> bool:
        if key in self._told:
            return False
        self._told.add(key)
        return True

    def _gives(self, row: TableRow) -> dict[str, str]:
        return {name: spoken_given(given) for name, given in row.gives.items()}

    def _finding(
        self,
        code: str,
        message: str,
        hint: str,
        row: TableRow | None,
        severity: Severity,
        values: _Values | None,
        shows: str,
        other: TableRow | None = None,
    ) -> LintFinding:
        where = self._table.where if row is None else row.where
        problem = where.problem(code, message, None, hint)
        if other is not None and other.where.span is not None:
            problem = problem._replace(related=((f"`{self._table.rule_id(other)}`", other.where.span),))
        rule = self._table.rule_id(row or self._table.rows[0])
        return LintFinding(problem, severity, rule, self._witness(values, shows))

    def _witness(self, values: _Values | None, shows: str) -> Witness | None:
        if values is None or self._shown >= MOST_SHOWN:
            return None
        self._shown += 1
        found = self._context.witnesses.situation(values.clause, tries=20)
        return None if found is None else Witness(found, shows)


class _Values(NamedTuple):
    """Values that show something: in words, as the cells of a row, and the clause that holds with them."""

    said: str
    row: str
    clause: ir.Clause


class _Trial:
    """Holds values of columns against the rest of the rules."""

    def __init__(self, context: LintContext, world: World, case: CellsInCase) -> None:
        self._heads = context.heads
        self._world = world
        self._clause = case.clause
        self._counted = {a.result for a in case.clause.aggregates if a.op == "count"}
        self._counted |= {
            variable
            for atom in case.clause.body
            for column, variable in atom.joins
            if world.bases[atom.relation][column] in ("duration", "period", "time")
        }

    def with_guards(self, guards: Sequence[ir.Expr]) -> ir.Clause | None:
        """What the rows share, and these guards; None where that can never hold."""
        clause = replace(self._clause, guards=(*self._clause.guards, *guards))
        return clause if FALSE not in guards and can_fire(self._world, self._heads, clause) else None

    def is_possible(self, column: int, axis: Axis, piece: ValuePiece) -> bool:
        """Whether a column may have the values of a piece."""
        value = axis.value.expr
        if isinstance(value, ir.Var) and value.name in self._counted and axis.base is None:
            highest = piece.high if piece.is_bound else (piece.high or 1) - 1
            if highest is not None and highest < 0:
                return False
        return self.with_guards([_guard(axis, [piece])]) is not None


class _Found:
    """Says in words what was found among the boxes of a table."""

    def __init__(self, table: Table, boxes: Boxes, trial: _Trial) -> None:
        self.boxes = boxes
        self._table = table
        self._trial = trial

    def values(self, cell: Spot) -> _Values | None:
        """Values of a group of each column; None where they are not possible together."""
        box = tuple(frozenset((number,)) for number in cell)
        return next(self.runs(box, cell), None)

    def runs(self, box: Box, cell: Spot) -> Iterator[_Values]:
        """The plain rows that a box is made of, as far as they are possible, with values of the cell."""
        axes = self.boxes.axes
        each = [self._runs_of(axis, groups, near) for axis, groups, near in zip(axes, box, cell, strict=True)]
        for runs in islice(product(*each), MOST_RUNS):
            if self._trial.with_guards([run.guard for run in runs]) is None:
                continue
            exact = [_equal(axis, run.value) for axis, run in zip(self.boxes.axes, runs, strict=True)]
            clause = self._trial.with_guards(exact)
            values = [_said(axis, run.value) for axis, run in zip(self.boxes.axes, runs, strict=True)]
            if clause is None:
                clause = self._trial.with_guards([run.guard for run in runs])
                values = [run.cell for run in runs]
            assert clause is not None
            columns = [column.said for column in self._table.columns]
            asked = [
                f"`{column}` is {value}"
                for column, value, run in zip(columns, values, runs, strict=True)
                if run.cell != "any" or len(columns) == 1
            ] or [f"`{column}` is {value}" for column, value in zip(columns, values, strict=True)]
            yield _Values(" and ".join(asked), ", ".join(run.cell for run in runs), clause)

    def _runs_of(self, axis: Axis, groups: frozenset[int], near: int) -> list[_Run]:
        liked = axis.groups[near].pieces
        inside = sorted(place for number in groups for place in axis.groups[number].pieces)
        possible = {place for group in axis.groups for place in group.pieces}
        if len(inside) == len(possible):
            return [_whole(axis, liked)]
        if axis.pieces[0].asked:
            return [_text_part(axis, axis.pieces[place]) for place in inside]
        if axis.value.type.base not in ORDERED:
            return [_words(axis, inside, liked)]
        runs: list[list[int]] = []
        for place in inside:
            if runs and all(between not in possible for between in range(runs[-1][-1] + 1, place)):
                runs[-1].append(place)
            else:
                runs.append([place])
        return [_amounts(axis, run, liked) for run in runs]


# --- cells of a column
def _whole(axis: Axis, liked: Sequence[int]) -> _Run:
    if axis.value.expr == ABSENT:
        return _Run("absent", TRUE, None)
    return _Run("any", TRUE, _value(axis, liked))


def _value(axis: Axis, places: Sequence[int]) -> Value:
    """The value that is told of some pieces: a bound if there is one."""
    pieces = [axis.pieces[place] for place in places]
    return next((piece for piece in pieces if piece.is_bound), pieces[0]).value


def _words(axis: Axis, inside: Sequence[int], liked: Sequence[int]) -> _Run:
    words = [axis.pieces[place].value for place in inside]
    others = [piece.value for place, piece in enumerate(axis.pieces) if place not in inside]
    if OTHER in words:
        cell = " and ".join(f"not {word}" for word in others)
    elif len(words) == 1:
        cell = _written(words[0])
    else:
        cell = f"[{', '.join(map(_written, words))}]"
    return _Run(cell, _guard(axis, [axis.pieces[place] for place in inside]), _value(axis, liked))


def _text_part(axis: Axis, piece: ValuePiece) -> _Run:
    """Texts of which the same holds: as a cell the word that they are, else all that holds of them."""
    words = [text for op, text in piece.asked if op == "=="]
    cell = words[0] if words else " and ".join(_asked_in_words(op, text) for op, text in piece.asked)
    return _Run(cell, _guard(axis, [piece]), piece.value)


def _asked_in_words(op: str, text: str) -> str:
    return f"not {text}" if op == "!=" else f"{op} {text}"


def _amounts(axis: Axis, inside: Sequence[int], liked: Sequence[int]) -> _Run:
    first, last = axis.pieces[inside[0]], axis.pieces[inside[-1]]
    value = _value(axis, [place for place in liked if place in inside] or inside)
    words = OF_DAYS if axis.value.type.base in ("date", "moment") else OF_NUMBERS
    parts = []
    if first.is_bound:
        parts.append(f"{words['>=']} {_named(axis, first.low)}")
    elif first.low is not None:
        parts.append(f"{words['>']} {_named(axis, first.low)}")
    if last.is_bound:
        parts.append(f"{words['<=']} {_named(axis, last.high)}")
    elif last.high is not None:
        parts.append(f"{words['<']} {_named(axis, last.high)}")
    only_one = first is last and (first.is_bound or _has_one_value(first))
    cell = _named(axis, int(value)) if only_one and value is not None else " and ".join(parts)
    return _Run(cell, _guard(axis, [axis.pieces[place] for place in inside]), value)


def _has_one_value(piece: ValuePiece) -> bool:
    return piece.low is not None and piece.high is not None and piece.high - piece.low == 2


def _guard(axis: Axis, pieces: Sequence[ValuePiece]) -> ir.Expr:
    """That a column has a value of these pieces, which lie side by side if they have an order."""
    value = axis.value.expr
    if value == ABSENT:
        return TRUE
    if axis.value.type.base not in ORDERED:
        return junction("or", [_is_word(axis, piece) for piece in pieces])
    first, last = pieces[0], pieces[-1]
    guards: list[ir.Expr] = []
    if first.low is not None:
        guards.append(ir.Compare(">=" if first.is_bound else ">", value, _amount(axis, first.low)))
    if last.high is not None:
        guards.append(ir.Compare("<=" if last.is_bound else "<", value, _amount(axis, last.high)))
    return junction("and", guards)


def _is_word(axis: Axis, piece: ValuePiece) -> ir.Expr:
    value = axis.value.expr
    if piece.asked:
        return junction("and", [ir.Compare(op, value, ir.Const(text, "text")) for op, text in piece.asked])
    if piece.value != OTHER:
        return ir.Compare("==", value, ir.Const(piece.value, axis.value.type.base))
    others = [other.value for other in axis.pieces if other.value != OTHER]
    return junction("and", [ir.Compare("!=", value, ir.Const(word, "text")) for word in others])


def _equal(axis: Axis, value: Value) -> ir.Expr:
    if axis.value.expr == ABSENT:
        return TRUE
    if axis.value.type.base not in ORDERED:
        return _is_word(axis, ValuePiece(value))
    return ir.Compare("==", axis.value.expr, _amount(axis, int(value or 0)))


def _amount(axis: Axis, offset: int) -> ir.Expr:
    base, type = axis.base, axis.value.type.base
    if base is None:
        return ir.Const(offset, type)
    if axis.by_months:
        months, offset = moved(offset)
        if months:
            base = ir.Civil(
                "months_after" if months > 0 else "months_before", (base, ir.Const(abs(months), "period"))
            )
    if type == "date":
        return ir.Shift(base, ir.Const(abs(offset), "duration"), 1 if offset >= 0 else -1)
    return ir.Arith("+" if offset >= 0 else "-", base, ir.Const(abs(offset), type)) if offset else base


# --- values in words
def _said(axis: Axis, value: Value) -> str:
    if axis.value.expr == ABSENT:
        return "absent"
    if axis.value.type.base in ORDERED:
        return _amount_said(axis, int(value or 0))
    if value == OTHER:
        others = [_written(piece.value) for piece in axis.pieces if piece.value != OTHER]
        return f"another word than {' or '.join(others)}" if others else "any word"
    if axis.pieces[0].asked:
        return f'"{value}"'
    return _written(value)


def _named(axis: Axis, offset: int | None) -> str:
    assert offset is not None
    return axis.names.get(offset) or _amount_said(axis, offset)


def _amount_said(axis: Axis, offset: int) -> str:
    type = axis.value.type.base
    if axis.base is None:
        return spoken(Constant("number" if type == "moment" else type, offset))
    base = f"${axis.base.name}" if isinstance(axis.base, ir.Var) else "today"
    months, offset = moved(offset) if axis.by_months else (0, offset)
    if months:
        base += f" {'+' if months > 0 else '-'} {spoken(Constant('period', abs(months)))}"
    places = places_of(type)
    unit = spoken(Constant("duration" if places is None else DECIMALS.get(places, "number"), abs(offset)))
    return f"{base} {'+' if offset > 0 else '-'} {unit}" if offset else base


def _written(value: Value) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
