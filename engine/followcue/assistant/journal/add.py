"""Adding to a journal what a command line says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.parse_entry import NEAR, Pair, fields_of, kind_named, pair_of
from followcue.assistant.journal.place import scope_of
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.situation.fields import UNFIT, Days, in_words, refuse_date


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
    if kind.role == "event" and on is None:
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


def day_of(written: str | None, today: date) -> date:
    """The day that a word names, `today` without one; raises `InvalidInput` (FC507)."""
    if written is None:
        return today
    if written.lower() in NEAR:
        return today + timedelta(NEAR[written.lower()])
    try:
        return date.fromordinal(Days()[written])
    except UNFIT:
        code, message, hint = refuse_date("date", written)
        raise InvalidInput([Diagnostic(code, message, hint=hint, place=f"--date {written}")]) from None


def _key_and_pairs(words: Sequence[str], called: str, *, of_record: bool) -> tuple[str, list[Pair]]:
    """The key of a record, which stands first, and the fields."""
    if not of_record:
        return "", pairs_of(words)
    if not words or pair_of(words[0]) is not None:
        message = f"a new {called} needs a key, by which others refer to it"
        hint = "write the key first, such as acme, and then its fields"
        raise InvalidInput([Diagnostic("FC520", message, hint=hint, place=called)])
    return words[0], pairs_of(words[1:])
