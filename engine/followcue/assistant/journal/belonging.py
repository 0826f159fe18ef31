"""Where an entry belongs, and what it names: a record of the scope, the keys of others, ids of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from followcue.assistant.journal.asker import Asker
from followcue.assistant.journal.find_record import key_meant, keys_meant, names_of, nearest_record, words_of
from followcue.assistant.journal.parse_entry import FIELD_HINT, Pair, pairs_of
from followcue.base.diagnostic import Diagnostic, InvalidInput, nearest
from followcue.evaluation.situation.fields import in_words
from followcue.language.model.vocabulary import Kind, Vocabulary


def named_scope(
    kind: Kind, scope: str | None, pairs: list[Pair], bare: Sequence[str], data: Any, vocabulary: Vocabulary
) -> tuple[str | None, list[Pair]]:
    """The record of the scope that is named by an option, as a field or by a word alone; and the fields."""
    of = vocabulary.shape.scope
    if of is None or not kind.scoped or kind.name == of:
        pairs_of(bare)
        return scope, pairs
    named = [pair for pair in pairs if pair.name == of]
    said = [word for word in (scope, *(pair.value for pair in named)) if word is not None]
    for word in bare:
        names = names_of(vocabulary.kinds[of], data, vocabulary)
        if not keys_meant(word, names):
            message = f"`{word}` is no {in_words(of)} and no day"
            hint = nearest_record(word, names) if nearest(word, [*names, *names.values()]) else FIELD_HINT
            hint = f"write {word}=…" if word in [field.name for field in kind.fields] else hint
            raise InvalidInput([Diagnostic("FC520", message, hint=hint, place=word)])
        said.append(word)
    if len(dict.fromkeys(said)) > 1:
        raise InvalidInput([Diagnostic("FC103", f"the {in_words(of)} is given twice", place=said[1])])
    return (said[0] if said else None), [pair for pair in pairs if pair not in named]


def scope_of(
    kind: Kind,
    wanted: str | None,
    whole: bool,
    fields: Mapping[str, object],
    data: Any,
    vocabulary: Vocabulary,
    asker: Asker | None = None,
) -> str | None:
    """The key of the record of the scope that an entry belongs to, None for the whole.

    It is the one that is `wanted`, by key or name; else the only one there is, or the only one that has
    everything that the entry names. Raises `InvalidInput` (FC505 for a name that nothing has, FC521 where it
    cannot be told), `Undecided` (FC531) for a name that several have, with nobody to ask.
    """
    scope = vocabulary.shape.scope
    if scope is None or not kind.scoped or kind.name == scope:
        return None
    records = _records(vocabulary.kinds[scope], data)
    names = names_of(vocabulary.kinds[scope], data, vocabulary)
    if wanted is not None:
        return key_meant(wanted, names, scope, wanted, asker)
    if whole or kind.of_whole:
        return None
    fitting = _fitting(records, kind, fields, vocabulary)
    if len(records) == 1 or (len(fitting) == 1 and any(_references(kind, fields, vocabulary))):
        return fitting[0] if len(fitting) == 1 else next(iter(records))
    undecided = _undecided(kind, scope, records, fitting)
    if asker is None or not records:
        raise InvalidInput([undecided])
    possible = fitting or list(records)
    said = [f"{key} ({names[key]})" for key in possible]
    return possible[asker.which(f"Which {in_words(scope)} does this belong to?", said)]


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
            any(_has(record, of, member, vocabulary) for of in types[name].refers_to)
            for name, member in references
        )
        for key, record in records.items()
    }
    return [key for key in records if has[key] == max(has.values())]


def _has(record: Any, kind: str, member: str, vocabulary: Vocabulary) -> bool:
    """Whether a record of the scope has a record that is meant inside it, or an event of that id."""
    if not isinstance(record, dict):
        return False
    if kind in vocabulary.shape.records:
        return bool(keys_meant(member, names_of(vocabulary.kinds[kind], record, vocabulary)))
    events = [event for path in vocabulary.shape.events for event in record.get(path[-1]) or ()]
    return any(isinstance(e, dict) and e.get("event") == kind and e.get("id") == member for e in events)


def with_keys(
    kind: Kind, fields: Mapping[str, object], known: Mapping[str, Mapping[str, str]], asker: Asker | None
) -> dict[str, object]:
    """The fields with keys and ids for what was named in words; `known` says by field what there is."""
    found = dict(fields)
    for field in kind.fields:
        names = known.get(field.name)
        if field.name in fields and names:
            value = fields[field.name]
            members = [
                key_meant(str(member), names, field.type.refers_to[0], f"{field.name}={member}", asker)
                if isinstance(member, str) and (keys_meant(member, names) or _is_near_name(member, names))
                else member
                for member in (value if isinstance(value, list) else [value])
            ]
            found[field.name] = members if isinstance(value, list) else members[0]
    return found


def names_there(
    kind: Kind, where: str | None, there: Sequence[Any], data: Any, vocabulary: Vocabulary
) -> dict[str, dict[str, str]]:
    """By field, the keys and names of the records, and the ids of the events, that it may refer to."""
    found: dict[str, dict[str, str]] = {}
    for field in kind.fields:
        names = found.setdefault(field.name, {})
        for of in field.type.refers_to:
            names |= _records_of(of, where, data, vocabulary)
            ids = [event.get("id") for event in there if isinstance(event, dict) and event.get("event") == of]
            names |= {id: id for id in ids if isinstance(id, str)}
    return found


def _is_near_name(word: str, names: Mapping[str, str]) -> bool:
    """Whether a word is a slip for a name, and not for a key, of which the reading of the situation tells."""
    return not nearest(word, names) and nearest(word.casefold(), words_of(names)) is not None


def _records_of(of: str, where: str | None, data: Any, vocabulary: Vocabulary) -> dict[str, str]:
    """The records of a kind that an entry of the record `where` of the scope, or of the whole, may name."""
    kind = vocabulary.kinds.get(of)
    if kind is None or kind.role != "record" or kind.single:
        return {}
    if len(kind.path) == 1:
        return names_of(kind, data, vocabulary)
    scope = vocabulary.shape.scope
    around = data.get(vocabulary.kinds[scope].path[0]) if scope and isinstance(data, dict) else None
    return names_of(kind, around.get(where), vocabulary) if isinstance(around, dict) and where else {}
