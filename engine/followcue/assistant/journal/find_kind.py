"""The kind of events or records that is meant by a word, or that it may have been, by what it means.

Nobody knows the names of sixty kinds by heart, but everybody knows what happened. So `sent application` finds
`applied`, whose meaning is "You sent the application."
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean, nearest
from followcue.language.model.vocabulary import Kind, Vocabulary

MOST = 5
"""How many kinds are offered for words that fit several."""

_SILENT = (
    "a an and at by for from get got had has have in is it my of on our the their them they to was with you"
)
"""Words that say nothing of what happened."""


def kind_named(name: str, vocabulary: Vocabulary, listed_by: str = "`followcue add FILE` alone") -> Kind:
    """The kind of events or records that is meant by a word; raises `InvalidInput` (FC520).

    `listed_by` says how to see all of them.
    """
    wanted = "_".join(name.replace("-", " ").replace("_", " ").casefold().split())
    known = _addable(vocabulary)
    for kind in known:
        if kind.name.casefold() == wanted:
            return kind
    message = f"there is no event or record `{name}`"
    raise InvalidInput([Diagnostic("FC520", message, hint=_hint(name, wanted, known, listed_by), place=name)])


def kinds_told(vocabulary: Vocabulary) -> str:
    """Every kind that can be added, a line each, with its meaning."""
    return "\n".join(f"  {_told(kind)}" for kind in _addable(vocabulary))


def kinds_like(words: str, known: Sequence[Kind]) -> tuple[Kind, ...]:
    """The kinds whose names or meanings have most of the words, in the order of the vocabulary."""
    wanted = [word for word in _words(words) if word not in _SILENT.split()]
    has = [sum(_weight(word, kind) for word in wanted) for kind in known]
    most = max(has, default=0)
    return tuple(kind for kind, count in zip(known, has, strict=True) if count == most and most)[:MOST]


def _weight(word: str, kind: Kind) -> int:
    """How much a word speaks for a kind: more as a word of its name than as one of its meaning."""
    if word in _words(kind.name):
        return 3
    told = re.sub(r"\[[^]]*]|\{[^}]*}", " ", kind.tell)
    return 2 if _is_in(word, _words(f"{kind.name} {kind.says} {told}")) else 0


def _addable(vocabulary: Vocabulary) -> list[Kind]:
    return [kind for kind in vocabulary.kinds.values() if kind.role != "conclusion"]


def _hint(name: str, wanted: str, known: Sequence[Kind], listed_by: str) -> str:
    names = [kind.name for kind in known]
    like = kinds_like(name, known)
    is_part = any(wanted in _words(kind.name) for kind in like)
    if like and (len(_words(name)) > 1 or is_part or nearest(wanted, names) is None):
        question = "was it one of these?" if like[1:] else "was it this?"
        return f"{question} {'; '.join(map(_meant, like))}"
    return did_you_mean(wanted, names) or f"{listed_by} lists what can be written down"


def _told(kind: Kind) -> str:
    return f"{kind.name}: {kind.says}" if kind.says else kind.name


def _meant(kind: Kind) -> str:
    return f"`{kind.name}`: {kind.says.rstrip('.')}" if kind.says else f"`{kind.name}`"


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold().replace("_", " "))


def _is_in(word: str, words: Sequence[str]) -> bool:
    """Whether a word is among others; a long one up to its ending, as `called` is where `call` is."""
    stem = word[: max(4, len(word) - 2)]
    return word in words or (len(word) >= len(stem) >= 4 and any(other.startswith(stem) for other in words))
