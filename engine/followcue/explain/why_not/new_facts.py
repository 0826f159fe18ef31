"""New facts: the events and records that would meet a goal, and those that are there with other values.

Idea: a goal is a row of which some columns have a value and others must meet demands; it is written back into
the file as a person would write it. A column with a value keeps it, one that something is demanded of gets
the first values of its type that meet this, the day is the newest on which what is demanded of days holds,
and what the kind of event requires besides gets the likeliest value.

    goal     returned(loan emma, state present, day after 3 March), on 10 March
    {date: 2026-03-10, event: returned, state: good}      today will do, and `good` is the first choice

Where the day lies ahead, the proposal waits for it as well. The same is done for an event or a record that is
there, whose unfit fields are filled in, all in one proposal.

Invariant: a proposal meets all demands of the goal that can be computed from it. Whether it helps is not
asked here: proposals are many and cheap, and `change_search.py` believes none. Types without end are gone
through as far as `HORIZON`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, product

from followcue.base.rows import Row, Value, places_of
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.match.interpret import evaluate_expr
from followcue.evaluation.situation.situation import MOMENTS_A_DAY, EventKey, Events, Situation
from followcue.explain.facts import record_path
from followcue.explain.why_not.first_day import HORIZON, asks_for_months, far_days
from followcue.explain.why_not.goals import Bindings, Goal, goal_of, parts_of
from followcue.explain.why_not.near_misses import FactBase
from followcue.explain.why_not.situation_edits import Add, Edits, Put, Remove, Wait, value_at
from followcue.language.documents.document import Path
from followcue.language.logic import program as ir
from followcue.language.logic.text_parts import part_of, text_with
from followcue.language.logic.walk import variables, walk
from followcue.language.model.vocabulary import Field, Kind, Type, Vocabulary

NEAREST = 3
"""So many events that could have one more in their list are told."""
MOST_VARIANTS = 6
"""So many variants of one new event are proposed."""
MOST_SCOPES = 6
"""So many records are proposed for an event that may belong to any."""
WEEK = 7


class FactProposer:
    """Proposes facts for one situation; `data` is that of the document, `to` the person asked about."""

    def __init__(
        self, vocabulary: Vocabulary, fact_base: FactBase, situation: Situation, data: object, to: str | None
    ) -> None:
        self._vocabulary = vocabulary
        self._fact_base = fact_base
        self._situation = situation
        self._data = data
        self._to = to
        self._today = situation.as_of

    # --- new events
    def events(self, goal: Goal) -> Iterator[Edits]:
        """Events that would meet a goal: new ones, or those that are there with more in them."""
        kind = self._kind(goal.relation)
        columns = [column.name for column in self._vocabulary.relations[goal.relation].columns]
        bound = dict(goal.bound)
        at = columns.index("at")
        listed = goal.relation.partition(".")[2]
        if at in bound:
            yield from self._completed(goal, kind, columns, bound.get(0), bound[at])
            return
        if listed:
            yield from self._with_member(goal, kind, columns, listed)
        for scope in self._scopes_of(goal, kind):
            yield from self._new_events(goal, kind, columns, scope)
        if self._is_scoped(kind) and not goal.absent & {0} and 0 not in bound:
            yield from self._elsewhere(goal, kind, columns)

    def _new_events(
        self, goal: Goal, kind: Kind, columns: Sequence[str], scope: str | None
    ) -> Iterator[Edits]:
        """A new event of one record, or of the whole."""
        path = self._list_of(scope)
        if path is None:
            return
        for row in islice(self._rows(goal, kind, columns, scope), MOST_VARIANTS):
            day = int(row["date"] or 0)
            event = self._written(kind, row, scope, day)
            add = Add(path, scope, tuple(event.items()))
            yield (add,) if day <= self._today else (add, Wait(calendar_day(day)))

    def _elsewhere(self, goal: Goal, kind: Kind, columns: Sequence[str]) -> Iterator[Edits]:
        """The same for a record that is not there yet."""
        scope = self._vocabulary.kinds[self._vocabulary.shape.scope or ""]
        key = self._new_key(scope, None)
        path = record_path(scope, key, None)
        if value_at(self._data, path) is not None:
            return
        put = Put(path, key, scope.name, self._required(scope))
        here = goal.with_value(0, key)
        for edits in self._new_events(here, kind, columns, key):
            yield (put, *edits)

    def _required(self, kind: Kind) -> dict[str, object]:
        """What a new record cannot do without."""
        fields = {field.name: field for field in kind.fields}
        names = [requirement.fields[0] for requirement in kind.require]
        options = {name: next(self._options(fields[name], None, self._today), None) for name in names}
        return {name: as_written(value, fields[name].type.base) for name, value in options.items()}

    def _new_key(self, kind: Kind, scope: str | None) -> str:
        taken = set(self._keys(kind.name, scope))
        return next(key for n in range(1, len(taken) + 2) if (key := f"{kind.name}-{n}") not in taken)

    def _written(
        self, kind: Kind, row: Mapping[str, Value], scope: str | None, day: int
    ) -> dict[str, object]:
        """The event as one writes it, with what its kind requires."""
        event: dict[str, object] = {"date": as_written(day, "date"), "event": kind.name}
        fields = {field.name: field for field in kind.fields}
        names = ["id", *fields, "note"]
        given = {name: row[name] for name in names if row.get(name) is not None}
        for requirement in kind.require:
            if any(name in given for name in requirement.fields):
                continue
            name = requirement.fields[0]
            if requirement.several_of and not self._ids(requirement.several_of, scope):
                continue
            if name == "id":
                given[name] = self._new_id(kind, scope)
            elif name in fields:
                given[name] = next(self._options(fields[name], scope, day), None)
        for name in names:
            if given.get(name) is not None:
                field = fields.get(name)
                value = as_written(given[name], field.type.base if field else "text")
                event[name] = [value] if field and field.many else value
        return event

    def _rows(
        self, goal: Goal, kind: Kind, columns: Sequence[str], scope: str | None
    ) -> Iterator[dict[str, Value]]:
        """The values of new events that meet the demands."""
        bound = dict(goal.bound)
        fields = {field.name: field for field in kind.fields}
        choices: list[list[tuple[str, Value]]] = []
        place = {name: number for number, name in enumerate(columns)}
        for name, column in place.items():
            if name in ("date", "at", self._vocabulary.shape.scope) or column in goal.absent:
                continue
            if column in bound:
                choices.append([(name, bound[column])])
            elif name == "id" and column in goal.present:
                choices.append([(name, self._new_id(kind, scope))])
            elif name in fields and (column in goal.asked or column in goal.present):
                fitting = islice(self._fitting(goal, column, fields[name], scope, self._today), 4)
                choices.append([(name, value) for value in fitting])
        date_column = place["date"]
        days = (
            [bound[date_column]] if date_column in bound else list(self._days(goal, date_column, place["at"]))
        )
        for values in product(*choices):
            for day in days:
                row: dict[str, Value] = {"date": day, **dict(values)}
                if self._meets(goal, row, place):
                    yield row
                    break

    def _days(self, goal: Goal, date_column: int, at_column: int) -> Iterator[int]:
        """Days for a new event: the newest that meets what is demanded of the day alone, today if it does."""
        alone = [d for d in goal.demands if variables(d) <= {f"@{date_column}", f"@{at_column}"}]
        found = 0
        near = (self._today + away for away in (*range(0, -HORIZON, -1), *range(1, HORIZON)))
        far = far_days(self._today) if asks_for_months(alone) else ()
        for day in chain(near, far):
            known = {f"@{date_column}": day, f"@{at_column}": (day + 1) * MOMENTS_A_DAY - 1}
            if self._all_true(alone, known):
                yield day
                found += 1
                if found == (HORIZON if len(alone) < len(goal.demands) else 2):
                    return
            if found and day > self._today and len(alone) == len(goal.demands):
                return

    def _meets(self, goal: Goal, row: Mapping[str, Value], place: Mapping[str, int]) -> bool:
        known: dict[str, Value] = {f"@{place[name]}": value for name, value in row.items() if name in place}
        known |= {f"@{column}": value for column, value in goal.bound}
        known[f"@{place['at']}"] = (int(row["date"] or 0) + 1) * MOMENTS_A_DAY - 1
        return self._all_true(goal.demands, known)

    def _all_true(self, demands: Iterable[ir.Expr], known: Mapping[str, Value]) -> bool:
        environment = self._fact_base.environment
        return all(
            evaluate_expr(demand, known, environment)
            for demand in demands
            if variables(demand) <= known.keys()
        )

    def _fitting(self, goal: Goal, column: int, field: Field, scope: str | None, day: int) -> Iterator[Value]:
        """Values for a field that meet what the goal demands of its column alone."""
        alone = goal.demands_on(column)
        for value in self._options(field, scope, day, alone):
            if self._all_true(alone, {f"@{column}": value}):
                yield value

    def _options(
        self, field: Field, scope: str | None, day: int, demands: Sequence[ir.Expr] = ()
    ) -> Iterator[Value]:
        """Values for a field, the likeliest first; where months are demanded, also days by whole months."""
        far = asks_for_months(demands)
        type_ = field.type
        if type_.choices:
            yield from type_.choices
        elif type_.refers_to:
            yield from self._references(type_, scope)
        elif type_.base == "date":
            yield day + WEEK
            for away in range(HORIZON):
                yield from (day + away, day - away) if away else (day,)
            if far:
                yield from far_days(day)
        elif type_.base == "duration":
            yield from (WEEK, *range(1, HORIZON))
        elif type_.base == "time":
            yield from (*range(9 * 60, 24 * 60, 30), *range(24 * 60))
        elif type_.base == "period":
            yield from range(1, HORIZON)
        elif type_.base == "number":
            yield from range(1, HORIZON)
            yield 0
        elif places := places_of(type_.base):
            yield from self._decimals(places, demands)
        elif type_.base == "bool":
            yield from (True, False)
        else:
            yield from self._texts(demands)

    def _decimals(self, places: int, demands: Sequence[ir.Expr]) -> Iterator[int]:
        """Whole numbers first, then the values beside each bound that is demanded."""
        yield from (number * 10**places for number in range(1, HORIZON))
        for demand in parts_of(demands):
            if isinstance(demand, ir.Compare) and not variables(demand.right):
                bound = evaluate_expr(demand.right, {}, self._fact_base.environment)
                yield from (bound, bound + 1, bound - 1)
        yield 0

    def _texts(self, demands: Sequence[ir.Expr]) -> Iterator[str]:
        """Texts with the parts that are demanded, or of the length; dots stand for what may be anything."""
        parameters = self._fact_base.environment.parameters
        parts = []
        for demand in parts_of(demands):
            part = part_of(demand.op, demand.right, parameters) if isinstance(demand, ir.Compare) else None
            if part is not None:
                parts.append(part)
        text = text_with("...", parts, None, ())
        if text is not None:
            yield text
        if any(isinstance(part, ir.Length) for demand in demands for part in walk(demand)):
            texts = (text_with("...", parts, size, ()) for size in range(1, HORIZON))
            yield from (text for text in texts if text is not None)

    def _references(self, type_: Type, scope: str | None) -> Iterator[str]:
        """Keys and ids that may be named, the person asked about first."""
        known: dict[str, None] = {}
        for kind in type_.refers_to:
            if self._vocabulary.kinds[kind].is_event:
                known |= dict.fromkeys(self._ids((kind,), scope))
            else:
                known |= dict.fromkeys(self._keys(kind, scope))
        if self._to in known:
            yield self._to
        yield from (name for name in known if name != self._to)

    def _keys(self, kind: str, scope: str | None) -> Iterator[str]:
        is_scope = self._is_scope(kind)
        for row in reversed(self._fact_base.rows(kind)):
            if is_scope:
                yield str(row[0])
            elif row[0] == scope:
                yield str(row[1])

    def _ids(self, kinds: Iterable[str], scope: str | None) -> list[str]:
        found: dict[str, None] = {}
        for kind in kinds:
            place = self._vocabulary.relations[kind].column("id")
            for row in self._fact_base.rows(kind):
                if row[place] is not None and scope in (None, row[0]):
                    found[str(row[place])] = None
        return list(found)

    def _new_id(self, kind: Kind, scope: str | None) -> str:
        named = next((t.name for t in self._vocabulary.types.values() if kind.name in t.refers_to), kind.name)
        kinds = [k.name for k in self._vocabulary.events]
        taken = set(self._ids(kinds, scope))
        number = next(n for n in range(1, len(taken) + 2) if f"{named}-{n}" not in taken)
        return f"{named}-{number}"

    # --- what is there, with other values
    def _completed(
        self, goal: Goal, kind: Kind, columns: Sequence[str], first: Value, at: Value
    ) -> Iterator[Edits]:
        """The event at a moment, given what it lacks; `first` is the value of its first column."""
        key = self._event_key(kind, first, at)
        event = self._situation.events.get(key)
        if event is not None and event.kind == kind.name:
            yield from self._put_fields(goal, kind, columns, self._path_of(key), key[0], event.date)

    def _put_fields(
        self,
        goal: Goal,
        kind: Kind,
        columns: Sequence[str],
        path: Path,
        scope: str | None,
        day: int,
    ) -> Iterator[Edits]:
        """The missing or unfit fields of one event or record filled in, all of them in one proposal."""
        written = value_at(self._data, path)
        if not isinstance(written, dict):
            return
        bound = dict(goal.bound)
        puts: list[Put] = []
        for field in kind.fields:
            if field.name not in columns:
                continue
            column = columns.index(field.name)
            if column in bound:
                value: Value = bound[column]
            elif column in goal.asked or column in goal.present:
                value = next(self._fitting(goal, column, field, scope, day), None)
            else:
                continue
            said = as_written(value, field.type.base)
            now = written.get(field.name, as_written(field.default, field.type.base))
            if value is None or now == said:
                continue
            if column not in bound and now is not None and not goal.demands_on(column):
                continue
            if field.many:
                members = now if isinstance(now, list) else ([] if now is None else [now])
                if said in members:
                    continue
                said = [*members, said]  # type: ignore[assignment]
            puts.append(Put((*path, field.name), scope, kind.name, said))
        if puts:
            yield tuple(puts)

    def _with_member(self, goal: Goal, kind: Kind, columns: Sequence[str], listed: str) -> Iterator[Edits]:
        """Events of the kind that could have one more in their list."""
        bound = dict(goal.bound)
        member = len(columns) - 1
        for row in self._fact_base.rows(kind.name)[:NEAREST]:
            if all(row[c] == v for c, v in bound.items() if c != member):
                at = columns.index("at")
                yield from self._completed(goal.with_value(at, row[at]), kind, columns, row[0], row[at])

    def other_fields(self, atom: ir.Atom, row: Row, bindings: Bindings) -> Iterator[Edits]:
        """A row that fails only tests, with other values in those fields."""
        kind = self._kind(atom.relation)
        columns = [column.name for column in self._vocabulary.relations[atom.relation].columns]
        goal = goal_of(atom, (), bindings, ())
        if kind.is_event:
            yield from self._completed(goal, kind, columns, row[0], row[columns.index("at")])
        elif kind.role == "record":
            yield from self._put_record(goal, kind, columns, row)

    def _put_record(self, goal: Goal, kind: Kind, columns: Sequence[str], row: Row) -> Iterator[Edits]:
        scope, path = self._record_of(kind, columns, row)
        yield from self._put_fields(goal, kind, columns, path, scope, self._today)

    def _record_of(self, kind: Kind, columns: Sequence[str], row: Row) -> tuple[str | None, Path]:
        """The scope of the record of a row, and where it stands."""
        scope = str(row[0]) if self._vocabulary.shape.scope in columns else None
        key = str(row[columns.index("id")]) if "id" in columns else None
        return scope, record_path(kind, scope, key)

    # --- records
    def records(self, goal: Goal) -> Iterator[Edits]:
        """Records that would meet a goal: those that are there with other values, or a new one."""
        kind = self._kind(goal.relation)
        columns = [column.name for column in self._vocabulary.relations[goal.relation].columns]
        bound = dict(goal.bound)
        keys = [c for c, name in enumerate(columns) if name in ("id", self._vocabulary.shape.scope)]
        for row in islice(reversed(self._fact_base.rows(kind.name)), 24):
            if all(row[column] == bound[column] for column in keys if column in bound):
                yield from self._put_record(goal, kind, columns, row)
        yield from self._new_record(goal, kind, columns)

    def _new_record(self, goal: Goal, kind: Kind, columns: Sequence[str]) -> Iterator[Edits]:
        if self._is_scope(kind.name) or ("id" not in columns and not kind.single):
            return
        bound = dict(goal.bound)
        scope = next(iter(self._scopes_of(goal, kind)), None)
        key = None if kind.single else str(bound.get(columns.index("id"), self._new_key(kind, scope)))
        path = record_path(kind, scope, key)
        if value_at(self._data, path) is not None:
            return
        required = {requirement.fields[0] for requirement in kind.require}
        record: dict[str, object] = {}
        for field in kind.fields:
            column = columns.index(field.name) if field.name in columns else -1
            value: Value = bound.get(column)
            needed = column in goal.asked or column in goal.present or field.name in required
            if value is None and needed:
                value = next(self._fitting(goal, column, field, scope, self._today), None)
            if value is not None:
                record[field.name] = as_written(value, field.type.base)
        yield (Put(path, scope, kind.name, record),)

    # --- less
    def without_event(self, relation: str, row: Row) -> Iterator[Edits]:
        """The situation without the event of a row."""
        at = row[self._vocabulary.relations[relation].column("at")]
        key = self._event_key(self._kind(relation), row[0], at)
        if key in self._situation.events:
            yield (Remove(self._path_of(key), key[0]),)

    def other_record(self, relation: str, row: Row) -> Iterator[Edits]:
        """A record with another word in a field that has a choice."""
        kind = self._kind(relation)
        columns = [column.name for column in self._vocabulary.relations[relation].columns]
        scope, path = self._record_of(kind, columns, row)
        for field in kind.fields:
            if field.type.choices and field.name in columns:
                now = row[columns.index(field.name)]
                for choice in field.type.choices:
                    if choice != now:
                        yield (Put((*path, field.name), scope, kind.name, choice),)

    # --- small questions
    def _kind(self, relation: str) -> Kind:
        return self._vocabulary.kind_of(relation)

    def _is_scope(self, relation: str) -> bool:
        return self._vocabulary.is_scope(relation)

    def _is_scoped(self, kind: Kind) -> bool:
        relation = self._vocabulary.relations[kind.name]
        return bool(relation.columns) and self._vocabulary.is_scope(relation.columns[0].name)

    def _event_key(self, kind: Kind, first: Value, at: Value) -> EventKey:
        """The key of an event; `first` is the value of the first column of its row."""
        scope = first if self._is_scoped(kind) else None
        return (None if scope is None else str(scope)), int(at or 0)

    def _path_of(self, key: EventKey) -> Path:
        events = self._situation.events
        assert isinstance(events, Events)
        return events.path(key)

    def _scopes_of(self, goal: Goal, kind: Kind) -> list[str | None]:
        """The records that a new fact may belong to: the one that is wanted, else any."""
        scope = self._vocabulary.shape.scope
        if not scope or not self._is_scoped(kind) or 0 in goal.absent:
            return [None]
        bound = dict(goal.bound)
        return [str(bound[0])] if 0 in bound else list(islice(self._keys(scope, None), MOST_SCOPES))

    def _list_of(self, scope: str | None) -> Path | None:
        """Where the events of a record, or of the whole, are listed."""
        shape = self._vocabulary.shape
        for path in shape.events:
            if scope is None and len(path) == 1:
                return path
            if scope is not None and len(path) == 2:
                return path[0], scope, path[1]
        return None
