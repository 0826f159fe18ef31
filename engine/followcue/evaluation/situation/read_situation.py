"""From a document to a situation: one pass that makes rows and collects every mistake.

Idea: `reading_plan` has worked out for each key of each kind what to do with its value; here every entry is
walked once, each value converted into its column. Of a library that lends books:

    as_of: 2026-11-21
    loans:
      emma:                                                      loan(emma, Emma, …)
        book: Emma
        readers: {ann: {name: Ann Lee}}                          reader(emma, ann, Ann Lee, …)
        events:
          - {date: 2026-11-01, event: lent, to: ann}             lent(emma, 739921, 739921 << 20, …, ann, …)
          - {date: 2026-11-20, event: damaged, seen_by: [ann]}   damaged(…), damaged.seen_by(…, ann)
          - {date: 2026-11-30, event: returned}                  no row, but a warning: it lies ahead

A row begins with the key of its record of the scope, if it has one. An event has its day and its moment (the
day, then its place among the events of the scope: the second one's is 739940 << 20 | 1). Each member of a
list makes a row of a relation of its own.

Invariant: a mistake is noted at its place and reading goes on, so that all are told at once; whatever is in
`facts` at the end is used only if none was found. What may be named in a place (`Known`) is gathered before
any entry there is read, as the order of records in a file means nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from followcue.base.clock import Clock, is_time_zone
from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import USUAL
from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Row, Value
from followcue.base.values import format_date
from followcue.evaluation.situation.fields import UNFIT, Refusal, described, refuse, refuse_date
from followcue.evaluation.situation.mistakes import Known, Mistakes
from followcue.evaluation.situation.parameters import ParameterReader
from followcue.evaluation.situation.reading_plan import (
    Collections,
    KindPlan,
    RecordPlan,
    SituationPlan,
    plan_of,
)
from followcue.evaluation.situation.situation import MOMENTS_A_DAY, EventList, Events, Situation
from followcue.evaluation.situation.skips import SKIPS, SkipReader
from followcue.language.documents.document import Document, Path
from followcue.language.documents.plain import LEAVE_OUT, unseen_in_name
from followcue.language.model.vocabulary import DATE, Vocabulary

Members: TypeAlias = tuple[tuple[str, list[Value]], ...]
"""The values of the list fields of one entry, each with its relation."""


class SituationReader:
    """Reads situations of one vocabulary; safe to use from several threads at once."""

    __slots__ = ("_parameters", "_plan", "_skips")

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._plan = plan_of(vocabulary)
        self._parameters = ParameterReader(vocabulary)
        self._skips = SkipReader(vocabulary, self._plan.days)

    def read(
        self,
        document: Document,
        *,
        as_of: date | None = None,
        profile: str | None = None,
        parameters: Mapping[str, object] | None = None,
        today: Clock,
        max_entries: int = USUAL.entries,
    ) -> Situation:
        """Read one situation; `as_of`, `profile` and `parameters` are options, and win over the document.

        Raises `InvalidInput` with every mistake.
        """
        mistakes = Mistakes(document, self._plan)
        data = document.data
        if not isinstance(data, dict):
            mistakes.not_a_situation(data)
            raise InvalidInput(mistakes.found)
        strange = [key for key in data if key not in self._plan.keys]
        if strange and mistakes.not_this_kind(data):
            raise InvalidInput(mistakes.found)
        for key in strange:
            mistakes.unknown_top_key(key)
        day = _as_of(data, as_of, today, mistakes, self._plan)
        chosen, values = self._parameters.read(data, profile, parameters, mistakes)
        reading = _Reading(self._plan, mistakes, day, max_entries)
        reading.read_top(data)
        skips = self._skips.read(data, mistakes) if SKIPS in data else ()
        if mistakes.found:
            raise InvalidInput(mistakes.found)
        return Situation(
            as_of=day,
            profile=chosen,
            parameters=values,
            facts=dict(reading.facts),
            events=Events(document, reading.lists, day, self._plan.fields_of),
            warnings=tuple(reading.warnings),
            names=reading.names,
            skips=skips,
            ahead=reading.ahead,
        )


def _as_of(
    data: Mapping[str, object], option: date | None, today: Clock, mistakes: Mistakes, plan: SituationPlan
) -> int:
    """The day of evaluation: from the option, else from the file, else today; a mistake leaves day 0."""
    zone = data.get("timezone")
    if "timezone" in data and not (isinstance(zone, str) and is_time_zone(zone)):
        mistakes.unknown_time_zone(zone)
        zone = None
    if "as_of" in data:
        try:
            written = plan.days[data["as_of"]]
        except UNFIT:
            refusal = refuse_date("as_of", data["as_of"], mistakes.written(("as_of",)))
            mistakes.add(refusal._replace(code="FC604"), ("as_of",))
            return 0
        return written if option is None else _day_of_option(option, mistakes, plan)
    if option is not None:
        return _day_of_option(option, mistakes, plan)
    return today(zone if isinstance(zone, str) else None).toordinal()


def _day_of_option(option: date, mistakes: Mistakes, plan: SituationPlan) -> int:
    """The day that an option names, within the years that a file may name; a mistake leaves day 0."""
    if not isinstance(option, date):
        message = f"`as_of` must be a `datetime.date`, not {described(option)}"
        mistakes.add_to_option(Refusal("FC604", message), "as_of")
        return 0
    written = format_date(option.toordinal())
    try:
        return plan.days[written]
    except UNFIT:
        mistakes.add_to_option(refuse_date("as_of", written)._replace(code="FC604"), "as_of")
        return 0


class _Scope(NamedTuple):
    """Where events stand: their scope's key, what may be named there, and all of its lists of events."""

    key: str | None
    known: Known
    lists: Sequence[EventList]


