"""The mistakes found in one situation, each put into the words of the person who wrote the file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean, is_meant, render
from followcue.evaluation.situation.fields import LONG, Refusal, described, in_words, refuse
from followcue.evaluation.situation.reading_plan import KindPlan, SituationPlan, Slot
from followcue.language.documents.borrowed import hint_for
from followcue.language.documents.document import Document, Path
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

    def add(self, refusal: Refusal, path: Path, *, key: bool = False, first: Path | None = None) -> None:
        """Note a mistake at a place; `first` is another place that has to do with it."""
        span = self._document.span(first) if first else None
        related = (("the first one", span),) if span else ()
        code, message, hint = refusal
        if len(self.found) >= MAX_MISTAKES:
            raise TooManyMistakes(self.found, self._document.name)
        self.found.append(self._document.problem(code, message, path, key=key, hint=hint, related=related))

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
        for plan in self._plan.top.records:
            if is_meant(key, plan.key, self._plan.keys):
                self._unread.add(plan.kind.name)
        self.add(Refusal("FC502", message, hint), (key,), key=True)

    def missing_collection(self, missing: str, kind: str, written: Iterable[str]) -> None:
        """The records that rules speak of are not there at all."""
        if any(key not in self._plan.keys and is_meant(key, missing, self._plan.keys) for key in written):
            return  # it is there with a slip, of which that is told
        hint = f"write `{missing}: {{}}` if there is none yet"
        self.add(Refusal("FC503", f"`{missing}` is missing: {in_words(kind)}s by their key", hint), ())

    def unknown_time_zone(self, zone: object) -> None:
        """The time zone is not in the machine's database."""
        message = f"`timezone` must be the name of a time zone such as Europe/Berlin, not {described(zone)}"
        self.add(Refusal("FC604", message), ("timezone",))

    def too_many(self, limit: int) -> None:
        """The situation is larger than any real one."""
        self.add(Refusal("FC901", f"a situation may hold at most {limit:,} records and events"), ())

    # --- collections and entries
    def not_records(self, path: Path, found: object, kind: str) -> None:
        """Something else stands where a mapping of records should."""
        message = f"`{path[-1]}` must be a mapping of {in_words(kind)}s by their key, not {described(found)}"
        hint = "write each as `key: {…}`, without a `- ` before it" if isinstance(found, list) else None
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
        hint = "begin each event with `- `" if isinstance(found, dict) else None
        message = f"`{path[-1]}` must be a list of events, not {described(found)}"
        self.add(Refusal("FC501", message, hint), path)

    def not_an_event(self, path: Path, entry: object) -> None:
        """An entry of a list of events whose kind cannot be told."""
        kinds = self._plan.events.names
        if not isinstance(entry, dict):
            hint = "write it as `- {date: 2026-11-05, event: …}`"
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
            advice = "write one entry for each" if isinstance(kind, list) else None
            self.add(Refusal("FC504", message, advice), (*path, "event"))

    # --- fields
    def unknown_key(self, path: Path, name: str, plan: KindPlan, entry: Mapping[str, object]) -> None:
        """A key that this kind does not have."""
        message = f"{_called(plan)} has no `{name}`"
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
        wanted = " or ".join(f"`{name}`" for name in names)
        self.add(Refusal("FC503", f"{_called(plan)} needs {wanted}"), path)

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
        code = "FC505" if self._plan.record_kinds.issuperset(kinds) else "FC506"
        names = {str(key) for kind in kinds for key in known[kind]}
        where = self._place_words(path, kinds)
        message = f"`{name}`: there is no {in_words(*kinds)} {described(written)} {where}"
        hint = self.nearest(written, names) if names else "none is declared there"
        self.names_nothing(written, Refusal(code, message, hint), path)

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
        hint = f"name one of {', '.join(f'`{n}`' for n in names)}" if every else "give each its `id`"
        message = f"`{event}` needs `{name}`, for there are several {in_words(kinds[-1])}s"
        self.add(Refusal("FC511", message, hint), path)


def _called(plan: KindPlan) -> str:
    """What messages call an entry: an event by the very word of the file, a record in words."""
    return f"`{plan.name}`" if "event" in plan.slots else in_words(plan.name)
