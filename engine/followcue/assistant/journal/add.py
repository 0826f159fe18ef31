"""Adding to a journal what a command line says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from followcue.assistant.journal.asker import Asker, confirm
from followcue.assistant.journal.belonging import named_scope, names_there, scope_of, with_keys
from followcue.assistant.journal.day_words import View
from followcue.assistant.journal.doubts import doubts_about
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.made_id import lacks_id, made_id
from followcue.assistant.journal.parse_entry import Pair, fields_of, has_time, kind_named, pair_of, pairs_of
from followcue.assistant.journal.typed_day import TIME, no_time, typed_day
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.values import parse_date
from followcue.evaluation.report.wording import full_day
from followcue.evaluation.situation.fields import in_words
from followcue.language.model.vocabulary import Kind


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
    key, pairs, bare = _parts(words, in_words(kind.name), of_record=keyed)
    scope, pairs = named_scope(kind, scope, pairs, bare, journal.edit.data, vocabulary)
    typed = None
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
    where = scope_of(kind, scope, whole, fields, journal.edit.data, vocabulary, asker)
    there = journal.events(where) if kind.is_event else []
    fields = with_keys(kind, fields, names_there(kind, where, there, journal.edit.data, vocabulary), asker)
    notes = list(
        _days_understood([typed, *pairs] if typed else pairs, {"--date": day, "date": day, **fields})
    )
    doubts = (
        [] if sure else list(doubts_about(kind, day if kind.is_event else None, fields, there, journal.today))
    )
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


def _parts(words: Sequence[str], called: str, *, of_record: bool) -> tuple[str, list[Pair], list[str]]:
    """The key of a record, which stands first; the fields; and words behind an event that are no fields."""
    if not of_record:
        bare = [word for word in words if pair_of(word) is None]
        if len(bare) > 1:
            pairs_of(bare)
        return "", pairs_of([word for word in words if word not in bare]), bare
    if not words or pair_of(words[0]) is not None:
        message = f"a new {called} needs a key, by which others refer to it"
        hint = "write the key first, such as acme, and then its fields"
        raise InvalidInput([Diagnostic("FC520", message, hint=hint, place=called)])
    return words[0], pairs_of(words[1:]), []
