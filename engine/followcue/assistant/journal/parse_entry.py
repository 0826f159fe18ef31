"""Words of a command line -> an entry of a situation: the kind that is meant, and its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from followcue.assistant.journal.asker import Asker
from followcue.assistant.journal.typed_day import TIME, no_time, typed_day, typed_time
from followcue.base.diagnostic import Diagnostic, InvalidInput, Undecided, did_you_mean
from followcue.evaluation.situation.fields import refuse
from followcue.language.model.vocabulary import Field, Kind, Type

COMMON = (Field("id", Type("text", "text")), Field("note", Type("text", "text")))
"""What every event may have; its date has an option of its own."""

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


FIELD_HINT = 'write what it is before it, such as note=hello or note="hello there"'


def pairs_of(words: Sequence[str]) -> list[Pair]:
    """The words as fields with their values; raises `InvalidInput` (FC520) with each that is none."""
    found = [(word, pair_of(word)) for word in words]
    problems = [
        Diagnostic("FC520", f"`{word}` says nothing by itself", hint=FIELD_HINT, place=word)
        for word, pair in found
        if pair is None
    ]
    if problems:
        raise InvalidInput(problems)
    return [pair for _, pair in found if pair is not None]


def fields_of(
    kind: Kind, pairs: Sequence[Pair], today: date, *, base: date | None = None, asker: Asker | None = None
) -> dict[str, object]:
    """The fields of an entry as a file has them, in the order of the kind.

    Days that come round again are looked for from `base` on, the day of the event; today, if it is left out.
    Raises `InvalidInput` with every name that the kind does not have (FC502), everything given twice (FC103),
    and words that are no day (FC507) or no choice (FC509). Whether the values fit besides is for the reading
    of the situation to say. Raises `Undecided` (FC531) for a day that is two, with nobody to ask.
    """
    known = {field.name: field for field in (*(COMMON if kind.is_event else ()), *kind.fields)}
    given: dict[str, list[Pair]] = {}
    for pair in pairs:
        given.setdefault(pair.name, []).append(pair)
    problems = [*_unknown(given, known, kind), *_repeated(given, known)]
    if problems:
        raise InvalidInput(problems)
    reader = _Reader(kind, today, base or today, asker)
    found = {name: reader.value(field, given[name]) for name, field in known.items() if name in given}
    if reader.time is not None:
        found[TIME] = reader.time_of(given.get(TIME))
    if reader.problems:
        raise InvalidInput(reader.problems)
    return found


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


class _Reader:
    """Reads the values of one entry; what is wrong with them is gathered in `problems`.

    `time` is a time of day that was typed with a day, and the pair where it was.
    """

    def __init__(self, kind: Kind, today: date, base: date, asker: Asker | None) -> None:
        self._kind = kind
        self._today = today
        self._base = base
        self._asker = asker
        self.time: tuple[str, Pair] | None = None
        self.problems: list[Diagnostic] = []

    def value(self, field: Field, pairs: Sequence[Pair]) -> object:
        """The value, or the members of a list: parted by commas, or each with a KEY=VALUE of its own."""
        if not field.many:
            return self._tried(field, pairs[0], pairs[0].value)
        if len(pairs) > 1:
            return [self._tried(field, pair, pair.value) for pair in pairs]
        parts = [part.strip() for part in pairs[0].value.split(",")]
        return [self._tried(field, pairs[0], part) for part in parts if part]

    def time_of(self, given: Sequence[Pair] | None) -> object:
        """The time that was typed with a day; the kind must have a field for it, not given besides."""
        assert self.time is not None
        time, pair = self.time
        if not has_time(self._kind):
            self.problems.append(no_time(pair.value, self._kind.name, time, str(pair)))
        elif given:
            self.problems.append(Diagnostic("FC103", f"`{TIME}` is given twice", place=str(given[0])))
        return time

    def _tried(self, field: Field, pair: Pair, written: str) -> object:
        try:
            return self._single(field, pair, written)
        except Undecided:
            raise
        except InvalidInput as problem:
            self.problems += problem.diagnostics
            return written

    def _single(self, field: Field, pair: Pair, written: str) -> object:
        """The value that a word stands for; the word itself where the situation's reading is to judge."""
        word = written.lower()
        if not written:
            return written
        if field.type.choices:
            return self._choice(field, written)
        match field.type.base:
            case "number" | "moment" if written.lstrip("-").isdigit() and written.isascii():
                return int(written)
            case "bool" if word in _TRUTH:
                return _TRUTH[word]
            case "date":
                return self._day(field, pair, written)
            case "time":
                return typed_time(written, field.name, str(pair))
            case "text" if field.name == TIME:
                return typed_time(written, field.name, str(pair))
        return written

    def _day(self, field: Field, pair: Pair, written: str) -> str:
        typed = typed_day(
            written,
            self._today,
            name=field.name,
            place=str(pair),
            view="ahead" if self._kind.is_event else "either",
            base=self._base,
            asker=self._asker,
        )
        if typed.time is not None:
            self.time = typed.time, pair
        return typed.day.isoformat()

    def _choice(self, field: Field, written: str) -> str:
        """One of the words of a type, however it is spelled."""
        choices = {_spelled(choice): choice for choice in field.type.choices}
        found = choices.get(_spelled(written))
        if found is None:
            code, message, hint = refuse(field.name, field.type, written)
            raise InvalidInput([Diagnostic(code, message, hint=hint, place=self._kind.name)])
        return found


def has_time(kind: Kind) -> bool:
    """Whether events of a kind have a field for the hour of the day."""
    return any(field.name == TIME and field.type.base in ("text", "time") for field in kind.fields)


def _spelled(word: str) -> str:
    return word.strip().lower().replace("-", "_").replace(" ", "_")
