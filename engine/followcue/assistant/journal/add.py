"""Adding to a journal what a command line says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from followcue.assistant.journal.asker import Asker, confirm
from followcue.assistant.journal.belonging import named_scope, names_there, scope_of, with_keys
from followcue.assistant.journal.day_words import View, read_day
from followcue.assistant.journal.doubts import doubts_about
from followcue.assistant.journal.find_kind import kind_named
from followcue.assistant.journal.find_record import keys_meant, names_of
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.made_id import as_arranged, lacks_id, made_id, made_key, slug
from followcue.assistant.journal.parse_entry import Pair, fields_of, has_time, pair_of, pairs_of
from followcue.assistant.journal.typed_day import TIME, no_time, typed_day
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.values import parse_date
from followcue.evaluation.report.wording import full_day
from followcue.evaluation.situation.fields import in_words
from followcue.evaluation.situation.reading_plan import shown_by
from followcue.language.model.vocabulary import Kind, Vocabulary


def add(
    journal: Journal,
    name: str,
    words: Sequence[str],
    *,
    scope: str | None = None,
    whole: bool = False,
    on: str | None = None,
    sure: bool = False,
    asker: Asker | None = None,
) -> tuple[str, ...]:
    """Write the event or record `name`, with its fields in `words`, and give how words were understood.

    `asker` is asked what words may mean that mean several things, and unless `sure`, whether what is doubtful
    is meant. Raises `InvalidInput`, nothing saved; `Undecided` where there is something to ask and nobody to.
    """
    vocabulary = journal.loaded.pack.vocabulary
    kind = kind_named(name, vocabulary)
    keyed = kind.role == "record" and not kind.single
    key, pairs, bare = _parts(words, kind, vocabulary, of_record=keyed)
    typed = None
    if kind.is_event and on is None and not any(pair.name == "date" for pair in pairs):
        on, bare = _day_among(bare, journal)
        ahead = _day_it_needs(kind)
        if on is not None and ahead is not None and all(pair.name != ahead for pair in pairs):
            pairs, on = [*pairs, Pair(ahead, on)], None
    scope, pairs = named_scope(kind, scope, pairs, bare, journal.edit.data, vocabulary)
    if kind.is_event:
        if on is None:
            typed = next((pair for pair in pairs if pair.name == "date"), None)
            pairs = [pair for pair in pairs if pair is not typed]
        else:
            typed = Pair("--date", on)
    elif on is not None:
        message = f"a {in_words(kind.name)} has no day"
        raise InvalidInput([Diagnostic("FC520", message, hint="leave out --date", place="--date")])
    day, time = _day_of_event(kind, typed, journal.today, asker)
    if time is not None:
        pairs = [*pairs, Pair(TIME, time)]
    fields = fields_of(kind, pairs, journal.today, base=day, asker=asker)
    if kind.is_event and scope is None and not whole and not fields:
        scope = _where_arranged(kind, day, journal)
    where = scope_of(kind, scope, whole, fields, journal.edit.data, vocabulary, asker)
    there = journal.events(where) if kind.is_event else []
    fields = with_keys(kind, fields, names_there(kind, where, there, journal.edit.data, vocabulary), asker)
    notes = list(
        _days_understood([typed, *pairs] if typed else pairs, {"--date": day, "date": day, **fields})
    )
    if kind.is_event:
        arranged = as_arranged(kind, day, fields, there, vocabulary)
        notes += [f"{name}={_said(value)}: as it was arranged" for name, value in arranged.items()]
        fields = {**fields, **arranged}
    doubts = (
        [] if sure else list(doubts_about(kind, day if kind.is_event else None, fields, there, journal.today))
    )
    if keyed and not key:
        name = str(fields[shown_by(kind, vocabulary.is_scope(kind.name)) or ""])
        key = made_key(name, kind, _keys(kind, where, journal))
        notes.append(f"{key}: what to call {name} from now on; the whole name will do as well")
    if kind.role == "record":
        journal.add_record(kind, key, where, fields)
    else:
        if lacks_id(kind, fields):
            fields = {"id": made_id(kind, fields, vocabulary, there), **fields}
            notes.append(f"id={fields['id']}: made up, so that other events can name this one")
        journal.add_event(kind, where, day, fields)
    confirm(asker, doubts)
    return tuple(notes)


def day_of(
    written: str | None,
    today: date,
    option: str = "--date",
    *,
    view: View = "back",
    asker: Asker | None = None,
) -> date:
    """The day that is typed for an `option`, `today` without one.

    Raises `InvalidInput` (FC507), `Undecided` (FC531) for words that can mean two days, with nobody to ask.
    """
    if written is None:
        return today
    name, place = option.lstrip("-"), f"{option} {written}"
    typed = typed_day(written, today, name=name, place=place, view=view, asker=asker)
    if typed.time is not None:
        raise InvalidInput([no_time(written, name, typed.time, place)])
    return typed.day


def _day_of_event(
    kind: Kind, typed: Pair | None, today: date, asker: Asker | None
) -> tuple[date, str | None]:
    """The day of an event, and the time that was typed with it, where it is that of the event itself."""
    if typed is None:
        return today, None
    place = f"--date {typed.value}" if typed.name == "--date" else str(typed)
    day, time = typed_day(typed.value, today, name="date", place=place, asker=asker)
    if time is not None and (not has_time(kind) or any(field.type.base == "date" for field in kind.fields)):
        raise InvalidInput([no_time(typed.value, kind.name, time, place)])
    return day, time


def _days_understood(pairs: Sequence[Pair], found: Mapping[str, object]) -> Iterator[str]:
    """The days that were typed in words, so that a slip is seen."""
    for pair in pairs:
        day = found.get(pair.name)
        day = day.isoformat() if isinstance(day, date) else day
        if pair.value != day and isinstance(day, str) and (read := parse_date(day)):
            yield f"{pair.name.lstrip('-')}={pair.value}: {full_day(read)}"


def _said(value: object) -> str:
    """A value as it would be typed."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _parts(
    words: Sequence[str], kind: Kind, vocabulary: Vocabulary, *, of_record: bool
) -> tuple[str, list[Pair], list[str]]:
    """The key of a record, which stands first; the fields; and the other words, that are no fields.

    The key is empty where a name is given in its place, or alone: it is to be made of that.
    """
    if not of_record:
        bare = [word for word in words if pair_of(word) is None]
        return "", pairs_of([word for word in words if word not in bare]), bare
    naming = shown_by(kind, vocabulary.is_scope(kind.name))
    bare = [word for word in words[:1] if pair_of(word) is None]
    others = [word for word in words[len(bare) :] if pair_of(word) is None]
    pairs = pairs_of([word for word in words[len(bare) :] if word not in others])
    is_named = any(pair.name == naming for pair in pairs)
    if naming is None or (not bare and not is_named):
        if bare:
            return bare[0], pairs, others
        called = in_words(kind.name)
        message = f"a new {called} needs a key, by which others refer to it"
        hint = (
            f"write {naming}=… behind it"
            if naming
            else "write the key first, such as acme, and then its fields"
        )
        raise InvalidInput([Diagnostic("FC520", message, hint=hint, place=called)])
    if bare and not is_named and slug(bare[0]) != bare[0]:
        return "", [Pair(naming, bare[0]), *pairs], others
    return (bare[0] if bare else ""), pairs, others