class _Reading:
    """The rows, names and warnings of one situation while it is being read."""

    __slots__ = (
        "_as_of",
        "_at",
        "_count",
        "_max_entries",
        "_mistakes",
        "_plan",
        "ahead",
        "facts",
        "lists",
        "names",
        "warnings",
    )

    def __init__(self, plan: SituationPlan, mistakes: Mistakes, as_of: int, max_entries: int) -> None:
        self._plan = plan
        self._mistakes = mistakes
        self._as_of = as_of
        self._max_entries = max_entries
        self._at = 2 if plan.scoped_rows else 1
        self._count = 0
        self.facts: defaultdict[str, list[Row]] = defaultdict(list)
        self.lists: dict[str | None, list[EventList]] = {}
        self.names: dict[str | tuple[str, str], str] = {}
        self.ahead: int | None = None
        self.warnings: list[str] = []

    def read_top(self, data: Mapping[str, object]) -> None:
        """Read the whole file: its records, with what stands inside each, then the events of the whole."""
        for plan in self._plan.top.records:
            if plan.is_scope and plan.key not in data:
                self._mistakes.missing_collection(plan.key, plan.kind.name, data)
        self._read_inside(self._plan.top, data, (), None, dict.fromkeys(self._plan.referable, ()))

    def _read_inside(
        self, inside: Collections, holder: Mapping[str, object], path: Path, scope: str | None, outer: Known
    ) -> None:
        """Read what stands in the file or in one record; `outer` is what may be named from outside."""
        known = outer.copy()
        collections = []
        singles: list[tuple[RecordPlan, object]] = []
        for plan in inside.records:
            found = holder.get(plan.key)
            if plan.key_column is None:
                if found is not None:
                    self._enter(1)
                    singles.append((plan, found))
            elif isinstance(found, dict):
                self._enter(len(found))
                known[plan.kind.name] = found
                collections.append((plan, found))
            elif found is not None:
                self._mistakes.not_records((*path, plan.key), found, plan.kind.name)
        for plan, entry in singles:
            self._read_record(plan, plan.key, entry, (*path, plan.key), scope, known)
        for plan, found in collections:
            for key, entry in found.items():
                self._read_record(plan, key, entry, (*path, plan.key, key), scope, known)
        lists = self._event_lists(inside, holder, path)
        if lists:
            self.lists[scope] = lists
            self._read_events(lists, scope, known)

    def _enter(self, count: int) -> None:
        self._count += count
        if self._count > self._max_entries:
            self._mistakes.too_many(self._max_entries)
            raise InvalidInput(self._mistakes.found)

    # --- records
    def _read_record(
        self, plan: RecordPlan, key: str, entry: object, path: Path, scope: str | None, known: Known
    ) -> None:
        if not isinstance(entry, dict):
            self._mistakes.not_a_record(path, entry, plan.kind)
            return
        own_scope = key if plan.is_scope else scope
        row = list(plan.kind.blank)
        if own_scope is not None:
            row[0] = own_scope
        if plan.key_column is not None:
            row[plan.key_column] = key
        members = self._fill(row, plan.kind, entry, path, self._known_inside(plan.inside, entry, known))
        self.facts[plan.kind.name].append(tuple(row))
        if members:
            self._add_members(row, members)
        shown = entry.get(plan.shown_by) if plan.shown_by else None
        if isinstance(shown, str) and plan.key_column is not None:
            self.names[key if scope is None else (scope, key)] = shown
        if plan.inside.records or plan.inside.events:
            self._read_inside(plan.inside, entry, path, own_scope, known)

    def _known_inside(self, inside: Collections, entry: Mapping[str, object], known: Known) -> Known:
        """What a record's own fields may name: what is known outside, and the records inside it."""
        found = {plan.kind.name: entry.get(plan.key) for plan in inside.records}
        return known | {kind: records for kind, records in found.items() if isinstance(records, dict)}

    # --- events
    def _event_lists(self, inside: Collections, holder: Mapping[str, object], path: Path) -> list[EventList]:
        lists = []
        start = 0
        for key in inside.events:
            entries = holder.get(key)
            if isinstance(entries, list):
                self._enter(len(entries))
                lists.append(EventList((*path, key), start, entries))
                start += len(entries)
            elif entries is not None:
                self._mistakes.not_a_list((*path, key), entries)
        return lists

    def _read_events(self, lists: Sequence[EventList], key: str | None, known: Known) -> None:
        scope = _Scope(key, known | self._ids(lists), lists)
        kinds = self._plan.events
        for path, start, entries in lists:
            for index, entry in enumerate(entries):
                try:
                    plan = kinds[entry["event"]]  # type: ignore[index]  # anything but a known name raises
                except UNFIT:
                    self._mistakes.not_an_event((*path, index), entry)
                    self._check_date((*path, index), entry)
                else:
                    self._read_event(plan, entry, (*path, index), start + index, scope)

    def _ids(self, lists: Sequence[EventList]) -> Known:
        """The ids of the events of a scope by kind."""
        ids: dict[str, dict[str, Path]] = {}
        for path, _, entries in lists:
            for index, entry in enumerate(entries):
                if type(entry) is not dict or type(kind := entry.get("event")) is not str:
                    continue
                if type(name := entry.get("id")) is str:
                    place = (*path, index)
                    if not name.isascii() and (unseen := unseen_in_name(name)):
                        self._mistakes.add(Refusal("FC105", unseen, LEAVE_OUT), (*place, "id"))
                    first = ids.setdefault(kind, {}).setdefault(name, place)
                    if first is not place:
                        self._mistakes.repeated_id(place, first, kind, name)
        return dict(ids)

    def _read_event(
        self, plan: KindPlan, entry: Mapping[str, object], path: Path, order: int, scope: _Scope
    ) -> None:
        row = list(plan.blank)
        members = self._fill(row, plan, entry, path, scope.known)
        for name, kinds in plan.if_several:
            if name not in entry and len(meant := _meant(kinds, scope.lists, entry.get("date"))) > 1:
                self._mistakes.several(path, name, kinds, meant, plan.name)
        at = self._at
        day = row[at - 1]
        if type(day) is not int:  # what is wrong with it has been noted
            return
        if day > self._as_of:
            self._warn(path, plan.name, day)
            return
        row[at] = day * MOMENTS_A_DAY + order
        if scope.key is not None:
            row[0] = scope.key
        self.facts[plan.name].append(tuple(row))
        if members:
            self._add_members(row, members)

    def _check_date(self, path: Path, entry: object) -> None:
        """The date of an event of which nothing else can be checked, as its kind is not known."""
        if isinstance(entry, dict) and "date" in entry:
            try:
                self._plan.days[entry["date"]]
            except UNFIT:
                place = (*path, "date")
                written = self._mistakes.written(place)
                self._mistakes.add(refuse("date", DATE, entry["date"], written=written), place)

    def _warn(self, path: Path, kind: str, day: int) -> None:
        if self.ahead is None or day < self.ahead:
            self.ahead = day
        where = self._mistakes.where(path)
        self.warnings.append(f"{where}: {kind} on {format_date(day)} lies ahead and is not counted yet")

    # --- both
    def _fill(
        self, row: list[Value], plan: KindPlan, entry: Mapping[str, object], path: Path, known: Known
    ) -> Members:
        """Put the values of an entry into its row; gives those of list fields, which make other rows."""
        members: Members = ()
        slots = plan.slots
        for name, written in entry.items():
            try:
                slot = slots[name]
            except KeyError:
                self._mistakes.unknown_key(path, name, plan, entry)
                continue
            if slot.column is not None:
                try:
                    row[slot.column] = value = slot.convert(written)
                except UNFIT:
                    self._mistakes.unfit((*path, name), name, slot, written, plan)
                    continue
                if slot.refers_to and not _is_known(value, slot.refers_to, known):
                    self._mistakes.unknown_reference((*path, name), name, slot.refers_to, written, known)
            elif slot.members is not None:
                members = (*members, (slot.members, self._members(path, name, plan, written, known)))
        looked_for = plan.required if None in plan.needed(row) else plan.looked_for
        if looked_for:
            self._look_for_missing(looked_for, plan, entry, path)
        return members

    def _members(self, path: Path, name: str, plan: KindPlan, written: object, known: Known) -> list[Value]:
        """The distinct values of a list field; one value that stands alone is taken for a list of one."""
        if not isinstance(written, list):
            return self._members(path, name, plan, [written], known)
        slot = plan.slots[name]
        convert, refers_to = slot.convert, slot.refers_to
        values: list[Value] = []
        for index, member in enumerate(written):
            try:
                value = convert(member)
            except UNFIT:
                self._mistakes.unfit((*path, name, index), name, slot, member, plan)
                continue
            if refers_to and not _is_known(value, refers_to, known):
                self._mistakes.unknown_reference((*path, name, index), name, refers_to, member, known)
            values.append(value)
        return values if len(values) < 2 else list(dict.fromkeys(values))

    def _look_for_missing(
        self, required: Iterable[tuple[str, ...]], plan: KindPlan, entry: Mapping[str, object], path: Path
    ) -> None:
        for names in required:
            for name in names:
                if name in entry and (entry[name] != [] or plan.slots[name].members is None):
                    break
            else:
                self._mistakes.missing(path, names, plan, entry)

    def _add_members(self, row: Sequence[Value], members: Members) -> None:
        """Add the rows of list fields: the kind's own row and one member."""
        for relation, values in members:
            for value in values:
                self.facts[relation].append((*row, value))


def _is_known(value: Value, kinds: tuple[str, ...], known: Known) -> bool:
    for kind in kinds:  # noqa: SIM110 - a generator would take three times as long
        if value in known[kind]:
            return True
    return False


def _meant(kinds: tuple[str, ...], lists: Sequence[EventList], day: object) -> list[str | None]:
    """The ids (None where there is none) of the different events of these kinds up to a day.

    Later ones cannot be meant, and so never make an entry wrong that was right when it was written.
    """
    ids: dict[object, None] = {}
    unnamed = 0
    for _, _, entries in lists:
        for entry in entries:
            if type(entry) is not dict or entry.get("event") not in kinds:
                continue
            if str(entry.get("date")) > str(day):  # ISO dates sort as text
                continue
            if "id" in entry:
                ids[entry["id"] if isinstance(entry["id"], str) else None] = None
            else:
                unnamed += 1
    return [*(name for name in ids if isinstance(name, str)), *([None] * unnamed)]
