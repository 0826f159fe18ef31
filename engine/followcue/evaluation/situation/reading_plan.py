"""A vocabulary made ready for reading: for every key of a situation file, what to do with its value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import Value
from followcue.evaluation.situation.fields import Convert, Days, converter
from followcue.language.model.vocabulary import DATE, RESERVED_KEYS, TEXT, Field, Kind, Type, Vocabulary


class Slot(NamedTuple):
    """Where the value of a key goes: into a `column` of the kind's own row, or into a relation of `members`.

    Both are None for keys that are read elsewhere (`event`, the records inside a record). `refers_to` names
    the kinds among whose keys and ids the value must be.
    """

    column: int | None
    convert: Convert
    refers_to: tuple[str, ...]
    members: str | None
    type: Type


class KindPlan(NamedTuple):
    """How to make rows of one kind: `blank` is its row before anything is filled in.

    `required` holds alternatives of field names. For haste, `needed` gives the columns of those that have no
    alternative, and `looked_for` are the others, which must be looked for in the entry itself.
    `if_several` pairs a field with the kinds of events of which several make it required.
    """

    name: str
    slots: Mapping[str, Slot]
    blank: tuple[Value, ...]
    required: tuple[tuple[str, ...], ...]
    needed: Callable[[Sequence[Value]], Sequence[Value]]
    looked_for: tuple[tuple[str, ...], ...]
    if_several: tuple[tuple[str, tuple[str, ...]], ...]


class RecordPlan(NamedTuple):
    """How to read a mapping of records: the key it stands under, their kind, what stands inside each.

    `key_column` is where a record's own key goes, None for a single record, which stands under `key` itself.
    `is_scope` says that each record is a scope of its own. `shown_by` is the field whose text stands for the
    record where people read of it.
    """

    key: str
    kind: KindPlan
    key_column: int | None
    is_scope: bool
    shown_by: str | None
    inside: Collections


class Collections(NamedTuple):
    """What stands inside the whole file or inside one record: mappings of records, and lists of events."""

    records: tuple[RecordPlan, ...]
    events: tuple[str, ...]


class SituationPlan(NamedTuple):
    """How to read a situation: its collections, its kinds of events and the kinds that references may name.

    `record_keys` has, by kind of record, the key under which its records stand. `scoped_rows` tells whether
    rows begin with the scope's key, so that `date` and `at` are one column later.
    """

    top: Collections
    events: EventPlans
    record_keys: Mapping[str, str]
    referable: tuple[str, ...]
    keys: frozenset[str]
    scoped_rows: bool
    whole: str
    days: Days

    @property
    def own_keys(self) -> frozenset[str]:
        """The keys at the top that no file of another kind has."""
        return self.keys - {"$schema", "profile", "timezone", *self.top.events}

    def fields_of(self, kind: str) -> Iterable[str]:
        """The names of the fields of a kind of events, in the order of the vocabulary."""
        return self.events[kind].slots


def plan_of(vocabulary: Vocabulary) -> SituationPlan:
    """The plan by which situations of this vocabulary are read."""
    days = Days()
    kinds = vocabulary.kinds.values()
    top = _collections(vocabulary, (), days)
    referable = {name for kind in vocabulary.types.values() for name in kind.refers_to}
    referable.update(name for kind in kinds for field in kind.fields for name in field.type.refers_to)
    return SituationPlan(
        top=top,
        events=EventPlans(vocabulary, days),
        record_keys={name: vocabulary.kinds[name].path[-1] for name in vocabulary.shape.records},
        referable=tuple(sorted(referable)),
        keys=frozenset((*RESERVED_KEYS, "$schema")).union(top.events, (plan.key for plan in top.records)),
        scoped_rows=vocabulary.shape.scope is not None,
        whole=vocabulary.shape.whole,
        days=days,
    )


def _collections(vocabulary: Vocabulary, path: tuple[str, ...], days: Days) -> Collections:
    """The collections that stand directly under a path of keys."""
    depth = len(path)
    kinds = [vocabulary.kinds[name] for name in vocabulary.shape.records]
    return Collections(
        records=tuple(_record_plan(vocabulary, kind, days) for kind in kinds if kind.path[:-1] == path),
        events=tuple(p[-1] for p in vocabulary.shape.events if p[:-1] == path and len(p) == depth + 1),
    )


def _record_plan(vocabulary: Vocabulary, kind: Kind, days: Days) -> RecordPlan:
    is_scope = vocabulary.is_scope(kind.name)
    inside = _collections(vocabulary, kind.path, days)
    slots = {key: _skip() for key in (*inside.events, *(plan.key for plan in inside.records))}
    key = kind.name if is_scope else "id"
    return RecordPlan(
        key=kind.path[-1],
        kind=_kind_plan(vocabulary, kind, days, slots),
        key_column=None if kind.single else vocabulary.relations[kind.name].column(key),
        is_scope=is_scope,
        shown_by=shown_by(kind, is_scope),
        inside=inside,
    )


def shown_by(kind: Kind, is_scope: bool) -> str | None:
    """The field to show for a record: `name`, if the kind has it; else the first plain text of a scope."""
    texts = [f.name for f in kind.fields if f.type.name == "text" and not f.many]
    if "name" in texts:
        return "name"
    return texts[0] if is_scope and texts else None


class EventPlans(dict[str, KindPlan]):
    """How to read each kind of event, found out when the first one is read: few kinds occur in a file."""

    def __init__(self, vocabulary: Vocabulary, days: Days) -> None:
        self._vocabulary = vocabulary
        self._days = days
        self.names = tuple(kind.name for kind in vocabulary.events)

    def __missing__(self, name: str) -> KindPlan:
        if name not in self.names:
            raise KeyError(name)
        plan = self[name] = _event_plan(self._vocabulary, self._vocabulary.kinds[name], self._days)
        return plan


def _event_plan(vocabulary: Vocabulary, kind: Kind, days: Days) -> KindPlan:
    common = (Field("date", DATE), Field("id", TEXT), Field("note", TEXT))
    slots = {"event": _skip()} | {f.name: _slot(vocabulary, kind, f, days) for f in common}
    return _kind_plan(vocabulary, kind, days, slots)


def _kind_plan(vocabulary: Vocabulary, kind: Kind, days: Days, slots: dict[str, Slot]) -> KindPlan:
    fields = {field.name: field for field in kind.fields}
    defaults = {field.name: field.default for field in kind.fields if not field.many}
    columns = vocabulary.relations[kind.name].columns
    always = (("date",),) if kind.is_event else ()
    slots = slots | {name: _slot(vocabulary, kind, field, days) for name, field in fields.items()}
    required = (*always, *(r.fields for r in kind.require if not r.several_of))
    alone = [slots[names[0]].column for names in required if len(names) == 1]
    return KindPlan(
        name=kind.name,
        slots=slots,
        blank=tuple(defaults.get(column.name) for column in columns),
        required=required,
        needed=_columns([column for column in alone if column is not None]),
        looked_for=tuple(names for names in required if len(names) > 1 or slots[names[0]].column is None),
        if_several=tuple((name, r.several_of) for r in kind.require if r.several_of for name in r.fields),
    )


def _columns(columns: Sequence[int]) -> Callable[[Sequence[Value]], Sequence[Value]]:
    """A function that picks these columns out of a row."""
    # With one index `itemgetter` gives no tuple, with none it fails: so the first stands twice.
    return itemgetter(*columns, columns[0]) if columns else lambda row: ()


def _slot(vocabulary: Vocabulary, kind: Kind, field: Field, days: Days) -> Slot:
    convert = converter(field.type, days)
    if field.many:
        return Slot(None, convert, field.type.refers_to, f"{kind.name}.{field.name}", field.type)
    return Slot(
        vocabulary.relations[kind.name].column(field.name), convert, field.type.refers_to, None, field.type
    )


def _skip() -> Slot:
    """The slot of a key whose value is read elsewhere."""
    return Slot(None, lambda value: None, (), None, TEXT)
