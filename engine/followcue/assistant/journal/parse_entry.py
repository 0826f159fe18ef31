"""Words of a command line -> an entry of a situation: the kind that is meant, and its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.language.model.vocabulary import Field, Kind, Type, Vocabulary

COMMON = (Field("id", Type("text", "text")), Field("note", Type("text", "text")))
"""What every event may have; its date has an option of its own."""

NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1}
"""Days that are named by how far off they are."""

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


class Pair(NamedTuple):
    """One KEY=VALUE as it was given."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


def pair_of(word: str) -> Pair | None:
    """The two sides of `key=value`; None for a word that has none."""
    name, equals, value = word.partition("=")
    return Pair(name.strip().replace("-", "_"), value.strip()) if equals and name.strip() else None


def kind_named(name: str, vocabulary: Vocabulary) -> Kind:
    """The kind of events or records that is meant by a word; raises `InvalidInput` (FC520)."""
    wanted = name.strip().replace("-", "_").replace(" ", "_")
    known = [kind for kind in vocabulary.kinds.values() if kind.role != "conclusion"]
    for kind in known:
        if kind.name == wanted:
            return kind
    message = f"there is no event or record `{name}`"
    hint = did_you_mean(wanted, [kind.name for kind in known])
    raise InvalidInput([Diagnostic("FC520", message, hint=hint, place=name)])


def fields_of(kind: Kind, pairs: Sequence[Pair], day: date) -> dict[str, object]:
    """The fields of an entry as a file has them, in the order of the kind; `day` is today.

    Raises `InvalidInput` with every name that the kind does not have (FC502) and everything given twice
    (FC103). Whether the values fit is for the reading of the situation to say.
    """
    known = {field.name: field for field in (*(COMMON if kind.role == "event" else ()), *kind.fields)}
    given: dict[str, list[Pair]] = {}
    for pair in pairs:
        given.setdefault(pair.name, []).append(pair)
    problems = [*_unknown(given, known, kind), *_repeated(given, known)]
    if problems:
        raise InvalidInput(problems)
    return {name: _value(field, given[name], day) for name, field in known.items() if name in given}


def ordered(kind: Kind, fields: Mapping[str, object]) -> dict[str, object]:
    """The fields as one would write them: in the order of the vocabulary, the id first and the note last."""
    names = ["id", *(field.name for field in kind.fields), "note"]
    return {name: fields[name] for name in names if name in fields}


def _unknown(
    given: Mapping[str, Sequence[Pair]], known: Mapping[str, Field], kind: Kind
) -> Iterable[Diagnostic]:
    for name, pairs in given.items():
        if name not in known:
            hint = "the day is given with --date" if name == "date" else did_you_mean(name, known)
            yield Diagnostic("FC502", f"`{kind.name}` has no `{name}`", hint=hint, place=str(pairs[0]))


def _repeated(given: Mapping[str, Sequence[Pair]], known: Mapping[str, Field]) -> Iterable[Diagnostic]:
    for name, pairs in given.items():
        if len(pairs) > 1 and name in known and not known[name].many:
            yield Diagnostic("FC103", f"`{name}` is given twice", place=str(pairs[1]))


def _value(field: Field, pairs: Sequence[Pair], day: date) -> object:
    """The value, or the members of a list: parted by commas, or each with a KEY=VALUE of its own."""
    if not field.many:
        return _single(field.type, pairs[0].value, day)
    if len(pairs) > 1:
        return [_single(field.type, pair.value, day) for pair in pairs]
    parts = [part.strip() for part in pairs[0].value.split(",")]
    return [_single(field.type, part, day) for part in parts if part]


def _single(kind: Type, written: str, day: date) -> object:
    """The value that a word stands for; the word itself where it stands for none, which is then refused."""
    word = written.lower()
    match kind.base:
        case "number" | "moment" if written.lstrip("-").isdigit() and written.isascii():
            return int(written)
        case "bool" if word in _TRUTH:
            return _TRUTH[word]
        case "date" if word in NEAR:
            return (day + timedelta(NEAR[word])).isoformat()
    return written
