"""The mistakes found in one situation, each put into the words of the person who wrote the file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean, is_meant, render
from followcue.evaluation.situation.fields import LONG, Refusal, described, in_words, refuse
from followcue.evaluation.situation.reading_plan import KindPlan, SituationPlan, Slot
from followcue.language.documents.borrowed import hint_for
from followcue.language.documents.document import Document, Path, dotted
from followcue.language.documents.plain import LEAVE_OUT, unseen_in_name
from followcue.language.documents.written import Written

Known: TypeAlias = dict[str, Collection[object]]
"""By kind, the keys of its records or the ids of its events that may be named in one scope."""


MAX_MISTAKES = 1_000
"""Nobody mends more at a time: with so many the reading ends."""
MAX_HINTS = 100
MAX_NAMES = 500
"""Looking for the nearest name takes time: only so many mistakes get such a hint, among so many names."""


NEW_EVENT = (
    "`followcue docs -o catalogue` lists the events that there are; "
    "others are declared under `events:` of a vocabulary"
)


class TooManyMistakes(InvalidInput):
    """More mistakes than anybody reads: those of them that were found first, and that there are more."""

    def __init__(self, found: Iterable[Diagnostic], place: str) -> None:
        super().__init__(found)
        message = f"and more mistakes: these are the first {MAX_MISTAKES:,}"
        self.diagnostics = (*self.diagnostics, Diagnostic("FC599", message, place=place))
        self.args = (render(self.diagnostics),)


class Mistakes:
    """Collects diagnostics about one document; `found` holds them.

    Raises `TooManyMistakes` when there are more than `MAX_MISTAKES`.
    """

    __slots__ = ("_document", "_plan", "_unread", "found")

    def __init__(self, document: Document, plan: SituationPlan) -> None:
        self._document = document
        self._plan = plan
        self._unread: set[str] = set()
        """The kinds of records that could not be read, of which nobody knows what there is."""
        self.found: list[Diagnostic] = []

    def nearest(self, name: object, known: Iterable[str]) -> str | None:
        """A hint that names the nearest known name; none where looking for it would take too long."""
        names = [k for k in known if len(k) <= LONG]
        if (
            not isinstance(name, str)
            or len(name) > LONG
            or len(names) > MAX_NAMES
            or len(self.found) > MAX_HINTS
        ):
            return None
        return did_you_mean(name, names)

    def add(
        self,
        refusal: Refusal,
        path: Path,
        *,
        key: bool = False,
        first: Path | None = None,
        caret: Path | None = None,
    ) -> None:
        """Note a mistake at a place; `first` is another place that has to do with it.

        `caret` is what the caret points at, where that is a part of the place.
        """
        span = self._document.span(first) if first else None
        related = (("the first one", span),) if span else ()
        code, message, hint = refusal
        if len(self.found) >= MAX_MISTAKES:
            raise TooManyMistakes(self.found, self._document.name)
        problem = self._document.problem(code, message, caret or path, key=key, hint=hint, related=related)
        self.found.append(problem._replace(place=dotted(path) or problem.place) if caret else problem)

    def written(self, path: Path) -> Written | None:
        """How the value at a place stands in the text, which hints repeat."""
        return self._document.written(path)

    def add_to_option(self, refusal: Refusal, place: str) -> None:
        """Note a mistake in an option, which stands in no document."""
        self.found.append(Diagnostic(refusal.code, refusal.message, hint=refusal.hint, place=place))

    def where(self, path: Path) -> str:
        """A place as warnings name it: file and line, or the path of keys."""
        span = self._document.span(path)
        return f"{span.file}:{span.line}" if span else self._document.problem("", "", path).where

    # --- the file as a whole
    def not_a_situation(self, data: object) -> None:
        """The document is empty, a list, a word."""
        scope = next((plan.key for plan in self._plan.top.records if plan.is_scope), None)
        hint = f"begin with `{scope}:`" if scope else None
        if data is None:
            self.add(Refusal("FC503", "this situation is empty", hint), ())
        else:
            self.add(
                Refusal("FC501", f"a situation must be a mapping of keys, not {described(data)}", hint), ()
            )

    def not_this_kind(self, data: Mapping[str, object]) -> bool:
        """Whether it is a file of another kind, of which that is told alone."""
        from followcue.language.documents.file_kinds import misplaced  # late: only mistakes need it

        found = misplaced(data, "situation", self._plan.own_keys)
        if found:
            self.add(Refusal("FC502", found.message, found.hint), (found.key,), key=True)
        return found is not None

    def unknown_top_key(self, key: str) -> None:
        """A key at the top that means nothing."""
        message = f"a situation has no `{key}`"
        hint = hint_for("a situation", key) or self.nearest(key, self._plan.keys)
        if _is_of_another_kind(hint) and any(problem.hint == hint for problem in self.found):
            return  # the whole file is another one, which is told once
        for plan in self._plan.top.records:
            if is_meant(key, plan.key, self._plan.keys):
                self._unread.add(plan.kind.name)
        self.add(Refusal("FC502", message, hint), (key,), key=True)

    def missing_collection(self, missing: str, kind: str, written: Iterable[str]) -> None:
        """The records that rules speak of are not there at all."""
        if any(key not in self._plan.keys and is_meant(key, missing, self._plan.keys) for key in written):
            return  # it is there with a slip, of which that is told
        if any(_is_of_another_kind(problem.hint) for problem in self.found):
            return
        hint = f"write `{missing}: {{}}` if there is none yet"
        self.add(Refusal("FC503", f"`{missing}` is missing: {in_words(kind)}s by their key", hint), ())

    def unknown_time_zone(self, zone: object) -> None:
        """The time zone is not in the machine's database."""
        from followcue.base.clock import nearest_zone  # late: only this mistake needs it

        message = f"`timezone` must be the name of a time zone such as Europe/Berlin, not {described(zone)}"
        near = nearest_zone(zone) if isinstance(zone, str) and len(zone) <= LONG else None
        self.add(Refusal("FC604", message, f"did you mean `{near}`?" if near else None), ("timezone",))

    def too_many(self, limit: int) -> None:
        """The situation is larger than any real one."""
        self.add(Refusal("FC901", f"a situation may hold at most {limit:,} records and events"), ())

    # --- collections and entries
    def not_records(self, path: Path, found: object, kind: str) -> None:
        """Something else stands where a mapping of records should."""
        message = f"`{path[-1]}` must be a mapping of {in_words(kind)}s by their key, not {described(found)}"
        hint = "write `{}` if there is none"
        if isinstance(found, list) and found:
            key = found[0] if isinstance(found[0], str) and len(found[0]) <= LONG else f"{kind}_1"
            hint = f"give each a key of its own, as in `{key}: {{…}}`, without the `- `"
        self._unread.add(kind)
        self.add(Refusal("FC501", message, hint), path)

    def not_a_record(self, path: Path, entry: object, plan: KindPlan) -> None:
        """A record is not a mapping of its fields."""
        first = plan.required[0][0] if plan.required else next(iter(plan.slots), "field")
        message = (
            f"{in_words(plan.name)} `{path[-1]}` must be a mapping of its fields, not {described(entry)}"
        )
        self.add(Refusal("FC501", message, f"write `{path[-1]}: {{{first}: …}}`"), path)

    def not_a_list(self, path: Path, found: object) -> None:
        """Something else stands where a list of events should."""
        hint = "begin each event with `- `" if isinstance(found, dict) else "write `[]` if there is none"
        message = f"`{path[-1]}` must be a list of events, not {described(found)}"
        self.add(Refusal("FC501", message, hint), path)

    def not_an_event(self, path: Path, entry: object) -> None:
        """An entry of a list of events whose kind cannot be told."""
        kinds = self._plan.events.names
        if not isinstance(entry, dict):
            kind = entry if isinstance(entry, str) and entry in kinds else "…"
            hint = f"write it as `- {{date: 2026-11-05, event: {kind}}}`"
            self.add(Refusal("FC501", f"an event must be a mapping, not {described(entry)}", hint), path)
        elif "event" not in entry:
            named = next((key for key in entry if key in kinds), None)
            hint = f"did you mean `event: {named}`?" if named else "say what happened, such as `event: …`"
            self.add(Refusal("FC503", "`event` is missing", hint), path)
        elif isinstance(kind := entry["event"], str):
            message = f"there is no event {described(kind)}"
            refusal = Refusal("FC504", message, self.nearest(kind, kinds) or NEW_EVENT)
            self.names_nothing(kind, refusal, (*path, "event"))
        else:
            message = f"`event` must be the name of an event, not {described(kind)}"
            meant = kind[0] if isinstance(kind, list) and len(kind) == 1 and kind[0] in kinds else "…"
            hint = f"write `event: {meant}`; of several events each has an entry of its own"
            self.add(Refusal("FC504", message, hint), (*path, "event"))

    # --- fields
    def unknown_key(self, path: Path, name: str, plan: KindPlan, entry: Mapping[str, object]) -> None:
        """A key that this kind does not have."""
        message = f"{_called(plan, path)} has no `{name}`"
        hint = self.nearest(name, plan.slots)
        if (wanted := self._wanted(entry, plan)) is not None:
            hint = f"did you mean `{wanted}`?"
        self.add(Refusal("FC502", message, hint), (*path, name), key=True)

    def _wanted(self, entry: Mapping[str, object], plan: KindPlan) -> str | None:
        """The one field that is missing, if the one key that means nothing has a value of its type."""
        strange = [key for key in entry if key not in plan.slots]
        missing = [names for names in plan.required if not any(name in entry for name in names)]
        if len(strange) != 1 or len(missing) != 1 or len(missing[0]) != 1:
            return None
        (key,), ((wanted,),) = strange, missing
        if any(is_meant(key, name, plan.slots) for name in plan.slots if name != wanted):
            return None
        try:
            plan.slots[wanted].convert(entry[key])
        except (ValueError, TypeError, KeyError):
            return None
        return wanted

    def missing(self, path: Path, names: Sequence[str], plan: KindPlan, entry: Mapping[str, object]) -> None:
        """A field (or all of several, one of which has to be there) is absent."""
        if [*names] == [self._wanted(entry, plan)]:
            return  # it is there by another name, of which that is told
        strange = [key for key in entry if key not in plan.slots and len(key) <= LONG]
        if any(is_meant(key, name, plan.slots) for key in strange[:MAX_HINTS] for name in names):
            return  # it is there with a slip, of which that is told
        wanted = " or ".join(f"`{name}`" for name in names)
        hint = "add " + " or ".join(f"`{name}: {_example(plan.slots[name])}`" for name in names)
        self.add_to_entry(Refusal("FC503", f"{_called(plan, path)} needs {wanted}", hint), path, plan)

    def add_to_entry(self, refusal: Refusal, path: Path, plan: KindPlan) -> None:
        """Note a mistake of an event at its kind, of a record at its key."""
        if "event" in plan.slots:
            self.add(refusal, path, caret=(*path, "event"))
        else:
            self.add(refusal, path, key=True)

    def unfit(self, path: Path, name: str, slot: Slot, value: object, plan: KindPlan) -> None:
        """A value is not of its field's type."""
        required = (name,) in plan.required
        refusal = refuse(name, slot.type, value, required=required, written=self.written(path))
        if slot.type.choices:
            self.names_nothing(value, refusal, path)
        else:
            self.add(refusal, path)

    def names_nothing(self, written: object, refusal: Refusal, path: Path) -> None:
        """A value names nothing: as the refusal says, or for a character in it that nobody sees."""
        unseen = unseen_in_name(written) if isinstance(written, str) else None
        self.add(Refusal("FC105", unseen, LEAVE_OUT) if unseen else refusal, path)

    def unknown_reference(
        self, path: Path, name: str, kinds: tuple[str, ...], written: object, known: Known
    ) -> None:
        """A field names a record or an event that is not there."""
        if not self._unread.isdisjoint(kinds):
            return
        code = "FC505" if self._plan.record_keys.keys() >= set(kinds) else "FC506"
        names = {str(key) for kind in kinds for key in known[kind]}
        where = self._place_words(path, kinds)
        message = f"`{name}`: there is no {in_words(*kinds)} {described(written)} {where}"
        hint = self.nearest(written, names) if names else self._undeclared(kinds, written)
        self.names_nothing(written, Refusal(code, message, hint), path)

    def _undeclared(self, kinds: tuple[str, ...], written: object) -> str:
        """How what a field names is declared, where nothing of its kind is."""
        key = self._plan.record_keys.get(kinds[0])
        if key is None:
            return f"give the {in_words(*kinds)} the id: `id: {written}`"
        return f"none is declared there: write `{written}: {{…}}` under `{key}:`"

    def _place_words(self, path: Path, kinds: tuple[str, ...]) -> str:
        """Where a reference is looked up: in the whole, or in the one record around it."""
        around = next((plan for plan in self._plan.top.records if plan.key == path[0]), None)
        top_kinds = {plan.kind.name for plan in self._plan.top.records}
        if around is None or top_kinds.issuperset(kinds):
            return f"in this {self._plan.whole}"
        return f"in {in_words(around.kind.name)} `{path[1]}`"

    def repeated_id(self, path: Path, first: Path, kind: str, name: str) -> None:
        """Two events of one kind bear one id."""
        message = f"another {in_words(kind)} has the id {described(name)} already"
        if not self._document.span(first):
            message += f": {self.where(first)}"
        self.add(Refusal("FC510", message, "give each its own id"), (*path, "id"), first=(*first, "id"))

    def several(
        self, path: Path, name: str, kinds: tuple[str, ...], meant: list[str | None], event: str
    ) -> None:
        """A reference was left out though several events could be meant."""
        names = sorted(key for key in meant if key is not None)
        every = len(names) == len(meant)
        hint = "give each its `id`, and name one of them here"
        if every:
            hint = " or ".join([f"add `{name}: {names[0]}`", *(f"`{key}`" for key in names[1:])])
        message = f"`{event}` needs `{name}`, for more than one {in_words(kinds[-1])} could be meant"
        self.add(Refusal("FC511", message, hint), path, caret=(*path, "event"))


def _called(plan: KindPlan, path: Path) -> str:
    """What messages call an entry: an event by the very word of the file, a record by its kind and key."""
    if "event" in plan.slots:
        return f"`{plan.name}`"
    return f"{in_words(plan.name)} `{path[-1]}`" if path and path[-1] != plan.name else in_words(plan.name)


def _is_of_another_kind(hint: str | None) -> bool:
    """Whether a hint says that the file is no situation at all."""
    return hint is not None and hint.startswith("this looks like ")


_EXAMPLES = {
    "date": "2026-11-05",
    "duration": "5 days",
    "period": "6 months",
    "time": "14:30",
    "bool": "true",
    "number": "3",
}


def _example(slot: Slot) -> str:
    """A value that a field may have: its first word, a day, or an ellipsis for what only the author knows."""
    return slot.type.choices[0] if slot.type.choices else _EXAMPLES.get(slot.type.base, "…")
