"""Adding to a journal what a command line says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.parse_entry import NEAR, Pair, fields_of, kind_named, pair_of
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.evaluation.situation.fields import UNFIT, Days, in_words, refuse_date
from followcue.language.model.vocabulary import Kind, Vocabulary


def add(
    journal: Journal,
    name: str,
    words: Sequence[str],
    *,
    scope: str | None = None,
    whole: bool = False,
    on: str | None = None,
) -> None:
    """Write the event or record `name`, with its fields in `words`; raises `InvalidInput`, nothing saved."""
    vocabulary = journal.loaded.pack.vocabulary
    kind = kind_named(name, vocabulary)
    keyed = kind.role == "record" and not kind.single
    key, pairs = _key_and_pairs(words, in_words(kind.name), of_record=keyed)
    if kind.is_event and on is None:
        on = next((pair.value for pair in pairs if pair.name == "date"), None)
        pairs = [pair for pair in pairs if pair.name != "date"]
    if kind.role == "record" and on is not None:
        message = f"a {in_words(kind.name)} has no day"
        raise InvalidInput([Diagnostic("FC520", message, hint="leave out --date", place="--date")])
    fields = fields_of(kind, pairs, journal.today)
    where = scope_of(kind, scope, whole, fields, journal.edit.data, vocabulary)
    if kind.role == "record":
        journal.add_record(kind, key, where, fields)
    else:
        journal.add_event(kind, where, day_of(on, journal.today), fields)


def pairs_of(words: Sequence[str]) -> list[Pair]:
    """The words as fields with their values; raises `InvalidInput` (FC520) with each that is none."""
    found = [(word, pair_of(word)) for word in words]
    hint = "write FIELD=VALUE, such as note=hello; quotes around it where the value has spaces"
    problems = [
        Diagnostic("FC520", f"`{word}` names no field", hint=hint, place=word)
        for word, pair in found
        if pair is None
    ]
    if problems:
        raise InvalidInput(problems)
    return [pair for _, pair in found if pair is not None]


def day_of(written: str | None, today: date, option: str = "--date") -> date:
    """The day that a word names, `today` without one; raises `InvalidInput` (FC507), naming the `option`."""
    if written is None:
        return today
    if written.lower() in NEAR:
        return today + timedelta(NEAR[written.lower()])
    try:
        return date.fromordinal(Days()[written])
    except UNFIT:
        code, message, hint = refuse_date(option.lstrip("-"), written)
        raise InvalidInput([Diagnostic(code, message, hint=hint, place=f"{option} {written}")]) from None


def _key_and_pairs(words: Sequence[str], called: str, *, of_record: bool) -> tuple[str, list[Pair]]:
    """The key of a record, which stands first, and the fields."""
    if not of_record:
        return "", pairs_of(words)
    if not words or pair_of(words[0]) is not None:
        message = f"a new {called} needs a key, by which others refer to it"
        hint = "write the key first, such as acme, and then its fields"
        raise InvalidInput([Diagnostic("FC520", message, hint=hint, place=called)])
    return words[0], pairs_of(words[1:])


def scope_of(
    kind: Kind,
    wanted: str | None,
    whole: bool,
    fields: Mapping[str, object],
    data: Any,
    vocabulary: Vocabulary,
) -> str | None:
    """The key of the record of the scope that an entry belongs to, None for the whole.

    It is the one that is `wanted`; else the only one there is, or the only one that has everything that the
    entry names. Raises `InvalidInput` (FC505 for a key that nothing has, FC521 where it cannot be told).
    """
    scope = vocabulary.shape.scope
    if scope is None or not kind.scoped or kind.name == scope:
        return None
    records = _records(vocabulary.kinds[scope], data)
    if wanted is not None:
        if wanted not in records:
            message = f"there is no {in_words(scope)} `{wanted}`"
            raise InvalidInput(
                [Diagnostic("FC505", message, hint=did_you_mean(wanted, records), place=wanted)]
            )
        return wanted
    if whole or kind.of_whole:
        return None
    fitting = _fitting(records, kind, fields, vocabulary)
    if len(records) == 1 or (len(fitting) == 1 and any(_references(kind, fields, vocabulary))):
        return fitting[0] if len(fitting) == 1 else next(iter(records))
    raise InvalidInput([_undecided(kind, scope, records, fitting)])


def _undecided(kind: Kind, scope: str, records: Mapping[str, Any], fitting: list[str]) -> Diagnostic:
    said = in_words(scope)
    if not records:
        message = f"there is no {said} yet that this could belong to"
        return Diagnostic(
            "FC521", message, hint=f"add one first: followcue add FILE {scope} KEY …", place=kind.name
        )
    keys = ", ".join(f"`{key}`" for key in (fitting or records))
    message = f"which {said} does this belong to? {keys}"
    return Diagnostic(
        "FC521", message, hint=f"say so with --application {(fitting or [*records])[0]}", place=kind.name
    )


def _records(kind: Kind, data: Any) -> dict[str, Any]:
    for step in kind.path:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _references(
    kind: Kind, fields: Mapping[str, object], vocabulary: Vocabulary
) -> Iterator[tuple[str, str]]:
    """What an entry names inside a record of the scope: kinds and keys, or ids."""
    scope = vocabulary.shape.scope
    for field in kind.fields:
        value = fields.get(field.name)
        for name in field.type.refers_to:
            if name != scope and value is not None:
                for member in value if isinstance(value, list) else [value]:
                    yield field.name, str(member)


def _fitting(
    records: Mapping[str, Any], kind: Kind, fields: Mapping[str, object], vocabulary: Vocabulary
) -> list[str]:
    """The records that have the most of what an entry names: all of it, unless there is a slip in it."""
    types = {field.name: field.type for field in kind.fields}
    references = set(_references(kind, fields, vocabulary))
    has = {
        key: sum(
            any(member in _names(record, of, vocabulary) for of in types[name].refers_to)
            for name, member in references
        )
        for key, record in records.items()
    }
    return [key for key in records if has[key] == max(has.values())]


def _names(record: Any, kind: str, vocabulary: Vocabulary) -> set[object]:
    """The keys of the records of a kind inside a record of the scope, or the ids of its events of a kind."""
    if not isinstance(record, dict):
        return set()
    if kind in vocabulary.shape.records:
        found = record.get(vocabulary.kinds[kind].path[-1])
        return set(found) if isinstance(found, dict) else set()
    events = [event for path in vocabulary.shape.events for event in record.get(path[-1]) or ()]
    return {event.get("id") for event in events if isinstance(event, dict) and event.get("event") == kind}
