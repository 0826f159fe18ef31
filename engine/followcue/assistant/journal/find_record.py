"""The records that words mean: by key, or by the name that people read, whole or a word of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from followcue.assistant.journal.asker import Asker, which
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean, nearest
from followcue.evaluation.situation.fields import in_words
from followcue.evaluation.situation.reading_plan import shown_by
from followcue.explain.wanted import Unknown
from followcue.language.documents.plain import LEAVE_OUT, unseen_in_name
from followcue.language.model.vocabulary import Kind, Vocabulary


def names_of(kind: Kind, holder: Any, vocabulary: Vocabulary) -> dict[str, str]:
    """The records of a kind that stand in a mapping right inside `holder`: keys, and the names to show."""
    found = holder.get(kind.path[-1]) if isinstance(holder, dict) else None
    field = shown_by(kind, vocabulary.is_scope(kind.name))
    return {
        str(key): _shown(record, field) or str(key)
        for key, record in (found.items() if isinstance(found, dict) else ())
    }


def keys_meant(word: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of the records that a word means, those that it fits best; none where it fits no record."""
    if word in names:
        return (word,)
    wanted = _folded(word)
    if not wanted:
        return ()
    whole = tuple(key for key, name in names.items() if wanted == _folded(name))
    return whole or tuple(
        key for key, name in names.items() if wanted == _folded(key) or f" {wanted} " in f" {_folded(name)} "
    )


def key_meant(word: str, names: Mapping[str, str], kind: str, place: str, asker: Asker | None = None) -> str:
    """The key of the one record that is meant, asked back where there are several.

    Raises `InvalidInput` (FC505, with the nearest; FC105) where there is none, and `Undecided` (FC531).
    """
    found = keys_meant(word, names)
    if not found:
        if unseen := unseen_in_name(word):
            raise InvalidInput([Diagnostic("FC105", unseen, hint=LEAVE_OUT, place=place)])
        message = f"there is no {in_words(kind)} `{word}`"
        raise InvalidInput([Diagnostic("FC505", message, hint=nearest_record(word, names), place=place)])
    if len(found) == 1:
        return found[0]
    said = [f"{key} ({names[key]})" for key in found]
    message = f"`{word}` can mean {' or '.join(f'`{key}` ({names[key]})' for key in found)}"
    otherwise = Diagnostic("FC531", message, hint=f"write {' or '.join(found)}", place=place)
    return found[which(asker, f"Which {in_words(kind)} is `{word}`?", said, otherwise)]


def scope_said(word: str | None, data: Any, vocabulary: Vocabulary) -> str | None:
    """The key of the record of the scope that a word means, None for none; raises `Unknown`."""
    of = vocabulary.shape.scope
    if word is None:
        return None
    names = names_of(vocabulary.kinds[of], data, vocabulary) if of else {}
    return _only(word, [names], in_words(of or "scope"))


def person_said(word: str | None, scope: str | None, data: Any, vocabulary: Vocabulary) -> str | None:
    """The key of the record that actions may be to and that a word means, None for none; raises `Unknown`."""
    return None if word is None else _only(word, _people(scope, data, vocabulary), "person")


def _only(word: str, those: Sequence[Mapping[str, str]], kind: str) -> str:
    """The key of the record that a word means among the names of one or more places."""
    found = list(dict.fromkeys(key for names in those for key in keys_meant(word, names)))
    if len(found) == 1:
        return found[0]
    together = {key: name for names in those for key, name in names.items()}
    if found:
        said = " or ".join(f"`{key}` ({together[key]})" for key in found)
        raise Unknown(f"the {kind} `{word}` can be {said}")
    hint = nearest_record(word, together)
    raise Unknown(f"there is no {kind} `{word}`" + (f"; {hint}" if hint else ""))


def _people(scope: str | None, data: Any, vocabulary: Vocabulary) -> list[dict[str, str]]:
    """The names of the records that actions may be to, by place: those in one record of the scope, or all."""
    of, found = vocabulary.shape.scope, []
    around = data.get(vocabulary.kinds[of].path[0]) if of and isinstance(data, dict) else None
    inside = around if isinstance(around, dict) else {}
    for name in vocabulary.shape.records:
        kind = vocabulary.kinds[name]
        if kind.single or name == of:
            continue
        if len(kind.path) == 1:
            found.append(names_of(kind, data, vocabulary))
        else:
            found += [names_of(kind, one, vocabulary) for key, one in inside.items() if scope in (None, key)]
    return found


def nearest_record(word: str, names: Mapping[str, str]) -> str | None:
    """The hint that names the record that was probably meant, by its key, or all keys where they are few."""
    if not nearest(word, names):
        keys = words_of(names)
        close = nearest(word.casefold(), keys)
        if close:
            return f"did you mean `{keys[close]}` ({names[keys[close]]})?"
    return did_you_mean(word, names)


def words_of(names: Mapping[str, str]) -> dict[str, str]:
    """The names in small letters and the words of them, each with the key of the record."""
    words = {word: key for key, name in names.items() for word in name.casefold().split()}
    return {**words, **{name.casefold(): key for key, name in names.items()}}


def _shown(record: object, field: str | None) -> str | None:
    said = record.get(field) if isinstance(record, dict) and field else None
    return said if isinstance(said, str) and said.strip() else None


def _folded(name: str) -> str:
    """A name without what nobody types alike: capitals, accents, hyphens and doubled spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(plain.replace("-", " ").replace("_", " ").split())