def _keys(kind: Kind, where: str | None, journal: Journal) -> Mapping[str, str]:
    """The keys that are taken in the place of a new record, with their names."""
    vocabulary, holder = journal.loaded.pack.vocabulary, journal.edit.data
    if len(kind.path) > 1 and vocabulary.shape.scope and isinstance(holder, dict):
        holder = (holder.get(vocabulary.kinds[vocabulary.shape.scope].path[0]) or {}).get(where)
    return names_of(kind, holder, vocabulary)


def _where_arranged(kind: Kind, day: date, journal: Journal) -> str | None:
    """The only record of the scope in which such an event was arranged for that day."""
    vocabulary, data = journal.loaded.pack.vocabulary, journal.edit.data
    of = vocabulary.shape.scope
    names = names_of(vocabulary.kinds[of], data, vocabulary) if of else {}
    found = [key for key in names if as_arranged(kind, day, {}, journal.events(key), vocabulary)]
    return found[0] if len(found) == 1 else None


def _day_it_needs(kind: Kind) -> str | None:
    """The field for a day that events of a kind must have: `for` of an appointment."""
    needed = {need.fields[0] for need in kind.require if len(need.fields) == 1 and not need.several_of}
    return next(
        (field.name for field in kind.fields if field.type.base == "date" and field.name in needed), None
    )


def _day_among(bare: Sequence[str], journal: Journal) -> tuple[str | None, list[str]]:
    """The words that are the day of an event, such as `last friday`, and the others.

    What a record of the scope is called is no day.
    """
    vocabulary = journal.loaded.pack.vocabulary
    of = vocabulary.shape.scope
    names = names_of(vocabulary.kinds[of], journal.edit.data, vocabulary) if of else {}
    for start, end in combinations(range(len(bare) + 1), 2):
        said = bare[start:end]
        if not any(keys_meant(word, names) for word in said) and read_day(" ".join(said), journal.today).days:
            longest = max(
                last
                for last in range(end, len(bare) + 1)
                if read_day(" ".join(bare[start:last]), journal.today).days
            )
            return " ".join(bare[start:longest]), [*bare[:start], *bare[longest:]]
    return None, list(bare)
